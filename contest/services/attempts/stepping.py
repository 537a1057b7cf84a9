"""Going on to the next step of a paper: forward only, once however often one clicks, with the time it was entered."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from contest import clock
from contest.db import db, insert, rowcount, transaction
from contest.errors import Closed, Conflict, Invalid
from contest.models.attempts import Attempt, AttemptStep
from contest.models.contests import Round
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.steps import Walk
from contest.rules.terms import AttemptState
from contest.services.attempts import closing, walking


@dataclass(frozen=True, slots=True)
class Position:
    """Where one stands: the step, of how many, and when its time is over; `is_last` says that nothing comes after it."""

    step: int
    step_count: int
    ends_at: datetime | None
    is_last: bool


def go_on(code: str, leaving: int, *, only_when_over: bool = False, by: Actor, arrived: datetime) -> Position:
    """Leave a step for the next and return where one stands then; to leave it twice is to leave it once.

    With `only_when_over` it is left only if its time is over. Raises NotFound for an attempt that is not the actor's,
    Closed for one that is over, Invalid for a free paper, Conflict for a step that has not been entered.
    """
    at = clock.now()
    with transaction(shared=False):
        attempt = closing.locked(code, by)
        row = db.session.get_one(Round, attempt.round_id)
        walk = walking.walk_of(attempt, row)
        check(walk, leaving, is_open=attempt.state == AttemptState.OPEN and arrived <= attempt.accepts_until)
        assert walk is not None
        if leaving == walk.current and (walk.is_over(at) or not only_when_over):
            following = walk.following(at)
            if following is not None:
                walk = walk.entering(following, at)
                _enter(attempt, walk, leaving, row.network_allowance, at)
        return position_of(walk, at)


def check(walk: Walk | None, leaving: int, *, is_open: bool) -> None:
    """Refuse to leave a step of a paper that is over or free, or one that has not been entered."""
    if not is_open:
        raise Closed(Refusal("attempt-closed"))
    if walk is None or not 0 <= leaving < len(walk.steps):
        raise Invalid(Refusal("bad-position", field="step"))
    if leaving > walk.current:
        raise Conflict(Refusal("attempt-not-yet", field="step"))


def position_of(walk: Walk, at: datetime) -> Position:
    return Position(walk.current, len(walk.steps), walk.ends_at(walk.current), walk.following(at) is None)


def _enter(attempt: Attempt, walk: Walk, leaving: int, allowance: int, at: datetime) -> None:
    """Open the next step, where the attempt still stands at the one that is left, and write down when."""
    here = sa.update(Attempt).where(
        Attempt.id == attempt.id,
        Attempt.member_id == attempt.member_id,
        Attempt.step == leaving,
        Attempt.state == AttemptState.OPEN.value,
    )
    values = walking.kept_with(walk, attempt.ends_at, allowance)
    if rowcount(here.values(**values).execution_options(synchronize_session=False)):
        own = {"attempt_id": attempt.id, "member_id": attempt.member_id}
        db.session.execute(insert(AttemptStep), {**own, "step": walk.current, "entered_at": at})
