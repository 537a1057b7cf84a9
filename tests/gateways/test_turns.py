"""One request at a time in a process; and what happens when that one does not come to an end."""

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contest.gateways import turns


class Application:
    """Answers at once, but to whoever asks for /hang, and says who was sent away."""

    def __init__(self) -> None:
        self.goes = threading.Event()
        self.hangs = threading.Event()

    def __call__(self, environ: dict[str, Any], _: Any) -> Iterable[bytes]:
        if environ.get(turns.STUCK):
            return [b"away"]
        if environ["PATH_INFO"] == "/hang":
            self.hangs.set()
            assert self.goes.wait(30)
        return [b"done"]


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[turns.Turns, Application, Any]]:
    """Let one request hang with the turn."""
    inner = Application()
    served = turns.Turns(inner)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(ask, served, "/hang")
        assert inner.hangs.wait(30)
        yield served, inner, pool
        inner.goes.set()
        assert first.result(30) == b"done"


def ask(served: turns.Turns, path: str) -> bytes:
    return b"".join(served({"PATH_INFO": path}, lambda *_: lambda _: None))


def test_request_waits_for_the_one_before_it(hanging: tuple[turns.Turns, Application, Any]) -> None:
    served, inner, pool = hanging
    waiting = pool.submit(ask, served, "/")
    time.sleep(0.2)
    assert not waiting.done()
    inner.goes.set()
    assert waiting.result(30) == b"done"


@pytest.mark.parametrize("path", sorted(turns.PROBES))
def test_probe_takes_no_turn(hanging: tuple[turns.Turns, Application, Any], path: str) -> None:
    assert ask(hanging[0], path) == b"done"


def test_who_waits_for_a_turn_that_does_not_come_is_sent_away(
    hanging: tuple[turns.Turns, Application, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    served, inner, pool = hanging
    monkeypatch.setattr(turns, "STUCK_AFTER", 0.5)
    waiting = [pool.submit(ask, served, "/") for _ in range(6)]
    assert {w.result(5) for w in waiting} == {b"away"}
    began = time.monotonic()
    assert ask(served, "/") == b"away"
    assert time.monotonic() - began < 0.3  # once it is known nobody waits any more
    inner.goes.set()
    time.sleep(0.2)
    assert ask(served, "/") == b"done"


def busy(environ: dict[str, Any], _: Any) -> Iterable[bytes]:
    return [f"come again in {environ[turns.AGAIN]}".encode()]


class Crowd:
    """Requests that come while one has the turn: each is known to wait before the next comes."""

    def __init__(self, served: turns.Turns, pool: ThreadPoolExecutor) -> None:
        self._served, self._pool = served, pool
        self.began: list[str] = []

    def come(self, path: str, method: str = "GET") -> Any:
        before = waiting()
        environ = {"PATH_INFO": path, "REQUEST_METHOD": method}
        coming = self._pool.submit(lambda: b"".join(self._served(environ, lambda *_: lambda _: None)))
        until = time.monotonic() + 30
        while waiting() == before and not coming.done():
            assert time.monotonic() < until
            time.sleep(0.001)
        return coming


def waiting() -> int:
    return turns._turn.waiting


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Crowd, threading.Event, list[str]]]:
    """Let one request have the turn until it is told to go on; say in which order the others were served."""
    goes, has, order = threading.Event(), threading.Event(), list[str]()
    monkeypatch.setattr(turns, "_sent_away", turns._SentAway())

    def inner(environ: dict[str, Any], _: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/first":
            has.set()
            assert goes.wait(30)
        else:
            order.append(environ["PATH_INFO"])
        return [b"done"]

    with ThreadPoolExecutor(turns.PAGES + turns.COMMANDS + 10) as pool:
        found = Crowd(turns.Turns(inner, busy), pool)
        holder = pool.submit(lambda: b"".join(found._served({"PATH_INFO": "/first", "REQUEST_METHOD": "GET"}, None)))  # type: ignore[arg-type]
        assert has.wait(30)
        yield found, goes, order
        goes.set()
        assert holder.result(30) == b"done"


def test_those_in_a_paper_come_before_all_who_came_earlier(crowd: tuple[Crowd, threading.Event, list[str]]) -> None:
    found, goes, order = crowd
    paths = ["/contests/a", "/rounds/b", "/attempts/x/responses/1", "/sign-in", "/attempts/y", "/static/1/app.css", "/"]
    coming = [found.come(path) for path in paths]
    goes.set()
    assert {c.result(30) for c in coming} == {b"done"}
    first = [path for path in paths if path.startswith(turns.FIRST)]
    assert order == [*first, *(path for path in paths if path not in first)]


def test_where_saves_come_without_an_end_every_fifth_turn_is_another_s(
    crowd: tuple[Crowd, threading.Event, list[str]],
) -> None:
    found, goes, order = crowd
    others, saves = ["/contests/a", "/rounds/b", "/sign-in"], [f"/attempts/x/responses/{n}" for n in range(1, 12)]
    coming = [found.come(path) for path in (*others, *saves)]
    goes.set()
    assert {c.result(30) for c in coming} == {b"done"}
    assert order == [*saves[:4], others[0], *saves[4:8], others[1], *saves[8:], others[2]]


@pytest.mark.parametrize(("method", "room"), [("GET", turns.PAGES), ("HEAD", turns.PAGES), ("POST", turns.COMMANDS)])
def test_no_more_wait_than_there_is_room_for_and_those_in_a_paper_do(
    crowd: tuple[Crowd, threading.Event, list[str]], method: str, room: int
) -> None:
    found, goes, order = crowd
    coming = [found.come("/rounds/b", method) for _ in range(room)]
    assert waiting() == room
    assert found.come("/rounds/b", method).result(30) == b"come again in 2"
    assert found.come("/", "GET").result(30) == b"come again in 2"
    saving = found.come("/attempts/x/responses/1", "PUT")
    assert not saving.done()
    goes.set()
    assert {c.result(30) for c in (*coming, saving)} == {b"done"}
    assert order[0] == "/attempts/x/responses/1"
    assert waiting() == 0


def test_the_more_are_sent_away_the_later_they_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(turns.clock, "ticks", lambda: now[0])
    sent = turns._SentAway()
    assert [sent.next() for _ in range(99)] == [2] * 99
    assert sent.next() == 3
    assert [sent.next() for _ in range(5000)][-1] == 30
    now[0] += 9.9
    assert sent.next() == 30
    now[0] += 0.2
    assert sent.next() == 2  # what was ten seconds ago is forgotten


def test_turn_is_handed_on_once_however_often_waiting_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many who wait for a moment each, while the turn goes from one to the other: it is never held by two, and never lost."""
    monkeypatch.setattr(turns, "STUCK_AFTER", 0.001)
    turn, inside, most = turns._Turn(), [0], [0]

    def go(number: int) -> int:
        served = 0
        for _ in range(200):
            if turn.take(is_first=number % 2 == 0):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                served += 1
                if served % 50 == 0:
                    time.sleep(0.002)
                inside[0] -= 1
                turn.leave()
        return served

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(go, range(8))) > 0
    assert most == [1]
    assert turn.take() is True
    assert turn.waiting == 0
