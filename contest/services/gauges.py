"""What is measured for whoever runs the machines: what each process counted, and how things stand in the database.

How things stand is asked by one statement when somebody wants to know, kept for some seconds, and awaited no longer than
two: a database that has stopped leaves the counts of the processes to be read.
"""

import math
import platform
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from prometheus_client.metrics_core import Metric

from contest import clock
from contest.db import db, is_sqlite
from contest.gateways import metrics
from contest.gateways.bounded import Bounded
from contest.gateways.metrics import count_request as count_request
from contest.gateways.metrics import gauge
from contest.models.attempts import Attempt
from contest.models.audit import AuditEntry, AuditSealed
from contest.models.jobs import Job, WorkerBeat
from contest.models.messages import OutboxMessage
from contest.models.queueing import StartTicket
from contest.rules.import_terms import JobState
from contest.rules.queueing import PATIENCE
from contest.rules.windows import CLOSING_DELAY
from contest.services import agreement, replicas

_EVERY = 5.0  # seconds between two times that a process writes down what it has counted
_WAIT, _KEPT = 2.0, 5.0
_LATE = timedelta(seconds=30)  # behind what the worker does every second
_DAY = timedelta(days=1)
_AS_INDEXED = tuple(
    sa.literal_column(said, sa.Boolean())
    for said in ("attempts.state = 'open'", "attempts.state <> 'open'", "outbox_messages.state = 'waiting'")
)
log = structlog.get_logger()


def count_save(verdict: str) -> None:
    metrics.count("hoithi_saves", verdict)


def count_sign_in(outcome: str) -> None:
    metrics.count("hoithi_sign_ins", outcome)


def _ask() -> sa.Select[Any]:
    """Ask how things stand: one row, each column by an index that holds no more than what waits, or by a key's last values."""
    count, since = sa.func.count(), sa.func.min

    def only(what: Any, table: Any, *where: Any) -> Any:
        return sa.select(what).select_from(table).where(*where).scalar_subquery()

    present, overdue, day = (sa.bindparam(n, type_=Attempt.started_at.type) for n in ("present", "overdue", "day"))
    is_open, is_closed, unsent = _AS_INDEXED
    unsealed = (Attempt, is_closed, ~Attempt.is_sealed)
    unchained = (AuditEntry, AuditEntry.id > sa.func.coalesce(only(sa.func.max(AuditSealed.entry_id), AuditSealed), 0))
    waiting = (Job, Job.state == JobState.WAITING)
    asked = {
        "queue": only(count, StartTicket, StartTicket.admitted_at.is_(None), StartTicket.seen_at > present),
        "open": only(count, Attempt, is_open),
        "overdue": only(count, Attempt, is_open, Attempt.accepts_until < overdue),
        "unsealed": only(count, *unsealed),
        "unsealed_since": only(since(Attempt.closed_at), *unsealed),
        "unchained": only(count, *unchained),
        "unchained_since": only(since(AuditEntry.at), *unchained),
        "jobs": only(count, *waiting),
        "jobs_since": only(since(Job.created_at), *waiting),
        "running": only(count, Job, Job.state == JobState.RUNNING),
        "failed": only(count, Job, Job.state == JobState.FAILED, Job.finished_at > day),
        "mail": only(count, OutboxMessage, unsent),
        "mail_since": only(since(OutboxMessage.created_at), OutboxMessage, unsent),
        "beat": only(sa.func.max(WorkerBeat.beat_at), WorkerBeat),
    }
    return sa.select(*(column.label(name) for name, column in asked.items()))


_ASK = _ask()


def standing(at: datetime) -> Mapping[str, Any]:
    """Return how things stand in the database, by one statement that the database itself gives up after two seconds."""
    bound = {"present": at - PATIENCE, "overdue": at - CLOSING_DELAY - _LATE, "day": at - _DAY}
    with db.engine.connect() as connection:
        if not is_sqlite():
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {_WAIT * 1000:.0f}")
        return dict(connection.execute(_ASK, bound).mappings().one())


class Gauges:
    """What one process of a server can say of all of them."""

    def __init__(self, app: Flask, version: str, runtime: Path | None) -> None:
        self._app, self._version = app, version
        self._shelf = metrics.Shelf(runtime, secrets.token_hex(4))
        self._asked: Bounded[tuple[datetime, Mapping[str, Any]]] = Bounded(wait=_WAIT, kept=_KEPT)

    def exposition(self, *, is_ready: bool) -> bytes:
        """Return everything in the words of Prometheus."""
        counts, living = self._shelf.read(self._own())
        try:
            stands = tuple(_stands(*self._asked(self._look)))
        except Exception as error:  # noqa: BLE001  (whatever the database says: the rest is told all the same)
            log.warning("the database does not say how things stand", error=type(error).__name__)
            stands = ()
        own = (
            gauge("hoithi_ready", "Whether this node should get traffic.", float(is_ready)),
            gauge("hoithi_database_up", "Whether the database said how things stand.", float(bool(stands))),
            gauge("hoithi_processes", "Processes of this server, the worker among them.", living),
            gauge("hoithi_pool_connections", "Connections to the database, of all processes.", _pool(counts), "state"),
            gauge("hoithi_clock_skew_seconds", "By how much this process is ahead of the database.",
                  agreement.of(self._app).skew),
            gauge("hoithi_clock_step_seconds", "By how much the system clock was stepped.", clock.drift().total_seconds()),
            gauge("hoithi_build_info", "What runs here.", {(self._version, platform.python_version()): 1},
                  "version", "python"),
        )  # fmt: skip
        return metrics.exposition(counts, (*own, *_replica(self._app), *stands))

    def write(self) -> None:
        self._shelf.write(self._own())

    def _look(self) -> tuple[datetime, Mapping[str, Any]]:
        with self._app.app_context():
            at = clock.now()
            return at, standing(at)

    def _own(self) -> dict[tuple[str, str], float]:
        with self._app.app_context():
            pool: Any = db.engine.pool
        most = pool.size() + getattr(pool, "_max_overflow", 0)
        return {("pool", "in_use"): pool.checkedout(), ("pool", "idle"): pool.checkedin(), ("pool", "most"): most}


def _pool(counts: metrics.Counts) -> dict[tuple[str, ...], float]:
    return {(state,): number for (name, state), number in counts.gauges.items() if name == "pool"}


def _replica(app: Flask) -> Iterator[Metric]:
    if (own := replicas.find(app)) is not None:
        yield gauge("hoithi_replica_used", "Whether this process reads the replica.", float(own.is_used()))
        yield gauge("hoithi_replica_lag_seconds", "By how much the replica is behind at the most.", own.behind)


def _stands(at: datetime, found: Mapping[str, Any]) -> Iterator[Metric]:
    def age(name: str, never: float = 0.0) -> float:
        return max(0.0, (at - found[name]).total_seconds()) if found[name] else never

    yield gauge("hoithi_queue_waiting", "People who wait for their turn to start.", found["queue"])
    yield gauge("hoithi_attempts_open", "Papers that are being taken.", found["open"])
    yield gauge("hoithi_attempts_overdue", "Papers that the worker should have closed.", found["overdue"])
    waiting = {("submissions",): found["unsealed"], ("log",): found["unchained"]}
    yield gauge("hoithi_seals_waiting", "What is in no seal yet.", waiting, "of")
    ages = {("submissions",): age("unsealed_since"), ("log",): age("unchained_since")}
    yield gauge("hoithi_seals_oldest_seconds", "How long the oldest of it has waited.", ages, "of")
    jobs = {("waiting",): found["jobs"], ("running",): found["running"], ("failed",): found["failed"]}
    yield gauge("hoithi_jobs", "Jobs; those that failed, within a day.", jobs, "state")
    yield gauge("hoithi_jobs_oldest_seconds", "How long the oldest job has waited.", age("jobs_since"))
    yield gauge("hoithi_outbox_waiting", "Messages that are to be sent.", found["mail"])
    yield gauge("hoithi_outbox_oldest_seconds", "How long the oldest of them has waited.", age("mail_since"))
    beat = age("beat", never=math.inf)
    yield gauge("hoithi_worker_age_seconds", "Since when no worker has gone through what is due.", beat)


def init(app: Flask, version: str, runtime: Path | None) -> None:
    app.extensions["gauges"] = Gauges(app, version, runtime)


def current() -> Gauges:
    found: Gauges = current_app.extensions["gauges"]
    return found


def keep(app: Flask) -> None:
    """Write down again and again what this process has counted, for as long as it lives."""
    own: Gauges = app.extensions["gauges"]

    def work() -> None:
        is_failing = False
        while True:
            try:
                own.write()
                is_failing = False
            except Exception as error:  # noqa: BLE001  (nothing that is measured may end what is measured)
                if not is_failing:
                    log.warning("what was counted could not be written down", error=type(error).__name__)
                is_failing = True
            time.sleep(_EVERY)

    threading.Thread(target=work, daemon=True, name="gauges").start()
