"""The windows of a round as they are filled in: one long window, or a pattern and a list; drawn as a calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import request

from contest.rules.calendars import Calendar, calendar
from contest.rules.refusals import Refusal
from contest.rules.windows import Pattern, Window, by_pattern, check_windows, minute_of_day
from contest.web import filled
from contest.web.context import speech

MOMENT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class WindowsView:
    """What was typed, the windows it gives, why they cannot be, and how they lie in the calendar."""

    is_many: bool
    weekdays: frozenset[int]
    from_hour: str
    to_hour: str
    rows: tuple[tuple[str, str], ...]
    windows: tuple[Window, ...]
    refusals: tuple[Refusal, ...]
    calendar: Calendar

    @property
    def stored(self) -> tuple[Window, ...]:
        """The windows to store; none for one long window."""
        return self.windows if self.is_many else ()


def local(at: datetime | None) -> str:
    return "" if at is None else f"{speech().local(at):{MOMENT}}"


def instant(there: datetime | None) -> datetime | None:
    return None if there is None else there.replace(tzinfo=ZoneInfo(speech().zone)).astimezone(UTC)


def stored(windows: Sequence[Window], within: Window | None) -> WindowsView:
    """Return the windows of a round as it is stored, or those a new one begins with."""
    rows = tuple((local(w.opens_at), local(w.closes_at)) for w in windows)
    return _view(bool(windows), frozenset(range(7)), "06:00", "24:00", rows, within)


def typed(within: Window | None, *, fill: bool = False) -> WindowsView:
    """Return the windows as the form holds them; `fill` makes the list anew from the pattern."""
    weekdays = frozenset(n for n in map(filled.whole, filled.given("weekday")) if n is not None and n < 7)
    columns = (filled.given(name) for name in ("window-opens", "window-closes"))
    rows = (
        () if fill else tuple((o.strip(), c.strip()) for o, c in zip(*columns, strict=False) if o.strip() or c.strip())
    )
    hours = [request.form.get(name, "")[:10] for name in ("from_hour", "to_hour")]
    return _view(request.form.get("many") == "1", weekdays, hours[0], hours[1], rows, within)


def _view(
    is_many: bool,
    weekdays: frozenset[int],
    from_hour: str,
    to_hour: str,
    rows: tuple[tuple[str, str], ...],
    within: Window | None,
) -> WindowsView:
    windows: tuple[Window, ...] = () if within is None else (within,)
    refusals: tuple[Refusal, ...] = ()
    if is_many and rows:
        windows, refusals = _listed(rows, within)
    elif is_many and within is not None:
        windows, refusals = _patterned(weekdays, from_hour, to_hour, within)
        rows = tuple((local(w.opens_at), local(w.closes_at)) for w in windows)
    drawn = calendar(windows, ZoneInfo(speech().zone))
    return WindowsView(is_many, weekdays, from_hour, to_hour, rows, windows, refusals, drawn)


def _patterned(
    weekdays: frozenset[int], from_hour: str, to_hour: str, within: Window
) -> tuple[tuple[Window, ...], tuple[Refusal, ...]]:
    begins, ends = minute_of_day(from_hour), minute_of_day(to_hour)
    bad = [h for h in (begins, ends) if isinstance(h, Refusal)]
    if bad or isinstance(begins, Refusal) or isinstance(ends, Refusal):
        return (), (Refusal("not-an-hour", field="windows"),)
    if begins >= ends:
        return (), (Refusal("window-ends-first", field="windows"),)
    if not weekdays:
        return (), (Refusal("weekdays-none", field="windows"),)
    windows = by_pattern(Pattern(weekdays, begins, ends), within, ZoneInfo(speech().zone))
    return windows, check_windows(windows, within)


def _listed(rows: Sequence[tuple[str, str]], within: Window | None) -> tuple[tuple[Window, ...], tuple[Refusal, ...]]:
    windows, refusals = [], []
    for number, row in enumerate(rows, 1):
        ends = [_moment(text) for text in row]
        if ends[0] is None or ends[1] is None:
            refusals.append(Refusal("window-half-filled", {"number": number}, "windows"))
        else:
            windows.append(Window(ends[0], ends[1]))
    return tuple(windows), tuple(refusals) or check_windows(windows, within)


def _moment(text: str) -> datetime | None:
    try:
        there = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant(there) if there.tzinfo is None and 1900 <= there.year <= 2200 else None
