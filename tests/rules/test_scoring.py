from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.marking import Scoring
from contest.rules.scoring import Total, as_text
from contest.rules.scoring import total as weighted
from contest.rules.worth import PLAIN_WORTH, Worth

fractions = st.lists(st.fractions(min_value=0, max_value=1, max_denominator=97), max_size=60)
each = st.decimals(min_value=0, max_value=1000, places=3)
PENALISED = Worth(Decimal(2), Scoring(penalty=Fraction(1, 2)))
FLOORED = Worth(Decimal(2), Scoring(penalty=Fraction(1, 2)), floored=True)


def total(marks, points_each):
    return weighted([(mark, Worth(points_each)) for mark in marks])


def test_total_of_twenty_right_questions_is_twenty():
    assert total([Fraction(1)] * 20, Decimal(1)) == Total(20, 20, Decimal(20), Decimal(20))


def test_total_of_nothing_is_zero():
    assert total([], Decimal(5)) == Total(0, 0, Decimal(0), Decimal(0))


def test_three_thirds_are_a_whole_but_not_a_correct_question():
    assert total([Fraction(1, 3)] * 3, Decimal(1)) == Total(0, 3, Decimal(1), Decimal(3))


@pytest.mark.parametrize(
    ("fraction", "points"),
    [
        (Fraction(1, 3), "0.333333"),
        (Fraction(2, 3), "0.666667"),
        (Fraction(5, 10**7), "0"),  # a half goes to the even neighbour, here 0
        (Fraction(15, 10**7), "0.000002"),  # and here 2
        (Fraction(5_000_001, 10**13), "0.000001"),  # just above a half
        (Fraction(14_999_999, 10**13), "0.000001"),  # just below the next
    ],
)
def test_points_round_to_six_places_half_to_even(fraction, points):
    assert total([fraction], Decimal(1)).points == Decimal(points)


@given(fractions, each, st.randoms(use_true_random=False))
def test_order_of_questions_does_not_matter(marks, points_each, chance: Random):
    mixed = chance.sample(marks, len(marks))
    assert total(mixed, points_each) == total(marks, points_each)


@given(fractions, each)
def test_total_is_bounded_and_the_same_twice(marks, points_each):
    first = total(marks, points_each)
    assert total(marks, points_each) == first
    assert 0 <= first.points <= points_each * len(marks)
    assert first.correct_count == marks.count(Fraction(1))


@given(fractions, each)
def test_points_lie_within_half_a_millionth_of_the_exact_sum(marks, points_each):
    exact = sum(marks, Fraction()) * Fraction(points_each)
    assert abs(Fraction(total(marks, points_each).points) - exact) <= Fraction(1, 2 * 10**6)


@pytest.mark.parametrize(
    ("points", "text"),
    [
        ("17.000000", "17"),
        ("0.500000", "0.5"),
        ("100", "100"),
        ("0", "0"),
        ("0E-6", "0"),
        ("1E+2", "100"),
        ("-1.50", "-1.5"),
    ],
)
def test_points_as_text_have_no_exponent_and_no_trailing_zeros(points, text):
    assert as_text(Decimal(points)) == text


def test_questions_weigh_what_they_are_worth():
    marks = [(Fraction(1), Worth(Decimal(15))), (Fraction(1, 3), Worth(Decimal("0.75"))), (Fraction(1), PLAIN_WORTH)]
    assert weighted(marks) == Total(2, 3, Decimal("16.25"), Decimal("16.75"))


def test_dropped_question_counts_nowhere():
    marks = [(None, Worth(Decimal(15))), (Fraction(1), Worth(Decimal(2)))]
    assert weighted(marks) == Total(1, 1, Decimal(2), Decimal(2))


def test_total_is_floored_only_where_the_round_says_so():
    wrong, right = Fraction(-1, 2), Fraction(1)
    assert weighted([(wrong, PENALISED), (wrong, PENALISED)]).points == -2
    assert weighted([(wrong, FLOORED), (wrong, FLOORED)]).points == 0
    assert weighted([(wrong, FLOORED), (wrong, FLOORED), (right, FLOORED), (right, FLOORED)]).points == 2
    assert weighted([(None, FLOORED), (wrong, PENALISED)]).points == 0  # a paper is floored, not its questions


weights = st.lists(st.tuples(st.fractions(min_value=-1, max_value=1, max_denominator=97), each), max_size=30)


@given(weights, st.randoms(use_true_random=False))
def test_weighted_sum_is_exact_in_any_order(pairs, chance: Random):
    marks = [(mark, Worth(points)) for mark, points in pairs]
    exact = sum((mark * Fraction(points) for mark, points in pairs), Fraction())
    found = weighted(chance.sample(marks, len(marks)))
    assert abs(Fraction(found.points) - exact) <= Fraction(1, 2 * 10**6)
    assert found.possible == sum((points for _, points in pairs), Decimal())
