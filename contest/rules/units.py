"""Collective standings: distinct people of a unit with all below it, held against its headcount."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from contest.rules.ranking import places
from contest.rules.terms import UnitCriterion


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many distinct people of a unit took part, and how many it has; None when it has not said."""

    unit: str
    participants: int
    headcount: int | None

    @property
    def ratio(self) -> Fraction | None:
        return Fraction(self.participants, self.headcount) if self.headcount else None

    @property
    def is_over(self) -> bool:
        """More people than the unit has: the headcount is wrong, so the ratio ranks nobody."""
        return self.ratio is not None and self.ratio > 1


@dataclass(frozen=True, slots=True)
class UnitPlace:
    place: int | None
    turnout: Turnout


def rank_units(turnouts: Iterable[Turnout], by: UnitCriterion) -> tuple[UnitPlace, ...]:
    """Return the units in order; by ratio, one without a headcount or with over 100 % has no place and stands last.

    Equals share a place; the unit's code only orders the lines of a table.
    """
    all_units = sorted(turnouts, key=lambda t: t.unit)
    placed = [t for t in all_units if by is UnitCriterion.PARTICIPANTS or (t.ratio is not None and not t.is_over)]
    rest = [t for t in all_units if t not in placed]
    keys = sorted(((_strength(t, by), t) for t in placed), key=lambda pair: -pair[0])
    numbers = places(str(strength).encode() for strength, _ in keys)
    ranked = [UnitPlace(n, t) for n, (_, t) in zip(numbers, keys, strict=True)]
    return (*ranked, *(UnitPlace(None, t) for t in rest))


def _strength(turnout: Turnout, by: UnitCriterion) -> Fraction:
    if by is UnitCriterion.PARTICIPANTS or turnout.ratio is None:
        return Fraction(turnout.participants)
    return turnout.ratio
