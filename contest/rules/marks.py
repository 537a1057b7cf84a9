"""A mark that a person gives a response: how much, in which steps, and whether it still answers what is known.

A mark is a number from nought to the points of the question, in steps of a quarter; the whole of the points is always
one. Whoever marks sees the response and its blind code, and nothing of whose it is.
"""

from decimal import Decimal
from fractions import Fraction

from contest.rules.refusals import Refusal
from contest.rules.scoring import as_text
from contest.rules.worth import read_amount

STEP = Decimal("0.25")
COMMENT_LIMIT = 2000


def read_mark(text: str, most: Decimal, step: Decimal = STEP) -> Decimal | Refusal:
    """Read a mark as it is typed, 3,5 or 3.5, out of at most so many points."""
    points = read_amount(text)
    if points is None or not (0 <= points <= most and (points % step == 0 or points == most)):
        return Refusal("bad-mark", {"most": said(most), "step": said(step)}, "points")
    return points


def said(points: Decimal) -> str:
    """Return points as a Vietnamese reader writes them."""
    return as_text(points).replace(".", ",")


def fraction_of(points: Decimal, worth: Decimal) -> Fraction:
    """Return what a mark is of all that the question is worth, from 0 to 1."""
    return Fraction(points) / Fraction(worth)


def follows(seen: int, version: int, points: Decimal | None) -> Refusal | None:
    """Refuse a mark that does not know the one that is there: two people would overwrite each other unseen."""
    if seen == version:
        return None
    return Refusal("mark-changed", {"points": said(points) if points is not None else "–"}, "points")
