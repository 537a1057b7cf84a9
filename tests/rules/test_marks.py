"""A mark: as it is typed, within the points of its question, in steps, and never over one that nobody saw."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.marks import STEP, follows, fraction_of, read_mark, said
from contest.rules.refusals import Refusal

FIVE = Decimal(5)


@pytest.mark.parametrize(
    ("text", "points"), [("0", "0"), ("3,5", "3.5"), ("3.5", "3.5"), (" 4,25 ", "4.25"), ("5", "5"), ("0,25", "0.25")]
)
def test_mark_is_read_as_people_write_it(text: str, points: str) -> None:
    assert read_mark(text, FIVE) == Decimal(points)


@pytest.mark.parametrize(
    "text", ["", "-0,25", "5,25", "3,3", "0,1", "năm", "NaN", "1e309", "Infinity", "1 000 000", "5/2"]
)
def test_mark_out_of_range_or_between_the_steps_is_refused(text: str) -> None:
    assert read_mark(text, FIVE) == Refusal("bad-mark", {"most": "5", "step": "0,25"}, "points")


def test_whole_of_the_points_is_a_mark_wherever_the_steps_end() -> None:
    most = Decimal("3.3")
    assert read_mark("3,3", most) == most
    assert read_mark("3,25", most) == Decimal("3.25")
    assert isinstance(read_mark("3,5", most), Refusal)


def test_steps_are_data() -> None:
    assert read_mark("0,5", FIVE, Decimal("0.5")) == Decimal("0.5")
    assert isinstance(read_mark("0,25", FIVE, Decimal("0.5")), Refusal)


@given(st.integers(0, 40))
def test_every_step_is_a_mark_and_earns_its_share(steps: int) -> None:
    points, worth = steps * STEP, 40 * STEP
    assert read_mark(said(points), worth) == points
    assert fraction_of(points, worth) == Fraction(steps, 40)


def test_mark_over_one_that_was_not_seen_is_refused_with_what_it_is_now() -> None:
    assert follows(0, 0, None) is None
    assert follows(2, 2, Decimal("1.5")) is None
    assert follows(1, 2, Decimal("1.5")) == Refusal("mark-changed", {"points": "1,5"}, "points")
    assert follows(0, 1, Decimal(0)) == Refusal("mark-changed", {"points": "0"}, "points")
