"""Lots order equals, and nobody else: whoever has the better key stands above, whatever is drawn."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from contest.rules.attempts import counted_attempt
from contest.rules.lots import equals_of, lots_of
from contest.rules.ranking import Achievement, Merit, lot_in, rank_key
from contest.rules.terms import Counted, Criterion

CRITERIA = (Criterion.CORRECT, Criterion.DURATION, Criterion.LOT)
NOON = datetime(2026, 5, 20, 5, tzinfo=UTC)


def key(correct: int, seconds: int, lot: int | None = None) -> bytes:
    own = Achievement(1, correct, 20, Decimal(correct), None, seconds, NOON, NOON)
    merit = counted_attempt([own], Counted.BEST, CRITERIA, target=None, lot=lot)
    assert merit is not None
    return rank_key(merit, CRITERIA, target=None)


def test_equals_are_grouped_the_best_first_and_nobody_stands_alone_in_a_group() -> None:
    keys = {7: key(20, 60), 1: key(19, 60), 5: key(20, 60), 2: key(20, 50), 3: key(19, 60)}
    assert equals_of(keys) == [[5, 7], [1, 3]]
    assert equals_of({}) == []


def test_last_draw_among_a_whole_group_counts() -> None:
    assert lots_of([[1, 2]], [[2, 1, 3]]) == {2: 1, 1: 2}
    assert lots_of([[1, 2]], [[2, 1, 3], [1, 2]]) == {1: 1, 2: 2}
    assert lots_of([[1, 2, 4]], [[2, 1, 3]]) == {}  # somebody has joined who did not draw
    assert lots_of([[1, 2, 4], [5, 6]], [[6, 5], [4, 2, 1], [3, 9]]) == {4: 1, 2: 2, 1: 3, 6: 1, 5: 2}
    assert lots_of([[1, 2]], []) == {}


def test_lot_is_read_out_of_the_key() -> None:
    assert (lot_in(key(20, 60)), lot_in(key(20, 60, 3))) == (None, 3)


people = st.dictionaries(st.integers(1, 30), st.tuples(st.integers(0, 3), st.integers(1, 3)), max_size=30)


@given(people, st.lists(st.permutations(range(1, 31)), max_size=3), st.integers(0, 30))
def test_lot_never_lifts_anybody_over_a_better_key(
    found: dict[int, tuple[int, int]], orders: list[list[int]], cut: int
) -> None:
    before = {person: key(*what) for person, what in found.items()}
    lots = lots_of(equals_of(before), [order[cut:] for order in orders])
    after = {person: key(*what, lots.get(person)) for person, what in found.items()}
    for one in found:
        for other in found:
            if before[one] < before[other]:
                assert after[one] < after[other]
    for group in equals_of(before):
        drawn = [person in lots for person in group]
        assert all(drawn) or not any(drawn)
        assert len({after[person] for person in group}) == (len(group) if all(drawn) else 1)


def test_merit_without_a_lot_is_equal_to_its_equals() -> None:
    own = Achievement(1, 20, 20, Decimal(20), None, 60, NOON, NOON)
    merits = [Merit(own, Decimal(20), Decimal(20), 1, 1), Merit(own, Decimal(20), Decimal(20), 1, 1)]
    assert len({rank_key(m, CRITERIA, target=None) for m in merits}) == 1
