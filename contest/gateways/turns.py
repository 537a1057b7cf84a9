"""One request at a time in a process, but for what waits outside of it.

Python runs one thread at a time anyway; several requests at once would only take the interpreter from each other, and on
SQLite wait for each other's writing. What really waits (the place where passwords are hashed) gives the turn up meanwhile.

A turn that does not end, because the database has stopped answering, would hold all threads: whoever waits for it is then
let in marked as one to be sent away, and whoever probes the node asks without a turn.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from contest import clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# In a request's environment: when it arrived here, the same by the ticks, and that no turn comes.
ARRIVED, BEGAN, STUCK = "contest.arrived", "contest.began", "contest.stuck"
PROBES = {"/healthz", "/readyz", "/metrics"}
STUCK_AFTER = 10.0  # seconds, for which SQLite may wait for its writer
_SMALL = 1_000_000  # bytes of a body that is taken before the turn; a file is read as it is needed
_turn = threading.Lock()
_counting = threading.Lock()
_waiting = 0  # how many wait for the turn
_since = 0.0  # when the turn was last taken, by the ticks
_mine = threading.local()


class Turns:
    """A WSGI application that serves one request after the other, however many threads ask it."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self._inner = inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ[ARRIVED], environ[BEGAN] = clock.now(), clock.ticks()  # before the wait: what was in time still is
        if environ["PATH_INFO"] in PROBES:
            return self._inner(environ, start_response)
        _take_body(environ)
        if not _taken():
            environ[STUCK] = True
            return self._inner(environ, start_response)
        _mine.held = True
        try:
            return self._inner(environ, start_response)
        finally:
            leave()


def is_waited_for() -> bool:
    """Say whether this request has the turn, and others wait for it."""
    return _waiting > 0 and _mine_is_held()


def leave() -> None:
    """Let others have the turn for good: of what is left of the request nothing is anybody's but its own."""
    if _mine_is_held():
        _mine.held = False
        _turn.release()


def _mine_is_held() -> bool:
    return getattr(_mine, "held", False)


def _taken() -> bool:
    """Wait for the turn and take it; False where whoever has it does not come to an end."""
    global _since
    if not _turn.acquire(blocking=False):
        _count(1)
        try:
            while not _turn.acquire(timeout=_patience()):
                if clock.ticks() - _since >= STUCK_AFTER:
                    return False
        finally:
            _count(-1)
    _since = clock.ticks()
    return True


def _count(more: int) -> None:
    global _waiting
    with _counting:
        _waiting += more


def _patience() -> float:
    return max(0.0, min(1.0, _since + STUCK_AFTER - clock.ticks()))


def _take_body(environ: "WSGIEnvironment") -> None:
    """Read a body whole before the turn, however slowly it is sent: nobody else waits for it."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if length.isascii() and length.isdigit() and 0 < int(length) <= _SMALL:
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(length)))


@contextmanager
def given_up() -> Iterator[None]:
    """Let others have the turn meanwhile; nothing to give up where requests do not take turns."""
    global _since
    if not _mine_is_held():
        yield
        return
    _turn.release()
    try:
        yield
    finally:
        _turn.acquire()
        _since = clock.ticks()
