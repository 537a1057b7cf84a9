"""Recompute the result of a round without Hội Thi, from its evidence: seals, papers, keys, scores, places.

    python verify.py EVIDENCE.zip [DIGEST]

EVIDENCE.zip is the file that the organisers publish once a round has its result; DIGEST is the seal of the last batch as you
read it when the round closed, or heard it announced. Needs nothing but Python 3.10. Ends with 0 when all is as it is said to
be, else with 1 and a line for everything that is not; what was changed is named by its receipt, question or person.

The seals hold papers, times and responses. Taken as told are the keys and what was done about them, the marks that people
gave, which submissions are void, whose each submission is, when somebody registered, and lots: of these it is recomputed
that the result follows from them, not that they are what they were when the round was held.
"""

import hashlib
import json
import sys
import unicodedata
import zipfile
from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

MORE_IS_BETTER = {"correct", "points", "full_marks"}
BY_PEOPLE, READ_ONLY = {"essay", "upload"}, {"passage", "description"}
NEVER = float("inf")
HIDDEN = {"Mn", "Mc", "Me", "Cf"}  # accents, and what is not seen at all


# Seals


def sha256(*pieces):
    return hashlib.sha256(b"".join(pieces)).hexdigest()


def leaf_of(submission):
    saves = [list(save) for save in submission["saves"]]
    times = (submission["started_at"], submission["finished_at"])
    digest = sha256(json.dumps([submission["paper"], *times, saves]).encode())
    return digest, sha256(b"\0", "\n".join((submission["receipt"], submission["state"], submission["digest"])).encode())


def root_of(leaves):
    if not leaves:
        return sha256(b"")
    while len(leaves) > 1:
        pairs = [leaves[at : at + 2] for at in range(0, len(leaves), 2)]
        leaves = [sha256(b"\1", bytes.fromhex("".join(pair))) if len(pair) == 2 else pair[0] for pair in pairs]
    return leaves[0]


def seal_problems(batches, expected):
    before = ""
    for number, batch in enumerate(batches, 1):
        where = f"batch {batch['number']}"
        if batch["number"] != number:
            yield f"{where}: batch {number} is missing"
        if len(batch["leaves"]) != batch["count"]:
            yield f"{where}: {batch['count']} submissions are said, {len(batch['leaves'])} are there"
        if root_of(batch["leaves"]) != batch["root"]:
            yield f"{where}: the leaves do not lead to its root"
        said = f"{before}\n{batch['number']}\n{batch['count']}\n{batch['root']}".encode()
        if sha256(b"\2", said) != batch["digest"]:
            yield f"{where}: the digest does not follow from the batch before"
        before = batch["digest"]
    if expected and expected.lower() != before:
        yield f"the last seal is {before or 'none'}, not {expected}"


# What an answer earns


def clamped(fraction):
    return min(max(fraction, Fraction()), Fraction(1))


def compared(text, part):
    """Return a text as short answers are compared: in one Unicode form, single spaces, case and accents where they matter."""
    with_case, with_accents = part.get("with_case", False), part.get("with_accents", True)
    if with_accents:
        same = " ".join(unicodedata.normalize("NFC", text).split())
        return same if with_case else unicodedata.normalize("NFC", same.casefold())
    if with_case:
        letters = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        return " ".join("".join(letters).replace("đ", "d").replace("Đ", "D").split())
    before = None
    while text != before:  # taking letters apart and folding their case may each call for the other once more
        before = text
        letters = (c for c in unicodedata.normalize("NFKD", text.casefold()) if unicodedata.category(c) not in HIDDEN)
        text = " ".join("".join(letters).replace("đ", "d").split())
    return text


def is_meant(pattern, given, part):
    """Say whether a text is what a pattern with * asks for; runs are found from the left, each at its first place."""
    pieces = []
    for piece in pattern.replace(r"\*", "\0").split("*"):
        inner = compared(piece.replace("\0", "*"), part)
        edges = (" " * piece[:1].isspace(), " " * piece[-1:].isspace())
        pieces.append(edges[0] + inner + edges[1] if inner else edges[0])
    given = compared(given, part)
    if len(pieces) == 1:
        return given == pieces[0].strip()
    first, *middle, last = pieces
    first, last = first.lstrip(), last.rstrip()
    if not given.startswith(first) or not given[len(first) :].endswith(last):
        return False
    at, end = len(first), len(given) - len(last)
    for piece in middle:
        at = given.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def is_within(span, given):
    number = Fraction(Decimal(given.replace(",", ".")))
    if ".." in span:
        low, _, high = span.partition("..")
        return Fraction(Decimal(low)) <= number <= Fraction(Decimal(high))
    middle, _, tolerance = span.partition(":")
    return abs(number - Fraction(Decimal(middle))) <= Fraction(Decimal(tolerance or "0"))


def of_part(part, answers, given):
    if given is None:
        return Fraction()
    meets = {"number": lambda a: is_within(a, given), "text": lambda a: is_meant(a, given, part)}
    meets = meets.get(part["kind"], lambda a: a == given)
    return max((Fraction(a["weight"]) for a in answers if meets(a["value"])), default=Fraction())


def shares_of(question, value):
    """Return what each part earns of a question, from 0 to 1, whether all is right, and whether parts count by themselves."""
    kind, weights, answers = question["kind"], question["weights"], question["answers"]
    weight = {option: Fraction(w) for option, w in weights.items()}
    if kind in ("single_choice", "true_false", "hotspot"):
        share = clamped(weight.get(value, Fraction()) if isinstance(value, str) else Fraction())
        return [share], share == 1, True
    if kind == "multiple_choice":
        chosen = {value} if isinstance(value, str) else set(value)
        is_right = chosen == {option for option, w in weight.items() if w > 0} != set()
        return (
            [Fraction(1) if is_right else clamped(sum((weight.get(o, 0) for o in chosen), Fraction()))],
            is_right,
            False,
        )
    if kind == "ordering":
        right = [answer["value"] for answer in answers.get("", [])]
        return [Fraction(value[n : n + 1] == [option]) for n, option in enumerate(right)], value == right, False
    shares = [of_part(part, answers.get(part["id"], []), value.get(part["id"])) for part in question["parts"]]
    return shares, all(share == 1 for share in shares), True


def earned(question, value, said):
    """Return the fraction of the mark that a response earns by what the paper says of its scoring."""
    if value is None or question["kind"] in BY_PEOPLE | READ_ONLY:
        return Fraction()
    shares, is_right, by_itself = shares_of(question, value)
    way, ladder = said.get("way", "as_kind"), [Fraction(step) for step in said.get("ladder", [])]
    if way == "as_kind":
        way = "by_share" if by_itself else "all_or_nothing"
    if way == "all_or_nothing":
        found = Fraction(is_right)
    elif way == "ladder" and len(ladder) == len(shares) > 1:
        count = sum(share == 1 for share in shares)
        found = ladder[count - 1] if count else Fraction()
    else:
        found = clamped(sum(shares, Fraction()) / (len(shares) or 1))
    return found or -Fraction(said.get("penalty", 0))


def mark(question, value, said, correction, by_people):
    """Return what a response earns, None for a question that was dropped."""
    remedy = correction["remedy"] if correction else "as_written"
    if remedy == "dropped":
        return None
    if remedy == "full_credit":
        return Fraction(1)
    if remedy == "as_written" and by_people is not None:
        return Fraction(by_people) / Fraction(said.get("points", "1"))
    old = earned(question, value, said)
    if remedy == "as_written" or not (correction["weights"] or correction["answers"]):
        return old
    key = {"weights": correction["weights"] or {}, "answers": correction["answers"] or {}}
    new = earned({**question, **key}, value, said)
    return max(old, new) if remedy == "both_keys" else new


def score_of(submission, versions, corrections):
    values = {position: value for position, _, value in sorted(submission["saves"], key=lambda save: save[1])}
    values = {position: None if value is None else json.loads(value) for position, value in values.items()}
    correct, questions, points, is_floored = 0, 0, Fraction(), False
    for position, (version, _, *more) in enumerate(submission["paper"], 1):
        said = more[0] if more else {}
        by_people = submission["marks"].get(str(position))
        found = mark(versions[str(version)], values.get(position), said, corrections.get(version), by_people)
        is_floored = is_floored or said.get("floored", False)
        if found is not None:
            correct, questions = correct + (found == 1), questions + 1
            points += found * Fraction(said.get("points", "1"))
    points = max(points, Fraction()) if is_floored else points
    spent = datetime.fromisoformat(submission["finished_at"]) - datetime.fromisoformat(submission["started_at"])
    seconds = int(spent.total_seconds())
    return {
        "correct": correct,
        "questions": questions,
        "points": rounded(points),
        "prediction": values.get(0),
        "seconds": seconds,
    }


def rounded(value):
    """Return a value to the millionth, half to even."""
    return Fraction(round(value * 10**6), 10**6)


# Who stands where


def counted(tries, round_, target, joined, lot):
    """Return how strong a person is, smaller being stronger, and what is told of them; `tries` are by number."""
    full = sum(0 < t["questions"] == t["correct"] for t in tries)

    def strength(t, correct, points):
        far = 0 if target is None else NEVER if t["prediction"] is None else abs(t["prediction"] - target)
        values = {
            "correct": correct, "points": points, "full_marks": full, "prediction": far, "duration": t["seconds"],
            "submitted_at": whole(t["finished_at"]), "started_at": whole(t["started_at"]), "attempts_used": len(tries),
            "registered_at": whole(joined) if joined else NEVER, "lot": lot or 0,
        }  # fmt: skip
        return tuple(-values[name] if name in MORE_IS_BETTER else values[name] for name in round_["criteria"])

    best = min(tries, key=lambda t: (strength(t, t["correct"], t["points"]), t["number"]))
    chosen = {"first": tries[0], "last": tries[-1]}.get(round_["counted"], best)
    correct, points = Fraction(chosen["correct"]), chosen["points"]
    if round_["counted"] == "average":
        correct = rounded(Fraction(sum(t["correct"] for t in tries), len(tries)))
        points = rounded(sum((t["points"] for t in tries), Fraction()) / len(tries))
    error = None if target is None or chosen["prediction"] is None else abs(chosen["prediction"] - target)
    told = {"receipt": chosen["receipt"], "attempts_used": len(tries), "full_marks": full}
    return strength(chosen, correct, points), {**told, "correct": correct, "points": points, "error": error}


def target_of(round_, people):
    if round_["prediction"] is None:
        return None
    counts = {"first": slice(0, 1), "last": slice(-1, None)}.get(round_["counted"], slice(None))
    everybody = round_["prediction"] == "participants"
    return sum(everybody or any(0 < t["questions"] == t["correct"] for t in tries[counts]) for tries in people.values())


def whole(moment):
    return int(datetime.fromisoformat(moment).timestamp())


def standing_problems(round_, people, stored):
    target = target_of(round_, people)
    figures = {"target": target, "participants": len(people), "attempts": sum(map(len, people.values()))}
    for name, found in figures.items():
        if round_[name] != found:
            yield f"{name}: {round_[name]} is said, {found} is found"
    rows = {row["person"]: row for row in stored}
    if len(rows) != len(stored) or rows.keys() != people.keys():
        odd = sorted(rows.keys() ^ people.keys()) or "somebody twice"
        yield f"the standing does not hold everybody who took part once: person {odd}"
        return
    found = {p: counted(t, round_, target, rows[p]["registered_at"], rows[p]["lot"]) for p, t in people.items()}
    better, place_of = 0, {}
    for strength, count in sorted(Counter(strength for strength, _ in found.values()).items()):
        place_of[strength], better = better + 1, better + count
    for person, (strength, told) in found.items():
        for name, value in {**told, "place": place_of[strength]}.items():
            said = rows[person][name]
            if (Fraction(said) if name in ("correct", "points") else said) != value:
                yield f"person {person}, {name}: {said} is said, {value} is found"


# The whole


def problems(archive, expected=""):
    """Yield what is not as it is said to be; returns title, submissions, people, batches and the last seal."""
    round_, keys, batches = (json.loads(archive.read(f"{name}.json")) for name in ("round", "keys", "seals"))
    corrections = {c["version"]: c for c in keys["corrections"]}
    yield from seal_problems(batches, expected)
    unseen = Counter(leaf for batch in batches for leaf in batch["leaves"])
    people, count = defaultdict(list), 0
    with archive.open("submissions.jsonl") as lines:
        for line in lines:
            submission = json.loads(line)
            digest, leaf = leaf_of(submission)
            where, count = f"submission {submission['receipt']}", count + 1
            if digest != submission["digest"]:
                yield f"{where}: its paper, its times or its responses are not those that were sealed"
            if not unseen[leaf]:
                yield f"{where}: is in no seal"
            unseen[leaf] -= 1
            if submission["is_void"]:
                continue
            try:
                score = score_of(submission, keys["versions"], corrections)
            except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError):
                yield f"{where}: an answer does not fit its question"
                continue
            for name, found in score.items():
                said = (submission["result"] or {}).get(name)
                if (Fraction(said) if name == "points" and said is not None else said) != found:
                    yield f"{where}, {name}: {said} is said, {found} is found"
            times = {name: submission[name] for name in ("started_at", "finished_at", "receipt", "number")}
            people[submission["person"]].append({**score, **times})
    if lost := sum(n for n in unseen.values() if n > 0):
        yield f"{lost} sealed submissions are not in the evidence"
    stored = [json.loads(line) for line in archive.read("standings.jsonl").splitlines()]
    tries = {person: sorted(own, key=lambda t: t["number"]) for person, own in people.items()}
    yield from standing_problems(round_, tries, stored)
    return round_["title"], count, len(tries), len(batches), batches[-1]["digest"] if batches else "none"


def main(arguments):
    if not 1 <= len(arguments) <= 2:
        print(__doc__)
        return 2
    try:
        found, checking = 0, problems(zipfile.ZipFile(arguments[0]), *arguments[1:])
        while True:
            print(next(checking))
            found += 1
    except StopIteration as end:
        title, submissions, people, batches, last = end.value
    except (OSError, zipfile.BadZipFile, LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as broken:
        print(f"The evidence cannot be read: {type(broken).__name__}: {broken}")
        return 1
    print(f"{title}: {submissions} submissions in {batches} seals, the last {last}; {people} people ranked.")
    print(f"{found} problems." if found else "All is as it is said to be.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
