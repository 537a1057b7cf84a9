"""Boards of units: distinct people with all below, against the headcount, compared as the contest or the reader chooses."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows
from contest.errors import NotFound
from contest.gateways.cache import Cache
from contest.models.contests import Contest, Round
from contest.models.organisation import Unit, UnitAncestor, UnitChange
from contest.rules.permissions import Actor
from contest.rules.terms import ContestState
from contest.rules.unit_terms import UnitCriterion, Unplaced
from contest.rules.units import OF_PRIZES, OF_SCORES, Formula, UnitPlace, rank_divisions
from contest.services.contests import setup
from contest.services.results import prizewinners, turnouts, versions
from contest.services.results.head import COUNT_SECONDS, SETTLED, find_unit_id, get_head, status_of
from contest.services.results.turnouts import Counting, Seen


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
ALWAYS = (UnitCriterion.RATIO, UnitCriterion.PARTICIPANTS)  # what a reader may choose beside the contest's own formula


def chosen_formula(own: Formula, by: UnitCriterion | None) -> tuple[Formula, tuple[UnitCriterion, ...]]:
    """Return the formula that a reader asks for, where it may be asked for, and what may be."""
    choices = tuple(dict.fromkeys((own.criterion, *ALWAYS)))
    return (own if by is None or by not in choices or by is own.criterion else Formula(by)), choices


def units(
    code: str,
    *,
    actor: Actor | None,
    by: UnitCriterion | None = None,
    parent: str = "",
    present_tree: bool = False,
    cache: Cache,
) -> UnitBoardView:
    """Return a round's board of units: those the contest compares, or the ones right below `parent`.

    They are compared by the contest's formula, or by people or ratio where the reader asks for that, and summed up in the
    tree as it stood at the close of the round, or in the one of today.
    """
    head = get_head(code)
    formula, choices = chosen_formula(head.formula, by)
    chosen = find_unit_id(parent)
    counting = turnouts.of_round(head.row, head.at)
    if present_tree and counting.tree is not None:
        counting = Counting(counting.round_ids, None, is_own_tree=False)
    tables, changed = tuple[UnitTable, ...](), False
    if not head.is_hidden:
        key = f"units:{head.row.id}:{head.settlement.version if head.settlement else 0}:{head.status}"
        contest = db.session.get_one(Contest, head.row.contest_id)
        tables, changed = _tables(contest, counting, chosen, formula, actor, cache, key, head.row.closes_at)
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
        tables,
        parent or None,
        not counting.is_own_tree,
        changed,
        bool(tables) and prizewinners.are_awaited(head.row.contest_id, counting, formula),
    )


def of_contest(
    slug: str, *, actor: Actor | None, by: UnitCriterion | None = None, present_tree: bool = False, cache: Cache
) -> UnitBoardView:
    """Return the board of units over all rounds that show one: each person once, points added up; raises NotFound."""
    query = sa.select(Contest).where(Contest.slug == slug, Contest.state != ContestState.DRAFT)
    contest = db.session.scalar(query.execution_options(populate_existing=True))
    if contest is None:
        raise NotFound
    at = clock.now()
    shown, counting, status = whole(contest, at)
    formula, choices = chosen_formula(setup.formula_of(contest), by)
    if present_tree and counting.tree is not None:
        counting = Counting(counting.round_ids, None, is_own_tree=False)
    tables: tuple[UnitTable, ...] = ()
    changed = False
    if shown:
        key = f"contest-units:{contest.id}:{status}:{'-'.join(map(str, counting.round_ids))}"
        closes_at = max(row.closes_at for row in shown)
        tables, changed = _tables(contest, counting, None, formula, actor, cache, key, closes_at)
    settled = [row.settled_at for row in shown if row.settled_at is not None]
    return UnitBoardView(
        None,
        "",
        contest.slug,
        contest.title,
        status,
        max(settled) if status in SETTLED else at,
        None,
        "",
        contest.four_eyes,
        formula,
        choices,
        tables,
        None,
        not counting.is_own_tree,
        changed,
        bool(tables) and prizewinners.are_awaited(contest.id, counting, formula),
    )


def whole(contest: Contest, at: datetime) -> tuple[list[Round], Counting, str]:
    """Return the rounds of a contest that show a board, their counting, and what the whole board shows now."""
    own = rows(sa.select(Round).where(Round.contest_id == contest.id).order_by(Round.number))
    begun = [row for (row,) in own if at >= row.opens_at]
    states = {row.id: status_of(row, at, published=_is_published(row)) for row in begun}
    shown = [row for row in begun if states[row.id] not in {"hidden", "waiting"}]
    is_over = bool(own) and all(at >= row.closes_at for (row,) in own)
    tree = max(row.closes_at for row in shown) if is_over and shown else None
    status = "live" if shown else "hidden"
    if is_over and set(states.values()) <= SETTLED and len(states) == len(own):
        status = "final" if set(states.values()) == {"final"} else "provisional"
    return shown, Counting(tuple(row.id for row in shown), tree), status


def _is_published(row: Round) -> bool:
    current = versions.shown(row.id) if row.shown_at is not None else None
    return current is not None and versions.is_published(current.id)


def _tables(
    contest: Contest, counting: Counting, parent_id: int | None, formula: Formula, actor: Actor | None,
    cache: Cache, key: str, closes_at: datetime,
) -> tuple[tuple[UnitTable, ...], bool]:  # fmt: skip
    """Return the ranked tables, and whether the tree has changed since the close; counted every few seconds."""
    by = formula.criterion

    def count() -> list[object]:
        found = prizewinners.measured(contest, counting, formula, parent_id=parent_id)
        return [turnouts.kept(found), _has_changed(closes_at)]

    full = f"{key}:{parent_id}:{by if by in OF_PRIZES else by in OF_SCORES}:{counting.is_own_tree}"
    found, changed = cache.get_or(full, COUNT_SECONDS, count)
    seen = turnouts.unkept(found)
    named = {s.turnout.unit: s.name for s in seen}
    above = _units_above(actor)
    ranked = rank_divisions([s.turnout for s in seen], formula)
    in_order = sorted(ranked.items(), key=lambda pair: (not pair[0], pair[0]))
    return tuple(UnitTable(d, tuple(_unit_row(p, named, above) for p in own)) for d, own in in_order), bool(changed)


def _has_changed(since: datetime) -> bool:
    """Say whether a unit has moved, merged or split since an instant that is past."""
    if clock.now() < since:
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
