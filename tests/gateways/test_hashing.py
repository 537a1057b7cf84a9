"""The place where passwords are hashed: bounded, beside the requests, and never in front of them."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contest.errors import TooMany
from contest.gateways import hashing
from contest.gateways.turns import Turns


class Slow:
    """Work that is done when it is told to be."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Semaphore(0), threading.Event()
        self.at_once = self.most_at_once = 0

    def __call__(self, given: str) -> str:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.release()
        assert self.go_on.wait(30)
        self.at_once -= 1
        return given.upper()


def test_one_is_hashed_at_a_time_and_all_who_may_wait_are() -> None:
    place, slow = hashing.Place(waiting=5), Slow()
    with ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(place.run, slow, f"a{n}") for n in range(5)]
        assert slow.begun.acquire(timeout=30)
        slow.go_on.set()
        assert sorted(w.result(30) for w in waiting) == ["A0", "A1", "A2", "A3", "A4"]
    assert slow.most_at_once == 1


def test_whoever_comes_beyond_that_is_asked_to_come_again_and_later_is_let_in() -> None:
    place, slow = hashing.Place(waiting=1), Slow()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(place.run, slow, "a")
        assert slow.begun.acquire(timeout=30)
        for ask in (place.refuse_crowd, lambda: place.run(slow, "b")):
            with pytest.raises(TooMany) as refused:
                ask()
            assert (refused.value.refusal.slug, refused.value.refusal.params) == ("sign-in-crowded", {"seconds": 3})
        slow.go_on.set()
        assert first.result(30) == "A"
    place.refuse_crowd()
    assert place.run(slow, "b") == "B"


def test_what_is_raised_in_the_place_is_raised_to_whoever_waits() -> None:
    place = hashing.Place()
    with pytest.raises(ValueError, match="invalid literal"):
        place.run(int, "x")  # type: ignore[arg-type]
    place.refuse_crowd()


Answer = Callable[[dict[str, Any]], Iterable[bytes]]


def served(answer: Answer) -> Callable[..., bytes]:
    """Return what asks an application that takes turns for a path."""
    app = Turns(lambda environ, _: answer(environ))  # type: ignore[arg-type,return-value]
    return lambda path, **more: b"".join(app({"PATH_INFO": path, **more}, lambda *_: None))  # type: ignore[arg-type,return-value]


def test_requests_take_turns() -> None:
    at_once, most = [0], [0]

    def answer(_: dict[str, Any]) -> Iterable[bytes]:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        time.sleep(0.01)
        at_once[0] -= 1
        return [b"ok"]

    ask = served(answer)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, ["/"] * 16)) == {b"ok"}
    assert most == [1]


def test_save_goes_on_while_somebody_waits_for_the_place() -> None:
    place, slow = hashing.Place(), Slow()

    def answer(environ: dict[str, Any]) -> Iterable[bytes]:
        return [place.run(slow, "in").encode() if environ["PATH_INFO"] == "/sign-in" else b"saved"]

    ask = served(answer)
    with ThreadPoolExecutor(2) as pool:
        signing_in = pool.submit(ask, "/sign-in")
        assert slow.begun.acquire(timeout=30)
        assert pool.submit(ask, "/save").result(30) == b"saved"
        assert not signing_in.done()
        slow.go_on.set()
        assert signing_in.result(30) == b"IN"
        assert pool.submit(ask, "/save").result(30) == b"saved"  # the turn has been given back


class Trickle:
    """A body that is sent when it is told to be."""

    def __init__(self, body: bytes) -> None:
        self.body, self.asked, self.go_on = body, threading.Event(), threading.Event()

    def read(self, size: int) -> bytes:
        self.asked.set()
        assert self.go_on.wait(30)
        return self.body[:size]


@pytest.mark.parametrize(("length", "waits"), [("4", False), ("1000000", False), ("1000001", True)])
def test_body_that_is_sent_slowly_holds_up_nobody_but_a_file_does(length: str, waits: bool) -> None:
    def answer(environ: dict[str, Any]) -> Iterable[bytes]:
        return [environ["wsgi.input"].read(4) if "wsgi.input" in environ else b"saved"]

    ask, slow = served(answer), Trickle(b"body")
    with ThreadPoolExecutor(2) as pool:
        sending = pool.submit(ask, "/slow", **{"CONTENT_LENGTH": length, "wsgi.input": slow})
        assert slow.asked.wait(30)
        save = pool.submit(ask, "/save")
        if not waits:
            assert save.result(30) == b"saved"
        slow.go_on.set()
        assert (sending.result(30), save.result(30)) == (b"body", b"saved")


@pytest.mark.parametrize("length", ["", "0", "x", "-1", "²"])
def test_body_of_no_length_is_left_to_whoever_asks_for_it(length: str) -> None:
    def answer(environ: dict[str, Any]) -> Iterable[bytes]:
        return [str(environ["wsgi.input"]).encode()]

    assert served(answer)("/", **{"CONTENT_LENGTH": length, "wsgi.input": "untouched"}) == b"untouched"
