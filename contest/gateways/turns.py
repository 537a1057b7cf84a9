"""One request at a time in a process, but for what waits outside of it; those who sit in a paper come before others.

Python runs one thread at a time anyway; several requests at once would only take the interpreter from each other, and on
SQLite wait for each other's writing. What really waits (the place where passwords are hashed) gives the turn up meanwhile.
Of those who come to read a page, to sign in or to start no more wait than can be served within a moment: the next are asked
to come again, so that whoever saves an answer finds a thread, and waits for few requests. Every fifth turn is theirs all the
same: where saves come without an end they would else wait without one.

A turn that does not end, because the database has stopped answering, would hold all threads: whoever waits for it is then
let in marked as one to be sent away, and whoever probes the node asks without a turn.
"""

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from contest import clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# In a request's environment: when it arrived here, the same by the ticks, that no turn comes, and when to come again.
ARRIVED, BEGAN, STUCK, AGAIN = "contest.arrived", "contest.began", "contest.stuck", "contest.again"
PROBES = {"/healthz", "/readyz", "/metrics"}
FIRST = ("/attempts/", "/static/")  # what those do who sit in a paper, and the files of its page
PAGES, COMMANDS = 64, 96  # requests to see something, and to do something, that may wait besides
IN_A_ROW = 4  # turns of those who come first, while others wait
STUCK_AFTER = 10.0  # seconds, for which SQLite may wait for its writer
_SMALL = 1_000_000  # bytes of a body that is taken before the turn; a file is read as it is needed
_LOOKED_BACK = 10  # seconds
_SOONEST, _LATEST, _PER_SECOND = 2, 30, 10  # seconds until one comes again, one more for so many sent away a second
_mine = threading.local()


class _Turn:
    """Whose turn it is. It is handed on in the order in which people came, to those who come first before others.

    After `IN_A_ROW` of those it is handed to one of the others all the same.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_taken = False
        self._in_a_row = 0  # how many of those who come first had it while others waited
        self._since = 0.0  # when it was last taken, by the ticks
        self._waiting: tuple[deque[threading.Lock], deque[threading.Lock]] = (deque(), deque())

    @property
    def waiting(self) -> int:
        return len(self._waiting[0]) + len(self._waiting[1])

    def take(self, *, is_first: bool = True, room: float = float("inf"), gives_up: bool = True) -> bool | None:
        """Wait for the turn and take it; None where there is no room to wait, False where it does not come to an end."""
        with self._lock:
            if not self._is_taken:
                self._is_taken, self._since = True, clock.ticks()
                return True
            waiting = self._waiting[0 if is_first else 1]
            if len(waiting) >= room:
                return None
            mine = threading.Lock()
            mine.acquire()
            waiting.append(mine)
        while not mine.acquire(timeout=self._patience() if gives_up else -1):
            with self._lock:
                if mine in waiting and self._is_stuck():  # else it has just been handed on
                    waiting.remove(mine)
                    return False
        return True

    def leave(self) -> None:
        with self._lock:
            first, others = self._waiting
            if not first and not others:
                self._is_taken = False
                return
            self._since = clock.ticks()
            if first and (not others or self._in_a_row < IN_A_ROW):
                self._in_a_row += bool(others)
                first.popleft().release()
            else:
                self._in_a_row = 0
                others.popleft().release()

    def _is_stuck(self) -> bool:
        return clock.ticks() - self._since >= STUCK_AFTER

    def _patience(self) -> float:
        return max(0.0, min(1.0, self._since + STUCK_AFTER - clock.ticks()))


class _SentAway:
    """How many were asked to come again lately, by which the next are told when: many come back later than few."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: deque[tuple[int, int]] = deque()  # a second, and how many in it

    def next(self) -> int:
        """Count one more, and return in how many seconds it is to come again."""
        second = int(clock.ticks())
        with self._lock:
            last = self._numbers.pop()[1] if self._numbers and self._numbers[-1][0] == second else 0
            self._numbers.append((second, last + 1))
            while self._numbers[0][0] <= second - _LOOKED_BACK:
                self._numbers.popleft()
            lately = sum(number for _, number in self._numbers)
        return min(_LATEST, _SOONEST + lately // (_LOOKED_BACK * _PER_SECOND))


_turn, _sent_away = _Turn(), _SentAway()


class Turns:
    """A WSGI application that serves one request after the other, however many threads ask it.

    `busy` answers whoever is asked to come again, in as many seconds as stand in their environment; without it all may wait.
    """

    def __init__(self, inner: "WSGIApplication", busy: "WSGIApplication | None" = None) -> None:
        self._inner, self._busy = inner, busy

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ[ARRIVED], environ[BEGAN] = clock.now(), clock.ticks()  # before the wait: what was in time still is
        if environ["PATH_INFO"] in PROBES:
            return self._inner(environ, start_response)
        _take_body(environ)
        is_taken = self._take(environ)
        if is_taken is None and self._busy is not None:
            environ[AGAIN] = _sent_away.next()
            return self._busy(environ, start_response)
        if not is_taken:
            environ[STUCK] = True
            return self._inner(environ, start_response)
        _mine.held = True
        try:
            return self._inner(environ, start_response)
        finally:
            leave()

    def _take(self, environ: "WSGIEnvironment") -> bool | None:
        if self._busy is None or environ["PATH_INFO"].startswith(FIRST):
            return _turn.take()
        return _turn.take(is_first=False, room=PAGES if environ["REQUEST_METHOD"] in {"GET", "HEAD"} else COMMANDS)


def is_waited_for() -> bool:
    """Say whether this request has the turn, and others wait for it."""
    return _turn.waiting > 0 and _mine_is_held()


def leave() -> None:
    """Let others have the turn for good: of what is left of the request nothing is anybody's but its own."""
    if _mine_is_held():
        _mine.held = False
        _turn.leave()


def _mine_is_held() -> bool:
    return getattr(_mine, "held", False)


def _take_body(environ: "WSGIEnvironment") -> None:
    """Read a body whole before the turn, however slowly it is sent: nobody else waits for it."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if length.isascii() and length.isdigit() and 0 < int(length) <= _SMALL:
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(length)))


@contextmanager
def given_up() -> Iterator[None]:
    """Let others have the turn meanwhile; nothing to give up where requests do not take turns."""
    if not _mine_is_held():
        yield
        return
    _turn.leave()
    try:
        yield
    finally:
        _turn.take(gives_up=False)
