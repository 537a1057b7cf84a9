"""The one clock: wall time anchored to the monotonic clock, so that a step of the system clock moves nobody's deadline.

`now()` is the only reading of time in the application. Tests travel with `set_source`.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_STEP = timedelta(seconds=2)


class _Anchored:
    """Wall time at the anchor plus the monotonic time that has passed since."""

    def __init__(self) -> None:
        self.drop()

    def drop(self) -> None:
        """Anchor at the present."""
        self._wall = datetime.now(UTC)
        self._monotonic = time.monotonic()

    def __call__(self) -> datetime:
        return self._wall + timedelta(seconds=time.monotonic() - self._monotonic)


_anchored = _Anchored()
_source: Callable[[], datetime] = _anchored


def now() -> datetime:
    """Return the current instant, aware, UTC."""
    return _source()


def drift() -> timedelta:
    """Return by how much the system's wall clock now differs from the anchored one; beyond 2 s it has been stepped."""
    return datetime.now(UTC) - _anchored()


def has_stepped() -> bool:
    """Say whether the system clock has been stepped since the process began."""
    return abs(drift()) > _STEP


def anchor() -> None:
    """Take the system's wall clock for the time anew; only while nothing is judged by this process's time."""
    _anchored.drop()


def ticks() -> float:
    """Return monotonic seconds, for intervals inside one process only."""
    return time.monotonic()


def set_source(source: Callable[[], datetime] | None) -> None:
    """Replace the source of time (tests), or restore the anchored clock with None."""
    global _source
    _source = source or _anchored
