"""By what it is seen that a worker lives: each writes down, a few times a minute, that it has gone through what is due."""

import secrets
import socket
from datetime import datetime, timedelta

import sqlalchemy as sa

from contest import clock
from contest.db import autocommit, db, insert
from contest.models.jobs import WorkerBeat

EVERY = timedelta(seconds=10)
_KEPT = timedelta(days=1)


class Beat:
    """The beat of one worker."""

    def __init__(self) -> None:
        self._process, self._node = secrets.token_hex(8), socket.gethostname()[:64]
        self._begun_at = clock.now()
        self._beat_at: datetime | None = None

    def beat(self, at: datetime) -> None:
        """Say that this worker lives, unless it has just said so."""
        if self._beat_at is not None and EVERY > at - self._beat_at >= timedelta():
            return
        adding = insert(WorkerBeat)
        statement = adding.on_conflict_do_update(index_elements=["process"], set_={"beat_at": adding.excluded.beat_at})
        own = {"process": self._process, "node": self._node, "begun_at": self._begun_at, "beat_at": at}
        with autocommit(db.engine).connect() as connection:
            connection.execute(statement, own)
        self._beat_at = at


def sweep(at: datetime) -> None:
    """Forget workers that have long ended."""
    with autocommit(db.engine).connect() as connection:
        connection.execute(sa.delete(WorkerBeat).where(WorkerBeat.beat_at < at - _KEPT))
