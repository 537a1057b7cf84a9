"""Voids: what of a round does not count, with its effect known before, and taken back as if it had never been.

A voided attempt is kept with all its answers and its result; it is in no standing, no count and no limit.
"""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from contest import clock
from contest.db import db, rowcount, transaction
from contest.errors import Conflict, Invalid
from contest.models.attempts import Attempt, of_attempt
from contest.models.contests import Contest, Round, Void
from contest.models.results import Result
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import AttemptState, Counted, PredictionTarget, mark
from contest.rules.windows import Window, spans
from contest.services import audit, organisation
from contest.services.attempts import closing
from contest.services.attempts.extending import lock_round
from contest.services.contests import announcements, rounds, schedules, setup
from contest.services.results import settlement


@dataclass(frozen=True, slots=True)
class Effect:
    """What a void would do. The target is None while the round hides it, and where it asks for none."""

    attempts: int
    people: int
    running: int
    without_result: int
    target_before: int | None
    target_after: int | None
    tries_back: int

    @property
    def knows_target(self) -> bool:
        return self.target_before is not None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be voided: a span of the round, or one attempt."""

    span: Window | None = None
    attempt: Attempt | None = None


def list_spans(row: Round) -> tuple[Window, ...]:
    """Return what of a round can be voided at once: its windows, or the days of its one window."""
    return spans(schedules.read(row), ZoneInfo(organisation.speech().zone))


def choose(row: Round, *, opens_at: str = "", receipt: str = "") -> Chosen:
    """Return the span that opens at an instant, or the attempt of a receipt; raises Invalid for none."""
    if receipt:
        code = receipt.strip()
        named = sa.or_(Attempt.receipt == code.upper(), Attempt.code == code)
        attempt = db.session.scalar(
            sa.select(Attempt).where(Attempt.round_id == row.id, named).execution_options(populate_existing=True)
        )
        if attempt is None:
            raise Invalid(Refusal("attempt-unknown", field="receipt"))
        chosen = Chosen(attempt=attempt)
    else:
        span = next((s for s in list_spans(row) if s.opens_at.isoformat() == opens_at), None)
        if span is None:
            raise Invalid(Refusal("void-nothing", field="span"))
        chosen = Chosen(span=span)
    in_force = sa.select(Void.id).where(Void.round_id == row.id, Void.restored_at.is_(None))
    if chosen.span is not None:
        same = in_force.where(Void.opens_at <= chosen.span.opens_at, Void.closes_at > chosen.span.opens_at)
        is_twice = db.session.scalar(same.limit(1)) is not None
    else:
        is_twice = chosen.attempt is not None and chosen.attempt.void_id is not None
    if is_twice:
        raise Invalid(Refusal("void-twice", field="receipt" if receipt else "span"))
    return chosen


def _concerned(row: Round, span: Window | None, attempt_id: int | None) -> sa.ColumnElement[bool]:
    """Return the condition for attempts that a void concerns and that count so far."""
    if span is None:
        return sa.and_(Attempt.id == attempt_id, Attempt.void_id.is_(None))
    inside = sa.and_(Attempt.started_at >= span.opens_at, Attempt.started_at < span.closes_at)
    return sa.and_(Attempt.round_id == row.id, inside, Attempt.void_id.is_(None))


def effect_of(row: Round, chosen: Chosen) -> Effect:
    """Return what a void would do, without doing it."""
    concerned = _concerned(row, chosen.span, chosen.attempt.id if chosen.attempt else None)
    counts = sa.select(
        sa.func.count(),
        sa.func.count(sa.distinct(Attempt.member_id)),
        sa.func.count(sa.case((Attempt.state == AttemptState.OPEN, 1))),
    ).where(concerned)
    attempts, people, running = db.session.execute(counts).one()
    scored = sa.select(Result.member_id).join(Attempt, of_attempt(Result))
    others = scored.where(Result.round_id == row.id, Attempt.void_id.is_(None), ~concerned)
    losing = scored.where(concerned, Result.member_id.not_in(others)).distinct().subquery()
    without = int(db.session.scalar(sa.select(sa.func.count()).select_from(losing)) or 0)
    is_known = row.settled_at is not None and row.prediction is not None
    before, after = (_target(row, condition) for condition in (sa.false(), concerned)) if is_known else (None, None)
    gives_back = row.attempts_allowed is not None and clock.now() < row.closes_at
    return Effect(attempts, people, running, without, before, after, people if gives_back else 0)


def _target(row: Round, without: sa.ColumnElement[bool]) -> int:
    """Return the prediction's target by the attempts that count, leaving some out."""
    valid = sa.and_(Result.round_id == row.id, Attempt.void_id.is_(None), ~without)
    own = sa.select(Result.member_id, Result.number, Result.correct_count, Result.question_count)
    results = own.join(Attempt, of_attempt(Result)).where(valid).subquery()
    people = sa.select(sa.func.count(sa.distinct(results.c.member_id)))
    if row.prediction == PredictionTarget.PARTICIPANTS:
        return int(db.session.scalar(people) or 0)
    query = people.where(results.c.correct_count == results.c.question_count, results.c.question_count > 0)
    if row.counted in {Counted.FIRST, Counted.LAST}:
        edge = sa.func.min if row.counted == Counted.FIRST else sa.func.max
        only = sa.select(results.c.member_id, edge(results.c.number)).group_by(results.c.member_id)
        query = query.where(sa.tuple_(results.c.member_id, results.c.number).in_(only))
    return int(db.session.scalar(query) or 0)


def void(
    slug: str,
    code: str,
    *,
    opens_at: str = "",
    receipt: str = "",
    reason: str,
    announcement: str = "",
    by: Actor,
) -> int:
    """Void a span of a round or one attempt, and return how many attempts it concerns; running ones end at once."""
    at = clock.now()
    with transaction():
        contest, row = lock_round(slug, code, by)
        chosen = choose(row, opens_at=opens_at, receipt=receipt)
        new = Void(round_id=row.id, reason=reason, voided_at=at, voided_by=by.member_id)
        new.attempt_id = chosen.attempt.id if chosen.attempt else None
        if chosen.span is not None:
            new.opens_at, new.closes_at = chosen.span.opens_at, chosen.span.closes_at
        db.session.add(new)
        db.session.flush()
        concerned = _concerned(row, chosen.span, new.attempt_id)
        running = list(db.session.scalars(sa.select(Attempt.id).where(concerned, Attempt.state == AttemptState.OPEN)))
        count = _mark(new)
        for attempt_id in running:
            closing.stop(attempt_id, at)
        _recompute(row, by, _public_reason(chosen.span, reason))
        audit.record("void-made", "round", row.id, by=by, at=at, void=new.id, reason=reason, attempts=count)
        if chosen.span is not None:  # what concerns one person is not told to everybody
            announcements.store(contest, row, announcement, by=by, at=at)
    return count


def _mark(found: Void) -> int:
    """Make what a void concerns count no more; what is void already stays with the void it has."""
    span = Window(found.opens_at, found.closes_at) if found.opens_at and found.closes_at else None
    row = db.session.get_one(Round, found.round_id)
    marking = sa.update(Attempt).where(_concerned(row, span, found.attempt_id)).values(void_id=found.id)
    return rowcount(marking.execution_options(synchronize_session=False))


def restore(slug: str, code: str, void_id: int, *, announcement: str = "", by: Actor) -> int:
    """Take a void back and return how many attempts count again; those another void concerns stay with that one."""
    at = clock.now()
    with transaction():
        contest, row = lock_round(slug, code, by)
        found = find_void(row, void_id)
        back = sa.update(Void).where(Void.id == found.id, Void.restored_at.is_(None))
        values: dict[str, Any] = {"restored_at": at, "restored_by": by.member_id}
        if not rowcount(back.values(**values).execution_options(synchronize_session=False)):
            raise Conflict(Refusal("void-restored"))
        freed = sa.update(Attempt).where(Attempt.round_id == row.id, Attempt.void_id == found.id).values(void_id=None)
        count = rowcount(freed.execution_options(synchronize_session=False))
        in_force = sa.select(Void).where(Void.round_id == row.id, Void.restored_at.is_(None)).order_by(Void.id)
        for other in list(db.session.scalars(in_force.execution_options(populate_existing=True))):
            count -= _mark(other)
        _recompute(row, by, organisation.speech().text(mark("Rút lại việc hủy")))
        audit.record("void-restored", "round", row.id, by=by, at=at, void=found.id, attempts=count)
        if found.opens_at is not None:
            announcements.store(contest, row, announcement, by=by, at=at)
    return count


def find_void(row: Round, void_id: int) -> Void:
    """Return a void of a round that is in force; raises Conflict for any other."""
    found = db.session.scalar(
        sa.select(Void)
        .where(Void.id == void_id, Void.round_id == row.id, Void.restored_at.is_(None))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Conflict(Refusal("void-restored"))
    return found


def _public_reason(span: Window | None, reason: str) -> str:
    """Return why there is a new version of a result, for everybody: what concerns one person is not told."""
    return reason if span is not None else organisation.speech().text(mark("Hủy một lượt thi"))


def _recompute(row: Round, by: Actor, reason: str) -> None:
    """Bring the standings up to what counts now: those of the moment, or a new version of the final ones."""
    if row.settled_at is not None and settlement.unmarked_count(row.id):
        return  # an attempt that counts again has to be marked first; the result follows when its marks are taken in
    if row.settled_at is not None:
        settlement.settle(row.id, by=by, reason=reason)
    else:
        settlement.rebuild(row.id)


def own_round(slug: str, code: str, *, by: Actor) -> tuple[Contest, Round]:
    """Return a round of a contest in the actor's scope; raises NotFound."""
    contest = setup.get_contest(slug, by=by)
    return contest, rounds.get_round(contest.id, code)
