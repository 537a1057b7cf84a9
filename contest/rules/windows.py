"""Windows of a round: when one may start, and until when one may answer.

Instants are aware UTC. A window is half-open: it holds at opens_at and no longer at closes_at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from contest.rules.refusals import Refusal
from contest.rules.terms import LimitPer, Phase

CLOSING_DELAY = timedelta(seconds=10)  # how long past its last acceptable save an open attempt is left alone
ARRIVAL_TRUST = timedelta(seconds=10)  # how far back the arrival stamp of a trusted proxy is believed
WHOLE_DAY = 24 * 60  # minutes
MOST_WINDOWS = 400  # of one round


@dataclass(frozen=True, slots=True)
class Window:
    opens_at: datetime
    closes_at: datetime

    def holds(self, at: datetime) -> bool:
        return self.opens_at <= at < self.closes_at

    def phase(self, at: datetime) -> Phase:
        if at < self.opens_at:
            return Phase.BEFORE
        return Phase.OPEN if at < self.closes_at else Phase.CLOSED


@dataclass(frozen=True, slots=True)
class Schedule:
    """The windows of a round in their order, and the spans of it that are voided: nobody starts inside one of those."""

    windows: tuple[Window, ...]
    voided: tuple[Window, ...] = ()

    @property
    def hull(self) -> Window:
        """The round from its first opening to its last close."""
        return Window(self.windows[0].opens_at, self.windows[-1].closes_at)

    def is_voided(self, at: datetime) -> bool:
        return any(span.holds(at) for span in self.voided)

    def holding(self, at: datetime) -> Window | None:
        """Return the window in which one may start now; None between windows and inside a voided span."""
        return None if self.is_voided(at) else next((w for w in self.windows if w.holds(at)), None)

    def opens_again(self, at: datetime) -> datetime | None:
        """Return the first instant from now on at which one may start, now included; None when there is none left."""
        edges = [*(w.opens_at for w in self.windows), *(v.closes_at for v in self.voided)]
        return next((e for e in sorted([at, *(e for e in edges if e > at)]) if self.holding(e)), None)

    def about(self, at: datetime) -> Window:
        """Return the window that an instant is about: the one it lies in, else the next to open, else the last."""
        again = self.opens_again(at)
        wanted = [at] if again is None else [at, again]
        return next((w for instant in wanted for w in self.windows if w.holds(instant)), self.windows[-1])

    def of_attempt(self, started_at: datetime) -> Window:
        """Return the window that an attempt belongs to: the last to open before it started, over whose close some wait."""
        return next((w for w in reversed(self.windows) if w.opens_at <= started_at), self.windows[0])


def check_window(opens_at: datetime, closes_at: datetime) -> Refusal | None:
    """Refuse a window that does not end after it begins."""
    return None if opens_at < closes_at else Refusal("window-ends-first", field="closes_at")


@dataclass(frozen=True, slots=True)
class Pattern:
    """Windows that come again: on these weekdays (Monday is 0), from a minute of the day to another; 1440 is 24:00."""

    weekdays: frozenset[int]
    from_minute: int
    to_minute: int


def minute_of_day(typed: str) -> int | Refusal:
    """Read a time of day as people write it: 6:00, 06:00, 17h30, and 24:00 for the midnight that ends the day."""
    hours, _, minutes = typed.strip().lower().replace("h", ":").partition(":")
    minutes = minutes or "00"
    if not all(part.isascii() and part.isdigit() and len(part) <= 2 for part in (hours, minutes)):
        return Refusal("not-an-hour")
    found = int(hours) * 60 + int(minutes)
    return found if int(minutes) < 60 and found <= WHOLE_DAY else Refusal("not-an-hour")


def by_pattern(pattern: Pattern, within: Window, zone: tzinfo) -> tuple[Window, ...]:
    """Return the windows of a pattern inside a span, by the clock of the organisation; the span cuts those at its ends."""
    found: list[Window] = []
    day, last = within.opens_at.astimezone(zone).date(), within.closes_at.astimezone(zone).date()
    while day <= last and len(found) <= MOST_WINDOWS:
        if day.weekday() in pattern.weekdays:
            opens_at, closes_at = (_instant(day, m, zone) for m in (pattern.from_minute, pattern.to_minute))
            opens_at, closes_at = max(opens_at, within.opens_at), min(closes_at, within.closes_at)
            if opens_at < closes_at:
                found.append(Window(opens_at, closes_at))
        day += timedelta(days=1)
    return tuple(found)


def _instant(day: date, minute: int, zone: tzinfo) -> datetime:
    """Return a minute of a day where the contest is; the 1440th is the midnight after."""
    there = datetime.combine(day + timedelta(days=minute // WHOLE_DAY), time(), zone)
    return (there + timedelta(minutes=minute % WHOLE_DAY)).astimezone(UTC)


def check_windows(windows: Sequence[Window], within: Window | None = None) -> tuple[Refusal, ...]:
    """Refuse windows that end first, that overlap, that lie outside the round, that are none or too many.

    They are named by their places in the list, from 1 on, whatever the order they stand in.
    """
    if not windows:
        return (Refusal("windows-none", field="windows"),)
    if len(windows) > MOST_WINDOWS:
        return (Refusal("windows-too-many", {"limit": MOST_WINDOWS}, "windows"),)
    refusals = []
    for number, w in enumerate(windows, 1):
        if w.opens_at >= w.closes_at:
            refusals.append(Refusal("window-of-list-ends-first", {"number": number}, "windows"))
        elif within is not None and (w.opens_at < within.opens_at or w.closes_at > within.closes_at):
            refusals.append(Refusal("window-outside-round", {"number": number}, "windows"))
    in_order = sorted(enumerate(windows, 1), key=lambda pair: (pair[1].opens_at, pair[1].closes_at))
    for (one, earlier), (other, later) in pairwise(in_order):
        if later.opens_at < earlier.closes_at:
            refusals.append(Refusal("windows-overlap", {"one": one, "other": other}, "windows"))
    return tuple(refusals)


def check_extension(schedule: Schedule, window: Window, closes_at: datetime, at: datetime) -> Refusal | None:
    """Refuse to move a window's close other than later, into the future, and before the next window opens."""
    if closes_at <= window.closes_at:
        return Refusal("extension-shortens", {"closes_at": window.closes_at}, "closes_at")
    if closes_at <= at:
        return Refusal("closes-in-past", field="closes_at")
    later = [w for w in schedule.windows if w.opens_at >= window.closes_at]
    if later and closes_at > later[0].opens_at:
        return Refusal("extension-overlaps", {"opens_at": later[0].opens_at}, "closes_at")
    return None


def spans(schedule: Schedule, zone: tzinfo) -> tuple[Window, ...]:
    """Return what of a round can be voided at once: each of its windows, or each day of its one long window."""
    if len(schedule.windows) > 1:
        return schedule.windows
    found: list[Window] = []
    left = schedule.hull
    while left.opens_at < left.closes_at and len(found) < MOST_WINDOWS:
        day = period(LimitPer.DAY, left.opens_at, zone)
        ends = min(day.closes_at, left.closes_at) if day is not None else left.closes_at
        found.append(Window(left.opens_at, ends))
        left = Window(ends, left.closes_at)
    return tuple(found)


def deadline(
    window: Window,
    started_at: datetime,
    limit: timedelta,
    extra: timedelta = timedelta(),
    waited: timedelta = timedelta(),
) -> datetime:
    """Return when an attempt ends: after its limit or at the close, whichever is first, plus the person's extra time.

    Extra time runs past the close, so that nobody entitled to it loses it by starting late. Whoever had to wait for their
    turn has the close put off by as long: the paper lasts as long as one that was started when they asked.
    """
    return min(started_at + limit, window.closes_at + waited) + extra


def extra_time(limit: timedelta, *, minutes: int = 0, percent: int = 0, granted: int = 0) -> timedelta:
    """Return the extra time of one attempt: a person's own minutes or percent of the limit, and what the round grants.

    A percentage is rounded up to the whole minute, in favour of the person.
    """
    share = -(-int(limit.total_seconds()) * percent // 6000)
    return timedelta(minutes=minutes + share + granted)


def extended_end(
    ends_at: datetime, started_at: datetime, limit: timedelta, extra: timedelta, by: timedelta
) -> datetime:
    """Return when a running attempt ends after its window's close was moved later by so much: never before it did.

    What the close took is given back as far as it moved, up to the whole limit; what waiting had put off stays put off.
    """
    return max(ends_at, min(ends_at + by, started_at + limit + extra))


def period(per: LimitPer, at: datetime, zone: tzinfo, schedule: Schedule | None = None) -> Window | None:
    """Return within what attempts are limited at an instant; None is the whole round.

    The window, the day, or the week from Monday on, where the contest is. Between windows it is the one to come.
    """
    if per is LimitPer.ROUND:
        return None
    if per is LimitPer.WINDOW:
        return schedule.about(at) if schedule is not None else None
    there = at.astimezone(zone)
    first = there.date() - timedelta(days=there.weekday() if per is LimitPer.WEEK else 0)
    days = 7 if per is LimitPer.WEEK else 1
    begins, ends = (datetime.combine(day, time(), zone) for day in (first, first + timedelta(days=days)))
    return Window(begins.astimezone(UTC), ends.astimezone(UTC))


def accepts_until(ends_at: datetime, allowance: timedelta) -> datetime:
    """Return the last instant at which a save still arrives in time: the end plus the round's network allowance."""
    return ends_at + allowance


def arrival(received_at: datetime, stamped_at: datetime | None) -> datetime:
    """Return when a request arrived: the trusted proxy's stamp, believed for at most 10 s before our own reading."""
    if stamped_at is None or stamped_at > received_at:
        return received_at
    return max(stamped_at, received_at - ARRIVAL_TRUST)


def is_due(accepts_until: datetime, at: datetime) -> bool:
    """Say whether an attempt left open is to be closed now: its end, the allowance and 10 s are over."""
    return at >= accepts_until + CLOSING_DELAY
