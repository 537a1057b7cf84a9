"""The opening played through: places serve in order, the gate is the product's own, and nobody is lost on the way."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.capacity.opening import Costs, Gate, Installation, Opening, Station, arrivals, look_again, play
from contest.rules import queueing
from contest.rules.queueing import Pace, admissible, used
from tests.people import at

COSTS = Costs(0.02, (0.01, 0.002), (0.05, 0.01), (0.002, 0.001), (0.001, 0.001))
SMALL = Installation(web=4, passwords=1, database=2, starts_per_minute=600)
OPENING = Opening(300, within=20.0, saves=3, until=90.0)
NOON = at("12:00")


def test_station_serves_in_order_of_asking() -> None:
    station = Station(2)
    assert [station.serve(0.0, 2.0), station.serve(0.0, 3.0), station.serve(1.0, 1.0), station.serve(9.0, 1.0)] == [
        2.0,
        3.0,
        3.0,
        10.0,
    ]
    assert station.busy == 7.0


@pytest.mark.parametrize("wait, again", [(0, 3), (30, 3), (31, 3.1), (299, 29.9), (300, 30), (9000, 30)])
def test_look_again_as_the_product_says(wait: float, again: float) -> None:
    assert look_again(wait) == pytest.approx(again)
    assert queueing.look_again(timedelta(seconds=wait)).total_seconds() == pytest.approx(again)


@given(st.integers(1, 6000), st.lists(st.floats(0, 30), max_size=60))
def test_gate_lets_in_at_once_whom_the_product_does(per_minute: int, gaps: list[float]) -> None:
    """As long as nobody has to wait: whoever waits is let in by the same bucket, but takes their turn beforehand."""
    gate, pace, free_at, now = Gate(per_minute), Pace(per_minute), 0, 0.0
    for gap in gaps:
        now += gap
        moment = NOON + timedelta(seconds=now)
        is_admitted = admissible(pace, free_at, moment) > 0
        turn = gate.turn(now)
        if abs(turn - now) > 1e-3 or not is_admitted:
            assert not is_admitted or turn - now < 1e-3
            return
        free_at = used(pace, free_at, moment, 1)


def test_gate_keeps_the_rate_after_its_burst() -> None:
    gate = Gate(120)
    assert [gate.turn(0.0) for _ in range(12)] == pytest.approx([0.0] * 10 + [0.5, 1.0])


def test_arrivals_come_in_time_and_most_at_first() -> None:
    found = arrivals(Opening(2000, within=60.0), Random(1))
    assert found == sorted(found)
    assert 0 <= found[0] <= found[-1] < 60
    assert sum(t < 30 for t in found) == pytest.approx(1500, rel=0.05)  # three quarters of a triangle


def test_the_same_seed_gives_the_same_course() -> None:
    assert play(OPENING, SMALL, COSTS, Random(7)) == play(OPENING, SMALL, COSTS, Random(7))
    assert play(OPENING, SMALL, COSTS, Random(7)) != play(OPENING, SMALL, COSTS, Random(8))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 200),
    st.floats(1.0, 120.0),
    st.floats(0, 1),
    st.builds(Installation, st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(1, 5000)),
    st.integers(0, 2**32),
)
def test_everybody_who_came_is_served_or_still_waits(
    people: int, until: float, signed_in: float, installation: Installation, seed: int
) -> None:
    opening = replace(OPENING, people=people, until=until, signed_in=signed_in)
    course = play(opening, installation, COSTS, Random(seed))
    assert course.arrived == sum(t <= until for t in course.arrivals) <= people
    assert course.arrived == course.started + course.waiting.total()
    assert course.started == len(course.papers) == len(course.start_waits)
    assert course.saved == len(course.save_waits) <= course.started * opening.saves
    assert all(wait > 0 for wait in [*course.start_waits, *course.save_waits])
    *_, (_, come, without) = course.by([until])
    assert (come, without) == (course.arrived, course.waiting.total())


def test_all_are_served_where_there_is_time() -> None:
    course = play(replace(OPENING, until=1e6), SMALL, COSTS, Random(7))
    assert (course.arrived, course.started, course.waiting.total()) == (300, 300, 0)
    assert (course.saved, course.unsaved) == (900, 0)


def test_more_cores_and_more_sessions_shorten_the_wait() -> None:
    slow = play(OPENING, replace(SMALL, starts_per_minute=60_000, web=1), COSTS, Random(7))
    quick = play(OPENING, replace(SMALL, starts_per_minute=60_000, web=8), COSTS, Random(7))
    early = play(replace(OPENING, signed_in=1.0), SMALL, COSTS, Random(7))
    assert (quick.waited(95) or 0) < (slow.waited(95) or 0)
    assert early.busy["passwords"] == 0 < quick.busy["passwords"]


def test_nobody_starts_faster_than_the_rate() -> None:
    course = play(replace(OPENING, people=100, until=1e6), replace(SMALL, starts_per_minute=60), COSTS, Random(7))
    assert course.started == 100
    assert max(course.papers) >= 95 - 1  # five at once, then one a second
    assert len(course.queue_waits) > 50
