"""Headcounts: declared by units with who and when, frozen for a contest at the opening of its first round."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows
from contest.models.contests import ContestHeadcount, Round
from contest.models.members import Member
from contest.models.organisation import HeadcountDeclaration, Unit
from contest.rules.permissions import Actor
from contest.rules.units import headcounts
from contest.services.units import trees


@dataclass(frozen=True, slots=True)
class Declared:
    """A figure with who gave it and when; nobody is a list. An organiser's acceptance has its reason."""

    figure: int | None
    at: datetime
    who: str | None
    reason: str = ""


def declare(unit: Unit, figure: int | None, *, by: Actor | None, at: datetime) -> None:
    """Note what a unit declares, inside the caller's transaction; the same figure again is no new declaration."""
    if figure == unit.headcount and (figure is None or _has_declared(unit.id)):
        return
    unit.headcount = figure
    who = by.member_id if by else None
    declaration = {"unit_id": unit.id, "figure": figure, "at": at, "member_id": who}
    db.session.execute(sa.insert(HeadcountDeclaration), declaration)


def _has_declared(unit_id: int) -> bool:
    return bool(db.session.scalar(sa.select(sa.exists().where(HeadcountDeclaration.unit_id == unit_id))))


def history(unit_id: int) -> list[Declared]:
    """Return what a unit has declared, the newest first."""
    query = (
        sa.select(HeadcountDeclaration.figure, HeadcountDeclaration.at, Member.full_name)
        .outerjoin(Member, Member.id == HeadcountDeclaration.member_id)
        .where(HeadcountDeclaration.unit_id == unit_id)
        .order_by(HeadcountDeclaration.at.desc(), HeadcountDeclaration.id.desc())
    )
    return [Declared(*row) for row in rows(query)]


def declared_last() -> dict[int, Declared]:
    """Return unit → what it declared last, with who and when."""
    return _declarations(None)


def _declarations(until: datetime | None) -> dict[int, Declared]:
    query = (
        sa.select(HeadcountDeclaration.unit_id, HeadcountDeclaration.figure, HeadcountDeclaration.at, Member.full_name)
        .outerjoin(Member, Member.id == HeadcountDeclaration.member_id)
        .order_by(HeadcountDeclaration.at, HeadcountDeclaration.id)
    )
    if until is not None:
        query = query.where(HeadcountDeclaration.at <= until)
    return {row[0]: Declared(*row[1:]) for row in rows(query)}


def frozen_at(contest_id: int) -> datetime | None:
    """Return when a contest's headcounts freeze or froze: at the opening of its first round; None without any round."""
    found: datetime | None = db.session.scalar(
        sa.select(sa.func.min(Round.opens_at)).where(Round.contest_id == contest_id)
    )
    return found


def accepted(contest_id: int) -> dict[int, Declared]:
    """Return unit → the figure that the contest's organiser accepted last."""
    query = (
        sa.select(
            ContestHeadcount.unit_id, ContestHeadcount.figure, ContestHeadcount.at, Member.full_name,
            ContestHeadcount.reason,
        )
        .outerjoin(Member, Member.id == ContestHeadcount.member_id)
        .where(ContestHeadcount.contest_id == contest_id)
        .order_by(ContestHeadcount.at, ContestHeadcount.id)
    )  # fmt: skip
    return {row[0]: Declared(*row[1:]) for row in rows(query)}


@dataclass(frozen=True, slots=True)
class Frozen:
    """A contest's headcounts: since when fixed, what each unit said itself, what was accepted, and what counts of it all."""

    at: datetime | None
    is_frozen: bool
    declared: Mapping[int, Declared]
    accepted: Mapping[int, Declared]
    counted: Mapping[int, int | None]

    def of(self, unit_id: int) -> Declared | None:
        """Return the unit's own figure that counts: the accepted one, else the declared one."""
        return self.accepted.get(unit_id) or self.declared.get(unit_id)


def of_contest(contest_id: int, tree: datetime | None) -> Frozen:
    """Return the headcounts that count for a contest, summed up in the tree as it stood at an instant, or today."""
    at = frozen_at(contest_id)
    is_frozen = at is not None and clock.now() >= at
    declared = _declarations(at if is_frozen else None)
    replaced = accepted(contest_id)
    own: dict[int, Any] = {u: d.figure for u, d in declared.items()} | {u: d.figure for u, d in replaced.items()}
    units = {u: (parent, own.get(u)) for u, parent in trees.parents(tree).items()}
    merged = trees.taken_in(at, tree) if is_frozen and at is not None else {}
    former: dict[int, int | None] = {}
    if merged:
        before = {u: (parent, own.get(u)) for u, parent in trees.parents(at).items()}
        former = headcounts(before)
        merged = _not_yet_accepted(merged, replaced)
    return Frozen(at, is_frozen, declared, replaced, headcounts(units, merged, former))


def _not_yet_accepted(merged: Mapping[int, list[int]], replaced: Mapping[int, Declared]) -> dict[int, list[int]]:
    """Leave out those taken in before the organiser accepted a figure: it is meant with them."""
    since = {r[0]: r[1] for r in rows(sa.select(Unit.id, Unit.valid_to).where(Unit.valid_to.is_not(None)))}
    left = {
        unit: [u for u in others if unit not in replaced or replaced[unit].at < since[u]]
        for unit, others in merged.items()
    }
    return {unit: others for unit, others in left.items() if others}
