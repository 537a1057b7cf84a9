"""The versions of a round's result: the one that is shown, the one that waits beside it, and the steps of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from contest.db import db, put, rows
from contest.models.results import Result, ScoreChange, SettledStanding, Settlement, SettlementStep, Standing
from contest.rules.permissions import Actor
from contest.rules.result_terms import Step


class Settled(NamedTuple):
    """A person's final standing, as it is kept of every version: small, since there may be a million of them."""

    member_id: int
    unit_id: int
    attempt_id: int
    attempts_used: int
    full_marks: int
    correct: Decimal
    points: Decimal
    key: bytes
    prediction_error: int | None
    place: int | None


_KEPT = Settled._fields
_BOARD = ("attempt_id", "correct", "points", "key")


@dataclass(frozen=True, slots=True)
class Score:
    """The score of an attempt as a version has it: right answers, questions that count, points."""

    correct: int
    questions: int
    points: Decimal


def has_step(step: Step) -> sa.ColumnElement[bool]:
    """Return the condition that a settlement has had a step."""
    return sa.exists().where(SettlementStep.settlement_id == Settlement.id, SettlementStep.step == step)


def is_shown() -> sa.ColumnElement[bool]:
    """Return the condition that a settlement is, or has been, the one whose standings are shown."""
    return sa.or_(Settlement.waits.is_(False), has_step(Step.PUBLISHED))


def shown(round_id: int) -> Settlement | None:
    """Return the version whose standings everything shows, or None before the first."""
    return _last(Settlement.round_id == round_id, is_shown())


def waiting(round_id: int) -> Settlement | None:
    """Return the version that waits beside the one that is shown, or None."""
    over = sa.or_(has_step(Step.PUBLISHED), has_step(Step.WITHDRAWN))
    return _last(Settlement.round_id == round_id, Settlement.waits.is_(True), ~over)


def _last(*conditions: sa.ColumnElement[bool]) -> Settlement | None:
    return db.session.scalar(sa.select(Settlement).where(*conditions).order_by(Settlement.version.desc()).limit(1))


def next_number(round_id: int) -> int:
    last = db.session.scalar(sa.select(sa.func.max(Settlement.version)).where(Settlement.round_id == round_id))
    return (last or 0) + 1


def is_published(settlement_id: int) -> bool:
    return Step.PUBLISHED in steps_of(settlement_id)


def steps_of(settlement_id: int) -> Mapping[Step, SettlementStep]:
    """Return the steps that a version has had."""
    found = db.session.scalars(sa.select(SettlementStep).where(SettlementStep.settlement_id == settlement_id))
    return {Step(s.step): s for s in found}


def take(settlement_id: int, step: Step, by: Actor, at: datetime) -> None:
    """Write a step down, inside the caller's transaction; a second one of the same is refused by the database."""
    row = {"settlement_id": settlement_id, "step": step.value, "by_id": by.member_id, "at": at}
    db.session.execute(sa.insert(SettlementStep), row)


def scores_of(settlement_id: int) -> dict[int, Score]:
    """Return attempt → the score that a version gives it, of those that it changes."""
    changed = sa.select(
        ScoreChange.attempt_id, ScoreChange.correct_after, ScoreChange.questions_after, ScoreChange.points_after
    )
    return {row[0]: Score(*row[1:]) for row in rows(changed.where(ScoreChange.settlement_id == settlement_id))}


def keep_aside(settlement_id: int, standings: Sequence[Settled]) -> None:
    """Store the standings of a version that waits."""
    standings = sorted(standings, key=lambda s: s.member_id)
    put(SettledStanding, ("settlement_id", *_KEPT), ((settlement_id, *s) for s in standings))


def replace_shown(
    round_id: int, standings: Sequence[Settled], boards: Mapping[int, Sequence[Any]] | None = None
) -> None:
    """Put standings in the place of those that are shown; the board shows the same, or of each person what `boards` says."""
    gone = sa.delete(Standing).where(Standing.round_id == round_id)
    db.session.execute(gone.execution_options(synchronize_session=False))
    hidden = (None,) * len(_BOARD)
    standings = sorted(standings, key=lambda s: s.member_id)  # as the table lies on disk: nothing is written far apart
    rows_ = ((round_id, *s, *(board_of(s) if boards is None else boards.get(s.member_id, hidden))) for s in standings)
    put(Standing, ("round_id", *_KEPT, *(f"board_{n}" for n in _BOARD)), rows_)


def board_of(s: Settled) -> tuple[Any, ...]:
    """Return what the board shows of a standing, in the order of its columns."""
    return s.attempt_id, s.correct, s.points, s.key


def withdraw(settlement_id: int, by: Actor, at: datetime) -> None:
    """End a version that waits."""
    take(settlement_id, Step.WITHDRAWN, by, at)
    _drop(settlement_id)


def inherit(table: Any, names: Sequence[str], old: int, new: int) -> None:
    """Let a version carry rows of the one that it replaces before that was published."""
    kept = sa.select(sa.literal(new), *(getattr(table, n) for n in names)).where(table.settlement_id == old)
    ordered = kept.order_by(*table.__table__.primary_key.columns)
    db.session.execute(sa.insert(table).from_select(["settlement_id", *names], ordered, include_defaults=False))


def _drop(settlement_id: int) -> None:
    gone = sa.delete(SettledStanding).where(SettledStanding.settlement_id == settlement_id)
    db.session.execute(gone.execution_options(synchronize_session=False))


def exchange(round_id: int, old: int, new: int) -> None:
    """Put the standings and scores of a version that has waited in the place of those that are shown."""
    names = list(_KEPT)
    of_old = sa.select(sa.literal(old), *(getattr(Standing, n) for n in names)).where(Standing.round_id == round_id)
    db.session.execute(sa.insert(SettledStanding).from_select(["settlement_id", *names], of_old))
    gone = sa.delete(Standing).where(Standing.round_id == round_id)
    db.session.execute(gone.execution_options(synchronize_session=False))
    values = [getattr(SettledStanding, n) for n in (*names, *_BOARD)]
    of_new = sa.select(sa.literal(round_id), *values).where(SettledStanding.settlement_id == new)
    columns = ["round_id", *names, *(f"board_{n}" for n in _BOARD)]
    db.session.execute(sa.insert(Standing).from_select(columns, of_new))
    _drop(new)
    corrected = {
        "correct_count": ScoreChange.correct_after,
        "question_count": ScoreChange.questions_after,
        "points": ScoreChange.points_after,
    }
    changing = sa.update(Result).where(Result.attempt_id == ScoreChange.attempt_id, ScoreChange.settlement_id == new)
    db.session.execute(changing.values(**corrected).execution_options(synchronize_session=False))
