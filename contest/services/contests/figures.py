"""What the views of rounds are made of: the rounds themselves, and what one person has of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from contest.db import rows
from contest.models.attempts import Attempt
from contest.models.contests import BlueprintLine, Round
from contest.models.results import Result, Settlement, SettlementStep, Standing
from contest.rules.permissions import Actor
from contest.rules.result_terms import Step
from contest.rules.terms import AttemptState
from contest.rules.windows import extra_time
from contest.services import organisation
from contest.services.contests.advanced import advanced_columns, is_confirmed
from contest.services.contests.extra import extra_columns


def rounds_of(contest_ids: Sequence[int], actor: Actor | None, at: datetime) -> list[sa.Row[Any]]:
    """Return the rounds of contests with the number of questions of their papers, and the actor's extra time in each."""
    questions = (
        sa.select(sa.func.coalesce(sa.func.sum(BlueprintLine.count), 0))
        .where(BlueprintLine.round_id == Round.id)
        .correlate(Round)
        .scalar_subquery()
    )
    extra: tuple[sa.ColumnElement[int], ...] = ()
    if actor is not None and actor.member_id is not None:
        extra = extra_columns(Round.id, actor.member_id, actor.unit_id, organisation.speech().local(at).date())
    published = sa.exists().where(
        Settlement.round_id == Round.id,
        SettlementStep.settlement_id == Settlement.id,
        SettlementStep.step == Step.PUBLISHED,
    )
    who = actor.member_id if actor is not None else None
    advancing = (*advanced_columns(Round.id, who), is_confirmed(Round.id))
    query = sa.select(Round, questions, published, *advancing, *extra).where(Round.contest_id.in_(contest_ids))
    return rows(query.order_by(Round.contest_id, Round.number).execution_options(populate_existing=True))


@dataclass(frozen=True, slots=True)
class Figures:
    """Beside a round itself: how many questions a paper has, if a result was published, the reader's extra time.

    Then, whether the round is for those alone who advanced, the reader did, and the list of them is confirmed.
    """

    question_count: int
    is_published: bool
    extra: timedelta
    is_restricted: bool = False
    has_advanced: bool = False
    is_confirmed: bool = False


def figures_of(
    row: Round,
    questions: int,
    published: bool,
    restricted: bool,
    inside: bool,
    confirmed: bool,
    minutes: int = 0,
    percent: int = 0,
    granted: int = 0,
) -> Figures:
    """Return the figures of a row of `rounds_of`."""
    extra = extra_time(timedelta(minutes=row.minutes), minutes=minutes, percent=percent, granted=int(granted))
    return Figures(int(questions), bool(published), extra, bool(restricted), bool(inside), bool(confirmed))


def mine_in(since: Mapping[int, datetime], actor: Actor | None) -> dict[int, Mapping[str, Any]]:
    """Return per round what the actor has used, ever and since when it counts, has open, and where they stand."""
    if actor is None or actor.member_id is None or not since:
        return {}
    kind = Attempt.started_at.type
    counts = sa.case({i: sa.literal(at, kind) for i, at in since.items()}, value=Attempt.round_id)
    used = (
        sa.select(
            Attempt.round_id,
            sa.func.count().label("used"),
            sa.func.count(sa.case((sa.and_(Attempt.started_at >= counts, Attempt.void_id.is_(None)), 1))).label(
                "recent"
            ),
            sa.func.max(sa.case((Attempt.state == AttemptState.OPEN, Attempt.code))).label("open"),
            sa.func.max(sa.case((Attempt.void_id.is_not(None), Attempt.code))).label("voided"),
        )
        .where(Attempt.member_id == actor.member_id, Attempt.round_id.in_(since))
        .group_by(Attempt.round_id)
        .subquery()
    )
    query = (
        sa.select(
            used.c.round_id,
            used.c.used,
            used.c.recent,
            used.c.open,
            used.c.voided,
            Standing.place,
            Standing.correct,
            Result.question_count,
            Attempt.code.label("counted"),
        )
        .outerjoin(Standing, sa.and_(Standing.round_id == used.c.round_id, Standing.member_id == actor.member_id))
        .outerjoin(Result, Result.attempt_id == Standing.attempt_id)
        .outerjoin(Attempt, Attempt.id == Standing.attempt_id)
    )
    return {r.round_id: r._asdict() for r in rows(query)}
