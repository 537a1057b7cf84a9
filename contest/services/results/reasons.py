"""Why a person stands where they stand: every criterion, one's own value, and the neighbours', who have no names here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest.db import UtcDateTime, db
from contest.errors import NotFound
from contest.models.attempts import Attempt, of_attempt
from contest.models.entrants import Registration
from contest.models.members import Member
from contest.models.results import Result, Standing
from contest.rules.permissions import Actor
from contest.rules.ranking import MORE_IS_BETTER, deciding, lot_in
from contest.rules.terms import Counted, Criterion, PredictionTarget
from contest.services.results import counts
from contest.services.results.head import SETTLED, Head, get_head

Value = int | Decimal | timedelta | datetime | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A place beside one's own and who decides about it: the first criterion in which the two differ."""

    place: int
    decided_by: Criterion
    difference: Value


@dataclass(frozen=True, slots=True)
class Reason:
    """One criterion with one's own value and those of the places above and below; guesses in the same order."""

    criterion: Criterion
    is_more_better: bool
    is_considered: bool
    mine: Value
    above: Value
    below: Value
    guesses: tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class WhyView:
    round_code: str
    round_title: str
    contest_slug: str
    contest_title: str
    status: str
    place: int
    tied: int
    above: Neighbour | None
    below: Neighbour | None
    reasons: tuple[Reason, ...]
    counted: Counted
    number: int
    attempts_used: int
    receipt: str
    target: int | None
    target_kind: PredictionTarget | None

    @property
    def is_settled(self) -> bool:
        return self.status in SETTLED


def why(code: str, *, actor: Actor, member_id: int | None = None) -> WhyView:
    """Explain a place on a round's board as it shows now; raises NotFound for who is not on it.

    `member_id` names another person, whom the caller has found to be in the actor's scope.
    """
    head = get_head(code)
    if head.is_hidden:
        raise NotFound
    own = member_id or actor.member_id
    mine = _row(head, Standing.member_id == own)
    if mine is None:
        raise NotFound
    above = _row(head, Standing.board_key < mine.board_key, best_last=True)
    below = _row(head, Standing.board_key > mine.board_key)
    criteria = tuple(Criterion(c) for c in head.row.criteria)
    place, tied = _higher(head, mine.board_key) + 1, _equals(head, mine.board_key)
    final = head.settlement if head.is_settled else None
    above_place = _higher(head, above.board_key) + 1 if above else 0
    return WhyView(
        round_code=head.row.code,
        round_title=head.row.title,
        contest_slug=head.slug,
        contest_title=head.title,
        status=head.status,
        place=place,
        tied=tied - 1,
        above=_neighbour(above_place, above, mine, criteria) if above else None,
        below=_neighbour(place + tied, mine, below, criteria) if below else None,
        reasons=tuple(_reason(c, mine, above, below, is_final=final is not None) for c in criteria),
        counted=Counted(head.row.counted),
        number=mine.number,
        attempts_used=mine.attempts_used,
        receipt=_receipt(mine.attempt_id, own) or "",
        target=final.target if final else None,
        target_kind=PredictionTarget(head.row.prediction) if head.row.prediction else None,
    )


def _row(head: Head, *conditions: Any, best_last: bool = False) -> sa.Row[Any] | None:
    order: tuple[Any, ...] = (Standing.board_key, Standing.member_id)
    query = (
        sa.select(
            Standing.board_key,
            Standing.board_correct.label("correct"),
            Standing.board_points.label("points"),
            Standing.prediction_error.label("error"),
            *_tries(head),
            Result.prediction,
            Result.duration_seconds,
            Result.started_at,
            Result.finished_at,
            Result.number,
            sa.func.coalesce(_registered(head), Member.created_at, type_=UtcDateTime).label("registered_at"),
            Result.attempt_id,
        )
        .join(Result, Result.attempt_id == Standing.board_attempt_id)
        .join(Member, Member.id == Standing.member_id)
        .where(Standing.round_id == head.row.id, Standing.board_key.is_not(None), *conditions)
        .order_by(*((column.desc() for column in order) if best_last else order))
        .limit(1)
    )
    return db.session.execute(query).first()


def _receipt(attempt_id: int, member_id: int | None) -> str | None:
    own = sa.select(Attempt.receipt).where(Attempt.id == attempt_id, Attempt.member_id == member_id)
    return db.session.scalar(own)


def _tries(head: Head) -> tuple[sa.ColumnElement[int], sa.ColumnElement[int]]:
    """Return the attempts used and the full marks that a board knows of: a frozen one of none scored since."""
    if head.status != "frozen":
        return Standing.attempts_used.expression, Standing.full_marks.expression
    scored, attempt = sa.orm.aliased(Result), sa.orm.aliased(Attempt)
    is_full = sa.case((sa.and_(scored.question_count > 0, scored.correct_count == scored.question_count), 1))
    own = (
        sa.select(sa.func.count())
        .join(attempt, of_attempt(scored, attempt))
        .where(scored.round_id == head.row.id, scored.member_id == Standing.member_id, attempt.void_id.is_(None))
        .where(scored.graded_at < head.row.freezes_at)
        .correlate(Standing)
    )
    used, full = (own.with_only_columns(sa.func.count(c)).select_from(scored) for c in (scored.attempt_id, is_full))
    return used.scalar_subquery().label("attempts_used"), full.scalar_subquery().label("full_marks")


def _registered(head: Head) -> sa.ScalarSelect[Any]:
    """Return when the person of a standing registered for the contest of a round."""
    own = Registration.member_id == Standing.member_id, Registration.contest_id == head.row.contest_id
    return sa.select(Registration.registered_at).where(*own).correlate(Standing).scalar_subquery()


def _higher(head: Head, key: bytes) -> int:
    if head.is_settled:
        return _count(head, Standing.board_key < key)
    above = counts.above(head.row.id, sa.literal(key, sa.LargeBinary))
    return int(db.session.scalar(sa.select(above)) or 0)


def _equals(head: Head, key: bytes) -> int:
    return _count(head, Standing.board_key == key)


def _count(head: Head, condition: Any) -> int:
    query = sa.select(sa.func.count()).select_from(Standing).where(Standing.round_id == head.row.id, condition)
    return int(db.session.scalar(query) or 0)


def _neighbour(place: int, better: Any, worse: Any, criteria: Sequence[Criterion]) -> Neighbour:
    """Return the neighbour at a place, with by how much the better of the two is ahead where a difference says it."""
    criterion = deciding(better.board_key, worse.board_key, criteria)
    assert criterion is not None, "keys of two places differ"
    ahead, behind = value_of(criterion, better), value_of(criterion, worse)
    difference = None if ahead is None or behind is None else _distance(ahead, behind)
    return Neighbour(place, criterion, difference)


def _distance(one: Any, other: Any) -> Value:
    found: Value = one - other if one > other else other - one
    return found


def value_of(criterion: Criterion, row: Any) -> Value:
    """Return what a row has for a criterion: a count, points, a span, an instant, or None where there is nothing."""
    match criterion:
        case Criterion.CORRECT:
            value: Value = row.correct
        case Criterion.POINTS:
            value = row.points
        case Criterion.PREDICTION:
            value = row.error
        case Criterion.DURATION:
            value = timedelta(seconds=row.duration_seconds)
        case Criterion.SUBMITTED_AT:
            value = row.finished_at.replace(microsecond=0)
        case Criterion.STARTED_AT:
            value = row.started_at.replace(microsecond=0)
        case Criterion.REGISTERED_AT:
            value = row.registered_at.replace(microsecond=0)
        case Criterion.ATTEMPTS_USED:
            value = row.attempts_used
        case Criterion.FULL_MARKS:
            value = row.full_marks
        case Criterion.LOT:
            value = lot_in(row.board_key)
    return value


def _reason(criterion: Criterion, mine: Any, above: Any, below: Any, *, is_final: bool) -> Reason:
    """Return one line; a guess is sealed until the result is final, and considered only then."""
    sealed = criterion is Criterion.PREDICTION and not is_final
    mine_value, above_value, below_value = (
        None if row is None or sealed else value_of(criterion, row) for row in (mine, above, below)
    )
    guesses: tuple[int | None, int | None, int | None] = (None, None, None)
    if criterion is Criterion.PREDICTION:
        up, down = (row.prediction if row is not None and is_final else None for row in (above, below))
        guesses = (mine.prediction, up, down)
    return Reason(
        criterion=criterion,
        is_more_better=criterion in MORE_IS_BETTER,
        is_considered=not sealed and (criterion is not Criterion.LOT or mine_value is not None),
        mine=mine_value,
        above=above_value,
        below=below_value,
        guesses=guesses,
    )
