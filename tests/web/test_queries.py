"""How often the database is asked: literal counts of what everybody waits for, and lists that ask no more for more rows."""

from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import clock as clock_module
from contest.db import db
from contest.models.attempts import Attempt
from contest.models.banks import QuestionVersion
from contest.rules.permissions import SYSTEM
from contest.services.attempts import closing
from contest.services.banks import editing
from tests import people
from tests.conftest import Clock
from tests.counting import counted
from tests.web.test_people import Desk


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


def until_all_is_kept(app: Flask, house: str) -> None:
    """Let some go before, so that the process keeps what it keeps of every question that may be drawn."""
    for who in ("p0", "p1", "p2", "p0", "p1", "p2"):
        journey(app, desk_of(app, who), house)


def test_statements_of_a_journey(app: Flask, house: str, database: str, clock: Clock) -> None:
    until_all_is_kept(app, house)
    assert journey(app, desk_of(app, "m1"), house) == {
        "sign-in page": 1,  # whether what is shared is as it was
        "sign in": 3,  # who it is, the count against guessing, and its end
        "contest": 1,  # who is signed in, with what is theirs; all else a process keeps
        "before": 1,
        # where they stand, a start of the rate, the attempt, and its entry in the log
        "start": 3 if "postgres" in database else 4,
        "paper": 1,
        "first save": 1,  # what a save is checked against, a process knows since it has shown the paper
        "save": 1,
        "prediction": 1,
        "submission": 6,
        "receipt": 1,
        "standings": 3,
    }


def test_journey_of_twenty_questions_takes_forty_two_statements_at_most(
    app: Flask, house: str, database: str, clock: Clock
) -> None:
    until_all_is_kept(app, house)
    found = journey(app, desk_of(app, "m1"), house)
    assert sum(found.values()) + 18 * found["save"] == (41 if "postgres" in database else 42)


def signing_in(app: Flask) -> dict[str, int]:
    client = app.test_client()
    with counted(app) as page:
        token = people.csrf(client, "/sign-in")
    with counted(app) as entry:
        form = {"identifier": "m1", "password": people.PASSWORD, "csrf_token": token}
        assert client.post("/sign-in", data=form).status_code == 303
    return {"sign-in page": len(page), "sign in": len(entry)}


def journey(app: Flask, desk: Desk, code: str) -> dict[str, int]:
    found = {
        **signing_in(app),
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
    count(app, desk, "GET", "/manage")  # what is shared is read anew after a command
    many = {path: count(app, desk, "GET", path) for path in LISTS}
    assert (few, many) == (LISTS, LISTS)
