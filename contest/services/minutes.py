"""How the server answers, minute by minute: counted in the memory of each process, and written down from time to time."""

import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask

from contest.db import autocommit, db, insert, rows
from contest.models.minutes import ServedMinute
from contest.rules import latency

KEPT = timedelta(days=7)
_EVERY = 10  # seconds between two writings
_AT_MOST = 60  # minutes that are held while the database cannot be written


@dataclass(slots=True)
class _Minute:
    buckets: list[int] = field(default_factory=lambda: [0] * latency.BUCKETS)
    errors: int = 0
    is_written: bool = False


@dataclass(frozen=True, slots=True)
class Minute:
    """A minute of all processes together; `slow` is the bound in milliseconds within which 95 of 100 saves were answered."""

    at: datetime
    saves: int
    errors: int
    typical: int | None
    slow: int | None


_lock = threading.Lock()
_counted: OrderedDict[datetime, _Minute] = OrderedDict()


def count_save(at: datetime, took: timedelta) -> None:
    """Count one answered save."""
    with _lock:
        found = _at(at)
        found.buckets[latency.bucket_of(took.total_seconds() * 1000)] += 1
        found.is_written = False


def count_error(at: datetime) -> None:
    """Count one answer by which the server said that it failed."""
    with _lock:
        found = _at(at)
        found.errors += 1
        found.is_written = False


def _at(at: datetime) -> _Minute:
    minute = at.replace(second=0, microsecond=0)
    if minute not in _counted:
        _counted[minute] = _Minute()
        while len(_counted) > _AT_MOST:
            _counted.popitem(last=False)
    return _counted[minute]


def write(process: str) -> int:
    """Write down what this process has counted since the last time, under its name, and return how many minutes that were."""
    with _lock:
        waiting = [(at, list(m.buckets), m.errors) for at, m in _counted.items() if not m.is_written]
        for at, _, _ in waiting:
            _counted[at].is_written = True
    if not waiting:
        return 0
    values = [{"minute": at, "process": process, "buckets": b, "errors": e} for at, b, e in waiting]
    adding = insert(ServedMinute)
    statement = adding.on_conflict_do_update(
        index_elements=["minute", "process"],
        set_={"buckets": adding.excluded.buckets, "errors": adding.excluded.errors},
    )
    try:
        with autocommit(db.engine).connect() as connection:
            connection.execute(statement, values)
    except Exception:  # whatever it was: written the next time
        with _lock:
            for at, _, _ in waiting:
                if at in _counted:
                    _counted[at].is_written = False
        raise
    return len(waiting)


def since(at: datetime) -> list[Minute]:
    """Return the minutes since an instant in which something was counted, in their order."""
    query = sa.select(ServedMinute.minute, ServedMinute.buckets, ServedMinute.errors)
    together: dict[datetime, tuple[list[int], int]] = {}
    for minute, buckets, errors in rows(query.where(ServedMinute.minute >= at).order_by(ServedMinute.minute)):
        known, failed = together.get(minute, ([0] * latency.BUCKETS, 0))
        together[minute] = latency.added(known, buckets), failed + errors
    return [
        Minute(minute, sum(b), errors, latency.within(b, 0.5), latency.within(b, 0.95))
        for minute, (b, errors) in together.items()
    ]


def sweep(at: datetime) -> None:
    """Drop what is older than anybody looks back."""
    with autocommit(db.engine).connect() as connection:
        connection.execute(sa.delete(ServedMinute).where(ServedMinute.minute < at - KEPT))


def forget() -> None:
    """Drop what is counted in memory; for tests."""
    with _lock:
        _counted.clear()


def write_or_say(app: Flask, process: str, *, is_known: bool) -> bool:
    """Write down, and say whether that failed; why is logged where it is not known yet."""
    try:
        with app.app_context():
            write(process)
    except Exception:  # a database that is away is written to later
        if not is_known:
            app.logger.warning("minutes could not be written, and are held until they can be", exc_info=True)
        return True
    return False


def keep(app: Flask) -> None:
    """Write down again and again, beside the requests, for as long as the process lives.

    The name of the process is drawn here and not with the module: the processes of a server are forked from one that has
    imported it, and under one name the last to write would replace what the others have counted.
    """
    process = secrets.token_hex(8)

    def work() -> None:
        is_failing = False
        while True:
            time.sleep(_EVERY)
            is_failing = write_or_say(app, process, is_known=is_failing)

    threading.Thread(target=work, daemon=True, name="minutes").start()
