"""What runs in the background: closing what is due, settling, seals, the outbox, jobs, the clock's heartbeat."""

import threading
from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask
from sqlalchemy.exc import IntegrityError

from contest import clock
from contest.config import Settings
from contest.errors import Refused
from contest.gateways.mail import MailGateway
from contest.services import audit, exchange, exports, files, health, jobs, messaging, minutes, seals
from contest.services.attempts import closing, queueing, simulating
from contest.services.banks import previews, tallying
from contest.services.contests import entrant_jobs
from contest.services.corrections import proposing
from contest.services.jobs import Done
from contest.services.members import entry, limiter, people, sessions
from contest.services.results import approval, overall, settlement

log = structlog.get_logger()
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


def run_once(app: Flask) -> None:
    """Do everything that is due now; each task stands alone, so that one that fails holds no other."""
    settings: Settings = app.config["SETTINGS"]
    for task in _tasks(settings):
        try:
            with app.app_context():
                task()
        except Exception:
            log.exception("background task failed", task=getattr(task, "__name__", str(task)))


def _tasks(settings: Settings) -> list[Callable[[], object]]:
    return [_close_due, _settle_due, _tally, _seal, lambda: _work_off(settings), lambda: _deliver(settings), _heartbeat]


def _close_due() -> None:
    while closing.close_due():
        pass


def _settle_due() -> None:
    for round_id in settlement.due(clock.now()):
        settlement.settle(round_id)
    overall.compute_due()


def _tally() -> None:
    """A batch a second: what is counted here nobody waits for."""
    tallying.tally(clock.now())


def _seal() -> None:
    """Seal what waits; where the worker of another node did so in the same moment, its seal alone stands."""
    for seal in (audit.seal, seals.seal):
        try:
            while seal(clock.now()):
                pass
        except IntegrityError:
            log.info("sealed by another node in the same moment", what=seal.__module__)


def _work_off(settings: Settings) -> None:
    """Carry out waiting jobs, one after the other; a job that fails says so to its owner."""
    while (job := jobs.claim(clock.now())) is not None:
        try:
            done = JOBS[job.kind](job, settings)
        except Refused as refused:
            jobs.finish(job.id, jobs.refusals(refused), failed=True)
        except Exception:
            log.exception("job failed", job=job.code, kind=job.kind)
            jobs.finish(job.id, {"refusals": [{"slug": "server-error", "params": {}}]}, failed=True)
        else:
            jobs.finish(job.id, done.outcome, file_id=done.file_id)


def _deliver(settings: Settings) -> None:
    if settings.smtp_url:
        messaging.deliver(MailGateway(settings.smtp_url, settings.mail_from))


def _heartbeat() -> None:
    if clock.has_stepped():
        log.warning("the system clock was stepped", seconds=clock.drift().total_seconds())


def _sweep() -> None:
    files.sweep(clock.now())
    previews.sweep(clock.now())
    limiter.sweep()
    minutes.sweep(clock.now())
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


def work(app: Flask, stop: threading.Event) -> None:
    """Work until told to stop, looking for what is due every second."""
    swept = clock.ticks()
    while not stop.wait(1.0):
        run_once(app)
        if clock.ticks() - swept > 3600:
            swept = clock.ticks()
            with app.app_context():
                _sweep()
