"""The result of a round as a hall sees it: from the bottom up, one place after the other."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from contest.db import rows
from contest.models.contests import Round
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.models.results import Result, Standing


@dataclass(frozen=True, slots=True)
class RevealedRow:
    place: int
    name: str
    unit: str
    correct: Decimal
    total: int
    prediction_error: int | None
    duration: timedelta


def best(row: Round, count: int) -> list[RevealedRow]:
    """Return the people down to a place, equals included, the highest first; nobody before the round is settled."""
    unit = sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name)
    query = (
        sa.select(
            Standing.place,
            Member.full_name,
            unit,
            Standing.correct,
            Result.question_count,
            Standing.prediction_error,
            Result.duration_seconds,
        )
        .join(Member, Member.id == Standing.member_id)
        .join(Unit, Unit.id == Standing.unit_id)
        .join(Result, Result.attempt_id == Standing.attempt_id)
        .where(Standing.round_id == row.id, Standing.place <= count)
        .order_by(Standing.place, Standing.member_id)
        .limit(10 * count)
    )
    return [
        RevealedRow(place, name, unit_name, correct, total, error, timedelta(seconds=seconds))
        for place, name, unit_name, correct, total, error, seconds in rows(query)
    ]
