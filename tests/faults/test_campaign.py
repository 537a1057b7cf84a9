"""A short campaign of faults on both stores, and the checker's own proof: whatever is tampered with moves its count.

The long form is `python -m bench.faults`; `--mutants` there shows that each guard of the program, once taken out, is missed.
"""

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bench.faults import campaign, checker
from bench.faults.mutants import CAUGHT_BY

pytestmark = pytest.mark.slow

STORES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
Change = Callable[[Any], None]


@pytest.fixture(scope="module", params=STORES)
def left(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a campaign of a few faults left behind: journals, tables, evidence."""
    kept = tmp_path_factory.mktemp("campaign")
    plan = campaign.Plan(request.param, faults=5, saves=400, takers=8, minutes=2, is_small=True)
    outcome = campaign.run(plan, keep=kept)
    assert (outcome.refused, outcome.first) == ("", [])
    assert outcome.looked_at["faults"] == 5
    assert outcome.looked_at["acknowledged saves"] >= 300
    return kept / "left"


def changed(left: Path, folder: Path, name: str, change: Change) -> Path:
    """A copy of what was left, with the lines of one file changed."""
    copy = folder / "copy"
    shutil.copytree(left, copy)
    lines = [json.loads(line) for line in (copy / name).read_text().splitlines()]
    change(lines)
    (copy / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    return copy


def taken(lines: list[Any]) -> Any:
    return next(line for line in lines if line["do"] == "answer" and line["status"] == 200)


def lost_submission(rows: list[Any]) -> None:
    """Let a paper that was handed in be one that nobody handed in until its end."""
    next(row for row in rows if row["state"] == "submitted").update(
        state="expired", ends_at="2126-01-01T00:00:00+00:00"
    )


def sent_late(lines: list[Any]) -> None:
    """Let a save that was taken have been sent long after its paper was over."""
    answer = taken(lines)
    save = next(line for line in lines if line["n"] == answer["to"])
    for line in lines:
        if line["do"] == "save" and [line[k] for k in ("attempt", "position", "revision")] == [
            save[k] for k in ("attempt", "position", "revision")
        ]:
            line["at"] = 4e9


LATE = {"saved_at": "2126-01-01T00:00:00+00:00"}
CHANGES: list[tuple[str, str, Change]] = [
    ("acknowledged and absent", "responses.jsonl", lambda rows: rows.pop()),
    ("final value is not the highest acknowledged", "responses.jsonl", lambda rows: rows[-1].update(value='"x"')),
    (
        "duplicate attempts or submissions",
        "attempts.jsonl",
        lambda rows: rows.append({**rows[0], "id": 10**6, "code": "x"}),
    ),
    ("duplicate attempts or submissions", "results.jsonl", lambda rows: rows.append(rows[0])),
    ("duplicate attempts or submissions", "attempts.jsonl", lost_submission),
    ("breaks in the chains", "audit_entries.jsonl", lambda rows: rows[3].update(action="other")),
    ("breaks in the chains", "audit_seals.jsonl", lambda rows: rows.pop(0)),
    ("breaks in the chains", "audit_sealed.jsonl", lambda rows: rows.pop()),
    ("closed early, or late answers scored", "responses.jsonl", lambda rows: rows[0].update(LATE)),
    ("closed early, or late answers scored", "journal-0.jsonl", sent_late),
    (
        "server errors outside ten seconds after a fault",
        "journal-0.jsonl",
        lambda lines: taken(lines).update(status=500, at=1),
    ),
    ("answers nobody should get", "journal-0.jsonl", lambda lines: taken(lines).update(status=422)),
    ("passwords tried beyond the limit", "faults.jsonl", lambda lines: lines[-1].update(tried=11)),
]


def test_campaign_leaves_nothing_to_count_and_the_checker_misses_nothing(left: Path, tmp_path: Path) -> None:
    counts, first, _ = checker.check(left)
    assert (counts, first) == (dict.fromkeys(checker.COUNTS, 0), [])
    for number, (count, name, change) in enumerate(CHANGES):
        found = checker.check(changed(left, tmp_path / str(number), name, change))[0]
        assert found[count] > 0, (count, name, found)


def test_every_count_but_those_of_the_evidence_has_its_proof() -> None:
    of_evidence = {
        "score is not what was saved",
        "place is not what the scores give",
    }  # tests/services/test_evidence.py
    assert {count for count, _, _ in CHANGES} | of_evidence == set(checker.COUNTS)
    assert {count for counts in CAUGHT_BY.values() for count in counts} <= {*checker.COUNTS, "refused"}


def test_paper_that_was_over_before_its_end_is_counted(tmp_path: Path) -> None:
    times = {"closed_at": "2026-05-19T09:20:30+00:00", "accepts_until": "2026-05-19T09:20:05+00:00"}
    attempt = {"id": 1, "code": "a", "state": "expired", "ends_at": "2026-05-19T09:20:00+00:00", **times}
    at = datetime.fromisoformat(attempt["ends_at"]).timestamp()
    for name in ("faults", "responses"):
        (tmp_path / f"{name}.jsonl").touch()
    (tmp_path / "attempts.jsonl").write_text(json.dumps(attempt) + "\n")

    def counted(told_at: float) -> int:
        save = {"n": 1, "at": told_at - 1, "do": "save", "attempt": "a", "position": "1", "revision": 1, "value": "x"}
        answer = {"n": 2, "at": told_at, "do": "answer", "to": 1, "status": 409, "said": {"code": "closed"}}
        (tmp_path / "journal-0.jsonl").write_text("".join(json.dumps(line) + "\n" for line in (save, answer)))
        return len(list(checker._in_time(checker.Evidence(tmp_path))))

    assert [counted(at - 60), counted(at - 2), counted(at - 1), counted(at + 1)] == [1, 1, 0, 0]
