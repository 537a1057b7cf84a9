"""What an attempt allows: start, save, submit, expire; and which attempt of a person counts."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from contest.rules.ranking import Achievement, Merit, rank_key
from contest.rules.refusals import Refusal
from contest.rules.scoring import rounded
from contest.rules.steps import Standing
from contest.rules.terms import Counted, Criterion, Phase
from contest.rules.windows import Schedule, Window

MAX_REVISION = 100_000


def digest_over(
    paper: Sequence[object], started_at: datetime, finished_at: datetime, saves: Sequence[Sequence[object]]
) -> str:
    """Return the digest over all that an attempt is ranked by: its paper as it is kept, its times, and its saves.

    The saves are (position, revision, value as stored) in their order; all of it is written as JSON, times in UTC.
    """
    times = (started_at.astimezone(UTC).isoformat(), finished_at.astimezone(UTC).isoformat())
    return hashlib.sha256(json.dumps([paper, *times, [list(save) for save in saves]]).encode()).hexdigest()


def may_start(
    window: Window,
    at: datetime,
    *,
    used: int,
    allowed: int | None,
    has_open: bool,
    barred: Refusal | None = None,
    within: Window | None = None,
    schedule: Schedule | None = None,
) -> Refusal | None:
    """Return why a person may not start an attempt now, or None; an open attempt is always led back to.

    `window` is the whole round, `schedule` the windows inside it where there are several or one is voided. `used`
    counts the attempts of the period `within`, which is the whole round where it is None; `barred` is why the person may
    not take part in the contest at all.
    """
    if has_open:
        return None
    phase = window.phase(at)
    if phase is Phase.BEFORE:
        return Refusal("round-not-open", {"opens_at": window.opens_at})
    if phase is Phase.CLOSED:
        return Refusal("round-closed", {"closes_at": window.closes_at})
    if barred is not None:
        return barred
    if schedule is not None and schedule.holding(at) is None:
        again_at = schedule.opens_again(at)
        return Refusal("between-windows", {"opens_at": again_at}) if again_at else Refusal("no-window-left")
    if allowed is not None and used >= allowed:
        again_at = within.closes_at if within is not None and within.closes_at < window.closes_at else None
        if again_at is not None and schedule is not None:
            again_at = schedule.opens_again(again_at)
        if again_at is not None:
            return Refusal("attempts-used-up-for-now", {"allowed": allowed, "again_at": again_at})
        return Refusal("attempts-used-up", {"allowed": allowed})
    return None


class Verdict(StrEnum):
    """How a save is judged, in the order of judging."""

    CLOSED = "closed"
    LATE = "late"
    NOT_YET = "not-yet"
    LEFT = "left"
    STALE = "stale"
    SAME = "same"
    CONFLICT = "conflict"
    SAVED = "saved"


@dataclass(frozen=True, slots=True)
class Saved:
    """The current response of a position: its highest revision and that revision's value."""

    revision: int
    value: str | None


_NEW = {Standing.OPEN: Verdict.SAVED, Standing.AHEAD: Verdict.NOT_YET, Standing.LEFT: Verdict.LEFT}


def judge_save(
    *,
    submitted: bool,
    accepts_until: datetime,
    arrived_at: datetime,
    revision: int,
    value: str | None,
    stored: Saved | None,
    standing: Standing = Standing.OPEN,
) -> Verdict:
    """Judge a save: submitted by the person, too late, lower than the stored revision, equal to it, or new.

    Too late holds also when the attempt has already been closed in the background. What is new is not taken for a
    question that is not open yet, nor for one that was left.
    """
    if submitted:
        return Verdict.CLOSED
    if arrived_at > accepts_until:
        return Verdict.LATE
    if stored is None or revision > stored.revision:
        return _NEW[standing]
    if revision < stored.revision:
        return Verdict.STALE
    return Verdict.SAME if value == stored.value else Verdict.CONFLICT


def missed(*, arrived_at: datetime, accepts_until: datetime, closed_at: datetime | None) -> Verdict:
    """Return why an attempt takes a response no more: LATE when its time was over, CLOSED when it was closed before that.

    It is closed before when it is handed in or stopped, or while the response was on its way.
    """
    was_open = closed_at is None or closed_at > accepts_until
    return Verdict.LATE if was_open and arrived_at > accepts_until else Verdict.CLOSED


def counted_attempt(
    achievements: Sequence[Achievement],
    counted: Counted,
    criteria: Sequence[Criterion],
    *,
    target: int | None,
    registered_at: datetime | None = None,
    lot: int | None = None,
) -> Merit | None:
    """Return what counts of one person's attempts; `target` is None while the prediction's target is not known.

    The best is the best by the ranking key itself, the earlier number among equals. A mean of all attempts takes
    prediction and times from the best of them.
    """
    if not achievements:
        return None
    in_order = sorted(achievements, key=lambda a: a.number)
    full_marks = sum(a.is_all_correct for a in in_order)

    def merit(a: Achievement) -> Merit:
        return Merit(a, Decimal(a.correct_count), a.points, len(in_order), full_marks, registered_at, lot)

    if counted is Counted.FIRST:
        return merit(in_order[0])
    if counted is Counted.LAST:
        return merit(in_order[-1])
    if len(in_order) == 1:
        return merit(in_order[0])
    best = min(map(merit, in_order), key=lambda m: rank_key(m, criteria, target=target))
    if counted is Counted.BEST:
        return best
    return best._replace(correct=_mean(a.correct_count for a in in_order), points=_mean(a.points for a in in_order))


def _mean(values: Iterable[int | Decimal]) -> Decimal:
    """Return the mean, rounded once to the millionth, half to even."""
    exact = [Fraction(v) for v in values]
    return rounded(sum(exact, Fraction()) / len(exact))


def is_revision(revision: object) -> bool:
    """Say whether a client's revision is a whole number from 1 to 100,000."""
    return isinstance(revision, int) and not isinstance(revision, bool) and 1 <= revision <= MAX_REVISION
