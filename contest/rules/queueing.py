"""The queue before a start: how many are let in within a time, in which order, and what waiting may never cost.

Beyond a rate of starts people wait for their turn in the order in which they asked. Whoever is let in begins when they
press the button, within a stated time; their time limit counts from then. What waiting takes from a paper at the close is
given back, and whoever asked before the close and stays is let in after it.

The rate is a bucket: `free_at` is the instant until which the starts so far use it up, in whole microseconds since 1970,
so that one statement of either database can judge it and move it on.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from contest.rules.windows import Schedule, deadline

TO_BEGIN = timedelta(minutes=3)  # how long whoever is let in may take to begin
PATIENCE = timedelta(seconds=90)  # unseen for longer, a person holds up nobody; back again, they stand where they stood
KEPT = timedelta(minutes=30)  # unseen for longer, a place is given up
BURST = 12  # a twelfth of a minute's starts may come at once after a rest
SOONEST, LATEST = timedelta(seconds=3), timedelta(seconds=30)  # between two looks at one's place

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Stage(StrEnum):
    """Where a person in the queue stands: their turn has not come, it has, or their place is given up."""

    WAITING = "waiting"
    ADMITTED = "admitted"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A person's place in the queue of a round: when they asked for it, were seen last, and were let in."""

    asked_at: datetime
    seen_at: datetime
    admitted_at: datetime | None = None

    @property
    def begins_until(self) -> datetime | None:
        return self.admitted_at + TO_BEGIN if self.admitted_at else None


@dataclass(frozen=True, slots=True)
class Pace:
    """How many may start within a minute."""

    per_minute: int

    @property
    def step(self) -> int:
        """Microseconds between two starts, rounded up: never more than the rate."""
        return -(-60_000_000 // self.per_minute)

    @property
    def slack(self) -> int:
        """Microseconds by which the bucket may be overdrawn: the starts that may come at once, but for the first."""
        return (max(1, self.per_minute // BURST) - 1) * self.step


def micros(at: datetime) -> int:
    """Return an instant in microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def admissible(pace: Pace, free_at: int, at: datetime) -> int:
    """Return how many may be let in at once now."""
    now = micros(at)
    room = now + pace.slack - max(free_at, now)
    return room // pace.step + 1 if room >= 0 else 0


def used(pace: Pace, free_at: int, at: datetime, count: int) -> int:
    """Return until when the bucket is used up once so many more have been let in now."""
    return max(free_at, micros(at)) + count * pace.step


@dataclass(frozen=True, slots=True)
class Gate:
    """What all starts of a round pass: until when the rate is used up, and whether people wait."""

    free_at: int
    is_queueing: bool

    def is_shut(self, pace: Pace, at: datetime) -> bool:
        """Say whether a start has to wait now, by somebody whose turn it is not."""
        return self.is_queueing or admissible(pace, self.free_at, at) == 0


def expected_wait(pace: Pace, free_at: int, at: datetime, place: int) -> timedelta:
    """Return how long the person at a place waits if everybody before them takes their turn; place 1 is the first."""
    now = micros(at)
    return max(0, max(free_at, now) + (place - 1) * pace.step - pace.slack - now) * _MICROSECOND


def look_again(wait: timedelta) -> timedelta:
    """Return after how long to look at a place again: the nearer the turn, the sooner."""
    return min(max(wait / 10, SOONEST), LATEST)


def has_turn(ticket: Ticket | None, at: datetime) -> bool:
    return ticket is not None and stage(ticket, at, is_open=True) is Stage.ADMITTED


def is_present(ticket: Ticket, at: datetime) -> bool:
    return at < ticket.seen_at + PATIENCE


def stage(ticket: Ticket, at: datetime, *, is_open: bool) -> Stage:
    """Return where a ticket stands; once one may no longer start, only the places of those who stay are kept."""
    if ticket.begins_until is not None:
        return Stage.ADMITTED if at < ticket.begins_until else Stage.OVER
    return Stage.WAITING if at < ticket.seen_at + (KEPT if is_open else PATIENCE) else Stage.OVER


def counting(schedule: Schedule, at: datetime, ticket: Ticket | None) -> Ticket | None:
    """Return the place that counts for a start now; None for one that is given up, and for none."""
    if ticket is None or stage(ticket, at, is_open=schedule.holding(at) is not None) is Stage.OVER:
        return None
    return ticket


def judged_at(schedule: Schedule, at: datetime, ticket: Ticket | None, *, is_settled: bool = False) -> datetime:
    """Return as of when a start is judged: now, or when it was asked for, for whoever has waited over a close.

    A round that is settled is over for everybody, and inside a voided span nobody starts, whenever they asked.
    """
    held = counting(schedule, at, ticket)
    if held is None or is_settled or schedule.is_voided(at) or schedule.holding(at) is not None:
        return at
    return held.asked_at


def waited(schedule: Schedule, at: datetime, ticket: Ticket | None) -> timedelta:
    """Return how long somebody who starts now has waited for it; what came before a place that lapsed is no waiting."""
    held = counting(schedule, at, ticket)
    return timedelta() if held is None else at - held.asked_at


def ends_at(schedule: Schedule, at: datetime, limit: timedelta, extra: timedelta, ticket: Ticket | None) -> datetime:
    """Return when an attempt ends that is started now, by somebody who has waited for it or not."""
    about = schedule.about(judged_at(schedule, at, ticket))
    return deadline(about, at, limit, extra, waited(schedule, at, ticket))
