"""Collective standings: distinct people of a unit with all below it, measured by the formula that a contest chooses.

A measure is an exact fraction; a unit that the formula cannot measure has no place and stands behind those that have,
with the reason. Equals share a place. Units may be compared within divisions.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from contest.rules.awards import prize_key
from contest.rules.ranking import places
from contest.rules.refusals import Refusal
from contest.rules.unit_terms import UnitCriterion, Unplaced


@dataclass(frozen=True, slots=True)
class Turnout:
    """What is known of a unit with all below it; each person counts once.

    `scores` are the recognised scores of its people, `winners` the prizes its people won, `prized` how many people won
    them (None: each somebody else), `mandatory` how many had to take part and how many of those did.
    """

    unit: str
    participants: int
    headcount: int | None
    scores: tuple[Decimal, ...] = ()
    winners: Mapping[str, int] = field(default_factory=dict)
    mandatory: int = 0
    mandatory_present: int = 0
    division: str = ""
    prized: int | None = None

    @property
    def ratio(self) -> Fraction | None:
        return Fraction(self.participants, self.headcount) if self.headcount else None

    @property
    def is_over(self) -> bool:
        """More people than the unit has: the headcount is wrong, so the ratio ranks nobody."""
        return self.ratio is not None and self.ratio > 1

    @property
    def winner_count(self) -> int:
        return sum(self.winners.values()) if self.prized is None else self.prized


def headcounts(
    units: Mapping[int, tuple[int | None, int | None]],
    taken_in: Mapping[int, Sequence[int]] = MappingProxyType({}),
    former: Mapping[int, int | None] = MappingProxyType({}),
) -> dict[int, int | None]:
    """Return unit → members: as declared, or else the sum of those right below it when each of them has a figure.

    `units` maps a unit to its parent and what it declared itself. Once figures are frozen, a unit that takes another in
    counts with that one's figure too: `taken_in` names whom it took in, `former` holds the figures as they were frozen. A
    unit founded since, with nothing of its own, has the sum of those it took in.
    """
    below: dict[int | None, list[int]] = {}
    for unit, (parent, _) in units.items():
        below.setdefault(parent, []).append(unit)
    found: dict[int, int | None] = {}

    def of_those_taken_in(unit: int) -> int | None:
        return _sum_if_known([_sum_if_known([former.get(u), of_those_taken_in(u)]) for u in taken_in.get(unit, ())])

    def figure(unit: int) -> int | None:
        if unit not in found:
            declared = units[unit][1]
            if declared is not None:
                found[unit] = _sum_if_known([declared, of_those_taken_in(unit)])
            elif unit in taken_in and unit not in former:
                found[unit] = of_those_taken_in(unit)
            else:
                children = [figure(child) for child in below.get(unit, [])]
                found[unit] = _sum_if_known(children) if children else None
        return found[unit]

    return {unit: figure(unit) for unit in units}


def _sum_if_known(figures: Sequence[int | None]) -> int | None:
    known = [n for n in figures if n is not None]
    return sum(known) if len(known) == len(figures) else None


@dataclass(frozen=True, slots=True)
class Formula:
    """How units are compared, with what the criterion needs: points a prize, a least score, how many best scores."""

    criterion: UnitCriterion
    prize_points: Mapping[str, Decimal] = field(default_factory=dict)
    least_score: Decimal = Decimal()
    best: int = 0

    def points_of(self, prize: str) -> Decimal:
        """Return what a prize adds; one that the regulations give no points adds nothing."""
        known = {prize_key(name): points for name, points in self.prize_points.items()}
        return known.get(prize_key(prize), Decimal())


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """A unit's place and measure; without a place, why it has none."""

    place: int | None
    turnout: Turnout
    measure: Fraction | None = None
    why_none: Unplaced | None = None


# What a formula needs to know beside who took part and how many there are.
OF_PRIZES = frozenset({UnitCriterion.PERCENT_AND_PRIZES, UnitCriterion.GATED_RATIO, UnitCriterion.WINNERS})
OF_SCORES = frozenset({UnitCriterion.AT_LEAST, UnitCriterion.MEAN, UnitCriterion.MEAN_OF_BEST})


def check_formula(formula: Formula) -> Refusal | None:
    """Refuse a formula that lacks what its criterion needs."""
    match formula.criterion:
        case UnitCriterion.PERCENT_AND_PRIZES:
            return check_points(formula)
        case UnitCriterion.MEAN_OF_BEST if formula.best < 1:
            return Refusal("best-count", {"low": 1}, "best")
        case UnitCriterion.AT_LEAST if formula.least_score <= 0:
            return Refusal("least-score-missing", field="least_score")
        case _:
            return None


def check_points(formula: Formula, prizes: Iterable[str] = ()) -> Refusal | None:
    """Refuse points of no prize, a prize named twice, and points that leave out one of the `prizes` of the contest."""
    if not formula.prize_points:
        return Refusal("prize-points-missing", field="prize_points")
    known = {prize_key(name) for name in formula.prize_points}
    if len(known) < len(formula.prize_points):
        return Refusal("prize-twice", field="prize_points")
    left = next((prize for prize in prizes if prize_key(prize) not in known), None)
    return None if left is None else Refusal("points-of-prize-missing", {"prize": left}, "prize_points")


def measure(turnout: Turnout, formula: Formula) -> Fraction | Unplaced:
    """Return what a unit is worth by a formula, more is better, or why it cannot be compared."""
    return _MEASURES[formula.criterion](turnout, formula)


def _ratio(turnout: Turnout, _: Formula) -> Fraction | Unplaced:
    if turnout.ratio is None:
        return Unplaced.NO_HEADCOUNT
    return Unplaced.OVER_HEADCOUNT if turnout.is_over else turnout.ratio


def _percent_and_prizes(turnout: Turnout, formula: Formula) -> Fraction | Unplaced:
    """70 % of the people, one first prize of 10 and one third of 6: 86."""
    ratio = _ratio(turnout, formula)
    if isinstance(ratio, Unplaced):
        return ratio
    prizes = (Fraction(formula.points_of(p)) * n for p, n in turnout.winners.items())
    return ratio * 100 + sum(prizes, Fraction())


def _gated_ratio(turnout: Turnout, formula: Formula) -> Fraction | Unplaced:
    if turnout.mandatory_present < turnout.mandatory:
        return Unplaced.MANDATORY_MISSING
    return _ratio(turnout, formula) if turnout.winner_count else Unplaced.NO_WINNER


def _mean(scores: Sequence[Decimal]) -> Fraction | Unplaced:
    """The exact mean; among many people there are few scores, and each is added as often as it was reached."""
    reached = (Fraction(score) * people for score, people in Counter(scores).items())
    return sum(reached, Fraction()) / len(scores) if scores else Unplaced.NOBODY


def _mean_of_best(turnout: Turnout, formula: Formula) -> Fraction | Unplaced:
    """The mean of the best k; a unit with fewer people than k cannot be compared by it."""
    if len(turnout.scores) < formula.best:
        return Unplaced.TOO_FEW
    return _mean(sorted(turnout.scores, reverse=True)[: formula.best])


_MEASURES: Mapping[UnitCriterion, Callable[[Turnout, Formula], Fraction | Unplaced]] = {
    UnitCriterion.PARTICIPANTS: lambda t, _: Fraction(t.participants),
    UnitCriterion.RATIO: _ratio,
    UnitCriterion.PERCENT_AND_PRIZES: _percent_and_prizes,
    UnitCriterion.GATED_RATIO: _gated_ratio,
    UnitCriterion.WINNERS: lambda t, _: Fraction(t.winner_count),
    UnitCriterion.AT_LEAST: lambda t, f: Fraction(sum(score >= f.least_score for score in t.scores)),
    UnitCriterion.MEAN: lambda t, _: _mean(t.scores),
    UnitCriterion.MEAN_OF_BEST: _mean_of_best,
}


def rank_units(turnouts: Iterable[Turnout], by: Formula | UnitCriterion) -> tuple[UnitPlace, ...]:
    """Return the units of one comparison in order; those without a place stand last. The code only orders the lines."""
    formula = by if isinstance(by, Formula) else Formula(by)
    measured = [(measure(t, formula), t) for t in sorted(turnouts, key=lambda t: t.unit)]
    placed = sorted(((m, t) for m, t in measured if isinstance(m, Fraction)), key=lambda pair: -pair[0])
    numbers = places(str(m).encode() for m, _ in placed)
    ranked = [UnitPlace(n, t, m) for n, (m, t) in zip(numbers, placed, strict=True)]
    return (*ranked, *(UnitPlace(None, t, None, m) for m, t in measured if isinstance(m, Unplaced)))


def rank_divisions(turnouts: Iterable[Turnout], by: Formula) -> dict[str, tuple[UnitPlace, ...]]:
    """Return the standing of each division (bảng), compared within itself alone."""
    by_division: dict[str, list[Turnout]] = {}
    for turnout in turnouts:
        by_division.setdefault(turnout.division, []).append(turnout)
    return {name: rank_units(own, by) for name, own in sorted(by_division.items())}
