"""What many people's pages share, kept by a process for as long as nobody has changed anything of it.

Every command moves the number of the edition in its own transaction, but for those of people who take part
(`transaction(shared=False)`). A request learns the number from the statement that says who is signed in; what was read
under the same number is as it was; on a replica the number is the one that stands there, in the same snapshot. Nothing
has to be dropped by whoever changes something, so nothing can be forgotten.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from contest import clock
from contest.db import reading
from contest.db.alone import ask
from contest.db.frozen import Frozen
from contest.db.session import autocommit, db, is_changing, know_edition, known_edition, presumed_edition

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
LONGEST = 30.0  # seconds; a change by other hands than ours, in the database itself, is seen after that
_MOST = 2000

NUMBER = sa.select(sa.literal_column("number", sa.BigInteger)).select_from(sa.table("editions")).scalar_subquery()
_NUMBER = Frozen(lambda: sa.select(NUMBER.label("number")))
_all: list["Kept[Any, Any]"] = []


def current() -> int:
    """Return the number of the edition, which a request asks for once at the most."""
    number = known_edition()
    if number is None:
        number = read_number()
        know_edition(number)
    return number


def presuming(read: Callable[[], Value]) -> Value:
    """Return what is read by a statement that brings the edition along, asked with what is kept.

    What is kept of the latest edition known here is presumed to be good. Where the statement says that there is a newer
    edition, or says nothing, it is asked once more, with what is good by then.
    """
    with presumed_edition() as presumed:
        found = read()
    return found if presumed is None or known_edition() == presumed else read()


def read_number() -> int:
    """Return the number as it stands where this reads."""
    return int(ask(_NUMBER)[0].number or 0)


class Kept(Generic[Key, Value]):
    """Values read from what is shared, by the key that they were read for. They are plain, or never changed by anybody."""

    def __init__(self) -> None:
        self._values: dict[Key, tuple[int, float, Value]] = {}
        _all.append(self)

    def get(self, key: Key, read: Callable[[Key], Value]) -> Value:
        """Return the value of a key in the current edition; inside a transaction that changes it, it is read and not kept."""
        if is_changing():
            return read(key)
        edition, found = current(), self._values.get(key)
        if found is not None and found[0] == edition and clock.ticks() < found[1]:
            return found[2]
        value = read(key)  # after the number: it may be newer than that, and is never older
        if len(self._values) >= _MOST:
            self._values.clear()
        self._values[key] = (edition, clock.ticks() + LONGEST, value)
        return value

    def clear(self) -> None:
        self._values.clear()


def apart(statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
    """Read rows whose objects belong to no session, to be kept."""
    if is_changing() or reading.elsewhere() is not None:  # whose session ends with the reading, and lets go of them
        return db.session.execute(statement).all()
    with Session(autocommit(db.engine), expire_on_commit=False) as session:
        return session.execute(statement).all()


def forget() -> None:
    """Drop what this process keeps; for tests that change the database under it."""
    for kept in _all:
        kept.clear()
