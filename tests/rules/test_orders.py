"""Ready orders hold by the rules they come from, and the try-out shows what an order would do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.orders import INVENTED, READY_ORDERS, ReadyOrder, try_out
from contest.rules.ranking import check_criteria
from contest.rules.terms import Criterion


@pytest.mark.parametrize("ready", READY_ORDERS, ids=lambda r: r.code)
def test_ready_orders_are_sound(ready: ReadyOrder) -> None:
    assert check_criteria(ready.criteria, has_prediction=ready.prediction is not None) is None


def order(*criteria: Criterion) -> list[tuple[int, str]]:
    return [(t.place, t.who.letter) for t in try_out(criteria)]


def test_what_comes_first_decides() -> None:
    guess_first = order(Criterion.CORRECT, Criterion.PREDICTION, Criterion.SUBMITTED_AT)
    speed_first = order(Criterion.CORRECT, Criterion.DURATION, Criterion.PREDICTION)
    assert guess_first == [(1, "A"), (2, "C"), (3, "D"), (4, "B"), (5, "E"), (6, "F")]
    assert speed_first == [(1, "B"), (2, "C"), (2, "D"), (4, "A"), (5, "E"), (6, "F")]


@pytest.mark.parametrize("criterion", [c for c in Criterion if c is not Criterion.LOT])
def test_every_criterion_tells_some_of_the_invented_apart(criterion: Criterion) -> None:
    assert len({t.place for t in try_out([criterion])}) > 1


@given(st.permutations(list(Criterion)), st.integers(1, 10))
def test_everybody_has_a_place(criteria: list[Criterion], count: int) -> None:
    tried = try_out(criteria[:count])
    assert sorted(t.who.letter for t in tried) == [i.letter for i in INVENTED]
    assert [t.place for t in tried] == sorted(t.place for t in tried)
    assert tried[0].place == 1
