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
