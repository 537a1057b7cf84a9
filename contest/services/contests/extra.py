"""The extra time of a person in a round, as columns of whichever statement needs it: their own, and what is granted."""

from typing import Any

import sqlalchemy as sa

from contest.models.contests import ExtraMinutes
from contest.models.members import ExtraTime
from contest.models.organisation import UnitAncestor


def extra_columns(round_id: Any, member: Any, unit: Any, today: Any) -> tuple[sa.ColumnElement[int], ...]:
    """Return three columns: minutes and percent of the person's own while valid, and the minutes the round grants them."""
    own = sa.and_(
        ExtraTime.member_id == member, sa.or_(ExtraTime.valid_until.is_(None), ExtraTime.valid_until >= today)
    )
    here = (UnitAncestor.ancestor_id == ExtraMinutes.unit_id, UnitAncestor.unit_id == unit)
    above = sa.exists().where(*here, UnitAncestor.valid_to.is_(None)).correlate_except(UnitAncestor)
    everybody = sa.and_(ExtraMinutes.member_id.is_(None), ExtraMinutes.unit_id.is_(None))
    granted = sa.select(sa.func.coalesce(sa.func.sum(ExtraMinutes.minutes), 0)).where(
        ExtraMinutes.round_id == round_id, sa.or_(everybody, ExtraMinutes.member_id == member, above)
    )
    return (
        sa.func.coalesce(sa.select(ExtraTime.minutes).where(own).scalar_subquery(), 0),
        sa.func.coalesce(sa.select(ExtraTime.percent).where(own).scalar_subquery(), 0),
        granted.scalar_subquery(),
    )
