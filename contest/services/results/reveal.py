"""The result of a round as a hall sees it: from the bottom up, one place after the other."""

from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from contest.db import rows
from contest.models.contests import Round
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.models.results import Result, Standing
from contest.services.contests import consents

MOST = 500  # rows: a screen for hundreds of equals is read by nobody


@dataclass(frozen=True, slots=True)
class RevealedRow:
    """A place with who has it; without a name for whoever did not agree to be named in public."""

    place: int
    name: str | None
    unit: str
    correct: Decimal
    total: int
    points: Decimal


def best(row: Round, count: int) -> list[RevealedRow]:
    """Return the people down to a place, equals included, the highest first; nobody before the round is settled."""
    unit = sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name)
    name = sa.case((consents.may_be_named(row.contest_id, Member.id), Member.full_name))
    query = (
        sa.select(Standing.place, name, unit, Standing.correct, Result.question_count, Standing.points)
        .join(Member, Member.id == Standing.member_id)
        .join(Unit, Unit.id == Standing.unit_id)
        .join(Result, Result.attempt_id == Standing.attempt_id)
        .where(Standing.round_id == row.id, Standing.place <= count)
        .order_by(Standing.place, Standing.member_id)
        .limit(MOST)
    )
    return [RevealedRow(*r) for r in rows(query)]
