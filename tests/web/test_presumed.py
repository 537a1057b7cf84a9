"""Pages that learn by one statement who is signed in, what is theirs and what is shared: none of it is of the past."""

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db, transaction
from contest.models.attempts import Attempt
from contest.models.members import Member
from contest.services.members import sessions
from tests import people
from tests.conftest import Clock
from tests.web.test_people import Desk

PAGES = ("/contests/cuoc-thi", "/rounds/{}")


@pytest.fixture
def house(app: Flask, database: str, clock: Clock) -> str:
    with app.app_context():
        people.organisation()
        return people.contest()[0]


@pytest.fixture
def desk(app: Flask, house: str) -> Desk:
    with app.app_context():
        who = people.member("m1", full_name="Lê Thị Hoa")
    return Desk(app, who)


@pytest.mark.parametrize("page", PAGES)
def test_what_another_process_changes_is_on_the_next_page(app: Flask, house: str, desk: Desk, page: str) -> None:
    path = page.format(house)
    assert ("Khác hẳn" in desk.get(path).text, "Lê Thị Hoa" in desk.get(path).text) == (False, True)
    with app.app_context(), db.engine.begin() as elsewhere:
        elsewhere.execute(sa.text("UPDATE contests SET title = 'Khác hẳn'"))
        elsewhere.execute(sa.text("UPDATE editions SET number = number + 1"))
    assert ("Khác hẳn" in desk.get(path).text, "Lê Thị Hoa" in desk.get(path).text) == (True, True)


@pytest.mark.parametrize("page", PAGES)
def test_whose_session_has_ended_is_nobody_and_starts_nothing(app: Flask, house: str, desk: Desk, page: str) -> None:
    path = page.format(house)
    assert "Lê Thị Hoa" in desk.get(path).text
    with app.app_context(), transaction():
        sessions.end_all(db.session.scalars(sa.select(Member.id).where(Member.code == "m1")).one())
    assert "Lê Thị Hoa" not in desk.get(path).text
    answer = desk.post(f"/rounds/{house}/attempts")
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/sign-in")
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 0


def test_there_is_no_contest_and_no_round_by_any_other_name(house: str, desk: Desk) -> None:
    desk.get(f"/rounds/{house}")
    assert [desk.get(path).status_code for path in ("/contests/khong-co", "/rounds/khong-co")] == [404, 404]
    assert desk.post("/rounds/khong-co/attempts").status_code == 404


def test_unit_that_a_member_moved_to_is_the_one_of_the_attempt(app: Flask, house: str, desk: Desk) -> None:
    """Whatever the cookie was given for, the statement that lets somebody start reads where they are."""
    with app.app_context(), transaction():
        moved = sa.update(Member).where(Member.code == "m1").values(unit_id=people.unit_id("A"))
        db.session.execute(moved)
    assert desk.post(f"/rounds/{house}/attempts").status_code == 303
    with app.app_context():
        assert db.session.scalar(sa.select(Attempt.unit_id)) == people.unit_id("A")
