"""The organiser's live page: what it shows, to whom, how often it asks, and that requests are counted for it."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from contest import clock as clock_of_machine
from contest.db import db
from contest.models.attempts import Attempt
from contest.models.minutes import ServedMinute
from contest.services import health, minutes
from contest.services.attempts import closing, saving
from tests import people
from tests.conftest import Clock

PAGE = "/manage/contests/cuoc-thi/rounds/{}/conduct/live"


@pytest.fixture
def code(app: Flask, database: str, clock: Clock) -> str:
    minutes.forget()
    with app.app_context():
        people.organisation()
        return people.contest()[0]


def organiser(app: Flask) -> Any:
    with app.app_context():
        return people.enter(app.test_client(), people.organiser())


def test_page_shows_the_round_and_asks_for_its_figures_alone(app: Flask, code: str, clock: Clock) -> None:
    with app.app_context():
        who = people.member("m1")
        attempt = people.attempt(code, who)
        clock.advance(minutes=21)
        saving.save(attempt, "prediction", 1, 3, by=who, at=clock.at, arrived=clock.at)
    client = organiser(app)
    page = client.get(PAGE.format(code)).text
    assert f'data-url="{PAGE.format(code)}/now"' in page
    figures = client.get(PAGE.format(code) + "/now").text
    for shown in ("Đang làm", "Công đoàn Sở An", "Nguyễn Thị M1", "muộn 60 giây"):
        assert shown in page
        assert shown in figures
    assert "<html" not in figures
    assert "gia hạn hoặc cộng thời gian ở trang" in figures
    paper = f'<a class="link" href="/manage/contests/cuoc-thi/results/{attempt}">'
    assert paper not in figures  # while it is open, nobody opens it
    with app.app_context():
        assert closing.close_due() == 1
    assert paper in client.get(PAGE.format(code) + "/now").text


def test_answer_sent_after_handing_in_has_a_word_of_its_own_and_no_advice(app: Flask, code: str, clock: Clock) -> None:
    with app.app_context():
        who = people.member("m1")
        attempt = people.attempt(code, who)
        closing.submit(attempt, {}, by=who, arrived=clock.at)
        asked = db.session.scalars(db.select(Attempt.paper)).one()
        carried = {"revision-1": ["0"], "response-1": [asked[0][1][0]]}
        closing.save_form(attempt, carried, by=who, arrived=clock.at)
    page = organiser(app).get(PAGE.format(code)).text
    assert "gửi đến sau khi bài đã đóng" in page
    for absent in ("sau khi hết giờ", "muộn", "cộng thời gian ở trang"):
        assert absent not in page.replace("Câu đến muộn", "")


def test_page_is_for_those_who_conduct_the_contest(app: Flask, code: str) -> None:
    with app.app_context():
        member, judge = (people.enter(app.test_client(), who) for who in (people.member("m9"), people.judge()))
    for path in (PAGE.format(code), PAGE.format(code) + "/now"):
        assert [client.get(path).status_code for client in (member, judge)] == [403, 403]


def saver(app: Flask, code: str) -> tuple[FlaskClient, str, dict[str, str]]:
    """Let somebody begin a paper; return their browser, where its prediction is saved, and with which headers."""
    client = app.test_client()
    with app.app_context():
        who = people.member("m1")
        attempt = people.attempt(code, who)
        people.enter(client, who)
    sent = {"X-CSRFToken": people.csrf(client), "Accept": "application/json"}
    return client, f"/attempts/{attempt}/responses/prediction", sent


def test_saves_are_counted_and_failures_of_the_server_too(
    app: Flask, code: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, path, sent = saver(app, code)
    assert client.put(path, json={"revision": 1, "value": 3}, headers=sent).status_code == 200

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError

    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(saving, "save", fails)
    assert client.put(path, json={"revision": 2, "value": 3}, headers=sent).status_code == 500
    with app.app_context():
        minutes.write("one")
        (row,) = db.session.scalars(db.select(ServedMinute))
        assert (sum(row.buckets), row.errors) == (1, 1)


@pytest.mark.parametrize(
    ("alarm", "told"),
    [
        ("stepped", "Đồng hồ của một máy chủ đã bị chỉnh. Giờ làm bài vẫn tính tiếp như trước"),
        ("skewed", "lệch với đồng hồ của cơ sở dữ liệu. Máy chủ này không nhận lưu bài"),
    ],
)
def test_alarm_of_the_clock_is_told_by_its_kind(
    app: Flask, code: str, monkeypatch: pytest.MonkeyPatch, alarm: str, told: str
) -> None:
    client = organiser(app)
    monkeypatch.setattr(clock_of_machine, "has_stepped", lambda: alarm == "stepped")
    skew = "This node's clock differs from the database's by +3.0 s."
    monkeypatch.setattr(health, "skew_problems", lambda: (skew,) if alarm == "skewed" else ())
    page = client.get(PAGE.format(code) + "/now").text
    assert told in " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert page.count('class="notice ') == 1
    assert "sprite.svg#This" not in page
    assert "clock" not in re.sub(r"<[^>]+>", " ", page)


def test_neither_health_nor_a_refused_save_is_counted(
    app: Flask, code: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, path, sent = saver(app, code)
    assert client.put(path, json={"revision": 0, "value": 3}, headers=sent).status_code == 422
    monkeypatch.setattr(health, "is_reachable", lambda: False)
    assert client.get("/readyz").status_code == 503
    with app.app_context():
        assert minutes.write("one") == 0
