"""The tree as it stood at an instant. None is the tree of today; a unit merged by then counts below its successor."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows
from contest.models.contests import Round
from contest.models.organisation import Unit, UnitAncestor


def held(table: type[Unit] | type[UnitAncestor], at: datetime | None) -> sa.ColumnElement[bool]:
    """Return the condition under which a unit, or a line of the closure, holds just before an instant, or today.

    Just before, because the instant is the end of a half-open window: what changes from it on comes after.
    """
    if at is None:
        return table.valid_to.is_(None)
    return sa.and_(table.valid_from < at, sa.or_(table.valid_to.is_(None), table.valid_to >= at))


def of_round(row: Round, now: datetime) -> datetime | None:
    """Return the instant whose tree a round's results follow: its close once that is past, today's tree until then."""
    return row.closes_at if now >= row.closes_at else None


def right_below(unit_id: int, at: datetime | None) -> sa.Select[tuple[int]]:
    """Return the ids of the units right below one; those merged into it are among them, and no longer living."""
    lines = sa.select(UnitAncestor.unit_id).where(UnitAncestor.ancestor_id == unit_id, UnitAncestor.depth == 1)
    return lines.where(held(UnitAncestor, at))


def inside(roots: Any, at: datetime | None) -> sa.Select[tuple[int]]:
    """Return the ids of units and of all below them."""
    return sa.select(UnitAncestor.unit_id).where(UnitAncestor.ancestor_id.in_(roots), held(UnitAncestor, at))


def parents(at: datetime | None = None) -> dict[int, int | None]:
    """Return living unit → the one it stood right under."""
    line = sa.and_(UnitAncestor.unit_id == Unit.id, UnitAncestor.depth == 1, held(UnitAncestor, at))
    query = sa.select(Unit.id, UnitAncestor.ancestor_id).outerjoin(UnitAncestor, line).where(held(Unit, at))
    return {row[0]: row[1] for row in rows(query)}


def taken_in(since: datetime, until: datetime | None) -> Mapping[int, list[int]]:
    """Return unit → those merged into it from an instant on, until just before another."""
    merged = sa.select(Unit.successor_id, Unit.id).where(Unit.successor_id.is_not(None), Unit.valid_to >= since)
    if until is not None:
        merged = merged.where(Unit.valid_to < until)
    found: dict[int, list[int]] = {}
    for successor, unit_id in db.session.execute(merged.order_by(Unit.id)):
        found.setdefault(successor, []).append(unit_id)
    return found


def ids_inside(roots: Collection[int]) -> list[int]:
    """Return the ids of units and of all below them today, those merged into them included."""
    return list(db.session.scalars(inside(list(roots), None)))


def is_inside(unit_id: int, root: int) -> bool:
    """Say whether a unit is another or stands below it today."""
    return unit_id in ids_inside([root])
