"""Whether this is inside a reading: what is only looked at, and may therefore be looked at elsewhere (`replica`)."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy.engine import Connection


@dataclass(slots=True, eq=False)
class Reading:
    """What is read, by default on the primary: by how many seconds it may be behind what is so."""

    behind: float = 0.0


@dataclass(slots=True, eq=False, kw_only=True)
class Elsewhere(Reading):
    """What is read on a replica, and in which edition, once that is known."""

    connection: Connection
    edition: int | None = None


_current: ContextVar[Reading | None] = ContextVar("reading", default=None)


@contextmanager
def entered(own: Reading) -> Iterator[None]:
    """Let everything inside belong to a reading."""
    mark = _current.set(own)
    try:
        yield
    finally:
        _current.reset(mark)


def is_reading() -> bool:
    return _current.get() is not None


def elsewhere() -> Elsewhere | None:
    """Return the reading that this belongs to, where it is done on a replica."""
    own = _current.get()
    return own if isinstance(own, Elsewhere) else None


def behind() -> float:
    """Return by how many seconds what is read here may be of the past."""
    own = _current.get()
    return own.behind if own is not None else 0.0


def refuse_writing() -> None:
    """Refuse to change anything inside a reading, on the primary as well, so that it is noticed wherever that is read."""
    if is_reading():
        raise RuntimeError("what may be read elsewhere changes nothing")
