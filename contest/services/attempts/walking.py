"""Where an attempt stands on the way through its paper, read from when each step was entered.

The attempt's own row says what is open now, for the one statement that saves; this is for everything else.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows
from contest.models.attempts import Attempt, AttemptStep
from contest.models.contests import Round
from contest.rules.attempts import Verdict
from contest.rules.papers import Item, read_paper
from contest.rules.steps import EVERYTHING, Standing, Step, Walk, is_walked, scale_of, standing_of, steps_of
from contest.rules.windows import accepts_until
from contest.services.contests.courses import course_of

Moved = tuple[int, datetime, int]  # an attempt, its new end, its extra seconds


def steps_in(row: Round, items: Sequence[Item]) -> tuple[Step, ...] | None:
    """Return the steps of a paper of a round; None for a free one."""
    course = course_of(row)
    if not course.is_walked:
        return None
    steps = steps_of(course, [item.section for item in items], row.prediction is not None)
    return steps if is_walked(steps) else None


def scale_for(row: Round, extra_seconds: int) -> Fraction:
    return scale_of(timedelta(minutes=row.minutes), timedelta(seconds=extra_seconds))


def begun(row: Round, paper: Sequence[Any], extra: timedelta, at: datetime) -> Walk | None:
    """Return the way through a paper that is started now; None for a free one."""
    if not course_of(row).is_walked:
        return None
    steps = steps_in(row, read_paper(paper))
    return Walk(steps, {0: at}, scale_for(row, int(extra.total_seconds()))) if steps else None


def walk_of(attempt: Any, row: Round | None = None) -> Walk | None:
    """Return where an attempt stands; None in a free paper, which costs nothing."""
    if attempt.last_open == EVERYTHING[1]:
        return None
    row = row or db.session.get_one(Round, attempt.round_id)
    steps = steps_in(row, read_paper(attempt.paper))
    assert steps is not None
    query = sa.select(AttemptStep.step, AttemptStep.entered_at)
    query = query.where(AttemptStep.attempt_id == attempt.id, AttemptStep.member_id == attempt.member_id)
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


TIMES = ("ends_at", "accepts_until", "extra_seconds", "step_ends_at", "step_accepts_until")


def refitted(row: Round, moved: Sequence[Moved]) -> list[dict[str, Any]]:
    """Return the new TIMES of attempts by their new ends, held against the limits inside their papers.

    Extra time lengthens those as it lengthens the paper, so never by more: what is cut by the last limit stays cut by it,
    and nobody's end comes earlier than it was. Two statements for all attempts where one is led through, none otherwise.
    """
    walks = _walks_of(row, {i: extra for i, _, extra in moved}) if course_of(row).is_walked else {}
    found = []
    for attempt_id, ends_at, extra_seconds in moved:
        kept = kept_with(walks.get(attempt_id), ends_at, row.network_allowance) | {"extra_seconds": extra_seconds}
        found.append({"attempt": attempt_id, **{name: kept[name] for name in TIMES}})
    return found


def _walks_of(row: Round, extra: Mapping[int, int]) -> dict[int, Walk]:
    """Return where attempts stand, by their ids with their extra seconds."""
    entered: dict[int, dict[int, datetime]] = {}
    query = sa.select(AttemptStep.attempt_id, AttemptStep.step, AttemptStep.entered_at)
    for attempt_id, step, at in rows(query.where(AttemptStep.attempt_id.in_(extra))):
        entered.setdefault(attempt_id, {})[step] = at
    papers = rows(sa.select(Attempt.id, Attempt.paper).where(Attempt.id.in_(entered)))
    found = {i: steps_in(row, read_paper(paper)) for i, paper in papers}
    return {i: Walk(steps, entered[i], scale_for(row, extra[i])) for i, steps in found.items() if steps}
