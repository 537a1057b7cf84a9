"""What a question is worth: kept only where it is not plain, typed as people type it, and never what no slot could be."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.marking import Scoring, Way
from contest.rules.papers import Item, read_paper
from contest.rules.worth import (
    PLAIN_WORTH,
    Negative,
    Worth,
    check_worth,
    most_points,
    read_amount,
    read_fraction,
    read_ladder,
    write_fraction,
    write_ladder,
)

LADDER = (Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(1))
fractions = st.fractions(min_value=0, max_value=1, max_denominator=99)
worths = st.builds(
    Worth,
    st.decimals(min_value=Decimal("0.000001"), max_value=9999, places=6),
    st.builds(Scoring, st.sampled_from(Way), st.lists(fractions, max_size=6).map(tuple), fractions),
    st.booleans(),
)


def test_plain_paper_is_kept_as_it_always_was() -> None:
    assert Item(7, ("a", "b")).stored() == [7, ["a", "b"]]
    assert Item.read([7, ["a", "b"]]) == Item(7, ("a", "b"))
    assert PLAIN_WORTH.stored() == {}
    assert Worth.read({}) is PLAIN_WORTH


def test_what_is_not_plain_is_said_and_nothing_else() -> None:
    worth = Worth(Decimal("5.00"), Scoring(Way.LADDER, LADDER, Fraction(1, 4)), floored=True)
    said = {"points": "5", "way": "ladder", "ladder": ["1/10", "1/4", "1/2", "1"], "penalty": "1/4", "floored": True}
    assert Item(7, ("a",), worth).stored() == [7, ["a"], said]
    assert Worth(Decimal(100)).stored() == {"points": "100"}


@given(st.lists(st.builds(Item, st.integers(1), st.lists(st.text()).map(tuple), worths), max_size=4))
def test_paper_reads_as_it_was_drawn(items) -> None:  # type: ignore[no-untyped-def]
    assert read_paper([item.stored() for item in items]) == tuple(items)


@pytest.mark.parametrize(
    ("worth", "slug"),
    [
        (Worth(Decimal(0)), "points-range"),
        (Worth(Decimal("0.000001")), None),
        (Worth(Decimal(9999)), None),
        (Worth(Decimal("9999.000001")), "points-range"),
        (Worth(scoring=Scoring(Way.LADDER)), "ladder-missing"),
        (Worth(scoring=Scoring(Way.BY_SHARE, LADDER)), "ladder-unused"),
        (Worth(scoring=Scoring(Way.LADDER, LADDER)), None),
        (Worth(scoring=Scoring(Way.LADDER, LADDER[:3])), "ladder-broken"),
        (Worth(scoring=Scoring(Way.LADDER, (Fraction(1),))), "ladder-broken"),
        (Worth(scoring=Scoring(Way.LADDER, (Fraction(1, 2), Fraction(1, 4), Fraction(1)))), "ladder-broken"),
        (Worth(scoring=Scoring(Way.LADDER, (Fraction(1, 21),) * 20 + (Fraction(1),))), "ladder-broken"),
        (Worth(scoring=Scoring(penalty=Fraction(1))), None),
        (Worth(scoring=Scoring(penalty=Fraction(101, 100))), "penalty-range"),
    ],
)
def test_worths_that_cannot_be(worth: Worth, slug: str | None) -> None:
    refusal = check_worth(worth, Negative.FLOORED)
    assert (refusal.slug if refusal else None) == slug


def test_wrong_responses_cost_something_only_where_the_round_allows_it() -> None:
    costs = Worth(scoring=Scoring(penalty=Fraction(1, 4)))
    refusal = check_worth(costs, Negative.NONE)
    assert refusal is not None
    assert refusal.slug == "penalty-not-allowed"
    assert check_worth(costs, Negative.OPEN) is None
    assert [costs.under(n).floored for n in Negative] == [False, True, False]
    assert not PLAIN_WORTH.under(Negative.FLOORED).floored  # so that a plain paper stays plain


def test_paper_is_worth_the_same_however_it_is_drawn() -> None:
    assert most_points([(20, Worth(Decimal(15)))]) == 300
    assert most_points([(3, Worth(Decimal("0.25"))), (1, PLAIN_WORTH)]) == Decimal("1.75")
    assert most_points([]) == 0


def test_numbers_are_read_as_people_write_them() -> None:
    assert [read_amount(t) for t in ("5", "0,25", "0.25", " 1,5 ", "", "-1", "1e3", "12345", "1,1234567", "²")] == [
        Decimal(5), Decimal("0.25"), Decimal("0.25"), Decimal("1.5"), None, None, None, None, None, None,
    ]  # fmt: skip
    assert [read_fraction(t) for t in ("1/4", "0,25", "1", "1/0", "a/b", "")] == [
        Fraction(1, 4), Fraction(1, 4), Fraction(1), None, None, None,
    ]  # fmt: skip
    assert read_ladder("0,1/0,25/0,5/1") == LADDER
    assert read_ladder("1/3; 2/3; 1") == (Fraction(1, 3), Fraction(2, 3), Fraction(1))
    assert read_ladder("0,1/x/1") is None


@given(st.lists(fractions, min_size=2, max_size=6).map(tuple))
def test_ladder_that_is_written_reads_as_the_same(ladder) -> None:  # type: ignore[no-untyped-def]
    assert read_ladder(write_ladder(ladder)) == ladder
    assert all(read_fraction(write_fraction(step)) == step for step in ladder)
