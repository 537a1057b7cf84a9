"""What a change of a unit would touch, before it is made; and what has become of a unit so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows
from contest.models.contests import Contest, Round
from contest.models.members import Member, RoleGrant
from contest.models.organisation import Unit, UnitChange
from contest.rules.permissions import Actor
from contest.rules.unit_terms import UnitChangeKind
from contest.services import organisation
from contest.services.units import changes, headcounts, participation, trees


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change touches: people who go elsewhere, units below, contests under way, roles that hold for the unit alone."""

    kind: UnitChangeKind
    name: str
    target: str
    people_to: str
    new_name: str
    effective: datetime
    people: int
    people_below: int
    units: Sequence[str]
    contests: Sequence[tuple[str, str]]
    roles: int


def preview(code: str, wish: changes.Wish, *, by: Actor) -> Preview:
    """Return what a change would touch; raises Invalid with every reason where it may not be."""
    found = changes.plan(code, wish, by=by, at=clock.now())
    own = sa.select(sa.func.count()).where(Member.unit_id == found.unit.id)
    below = sa.select(sa.func.count()).where(Member.unit_id.in_(organisation.below([found.unit.id])))
    roles = sa.select(sa.func.count()).where(RoleGrant.unit_id == found.unit.id)
    counted = [int(db.session.scalar(query) or 0) for query in (own, below, roles)]
    is_split = wish.kind is UnitChangeKind.SPLIT
    children = sa.select(Unit.name).where(Unit.parent_id == found.unit.id, Unit.valid_to.is_(None)).order_by(Unit.code)
    units = [u.name for u in found.units] if is_split else list(db.session.scalars(children))
    concerned = [u.id for u in (found.unit, found.target) if u is not None]
    return Preview(
        wish.kind,
        found.unit.name,
        found.target.name if found.target else "",
        found.people_to.name if found.people_to else "",
        wish.new_name,
        found.effective,
        len(found.people) if is_split else counted[0],
        counted[1],
        units,
        participation.running(concerned),
        counted[2],
    )


@dataclass(frozen=True, slots=True)
class Event:
    kind: UnitChangeKind
    at: datetime
    who: str | None
    before: str
    after: str
    other: str | None


def history(unit_id: int) -> list[Event]:
    """Return what has happened to a unit, the newest first."""
    other = sa.orm.aliased(Unit)
    query = (
        sa.select(UnitChange.kind, UnitChange.at, Member.full_name, UnitChange.before, UnitChange.after, other.code)
        .outerjoin(Member, Member.id == UnitChange.member_id)
        .outerjoin(other, other.id == UnitChange.other_id)
        .where(UnitChange.unit_id == unit_id)
        .order_by(UnitChange.at.desc(), UnitChange.id.desc())
    )
    return [Event(UnitChangeKind(r[0]), *r[1:]) for r in rows(query)]


@dataclass(frozen=True, slots=True)
class Freeze:
    """Since when, or from when on, a contest's headcounts are fixed, and the unit's own figure that counts there."""

    title: str
    at: datetime
    is_frozen: bool
    figure: int | None


def freezes(unit_id: int, declared: Sequence[headcounts.Declared]) -> list[Freeze]:
    """Return the contests under way in which a unit takes part, each with what counts of its declarations."""
    contests = participation.contests_of([unit_id])[unit_id]
    query = (
        sa.select(Contest.id, Contest.title, sa.func.min(Round.opens_at))
        .join(Round, Round.contest_id == Contest.id)
        .where(Contest.id.in_(contests))
        .group_by(Contest.id)
        .order_by(Contest.title)
    )
    found, now = [], clock.now()
    for contest_id, title, at in rows(query) if contests else []:
        accepted = headcounts.accepted(contest_id).get(unit_id)
        own = accepted or next((d for d in declared if d.at <= at or at > now), None)
        found.append(Freeze(title, at, at <= now, own.figure if own else None))
    return found


def children(unit_id: int) -> list[tuple[str, str]]:
    """Return (code, name) of the living units right below one."""
    below = trees.right_below(unit_id, None)
    query = sa.select(Unit.code, Unit.name).where(Unit.id.in_(below), Unit.valid_to.is_(None)).order_by(Unit.code)
    return [(r[0], r[1]) for r in rows(query)]


def successor(unit: Unit) -> tuple[str, str] | None:
    """Return (code, name) of the unit into which one was merged."""
    row = db.session.get(Unit, unit.successor_id) if unit.successor_id else None
    return (row.code, row.name) if row else None
