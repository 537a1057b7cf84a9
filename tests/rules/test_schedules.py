"""Schedules of several windows: generated, refused, and asked on both sides of each boundary."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.attempts import may_start
from contest.rules.calendars import calendar
from contest.rules.refusals import Refusal
from contest.rules.terms import LimitPer
from contest.rules.windows import (
    MOST_WINDOWS,
    Pattern,
    Schedule,
    Window,
    by_pattern,
    check_extension,
    check_windows,
    deadline,
    extended_end,
    extra_time,
    minute_of_day,
    period,
    spans,
)  # fmt: skip
from tests.people import at

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING, EVENING = Window(at("07:30"), at("11:30")), Window(at("18:00"), at("24:00"))
SITTINGS = Schedule((MORNING, EVENING))
MINUTE = timedelta(minutes=1)


def there(day: str, hour: str = "00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=HANOI).astimezone(UTC)


@pytest.mark.parametrize(
    ("instant", "holds", "again"),
    [
        ("07:29:59", None, "07:30"),
        ("07:30:00", MORNING, "07:30"),
        ("11:29:59", MORNING, "11:29:59"),
        ("11:30:00", None, "18:00"),
        ("18:00:00", EVENING, "18:00"),
        ("23:59:59", EVENING, "23:59:59"),
        ("24:00:00", None, None),
    ],
)
def test_schedule_holds_inside_its_windows_alone(instant: str, holds: Window | None, again: str | None) -> None:
    assert SITTINGS.holding(at(instant)) == holds
    assert SITTINGS.opens_again(at(instant)) == (at(again) if again else None)


@pytest.mark.parametrize(
    ("instant", "slug", "params"),
    [
        ("07:29:59", "round-not-open", {"opens_at": at("07:30")}),
        ("11:30:00", "between-windows", {"opens_at": at("18:00")}),
        ("24:00:00", "round-closed", {"closes_at": at("24:00")}),
    ],
)
def test_nobody_starts_between_windows(instant: str, slug: str, params: dict[str, datetime]) -> None:
    asked = {"used": 0, "allowed": 1, "has_open": False, "schedule": SITTINGS}
    assert may_start(SITTINGS.hull, at(instant), **asked) == Refusal(slug, params)  # type: ignore[arg-type]
    assert may_start(SITTINGS.hull, at("11:29:59"), **asked) is None  # type: ignore[arg-type]


def test_nobody_starts_inside_a_voided_span() -> None:
    day = Schedule((Window(at("07:00"), at("21:00")),), (Window(at("12:00"), at("14:00")),))
    assert [day.holding(at(t)) is None for t in ("11:59:59", "12:00", "13:59:59", "14:00")] == [
        False,
        True,
        True,
        False,
    ]
    assert day.opens_again(at("12:00")) == at("14:00")
    assert Schedule((MORNING,), (MORNING,)).opens_again(at("07:30")) is None
    assert Schedule((MORNING, EVENING), (EVENING,)).about(at("12:00")) == EVENING


def test_no_window_left_is_said_so() -> None:
    voided = Schedule((MORNING, EVENING), (EVENING,))
    found = may_start(voided.hull, at("12:00"), used=0, allowed=1, has_open=False, schedule=voided)
    assert found == Refusal("no-window-left")


@pytest.mark.parametrize(
    ("instant", "window"), [("06:00", MORNING), ("11:29", MORNING), ("11:30", EVENING), ("25:00", EVENING)]
)
def test_limit_of_a_window_counts_in_the_one_that_holds_or_comes(instant: str, window: Window) -> None:
    assert period(LimitPer.WINDOW, at(instant), HANOI, SITTINGS) == window


def test_used_up_tries_come_back_with_the_next_window() -> None:
    asked = {"used": 1, "allowed": 1, "has_open": False, "schedule": SITTINGS}
    found = may_start(SITTINGS.hull, at("08:00"), within=MORNING, **asked)  # type: ignore[arg-type]
    assert found == Refusal("attempts-used-up-for-now", {"allowed": 1, "again_at": at("18:00")})
    found = may_start(SITTINGS.hull, at("19:00"), within=EVENING, **asked)  # type: ignore[arg-type]
    assert found == Refusal("attempts-used-up", {"allowed": 1})


@pytest.mark.parametrize(
    ("typed", "minute"),
    [("6:00", 360), ("06:00", 360), ("17h30", 1050), ("7", 420), ("00:00", 0), ("24:00", 1440), ("24h", 1440)],
)
def test_hours_are_read_as_people_write_them(typed: str, minute: int) -> None:
    assert minute_of_day(typed) == minute


@pytest.mark.parametrize("typed", ["", "24:01", "25:00", "7:60", "sáu giờ", "-1:00", "1:2:3", "٧:00"])
def test_what_is_no_hour_is_refused(typed: str) -> None:
    assert minute_of_day(typed) == Refusal("not-an-hour")


def test_pattern_of_weekdays_until_midnight() -> None:
    within = Window(there("2026-05-22", "07:00"), there("2026-05-26", "12:00"))  # Friday to Tuesday
    found = by_pattern(Pattern(frozenset({0, 1, 2, 3, 4}), 6 * 60, 1440), within, HANOI)
    assert found == (
        Window(there("2026-05-22", "07:00"), there("2026-05-23")),  # cut by the opening of the round
        Window(there("2026-05-25", "06:00"), there("2026-05-26")),
        Window(there("2026-05-26", "06:00"), there("2026-05-26", "12:00")),
    )
    assert check_windows(found, within) == ()


@pytest.mark.parametrize(
    ("windows", "refusals"),
    [
        ((), [Refusal("windows-none", field="windows")]),
        ((MORNING, Window(at("11:30"), at("12:00"))), []),  # touching is not overlapping
        (
            (MORNING, Window(at("11:29:59"), at("12:00"))),
            [Refusal("windows-overlap", {"one": 1, "other": 2}, "windows")],
        ),
        ((EVENING, MORNING, EVENING), [Refusal("windows-overlap", {"one": 1, "other": 3}, "windows")]),
        ((Window(at("08:00"), at("08:00")),), [Refusal("window-of-list-ends-first", {"number": 1}, "windows")]),
        ((Window(at("06:59:59"), at("08:00")),), [Refusal("window-outside-round", {"number": 1}, "windows")]),
        ((Window(at("23:00"), at("24:00:01")),), [Refusal("window-outside-round", {"number": 1}, "windows")]),
    ],
)
def test_windows_that_cannot_be(windows: tuple[Window, ...], refusals: list[Refusal]) -> None:
    assert list(check_windows(windows, Window(at("07:00"), at("24:00")))) == refusals


def test_too_many_windows_are_refused() -> None:
    many = tuple(Window(at("07:00") + n * MINUTE, at("07:00") + (n + 1) * MINUTE) for n in range(MOST_WINDOWS + 1))
    assert check_windows(many[:-1]) == ()
    assert [r.slug for r in check_windows(many)] == ["windows-too-many"]


@pytest.mark.parametrize(
    ("closes", "now", "slug"),
    [
        ("11:30:00", "10:00", "extension-shortens"),
        ("11:30:01", "10:00", None),
        ("18:00:00", "10:00", None),  # up to the next opening
        ("18:00:01", "10:00", "extension-overlaps"),
        ("12:00:00", "12:00", "closes-in-past"),
        ("12:00:01", "12:00", None),
    ],
)
def test_window_is_extended_later_and_not_over_the_next(closes: str, now: str, slug: str | None) -> None:
    found = check_extension(SITTINGS, MORNING, at(closes), at(now))
    assert (found.slug if found else None) == slug


@pytest.mark.parametrize(
    ("minutes", "percent", "granted", "expected"),
    [(0, 0, 0, 0), (10, 0, 5, 15), (0, 50, 0, 10), (0, 33, 0, 7), (0, 1, 2, 3)],
)
def test_extra_time_adds_up_and_percent_rounds_up(minutes: int, percent: int, granted: int, expected: int) -> None:
    found = extra_time(20 * MINUTE, minutes=minutes, percent=percent, granted=granted)
    assert found == expected * MINUTE


def test_spans_are_windows_or_the_days_of_a_long_one() -> None:
    assert spans(SITTINGS, HANOI) == (MORNING, EVENING)
    long = Window(there("2026-05-20", "07:00"), there("2026-05-22", "21:00"))
    cuts = [there("2026-05-20", "07:00"), there("2026-05-21"), there("2026-05-22"), there("2026-05-22", "21:00")]
    assert spans(Schedule((long,)), HANOI) == tuple(Window(a, b) for a, b in pairwise(cuts))


days = st.frozensets(st.integers(0, 6))
patterns = st.builds(
    lambda d, begins, minutes: Pattern(d, begins, min(begins + minutes, 1440)),
    days, st.integers(0, 1439), st.integers(1, 1440),
)  # fmt: skip
zones = st.sampled_from([HANOI, ZoneInfo("UTC"), ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland")])
starts = st.integers(0, 480_000).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE)


@given(patterns, starts, st.integers(1, 90 * 24 * 60), zones)
def test_generated_windows_never_overlap_and_lie_inside(
    pattern: Pattern, opens: datetime, span: int, zone: ZoneInfo
) -> None:
    within = Window(opens, opens + span * MINUTE)
    found = by_pattern(pattern, within, zone)
    assert not found or check_windows(found, within) == ()


@given(patterns, starts, st.integers(0, 100_000), st.integers(1, 600), st.integers(0, 300))
def test_deadline_is_never_after_the_close_and_the_extra_time(
    pattern: Pattern, opens: datetime, after: int, limit: int, extra: int
) -> None:
    windows = by_pattern(pattern, Window(opens, opens + timedelta(days=40)), HANOI)
    started = opens + after * MINUTE
    if not windows or (window := Schedule(windows).holding(started)) is None:
        return
    ends = deadline(Schedule(windows).about(started), started, limit * MINUTE, extra * MINUTE)
    assert started + extra * MINUTE < ends <= window.closes_at + extra * MINUTE


@given(st.integers(0, 239), st.integers(1, 120), st.integers(0, 60), st.integers(1, 300))
def test_extension_gives_what_a_start_under_the_new_close_would_have(
    started: int, limit: int, extra: int, by: int
) -> None:
    begun = MORNING.opens_at + started * MINUTE
    before = deadline(MORNING, begun, limit * MINUTE, extra * MINUTE)
    closes = MORNING.closes_at + by * MINUTE
    after = extended_end(before, begun, limit * MINUTE, extra * MINUTE, by * MINUTE)
    assert after == deadline(Window(MORNING.opens_at, closes), begun, limit * MINUTE, extra * MINUTE) >= before


@given(st.integers(0, 299), st.integers(0, 120), st.integers(1, 120), st.integers(0, 60), st.integers(1, 300))
def test_extension_leaves_what_waiting_had_put_off(asked: int, waited: int, limit: int, extra: int, by: int) -> None:
    """Whoever waited has after an extension what they have who asked when they did, under the close as it is then."""
    began = MORNING.opens_at + (asked + waited) * MINUTE
    put_off = {"extra": extra * MINUTE, "waited": waited * MINUTE}
    before = deadline(MORNING, began, limit * MINUTE, **put_off)
    later = Window(MORNING.opens_at, MORNING.closes_at + by * MINUTE)
    due = deadline(later, began, limit * MINUTE, **put_off)
    assert extended_end(before, began, limit * MINUTE, extra * MINUTE, by * MINUTE) == due >= before


@pytest.mark.parametrize(
    ("started", "window"),
    [("07:29:59", MORNING), ("07:30", MORNING), ("17:59:59", MORNING), ("18:00", EVENING), ("25:00", EVENING)],
)  # fmt: skip
def test_attempt_belongs_to_the_window_that_opened_last(started: str, window: Window) -> None:
    assert SITTINGS.of_attempt(at(started)) == window


def test_calendar_cuts_windows_at_midnight() -> None:
    found = calendar([Window(there("2026-05-20", "07:00"), there("2026-05-22", "21:00"))], HANOI)
    (week,) = found.weeks
    assert [d.date for d in week] == [date(2026, 5, 18) + timedelta(days=n) for n in range(7)]
    assert [d.spans for d in week] == [(), (), ((420, 1440),), ((0, 1440),), ((0, 1260),), (), ()]
    assert calendar([], HANOI).weeks == ()
    assert calendar([Window(there("2026-05-20"), there("2026-05-20"))], HANOI).weeks == ()


def test_calendar_says_what_it_leaves_out() -> None:
    found = calendar(
        [Window(there("2026-01-05"), there("2026-01-06")), Window(there("2026-12-07"), there("2026-12-08"))], HANOI
    )
    assert (len(found.weeks), found.left_out) == (27, 22)
    assert found.weeks[0][0].spans == ((0, time.max.hour * 60 + 60),)
