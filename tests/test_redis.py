"""Redis is disposable: used while it is there; killed or hung, it costs nobody an answer, a board or the limit of tries."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from flask import Flask

from contest import clock as clock_module
from contest.db import db
from contest.gateways import cache as cache_module
from contest.gateways.cache import Cache
from contest.models.attempts import Response
from contest.models.members import RateWindow
from tests import people, servers
from tests.conftest import Clock
from tests.web.doors import try_wrong
from tests.web.test_attempts import Taker, count

pytestmark = pytest.mark.redis

PATIENCE = 5.0  # seconds; what hangs takes longer


class Server:
    """A Redis that may be killed, or stopped without closing a connection."""

    def __init__(self, url: str) -> None:
        self.url, self.client = url, redis.Redis.from_url(url)
        self._process = int(self.client.info("server")["process_id"])

    def kill(self) -> None:
        os.kill(self._process, signal.SIGKILL)
        until = time.monotonic() + PATIENCE
        while self._answers():
            assert time.monotonic() < until
            time.sleep(0.01)

    def stop(self) -> None:
        os.kill(self._process, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self._process, signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with servers.redis_server(tmp_path) as url:
        started = Server(url)
        yield started
        with suppress(ProcessLookupError):
            started.go_on()


@pytest.fixture
def house(make_app: Callable[..., Flask], database: str, server: Server, clock: Clock) -> Flask:
    app = make_app(database, REDIS_URL=server.url)
    with app.app_context():
        people.organisation()
        people.contest()
    return app


@pytest.fixture
def taker(house: Flask) -> Taker:
    with house.app_context():
        code = db.session.scalars(sa.text("SELECT code FROM rounds")).one()
    taker = Taker(house, "m1", str(code))
    assert taker.start().status_code == 303
    return taker


def board(app: Flask, round_code: str) -> str:
    answer = app.test_client().get(f"/rounds/{round_code}/standings")
    assert answer.status_code == 200
    return answer.text


def faults() -> list[Any]:
    return [pytest.param(fault, id=fault.__name__) for fault in (Server.kill, Server.stop)]


# While it is there


def test_counts_of_a_board_come_from_redis(house: Flask, taker: Taker, server: Server) -> None:
    taker.submit()
    board(house, taker.round)
    found = {key.decode().split(":")[1]: key for key in server.client.scan_iter()}
    assert set(found) == {"board-people", "board-attempts"}
    for key in found.values():
        until, number, beside = json.loads(server.client.get(key))
        assert (number, beside) == (1, until)  # what was counted in no time is counted by whoever asks
        assert 0 < until - clock_module.now().timestamp() <= 5
        assert 60_000 < server.client.pttl(key) <= 65_000
    server.client.set(found["board-people"], json.dumps([until, 761, until]))
    assert "761" in board(house, taker.round)
    server.client.flushall()
    assert "761" not in board(house, taker.round)


def test_two_nodes_share_what_one_has_computed(server: Server) -> None:
    one, two = Cache(server.url), Cache(server.url)
    assert one.get_or("key", 10, lambda: [1, "ệ"]) == [1, "ệ"]
    assert two.get_or("key", 10, lambda: pytest.fail("computed again")) == [1, "ệ"]
    one.clear()  # its own memory, which holds nothing while Redis answers
    assert one.get_or("key", 10, lambda: pytest.fail("computed again")) == [1, "ệ"]


@pytest.mark.parametrize("rubbish", [b"\xff\x00", b"", b"{", b"[1,"])
def test_value_that_is_no_json_is_computed_anew(server: Server, rubbish: bytes) -> None:
    server.client.set("key", rubbish)
    assert Cache(server.url).get_or("key", 10, lambda: 5) == 5


# When it is not


@pytest.mark.parametrize("fault", faults())
def test_saves_and_boards_are_answered_without_redis(
    house: Flask, taker: Taker, server: Server, fault: Callable[[Server], None]
) -> None:
    board(house, taker.round)
    paper = taker.paper()
    assert taker.save(1, paper[0][0]).status_code == 200
    fault(server)
    begun = time.monotonic()
    for position, revision in ((1, 2), (2, 1), (3, 1), ("prediction", 1)):
        value = 7 if position == "prediction" else paper[int(str(position)) - 1][1]
        answer = taker.save(position, value, revision)
        assert (answer.status_code, answer.json["ok"]) == (200, True)
        board(house, taker.round)
    assert taker.submit().headers["location"].endswith("/receipt")
    rows = taker.client.get(f"/rounds/{taker.round}/standings", headers={"Accept": "application/json"}).json
    assert [row["name"] for row in rows["rows"]] == ["Nguyễn Thị M1"]
    assert time.monotonic() - begun < PATIENCE
    assert count(house, Response) == 5


@pytest.mark.parametrize("fault", faults())
def test_fault_in_the_middle_of_a_storm_of_saves_loses_none(
    house: Flask, taker: Taker, server: Server, fault: Callable[[Server], None]
) -> None:
    values = taker.paper()[0]
    cookie = taker.client.get_cookie("hoithi-session")
    assert cookie

    def save(revision: int) -> tuple[int, float]:
        if revision == 40:
            fault(server)
        client, begun = house.test_client(), time.monotonic()
        client.set_cookie("hoithi-session", cookie.value)
        body = {"revision": revision, "value": values[revision % 4]}
        headers = {"X-CSRFToken": taker.token, "Accept": "application/json"}
        if revision % 10 == 0:
            board(house, taker.round)
        return client.put(f"{taker.url}/responses/1", json=body, headers=headers).status_code, time.monotonic() - begun

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(save, range(1, 121)))
    assert {status for status, _ in answers} == {200}
    assert max(seconds for _, seconds in answers) < PATIENCE
    assert count(house, Response) == 120


@pytest.mark.parametrize("fault", faults())
def test_limit_of_tries_holds_without_redis(
    house: Flask, taker: Taker, server: Server, fault: Callable[[Server], None]
) -> None:
    """Three failures before the fault and seven after it are ten: they are counted in the database."""
    client = house.test_client()
    assert [try_wrong(client).status_code for _ in range(3)] == [422] * 3
    assert server.client.keys("*imit*") == []
    fault(server)
    begun = time.monotonic()
    assert [try_wrong(client).status_code for _ in range(8)] == [422] * 7 + [429]
    assert people.sign_in(house.test_client(), "m1").status_code == 429
    assert time.monotonic() - begun < 4 * PATIENCE
    with house.app_context():
        windows = {r[0].split("/")[1]: r[1] for r in db.session.execute(sa.select(RateWindow.key, RateWindow.count))}
    assert (windows["account"] >= 10, windows["address"]) == (True, 10)


@pytest.mark.parametrize("fault", faults())
def test_hung_redis_is_asked_once_and_left_in_peace(server: Server, fault: Callable[[Server], None]) -> None:
    cache = Cache(server.url)
    cache.get_or("key", 10, lambda: 1)
    fault(server)
    begun = time.monotonic()
    for number in range(200):
        assert cache.get_or(f"key {number}", 10, lambda n=number: n) == number  # type: ignore[misc]
    assert time.monotonic() - begun < PATIENCE  # two hundred times a fifth of a second would be forty
    assert cache.get_or("key 3", 10, lambda: pytest.fail("computed again")) == 3  # kept by the process meanwhile


def test_redis_that_comes_back_is_used_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_REST", 0.3)
    cache = Cache(server.url)
    server.stop()
    assert cache.get_or("key", 60, lambda: 1) == 1
    server.go_on()
    until = time.monotonic() + PATIENCE
    while not server.client.exists("other"):
        assert time.monotonic() < until
        time.sleep(0.1)
        cache.get_or("other", 60, lambda: 2)
    assert json.loads(server.client.get("other")) == 2
