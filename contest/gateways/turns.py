"""One request at a time in a process, but for what waits outside of it.

Python runs one thread at a time anyway; several requests at once would only take the interpreter from each other, and on
SQLite wait for each other's writing. What really waits (the place where passwords are hashed) gives the turn up meanwhile.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from contest import clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ARRIVED, BEGAN = (
    "contest.arrived",
    "contest.began",
)  # in a request's environment: when it arrived here, and by the ticks
_SMALL = 1_000_000  # bytes of a body that is taken before the turn; a file is read as it is needed
_turn = threading.Lock()
_mine = threading.local()


class Turns:
    """A WSGI application that serves one request after the other, however many threads ask it."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self._inner = inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ[ARRIVED], environ[BEGAN] = clock.now(), clock.ticks()  # before the wait: what was in time still is
        _take_body(environ)
        with _turn:
            _mine.held = True
            try:
                return self._inner(environ, start_response)
            finally:
                _mine.held = False


def _take_body(environ: "WSGIEnvironment") -> None:
    """Read a body whole before the turn, however slowly it is sent: nobody else waits for it."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if length.isascii() and length.isdigit() and 0 < int(length) <= _SMALL:
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(length)))


@contextmanager
def given_up() -> Iterator[None]:
    """Let others have the turn meanwhile; nothing to give up where requests do not take turns."""
    if not getattr(_mine, "held", False):
        yield
        return
    _turn.release()
    try:
        yield
    finally:
        _turn.acquire()
