"""Results of attempts, standings of people, and the settlements of rounds."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, Points, UtcDateTime
from contest.models.attempts import references


class Result(Model):
    """The score of one closed attempt: a function of its paper, its responses, the keys and the marks that people gave.

    While responses of it are `unmarked`, or their marks are not taken in yet, they earn nothing in it. `digest` is over the
    attempt's paper, times and saves as they were when it was closed.
    """

    __tablename__ = "results"
    __table_args__ = (*references(), sa.Index("ix_results_person", "round_id", "member_id"))

    attempt_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"))
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("members.id"))
    number: Mapped[int]
    correct_count: Mapped[int]
    question_count: Mapped[int]
    points: Mapped[Decimal] = mapped_column(Points)
    prediction: Mapped[int | None] = mapped_column(sa.BigInteger)
    duration_seconds: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)
    graded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    unmarked: Mapped[int] = mapped_column(default=0, server_default="0")
    digest: Mapped[str | None] = mapped_column(sa.String(64))


class Standing(Model):
    """Where a person stands in a round. What counts comes first; what the board shows of it stays behind when frozen.

    The score is that of the attempt that counts, or the mean of all; prediction and times are always that attempt's.
    The round and the person are the attempt's own, which refers to them: a million standings check them no second time.
    """

    __tablename__ = "standings"
    __table_args__ = (
        *references(to_result=True),
        sa.Index("ix_standings_board", "round_id", "board_key", "member_id"),
        {"sqlite_with_rowid": False},
    )

    round_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    attempt_id: Mapped[int]
    attempts_used: Mapped[int]
    full_marks: Mapped[int]
    correct: Mapped[Decimal] = mapped_column(Points)
    points: Mapped[Decimal] = mapped_column(Points)
    key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    board_attempt_id: Mapped[int | None]
    board_correct: Mapped[Decimal | None] = mapped_column(Points)
    board_points: Mapped[Decimal | None] = mapped_column(Points)
    board_key: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    prediction_error: Mapped[int | None] = mapped_column(sa.BigInteger)
    place: Mapped[int | None]


class StandingUnit(Model):
    """A standing under each unit above it, with the board's key, so that a unit's board is an index too.

    Rows come from standings and the tree of units alone, which hold the references.
    """

    __tablename__ = "standing_units"
    __table_args__ = (
        sa.Index("ix_standing_units_board", "round_id", "ancestor_id", "board_key", "member_id"),
        {"sqlite_with_rowid": False},
    )

    round_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ancestor_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    board_key: Mapped[bytes | None] = mapped_column(sa.LargeBinary)


class Settlement(Model):
    """A computation of a round after its close: a version of its result, with T and a digest over all places.

    A version that `waits` has its standings beside the ones that are shown until it is published.
    """

    __tablename__ = "settlements"
    __table_args__ = (sa.UniqueConstraint("round_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"))
    version: Mapped[int]
    settled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    target: Mapped[int | None] = mapped_column(sa.BigInteger)
    participants: Mapped[int]
    attempts: Mapped[int]
    digest: Mapped[str] = mapped_column(sa.String(64))
    waits: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(sa.Text, default="")


class SettlementStep(Model):
    """A step of a version: computed, checked, approved, published or withdrawn, each once, by whom (None is the system)."""

    __tablename__ = "settlement_steps"

    settlement_id: Mapped[int] = mapped_column(sa.ForeignKey("settlements.id"), primary_key=True, autoincrement=False)
    step: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SettledStanding(Model):
    """A standing of a version that is not the one shown: it waits, or it has been superseded."""

    __tablename__ = "settled_standings"
    __table_args__ = references(to_result=True)

    settlement_id: Mapped[int] = mapped_column(sa.ForeignKey("settlements.id"), primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("members.id"), primary_key=True, autoincrement=False)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    attempt_id: Mapped[int]
    attempts_used: Mapped[int]
    full_marks: Mapped[int]
    correct: Mapped[Decimal] = mapped_column(Points)
    points: Mapped[Decimal] = mapped_column(Points)
    key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    prediction_error: Mapped[int | None] = mapped_column(sa.BigInteger)
    place: Mapped[int | None]


class ScoreChange(Model):
    """What a version does to the score of an attempt, before and after; written once, in force when it is published."""

    __tablename__ = "score_changes"
    __table_args__ = (*references(to_result=True), sa.Index("ix_score_changes_attempt", "attempt_id"))

    settlement_id: Mapped[int] = mapped_column(sa.ForeignKey("settlements.id"), primary_key=True, autoincrement=False)
    attempt_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    correct_before: Mapped[int]
    correct_after: Mapped[int]
    questions_before: Mapped[int]
    questions_after: Mapped[int]
    points_before: Mapped[Decimal] = mapped_column(Points)
    points_after: Mapped[Decimal] = mapped_column(Points)
