"""Taking a paper over HTTP, in the words of the contract, on both databases."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from contest.db import db, transaction
from contest.models.attempts import Attempt, LateResponse, Response
from contest.models.audit import AuditEntry
from contest.models.contests import Round
from contest.models.results import Result
from contest.services.attempts import closing
from contest.services.members import sessions
from tests import people
from tests.conftest import Clock


class Taker:
    """A member at a browser, taking the one open round."""

    def __init__(self, app: Flask, code: str, round_code: str) -> None:
        self.client, self.round = app.test_client(), round_code
        with app.app_context():
            people.enter(self.client, people.member(code))
        self.token = people.csrf(self.client)

    def start(self) -> Any:
        answer = self.client.post(f"/rounds/{self.round}/attempts", data={"csrf_token": self.token})
        self.url = answer.headers.get("location", "")
        return answer

    def paper(self) -> list[list[str]]:
        page = self.client.get(self.url).text
        found = re.findall(r'<fieldset[^>]*data-position="\d+".*?</fieldset>', page, re.S)
        return [re.findall(r'name="response-\d+"[^>]*value="([^"]+)"', part) for part in found]

    def save(self, position: object, value: object, revision: object = 1, **headers: str) -> Any:
        sent = {"X-CSRFToken": self.token, "Accept": "application/json", **headers}
        body = {"revision": revision, "value": value}
        return self.client.put(f"{self.url}/responses/{position}", json=body, headers=sent)

    def submit(self, **form: str) -> Any:
        return self.client.post(f"{self.url}/submission", data={"csrf_token": self.token, **form})


@pytest.fixture
def round_code(app: Flask, database: str, clock: Clock) -> str:
    with app.app_context():
        people.organisation()
        return people.contest()[0]


@pytest.fixture
def taker(app: Flask, round_code: str) -> Iterator[Taker]:
    taker = Taker(app, "m1", round_code)
    assert taker.start().status_code == 303
    return taker


def count(app: Flask, table: Any) -> int:
    with app.app_context():
        return int(db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def test_starting_twice_leads_to_the_same_attempt(taker: Taker, app: Flask) -> None:
    first = taker.url
    assert taker.start().headers["location"] == first
    assert count(app, Attempt) == 1


def test_paper_has_the_markup_of_the_contract_and_no_key(taker: Taker) -> None:
    page = taker.client.get(taker.url).text
    assert [len(options) for options in taker.paper()] == [4, 4, 4]
    assert all(f'name="revision-{n}"' in page for n in (1, 2, 3, "prediction"))
    assert 'name="prediction"' in page
    assert "Vì sao câu" not in page  # the explanations of the bank


def test_save_is_acknowledged_and_repeated_without_a_second_row(taker: Taker, app: Flask, clock: Clock) -> None:
    value = taker.paper()[0][1]
    first = taker.save(1, value).json
    clock.advance(seconds=2)
    again = taker.save(1, value).json
    assert first["ok"] is True
    assert set(first) == {"ok", "revision", "saved_at", "ends_at", "now"}
    assert {k: v for k, v in first.items() if k != "now"} == {k: v for k, v in again.items() if k != "now"}
    assert count(app, Response) == 1


def test_right_and_wrong_saves_are_answered_alike(taker: Taker) -> None:
    answers = [taker.save(1, value, n) for n, value in enumerate(taker.paper()[0], 1)]
    assert len({len(a.data) for a in answers}) == 1
    assert len({tuple(sorted(a.json)) for a in answers}) == 1
    assert len({tuple(k for k, _ in a.headers) for a in answers}) == 1


def test_revisions(taker: Taker, app: Flask) -> None:
    a, b, c, _ = taker.paper()[0]
    assert taker.save(1, a, 5).json["revision"] == 5
    stale = taker.save(1, b, 3)
    assert (stale.status_code, stale.json) == (200, {"ok": True, "stale": True, "revision": 5, "value": a})
    conflict = taker.save(1, c, 5)
    assert conflict.status_code == 409
    assert (conflict.json["code"], conflict.json["revision"], conflict.json["value"]) == ("conflict", 5, a)
    assert taker.save(1, b, 6).json["revision"] == 6
    assert count(app, Response) == 3  # the stale one is kept, the conflicting one is not


def test_cleared_response_is_a_save(taker: Taker) -> None:
    taker.save(1, taker.paper()[0][0], 1)
    assert taker.save(1, None, 2).json["ok"] is True
    assert "checked" not in taker.client.get(taker.url).text.split('data-position="1"')[1].split("</fieldset>")[0]


@pytest.mark.parametrize(
    ("position", "value", "revision", "field"),
    [
        (4, "x", 1, "position"),
        ("0", "x", 1, "position"),
        ("abc", "x", 1, "position"),
        (1, "00000000", 1, "value"),
        (1, ["a", "b"], 1, "value"),
        (1, 7, 1, "value"),
        (1, None, 0, "revision"),
        (1, None, 100_001, "revision"),
        (1, None, "1", "revision"),
        ("prediction", -1, 1, "value"),
        ("prediction", "hai", 1, "value"),
        ("prediction", 1.5, 1, "value"),
        ("prediction", 10**9 + 1, 1, "value"),
    ],
)
def test_malformed_saves_name_their_field(
    taker: Taker, app: Flask, position: object, value: object, revision: object, field: str
) -> None:
    answer = taker.save(position, value, revision)
    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert answer.json["message"]
    assert count(app, Response) == 0


def test_option_of_another_question_is_refused(taker: Taker) -> None:
    assert taker.save(1, taker.paper()[1][0]).status_code == 422


def test_save_needs_token_session_and_owner(taker: Taker, app: Flask) -> None:
    value = taker.paper()[0][0]
    assert taker.save(1, value, **{"X-CSRFToken": "none"}).status_code == 400
    other = Taker(app, "m2", taker.round)
    other.url = taker.url
    foreign = other.save(1, value)
    other.url = "/attempts/not-there"
    missing = other.save(1, value)
    assert (foreign.status_code, foreign.data) == (404, missing.data)
    nobody = app.test_client()
    token = people.csrf(nobody)
    answer = nobody.put(
        f"{taker.url}/responses/1", json={"revision": 1, "value": value}, headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 401
    assert count(app, Response) == 0


def test_every_page_of_an_attempt_is_its_owners_alone(taker: Taker, app: Flask) -> None:
    other = Taker(app, "m2", taker.round)
    for tail in ("", "/submission", "/receipt", "/review"):
        theirs = other.client.get(taker.url + tail)
        nowhere = other.client.get("/attempts/not-there" + tail)
        assert theirs.status_code == 404
        strip = lambda page: re.sub(r'value="[^"]*"|content="[^"]*"|/attempts/[^"]*', "", page.text)  # noqa: E731
        assert strip(theirs) == strip(nowhere)
    assert other.client.post(f"{taker.url}/submission", data={"csrf_token": other.token}).status_code == 404


def test_suspension_and_new_password_end_saving(taker: Taker, app: Flask) -> None:
    value = taker.paper()[0][0]
    assert taker.save(1, value).status_code == 200
    with app.app_context(), transaction():
        sessions.end_all(people.actor("m1").member_id or 0)
    assert taker.save(1, value, 2).status_code == 401
    assert count(app, Response) == 1


@pytest.mark.parametrize(("seconds", "status"), [(1200 - 0.001, 200), (1200, 200), (1205, 200), (1205.001, 409)])
def test_network_allowance_on_both_sides(taker: Taker, app: Flask, clock: Clock, seconds: float, status: int) -> None:
    value = taker.paper()[0][0]
    clock.advance(seconds=seconds)
    answer = taker.save(1, value)
    assert answer.status_code == status
    if status == 409:
        assert (answer.json["code"], answer.json["kept"]) == ("late", True)
        assert (count(app, Response), count(app, LateResponse)) == (0, 1)


def test_late_save_after_the_background_closed_is_kept_and_not_scored(taker: Taker, app: Flask, clock: Clock) -> None:
    value = taker.paper()[0][0]
    taker.save(1, value)
    clock.advance(seconds=1216)
    with app.app_context():
        assert closing.close_due() == 1
        before = db.session.scalars(sa.select(Result.correct_count)).one()
    assert taker.save(2, None).json["code"] == "late"
    with app.app_context():
        assert db.session.scalars(sa.select(Result.correct_count)).one() == before
        row = db.session.scalars(sa.select(Attempt)).one()
        assert (row.state, row.finished_at) == ("expired", row.ends_at)
    assert count(app, LateResponse) == 1
    assert taker.submit().headers["location"].endswith("/receipt")


def test_background_waits_ten_seconds_past_the_allowance(taker: Taker, app: Flask, clock: Clock) -> None:
    with app.app_context():
        clock.advance(seconds=1214.999)
        assert closing.close_due() == 0
        clock.advance(seconds=0.001)
        assert closing.close_due() == 1
        assert closing.close_due() == 0


def test_deadline_is_cut_by_the_close_and_shown_before(taker: Taker, app: Flask, clock: Clock) -> None:
    late = Taker(app, "m2", taker.round)
    clock.advance(hours=2, minutes=-3)
    assert late.client.get(f"/rounds/{late.round}").status_code == 200
    late.start()
    with app.app_context():
        row = db.session.scalars(sa.select(Attempt).where(Attempt.code == late.url.rpartition("/")[2])).one()
        assert (row.ends_at - clock.at).total_seconds() == 180


def test_start_one_second_after_the_close_is_refused(round_code: str, app: Flask, clock: Clock) -> None:
    taker = Taker(app, "m1", round_code)
    clock.advance(hours=2, seconds=-1)
    assert taker.start().status_code == 303
    late = Taker(app, "m2", round_code)
    clock.advance(seconds=1)
    answer = late.start()
    assert answer.status_code == 409
    assert "đã đóng" in answer.text
    assert count(app, Attempt) == 1


def test_submission_is_final_and_the_same_for_everybody_who_repeats_it(taker: Taker, app: Flask) -> None:
    for position, options in enumerate(taker.paper(), 1):
        taker.save(position, options[0])
    taker.save("prediction", 12)
    locations = {taker.submit().headers["location"] for _ in range(3)}
    assert len(locations) == 1
    receipt = taker.client.get(locations.pop())
    code = re.search(r"HT-[0-9A-Z-]+", receipt.text)
    score = re.search(r'<data class="score" value="(\d+)"', receipt.text)
    assert code
    assert score
    assert taker.save(1, None, 9).json["code"] == "closed"
    with app.app_context():
        result = db.session.scalars(sa.select(Result)).one()
        assert (int(score[1]), result.prediction, result.question_count) == (result.correct_count, 12, 3)
        assert db.session.scalar(sa.select(sa.func.count()).where(AuditEntry.action == "attempt-submitted")) == 1


def test_plain_form_saves_and_submits_without_a_script(taker: Taker, app: Flask) -> None:
    paper = taker.paper()
    form = {
        "csrf_token": taker.token,
        "response-1": paper[0][2],
        "revision-1": "0",
        "prediction": "1.234",
        "revision-prediction": "0",
    }
    assert taker.client.post(f"{taker.url}/responses", data=form).status_code == 303
    page = taker.client.get(taker.url).text
    assert re.search(rf'value="{paper[0][2]}"[^>]*checked', page)
    assert 'name="revision-1" value="1"' in page
    taker.submit(**{"response-2": paper[1][0], "revision-2": "0", "revision-1": "1", "response-1": paper[0][2]})
    with app.app_context():
        rows = db.session.execute(sa.select(Response.position, Response.revision).order_by(Response.position)).all()
        assert [tuple(r) for r in rows] == [(0, 1), (1, 1), (2, 1)]  # what did not change makes no row


def test_form_that_comes_late_closes_with_what_was_saved_in_time(taker: Taker, app: Flask, clock: Clock) -> None:
    paper = taker.paper()
    taker.save(1, paper[0][0])
    clock.advance(seconds=1206)
    assert taker.submit(**{"response-2": paper[1][0], "revision-2": "0"}).status_code == 303
    assert (count(app, Response), count(app, LateResponse)) == (1, 1)
    with app.app_context():
        result = db.session.scalars(sa.select(Result)).one()
        assert result.duration_seconds == 1200  # capped at the end


def test_attempts_are_counted_and_used_up(taker: Taker, app: Flask) -> None:
    taker.submit()
    assert taker.start().status_code == 303
    taker.submit()
    answer = taker.start()
    assert answer.status_code == 409
    assert "2 lượt" in answer.text.replace("\xa0", " ")
    assert count(app, Attempt) == 2


def test_trusted_proxy_stamp_decides_the_arrival(make_app: Any, database_url: str, clock: Clock) -> None:
    app = make_app(database_url, TRUSTED_PROXIES="1")
    with app.app_context():
        people.organisation()
        round_code = people.contest()[0]
    taker = Taker(app, "m1", round_code)
    taker.start()
    value = taker.paper()[0][0]
    clock.advance(seconds=1208)
    stamp = f"t={(clock.at.timestamp() - 8 - 0.001):.3f}"
    assert taker.save(1, value, **{"X-Request-Start": stamp}).status_code == 200
    forged = f"t={(clock.at.timestamp() - 60):.3f}"
    clock.advance(seconds=8)
    assert taker.save(2, None, **{"X-Request-Start": forged}).status_code == 409  # believed for ten seconds only


def test_prediction_is_not_asked_where_the_round_has_none(app: Flask, database: str, clock: Clock) -> None:
    with app.app_context():
        people.organisation()
        code = people.contest(rounds=({"prediction": None, "criteria": ["correct"]},))[0]
        assert db.session.scalars(sa.select(Round.prediction).where(Round.code == code)).one() is None
    taker = Taker(app, "m1", code)
    taker.start()
    assert 'name="prediction"' not in taker.client.get(taker.url).text
    assert taker.save("prediction", 1).status_code == 422


@pytest.mark.slow
def test_races_end_in_one_attempt_one_finish_and_the_highest_revision(taker: Taker, app: Flask) -> None:
    def browser() -> FlaskClient:
        client = app.test_client()
        for cookie in (taker.client.get_cookie("hoithi-session"),):
            assert cookie
            client.set_cookie("hoithi-session", cookie.value)
        return client

    value = taker.paper()[0]
    headers = {"X-CSRFToken": taker.token, "Accept": "application/json"}

    def save(revision: int) -> int:
        body = {"revision": revision, "value": value[revision % 4]}
        return browser().put(f"{taker.url}/responses/1", json=body, headers=headers).status_code

    def submit(_: int) -> str:
        return browser().post(f"{taker.url}/submission", data={"csrf_token": taker.token}).headers["location"]

    def start(_: int) -> str:
        form = {"csrf_token": taker.token}
        return browser().post(f"/rounds/{taker.round}/attempts", data=form).headers["location"]

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(start, range(30))) == {taker.url}
        assert set(pool.map(save, [11, 3, 20, 7, 1, 15, 9, 18, 2, 13, 5, 19, 8, 4, 16, 6, 12, 17, 10, 14])) == {200}
        assert len(set(pool.map(submit, range(20)))) == 1
        again = set(pool.map(start, range(30)))
    assert len(again) == 1
    with app.app_context():
        rows = db.session.execute(sa.select(Response.revision, Response.value).order_by(Response.revision)).all()
        assert [r.revision for r in rows] == list(range(1, 21))
        assert rows[-1].value == f'"{value[0]}"'
        numbers = db.session.scalars(sa.select(Attempt.number).order_by(Attempt.number)).all()
        assert numbers == [1, 2]
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Result)) == 1
