"""Who advances, who waits and who comes up: on both sides of each edge, and the laws of every plan."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.advancement import Plan, Runner, advance, check_plan, check_source, next_up
from contest.rules.advancement_terms import AdvanceBy

B = AdvanceBy


def run(*places: int, unit: str | None = None, first: int = 1) -> list[Runner]:
    return [Runner(first + n, place, Decimal(100 - place), unit) for n, place in enumerate(places)]


def names(runners: tuple[Runner, ...]) -> list[int]:
    return [r.member_id for r in runners]


@pytest.mark.parametrize(
    ("places", "count", "reserve", "inside", "waiting"),
    [
        ([1, 2, 3, 4], 2, 1, [1, 2], [3]),
        ([1, 2, 2, 4], 2, 1, [1, 2, 3], [4]),  # equals at the edge all advance
        ([1, 1, 1, 4], 3, 0, [1, 2, 3], []),
        ([1, 2, 3, 3], 2, 1, [1, 2], [3, 4]),  # and wait together
        ([1, 2], 5, 3, [1, 2], []),
    ],
)
def test_the_first_advance(places: list[int], count: int, reserve: int, inside: list[int], waiting: list[int]) -> None:
    found = advance(run(*places), Plan(B.TOP, count, reserve=reserve))
    assert (names(found.advancing), names(found.reserve)) == (inside, waiting)


def test_whoever_may_not_is_passed_over_and_the_next_moves_up() -> None:
    runners = run(1, 2, 3)
    barred = [Runner(r.member_id, r.place, r.points, r.unit, may_advance=r.member_id != 1) for r in runners]
    assert names(advance(barred, Plan(B.TOP, 2)).advancing) == [2, 3]


def test_each_unit_sends_its_own() -> None:
    runners = [*run(1, 2, 5, unit="A"), *run(3, 4, unit="B", first=10), *run(6, first=20)]
    found = advance(runners, Plan(B.TOP_PER_UNIT, 1, reserve=1))
    assert (names(found.advancing), names(found.reserve)) == ([1, 10], [2, 11])
    quota = advance(runners, Plan(B.QUOTA, quotas={"A": 2}, reserve=5))
    assert (names(quota.advancing), names(quota.reserve)) == ([1, 2], [3])


@pytest.mark.parametrize(("least", "inside"), [("98", [1, 2]), ("98.000001", [1]), ("97", [1, 2, 3])])
def test_a_score_is_reached_or_not(least: str, inside: list[int]) -> None:
    assert names(advance(run(1, 2, 3), Plan(B.LEAST_SCORE, least_score=Decimal(least))).advancing) == inside


def test_who_comes_up_next() -> None:
    waiting = [*run(4, 4, unit="A"), *run(3, unit="B", first=10)]
    assert next_up(waiting, None, Plan(B.TOP, 3)) == (10,)
    assert next_up(waiting, "A", Plan(B.TOP_PER_UNIT, 3)) == (1, 2)
    assert next_up(waiting, "C", Plan(B.QUOTA, quotas={"C": 1})) == ()


RUNNERS = st.lists(st.tuples(st.integers(1, 8), st.sampled_from(["A", "B", None]), st.booleans()), max_size=15).map(
    lambda rows: [Runner(n, p, Decimal(10 - p), u, m) for n, (p, u, m) in enumerate(rows)]
)
PLANS = st.builds(
    Plan, st.sampled_from(B), st.integers(1, 5), st.decimals(1, 9, places=1), st.fixed_dictionaries({"A": st.integers(0, 4)}),
    st.integers(0, 4),
)  # fmt: skip


@given(RUNNERS, PLANS)
def test_nobody_below_is_in_while_somebody_above_is_not(runners: list[Runner], plan: Plan) -> None:
    found = advance(runners, plan)
    inside, waiting = set(names(found.advancing)), set(names(found.reserve))
    assert not inside & waiting
    assert all(r.may_advance for r in (*found.advancing, *found.reserve))
    for unit in {r.unit for r in runners} if plan.is_per_unit else {None}:
        own = [r for r in runners if r.may_advance and (not plan.is_per_unit or r.unit == unit)]
        lowest = max((r.place for r in own if r.member_id in inside), default=0)
        assert all(r.member_id in inside for r in own if r.place <= lowest)
        last = max((r.place for r in own if r.member_id in waiting), default=0)
        assert all(r.member_id in inside | waiting for r in own if r.place <= last)


@pytest.mark.parametrize(
    ("plan", "slugs"),
    [
        (Plan(B.TOP, 1), []),
        (Plan(B.TOP, 0), ["advance-count"]),
        (Plan(B.TOP_PER_UNIT, 0), ["advance-count"]),
        (Plan(B.LEAST_SCORE), ["least-score-missing"]),
        (Plan(B.LEAST_SCORE, least_score=Decimal("0.5")), []),
        (Plan(B.QUOTA, quotas={"A": 0}), ["advance-quotas-missing"]),
        (Plan(B.QUOTA, quotas={"A": 1}), []),
        (Plan(B.TOP, 1, reserve=-1), ["advance-reserve"]),
    ],
)
def test_what_a_plan_lacks(plan: Plan, slugs: list[str]) -> None:
    assert [r.slug for r in check_plan(plan)] == slugs


@pytest.mark.parametrize(
    ("target", "sources", "refused"), [(3, [1, 2], False), (3, [3], True), (2, [1, 3], True), (2, [], True)]
)
def test_people_come_from_earlier_rounds_alone(target: int, sources: list[int], refused: bool) -> None:
    assert (check_source(target, sources) is not None) is refused
