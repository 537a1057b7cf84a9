"""An attempt's total: the number of right answers and the points, exact from the fraction to the weighted sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

from contest.rules.worth import Worth

PLACES = 6  # decimals that points keep; beyond them, half to even


@dataclass(frozen=True, slots=True)
class Total:
    """What an attempt came to; `possible` is what its questions are worth together."""

    correct_count: int
    question_count: int
    points: Decimal
    possible: Decimal


def total(marks: Sequence[tuple[Fraction | None, Worth]]) -> Total:
    """Return the total of an attempt: per question what was earned of its mark, up to 1, and what it is worth.

    One that was dropped earned None and counts nowhere. Rounding happens once, on the sum, so that three thirds are a
    whole and the order of questions cannot matter. Where a worth says so, less than nothing is nothing.
    """
    counted = [(mark, worth) for mark, worth in marks if mark is not None]
    earned = _sum_of_products([(mark, worth.points) for mark, worth in counted])
    if any(worth.floored for _, worth in marks):
        earned = max(earned, Fraction())
    return Total(
        correct_count=sum(mark.numerator == mark.denominator for mark, _ in counted),
        question_count=len(counted),
        points=rounded(earned),
        possible=sum((worth.points for _, worth in counted), Decimal()),
    )


def _sum_of_products(pairs: Sequence[tuple[Fraction, Decimal]]) -> Fraction:
    """Return the exact sum, reckoned in whole numbers over one denominator: several times as fast, and a million are counted."""
    ratios = [(mark.numerator, mark.denominator, *points.as_integer_ratio()) for mark, points in pairs]
    over = lcm(*(under * below for _, under, _, below in ratios))
    return Fraction(sum(up * above * (over // (under * below)) for up, under, above, below in ratios), over)


def as_text(points: Decimal) -> str:
    """Return points as an exact decimal without exponent or trailing zeros."""
    digits = f"{points:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def whole(value: Decimal) -> int | Decimal:
    """Return a count as a whole number where it is one; a mean of several attempts may have decimals."""
    return int(value) if value == value.to_integral_value() else value


def rounded(value: Fraction) -> Decimal:
    """Return a value to the millionth, half to even."""
    return Decimal(round(value * 10**PLACES)).scaleb(-PLACES)
