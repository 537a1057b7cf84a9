"""Where an attempt stands on the way through its paper, read from when each step was entered.

The attempt's own row says what is open now, for the one statement that saves; this is for everything else.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows
from contest.models.attempts import Attempt, AttemptStep
from contest.models.contests import Round
from contest.rules.attempts import Verdict
from contest.rules.papers import Item, read_paper
from contest.rules.steps import EVERYTHING, Standing, Step, Walk, is_walked, scale_of, standing_of, steps_of
from contest.rules.windows import Window, accepts_until, deadline
from contest.services.contests.courses import course_of
from contest.services.contests.schedules import schedule_of

Moved = tuple[int, datetime, int]  # an attempt, its new end, its extra seconds


def steps_in(row: Round, items: Sequence[Item]) -> tuple[Step, ...] | None:
    """Return the steps of a paper of a round; None for a free one."""
    course = course_of(row)
    if not course.is_walked:
        return None
    steps = steps_of(course, [item.section for item in items], row.prediction is not None)
    return steps if is_walked(steps) else None


def scale_for(row: Round, extra_seconds: int) -> Any:
    return scale_of(timedelta(minutes=row.minutes), timedelta(seconds=extra_seconds))


def begun(row: Round, paper: Sequence[Any], extra: timedelta, at: datetime) -> Walk | None:
    """Return the way through a paper that is started now; None for a free one."""
    if not course_of(row).is_walked:
        return None
    steps = steps_in(row, read_paper(paper))
    return Walk(steps, {0: at}, scale_for(row, int(extra.total_seconds()))) if steps else None


def walk_of(attempt: Attempt, row: Round | None = None) -> Walk | None:
    """Return where an attempt stands; None in a free paper, which costs nothing."""
    if not attempt.is_walked:
        return None
    row = row or db.session.get_one(Round, attempt.round_id)
    steps = steps_in(row, read_paper(attempt.paper))
    assert steps is not None
    query = sa.select(AttemptStep.step, AttemptStep.entered_at).where(AttemptStep.attempt_id == attempt.id)
    return Walk(steps, {row[0]: row[1] for row in rows(query)}, scale_for(row, attempt.extra_seconds))


def kept_with(walk: Walk | None, ends_at: datetime, allowance: int) -> dict[str, Any]:
    """Return what the row of an attempt says of a way: what is open until when, and the end that the last limit brings."""
    spare = timedelta(seconds=allowance)
    if walk is None:
        step = {"step": 0, "first_open": EVERYTHING[0], "last_open": EVERYTHING[1], "step_ends_at": None}
        return {**step, "step_accepts_until": None, "ends_at": ends_at, "accepts_until": accepts_until(ends_at, spare)}
    closes_at, step_ends_at = walk.closes_at, walk.ends_at(walk.current)
    ends_at = ends_at if closes_at is None else min(ends_at, closes_at)
    return {
        "step": walk.current,
        "first_open": walk.step.first,
        "last_open": walk.step.last,
        "step_ends_at": step_ends_at,
        "step_accepts_until": None if step_ends_at is None else accepts_until(step_ends_at, spare),
        "ends_at": ends_at,
        "accepts_until": accepts_until(ends_at, spare),
    }


def standing_in(attempt: Attempt, position: int, arrived: datetime) -> Standing:
    """Return how a save of a position stands: for one that arrived before its step was left, the step is still open."""
    found = standing_of(position, attempt.first_open, attempt.last_open)
    limit = attempt.step_accepts_until
    if found is Standing.OPEN and limit is not None and arrived > limit:
        return Standing.LEFT
    if found is Standing.LEFT:
        row = db.session.get_one(Round, attempt.round_id)
        walk = walk_of(attempt, row)
        assert walk is not None
        if walk.in_time(position, arrived, timedelta(seconds=row.network_allowance)):
            return Standing.OPEN
    return found


_VERDICTS = {Standing.OPEN: Verdict.SAVED, Standing.AHEAD: Verdict.NOT_YET, Standing.LEFT: Verdict.LEFT}


def verdict_in(attempt: Attempt, position: int, arrived: datetime) -> Verdict:
    """Return what becomes of something new for a position, in an attempt that is open and in time."""
    return _VERDICTS[standing_in(attempt, position, arrived)]


def refitted(row: Round, moved: Iterable[Moved]) -> list[Moved]:
    """Hold new ends of attempts against the limits inside their papers, which extra time lengthens; store those.

    What is cut by the last limit stays cut by it, and nobody's end comes earlier than it was.
    """
    course, moved = course_of(row), list(moved)
    if not course.is_walked:
        return moved
    return [_refit(row, *one) for one in moved]


def _refit(row: Round, attempt_id: int, ends_at: datetime, extra_seconds: int) -> Moved:
    attempt = db.session.get_one(Attempt, attempt_id, populate_existing=True)
    before = attempt.ends_at
    attempt.extra_seconds = extra_seconds
    walk = walk_of(attempt, row)
    if walk is None:
        return attempt_id, ends_at, extra_seconds
    limit, extra = timedelta(minutes=row.minutes), timedelta(seconds=extra_seconds)
    window = Window(attempt.started_at, schedule_of(row).closes(attempt.started_at))
    due = max(ends_at, deadline(window, attempt.started_at, limit, extra))
    values = kept_with(walk, due, row.network_allowance)
    for name in ("step_ends_at", "step_accepts_until"):
        setattr(attempt, name, values[name])
    db.session.flush()
    return attempt_id, max(before, values["ends_at"]), extra_seconds
