"""A try-out of a formula for units on units that do not exist."""

from dataclasses import dataclass
from decimal import Decimal

from contest.rules.unit_terms import UnitCriterion, Unplaced
from contest.rules.units import Formula, Turnout, UnitPlace, rank_units

OFFERED = (
    UnitCriterion.RATIO,
    *(c for c in UnitCriterion if c is not UnitCriterion.RATIO),
)  # what is usual comes first
OF_RATIO = frozenset({UnitCriterion.RATIO, UnitCriterion.PERCENT_AND_PRIZES, UnitCriterion.GATED_RATIO})


def _invent(
    letter: str, people: int, members: int | None, scores: tuple[int, ...], winners: dict[str, int], absent: int
) -> Turnout:
    marks = tuple(Decimal(n) for n in scores)
    return Turnout(letter, people, members, marks, winners, mandatory=5, mandatory_present=5 - absent)


# Chosen so that every formula decides otherwise: a small unit that came as one, a large one with many people, one that
# scores high, one with prizes but with somebody missing, one without a headcount, and one with more people than members.
INVENTED = (
    _invent("A", 6, 8, (20, 18, 17, 15, 12, 9), {"nhất": 1, "ba": 1}, 0),
    _invent("B", 8, 16, (19, 16, 16, 14, 11, 10, 8, 6), {}, 0),
    _invent("C", 4, 10, (20, 20, 19, 19), {"nhì": 1, "ba": 1}, 0),
    _invent("D", 7, 7, (18, 16, 15, 13, 13, 12, 10), {"nhì": 1, "ba": 2}, 1),
    _invent("E", 5, None, (17, 15, 14, 9, 9), {"ba": 1}, 0),
    _invent("F", 3, 2, (16, 12, 8), {}, 0),
)


@dataclass(frozen=True, slots=True)
class Tried:
    """An invented unit with its place and measure; without a place, why it has none."""

    place: int | None
    turnout: Turnout
    measure: Decimal | None
    why_none: Unplaced | None


def try_out(formula: Formula) -> tuple[Tried, ...]:
    """Return the invented units in the order that a formula gives them; those it cannot measure stand last."""
    return tuple(_tried(place) for place in rank_units(INVENTED, formula))


def _tried(found: UnitPlace) -> Tried:
    m = found.measure
    return Tried(
        found.place, found.turnout, None if m is None else Decimal(m.numerator) / m.denominator, found.why_none
    )
