"""What the person sees of a closed attempt: the receipt, and the review with its keys once it is released."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from contest import clock
from contest.db import db
from contest.errors import Closed
from contest.models.attempts import Attempt
from contest.models.contests import Round, Void
from contest.models.results import Result, ScoreChange, Settlement, SettlementStep
from contest.rules.papers import read_paper
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.result_terms import Remedy, Step
from contest.rules.terms import AttemptState, Board, LimitPer, Reveal
from contest.rules.worth import most_points
from contest.services import grading
from contest.services.attempts.paper import get_own
from contest.services.contests.limits import since_of
from contest.services.contests.schedules import schedule_of


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


def get_receipt(code: str, *, by: Actor) -> ReceiptView:
    """Return the receipt of the actor's own closed attempt; raises NotFound, or Closed while it is still open."""
    attempt, round_row, slug, title = get_own(code, by)
    if attempt.state == AttemptState.OPEN:
        raise Closed(Refusal("attempt-open"))
    at = clock.now()
    reveal = revealed(round_row, at)
    result = db.session.get_one(Result, attempt.id)
    mine = sa.and_(Attempt.round_id == attempt.round_id, Attempt.member_id == attempt.member_id)
    recent = Attempt.started_at >= since_of(round_row, at)
    counting = sa.select(sa.func.count()).where(mine, recent, Attempt.void_id.is_(None))
    used = int(db.session.scalar(counting) or 0) if round_row.attempts_allowed else 0
    shown = reveal is not Reveal.NOTHING
    return ReceiptView(
        receipt_code=attempt.receipt or "",
        attempt_code=attempt.code,
        contest_slug=slug,
        contest_title=title,
        round_code=round_row.code,
        round_title=round_row.title,
        submitted_at=result.finished_at,
        duration=timedelta(seconds=result.duration_seconds),
        has_prediction=round_row.prediction is not None,
        prediction=result.prediction,
        number=attempt.number,
        attempts_allowed=round_row.attempts_allowed,
        attempts_per=LimitPer(round_row.attempts_per),
        attempts_left=max(0, round_row.attempts_allowed - used) if round_row.attempts_allowed else None,
        is_round_open=schedule_of(round_row).holding(at) is not None,
        is_expired=attempt.state == AttemptState.EXPIRED,
        score_shown=shown,
        correct=result.correct_count if shown else None,
        total=result.question_count,
        points=result.points if shown else None,
        possible=_possible(attempt, round_row, result) if shown else None,
        review_available=reveal is Reveal.REVIEW,
        board_visible=round_row.shown_at is not None
        or (round_row.settled_at is None and round_row.board != Board.HIDDEN),
        changes=_changes(attempt.id) if shown and round_row.shown_at is not None else (),
        void=_void_of(attempt),
        unmarked=result.unmarked,
    )


def _possible(attempt: Attempt, round_row: Round, result: Result) -> Decimal:
    """Return what the questions of a paper that count are worth together."""
    items = read_paper(attempt.paper)
    gone = grading.corrections_of(round_row.id) if result.question_count < len(items) else {}
    dropped = {v for v, correction in gone.items() if correction.remedy is Remedy.DROPPED}
    return most_points((1, item.worth) for item in items if item.version_id not in dropped)


def _void_of(attempt: Attempt) -> VoidView | None:
    if attempt.void_id is None:
        return None
    found = db.session.get_one(Void, attempt.void_id)
    return VoidView(found.reason, found.voided_at)


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
