"""The rate of starts, places and waits, turns that lapse, and that waiting shortens no paper."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.queueing import (
    KEPT,
    LATEST,
    PATIENCE,
    SOONEST,
    TO_BEGIN,
    Gate,
    Pace,
    Stage,
    Ticket,
    admissible,
    counting,
    ends_at,
    expected_wait,
    has_turn,
    is_present,
    judged_at,
    look_again,
    micros,
    stage,
    used,
    waited,
)
from contest.rules.windows import Schedule, Window
from tests.people import at

NOON = at("12:00")
A_MOMENT = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
LIMIT = timedelta(minutes=20)
PACES = st.integers(1, 100_000).map(Pace)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("per_minute", "step", "burst"),
    [(1, 60_000_000, 1), (7, 8_571_429, 1), (12, 5_000_000, 1), (23, 2_608_696, 1), (24, 2_500_000, 2), (6000, 10_000, 500)],
)  # fmt: skip
def test_pace_is_a_step_and_what_may_come_at_once(per_minute: int, step: int, burst: int) -> None:
    pace = Pace(per_minute)
    assert (pace.step, pace.slack) == (step, (burst - 1) * step)
    assert admissible(pace, 0, NOON) == burst


@pytest.mark.parametrize(("passed", "count"), [(0, 0), (59.999999, 0), (60, 1), (119.999999, 1), (120, 1), (86_400, 1)])
def test_one_a_minute_is_one_a_minute(passed: float, count: int) -> None:
    pace = Pace(1)
    assert admissible(pace, used(pace, 0, NOON, 1), after(passed)) == count


@pytest.mark.parametrize("is_queueing", [True, False])
@pytest.mark.parametrize(("passed", "is_open"), [(0, False), (59.999999, False), (60, True), (86_400, True)])
def test_gate_is_shut_while_people_wait_or_the_rate_is_used_up(passed: float, is_open: bool, is_queueing: bool) -> None:
    pace = Pace(1)
    gate = Gate(used(pace, 0, NOON, 1), is_queueing)
    assert gate.is_shut(pace, after(passed)) is (is_queueing or not is_open)


@pytest.mark.parametrize(("passed", "count"), [(0, 0), (2.499999, 0), (2.5, 1), (4.999999, 1), (5, 2), (60, 2)])
def test_what_came_at_once_comes_back_one_by_one(passed: float, count: int) -> None:
    pace = Pace(24)
    assert admissible(pace, used(pace, 0, NOON, 2), after(passed)) == count


@given(PACES, st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(1, 50)), max_size=60))
def test_never_more_than_the_rate_and_one_burst(pace: Pace, tries: list[tuple[int, int]]) -> None:
    now, free_at, let_in = NOON, 0, 0
    for gap, wanted in tries:
        now += gap * A_MOMENT
        count = min(wanted, admissible(pace, free_at, now))
        if count:
            free_at, let_in = used(pace, free_at, now, count), let_in + count
    spent = (now - NOON) // A_MOMENT
    assert let_in <= 1 + (spent + pace.slack) // pace.step


@given(PACES, st.integers(-120, 600), st.integers(1, 5000))
def test_expected_wait_is_when_the_place_is_let_in(pace: Pace, ahead: int, place: int) -> None:
    """Whoever stands at a place is let in exactly then and not a moment before, if everybody takes their turn."""
    free_at = micros(NOON) + ahead * 1_000_000
    wait = expected_wait(pace, free_at, NOON, place)
    assert admissible(pace, used(pace, free_at, NOON, place - 1) if place > 1 else free_at, NOON + wait) >= 1
    if wait > A_MOMENT:
        before = NOON + wait - A_MOMENT
        assert admissible(pace, used(pace, free_at, NOON, place - 1) if place > 1 else free_at, before) == 0


@given(PACES, st.integers(-60, 600), st.integers(1, 5000))
def test_who_stands_before_waits_no_longer(pace: Pace, ahead: int, place: int) -> None:
    free_at = micros(NOON) + ahead * 1_000_000
    first, second = (expected_wait(pace, free_at, NOON, p) for p in (place, place + 1))
    assert timedelta() <= first <= second <= first + pace.step * A_MOMENT


@pytest.mark.parametrize(("wait", "again"), [(0, 3), (30, 3), (31, 3.1), (299, 29.9), (300, 30), (86_400, 30)])
def test_place_is_looked_at_the_sooner_the_nearer_the_turn(wait: float, again: float) -> None:
    assert look_again(timedelta(seconds=wait)) == timedelta(seconds=again)
    assert SOONEST <= look_again(timedelta(seconds=wait)) <= LATEST < PATIENCE / 2  # two looks may fail


@pytest.mark.parametrize(
    ("unseen", "is_open", "found"),
    [
        (timedelta(), True, Stage.WAITING),
        (KEPT - A_MOMENT, True, Stage.WAITING),
        (KEPT, True, Stage.OVER),
        (PATIENCE - A_MOMENT, False, Stage.WAITING),
        (PATIENCE, False, Stage.OVER),
    ],
)
def test_place_is_kept_for_whoever_comes_back(unseen: timedelta, is_open: bool, found: Stage) -> None:
    assert stage(Ticket(NOON, NOON), NOON + unseen, is_open=is_open) is found


@pytest.mark.parametrize(("since", "present"), [(PATIENCE - A_MOMENT, True), (PATIENCE, False)])
def test_whoever_is_away_holds_up_nobody(since: timedelta, present: bool) -> None:
    assert is_present(Ticket(NOON, NOON), NOON + since) is present


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize(
    ("since", "found"), [(timedelta(), Stage.ADMITTED), (TO_BEGIN - A_MOMENT, Stage.ADMITTED), (TO_BEGIN, Stage.OVER)]
)
def test_turn_is_held_for_its_time_open_or_not(since: timedelta, found: Stage, is_open: bool) -> None:
    ticket = Ticket(NOON - KEPT, NOON - KEPT, NOON)
    assert ticket.begins_until == NOON + TO_BEGIN
    assert has_turn(ticket, NOON + since) is (found is Stage.ADMITTED)
    assert not has_turn(Ticket(NOON, NOON), NOON)
    assert not has_turn(None, NOON)
    assert stage(ticket, NOON + since, is_open=is_open) is found


WINDOWS = (Window(at("07:00"), at("12:10")), Window(at("14:00"), at("21:00")))
DAY = Schedule(WINDOWS, (Window(at("08:00"), at("09:00")),))


def queued(asked: str, seen: str, admitted: str | None = None) -> Ticket:
    return Ticket(at(asked), at(seen), at(admitted) if admitted else None)


@pytest.mark.parametrize(
    ("now", "ticket", "judged"),
    [
        ("12:09:59", queued("12:05", "12:09"), "12:09:59"),  # still open: as of now
        ("12:10", queued("12:05", "12:09"), "12:05"),  # closed meanwhile: as of when it was asked for
        ("12:10", None, "12:10"),
        ("12:10", queued("12:05", "12:08:30"), "12:10"),  # did not stay
        ("12:12", queued("12:05", "12:09", "12:09:30"), "12:05"),  # let in, and may yet begin
        ("12:12:30", queued("12:05", "12:09", "12:09:30"), "12:12:30"),  # let in, and did not
        ("14:00", queued("12:05", "13:59"), "14:00"),  # the next window
        ("08:30", queued("07:59", "08:30"), "08:30"),  # voided now: nobody starts
        ("08:30", queued("07:59", "08:30", "08:29"), "08:30"),  # not even whoever has their turn
        ("21:00", queued("20:59:59", "20:59:59"), "20:59:59"),
    ],
)
def test_whoever_waits_over_a_close_is_judged_as_of_asking(now: str, ticket: Ticket | None, judged: str) -> None:
    assert judged_at(DAY, at(now), ticket) == at(judged)
    assert judged_at(DAY, at(now), ticket, is_settled=True) == at(now)


@pytest.mark.parametrize(
    ("asked", "started", "ends"),
    [
        ("12:00", "12:00", "12:10"),
        ("12:00", "12:07", "12:17"),  # ten minutes were left, ten it is
        ("11:40", "12:05", "12:25"),  # the whole limit, past the close
        ("11:50", "12:09:59", "12:29:59"),
        ("12:09:59", "12:12", "12:12:01"),
        ("12:05", "14:00", "14:20"),  # as whoever comes with the next window
    ],
)
def test_paper_lasts_as_long_as_one_started_when_asked(asked: str, started: str, ends: str) -> None:
    assert ends_at(DAY, at(started), LIMIT, timedelta(), queued(asked, started)) == at(ends)


@pytest.mark.parametrize(
    ("ticket", "counts"),
    [
        (queued("11:00", "12:09"), True),
        (queued("11:00", "11:39"), False),  # away for too long
        (queued("11:00", "11:01", "12:07"), True),
        (queued("11:00", "11:01", "12:06:59"), False),  # let their turn pass
        (None, False),
    ],
)
def test_place_that_has_lapsed_puts_off_no_close(ticket: Ticket | None, counts: bool) -> None:
    now = at("12:09:59")
    assert counting(DAY, now, ticket) == (ticket if counts else None)
    assert waited(DAY, now, ticket) == (now - at("11:00") if counts else timedelta())
    assert ends_at(DAY, now, LIMIT, timedelta(), ticket) == (at("12:29:59") if counts else at("12:10"))


@given(
    st.integers(0, 8400), st.integers(1, 200), st.integers(1, 7200), st.integers(0, 3600), st.none() | st.integers(0, 179)
)  # fmt: skip
def test_no_second_is_lost_to_waiting(left_s: int, looks: int, limit_s: int, extra_s: int, turn_s: int | None) -> None:
    """Whoever looks every thirty seconds and begins within their turn has the time they had when they asked, to the second."""
    closes, limit, extra = at("12:10"), limit_s * SECOND, extra_s * SECOND
    asked = closes - (left_s + 1) * SECOND
    ticket, schedule = Ticket(asked, asked), Schedule(WINDOWS)
    for _ in range(looks):
        ticket = replace(ticket, seen_at=ticket.seen_at + 30 * SECOND)
        assert judged_at(schedule, ticket.seen_at, ticket) == (ticket.seen_at if ticket.seen_at < closes else asked)
    started = ticket.seen_at
    if turn_s is not None:
        ticket, started = replace(ticket, admitted_at=started), started + turn_s * SECOND
    lasts = ends_at(schedule, started, limit, extra, ticket) - started
    assert lasts == min(limit_s, left_s + 1) * SECOND + extra
