"""Count what must not be, from a dump and journals alone; nothing of the application is imported.

.venv/bin/python bench/faults/checker.py FOLDER

FOLDER holds the journals (`journal-*.jsonl`), the log of the faults (`faults.jsonl`), the tables as lines (`attempts.jsonl` …)
and `evidence.zip`. Scores, seals and places are recomputed by `docs/verify/verify.py`, which is a program of its own too.
"""

import hashlib
import importlib.util
import json
import sys
import zipfile
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

VERIFIER = Path(__file__).resolve().parents[2] / "docs" / "verify" / "verify.py"
FORGIVEN = 10.0  # seconds after a fault in which a server may say that it cannot
STAMP = timedelta(seconds=10)  # how far an arrival may lie before its writing
SKEW = timedelta(seconds=1.5)  # by which the clock of a node that still works may be off, and some
COUNTS = (
    "acknowledged and absent",
    "final value is not the highest acknowledged",
    "score is not what was saved",
    "place is not what the scores give",
    "duplicate attempts or submissions",
    "breaks in the chains",
    "closed early, or late answers scored",
    "server errors outside ten seconds after a fault",
    "answers nobody should get",
    "passwords tried beyond the limit",
)
Found = Iterator[tuple[str, str]]  # pairs of a count and what was found


class Evidence:
    """What a campaign left behind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines = [line for path in sorted(folder.glob("journal-*.jsonl")) for line in _lines(path)]
        self.faults = list(_lines(folder / "faults.jsonl"))
        self.attempts = {row["id"]: row for row in self.table("attempts")}
        self.by_code = {row["code"]: row for row in self.attempts.values()}

    def table(self, name: str) -> Iterator[dict[str, Any]]:
        return _lines(self.folder / f"{name}.jsonl")

    def saves(self) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
        """Yield every save that was sent, with its answer where there was one."""
        for own in self._by_journal():
            answers = {line["to"]: line for line in own if line["do"] == "answer"}
            yield from ((line, answers.get(line["n"])) for line in own if line["do"] == "save")

    def _by_journal(self) -> Iterator[list[dict[str, Any]]]:
        for path in sorted(self.folder.glob("journal-*.jsonl")):
            yield list(_lines(path))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        yield from (json.loads(line) for line in file if line.endswith(b"\n"))


def check(folder: Path) -> tuple[dict[str, int], list[str], dict[str, int]]:
    """Return how much there is of each count, the first of what was found, and how much was looked at."""
    left = Evidence(folder)
    found = [*_saved(left), *_recomputed(left), *_once(left), *_chained(left), *_in_time(left), *_answered(left)]
    counts = dict.fromkeys(COUNTS, 0) | Counter(name for name, _ in found)
    answered = [answer for _, answer in left.saves() if answer and _is_taken(answer)]
    looked_at = {
        "acknowledged saves": len(answered),
        "saves sent": sum(1 for _ in left.saves()),
        "attempts": len(left.attempts),
        "faults": sum(1 for line in left.faults if line["do"] == "fault"),
    }
    return counts, [f"{name}: {what}" for name, what in found[:50]], looked_at


def _is_taken(answer: Mapping[str, Any]) -> bool:
    return answer["status"] == 200 and answer["said"].get("ok") is True and "stale" not in answer["said"]


def _saved(left: Evidence) -> Found:
    """Yield acknowledged saves that are not there, and positions whose last value is none that it should be."""
    stored: dict[tuple[int, int, int], Any] = {}
    last: dict[tuple[int, int], int] = {}
    for row in left.table("responses"):
        place = row["attempt_id"], row["position"]
        stored[*place, row["revision"]] = None if row["value"] is None else _plain(json.loads(row["value"]))
        last[place] = max(last.get(place, 0), row["revision"])
    sent, highest = defaultdict(list), dict[tuple[int, int], int]()
    for save, answer in left.saves():
        attempt = left.by_code.get(save["attempt"], {"id": 0})["id"]
        place = attempt, int(save["position"]) if save["position"].isdigit() else 0
        value = _plain(save["value"])
        sent[*place, save["revision"]].append(value)
        if answer and _is_taken(answer):
            highest[place] = max(highest.get(place, 0), save["revision"])
            if stored.get((*place, save["revision"]), "absent") != value:
                yield COUNTS[0], f"{save['attempt']} {save['position']} revision {save['revision']}"
    for place, revision in last.items():
        value = stored[*place, revision]
        if revision < highest.get(place, 0) or value not in sent[*place, revision]:
            yield COUNTS[1], f"attempt {place[0]}, position {place[1]}: revision {revision}, {value!r}"


def _plain(value: Any) -> Any:
    """Return a response as it is kept: of several options, the order says nothing."""
    return sorted(value) if isinstance(value, list) else value


def _recomputed(left: Evidence) -> Found:
    told = importlib.util.spec_from_file_location("verify", VERIFIER)
    assert told is not None
    assert told.loader is not None
    verify = importlib.util.module_from_spec(told)
    told.loader.exec_module(verify)
    with zipfile.ZipFile(left.folder / "evidence.zip") as archive:
        for problem in verify.problems(archive):
            is_seal = problem.startswith(("batch", "the last seal")) or "seal" in problem
            is_score = problem.startswith("submission")
            yield COUNTS[5 if is_seal else 2 if is_score else 3], problem


def _once(left: Evidence) -> Found:
    """Yield what is there more than once: attempts of a number, open ones, results, receipts; two papers of one start."""
    told: Counter[tuple[Any, ...]] = Counter(
        (a["round_id"], a["member_id"], a["number"]) for a in left.attempts.values()
    )
    told += Counter(("open", a["round_id"], a["member_id"]) for a in left.attempts.values() if a["state"] == "open")
    told += Counter(("result", row["attempt_id"]) for row in left.table("results"))
    told += Counter(("receipt", a["receipt"]) for a in left.attempts.values() if a["receipt"])
    yield from ((COUNTS[4], str(what)) for what, count in told.items() if count > 1)
    for line in left.lines:
        if line["do"] == "started":
            own = sorted((left.by_code[code] for code in set(line["attempts"])), key=lambda a: str(a["started_at"]))
            if any(_at(later["started_at"]) < _at(earlier["closed_at"]) for earlier, later in pairwise(own)):
                yield COUNTS[4], f"{line['who']} started {line['attempts']} at once"
        if line["do"] == "submitted":
            attempt = left.by_code[line["attempt"]]
            if attempt["state"] != "submitted" and _noted(line) < _at(attempt["ends_at"]) - SKEW:
                yield COUNTS[4], f"{line['attempt']} was handed in and is {attempt['state']}"


def _chained(left: Evidence) -> Found:
    """Yield breaks in the chain of the audit: the seals recomputed from the entries, and entries that no seal holds."""
    members = defaultdict(list)
    for row in left.table("audit_sealed"):
        members[row["seal_id"]].append(row["entry_id"])
    entries = {row["id"]: row for row in left.table("audit_entries")}
    before = ""
    for seal in sorted(left.table("audit_seals"), key=lambda row: int(row["id"])):
        own = [entries[i] for i in sorted(members[seal["id"]]) if i in entries]
        digest = hashlib.sha256(before.encode())
        for e in own:
            told = [e["id"], e["at"], e["actor_id"], e["action"], e["object_kind"], e["object_id"], e["details"]]
            digest.update(json.dumps(told, sort_keys=True, ensure_ascii=False).encode())
        if digest.hexdigest() != seal["digest"] or len(own) != seal["count"]:
            yield COUNTS[5], f"seal {seal['id']} of the audit"
        before = seal["digest"]
    if lost := entries.keys() - {i for own in members.values() for i in own}:
        yield COUNTS[5], f"{len(lost)} entries of the audit in no seal"


def _in_time(left: Evidence) -> Found:
    for a in left.attempts.values():
        if a["state"] == "expired" and _at(a["closed_at"]) < _at(a["accepts_until"]):
            yield COUNTS[6], f"{a['code']} closed at {a['closed_at']}, open until {a['accepts_until']}"
    for row in left.table("responses"):
        attempt = left.attempts[row["attempt_id"]]
        if _at(row["saved_at"]) > _at(attempt["accepts_until"]) + STAMP:
            yield COUNTS[6], f"{attempt['code']} position {row['position']} saved at {row['saved_at']}"
    sent: dict[tuple[Any, ...], datetime] = {}  # the same save may be asked for again once it is too late
    for save, answer in left.saves():
        what = save["attempt"], save["position"], save["revision"], str(save["value"])
        first, own = sent.setdefault(what, _noted(save)), left.by_code.get(save["attempt"])
        if answer is None or own is None:
            continue
        if _is_taken(answer) and first > _at(own["accepts_until"]) + SKEW:
            yield COUNTS[6], f"{own['code']} position {save['position']} sent at {first} and taken"
        is_over = answer["said"].get("code") in ("late", "closed")
        if is_over and own["state"] == "expired" and _noted(answer) < _at(own["ends_at"]) - SKEW:
            yield COUNTS[6], f"{own['code']} was over at {_noted(answer)}, before {own['ends_at']}"


def _noted(line: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(line["at"], UTC)


def _at(told: str) -> datetime:
    return datetime.fromisoformat(told)


def _answered(left: Evidence) -> Found:
    """Yield server errors that no fault excuses, answers that nobody should get, and passwords tried too often."""
    times = sorted(float(line["at"]) for line in left.faults if line["do"] == "fault")
    over = {line["n"]: line["at"] for line in left.faults if line["do"] == "fault over"}
    ends = sorted(over.values())
    for line in left.lines:
        if line["do"] not in ("answer", "ask"):
            continue
        status, said = line["status"], str(line.get("said"))[:120]
        if status == 0 or status >= 500:
            began = bisect_right(times, line["at"]) - 1
            ended = bisect_right(ends, line["at"]) - 1
            is_during = began > ended or (ended >= 0 and line["at"] - ends[ended] < FORGIVEN)
            if not is_during:
                yield COUNTS[7], f"{status} at {line['at']:.1f}: {said}"
        elif line["do"] == "answer" and not (status == 200 or (status == 409 and "stale" not in said)):
            yield COUNTS[8], f"{status}: {said}"
        elif line["do"] == "ask" and status not in (409, 429):
            yield COUNTS[8], f"{line['method']} {line['path']}: {status} {said}"
    for line in left.faults:
        if line["do"] == "probe" and line["tried"] > line["limit"]:
            yield COUNTS[9], f"{line['tried']} of {line['limit']}"


def main(folder: str) -> int:
    counts, first, looked_at = check(Path(folder))
    print(json.dumps({"counts": counts, "first": first, "looked at": looked_at}, ensure_ascii=False, indent=1))
    return 1 if any(counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
