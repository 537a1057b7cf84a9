"""What may happen to a unit in the tree, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.tree import check_effective, check_merger, check_move, check_split, is_below
from contest.rules.unit_orders import INVENTED, OF_RATIO, OFFERED, try_out
from contest.rules.unit_terms import UnitCriterion, Unplaced
from contest.rules.units import Formula, headcounts

#      1
#    2   5
#   3 4  6
TREE = {1: None, 2: 1, 3: 2, 4: 2, 5: 1, 6: 5}
AT = datetime(2026, 7, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def slug(refusal: object) -> str | None:
    return getattr(refusal, "slug", None)


@pytest.mark.parametrize(
    ("unit", "under", "said"),
    [
        (2, 5, None),
        (3, 6, None),
        (3, 1, None),
        (2, 1, "move-to-same"),
        (2, 2, "move-under-itself"),
        (2, 3, "move-under-itself"),
        (1, 2, "unit-on-top"),
    ],
)
def test_unit_moves_anywhere_but_into_itself(unit: int, under: int, said: str | None) -> None:
    assert slug(check_move(unit, under, TREE)) == said


@pytest.mark.parametrize(
    ("unit", "into", "people_to", "said"),
    [
        (2, 5, None, None),
        (2, 5, 5, None),
        (2, 5, 6, None),
        (2, 5, 3, None),  # a unit that comes along
        (3, 2, None, None),  # into its own parent
        (2, 5, 2, "people-not-below"),
        (2, 5, 1, "people-not-below"),
        (2, 2, None, "merge-into-itself"),
        (2, 3, None, "merge-into-own-child"),
        (1, 3, None, "merge-into-own-child"),
        (1, 1, None, "merge-into-itself"),
    ],
)
def test_unit_merges_into_any_but_itself_and_what_is_below(
    unit: int, into: int, people_to: int | None, said: str | None
) -> None:
    assert slug(check_merger(unit, into, people_to, TREE)) == said


@pytest.mark.parametrize(
    ("unit", "people", "units", "said"),
    [
        (2, 1, [], None),
        (2, 0, [3], None),
        (2, 0, [], "split-empty"),
        (2, 1, [6], "split-not-below"),
        (1, 1, [2], "unit-on-top"),
    ],
)
def test_split_takes_somebody_or_something_right_below(
    unit: int, people: int, units: list[int], said: str | None
) -> None:
    assert slug(check_split(unit, people, units, TREE)) == said


@pytest.mark.parametrize(
    ("effective", "said"),
    [
        (AT + SECOND, "effective-in-future"),
        (AT, None),
        (AT - timedelta(days=1), None),
        (AT - timedelta(days=1) - SECOND, "effective-too-early"),
    ],
)
def test_change_holds_between_what_is_fixed_and_now(effective: datetime, said: str | None) -> None:
    assert slug(check_effective(effective, AT, AT - timedelta(days=1))) == said


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12))
def test_no_allowed_move_makes_a_ring(draws: list[int]) -> None:
    parents: dict[int, int | None] = {0: None} | {n: d % n for n, d in enumerate(draws, 1)}
    for unit in parents:
        for under in parents:
            if check_move(unit, under, parents) is None:
                moved = {**parents, unit: under}
                assert not is_below(unit, unit, moved)
                assert all(is_below(n, 0, moved) for n in moved if n)


# Headcounts with mergers since the freeze


@pytest.mark.parametrize(
    ("units", "taken_in", "former", "figure"),
    [
        ({1: (None, 20)}, {1: [2]}, {1: 20, 2: 10}, 30),
        ({1: (None, 20)}, {1: [2]}, {1: 20, 2: None}, None),  # of whom it took in nothing is known
        ({1: (None, 20)}, {1: [2], 2: [3]}, {1: 20, 2: 10, 3: 5}, 35),  # which had taken in another before
        ({1: (None, None)}, {1: [2, 3]}, {2: 10, 3: 5}, 15),  # founded since, by merging two
        ({1: (None, None), 4: (1, 7)}, {1: [2]}, {1: 7, 2: 10, 4: 7}, 7),  # sums what is below, as ever
        ({1: (None, None)}, {}, {}, None),
    ],
)
def test_unit_counts_with_those_it_took_in(
    units: dict[int, tuple[int | None, int | None]],
    taken_in: dict[int, list[int]],
    former: dict[int, int | None],
    figure: int | None,
) -> None:
    assert headcounts(units, taken_in, former)[1] == figure


# Tried out on invented units


def test_every_formula_can_be_tried_and_tells_the_invented_units_apart() -> None:
    for criterion in UnitCriterion:
        tried = try_out(Formula(criterion, prize_points={"nhất": 10, "nhì": 8, "ba": 6}, least_score=15, best=3))  # type: ignore[dict-item, arg-type]
        assert {t.turnout.unit for t in tried} == {i.unit for i in INVENTED}
        assert len({t.place for t in tried}) > 2
        assert all((t.place is None) == (t.measure is None) for t in tried)
        if criterion in OF_RATIO:
            reasons = {t.turnout.unit: t.why_none for t in tried}
            assert reasons["E"] is Unplaced.NO_HEADCOUNT


def test_prizes_and_gates_turn_the_order_of_the_ratio() -> None:
    orders = {c: [t.turnout.unit for t in try_out(Formula(c, prize_points={"nhất": 10, "nhì": 8, "ba": 6})) if t.place]  # type: ignore[dict-item]
              for c in (UnitCriterion.RATIO, UnitCriterion.PERCENT_AND_PRIZES, UnitCriterion.GATED_RATIO)}  # fmt: skip
    assert orders == {
        UnitCriterion.RATIO: ["D", "A", "B", "C"],
        UnitCriterion.PERCENT_AND_PRIZES: ["D", "A", "C", "B"],
        UnitCriterion.GATED_RATIO: ["A", "C"],
    }
    assert set(OFFERED) == set(UnitCriterion)
