"""Sealing what was handed in: every closed attempt once, in batches of its round, and whatever is changed is named."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.config import ROOT
from contest.db import db, transaction
from contest.models.attempts import Attempt
from contest.models.seals import SealedSubmission, SubmissionSeal
from contest.rules import seals as rules
from contest.services import seals
from contest.services.attempts import closing, saving
from tests import people
from tests.conftest import Clock


@pytest.fixture
def code(context: Flask, database: str, clock: Clock) -> str:
    people.organisation()
    return people.contest()[0]


def hand_in(code: str, clock: Clock, number: int) -> str:
    """Take part, answer something, hand in; returns the receipt."""
    taker = people.member(f"n{number}")
    attempt = people.attempt(code, taker)
    page = saving.find_shape(attempt, taker.member_id or 0)
    assert page is not None
    value = page.questions[0].body.options[0][0]
    saving.save(attempt, "1", 1, value, by=taker, at=clock.at, arrived=clock.at)
    closing.submit(attempt, {}, by=taker, arrived=clock.at)
    return db.session.scalars(sa.select(Attempt.receipt).where(Attempt.code == attempt)).one() or ""


def count(table: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def closed(code: str, clock: Clock) -> None:
    row = people.round_row(code)
    clock.advance(seconds=int((row.closes_at - clock.at).total_seconds()) + 1)


def test_every_submission_is_sealed_once_and_an_open_attempt_is_not(code: str, clock: Clock) -> None:
    receipts = [hand_in(code, clock, n) for n in range(5)]
    people.attempt(code, people.member("mo"))
    assert [seals.seal(clock.at, batch=2) for _ in range(4)] == [2, 2, 1, 0]
    assert (count(SubmissionSeal), count(SealedSubmission)) == (3, len(receipts))
    assert seals.verify() == ()


def test_what_waits_is_found_by_an_index_however_much_is_sealed(code: str, clock: Clock) -> None:
    hand_in(code, clock, 1)
    seals.seal(clock.at)
    asked: list[tuple[str, object]] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    assert (seals.seal(clock.at), seals.rounds_waiting()) == (0, [])
    found = asked[:]
    postgres = db.engine.dialect.name == "postgresql"
    with db.engine.connect() as connection:
        if postgres:
            connection.exec_driver_sql(
                "SET enable_seqscan = off"
            )  # a table of one row is read as fast without an index
        explain = f"EXPLAIN {'' if postgres else 'QUERY PLAN '}"
        plans = [str(connection.exec_driver_sql(explain + statement, values).all()) for statement, values in found]
    # Partitions call it after its columns, which no other index of theirs has.
    name = "attempts_00_round_id_id_idx" if postgres else "ix_attempts_unsealed"
    assert [(name in plan, "Seq Scan" in plan) for plan in plans] == [(True, False)] * 2


def test_worker_seals_what_waited_in_each_round_and_leaves_what_comes_meanwhile(
    code: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = people.contest("cuoc-khac")[0]
    for number, round_code in enumerate((code, other, code)):
        hand_in(round_code, clock, number)
    seal, late = seals.seal, iter((7, 8))

    def sealing(*given: Any, **more: Any) -> int:
        """Seal, and let somebody else hand in before there is time to look again."""
        found = seal(*given, **more)
        hand_in(code, clock, next(late))
        return found

    assert len(seals.rounds_waiting()) == 2
    monkeypatch.setattr(seals, "seal", sealing)
    worker._seal()
    monkeypatch.undo()
    assert db.session.scalar(sa.select(sa.func.sum(SubmissionSeal.count))) == 3
    assert seals.rounds_waiting() == [people.round_row(code).id]
    worker._seal()
    assert (seals.rounds_waiting(), count(SealedSubmission)) == ([], 5)


def test_rounds_have_chains_of_their_own(code: str, clock: Clock) -> None:
    other = people.contest("cuoc-khac")[0]
    for number, round_code in enumerate((code, other, code, other)):
        hand_in(round_code, clock, number)
    while seals.seal(clock.at, batch=1):
        pass
    found = db.session.execute(sa.select(SubmissionSeal.round_id, SubmissionSeal.number).order_by(SubmissionSeal.id))
    numbers: dict[int, list[int]] = {}
    for round_id, number in found:
        numbers.setdefault(round_id, []).append(number)
    assert list(numbers.values()) == [[1, 2], [1, 2]]
    assert seals.verify() == seals.verify("cuoc-thi") == ()


def test_receipt_is_found_with_its_way_to_the_root_once_the_round_has_closed(code: str, clock: Clock) -> None:
    receipts = [hand_in(code, clock, n) for n in range(5)]
    seals.seal(clock.at)
    assert seals.find(seals.get_round(code), receipts[2]) is None
    assert seals.get_round(code).batches == ()
    closed(code, clock)
    for place, receipt in enumerate(receipts, 1):
        proof = seals.find(seals.get_round(code), f" {receipt.lower()} ")
        assert proof is not None
        assert (proof.receipt, proof.place, proof.holds) == (receipt, place, True)
    assert seals.find(seals.get_round(code), "HT-0000-0000-0000") is None
    found = seals.get_round(code)
    assert (found.count, found.waiting, len(found.batches)) == (5, 0, 1)


def tamper(statement: str, **values: object) -> None:
    """Change what is stored behind the back of the application, guards taken away."""
    with transaction():
        for table, trigger in GUARDS:
            on = f" ON {table}" if db.engine.dialect.name == "postgresql" else ""
            db.session.execute(sa.text(f"DROP TRIGGER IF EXISTS {trigger}{on}"))
        db.session.execute(sa.text(statement), values)


GUARDS = [
    (table, f"guard_{table}{verb}")
    for table in ("responses", "attempts", "submission_seals", "sealed_submissions")
    for verb in ("", "_update", "_delete")
]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE responses SET value = '\"x\"' WHERE attempt_id = :attempt",
            "the paper, the times or the responses of submission {} were changed",
        ),
        (
            "DELETE FROM responses WHERE attempt_id = :attempt",
            "the paper, the times or the responses of submission {} were changed",
        ),
        *(
            (
                f"UPDATE attempts SET {change} WHERE id = :attempt",
                "the paper, the times or the responses of submission {} were changed",
            )
            for change in ("paper = '[]'", "started_at = ends_at", "finished_at = ends_at")
        ),
        ("UPDATE results SET digest = 'x' WHERE attempt_id = :attempt", "submission {} was changed"),
        ("UPDATE attempts SET state = 'expired' WHERE id = :attempt", "submission {} was changed"),
        ("UPDATE sealed_submissions SET leaf = '00' WHERE attempt_id = :attempt", "submission {} was changed"),
    ],
)
def test_changed_row_is_named_by_its_receipt(code: str, clock: Clock, statement: str, said: str) -> None:
    receipts = [hand_in(code, clock, n) for n in range(3)]
    seals.seal(clock.at)
    changed = db.session.scalars(sa.select(Attempt.id).where(Attempt.receipt == receipts[1])).one()
    db.session.remove()
    if "leaf" in statement:
        statement = statement.replace("'00'", f"'{rules.leaf('x', 'submitted', '')}'")
    tamper(statement, attempt=changed)
    problems = seals.verify()
    assert f"round {code}, batch 1: {said.format(receipts[1])}" in problems
    assert not any(receipts[0] in problem or receipts[2] in problem for problem in problems)


def test_lost_batch_and_a_rewritten_one_are_named(code: str, clock: Clock) -> None:
    for n in range(3):
        hand_in(code, clock, n)
    while seals.seal(clock.at, batch=1):
        pass
    second = db.session.scalars(sa.select(SubmissionSeal.id).where(SubmissionSeal.number == 2)).one()
    db.session.remove()
    tamper("DELETE FROM sealed_submissions WHERE seal_id = :seal", seal=second)
    assert any("1 submissions were sealed, 0 are there" in problem for problem in seals.verify())
    tamper("DELETE FROM submission_seals WHERE id = :seal", seal=second)
    problems = seals.verify()
    assert f"round {code}, batch 3: batch 2 is missing" in problems
    assert f"round {code}, batch 3: the seal itself was changed" in problems


@pytest.mark.parametrize("table", ["submission_seals", "sealed_submissions"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET number = 9", "DELETE FROM {}"])
def test_seals_are_only_ever_added_to(code: str, clock: Clock, table: str, verb: str) -> None:
    hand_in(code, clock, 1)
    seals.seal(clock.at)
    statement = verb.format(table).replace("number", "number" if table == "submission_seals" else "seal_id")
    with pytest.raises(sa.exc.DBAPIError), transaction():
        db.session.execute(sa.text(statement))


def published(code: str, folder: Path) -> list[Path]:
    out = []
    for batch in seals.get_round(code).batches:
        shown, leaves = seals.leaves_of(code, batch.number)
        path = folder / f"{batch.number}.json"
        said = {"number": shown.number, "count": shown.count, "root": shown.root, "digest": shown.digest}
        path.write_text(json.dumps({**said, "leaves": leaves}), encoding="utf-8")
        out.append(path)
    return out


def test_program_of_its_own_checks_what_is_published(
    code: str, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipts = [hand_in(code, clock, n) for n in range(5)]
    while seals.seal(clock.at, batch=2):
        pass
    closed(code, clock)
    files = [str(path) for path in published(code, tmp_path)]
    check = runpy.run_path(str(ROOT / "static" / "verify" / "seal.py"))["main"]
    proof = seals.find(seals.get_round(code), receipts[3])
    assert proof is not None
    assert check([*files, "--", proof.receipt, proof.state, proof.responses]) == 0
    assert check([*files, "--", proof.receipt, proof.state, "0" * 64]) == 1
    assert check([files[0], files[2]]) == 1
    assert "batch 3: batch 2 is missing" in capsys.readouterr().out
    broken = json.loads(Path(files[1]).read_text(encoding="utf-8"))
    broken["leaves"][0] = rules.leaf("x", "submitted", "")
    Path(files[1]).write_text(json.dumps(broken), encoding="utf-8")
    assert check(files) == 1
    assert "batch 2: the leaves do not lead to its root" in capsys.readouterr().out
