"""An attempt's total: the number of right answers and the points, exact from the fraction to the sum."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

PLACES = 6  # decimals that points keep; beyond them, half to even


@dataclass(frozen=True, slots=True)
class Total:
    correct_count: int
    points: Decimal


def total(fractions: Iterable[Fraction], points_each: Decimal) -> Total:
    """Return the total of an attempt: fractions of the mark in [0, 1], one a question, each worth the same points.

    Rounding happens once, on the sum, so that three thirds are a whole and the order of questions cannot matter.
    """
    marks = list(fractions)
    return Total(
        correct_count=sum(mark == 1 for mark in marks),
        points=rounded(sum(marks, Fraction()) * Fraction(points_each)),
    )


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
