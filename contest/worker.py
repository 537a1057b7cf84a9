"""What runs in the background: closing what is due, settling, seals, the outbox, jobs; and that it is seen to run."""

import signal
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from flask import Flask
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from contest import clock
from contest.config import Settings
from contest.errors import Refused
from contest.gateways.mail import MailGateway
from contest.services import (
    agreement,
    audit,
    beats,
    exchange,
    exports,
    files,
    gauges,
    health,
    jobs,
    messaging,
    minutes,
    replicas,
    seals,
)
from contest.services.attempts import closing, queueing, simulating
from contest.services.banks import previews, tallying
from contest.services.contests import entrant_jobs
from contest.services.corrections import proposing
from contest.services.jobs import Done
from contest.services.members import entry, limiter, people, sessions
from contest.services.results import approval, counts, overall, settlement

log = structlog.get_logger()
GRACE = 8  # seconds in which a task that runs may come to its end, once the worker was asked to end
_NOT_ASKED = threading.Event()
Work = Callable[[Any, Settings], Done]

JOBS: dict[str, Work] = {
    "forgotten-password": lambda job, settings: _reset(job, settings),
    "people-preview": lambda job, _: exchange.preview_people(job, people.actor_of(job.owner_id)),
    "people-import": lambda job, _: exchange.import_people(job, people.actor_of(job.owner_id)),
    "entrants-preview": lambda job, _: entrant_jobs.preview(job, people.actor_of(job.owner_id)),
    "entrants-import": lambda job, _: entrant_jobs.carry_out(job, people.actor_of(job.owner_id)),
    "extra-times-preview": lambda job, _: exchange.extra_times(job, people.actor_of(job.owner_id), apply=False),
    "extra-times-import": lambda job, _: exchange.extra_times(job, people.actor_of(job.owner_id), apply=True),
    "questions-preview": lambda job, _: exchange.preview_questions(job, people.actor_of(job.owner_id)),
    "questions-import": lambda job, _: exchange.import_questions(job, people.actor_of(job.owner_id)),
    "questions-likeness": lambda job, _: exchange.search_likeness(job, people.actor_of(job.owner_id)),
    "questions-export": lambda job, _: exchange.export_questions(job, people.actor_of(job.owner_id)),
    "results-check": lambda job, _: approval.run_check(job, people.actor_of(job.owner_id)),
    "results-correction": lambda job, _: proposing.run(job, people.actor_of(job.owner_id)),
    "results-export": lambda job, _: exports.export_results(job, people.actor_of(job.owner_id)),
    "units-export": lambda job, _: exports.export_units(job, people.actor_of(job.owner_id)),
    "advanced-export": lambda job, _: exports.export_advanced(job, people.actor_of(job.owner_id)),
    "marks-export": lambda job, _: exports.export_marks(job, people.actor_of(job.owner_id)),
    "results-evidence": lambda job, _: exports.export_evidence(job, people.actor_of(job.owner_id)),
    "papers-preview": lambda job, _: simulating.run(job, people.actor_of(job.owner_id)),
    "invitations": lambda job, _: exchange.export_invitations(job, people.actor_of(job.owner_id)),
}


class BrokenOff(KeyboardInterrupt):
    """The worker has to end now. A kind of interrupt by its kind: the database's driver then breaks off what it waits for."""


class Ending:
    """Whether the worker was asked to end. What it does goes on to its end for `GRACE` seconds, and is broken off then."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.is_busy = False

    def ask(self, *_: Any) -> None:
        """Take a signal that asks to end; for the main thread."""
        self.asked.set()
        signal.signal(signal.SIGALRM, self._break_off)
        signal.setitimer(signal.ITIMER_REAL, GRACE)

    def _break_off(self, *_: Any) -> None:
        if self.is_busy:
            raise BrokenOff


def run_once(app: Flask, asked: threading.Event = _NOT_ASKED) -> None:
    """Do everything that is due now; each task stands alone, so that one that fails holds no other.

    Once it is asked to end it begins nothing more, no batch of a task either.
    """
    settings: Settings = app.config["SETTINGS"]
    for task in _tasks(settings, asked):
        if asked.is_set():
            return
        try:
            with app.app_context():
                task()
        except Exception:
            log.exception("background task failed", task=getattr(task, "func", task).__name__)


def _tasks(settings: Settings, asked: threading.Event) -> list[Callable[[], object]]:
    deliver, close, seal = partial(_deliver, settings), partial(_close_due, asked), partial(_seal, asked)
    count = partial(_count, asked)
    return [close, _settle_due, _tally, count, seal, partial(_work_off, settings, asked), deliver]


def _close_due(asked: threading.Event = _NOT_ASKED) -> None:
    _until_done(closing.close_due, closing.DUE_AT_ONCE, asked)


def _settle_due() -> None:
    for round_id in settlement.due(clock.now()):
        settlement.settle(round_id)
    overall.compute_due()


def _tally() -> None:
    """A batch a second: what is counted here nobody waits for."""
    tallying.tally(clock.now())


def _count(asked: threading.Event = _NOT_ASKED) -> None:
    """Add up what has moved on boards, by which places are known."""
    _until_done(counts.add_up, counts.BATCH, asked)


def _seal(asked: threading.Event = _NOT_ASKED) -> None:
    """Seal what waits; where the worker of another node did so in the same moment, its seal alone stands."""
    _seal_all(audit.seal, audit.BATCH, asked)
    for round_id in seals.rounds_waiting():
        _seal_all(partial(seals.seal, of=round_id), seals.BATCH, asked)


def _seal_all(seal: Callable[[datetime], int], batch: int, asked: threading.Event) -> None:
    try:
        _until_done(lambda: seal(clock.now()), batch, asked)
    except IntegrityError:
        log.info("sealed by another node in the same moment")


def _until_done(work: Callable[[], int], batch: int, asked: threading.Event) -> None:
    """Do batch after batch until one is not full: what has come meanwhile waits for the next turn."""
    while work() >= batch and not asked.is_set():
        pass


def _work_off(settings: Settings, asked: threading.Event) -> None:
    """Carry out waiting jobs, one after the other; a job that fails says so to its owner."""
    while not asked.is_set() and (job := jobs.claim(clock.now())) is not None:
        try:
            done = JOBS[job.kind](job, settings)
        except Refused as refused:
            jobs.finish(job.id, jobs.refusals(refused), failed=True)
        except BrokenOff:
            jobs.give_back(job.id)
            raise
        except Exception:
            log.exception("job failed", job=job.code, kind=job.kind)
            jobs.finish(job.id, {"refusals": [{"slug": "server-error", "params": {}}]}, failed=True)
        else:
            jobs.finish(job.id, done.outcome, file_id=done.file_id)


def _deliver(settings: Settings) -> None:
    if settings.smtp_url:
        messaging.deliver(MailGateway(settings.smtp_url, settings.mail_from))


def _sweep(asked: threading.Event = _NOT_ASKED) -> None:
    _seal_all(partial(audit.seal, everything=True), audit.BATCH, asked)
    files.sweep(clock.now())
    previews.sweep(clock.now())
    limiter.sweep()
    minutes.sweep(clock.now())
    beats.sweep(clock.now())
    queueing.sweep()
    sessions.sweep()


def _reset(job: Any, settings: Settings) -> Done:
    sent = entry.send_reset(job.payload["name"], locale=job.payload["locale"], base_url=settings.base_url)
    return Done({"sent": sent})


def refuse_lax(app: Flask) -> None:
    """Refuse to start on a database that could lose what it acknowledged."""
    with app.app_context():
        problems = health.durability_problems()
    if problems:
        raise SystemExit("\n".join(problems))


def work(app: Flask, ending: Ending) -> None:
    """Work until told to stop, looking for what is due every second."""
    gauges.keep(app)
    replicas.keep(app)
    beat, swept, was_well, had_stepped = beats.Beat(), clock.ticks(), True, False
    try:
        while not ending.asked.wait(1.0):
            ending.is_busy, is_time = True, clock.ticks() - swept > 3600
            try:
                _turn(app, beat, ending.asked, sweeps=is_time)
                was_well = True
            except SQLAlchemyError as error:
                if was_well:
                    log.error("the database does not answer; what is due waits", error=type(error).__name__)
                was_well = False
            ending.is_busy, swept = False, clock.ticks() if is_time else swept
            if clock.has_stepped() and not had_stepped:
                log.warning("the system clock was stepped", seconds=clock.drift().total_seconds())
            had_stepped = clock.has_stepped()
    except BrokenOff:
        log.warning("what the worker did was broken off, and is given back")


def _turn(app: Flask, beat: beats.Beat, asked: threading.Event, *, sweeps: bool) -> None:
    """Do what is due while this process agrees on the time."""
    with app.app_context():
        agrees = agreement.current().look()
    if not agrees:
        return
    with jobs.giving_way():
        run_once(app, asked)
        with app.app_context():
            beat.beat(clock.now())
            if sweeps:
                _sweep(asked)
