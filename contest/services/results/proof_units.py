"""Boards of units beside the recount: of a round, and of the whole contest at every level and by every way of reading it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from contest.db import db
from contest.models.contests import Contest, Round
from contest.models.organisation import Unit
from contest.models.results import StandingUnit
from contest.rules.units import Formula, UnitPlace
from contest.services.contests import setup
from contest.services.results import prizewinners, recount, recount_prizes, recount_units, unit_boards, unit_scopes
from contest.services.results.recount import Person
from contest.services.results.turnouts import Counting

Named = Mapping[str, Mapping[str, Any]]  # name → field → value


@dataclass(frozen=True, slots=True)
class Pair:
    """The figures that are stored or shown, beside those that are recounted."""

    stored: Named
    recounted: Named


class Recounted:
    """Units in a tree, with people and prizes, counted anew."""

    def __init__(
        self, contest: Contest, before: datetime, now: datetime, people: Collection[Person], stood: recount_prizes.Stood
    ) -> None:
        self.tree = recount_units.tree_before(before)
        self.names = {r[0]: r[1] for r in db.session.execute(sa.select(Unit.id, Unit.code))}
        self.sums = recount.under_units(people, self.tree.parent)
        self._contest = contest
        self._heads = recount_units.Heads(contest.id, self.tree, before, now)
        self._prizes = recount_prizes.Prizes(contest, stood, self.tree.above, self.tree.living)

    def places(self, formula: Formula, below: int | None = None) -> dict[str, dict[str, Any]]:
        """Return code → figures of the compared units, or of those right below one."""
        found = recount_units.places(
            self._contest, self.tree, self._heads, self.sums, self._prizes, formula.criterion, below
        )
        return {self.names[unit]: figures for unit, figures in found.items()}

    def parents(self) -> list[int]:
        """Return every living unit with others right below it."""
        return sorted((u for u in self.tree.living if self.tree.below(u)), key=lambda u: self.names[u])


def of_round(contest: Contest, row: Round, people: Sequence[Person], now: datetime) -> tuple[Pair, Pair]:
    """Return how many people each unit has, and the contest's comparison, of a settled round."""
    found = Recounted(contest, row.closes_at, now, people, {row.id: {p.member_id: p.unit_id for p in people}})
    recounted = {found.names[u]: {"people": len(scores)} for u, scores in found.sums.items()}
    formula = setup.formula_of(contest)
    compared = _figures(unit_boards.compare(contest, row, formula))
    return Pair(_stored_sums(row.id), recounted), Pair(compared, found.places(formula))


def of_contest(contest: Contest, people: Mapping[int, Sequence[Person]], now: datetime) -> list[Pair]:
    """Return every comparison of units over rounds whose results everybody sees, `people` being each one's.

    Units are compared by all that a reader may ask for, as the contest has them and right below each unit; what another
    board says of the same unit has another name.
    """
    shown, counting, _ = unit_scopes.whole(contest, now)
    counted = [row for row in shown if row.id in people]
    counting = replace(counting, round_ids=tuple(row.id for row in counted))
    found = _recounted(contest, counted, people, now)
    own = setup.formula_of(contest)
    formulas = [own, *(Formula(c) for c in unit_scopes.ALWAYS if c is not own.criterion)]
    return [pair for below in (None, *found.parents()) for pair in _boards(contest, counting, found, formulas, below)]


def _recounted(
    contest: Contest, counted: Sequence[Round], people: Mapping[int, Sequence[Person]], now: datetime
) -> Recounted:
    """Count each person once: in the unit of the last round, with the points of all of them."""
    last, points, stood = dict[int, Person](), dict[int, Fraction](), dict[int | None, dict[int, int]]()
    for row in sorted(counted, key=lambda r: r.number):
        stood[row.id] = {p.member_id: p.unit_id for p in people[row.id]}
        for p in people[row.id]:
            last[p.member_id] = p
            points[p.member_id] = points.get(p.member_id, Fraction()) + p.points
    stood[None] = {m: p.unit_id for m, p in last.items()}
    closes = db.session.scalars(sa.select(Round.closes_at).where(Round.contest_id == contest.id)).all()
    is_over = max(closes) <= now
    before = max(row.closes_at for row in counted) if is_over else now + timedelta(seconds=1)
    return Recounted(contest, before, now, [replace(p, points=points[m]) for m, p in last.items()], stood)


def _boards(
    contest: Contest, counting: Counting, found: Recounted, formulas: Sequence[Formula], below: int | None
) -> list[Pair]:
    seen = prizewinners.measured_by_all(contest, counting, formulas, parent_id=below)
    pairs = []
    for formula in formulas:
        told = f" by {formula.criterion}" + (f" below {found.names[below]}" if below is not None else "")
        shown, recounted = _figures(unit_boards.places(seen, formula)), found.places(formula, below)
        pairs.append(Pair(_renamed(shown, told), _renamed(recounted, told)))
    return pairs


def _renamed(found: Named, told: str) -> Named:
    return {
        unit: {f"{name.removesuffix(' by')}{told}": value for name, value in figures.items()}
        for unit, figures in found.items()
    }


def _figures(ranked: Sequence[UnitPlace]) -> Named:
    return {
        p.turnout.unit: {
            "people": p.turnout.participants,
            "headcount": p.turnout.headcount,
            "compared by": p.measure,
            "unit place": p.place,
        }
        for p in ranked
    }


def _stored_sums(round_id: int) -> Named:
    query = (
        sa.select(Unit.code, sa.func.count())
        .join(StandingUnit, StandingUnit.ancestor_id == Unit.id)
        .where(StandingUnit.round_id == round_id)
        .group_by(Unit.code)
    )
    return {row[0]: {"people": row[1]} for row in db.session.execute(query)}
