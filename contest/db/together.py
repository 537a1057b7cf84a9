"""On SQLite, saves that wait together are committed together; each is answered after its commit all the same.

Where a commit takes long and others wait for their turn, a save leaves its transaction open for them and waits aside. The
last of them commits for all, or whoever has waited twice as long as a commit takes here, or whoever wants to change something
else. So a disk that needs ten milliseconds for a commit bounds how long a save takes, and not how many there are in a second.
"""

import os
import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from contest import clock
from contest.db import alone, session, waiting
from contest.db.frozen import Frozen, Row
from contest.db.waiting import crowd

SLOW = 0.001  # seconds from which a commit takes long: below, to go together costs more than it saves
LONGEST = 0.05  # seconds for which a save waits for others
MOST = 64  # saves of one commit

_lock = threading.Lock()  # of the open batch and its connection
_open: "_Batch | None" = None
_lasted = 0.0  # seconds that the last save or commit took


class _Batch:
    """A transaction that several saves are in."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.driver: Any = connection.connection.dbapi_connection
        self.until, self.size = clock.ticks() + min(2 * _lasted, LONGEST), 0
        self.ended = threading.Event()
        self.failed: sa.exc.DBAPIError | None = None


def append_together(statement: Frozen, params: Mapping[str, Any]) -> list[Row]:
    """Execute one statement that changes one row and return its rows; what it changed is durable when this returns."""
    if not session.is_sqlite():
        return alone.append(statement, params)
    if _open is None and (_lasted < SLOW or not crowd.is_waiting()):
        return _alone(statement, params)
    with _lock:
        batch = _open or _begin()
        found = _execute(batch, statement, params)
        batch.size += bool(found)
        if not found and batch.size:
            return found  # nothing of it has to be durable, and whoever is in the batch sees to its end
        is_last = not found or batch.size == MOST or not crowd.is_waiting()
    if not is_last:
        crowd.leave()
        batch.ended.wait(batch.until - clock.ticks())
    if not batch.ended.is_set():
        _end(batch)
    if batch.failed is not None:
        raise batch.failed
    return found


def _alone(statement: Frozen, params: Mapping[str, Any]) -> list[Row]:
    global _lasted
    began = clock.ticks()
    found = alone.append(statement, params)
    _lasted = clock.ticks() - began
    return found


def flush() -> None:
    """Commit what is open, before something else is changed: it would wait for it in vain."""
    batch = _open  # which somebody else may end meanwhile
    if batch is not None:
        _end(batch)


def _begin() -> _Batch:
    global _open
    connection = alone.take()
    try:
        begin = partial(alone.command, connection.connection.dbapi_connection, "BEGIN IMMEDIATE")
        waiting.for_writer(begin, stays=True)  # whoever has the next turn may need the lock that this one holds
    except BaseException:
        alone.give_back(connection)
        raise
    _open = _Batch(connection)
    return _open


def _execute(batch: _Batch, statement: Frozen, params: Mapping[str, Any]) -> list[Row]:
    try:
        return alone.execute_on(batch.driver, statement, params)[0]
    except sa.exc.DBAPIError as error:
        if batch.driver.in_transaction and batch.size:  # the statement alone has failed
            raise
        _close(batch, error)
        raise


def _end(batch: _Batch) -> None:
    global _lasted
    with _lock:
        if _open is not batch:
            return
        began, failed = clock.ticks(), None
        try:
            alone.command(batch.driver, "COMMIT")
        except sa.exc.DBAPIError as error:
            failed = error
        _lasted = clock.ticks() - began
        _close(batch, failed)


def _close(batch: _Batch, error: sa.exc.DBAPIError | None) -> None:
    global _open
    _open, batch.failed = None, error
    try:
        if batch.driver.in_transaction:
            batch.driver.rollback()
        alone.give_back(batch.connection)
    finally:
        batch.ended.set()


def _forget() -> None:
    global _open, _lock
    _open, _lock = None, threading.Lock()


session.settle = flush
os.register_at_fork(after_in_child=_forget)  # a batch is one process's
