"""Long work: jobs are stored here and claimed by the worker, which maps their kind to a service."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from contest import clock
from contest.db import Frozen, append, db, elsewhere, is_sqlite, is_writing, rowcount, session, tell, transaction
from contest.errors import Conflict, NotFound, Refused
from contest.formats.drafts import Problem
from contest.models.files import File
from contest.models.jobs import Job
from contest.rules.import_terms import JobStage, JobState
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal

T = TypeVar("T")
ABANDONED = timedelta(minutes=30)
CATCHING_UP = 5.0  # seconds that a job waits for a replica to have everything of before it


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as its owner sees it; `done` of `total` is 0 of 0 until it is known."""

    code: str
    kind: str
    state: JobState
    done: int
    total: int
    stage: JobStage | None
    payload: Mapping[str, Any]
    outcome: Mapping[str, Any]
    file_code: str | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.state in {JobState.DONE, JobState.FAILED}


@dataclass(frozen=True, slots=True)
class Done:
    """What a job has come to: its outcome, and the file it made if any."""

    outcome: Mapping[str, Any]
    file_id: int | None = None


@contextmanager
def giving_way() -> Iterator[None]:
    """Let those write who wait, after each command of this process: nobody who takes part waits for the background."""
    session.gives_way = True
    try:
        yield
    finally:
        session.gives_way = False


def refusals(refused: Refused) -> dict[str, Any]:
    """Return refusals as a job's outcome."""
    return {"refusals": [{"slug": r.slug, "params": plain(r.params), "field": r.field} for r in refused.refusals]}


def plain(params: Mapping[str, Any]) -> dict[str, int | str]:
    """Return a refusal's parameters as JSON can keep them."""
    return {name: value if isinstance(value, int | str) else str(value) for name, value in params.items()}


PROBLEMS_KEPT = 300


def problems(found: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return the first problems of a file in its order, as a job's outcome keeps them."""
    ordered = sorted(found, key=lambda p: (p.place.sheet or "", p.place.number))
    return [told(p) for p in ordered[:PROBLEMS_KEPT]]


def told(problem: Problem) -> dict[str, Any]:
    """Return a problem as plain data: slug, parameters, field, place, excerpt, severity."""
    refusal = problem.refusal
    return {
        "slug": refusal.slug,
        "params": plain(refusal.params),
        "field": refusal.field,
        "place": {k: v for k, v in asdict(problem.place).items() if v is not None},
        "excerpt": problem.excerpt[:200],
        "severity": problem.severity,
    }


def expect(counts: Mapping[str, Any], job: Job) -> None:
    """Raise Conflict when a job that was looked at first would now do something else."""
    if counts != job.payload["expected"]:
        raise Conflict(Refusal("file-changed"))


def ask(kind: str, payload: Mapping[str, Any], *, by: Actor, at: datetime) -> str:
    """Store a job inside the caller's transaction and return its code."""
    job = Job(code=secrets.token_urlsafe(12), kind=kind, payload=dict(payload), owner_id=by.member_id, created_at=at)
    db.session.add(job)
    return job.code


def get_job(code: str, *, of: Actor) -> JobView:
    """Return a job of the actor's own; raises NotFound for anybody else's."""
    found = db.session.execute(
        sa.select(Job, File.code)
        .outerjoin(File, File.id == Job.file_id)
        .where(Job.code == code, Job.owner_id == of.member_id)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound
    job, file_code = found
    return JobView(
        job.code,
        job.kind,
        JobState(job.state),
        job.done,
        job.total,
        JobStage(job.stage) if job.stage else None,
        job.payload,
        job.outcome,
        file_code,
        job.created_at,
        job.finished_at,
    )


def claim(at: datetime) -> Job | None:
    """Take the oldest waiting job, or one whose worker died, for the caller alone."""
    with transaction(shared=False):
        abandoned = sa.and_(Job.state == JobState.RUNNING, Job.started_at < at - ABANDONED)
        waiting = sa.or_(Job.state == JobState.WAITING, abandoned)
        job = db.session.scalar(sa.select(Job).where(waiting).order_by(Job.id).limit(1))
        if job is None:
            return None
        mine = sa.update(Job).where(
            Job.id == job.id, Job.state == job.state, Job.started_at.is_not_distinct_from(job.started_at)
        )
        taken = rowcount(mine.values(state=JobState.RUNNING, started_at=at))
    return job if taken else None


def give_back(job_id: int) -> None:
    """Let a job that was broken off be taken by whoever comes next; what it had not committed was rolled back."""
    with transaction():
        mine = sa.update(Job).where(Job.id == job_id, Job.state == JobState.RUNNING)
        db.session.execute(mine.values(state=JobState.WAITING, started_at=None, done=0, total=0, stage=""))


def _progress() -> Any:
    told = {name: sa.bindparam(name, type_=Job.__table__.c[name].type) for name in ("done", "total", "stage")}
    return sa.update(Job.__table__).where(Job.id == sa.bindparam("job")).values(told)  # type: ignore[arg-type]


_PROGRESS = Frozen(_progress)


def progress(job_id: int, done: int, total: int, stage: str = "") -> None:
    """Say how far a job is; visible at once, outside its transaction, but on SQLite, whose one writer may be the job itself.

    There it is seen once the job breathes.
    """
    params = {"job": job_id, "done": done, "total": total, "stage": stage}
    if is_sqlite() and is_writing():
        tell(_PROGRESS, params)
    else:
        append(_PROGRESS, params)


STEP = 100  # rows after which progress is told


def paced(job_id: int, stage: str) -> Callable[[int, int], None]:
    """Return what tells progress in a stage, but not after every single row."""

    def told(done: int, total: int) -> None:
        if done % STEP == 0:
            progress(job_id, done, total, stage)

    return told


def up_to_now(read: Callable[[], T]) -> T:
    """Return what a job reads, elsewhere where that is up to this moment or soon will be."""
    return elsewhere(read, since=clock.ticks(), patience=CATCHING_UP)


def finish(job_id: int, outcome: Mapping[str, Any], *, file_id: int | None = None, failed: bool = False) -> None:
    """Close a job with what came of it."""
    with transaction(shared=False):
        state = JobState.FAILED if failed else JobState.DONE
        values = {"state": state, "outcome": dict(outcome), "file_id": file_id, "finished_at": clock.now()}
        db.session.execute(sa.update(Job).where(Job.id == job_id).values(**values))
