"""What a campaign is played on, and what is done after it; each a process of its own with the application's services.

.venv/bin/python -m bench.faults.stage prepare TAKERS MINUTES | unguard | wait | finish | dump FOLDER
"""

import json
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from contest import clock, create_app
from contest.db import Base, db, transaction
from contest.models.attempts import Attempt
from contest.models.contests import Round
from contest.models.members import Member
from contest.rules.papers import read_paper
from contest.rules.permissions import SYSTEM
from contest.rules.question_terms import Kind
from contest.rules.result_terms import Remedy
from contest.rules.terms import AttemptState, Criterion
from contest.services import audit, evidence, seals
from contest.services.corrections import proposing
from contest.services.members import people as entering
from contest.services.results import approval, settlement
from tests import people

SLUG = "thu-lua"
QUESTIONS = 20
KINDS = (Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.TRUE_FALSE)
DUMPED = (
    "members", "rounds", "attempts", "responses", "late_responses", "results", "standings", "submission_seals",
    "sealed_submissions", "audit_entries", "audit_seals", "audit_sealed", "settlements",
)  # fmt: skip


def prepare(takers: int, minutes: int) -> str:
    """Set up a contest whose round is open for hours and whose papers last minutes; returns the code of the round."""
    people.organisation()
    bank = people.bank("kho", [people.question(n, KINDS[n % 3]) for n in range(1, 61)])
    values = {
        "minutes": minutes, "attempts_allowed": None, "closes_at": clock.now() + timedelta(hours=6),
        "criteria": [Criterion.CORRECT, Criterion.PREDICTION, Criterion.DURATION, Criterion.SUBMITTED_AT],
    }  # fmt: skip
    lines = ({"topic_id": None, "difficulty": None, "count": QUESTIONS},)
    (code,) = people.contest(SLUG, bank_id=bank, lines=lines, rounds=(values,))
    for n in range(takers):
        entering.enter({"code": f"t{n:04d}", "full_name": f"Người thi {n}"}, unit=("A1", "B1")[n % 2], by=SYSTEM)
    with transaction():
        db.session.execute(sa.update(Member).values(password_hash=people.PASSWORD_HASH))
    return code


def unguard() -> None:
    """Take out the index by which a person has one open attempt at most."""
    with transaction():
        db.session.execute(sa.text("DROP INDEX uq_attempts_open"))


def wait() -> None:
    """Wait until no paper is open: those that were left are closed by the program itself."""
    counting = sa.select(sa.func.count()).select_from(Attempt).where(Attempt.state == AttemptState.OPEN)
    while db.session.scalar(counting):
        time.sleep(1)


def finish() -> str:
    """Close the round once its papers are over, seal, settle, correct a question, draw up the evidence, publish."""
    at = clock.now()
    with transaction():
        row = db.session.scalars(sa.select(Round)).one()
        row.closes_at = at
        code = row.code
    while seals.seal(at):
        pass
    while audit.seal(at):
        pass
    settlement.settle(people.round_row(code).id)
    if approval.check(
        SLUG, code, 1, by=SYSTEM
    ):  # the program itself finds that something is wrong: so will the checker
        return code
    approval.approve(SLUG, code, 1, by=SYSTEM)
    approval.publish(SLUG, code, 1, by=SYSTEM)
    paper = db.session.scalars(sa.select(Attempt.paper).limit(1)).one()
    proposing.propose(SLUG, code, read_paper(paper)[0].version_id, Remedy.FULL_CREDIT, [], "Đề in sai", by=SYSTEM)
    people.publish_result(SLUG, code, 2)
    while audit.seal(clock.now()):
        pass
    return code


def dump(folder: Path) -> None:
    """Write the tables that are counted, a line a row, and the evidence of the round."""
    for name in DUMPED:
        with (folder / f"{name}.jsonl").open("w") as file:
            file.writelines(json.dumps(row, default=_told) + "\n" for row in _rows(name))
    code = db.session.scalars(sa.select(Round.code)).one()
    (folder / "evidence.zip").write_bytes(evidence.bundle(SLUG, code, by=SYSTEM))


def _rows(name: str) -> Iterator[dict[str, Any]]:
    table = Base.metadata.tables[name]
    for row in db.session.execute(sa.select(table).order_by(*table.primary_key.columns)):
        yield dict(row._mapping)


def _told(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else value.isoformat() if hasattr(value, "isoformat") else str(value)


def main(what: str, *more: str) -> None:
    with create_app().app_context():
        match what:
            case "prepare":
                print(prepare(*map(int, more)))
            case "unguard":
                unguard()
            case "wait":
                wait()
            case "finish":
                print(finish())
            case "dump":
                dump(Path(*more))


if __name__ == "__main__":
    main(*sys.argv[1:])
