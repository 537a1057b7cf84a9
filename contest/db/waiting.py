"""Waiting for the one writer of SQLite, which another process has: whoever needs it lets others have their turn meanwhile.

SQLite would wait itself, and look again after longer and longer; as long all would wait who come to read, and need no writer.
"""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from contest import clock

T = TypeVar("T")
PATIENCE = 10.0  # seconds; what keeps the writer for longer is broken
APART = 3  # requests of a process that may wait so at once: each has a connection, and goes on beside the others
_SHORTEST, _LONGEST = 0.001, 0.008  # seconds, after which it is looked again
_BUSY = 5  # SQLITE_BUSY, with further reasons above the lowest byte
# A reader waits for nobody, but where the first connection of all comes, or the last one goes.
OF_READERS, NO_PATIENCE = f"PRAGMA busy_timeout={PATIENCE * 1000:.0f}", "PRAGMA busy_timeout=0"
_apart = threading.BoundedSemaphore(APART)


class Crowd:
    """How requests take turns, where they do: whether others wait, and how to leave one's turn to them."""

    def __init__(
        self, is_waiting: Callable[[], bool] = lambda: False, leave: Callable[[], None] = lambda: None
    ) -> None:
        self.is_waiting, self.leave = is_waiting, leave


crowd = Crowd()


def for_writer(work: Callable[[], T], *, stays: bool = False) -> T:
    """Return what work returns that needs the writer and waits for nothing itself, once the writer is free.

    Whoever `stays` keeps the turn: they hold what those need who would have it next. Raises what the work raises where the
    writer does not come free, and anything else it raises at once.
    """
    try:
        return work()
    except sa.exc.DBAPIError as error:
        if not _is_busy(error):
            raise
    is_apart = not stays and _apart.acquire(blocking=False)
    try:
        if is_apart:
            crowd.leave()
        return _again_and_again(work)
    finally:
        if is_apart:
            _apart.release()


def _again_and_again(work: Callable[[], T]) -> T:
    until, pause = clock.ticks() + PATIENCE, _SHORTEST
    while True:
        time.sleep(pause)
        try:
            return work()
        except sa.exc.DBAPIError as error:
            if not _is_busy(error) or clock.ticks() >= until:
                raise
        pause = min(1.5 * pause, _LONGEST)


def _is_busy(error: sa.exc.DBAPIError) -> bool:
    code: int = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF == _BUSY
