"""Boards of units: distinct people with all below, against the headcount, compared as the contest or the reader chooses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import sqlalchemy as sa

from contest import clock
from contest.db import behind, db, elsewhere
from contest.gateways.cache import Cache
from contest.models.contests import Contest, Round
from contest.models.organisation import Unit, UnitAncestor, UnitChange
from contest.rules.permissions import Actor
from contest.rules.unit_terms import UnitCriterion, Unplaced
from contest.rules.units import OF_PRIZES, OF_SCORES, Formula, UnitPlace, rank_divisions
from contest.services.results import prizewinners, turnouts
from contest.services.results.head import COUNT_SECONDS, SETTLED, find_unit_id
from contest.services.results.turnouts import Seen
from contest.services.results.unit_scopes import Scope


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
class UnitTable:
    """The units of one division, or of none (an empty name)."""

    division: str
    rows: tuple[UnitRow, ...]


@dataclass(frozen=True, slots=True)
class UnitBoardView:
    """`round_code` is None on the board of the whole contest; `has_changed` says that the tree of today is another."""

    round_code: str | None
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
    tables: tuple[UnitTable, ...]
    parent: str | None
    by_present_tree: bool
    has_changed: bool
    awaits_prizes: bool = False

    @property
    def rows(self) -> tuple[UnitRow, ...]:
        return tuple(row for table in self.tables for row in table.rows)

    @property
    def is_settled(self) -> bool:
        return self.status in SETTLED


MOST_PEOPLE = Formula(UnitCriterion.PARTICIPANTS)


def board(
    scope: Scope, *, actor: Actor | None, by: UnitCriterion | None = None, parent: str = "", cache: Cache
) -> UnitBoardView:
    """Return the board of units of a round or of a whole contest: those it compares, or the ones right below `parent`.

    They are compared by the contest's formula, or by people or ratio where the reader asks for that; over all rounds each
    person counts once, with points added up. Raises NotFound for a parent that there is not.
    """
    formula, choices = scope.formula(by)
    contest, row, final, chosen = scope.contest, scope.row, scope.final, find_unit_id(parent)
    tables, changed, at = ((), False, scope.as_of) if scope.is_hidden else _tables(scope, chosen, formula, actor, cache)
    return UnitBoardView(
        row.code if row else None,
        row.title if row else "",
        contest.slug,
        contest.title,
        scope.status,
        at if scope.status == "live" else scope.as_of,
        final.version if final else None,
        final.reason if final else "",
        contest.four_eyes,
        formula,
        choices,
        tables,
        parent or None,
        not scope.counting.is_own_tree,
        changed,
        bool(tables) and prizewinners.are_awaited(contest.id, scope.counting, formula),
    )


def _tables(
    scope: Scope, parent_id: int | None, formula: Formula, actor: Actor | None, cache: Cache
) -> tuple[tuple[UnitTable, ...], bool, datetime]:
    """Return the ranked tables, whether the tree has changed since the close, and as of when; counted now and then."""
    by, counting = formula.criterion, scope.counting

    def count() -> list[object]:
        at = clock.now() - timedelta(seconds=behind())
        found = prizewinners.measured(scope.contest, counting, formula, parent_id=parent_id)
        return [turnouts.kept(found), _has_changed(scope.closes_at), at.isoformat()]

    full = f"{scope.key}:{parent_id}:{by if by in OF_PRIZES else by in OF_SCORES}:{counting.is_own_tree}"
    found, changed, at = cache.counted(full, COUNT_SECONDS, lambda: elsewhere(count, since=scope.since))
    seen = turnouts.unkept(found)
    named = {s.turnout.unit: s.name for s in seen}
    above = _units_above(actor)
    ranked = rank_divisions([s.turnout for s in seen], formula)
    in_order = sorted(ranked.items(), key=lambda pair: (not pair[0], pair[0]))
    found_tables = tuple(UnitTable(d, tuple(_unit_row(p, named, above) for p in own)) for d, own in in_order)
    return found_tables, bool(changed), datetime.fromisoformat(at)


def _has_changed(since: datetime | None) -> bool:
    """Say whether a unit has moved, merged or split since an instant that is past."""
    if since is None or clock.now() < since:
        return False
    return bool(db.session.scalar(sa.select(sa.exists().where(UnitChange.at >= since, UnitChange.kind != "renamed"))))


def compare(contest: Contest, row: Round, formula: Formula) -> tuple[UnitPlace, ...]:
    """Return a round's units as they stand by a formula, whatever the board shows of them; nothing is cached."""
    found = prizewinners.measured(contest, turnouts.of_round(row, clock.now()), formula)
    return places(found, formula)


def places(found: list[Seen], formula: Formula) -> tuple[UnitPlace, ...]:
    """Return units in their divisions' order, one division after the other."""
    ranked = rank_divisions([s.turnout for s in found], formula)
    return tuple(place for own in ranked.values() for place in own)


def _unit_row(ranked: UnitPlace, named: dict[str, str], above: frozenset[str]) -> UnitRow:
    t = ranked.turnout
    return UnitRow(
        ranked.place,
        t.unit,
        named[t.unit],
        t.participants,
        t.headcount,
        decimal(t.ratio),
        decimal(ranked.measure),
        ranked.why_none,
        t.unit in above,
    )


def decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(value.numerator) / Decimal(value.denominator)


def _units_above(actor: Actor | None) -> frozenset[str]:
    if actor is None or actor.unit_id is None:
        return frozenset()
    above = (
        sa.select(Unit.code)
        .join(UnitAncestor, UnitAncestor.ancestor_id == Unit.id)
        .where(UnitAncestor.unit_id == actor.unit_id, UnitAncestor.valid_to.is_(None))
    )
    return frozenset(db.session.scalars(above))
