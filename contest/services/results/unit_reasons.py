"""Why a unit stands where it stands: every figure with where it comes from, the rule, and the neighbours' values, unnamed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from contest.db import db, elsewhere
from contest.errors import NotFound
from contest.models.organisation import Unit
from contest.rules.permissions import Actor
from contest.rules.unit_terms import UnitCriterion, Unplaced
from contest.rules.units import Formula, Turnout, UnitPlace
from contest.services.results import prizewinners, unit_boards
from contest.services.results.head import find_unit_id
from contest.services.results.turnouts import Seen
from contest.services.results.unit_scopes import Scope
from contest.services.units import headcounts, trees
from contest.services.units.headcounts import Declared


@dataclass(frozen=True, slots=True)
class UnitNeighbour:
    """The place right above or below, by its values alone."""

    place: int
    measure: Decimal
    participants: int
    headcount: int | None


@dataclass(frozen=True, slots=True)
class PrizeLine:
    """So many of a prize that people of a unit won, and what each adds."""

    name: str
    count: int
    points: Decimal


@dataclass(frozen=True, slots=True)
class UnitWhyView:
    """`own` is the figure that the unit gave itself; without one, its headcount is the sum of the units below or unknown.

    `round_code` is None on the board of the whole contest.
    """

    round_code: str | None
    round_title: str
    contest_slug: str
    contest_title: str
    status: str
    unit_code: str
    unit_name: str
    turnout: Turnout
    parent: str | None
    formula: Formula
    by: UnitCriterion | None
    by_present_tree: bool
    place: int | None
    compared_count: int
    tied: int
    measure: Decimal | None
    why_none: Unplaced | None
    own: Declared | None
    is_accepted: bool
    frozen_at: datetime | None
    is_frozen: bool
    taken_in: tuple[str, ...]
    tree_at: datetime | None
    prizes: tuple[PrizeLine, ...]
    awaits_prizes: bool
    above: UnitNeighbour | None
    below: UnitNeighbour | None

    @property
    def participants(self) -> int:
        return self.turnout.participants

    @property
    def headcount(self) -> int | None:
        return self.turnout.headcount

    @property
    def ratio(self) -> Decimal | None:
        return unit_boards.decimal(self.turnout.ratio)

    @property
    def reached(self) -> int:
        """Count the people at or above the least score."""
        return sum(score >= self.formula.least_score for score in self.turnout.scores)

    @property
    def counted_people(self) -> int:
        """Count the people whose scores make the mean."""
        only_best = self.formula.criterion is UnitCriterion.MEAN_OF_BEST
        return self.formula.best if only_best else len(self.turnout.scores)


def why(
    scope: Scope, unit_code: str, *, actor: Actor | None, by: UnitCriterion | None = None, parent: str = ""
) -> UnitWhyView:
    """Explain a unit's place on its board as it shows now; raises NotFound for a unit or a board that does not show.

    Who declared a headcount is named to those alone who are signed in.
    """
    if scope.is_hidden:
        raise NotFound
    contest, counting, row = scope.contest, scope.counting, scope.row
    formula, choices = scope.formula(by)
    inside = find_unit_id(parent)
    found = elsewhere(lambda: prizewinners.measured(contest, counting, formula, parent_id=inside), since=scope.since)
    seen, placed = _place(found, unit_code, formula)
    mine = next(p for p in placed if p.turnout.unit == unit_code)
    frozen = headcounts.of_contest(contest.id, counting.tree)
    above, below = _beside(placed, mine)
    return UnitWhyView(
        round_code=row.code if row else None,
        round_title=row.title if row else "",
        contest_slug=contest.slug,
        contest_title=contest.title,
        status=scope.status,
        unit_code=unit_code,
        unit_name=seen.name,
        turnout=seen.turnout,
        parent=parent or None,
        formula=formula,
        by=None if formula.criterion is choices[0] else formula.criterion,
        by_present_tree=not counting.is_own_tree,
        place=mine.place,
        compared_count=len(placed),
        tied=sum(p.place == mine.place for p in placed) - 1 if mine.place else 0,
        measure=unit_boards.decimal(mine.measure),
        why_none=mine.why_none,
        own=_told(frozen.of(seen.unit_id), actor),
        is_accepted=seen.unit_id in frozen.accepted,
        frozen_at=frozen.at,
        is_frozen=frozen.is_frozen,
        taken_in=_taken_in(seen.unit_id, frozen, counting.tree),
        tree_at=counting.tree,
        prizes=tuple(PrizeLine(p, n, formula.points_of(p)) for p, n in seen.turnout.winners.items()),
        awaits_prizes=prizewinners.are_awaited(contest.id, counting, formula),
        above=above,
        below=below,
    )


def _place(found: list[Seen], code: str, formula: Formula) -> tuple[Seen, list[UnitPlace]]:
    """Return a unit and the places of its division; raises NotFound for one that is not compared."""
    seen = next((s for s in found if s.turnout.unit == code), None)
    if seen is None:
        raise NotFound
    own = (p for p in unit_boards.places(found, formula) if p.turnout.division == seen.turnout.division)
    return seen, list(own)


def _told(own: Declared | None, actor: Actor | None) -> Declared | None:
    """Leave out a figure that was taken back, and before visitors who gave it."""
    if own is None or own.figure is None:
        return None
    return own if actor is not None else Declared(own.figure, own.at, None, own.reason)


def _beside(placed: list[UnitPlace], mine: UnitPlace) -> tuple[UnitNeighbour | None, UnitNeighbour | None]:
    """Return the nearest places above and below; a unit without a place has neither."""
    if mine.place is None:
        return None, None
    higher = [p for p in placed if p.place is not None and p.place < mine.place]
    lower = [p for p in placed if p.place is not None and p.place > mine.place]
    return _neighbour(higher[-1:]), _neighbour(lower[:1])


def _neighbour(found: list[UnitPlace]) -> UnitNeighbour | None:
    for p in found:
        measure = unit_boards.decimal(p.measure)
        assert p.place is not None, "only those with a place are beside another"
        assert measure is not None, "who has a place has a measure"
        return UnitNeighbour(p.place, measure, p.turnout.participants, p.turnout.headcount)
    return None


def _taken_in(unit_id: int, frozen: headcounts.Frozen, tree: datetime | None) -> tuple[str, ...]:
    """Return the names of the units that this one took in since headcounts were frozen."""
    if frozen.at is None or not frozen.is_frozen:
        return ()
    ids = trees.taken_in(frozen.at, tree).get(unit_id, [])
    return tuple(db.session.get_one(Unit, u).name for u in ids)
