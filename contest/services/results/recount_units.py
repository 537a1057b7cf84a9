"""Units recounted another way than boards count them: parents are walked, declarations read one by one, no rule takes part."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from contest.db import rows
from contest.models.contests import Contest, ContestHeadcount, ContestUnit, Round, UnitDivision
from contest.models.organisation import HeadcountDeclaration, Unit, UnitAncestor
from contest.rules.unit_terms import ComparedUnits, UnitCriterion
from contest.services.results import recount, recount_prizes


@dataclass(frozen=True, slots=True)
class Tree:
    """The tree just before an instant: unit → the one it stood right under; a merged unit stands under its successor."""

    parent: Mapping[int, int | None]
    living: frozenset[int]
    children: Mapping[int | None, list[int]]

    def below(self, unit: int) -> list[int]:
        return self.children.get(unit, [])

    def above(self, unit: int) -> Iterator[int]:
        """Yield a unit and every one above it."""
        found: int | None = unit
        while found is not None:
            yield found
            found = self.parent.get(found)


def tree_before(at: datetime) -> Tree:
    """Return the tree just before an instant."""
    parent: dict[int, int | None] = {}
    lines = sa.select(UnitAncestor.unit_id, UnitAncestor.ancestor_id, UnitAncestor.valid_from, UnitAncestor.valid_to)
    for unit, above, since, until in rows(lines.where(UnitAncestor.depth == 1)):
        if since < at and not (until is not None and until < at):
            parent[unit] = above
    living = set()
    for unit, since, until, successor in rows(sa.select(Unit.id, Unit.valid_from, Unit.valid_to, Unit.successor_id)):
        if until is not None and until < at:
            parent[unit] = successor
        elif since < at:
            living.add(unit)
    children: dict[int | None, list[int]] = defaultdict(list)
    for unit in living:
        children[parent.get(unit)].append(unit)
    return Tree(parent, frozenset(living), children)


class Heads:
    """How many members each unit has for a contest, in a tree as it stood before an instant."""

    def __init__(self, contest_id: int, tree: Tree, before: datetime, now: datetime) -> None:
        openings = [row[0] for row in rows(sa.select(Round.opens_at).where(Round.contest_id == contest_id))]
        opening = min(openings) if openings and min(openings) <= now else None
        self._tree, self._own, accepted_at = tree, dict[int, int | None](), dict[int, datetime]()
        given = sa.select(HeadcountDeclaration.unit_id, HeadcountDeclaration.figure, HeadcountDeclaration.at)
        for unit, figure, at in rows(given.order_by(HeadcountDeclaration.at, HeadcountDeclaration.id)):
            if opening is None or at <= opening:
                self._own[unit] = figure
        later = sa.select(ContestHeadcount.unit_id, ContestHeadcount.figure, ContestHeadcount.at)
        later = later.where(ContestHeadcount.contest_id == contest_id).order_by(
            ContestHeadcount.at, ContestHeadcount.id
        )
        for unit, figure, at in rows(later):
            self._own[unit], accepted_at[unit] = figure, at
        self._swallowed: dict[int, list[int]] = defaultdict(list)
        self._first = tree
        if opening is not None:
            self._first = tree_before(opening)
            for unit, successor, until in rows(sa.select(Unit.id, Unit.successor_id, Unit.valid_to)):
                is_meant = successor in accepted_at and accepted_at[successor] >= until
                if successor is not None and opening <= until < before and not is_meant:
                    self._swallowed[successor].append(unit)

    def of(self, unit: int) -> int | None:
        """Return a unit's members with those of all it has taken in; None where a part is unknown."""
        if self._own.get(unit) is not None:
            return _add([self._own[unit], *self._taken(unit)])
        if self._swallowed.get(unit) and unit not in self._first.living:
            return _add(self._taken(unit))
        children = self._tree.below(unit)
        return _add([self.of(child) for child in children]) if children else None

    def _taken(self, unit: int) -> list[int | None]:
        return [_add([self._at_first(u), *self._taken(u)]) for u in self._swallowed.get(unit, [])]

    def _at_first(self, unit: int) -> int | None:
        if unit not in self._first.living:
            return None
        if self._own.get(unit) is not None:
            return self._own[unit]
        children = self._first.below(unit)
        return _add([self._at_first(child) for child in children]) if children else None


def _add(parts: Sequence[int | None]) -> int | None:
    return None if None in parts else sum(n for n in parts if n is not None)


def compared(contest: Contest, tree: Tree) -> set[int]:
    """Return the units that a contest compares."""
    listed = {row[0] for row in rows(sa.select(ContestUnit.unit_id).where(ContestUnit.contest_id == contest.id))}
    if contest.compared == ComparedUnits.BELOW and contest.compared_unit_id is not None:
        return set(tree.below(contest.compared_unit_id))
    if contest.compared == ComparedUnits.LEVEL:
        same = {row[0] for row in rows(sa.select(Unit.id).where(Unit.level == contest.compared_level))}
        return {unit for unit in same & tree.living if listed & set(tree.above(unit))}
    chosen = listed & tree.living
    return set(tree.below(next(iter(chosen)))) if len(chosen) == 1 else set(chosen)


def places(
    contest: Contest,
    tree: Tree,
    heads: Heads,
    scores: Mapping[int, Sequence[Fraction]],
    prizes: recount_prizes.Prizes,
    by: UnitCriterion,
    parent: int | None = None,
) -> dict[int, dict[str, Any]]:
    """Return unit → its people, its headcount, what it is compared by and its place among those of its division.

    Right below a `parent` there are no divisions.
    """
    least, best = contest.unit_least_score or 0, contest.unit_best or 0
    query = sa.select(UnitDivision.unit_id, UnitDivision.name).where(UnitDivision.contest_id == contest.id)
    division = {row[0]: row[1] for row in rows(query)} if parent is None else {}
    own = compared(contest, tree) if parent is None else set(tree.below(parent))
    known = {u: heads.of(u) for u in own}
    if by in recount_prizes.OWN:
        worth = {u: prizes.worth(by, u, len(scores.get(u, ())), known[u]) for u in own}
    else:
        worth = {u: recount.worth(by, scores.get(u, ()), known[u], least, best) for u in own}
    return {
        u: {
            "people": len(scores.get(u, ())),
            "headcount": known[u],
            "compared by": value,
            "unit place": None if value is None else 1 + sum(
                other is not None and other > value and division.get(v, "") == division.get(u, "")
                for v, other in worth.items()
            ),
        }
        for u, value in worth.items()
    }  # fmt: skip
