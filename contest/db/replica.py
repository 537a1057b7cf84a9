"""A replica of the database, on which what is shown to many is read, for as long as it is hardly behind.

`elsewhere` reads all of something on the replica, in one transaction that sees one moment and can change nothing, or else all
of it on the primary. The replica is taken at its word only in an edition that is no older than the one which the request has
from the primary: who may see what, and which result is out, is the same on both. By how much it is behind in all that makes
no edition is known by positions in the log of changes, of which somebody beside the requests asks both: the primary's as of
an instant, and how far the replica has come. That is true while nothing happens too, and says nothing of either clock.
"""

import os
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from contest import clock
from contest.db import editions, reading
from contest.db.connecting import keep_prepared
from contest.db.session import autocommit, db, is_writing

T = TypeVar("T")
MOST = 10.0  # seconds that a replica may be behind
REST = 5.0  # seconds during which one that broke off is not read
_NOTED = 600  # positions of the primary, one a second: further back nothing is told apart
_AT_ONCE = 0.05

_SAME = "(SELECT system_identifier FROM pg_control_system()), (SELECT oid FROM pg_database WHERE datname = current_database())"
_PRIMARY = sa.text(f"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint, {_SAME}")
_REPLICA = sa.text(f"SELECT pg_is_in_recovery(), pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint, {_SAME}")
told: Callable[[str], None] = lambda _: None  # noqa: E731  (is told of every reading where it was done, by who counts them)


class Unfit(Exception):
    """The replica is not what this reading asks for."""


class Replica:
    """What a process knows of the replica of its database."""

    def __init__(self, primary: Engine, url: str, options: Mapping[str, Any]) -> None:
        self.engine = sa.create_engine(url, isolation_level="REPEATABLE READ", pool_timeout=2, **options)
        self.is_kept = False  # whether somebody looks again and again
        self.wanted = threading.Event()  # a look sooner than it would come
        self._primary = autocommit(primary)
        self._fresh_at = self._rests_until = -float("inf")
        self._noted: deque[tuple[float, int]] = deque(maxlen=_NOTED)
        self._same: tuple[Any, ...] = ()
        self._ends: dict[Any, socket.socket] = {}
        self._lock = threading.Lock()
        event.listen(self.engine, "connect", self._hold)
        event.listen(self.engine, "close", self._let_go)
        event.listen(self.engine, "connect", keep_prepared)
        event.listen(primary, "engine_disposed", lambda _: self.engine.dispose())

    @property
    def behind(self) -> float:
        """By how many seconds it is behind at the most: everything that was committed before that is in it."""
        return clock.ticks() - self._fresh_at

    def is_used(self, since: float = -float("inf")) -> bool:
        """Say whether it would be read now, by somebody for whom everything has to be in it that was so at an instant."""
        at = clock.ticks()
        return self.is_kept and at >= self._rests_until and self._fresh_at >= max(since, at - MOST)

    def note(self) -> None:
        """Ask the primary how far it has come."""
        at = clock.ticks()
        with self._primary.connect() as connection:
            position, *same = connection.execute(_PRIMARY).one()
        self._same = tuple(same)
        self._noted.append((at, position))

    def look(self) -> None:
        """Ask the replica how far it has come; raises Unfit where it is none of our primary, or an error of the database."""
        with self.engine.connect() as connection:
            is_replica, position, *same = connection.execute(_REPLICA).one()
        if not is_replica or tuple(same) != self._same:
            self._fresh_at = -float("inf")
            raise Unfit("it is no replica of our database")
        self._fresh_at = max([at for at, noted in tuple(self._noted) if noted <= position], default=self._fresh_at)

    def lose(self) -> None:
        """Let go of it for a while: whoever waits for it now waits no longer."""
        self._rests_until = clock.ticks() + REST
        with self._lock:
            for end in self._ends.values():
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            self._ends.clear()
        self.engine.dispose()

    def await_(self, since: float, patience: float) -> None:
        """Wait until everything is in it that was so at an instant; raises Unfit when it is not used or takes too long."""
        until = clock.ticks() + patience
        while not self.is_used(since):
            if clock.ticks() >= until or not self.is_used():
                raise Unfit("it is behind")
            self.wanted.set()
            threading.Event().wait(_AT_ONCE)

    def read(self, read: Callable[[], T], edition: int) -> T:
        """Read in one snapshot; raises Unfit where that is of an older edition."""
        with self.engine.connect() as connection:
            own = reading.Elsewhere(self.behind, connection=connection)
            with reading.entered(own):
                try:
                    own.edition = editions.read_number()
                    if own.edition < edition:
                        raise Unfit("it is of an older edition")
                    return read()
                except sa.exc.DBAPIError as error:
                    if error.connection_invalidated:
                        connection.invalidate()
                    raise
                finally:
                    db.session.remove()

    def _hold(self, connection: Any, _record: Any) -> None:
        """Keep hold of the other end of a connection, and let nothing be changed by it."""
        with self._lock:
            self._ends[connection] = socket.socket(fileno=os.dup(connection.fileno()))
        connection.read_only = True

    def _let_go(self, connection: Any, _record: Any) -> None:
        with self._lock:
            end = self._ends.pop(connection, None)
        if end is not None:
            end.close()


_of: dict[Engine, Replica] = {}


def follow(primary: Engine, url: str, options: Mapping[str, Any]) -> None:
    """Read of a database on a replica from now on what may be read there."""
    _of[primary] = Replica(primary, url, options)


def current() -> Replica | None:
    return _of.get(db.engine)


def elsewhere(read: Callable[[], T], *, since: float | None = None, patience: float = 0.0) -> T:
    """Return what `read` reads: on the replica where there is one that may be read, else on the primary.

    `since`, by `clock.ticks`: everything that was so then has to be in it, for which somebody who has `patience` waits so many
    seconds. Whatever goes wrong on the replica, a refusal too, is asked of the primary again. `read` is therefore called
    twice at times, and changes nothing. Inside a transaction it reads what that reads, and inside a reading what that does.
    """
    if is_writing() or reading.is_reading():
        return read()
    replica = current()
    if replica is not None and replica.is_kept:
        edition = editions.current()
        try:
            replica.await_(-float("inf") if since is None else since, patience)
            found = replica.read(read, edition)
        except Unfit:
            told("primary")
        except Exception as error:  # noqa: BLE001  (the primary says whether it is one)
            told("broken-off")
            if _is_lost(error):
                replica.lose()
        else:
            told("replica")
            return found
    with reading.entered(reading.Reading()):
        return read()


def _is_lost(error: Exception) -> bool:
    """Say whether the replica itself is gone, rather than a statement that it gave up or did not understand."""
    if isinstance(error, sa.exc.TimeoutError):  # of its pool
        return True
    never_came = isinstance(error, sa.exc.OperationalError) and getattr(error.orig, "sqlstate", None) is None
    return never_came or (isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated)
