"""What the person sees of a closed attempt: the receipt, and the review with its keys once it is released."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import Frozen, ask, db, gathered, instant
from contest.errors import Closed, NotFound
from contest.models.attempts import Attempt, of_attempt
from contest.models.contests import Round, Void
from contest.models.members import Member
from contest.models.results import Result, ScoreChange, Settlement, SettlementStep
from contest.rules.papers import read_paper
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.result_terms import Remedy, Step
from contest.rules.terms import AttemptState, Board, LimitPer, Reveal
from contest.rules.worth import most_points
from contest.services import grading
from contest.services.contests import shared
from contest.services.contests.limits import since_of
from contest.services.contests.schedules import schedule_of
from contest.services.members import sessions


@dataclass(frozen=True, slots=True)
class VoidView:
    """Why an attempt does not count, and since when."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ScoreChangeView:
    """How a published version changed a score: when, from what to what, why."""

    at: datetime
    before: Decimal
    after: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class ReceiptView:
    receipt_code: str
    attempt_code: str
    contest_slug: str
    contest_title: str
    round_code: str
    round_title: str
    submitted_at: datetime
    duration: timedelta
    has_prediction: bool
    prediction: int | None
    number: int
    attempts_allowed: int | None
    attempts_per: LimitPer
    attempts_left: int | None
    is_round_open: bool
    is_expired: bool
    score_shown: bool
    correct: int | None
    total: int
    points: Decimal | None
    possible: Decimal | None
    review_available: bool
    board_visible: bool
    changes: tuple[ScoreChangeView, ...]
    void: VoidView | None = None
    unmarked: int = 0


def revealed(round_row: Round, at: datetime) -> Reveal:
    """Return what a contestant may see of a submitted attempt now; the one place where a release time is judged.

    Keys are released only when nobody can start any more and no attempt runs: after the settlement.
    """
    if round_row.settled_at is not None and at >= round_row.closes_at:
        return Reveal(round_row.reveal_after_close)
    return Reveal.SCORE if round_row.reveal != Reveal.NOTHING else Reveal.NOTHING


_OTHER = sa.orm.aliased(Attempt)


def _statement() -> Any:
    """A member's own attempt with its result, what voided it, when their others began, and who they are."""
    member: Any = sa.bindparam("member")
    mine = (_OTHER.round_id == Attempt.round_id, _OTHER.member_id == member, _OTHER.void_id.is_(None))
    return (
        sa.select(
            *sessions.columns(),
            gathered(_OTHER.started_at, where=mine).label("tries"),
            Void.reason,
            Void.voided_at,
            *(column.label(f"attempt_{column.name}") for column in Attempt.__table__.c),
            *Result.__table__.c,
        )
        .join(Member, Member.id == Attempt.member_id)
        .outerjoin(Result, of_attempt(Result))
        .outerjoin(Void, Void.id == Attempt.void_id)
        .where(Attempt.code == sa.bindparam("code"), Attempt.member_id == member, *sessions.holding())
    )


_RECEIPT = Frozen(_statement, member="member")


def get_receipt(code: str, *, by: Actor) -> ReceiptView:
    """Return the receipt of the actor's own closed attempt; raises NotFound, or Closed while it is still open."""
    return open_receipt(code, by=by)[1]


def open_receipt(code: str, *, by: Actor) -> tuple[Actor, ReceiptView]:
    """Return who is signed in, by the one statement that reads it, and the receipt of their own closed attempt.

    Raises NotFound, for a session that has ended too, and Closed while it is still open.
    """
    found = ask(_RECEIPT, {"code": code, **sessions.held(by)})
    if not found:
        raise NotFound
    row = found[0]
    actor = sessions.actor_of(row[: sessions.COLUMNS], by)
    if row.attempt_state == AttemptState.OPEN:
        raise Closed(Refusal("attempt-open"))
    return actor, _view(row, shared.round_of(row.attempt_round_id), clock.now())


def _view(row: Any, around: shared.SharedRound, at: datetime) -> ReceiptView:
    round_row = around.row
    shown, allowed = (reveal := revealed(round_row, at)) is not Reveal.NOTHING, round_row.attempts_allowed
    since = since_of(round_row, at) if allowed else at
    used = sum(instant(began) >= since for (began,) in row.tries)
    return ReceiptView(
        receipt_code=row.attempt_receipt or "",
        attempt_code=row.attempt_code,
        contest_slug=around.contest.slug,
        contest_title=around.contest.title,
        round_code=round_row.code,
        round_title=round_row.title,
        submitted_at=row.finished_at,
        duration=timedelta(seconds=row.duration_seconds),
        has_prediction=round_row.prediction is not None,
        prediction=row.prediction,
        number=row.attempt_number,
        attempts_allowed=allowed,
        attempts_per=LimitPer(round_row.attempts_per),
        attempts_left=max(0, allowed - used) if allowed else None,
        is_round_open=schedule_of(round_row).holding(at) is not None,
        is_expired=row.attempt_state == AttemptState.EXPIRED,
        score_shown=shown,
        correct=row.correct_count if shown else None,
        total=row.question_count,
        points=row.points if shown else None,
        possible=_possible(row.attempt_paper, round_row, row.question_count) if shown else None,
        review_available=reveal is Reveal.REVIEW,
        board_visible=round_row.shown_at is not None
        or (round_row.settled_at is None and round_row.board != Board.HIDDEN),
        changes=_changes(row.attempt_id) if shown and round_row.shown_at is not None else (),
        void=None if row.attempt_void_id is None else VoidView(row.reason, row.voided_at),
        unmarked=row.unmarked,
    )


def _possible(paper: Sequence[Any], round_row: Round, question_count: int) -> Decimal:
    """Return what the questions of a paper that count are worth together."""
    items = read_paper(paper)
    gone = grading.corrections_of(round_row.id) if question_count < len(items) else {}
    dropped = {v for v, correction in gone.items() if correction.remedy is Remedy.DROPPED}
    return most_points((1, item.worth) for item in items if item.version_id not in dropped)


def _changes(attempt_id: int) -> tuple[ScoreChangeView, ...]:
    """Return how published versions changed the score of an attempt, in order."""
    published = sa.and_(SettlementStep.settlement_id == Settlement.id, SettlementStep.step == Step.PUBLISHED)
    found = db.session.execute(
        sa.select(SettlementStep.at, ScoreChange.points_before, ScoreChange.points_after, Settlement.reason)
        .join(Settlement, Settlement.id == ScoreChange.settlement_id)
        .join(SettlementStep, published)
        .where(ScoreChange.attempt_id == attempt_id)
        .order_by(Settlement.version)
    )
    return tuple(ScoreChangeView(*row) for row in found)
