"""Check the seals of a round without Hội Thi: the root of each batch, their chain, and where a receipt is.

    python seal.py 1.json 2.json …                    the batches of a round in their order, as its page offers them
    python seal.py 1.json 2.json … -- RECEIPT STATE RESPONSES
                                                      and that a submission is in one of them

Needs nothing but Python. Ends with 0 when all is as it is said to be, with 1 and the name of what is not otherwise.
"""

import hashlib
import json
import sys


def digest(kind, content):
    return hashlib.sha256(bytes([kind]) + content).hexdigest()


def root(leaves):
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    while len(leaves) > 1:
        pairs = [leaves[at : at + 2] for at in range(0, len(leaves), 2)]
        leaves = [digest(1, bytes.fromhex("".join(pair))) if len(pair) == 2 else pair[0] for pair in pairs]
    return leaves[0]


def problems(batches):
    before = ""
    for number, batch in enumerate(batches, 1):
        where = f"batch {batch['number']}"
        if batch["number"] != number:
            yield f"{where}: batch {number} is missing"
        if len(batch["leaves"]) != batch["count"]:
            yield f"{where}: {batch['count']} submissions are said, {len(batch['leaves'])} are there"
        if root(batch["leaves"]) != batch["root"]:
            yield f"{where}: the leaves do not lead to its root"
        said = f"{before}\n{batch['number']}\n{batch['count']}\n{batch['root']}"
        if digest(2, said.encode()) != batch["digest"]:
            yield f"{where}: the digest does not follow from the batch before"
        before = batch["digest"]


def main(arguments):
    at = arguments.index("--") if "--" in arguments else len(arguments)
    files, receipt = arguments[:at], arguments[at + 1 :]
    batches = []
    for name in files:
        with open(name, encoding="utf-8") as file:
            batches.append(json.load(file))
    found = list(problems(batches))
    if receipt:
        leaf = digest(0, "\n".join(receipt).encode())
        if not any(leaf in batch["leaves"] for batch in batches):
            found.append(f"{receipt[0]}: in none of the batches")
    for problem in found or ["All seals hold."]:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
