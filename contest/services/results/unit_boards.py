"""Boards of units: distinct people with all below, against the headcount, compared as the reader chooses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from contest.db import POINT_PLACES, db, rows
from contest.gateways.cache import Cache
from contest.models.contests import ContestUnit, Round
from contest.models.organisation import Unit, UnitAncestor
from contest.models.results import Standing, StandingUnit
from contest.rules.permissions import Actor
from contest.rules.terms import UnitCriterion, Unplaced
from contest.rules.units import OF_SCORES, Formula, Turnout, UnitPlace, headcounts, rank_units
from contest.services.results.head import COUNT_SECONDS, SETTLED, find_unit_id, get_head


@dataclass(frozen=True, slots=True)
class UnitRow:
    place: int | None
    code: str
    name: str
    participants: int
    headcount: int | None
    ratio: Decimal | None
    measure: Decimal | None
    why_none: Unplaced | None
    is_mine: bool


@dataclass(frozen=True, slots=True)
class UnitBoardView:
    round_code: str
    round_title: str
    contest_slug: str
    contest_title: str
    status: str
    as_of: datetime
    version: int | None
    reason: str
    four_eyes: bool
    formula: Formula
    choices: tuple[UnitCriterion, ...]
    rows: tuple[UnitRow, ...]
    parent: str | None

    @property
    def is_settled(self) -> bool:
        return self.status in SETTLED


MOST_PEOPLE = Formula(UnitCriterion.PARTICIPANTS)
ALWAYS = (UnitCriterion.RATIO, UnitCriterion.PARTICIPANTS)  # what a reader may choose beside the contest's own formula


def units(
    code: str, *, actor: Actor | None, by: UnitCriterion | None = None, parent: str = "", cache: Cache
) -> UnitBoardView:
    """Return a round's board of units: those taking part, or the ones right below `parent`.

    They are compared by the contest's formula, or by people or ratio where the reader asks for that.
    """
    head = get_head(code)
    choices = tuple(dict.fromkeys((head.formula.criterion, *ALWAYS)))
    formula = head.formula if by is None or by not in choices or by is head.formula.criterion else Formula(by)
    needs_scores = formula.criterion in OF_SCORES
    chosen = find_unit_id(parent)
    own: tuple[UnitRow, ...] = ()
    if not head.is_hidden:
        version = head.settlement.version if head.settlement else 0
        key = f"units:{head.row.id}:{version}:{chosen}:{head.status}:{needs_scores}"
        turnouts = cache.get_or(key, COUNT_SECONDS, lambda: _turnouts(head.row, chosen, with_scores=needs_scores))
        above = _units_above(actor)
        named = {t[0]: t[1] for t in turnouts}
        ranked = rank_units([_turnout(t) for t in turnouts], formula)
        own = tuple(_unit_row(u, named, above) for u in ranked)
    final = head.settlement if head.is_settled else None
    return UnitBoardView(
        head.row.code,
        head.row.title,
        head.slug,
        head.title,
        head.status,
        head.as_of,
        final.version if final else None,
        final.reason if final else "",
        head.four_eyes,
        formula,
        choices,
        own,
        parent or None,
    )


def compare(row: Round, formula: Formula) -> tuple[UnitPlace, ...]:
    """Return a round's units as they stand by a formula, whatever the board shows of them; nothing is cached."""
    found = _turnouts(row, None, with_scores=formula.criterion in OF_SCORES)
    return rank_units([_turnout(t) for t in found], formula)


def _turnout(found: list[Any]) -> Turnout:
    """Return what the rules compare; scores travel as whole millionths."""
    return Turnout(found[0], found[2], found[3], tuple(Decimal(n).scaleb(-POINT_PLACES) for n in found[4]))


def _unit_row(ranked: UnitPlace, named: dict[str, str], above: frozenset[str]) -> UnitRow:
    t = ranked.turnout
    return UnitRow(
        ranked.place,
        t.unit,
        named[t.unit],
        t.participants,
        t.headcount,
        _decimal(t.ratio),
        _decimal(ranked.measure),
        ranked.why_none,
        t.unit in above,
    )


def _decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(value.numerator) / Decimal(value.denominator)


def _turnouts(row: Round, parent_id: int | None, *, with_scores: bool) -> list[list[Any]]:
    """Return [code, name, distinct people, headcount, scores] of the compared units, those without anybody included."""
    compared: sa.Select[Any]
    if parent_id is not None:
        compared = sa.select(Unit.id).where(Unit.parent_id == parent_id)
    else:
        listed = sa.select(ContestUnit.unit_id).where(ContestUnit.contest_id == row.contest_id)
        only = list(db.session.scalars(listed))
        compared = sa.select(Unit.id).where(Unit.parent_id == only[0]) if len(only) == 1 else listed
    people_of = (
        sa.select(StandingUnit.ancestor_id, sa.func.count().label("n"))
        .where(
            StandingUnit.round_id == row.id, StandingUnit.board_key.is_not(None), StandingUnit.ancestor_id.in_(compared)
        )
        .group_by(StandingUnit.ancestor_id)
        .subquery()
    )
    name = sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name)
    query = (
        sa.select(Unit.code, name, sa.func.coalesce(people_of.c.n, 0), Unit.headcount, Unit.id)
        .outerjoin(people_of, people_of.c.ancestor_id == Unit.id)
        .where(Unit.id.in_(compared), Unit.valid_to.is_(None))
    )
    found = rows(query)
    known = _headcounts() if any(r.headcount is None for r in found) else {r.id: r.headcount for r in found}
    scores = _scores(row.id, [r.id for r in found]) if with_scores else {}
    return [[r[0], r[1], r[2], known[r.id], scores.get(r.id, [])] for r in found]


def _scores(round_id: int, unit_ids: Sequence[int]) -> dict[int, list[int]]:
    """Return the recognised scores of each unit's people, with all below it, as whole millionths."""
    millionths = sa.type_coerce(Standing.board_points, sa.BigInteger)
    query = (
        sa.select(StandingUnit.ancestor_id, millionths)
        .join(
            Standing,
            sa.and_(Standing.round_id == StandingUnit.round_id, Standing.member_id == StandingUnit.member_id),
        )
        .where(
            StandingUnit.round_id == round_id,
            StandingUnit.board_key.is_not(None),
            StandingUnit.ancestor_id.in_(unit_ids),
        )
    )
    found: dict[int, list[int]] = {}
    for unit_id, points in db.session.execute(query):
        found.setdefault(unit_id, []).append(points)
    return found


def _headcounts() -> dict[int, int | None]:
    """Return the members of every unit, of those that declared none by the units below them."""
    whole = rows(sa.select(Unit.id, Unit.parent_id, Unit.headcount).where(Unit.valid_to.is_(None)))
    return headcounts({r[0]: (r[1], r[2]) for r in whole})


def _units_above(actor: Actor | None) -> frozenset[str]:
    if actor is None or actor.unit_id is None:
        return frozenset()
    above = (
        sa.select(Unit.code)
        .join(UnitAncestor, UnitAncestor.ancestor_id == Unit.id)
        .where(UnitAncestor.unit_id == actor.unit_id, UnitAncestor.valid_to.is_(None))
    )
    return frozenset(db.session.scalars(above))
