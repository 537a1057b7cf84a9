"""The log as people read it: every action has words, every object its name, with a fixed number of queries."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.config import ROOT
from contest.db import db, transaction
from contest.models.audit import AuditEntry, AuditSeal
from contest.rules.permissions import SYSTEM
from contest.rules.terms import Role
from contest.services import audit
from contest.services.attempts import closing
from contest.services.members import people as service
from tests import people
from tests.conftest import Clock

# Actions whose names are put together or handed along.
JOINED = {"question-submit", "question-return", "member-restored", "account-opened", "password-reset"}
JOINED |= {"attempt-started"}
JOINED |= {"advanced-called-up", "advanced-withdrawn"}
JOINED |= {"unit-merged", "unit-moved", "unit-split"}
JOINED |= {f"result-{step}" for step in ("checked", "approved", "published", "withdrawn")}


def recorded() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "contest" / "services").rglob("*.py"):
        found |= set(re.findall(r'audit\.record\(\s*"([a-z-]+)"', path.read_text(encoding="utf-8")))
    return found


def test_every_action_has_words_and_no_words_lack_an_action() -> None:
    assert len(recorded()) > 25
    assert recorded() | JOINED == set(audit.ACTIONS)


def test_log_names_who_did_what_to_whom(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    administrator = people.administrator()
    (code,) = people.contest()
    member = people.member("m1", full_name="Lê Thị Hoa")
    service.give_role("m1", Role.JUDGE, by=administrator)
    closing.submit(people.attempt(code, member), {}, by=member, arrived=clock.at)
    newest = audit.list_newest(limit=3)
    assert [(e.who, e.action, e.object_name) for e in newest] == [
        ("Lê Thị Hoa", "attempt-submitted", "Lê Thị Hoa"),
        ("Lê Thị Hoa", "attempt-started", ""),
        (administrator.name, "role-given", "Lê Thị Hoa"),
    ]
    assert {e.is_sealed for e in newest} == {False}
    audit.seal(clock.at)
    assert {e.is_sealed for e in audit.list_newest(limit=3)} == {True}
    by_kind = {e.action: e.object_name for e in audit.list_newest(limit=1000)}
    names = (
        by_kind["contest-published"],
        by_kind["round-added"],
        by_kind["bank-created"],
        by_kind["question-approved"],
    )
    assert names == ("Cuộc thi cuoc-thi", "Tuần 1", "Ngân hàng cuoc-thi-bank", "C-0001")
    assert audit.list_newest(before=newest[-1].id, limit=1)[0].id < newest[-1].id


def test_entry_that_was_committed_late_is_sealed_at_the_latest_when_all_are_looked_through(
    context: Flask, database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "LATELY", 20)
    people.organisation()
    while audit.seal(clock.at):
        pass

    def add(entry_id: int) -> None:
        with transaction():
            said = {"actor_id": None, "action": "round-removed", "object_kind": "round", "object_id": 1, "details": {}}
            db.session.add(AuditEntry(id=entry_id, at=clock.at, **said))

    add(1000)
    assert audit.seal(clock.at) == 1
    for entry_id in (980, 981):
        add(entry_id)
    assert (audit.seal(clock.at), audit.seal(clock.at)) == (1, 0)
    assert audit.seal(clock.at, everything=True) == 1
    assert audit.verify() == ()


def test_entry_of_what_is_gone_has_no_name(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    with transaction():
        audit.record("round-removed", "round", 987, by=SYSTEM, at=clock.at, number=4)
    entry = audit.list_newest(limit=1)[0]
    assert (entry.who, entry.object_name, entry.details) == (None, "", {"number": 4})


def test_workers_that_seal_in_the_same_moment_leave_one_chain_and_no_failure(
    context: Flask, database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.organisation()
    people.contest()
    both, digest = Barrier(2), audit._digest

    def together(before: str, entries: Sequence[AuditEntry]) -> str:
        """Let both have read what waits before either writes, where the database lets them."""
        with suppress(BrokenBarrierError):
            both.wait(1)
        return digest(before, entries)

    def work(_: int) -> None:
        with context.app_context():
            worker._seal()

    monkeypatch.setattr(audit, "_digest", together)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    monkeypatch.undo()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditSeal)) == 1
    assert audit.verify() == ()
