"""Collective standings: every formula of the regulations, its gates, divisions, mixed slots, and the laws of an order."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.unit_terms import UnitCriterion, Unplaced
from contest.rules.units import (
    Formula,
    Turnout,
    check_formula,
    headcounts,
    measure,
    rank_divisions,
    rank_units,
)

UNITS = (Turnout("A", 9, 10), Turnout("B", 50, 100), Turnout("C", 12, 10), Turnout("D", 3, None), Turnout("E", 18, 20))


def placed(by: UnitCriterion) -> list[tuple[int | None, str]]:
    return [(u.place, u.turnout.unit) for u in rank_units(UNITS, by)]


def test_by_number_of_people() -> None:
    assert placed(UnitCriterion.PARTICIPANTS) == [(1, "B"), (2, "E"), (3, "C"), (4, "A"), (5, "D")]


def test_by_ratio_over_a_hundred_or_without_headcount_has_no_place() -> None:
    assert placed(UnitCriterion.RATIO) == [(1, "A"), (1, "E"), (3, "B"), (None, "C"), (None, "D")]


def test_exactly_a_hundred_percent_is_placed() -> None:
    assert rank_units([Turnout("A", 10, 10)], UnitCriterion.RATIO)[0].place == 1
    assert rank_units([Turnout("A", 11, 10)], UnitCriterion.RATIO)[0].place is None
    assert rank_units([Turnout("A", 0, 0)], UnitCriterion.RATIO)[0].place is None


def test_order_of_input_does_not_matter() -> None:
    for by in UnitCriterion:
        assert rank_units(reversed(UNITS), by) == rank_units(UNITS, by)


def unit(code: str, participants: int, headcount: int | None = 100, **more: Any) -> Turnout:
    return Turnout(code, participants, headcount, **more)


PRIZES = {"nhat": Decimal(10), "nhi": Decimal(8), "ba": Decimal(6)}


def test_percent_and_prize_points_as_the_regulations_reckon_it() -> None:
    formula = Formula(UnitCriterion.PERCENT_AND_PRIZES, prize_points=PRIZES)
    assert measure(unit("A", 70, winners={"nhat": 1, "ba": 1}), formula) == 86
    assert measure(unit("A", 70, winners={"khac": 3}), formula) == 70
    assert measure(unit("A", 101), formula) is Unplaced.OVER_HEADCOUNT
    assert measure(unit("A", 5, None), formula) is Unplaced.NO_HEADCOUNT


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"mandatory": 3, "mandatory_present": 3, "winners": {"ba": 1}}, Fraction(1, 2)),
        ({"mandatory": 3, "mandatory_present": 2, "winners": {"ba": 1}}, Unplaced.MANDATORY_MISSING),
        ({"mandatory": 3, "mandatory_present": 3}, Unplaced.NO_WINNER),
        ({"winners": {"ba": 1}}, Fraction(1, 2)),
    ],
)
def test_gates_come_before_the_ratio(changed: dict[str, Any], found: Fraction | Unplaced) -> None:
    assert measure(unit("A", 50, **changed), Formula(UnitCriterion.GATED_RATIO)) == found


def test_winners_and_people_at_or_above_a_score_are_counted() -> None:
    scores = (Decimal("14.999999"), Decimal(15), Decimal(20))
    assert measure(unit("A", 3, scores=scores), Formula(UnitCriterion.AT_LEAST, least_score=Decimal(15))) == 2
    assert measure(unit("A", 3, winners={"nhat": 1, "ba": 2}), Formula(UnitCriterion.WINNERS)) == 3


def test_means_are_exact_and_need_people() -> None:
    scores = (Decimal(20), Decimal(19), Decimal(19))
    assert measure(unit("A", 3, scores=scores), Formula(UnitCriterion.MEAN)) == Fraction(58, 3)
    assert measure(unit("A", 0), Formula(UnitCriterion.MEAN)) is Unplaced.NOBODY
    assert measure(unit("A", 3, scores=scores), Formula(UnitCriterion.MEAN_OF_BEST, best=2)) == Fraction(39, 2)
    assert measure(unit("A", 3, scores=scores), Formula(UnitCriterion.MEAN_OF_BEST, best=3)) == Fraction(58, 3)
    assert measure(unit("A", 3, scores=scores), Formula(UnitCriterion.MEAN_OF_BEST, best=4)) is Unplaced.TOO_FEW


def test_units_without_a_place_stand_last_with_the_reason() -> None:
    found = rank_units([unit("A", 5, None), unit("B", 50), unit("C", 120)], Formula(UnitCriterion.RATIO))
    assert [(p.turnout.unit, p.place, p.why_none) for p in found] == [
        ("B", 1, None),
        ("A", None, Unplaced.NO_HEADCOUNT),
        ("C", None, Unplaced.OVER_HEADCOUNT),
    ]


def test_divisions_are_compared_each_within_itself() -> None:
    units_ = [unit("A", 5, division="1"), unit("B", 9, division="2"), unit("C", 7, division="1")]
    found = rank_divisions(units_, Formula(UnitCriterion.PARTICIPANTS))
    assert {d: [(p.turnout.unit, p.place) for p in own] for d, own in found.items()} == {
        "1": [("C", 1), ("A", 2)],
        "2": [("B", 1)],
    }


NUMBER, RATIO = UnitCriterion.PARTICIPANTS, UnitCriterion.RATIO


@pytest.mark.parametrize(
    ("formula", "slug"),
    [
        (Formula(UnitCriterion.PERCENT_AND_PRIZES), "prize-points-missing"),
        (Formula(UnitCriterion.PERCENT_AND_PRIZES, prize_points=PRIZES), None),
        (Formula(UnitCriterion.MEAN_OF_BEST), "best-count"),
        (Formula(UnitCriterion.MEAN_OF_BEST, best=1), None),
        (Formula(UnitCriterion.AT_LEAST), "least-score-missing"),
        (Formula(UnitCriterion.AT_LEAST, least_score=Decimal("0.5")), None),
        (Formula(UnitCriterion.RATIO), None),
    ],
)
def test_formulas_are_checked(formula: Formula, slug: str | None) -> None:
    refusal = check_formula(formula)
    assert (refusal.slug if refusal else None) == slug


turnouts = st.builds(
    Turnout,
    st.text("ABCDEFGHIJ", min_size=1, max_size=3),
    st.integers(0, 50),
    st.none() | st.integers(0, 60),
    st.lists(st.integers(0, 20).map(Decimal), max_size=8).map(tuple),
    st.dictionaries(st.sampled_from(["nhat", "nhi", "ba"]), st.integers(0, 3)),
    st.integers(0, 2),
    st.integers(0, 2),
)
formulas = st.builds(
    Formula, st.sampled_from(UnitCriterion), st.just(PRIZES), st.integers(0, 20).map(Decimal), st.integers(1, 5)
)


@given(st.lists(turnouts, max_size=15, unique_by=lambda t: t.unit), formulas, st.randoms())
def test_order_is_total_and_does_not_depend_on_the_input(units_, formula, rng) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(units_)
    rng.shuffle(shuffled)
    found = rank_units(units_, formula)
    assert found == rank_units(shuffled, formula)
    assert sorted(p.turnout.unit for p in found) == sorted(t.unit for t in units_)
    placed = [p for p in found if p.place is not None]
    assert [p.place for p in placed] == [1 + sum(o.measure > p.measure for o in placed) for p in placed]
    assert all((p.place is None) == (p.why_none is not None) for p in found)


def test_headcount_is_declared_or_the_sum_of_those_right_below() -> None:
    tree = {1: (None, None), 2: (1, None), 3: (1, 40), 4: (2, 5), 5: (2, 6), 6: (None, None), 7: (6, 3), 8: (6, None)}
    assert headcounts(tree) == {1: 51, 2: 11, 3: 40, 4: 5, 5: 6, 6: None, 7: 3, 8: None}
    assert headcounts({1: (None, 7), 2: (1, 100)}) == {1: 7, 2: 100}
