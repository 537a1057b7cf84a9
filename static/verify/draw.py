"""Recompute a draw of lots from its published data, with Python's standard library alone.

    python draw.py draw.json        (the file that the draw's page offers as JSON)

Prints the order of the codes and whether it is what was committed to; exits with 1 where it is not.
"""

import hashlib
import hmac
import json
import sys


def check(draw: dict) -> tuple[list[str], list[str]]:
    """Return the order that the data give, and what is wrong with what was published; nothing means that it holds."""
    secret, codes = draw["secret"], draw["codes"]
    if secret is None:
        return [], ["the lots have not been drawn yet"]
    problems = []
    if codes != sorted(set(codes)):
        problems.append("the list is not in order, or names somebody twice")
    committed = hashlib.sha256("\n".join([secret, *codes]).encode()).hexdigest()
    if committed != draw["digest"]:
        problems.append("the secret and the list do not give the commitment")
    seed = hashlib.sha256(f"{secret}\n{draw['randomness'].strip()}".encode()).digest()
    order = sorted(codes, key=lambda code: (hmac.new(seed, code.encode(), hashlib.sha256).digest(), code))
    if order != draw["drawn"]:
        problems.append("the published order is another")
    return order, problems


def main(path: str) -> int:
    with open(path, encoding="utf-8") as file:
        draw = json.load(file)
    order, problems = check(draw)
    for number, code in enumerate(order, 1):
        print(number, code, "wins" if number <= draw["count"] else "")
    for problem in problems:
        print("WRONG:", problem)
    print("does not hold" if problems else "holds")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
