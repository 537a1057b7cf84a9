"""Windows and deadlines, probed on both sides of every boundary."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from contest.rules.terms import LimitPer, Phase
from contest.rules.windows import Window, accepts_until, arrival, check_window, deadline, is_due, period
from tests.people import at

DAY = Window(at("07:00"), at("21:00"))
MINUTES = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("instant", "phase"),
    [
        ("06:59:59", Phase.BEFORE),
        ("07:00:00", Phase.OPEN),
        ("20:59:59", Phase.OPEN),
        ("21:00:00", Phase.CLOSED),
    ],
)
def test_window_is_half_open(instant: str, phase: Phase) -> None:
    assert DAY.phase(at(instant)) is phase
    assert DAY.holds(at(instant)) is (phase is Phase.OPEN)


@pytest.mark.parametrize(
    ("started", "ends"),
    [
        ("08:00:00", "08:15:00"),  # the whole limit
        ("20:45:00", "21:00:00"),  # just reaches the close
        ("20:45:01", "21:00:00"),  # cut by the close
        ("20:59:59", "21:00:00"),  # one second left
    ],
)
def test_deadline_is_the_limit_or_the_close(started: str, ends: str) -> None:
    assert deadline(DAY, at(started), MINUTES) == at(ends)


def test_extra_time_runs_past_the_close() -> None:
    assert deadline(DAY, at("20:59:00"), MINUTES, timedelta(minutes=10)) == at("21:10:00")


def test_window_must_end_after_it_begins() -> None:
    assert check_window(at("07:00"), at("07:00:01")) is None
    assert check_window(at("07:00"), at("07:00")) is not None


def test_attempt_left_open_is_due_ten_seconds_after_its_last_save() -> None:
    last = accepts_until(at("08:15:00"), timedelta(seconds=5))
    assert last == at("08:15:05")
    assert not is_due(last, at("08:15:14"))
    assert is_due(last, at("08:15:15"))


def test_arrival_believes_a_trusted_stamp_for_ten_seconds() -> None:
    received = at("08:00:20")
    assert arrival(received, None) == received
    assert arrival(received, at("08:00:12")) == at("08:00:12")
    assert arrival(received, at("08:00:09")) == at("08:00:10")  # capped
    assert arrival(received, at("08:00:21")) == received  # the future is nobody's


HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def there(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


@pytest.mark.parametrize(
    ("per", "instant", "opens", "closes"),
    [
        (LimitPer.DAY, "2026-05-20T00:00:00", "2026-05-20", "2026-05-21"),
        (LimitPer.DAY, "2026-05-20T23:59:59", "2026-05-20", "2026-05-21"),
        (LimitPer.DAY, "2026-05-21T00:00:00", "2026-05-21", "2026-05-22"),
        (LimitPer.WEEK, "2026-05-17T23:59:59", "2026-05-11", "2026-05-18"),  # a Sunday
        (LimitPer.WEEK, "2026-05-18T00:00:00", "2026-05-18", "2026-05-25"),  # a Monday
        (LimitPer.WEEK, "2026-05-24T23:59:59", "2026-05-18", "2026-05-25"),
    ],
)
def test_days_and_weeks_are_those_of_the_place(per: LimitPer, instant: str, opens: str, closes: str) -> None:
    assert period(per, there(instant), HANOI) == Window(there(opens), there(closes))


def test_a_whole_round_has_no_period_and_a_day_of_changed_clocks_is_whole() -> None:
    assert period(LimitPer.ROUND, at("08:00"), HANOI) is None
    paris = ZoneInfo("Europe/Paris")
    spring = period(LimitPer.DAY, datetime(2026, 3, 29, 12, tzinfo=paris), paris)
    assert spring is not None
    assert spring.closes_at - spring.opens_at == timedelta(hours=23)
