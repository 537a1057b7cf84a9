"""A round on its day as its organisers see it: each window with its attempts, what was granted, what was voided."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from contest.db import rows
from contest.models.attempts import Attempt
from contest.models.contests import ExtraMinutes, Round, Void
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.rules.terms import AttemptState, Phase
from contest.rules.windows import Window
from contest.services.contests import schedules


@dataclass(frozen=True, slots=True)
class WindowView:
    """A window with where it stands now, and the attempts that started in it."""

    number: int
    window: Window
    phase: Phase
    is_voided: bool
    attempts: int
    running: int


@dataclass(frozen=True, slots=True)
class VoidView:
    """A void with what it concerns: a span, or one person's attempt."""

    id: int
    span: Window | None
    receipt: str | None
    person: str | None
    reason: str
    at: datetime
    who: str | None
    restored_at: datetime | None


@dataclass(frozen=True, slots=True)
class GrantView:
    minutes: int
    unit: str | None
    person: str | None
    reason: str
    at: datetime
    who: str | None


def list_windows(row: Round, at: datetime) -> list[WindowView]:
    """Return the windows of a round with their attempts, voided ones included."""
    schedule = schedules.read(row)
    number = sa.case(
        *((Attempt.started_at < w.closes_at, n) for n, w in enumerate(schedule.windows, 1)), else_=len(schedule.windows)
    )
    counts = sa.select(
        number.label("place"), sa.func.count(), sa.func.count(sa.case((Attempt.state == AttemptState.OPEN, 1)))
    ).where(Attempt.round_id == row.id)
    found = {r[0]: (r[1], r[2]) for r in rows(counts.group_by("place"))}
    return [
        WindowView(n, w, w.phase(at), schedule.is_voided(w.opens_at), *found.get(n, (0, 0)))
        for n, w in enumerate(schedule.windows, 1)
    ]


def list_voids(row: Round) -> list[VoidView]:
    """Return what was voided, the newest first, taken back or not."""
    actor, taker = sa.orm.aliased(Member), sa.orm.aliased(Member)
    query = (
        sa.select(Void, Attempt.receipt, taker.full_name, actor.full_name)
        .outerjoin(Attempt, Attempt.id == Void.attempt_id)
        .outerjoin(taker, taker.id == Attempt.member_id)
        .outerjoin(actor, actor.id == Void.voided_by)
        .where(Void.round_id == row.id)
        .order_by(Void.id.desc())
        .execution_options(populate_existing=True)
    )
    return [
        VoidView(
            v.id,
            Window(v.opens_at, v.closes_at) if v.opens_at and v.closes_at else None,
            receipt,
            person,
            v.reason,
            v.voided_at,
            who,
            v.restored_at,
        )
        for v, receipt, person, who in rows(query)
    ]


def list_grants(row: Round) -> list[GrantView]:
    """Return the extra time that was granted in a round, the newest first."""
    actor, taker = sa.orm.aliased(Member), sa.orm.aliased(Member)
    query = (
        sa.select(
            ExtraMinutes.minutes, Unit.name, taker.full_name, ExtraMinutes.reason, ExtraMinutes.granted_at,
            actor.full_name,
        )
        .outerjoin(Unit, Unit.id == ExtraMinutes.unit_id)
        .outerjoin(taker, taker.id == ExtraMinutes.member_id)
        .outerjoin(actor, actor.id == ExtraMinutes.granted_by)
        .where(ExtraMinutes.round_id == row.id)
        .order_by(ExtraMinutes.id.desc())
    )  # fmt: skip
    return [GrantView(*r) for r in rows(query)]


def count_running(row: Round) -> int:
    """Return how many attempts of a round are open now."""
    query = sa.select(sa.func.count()).where(Attempt.round_id == row.id, Attempt.state == AttemptState.OPEN)
    return int(rows(query)[0][0])
