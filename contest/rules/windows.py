"""Windows of a round: when one may start, and until when one may answer.

Instants are aware UTC. A window is half-open: it holds at opens_at and no longer at closes_at.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from contest.rules.refusals import Refusal
from contest.rules.terms import LimitPer, Phase

CLOSING_DELAY = timedelta(seconds=10)  # how long past its last acceptable save an open attempt is left alone
ARRIVAL_TRUST = timedelta(seconds=10)  # how far back the arrival stamp of a trusted proxy is believed


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


def check_window(opens_at: datetime, closes_at: datetime) -> Refusal | None:
    """Refuse a window that does not end after it begins."""
    return None if opens_at < closes_at else Refusal("window-ends-first", field="closes_at")


def deadline(window: Window, started_at: datetime, limit: timedelta, extra: timedelta = timedelta()) -> datetime:
    """Return when an attempt ends: after its limit or at the close, whichever is first, plus the person's extra time.

    Extra time runs past the close, so that nobody entitled to it loses it by starting late.
    """
    return min(started_at + limit, window.closes_at) + extra


def period(per: LimitPer, at: datetime, zone: tzinfo) -> Window | None:
    """Return the day or the week, from Monday on, in which an instant lies where the contest is; None is the whole round."""
    if per is LimitPer.ROUND:
        return None
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
