"""The end of an attempt: handed in by the person, or closed in the background once its time is over. One of them wins."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import Frozen, change, db, editions, insert, rows, transaction
from contest.db.session import know_edition
from contest.errors import NotFound
from contest.models.attempts import Attempt, Response
from contest.models.contests import Round
from contest.models.members import Member
from contest.rules.attempts import Verdict, digest_over
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.steps import may_hand_in_from
from contest.rules.terms import AttemptState
from contest.rules.text import READABLE
from contest.rules.windows import CLOSING_DELAY
from contest.services import audit, grading
from contest.services.attempts import missing, walking
from contest.services.attempts.content import find_shape
from contest.services.attempts.saving import read_form
from contest.services.contests import shared
from contest.services.members import sessions
from contest.services.results.settlement import ranking_of

DUE_AT_ONCE = 500  # attempts whose time is over, in one go through them


def new_receipt() -> str:
    """Return a receipt's code, easy to read out: HT-7K4M-29QX-8PWD."""
    code = "".join(secrets.choice(READABLE) for _ in range(12))
    return "HT-" + "-".join(code[i : i + 4] for i in range(0, 12, 4))


_MISSED = (Verdict.LATE, Verdict.CLOSED, Verdict.LEFT)


def save_form(code: str, form: Mapping[str, list[str]], *, by: Actor, arrived: datetime) -> Verdict:
    """Save what a plain form carries: SAVED, LATE or CLOSED when it came after the end or the submission and counts no more.

    LEFT says that some of it is for a step that was left, which does not count.
    """
    shape = find_shape(code, by.member_id or 0)
    if shape is None:
        raise NotFound
    carried = read_form(shape, form)
    at = clock.now()
    with transaction(shared=False):
        attempt = locked(code, by)
        return _keep(attempt, carried, at, arrived)


def submit(code: str, form: Mapping[str, list[str]], *, by: Actor, arrived: datetime) -> datetime | None:
    """Close an attempt for good with what the form carries; submitting twice is submitting once.

    Returns None, or from when it may be handed in where that is still to come: what the form carries is kept then, and
    the attempt stays open. Raises NotFound for an attempt that is not the actor's.
    """
    shape = find_shape(code, by.member_id or 0)
    if shape is None:
        raise NotFound
    carried = read_form(shape, form)
    at = clock.now()
    with transaction(shared=False):
        attempt = locked(code, by)
        _keep(attempt, carried, at, arrived)
        if attempt.state == AttemptState.OPEN:
            around = shared.round_of(attempt.round_id)
            from_at = may_hand_in_from(attempt.started_at, attempt.ends_at, around.row.least_minutes)
            if arrived < from_at:
                return from_at
            _close(attempt, AttemptState.SUBMITTED, min(arrived, attempt.ends_at), at)
            audit.record("attempt-submitted", "attempt", attempt.id, by=by, at=at)
    return None


def hand_in(code: str, *, by: Actor, arrived: datetime) -> bool:
    """Close the open attempt of whom a cookie names, whose session the first statement judges; False explains nothing.

    It is for a form that carries no responses, in a round that lets one hand in at any time: `submit` does the rest.
    """
    at = clock.now()
    params = {"code": code, **sessions.held(by), "arrived": arrived, "at": at, "receipt": new_receipt()}
    with transaction(shared=False):
        closed = change(_HAND_IN, params)
        if not closed:
            return False
        _score(closed[0], at)
        audit.record("attempt-submitted", "attempt", closed[0].id, by=by, at=at)
    return True


def locked(code: str, by: Actor) -> Attempt:
    """Return the actor's own attempt, held for the caller's transaction; raises NotFound for anybody else's."""
    attempt = db.session.scalar(
        sa.select(Attempt)
        .where(Attempt.code == code, Attempt.member_id == by.member_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if attempt is None:
        raise NotFound
    return attempt


def _keep(attempt: Attempt, carried: list[tuple[int, int, str | None]], at: datetime, arrived: datetime) -> Verdict:
    """Append what a form carries: as responses while in time, as late evidence afterwards; nothing that is still to come."""
    current = grading.current_values(attempt.id, attempt.member_id)
    changed = [
        (p, r, v) for p, r, v in carried if v != current.get(p, (0, None))[1] and r > current.get(p, (0, None))[0]
    ]
    in_time = attempt.state == AttemptState.OPEN and arrived <= attempt.accepts_until
    kept: dict[Verdict, list[missing.Given]] = {verdict: [] for verdict in Verdict}
    for p, r, v in changed:
        verdict = walking.verdict_in(attempt, p, arrived) if in_time else missing.why(attempt, arrived)
        kept[verdict].append((p, r, v))
    if kept[Verdict.SAVED]:
        own = {"attempt_id": attempt.id, "member_id": attempt.member_id, "saved_at": at}
        saved = [{**own, "position": p, "revision": r, "value": v} for p, r, v in kept[Verdict.SAVED]]
        db.session.execute(insert(Response).on_conflict_do_nothing(), saved)
    for verdict in _MISSED:
        missing.keep(attempt, verdict, kept[verdict], arrived)
    return next((v for v in _MISSED if kept[v]), Verdict.SAVED)


_INSTANT = Attempt.started_at.type
_ROW = Attempt.__table__.c
_CLOSED = (
    "id",
    "round_id",
    "member_id",
    "unit_id",
    "number",
    "started_at",
    "ends_at",
    "finished_at",
    "paper",
    "void_id",
)


def _closing(state: Any, finished_at: Any) -> Any:
    """An open attempt is closed: of two racers one wins, and the other changes nothing."""
    values = {
        "state": state,
        "finished_at": finished_at,
        "closed_at": sa.bindparam("at", type_=_INSTANT),
        "receipt": sa.bindparam("receipt"),
    }
    table: Any = Attempt.__table__
    closing = sa.update(table).where(_ROW.state == AttemptState.OPEN.value).values(values)
    return closing.returning(*(_ROW[name] for name in _CLOSED), editions.NUMBER.label("edition"))


def _handing_in() -> Any:
    arrived = sa.bindparam("arrived", type_=_INSTANT)
    finished_at = sa.case((arrived < _ROW.ends_at, arrived), else_=_ROW.ends_at)
    holds = sa.exists().where(Member.id == _ROW.member_id, *sessions.holding())
    waits = sa.exists().where(Round.id == _ROW.round_id, Round.least_minutes.is_not(None))
    mine = (_ROW.code == sa.bindparam("code"), _ROW.member_id == sa.bindparam("member"))
    return _closing(AttemptState.SUBMITTED.value, finished_at).where(*mine, holds, ~waits)


def _closing_one() -> Any:
    state: Any = sa.bindparam("state")
    own = (_ROW.id == sa.bindparam("attempt"), _ROW.member_id == sa.bindparam("member"))
    return _closing(state, sa.bindparam("finished_at", type_=_INSTANT)).where(*own)


_HAND_IN, _CLOSE = Frozen(_handing_in, member="member"), Frozen(_closing_one, member="member")


def _close(attempt: Attempt, state: AttemptState, finished_at: datetime, at: datetime) -> bool:
    """Close an open attempt and score it; False when somebody was faster."""
    own = {"attempt": attempt.id, "member": attempt.member_id}
    params = {**own, "state": state.value, "finished_at": finished_at, "at": at, "receipt": new_receipt()}
    closed = change(_CLOSE, params)
    if closed:
        _score(closed[0], at)
    return bool(closed)


def _score(closed: Any, at: datetime) -> None:
    """Score what has just been closed, by the saves that were there when it was."""
    know_edition(closed.edition or 0)
    saves = grading.saves_of(closed.id, closed.member_id)
    digest = digest_over(closed.paper, closed.started_at, closed.finished_at, saves)
    grading.grade(closed, grading.current_among(saves), ranking_of(shared.round_of(closed.round_id).row), at, digest)


def stop(attempt_id: int, at: datetime) -> bool:
    """Close a running attempt before its time, inside the caller's transaction; what was saved is kept as evidence."""
    attempt = db.session.get_one(Attempt, attempt_id, populate_existing=True)
    return _close(attempt, AttemptState.EXPIRED, min(at, attempt.ends_at), at)


def close_due(*, limit: int = DUE_AT_ONCE) -> int:
    """Close and score the attempts whose time is over, and return how many there were; what the worker does."""
    at = clock.now()
    due = sa.select(Attempt.id, Attempt.member_id).where(
        Attempt.state == AttemptState.OPEN.value, Attempt.accepts_until <= at - CLOSING_DELAY
    )
    closed = 0
    for attempt_id, member_id in rows(due.order_by(Attempt.accepts_until).limit(limit)):
        closed += expire(attempt_id, member_id)
    return closed


def expire(attempt_id: int, member_id: int) -> bool:
    """Close one attempt at its end; False when its person was faster."""
    at = clock.now()
    with transaction(shared=False):
        attempt = db.session.scalar(
            sa.select(Attempt)
            .where(Attempt.id == attempt_id, Attempt.member_id == member_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if attempt is None or attempt.state != AttemptState.OPEN or at < attempt.accepts_until + CLOSING_DELAY:
            return False
        if _close(attempt, AttemptState.EXPIRED, attempt.ends_at, at):
            audit.record("attempt-expired", "attempt", attempt.id, by=SYSTEM, at=at)
    return True
