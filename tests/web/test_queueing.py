"""The waiting room and the queue as they are met: what caches may keep, places as pages and JSON, and without a script."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from contest.rules.queueing import PATIENCE, TO_BEGIN
from contest.web import queueing
from tests import people
from tests.conftest import Clock
from tests.counting import counted
from tests.tables import snapshot

JSON = {"Accept": "application/json"}
SECOND = timedelta(seconds=1)


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str) -> Flask:
    return make_app(database_url, STARTS_PER_MINUTE="1")


def house(app: Flask, count: int = 3, **round_values: Any) -> str:
    with app.app_context():
        people.organisation()
        for n in range(count):
            people.member(f"m{n}")
        return people.contest(rounds=[round_values])[0]


def browser(app: Flask, code: str) -> FlaskClient:
    with app.app_context():
        return people.enter(app.test_client(), people.actor(code))


def start(client: FlaskClient, code: str, **headers: str) -> Any:
    return client.post(f"/rounds/{code}/attempts", headers={"X-CSRFToken": people.csrf(client), **headers})


@pytest.fixture
def queue(app: Flask, database: str, clock: Clock) -> tuple[str, list[FlaskClient]]:
    """Let the first of three start, so that the others wait; return the round and the three."""
    code = house(app)
    found = [browser(app, f"m{n}") for n in range(3)]
    assert start(found[0], code).headers["Location"].startswith("/attempts/")
    for client in found[1:]:
        answer = start(client, code)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/rounds/{code}/queue")
    return code, found


# The queue


def test_page_says_place_and_time_and_goes_on_without_a_script(
    queue: tuple[str, list[FlaskClient]], clock: Clock
) -> None:
    code, (_, second, third) = queue
    clock.advance(seconds=10)
    for client, place, wait, again in (
        (second, "1", "Chưa đầy một phút nữa", 7),
        (third, "2", "Khoảng 2 phút nữa", 13),
    ):
        page = client.get(f"/rounds/{code}/queue").text
        assert re.findall(r"data-place>(.*?)<", page) == [place]
        assert re.findall(r"data-wait>(.*?)<", page) == [wait]
        assert f'<noscript><meta http-equiv="refresh" content="{again}"></noscript>' in page
        assert "Chờ không mất phút làm bài nào" in page
        assert "đủ 20 phút" in page
        assert f'action="/rounds/{code}/attempts"' not in page


def test_json_says_the_same(queue: tuple[str, list[FlaskClient]], clock: Clock) -> None:
    code, (first, second, third) = queue
    clock.advance(seconds=10)
    answer = third.get(f"/rounds/{code}/queue/place", headers=JSON)
    assert answer.json == {
        "ok": True, "code": "queue", "stage": "waiting", "place": 2, "seconds": 110, "again": 11, "place_said": "2",
        "wait_said": "Khoảng 2 phút nữa", "queue": f"/rounds/{code}/queue",
    }  # fmt: skip
    assert first.get(f"/rounds/{code}/queue/place", headers=JSON).status_code == 404  # has started: no place
    assert second.application.test_client().get(f"/rounds/{code}/queue/place", headers=JSON).status_code == 401
    assert second.get("/rounds/khong-co/queue/place", headers=JSON).status_code == 404


def test_start_by_json_is_told_to_wait(queue: tuple[str, list[FlaskClient]], clock: Clock) -> None:
    code, (*_, third) = queue
    answer = start(third, code, **JSON)
    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "12")
    assert answer.json is not None
    assert (answer.json["code"], answer.json["place"], answer.json["seconds"]) == ("queue", 2, 120)


def test_place_stays_over_reloads_tabs_and_devices(
    app: Flask, queue: tuple[str, list[FlaskClient]], clock: Clock
) -> None:
    code, (_, second, third) = queue
    for client in (third, browser(app, "m2"), third):
        assert start(client, code).headers["Location"] == f"/rounds/{code}/queue"
        assert re.findall(r"data-place>(.*?)<", client.get(f"/rounds/{code}/queue").text) == ["2"]
    assert re.findall(r"data-place>(.*?)<", second.get(f"/rounds/{code}/queue").text) == ["1"]


def test_turn_comes_with_its_button_and_its_time(queue: tuple[str, list[FlaskClient]], clock: Clock) -> None:
    code, (_, second, third) = queue
    clock.advance(seconds=60)
    page = second.get(f"/rounds/{code}/queue").text
    assert "Đến lượt bạn vào thi" in page
    assert f'action="/rounds/{code}/attempts"' in page
    assert "http-equiv" not in page
    assert "12:04:00" in page  # until when the turn is held
    assert "hết giờ lúc 12:21" in page
    begun = start(second, code).headers["Location"]
    for client in (second, browser(second.application, "m1")):  # on another device too
        answer = client.get(f"/rounds/{code}/queue")
        assert (answer.status_code, answer.headers["Location"]) == (303, begun)
        assert client.get(f"/rounds/{code}/queue/place").status_code == 404
    assert third.get(f"/rounds/{code}/queue/place").json["place"] == 1


def test_turn_that_passed_says_so_and_asks_again(queue: tuple[str, list[FlaskClient]], clock: Clock) -> None:
    code, (_, second, _) = queue
    clock.advance(seconds=60)
    second.get(f"/rounds/{code}/queue")
    clock.advance(seconds=TO_BEGIN.total_seconds())
    page = second.get(f"/rounds/{code}/queue").text
    assert "Chỗ của bạn đã nhường cho người sau" in page
    assert "Xếp hàng lại" in page


def test_whoever_has_no_place_is_led_to_the_page_before(queue: tuple[str, list[FlaskClient]], app: Flask) -> None:
    with app.app_context():
        people.member("m9")
    answer = browser(app, "m9").get(f"/rounds/{queue[0]}/queue")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/rounds/{queue[0]}")


def test_close_meanwhile_is_told_before_and_is_no_end(app: Flask, database: str, clock: Clock) -> None:
    code = house(app, closes_at=clock.at + timedelta(minutes=1))
    first, second = browser(app, "m0"), browser(app, "m1")
    start(first, code)
    clock.advance(seconds=15)
    start(second, code)
    page = second.get(f"/rounds/{code}/queue").text
    assert "Vòng đóng lúc <strong>12:01" in page
    assert "00 phút" not in page
    assert "45 giây, đúng bằng thời gian còn lại khi bạn bấm vào thi" in page
    clock.set(people.at("12:01:00"))
    answer = second.get(f"/rounds/{code}")  # whoever comes by the round is led to their place
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/rounds/{code}/queue")
    assert "Đến lượt bạn vào thi" in second.get(f"/rounds/{code}/queue").text
    assert start(second, code).headers["Location"].startswith("/attempts/")


def test_closed_round_leads_nobody_into_the_queue(app: Flask, database: str, clock: Clock) -> None:
    code = house(app, closes_at=clock.at + timedelta(seconds=30))
    first, second = browser(app, "m0"), browser(app, "m1")
    start(first, code)
    start(second, code)
    clock.advance(seconds=PATIENCE.total_seconds())
    assert second.get(f"/rounds/{code}/queue").headers["Location"] == f"/rounds/{code}"
    assert second.get(f"/rounds/{code}").status_code == 200
    assert start(second, code).status_code == 409


def test_organisers_see_how_many_wait(queue: tuple[str, list[FlaskClient]], app: Flask) -> None:
    with app.app_context():
        desk = people.enter(app.test_client(), people.organiser())
    page = desk.get(f"/manage/contests/cuoc-thi/rounds/{queue[0]}/conduct").text
    assert re.search(r"Người đang xếp hàng chờ vào</dt>\s*<dd><strong[^>]*>2<", page)


def test_statements_of_waiting(queue: tuple[str, list[FlaskClient]], app: Flask, clock: Clock) -> None:
    code, (*_, third) = queue
    for _ in range(2):  # what is kept by the edition is read by the first look after a command
        third.get(f"/rounds/{code}/queue/place")
    for seconds, most in ((0, 1), (10, 1), (20, 2)):  # seen again after a while: one statement more
        clock.advance(seconds=seconds)
        with counted(app) as found:
            assert third.get(f"/rounds/{code}/queue/place").status_code == 200
        assert len(found) == most


def test_looking_without_a_place_writes_nothing(queue: tuple[str, list[FlaskClient]], app: Flask) -> None:
    code, (first, *_) = queue
    before = snapshot(app)
    for path in (f"/rounds/{code}", f"/rounds/{code}/queue", f"/rounds/{code}/queue/place"):
        first.get(path)
    assert snapshot(app) == before


def test_session_that_ended_holds_no_place(queue: tuple[str, list[FlaskClient]], app: Flask) -> None:
    code, (_, second, _) = queue
    second.post("/sign-out/everywhere", headers={"X-CSRFToken": people.csrf(second)})
    with app.app_context():
        forged = people.enter(app.test_client(), people.Actor(people.actor("m1").member_id, epoch=1, session_id="x"))
    assert forged.get(f"/rounds/{code}/queue/place").status_code == 404
    assert browser(app, "m1").get(f"/rounds/{code}/queue/place").status_code == 200


# Before the opening


def waiting_room(app: Flask, clock: Clock, minutes: float = 30) -> str:
    return house(app, opens_at=clock.at + timedelta(minutes=minutes))


PAGES = ("/contests/cuoc-thi", "/rounds/{}")


@pytest.mark.parametrize("path", PAGES)
def test_visitors_get_what_caches_may_keep_until_the_opening(
    app: Flask, database: str, clock: Clock, path: str
) -> None:
    path = path.format(waiting_room(app, clock))
    visitor = app.test_client()
    answer = visitor.get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=10")
    assert "Cookie" in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers
    assert "csrf" not in answer.text
    assert "data-now" not in answer.text  # a cache may keep it: the time is asked for
    clock.advance(seconds=100)
    again = app.test_client().get(path)
    assert (again.data, again.headers["ETag"]) == (answer.data, answer.headers["ETag"])
    known = app.test_client().get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (known.status_code, known.data, known.headers["Cache-Control"]) == (304, b"", "public, max-age=10")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("left", "kept"), [(10, 10), (9, 9), (1, 1), (0.5, 0)])
def test_nothing_is_kept_past_the_opening(app: Flask, clock: Clock, path: str, left: float, kept: int) -> None:
    path = path.format(waiting_room(app, clock))
    clock.advance(seconds=1800 - left)
    assert app.test_client().get(path).headers["Cache-Control"] == f"public, max-age={kept}"
    clock.advance(seconds=left)
    opened = app.test_client().get(path)
    assert opened.headers["Cache-Control"] == "private, no-store"
    if path.startswith("/rounds"):
        assert (opened.status_code, opened.headers["Location"]) == (302, f"/sign-in?next={path}")


@pytest.mark.parametrize("path", PAGES)
def test_whoever_has_a_session_gets_a_page_of_their_own(app: Flask, clock: Clock, path: str) -> None:
    path = path.format(waiting_room(app, clock))
    visitor = app.test_client()
    visitor.get("/sign-in")
    for client in (visitor, browser(app, "m1")):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
        assert 'name="csrf-token"' in answer.text
        assert "data-now" in answer.text


def test_language_of_a_kept_page_is_chosen_on_a_page_of_its_own(app: Flask, clock: Clock) -> None:
    path = f"/rounds/{waiting_room(app, clock)}"
    visitor = app.test_client()
    link = re.findall(r'href="(/language[^"]*)"', visitor.get(path).text)[0]
    page = visitor.get(link).text
    form = dict(re.findall(r'name="(csrf_token|next)" value="([^"]*)"', page.partition("<main")[2]))
    answer = visitor.post("/language", data={**form, "locale": "en"})
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    assert 'lang="en"' in visitor.get(path).text


def test_clock_tells_the_servers_time(app: Flask, clock: Clock) -> None:
    answer = app.test_client().get("/clock")
    assert answer.json == {"ok": True, "now": "2026-05-20T05:00:00.000Z"}
    assert (answer.headers["Cache-Control"], "Set-Cookie" in answer.headers) == ("private, no-store", False)
    with counted(app) as found:
        app.test_client().get("/clock")
    assert found == []


def test_nothing_is_kept_for_a_place(queue: tuple[str, list[FlaskClient]]) -> None:
    code, (_, second, _) = queue
    for path in (f"/rounds/{code}/queue", f"/rounds/{code}/queue/place"):
        assert second.get(path).headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "Chưa đầy một phút nữa"), (59.2, "Chưa đầy một phút nữa"), (60, "Chưa đầy một phút nữa"), (61, "Khoảng 2 phút nữa"),
     (120, "Khoảng 2 phút nữa"), (121, "Khoảng 3 phút nữa"), (3601, "Khoảng 61 phút nữa")],
)  # fmt: skip
def test_wait_is_said_in_whole_minutes_never_too_few(app: Flask, clock: Clock, seconds: float, said: str) -> None:
    with app.test_request_context():
        people.organisation()
        assert queueing.said(timedelta(seconds=seconds)) == said
