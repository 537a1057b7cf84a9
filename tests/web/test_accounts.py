"""Sessions as an attacker tries them, and the first visit."""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from contest.db import db, rows
from contest.gateways import hashing
from contest.models.members import RateWindow
from contest.rules.permissions import SYSTEM
from contest.services.members import entry, setup
from contest.services.members import people as members
from tests import people
from tests.conftest import Clock
from tests.web.doors import NEW, SESSION, change_password, is_in, post, signed_in


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie(SESSION)
    assert found
    return found.value


def with_cookie(app: Flask, value: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(SESSION, value)
    return client


def test_session_before_signing_in_is_worth_nothing_after_it(house: Flask) -> None:
    client = house.test_client()
    client.get("/sign-in")
    planted = cookie(client)
    victim = with_cookie(house, planted)
    people.sign_in(victim, "m1")
    assert is_in(victim)
    assert cookie(victim) != planted
    assert not is_in(with_cookie(house, planted))


def test_every_signing_in_begins_a_session_of_its_own(house: Flask) -> None:
    clients = [signed_in(house), signed_in(house)]
    users = []
    for client in clients:
        with client.session_transaction() as session:
            users.append(session["_user_id"])
    assert len(set(users)) == 2


def test_changed_password_ends_every_other_session(house: Flask) -> None:
    one, two = signed_in(house), signed_in(house)
    before = cookie(one)
    assert change_password(one).status_code == 303
    assert (is_in(one), is_in(two), is_in(with_cookie(house, before))) == (True, False, False)
    assert people.sign_in(house.test_client(), "m1").status_code == 422
    assert people.sign_in(house.test_client(), "m1", NEW).status_code == 303


@pytest.mark.parametrize(("current", "status"), [(people.PASSWORD, 303), ("another one", 422)])
def test_changing_the_password_takes_the_current_one(house: Flask, current: str, status: int) -> None:
    assert change_password(signed_in(house), current=current).status_code == status


def test_suspension_ends_every_session_and_what_was_saved_stays(house: Flask) -> None:
    one, two = signed_in(house), signed_in(house)
    with house.app_context():
        attempt = people.attempt(people.contest()[0], people.actor("m1"))
    path, body = f"/attempts/{attempt}/responses/prediction", {"revision": 1, "value": 7}
    assert one.put(path, json=body, headers={"X-CSRFToken": people.csrf(one)}).status_code == 200
    token = {"X-CSRFToken": people.csrf(two)}
    with house.app_context():
        members.suspend("m1", suspended=True, by=SYSTEM)
    assert (is_in(one), is_in(two)) == (False, False)
    assert two.put(path, json={"revision": 2, "value": 8}, headers=token).status_code == 401
    assert people.sign_in(house.test_client(), "m1").status_code == 422
    with house.app_context():
        saved = db.session.execute(sa.text("SELECT revision, value FROM responses")).all()
        members.suspend("m1", suspended=False, by=SYSTEM)
    assert [tuple(row) for row in saved] == [(1, "7")]
    assert (is_in(one), is_in(signed_in(house))) == (False, True)


def test_signing_out_ends_one_session_for_good(house: Flask) -> None:
    one, two = signed_in(house), signed_in(house)
    kept = cookie(one)
    assert post(one, "/sign-out").status_code == 303
    assert (is_in(one), is_in(two), is_in(with_cookie(house, kept))) == (False, True, False)


def test_signing_out_everywhere_ends_all(house: Flask) -> None:
    one, two = signed_in(house), signed_in(house)
    post(one, "/sign-out/everywhere")
    assert (is_in(one), is_in(two)) == (False, False)


def test_signing_in_takes_a_token(house: Flask) -> None:
    client = house.test_client()
    answer = client.post("/sign-in", data={"identifier": "m1", "password": people.PASSWORD})
    assert (answer.status_code, is_in(client)) == (400, False)


def test_token_of_another_session_is_none(house: Flask) -> None:
    form = {"identifier": "m1", "password": people.PASSWORD, "csrf_token": people.csrf(house.test_client())}
    client = house.test_client()
    people.csrf(client)
    assert client.post("/sign-in", data=form).status_code == 400


FIRST = {
    "name_vi": "Công đoàn Mới", "time_zone": "Asia/Ho_Chi_Minh", "address": "ban", "full_name": "Trần Thị Đầu",
    "member_code": "quantri", "password": NEW, "repeat": NEW,
}  # fmt: skip


def test_first_visit_takes_the_code_from_the_console_and_happens_once(app: Flask, clock: Clock) -> None:
    code = setup.setup_code(app.config["SETTINGS"].secret_key)
    client = app.test_client()
    assert client.get("/").headers["Location"] == "/setup"
    token = people.csrf(client, "/setup")
    wrong = client.post("/setup", data={**FIRST, "code": "AAAA-AAAA-AAAA", "csrf_token": token})
    right = client.post("/setup", data={**FIRST, "code": code.lower(), "csrf_token": token})
    assert (wrong.status_code, right.status_code, right.headers["Location"]) == (422, 303, "/manage")
    assert client.get("/manage/organisation").status_code == 200
    again = app.test_client()
    assert post(again, "/setup", **FIRST, code=code).status_code == 404


def test_who_finds_no_room_for_their_password_is_asked_to_come_again_and_loses_nothing(
    house: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.app_context():
        before = tries()
    monkeypatch.setattr(entry, "place", hashing.Place(waiting=0))
    for given in (people.PASSWORD, "not the one"):  # neither is looked at
        crowded = people.sign_in(house.test_client(), "m1", given)
        assert (crowded.status_code, crowded.headers["Retry-After"]) == (429, "3")
        assert 'value="m1"' in crowded.text
        assert given not in crowded.text
    with house.app_context():
        assert tries() == before
    monkeypatch.undo()
    assert people.sign_in(house.test_client(), "m1").status_code == 303


def tries() -> list[tuple[str, int]]:
    """Return what the limiter has counted."""
    return [tuple(row) for row in rows(sa.select(RateWindow.key, RateWindow.count).order_by(RateWindow.key))]
