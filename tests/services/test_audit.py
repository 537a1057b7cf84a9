"""The log as people read it: every action has words, every object its name, with a fixed number of queries."""

import re

from flask import Flask

from contest.config import ROOT
from contest.db import transaction
from contest.rules.permissions import SYSTEM
from contest.rules.terms import Role
from contest.services import audit
from contest.services.attempts import closing
from contest.services.members import people as service
from tests import people
from tests.conftest import Clock

# Actions whose names are put together or handed along.
JOINED = {"question-submit", "question-return", "member-restored", "account-opened", "password-reset"}
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


def test_entry_of_what_is_gone_has_no_name(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    with transaction():
        audit.record("round-removed", "round", 987, by=SYSTEM, at=clock.at, number=4)
    entry = audit.list_newest(limit=1)[0]
    assert (entry.who, entry.object_name, entry.details) == (None, "", {"number": 4})
