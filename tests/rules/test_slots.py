"""Mixed slots: each prize to the best by its own criterion of those who have won nothing yet."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.awards import OpenTie
from contest.rules.result_terms import EdgeTie
from contest.rules.slots import BEST_BY, Slot, fill_slots
from contest.rules.unit_terms import UnitCriterion
from contest.rules.units import Formula, Turnout

NUMBER, RATIO = Formula(UnitCriterion.PARTICIPANTS), Formula(UnitCriterion.RATIO)
# First prize to most participants; two seconds to no. 2 by number and no. 1 by ratio; two thirds to no. 3 and no. 2.
REAL = (Slot("nhất", NUMBER), Slot("nhì 1", NUMBER), Slot("nhì 2", RATIO), Slot("ba 1", NUMBER), Slot("ba 2", RATIO))


def unit(code: str, participants: int, headcount: int | None = 100) -> Turnout:
    return Turnout(code, participants, headcount)


UNITS = (
    unit("A", 90),
    unit("B", 80, 400),
    unit("C", 70, 700),
    unit("D", 60, 61),
    unit("E", 50, 60),
    unit("F", 9, None),
)


def test_real_regulations_let_a_unit_win_once() -> None:
    assert fill_slots(UNITS, REAL).winners == (
        ("A", "nhất"), ("B", "nhì 1"), ("D", "nhì 2"), ("C", "ba 1"), ("E", "ba 2")
    )  # fmt: skip


def test_refused_unit_gives_way_to_the_next_of_its_line() -> None:
    won = dict(fill_slots(UNITS, REAL, refused={"A"}).winners)
    assert won == {"B": "nhất", "C": "nhì 1", "D": "nhì 2", "E": "ba 1"}


def test_equals_for_a_slot_wait_for_a_lot_or_all_win() -> None:
    equals = [unit("A", 90), unit("B", 90), unit("C", 10, 10)]
    assert fill_slots(equals, REAL[:3]).tie == OpenTie("nhất", 1, ("A", "B"))
    drawn = fill_slots(equals, REAL[:3], lots={"nhất": {"A": 2, "B": 1}})
    assert drawn.winners == (("B", "nhất"), ("A", "nhì 1"), ("C", "nhì 2"))
    shared = fill_slots(equals, REAL[:2], edge=EdgeTie.ALL)
    assert shared.winners == (("A", "nhất"), ("B", "nhất"), ("C", "nhì 1"))


def test_lot_of_one_prize_says_nothing_about_another() -> None:
    equals = [unit("A", 90), unit("B", 90), unit("C", 90)]
    found = fill_slots(equals, REAL[:2], lots={"nhất": {"A": 2, "B": 1, "C": 3}})
    assert (found.winners, found.tie) == ((("B", "nhất"),), OpenTie("nhì 1", 1, ("A", "C")))


def test_unit_of_which_nobody_took_part_wins_nothing() -> None:
    assert fill_slots([unit("A", 0)], [Slot("nhất", NUMBER)]).winners == ()


@pytest.mark.parametrize(("cap", "winners"), [(Fraction(1, 6), 1), (Fraction(1, 2), 3), (Fraction(1), 5), (None, 5)])
def test_cap_is_never_passed(cap: Fraction | None, winners: int) -> None:
    assert len(fill_slots(UNITS, REAL, cap=cap).winners) == winners


@given(
    st.lists(st.tuples(st.integers(0, 5), st.none() | st.integers(1, 9)), max_size=8),
    st.lists(st.tuples(st.sampled_from(sorted(BEST_BY)), st.integers(1, 3)), max_size=5),
)
def test_unit_wins_once_and_no_line_gives_more_than_it_has(
    units: list[tuple[int, int | None]], lines: list[tuple[UnitCriterion, int]]
) -> None:
    turnouts = [unit(f"U{n}", *figures) for n, figures in enumerate(units)]
    slots = [Slot(str(n), Formula(by), count) for n, (by, count) in enumerate(lines)]
    found = fill_slots(turnouts, slots)
    assert len(dict(found.winners)) == len(found.winners)
    for slot in slots:
        assert sum(prize == slot.prize for _, prize in found.winners) <= slot.count
