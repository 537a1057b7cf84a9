"""Collective standings by people and by ratio."""

from contest.rules.terms import UnitCriterion
from contest.rules.units import Turnout, rank_units

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
