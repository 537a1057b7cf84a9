"""Windows laid out as a calendar: weeks of seven days, and in each day the hours that lie inside a window."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from contest.rules.windows import WHOLE_DAY, Window

MOST_WEEKS = 27  # half a year; what is longer is said and not drawn


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its spans as minutes of the day; 1440 is the midnight that ends it."""

    date: date
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Whole weeks from Monday on; `left_out` counts the weeks that follow and are not drawn."""

    weeks: tuple[tuple[Day, ...], ...]
    left_out: int


def calendar(windows: Sequence[Window], zone: tzinfo) -> Calendar:
    """Lay windows out by the clock of the organisation; none make an empty calendar."""
    sound = sorted((w for w in windows if w.opens_at < w.closes_at), key=lambda w: w.opens_at)
    if not sound:
        return Calendar((), 0)
    days: dict[date, list[tuple[int, int]]] = {}
    for window in sound:
        for day, span in _cut(window, zone):
            days.setdefault(day, []).append(span)
    first, last = min(days), max(days)
    monday = first - timedelta(days=first.weekday())
    count = (last - monday).days // 7 + 1
    weeks = tuple(
        tuple(Day(day, tuple(days.get(day, ()))) for day in (monday + timedelta(days=7 * n + d) for d in range(7)))
        for n in range(min(count, MOST_WEEKS))
    )
    return Calendar(weeks, count - len(weeks))


def _cut(window: Window, zone: tzinfo) -> list[tuple[date, tuple[int, int]]]:
    """Cut a window at each midnight it spans."""
    opens, closes = window.opens_at.astimezone(zone), window.closes_at.astimezone(zone)
    found: list[tuple[date, tuple[int, int]]] = []
    day, begins = opens.date(), opens.hour * 60 + opens.minute
    while day < closes.date() and len(found) < MOST_WEEKS * 7:
        found.append((day, (begins, WHOLE_DAY)))
        day, begins = day + timedelta(days=1), 0
    ends = closes.hour * 60 + closes.minute
    if day == closes.date() and begins < ends:
        found.append((day, (begins, ends)))
    return found
