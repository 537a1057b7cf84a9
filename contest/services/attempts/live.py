"""A round while it runs, as its organisers watch it: who is at it, unit by unit and quarter by quarter, and what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from contest.db import behind, db, elsewhere, rows
from contest.gateways.cache import Cache
from contest.models.attempts import Attempt, LateResponse
from contest.models.contests import Contest, Round
from contest.models.members import Member
from contest.models.organisation import Unit, UnitAncestor
from contest.rules.attempts import Verdict
from contest.rules.terms import AttemptState
from contest.services import health, minutes
from contest.services.minutes import Minute
from contest.services.units import trees

COUNT_SECONDS = 15
STEP, STEPS = timedelta(minutes=15), 6
LOOKED_BACK = timedelta(hours=2)  # for how the server answered
MOST_MISSED, MOST_UNITS = 50, 200


@dataclass(frozen=True, slots=True)
class Span:
    """A quarter of an hour: how many began in it, and how many ended."""

    at: datetime
    started: int
    ended: int


@dataclass(frozen=True, slots=True)
class UnitNow:
    """A unit right below the organiser, with all below it."""

    code: str
    name: str
    running: int
    ended: int
    people: int


@dataclass(frozen=True, slots=True)
class Missed:
    """An attempt with responses that do not count, for one reason: how many, and how long after its end the latest came.

    `attempt` is its code once it is closed; `seconds` is 0 unless they are LATE.
    """

    attempt: str | None
    person: str
    verdict: Verdict
    count: int
    last_at: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class Live:
    """All of it at one instant. `ended` papers were handed in or, so many of them `expired`, closed at their end.

    `late` responses came after the time was over; those `missed` may also have come for what was left or closed.
    """

    at: datetime
    running: int
    ended: int
    expired: int
    people: int
    unsealed: int
    late: int
    spans: tuple[Span, ...]
    units: tuple[UnitNow, ...]
    missed: tuple[Missed, ...]
    served: tuple[Minute, ...]
    alarms: tuple[health.Alarm, ...]

    @property
    def failed(self) -> tuple[Minute, ...]:
        """The minutes in which the server failed somebody, the latest first."""
        return tuple(m for m in reversed(self.served) if m.errors)

    @property
    def is_anybody_late(self) -> bool:
        return any(m.verdict is Verdict.LATE for m in self.missed)


def live_of(contest: Contest, row: Round, at: datetime, cache: Cache) -> Live:
    """Return a round as it stands now; what is counted over all its attempts is counted anew every so many seconds."""

    def count() -> dict[str, Any]:
        seen_at = at - timedelta(seconds=behind())
        units = [[u.code, u.name, u.running, u.ended, u.people] for u in _units(contest, row, at)]
        return {"at": seen_at.isoformat(), "counts": _counted(row, seen_at), "units": units}

    kept = cache.counted(f"live:{row.id}", COUNT_SECONDS, lambda: elsewhere(count))
    counted_at = datetime.fromisoformat(kept["at"])
    (running, ended, expired, people, unsealed), *spans = kept["counts"]
    late = sa.select(sa.func.count()).select_from(LateResponse).join(Attempt, Attempt.id == LateResponse.attempt_id)
    late = late.where(Attempt.round_id == row.id, LateResponse.verdict == Verdict.LATE)
    return Live(
        counted_at,
        running,
        ended,
        expired,
        people,
        unsealed,
        db.session.scalar(late) or 0,
        tuple(Span(*span) for span in zip(_begins(counted_at), *spans, strict=True)),
        tuple(UnitNow(*unit) for unit in kept["units"]),
        tuple(_missed(row)),
        tuple(minutes.since(at - LOOKED_BACK)),
        health.alarms(),
    )


def _begins(at: datetime) -> list[datetime]:
    """Return when each of the last quarters of an hour began, the running one last."""
    first = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0) - STEP * (STEPS - 1)
    return [first + STEP * n for n in range(STEPS)]


def _counted(row: Round, at: datetime) -> list[list[int]]:
    """Return in one pass over the attempts: the totals, and how many began and ended in each quarter of an hour."""
    is_open = Attempt.state == AttemptState.OPEN

    def number(*where: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((sa.and_(*where), 1)))

    totals = [
        number(is_open),
        number(~is_open),
        number(Attempt.state == AttemptState.EXPIRED),
        sa.func.count(sa.distinct(Attempt.member_id)),
        number(~is_open, ~Attempt.is_sealed),
    ]
    times: tuple[sa.orm.InstrumentedAttribute[Any], ...] = (Attempt.started_at, Attempt.finished_at)
    spans = [number(column >= begin, column < begin + STEP) for column in times for begin in _begins(at)]
    found = list(rows(sa.select(*totals, *spans).where(Attempt.round_id == row.id))[0])
    return [found[:5], found[5 : 5 + STEPS], found[5 + STEPS :]]


def _units(contest: Contest, row: Round, at: datetime) -> Sequence[UnitNow]:
    """Return the units right below the organiser of whom anybody has begun, those with most at it first."""
    tree = trees.of_round(row, at)
    is_open = Attempt.state == AttemptState.OPEN
    running = sa.func.count(sa.case((is_open, 1))).label("running")
    query = (
        sa.select(
            Unit.code,
            Unit.name,
            running,
            sa.func.count(sa.case((~is_open, 1))),
            sa.func.count(sa.distinct(Attempt.member_id)).label("people"),
        )
        .select_from(Attempt)
        .join(UnitAncestor, UnitAncestor.unit_id == Attempt.unit_id)
        .join(Unit, Unit.id == UnitAncestor.ancestor_id)
        .where(
            Attempt.round_id == row.id,
            trees.held(UnitAncestor, tree),
            UnitAncestor.ancestor_id.in_(trees.right_below(contest.organiser_id, tree)),
        )
        .group_by(Unit.id, Unit.code, Unit.name)
        .order_by(running.desc(), sa.desc("people"), Unit.code)
        .limit(MOST_UNITS)
    )
    return [UnitNow(*r) for r in rows(query)]


def _missed(row: Round) -> Sequence[Missed]:
    """Return the attempts with responses that do not count, the latest first."""
    last = sa.func.max(LateResponse.arrived_at, type_=LateResponse.arrived_at.type).label("last")
    why = (Attempt.code, Attempt.state, Member.full_name, LateResponse.verdict)
    query = (
        sa.select(*why, sa.func.count(), last, sa.func.max(LateResponse.seconds))
        .join(LateResponse, LateResponse.attempt_id == Attempt.id)
        .join(Member, Member.id == Attempt.member_id)
        .where(Attempt.round_id == row.id)
        .group_by(Attempt.id, *why)
        .order_by(sa.desc("last"))
        .limit(MOST_MISSED)
    )
    return [
        Missed(None if state == AttemptState.OPEN else code, person, Verdict(verdict), *found)
        for code, state, person, verdict, *found in rows(query)
    ]
