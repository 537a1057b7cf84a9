"""How often the database is asked: literal counts of what everybody waits for, and lists that ask no more for more rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from contest import clock as clock_module
from contest import db as contest_db
from contest.db import db
from contest.models.attempts import Attempt
from contest.models.banks import QuestionVersion
from contest.rules.permissions import SYSTEM
from contest.services.attempts import closing
from contest.services.banks import editing
from tests import people
from tests.conftest import Clock
from tests.web.test_people import Desk


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that are executed, without what begins and ends a transaction."""
    found: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT")):
            found.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        with patch.object(contest_db, "observe", found.append):
            yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def count(app: Flask, desk: Desk, method: str, path: str, **more: Any) -> int:
    """Return how many statements a request takes, once the process knows what it keeps.

    What is kept for seconds does not run out meanwhile, however busy the machine is.
    """
    headers = {"X-CSRFToken": desk.token}
    with counted(app) as found, patch.object(clock_module, "ticks", lambda: 0.0):
        answer = desk.client.open(path, method=method, headers=headers, **more)
    assert answer.status_code in {200, 303}, (method, path, answer.status_code)
    return len(found)


@pytest.fixture
def house(app: Flask, database: str, clock: Clock) -> str:
    """Return the code of a round in which a few have taken part."""
    with app.app_context():
        people.organisation()
        (code,) = people.contest(rounds=[{"attempts_allowed": None}])
        for n in range(3):
            who = people.member(f"p{n}")
            closing.submit(people.attempt(code, who), {}, by=who, arrived=clock.at)
        people.member("m1")
    return code


def desk_of(app: Flask, code: str) -> Desk:
    with app.app_context():  # one context each: the token is kept in it
        return Desk(app, people.actor(code))


def test_statements_of_a_journey(app: Flask, house: str, clock: Clock) -> None:
    journey(app, desk_of(app, "p0"), house)  # what a process keeps is kept
    assert journey(app, desk_of(app, "m1"), house) == {
        "contest": 7,  # one of them reads what is announced, which must be seen at once
        "before": 7,
        "start": 6,  # one of them counts against the rate of starts
        "paper": 4,
        "first save": 2,  # reads the paper's shape too, which a process keeps
        "save": 1,
        "prediction": 1,
        "submission": 12,
        "receipt": 3,
        "standings": 6,
    }


def journey(app: Flask, desk: Desk, code: str) -> dict[str, int]:
    found = {
        "contest": count(app, desk, "GET", "/contests/cuoc-thi"),
        "before": count(app, desk, "GET", f"/rounds/{code}"),
        "start": count(app, desk, "POST", f"/rounds/{code}/attempts"),
    }
    with app.app_context():
        newest = sa.select(Attempt.code, Attempt.paper).order_by(Attempt.id.desc()).limit(1)
        attempt, paper = db.session.execute(newest).one()
    found["paper"] = count(app, desk, "GET", f"/attempts/{attempt}")
    for number, name in enumerate(("first save", "save")):
        body = {"revision": 1, "value": paper[number][1][0]}
        found[name] = count(app, desk, "PUT", f"/attempts/{attempt}/responses/{number + 1}", json=body)
    guess = {"revision": 1, "value": 3}
    found["prediction"] = count(app, desk, "PUT", f"/attempts/{attempt}/responses/prediction", json=guess)
    found["submission"] = count(app, desk, "POST", f"/attempts/{attempt}/submission")
    found["receipt"] = count(app, desk, "GET", f"/attempts/{attempt}/receipt")
    found["standings"] = count(app, desk, "GET", f"/rounds/{code}/standings")
    return found


LISTS = {
    "/manage": 3,
    "/manage/banks": 2,
    "/manage/banks/dai": 8,
    "/manage/banks/dai?order=most-drawn": 8,
    "/manage/banks/dai/alike": 10,
    "/manage/banks/dai/imports": 4,
    "/manage/banks/dai/questions/C-0001": 17,
    "/manage/members": 4,
    "/manage/units": 3,
    "/manage/search?q=ng": 7,
    "/manage/audit": 3,
}


def test_lists_ask_no_more_for_more_rows(app: Flask, database: str, clock: Clock) -> None:
    with app.app_context():
        people.organisation()
        people.bank("dai", [people.question(1)])
        desk = Desk(app, people.administrator())
    few = {path: count(app, desk, "GET", path) for path in LISTS}
    with app.app_context():
        for n in range(40):
            people.member(f"x{n:02d}")
            editing.save("dai", people.question(n + 2), submit=True, by=SYSTEM)
        for n in range(3):
            people.draft_contest(f"cuoc-{n}", bank_id=people.bank(f"them-{n}"))
        assert db.session.scalar(sa.select(sa.func.count()).select_from(QuestionVersion)) > 40
    many = {path: count(app, desk, "GET", path) for path in LISTS}
    assert (few, many) == (LISTS, LISTS)
