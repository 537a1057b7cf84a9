"""The overall standing of a contest over several rounds: how it is made, and where everybody stands in it."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, Points, UtcDateTime
from contest.models.attempts import references


class OverallRule(Model):
    """How a contest makes one standing of several rounds; a contest without any has none."""

    __tablename__ = "overall_rules"

    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), primary_key=True, autoincrement=False)
    way: Mapped[str] = mapped_column(sa.String(10))
    best: Mapped[int | None]
    criteria: Mapped[list[str]] = mapped_column(sa.JSON)


class OverallRound(Model):
    """A round that is in the overall standing of its contest."""

    __tablename__ = "overall_rounds"

    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), primary_key=True, autoincrement=False)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), primary_key=True, autoincrement=False)


class OverallResult(Model):
    """An overall standing as it was computed last; `basis` tells the rule, and the rounds with their versions, apart."""

    __tablename__ = "overall_results"

    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), primary_key=True, autoincrement=False)
    version: Mapped[int]
    basis: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))
    participants: Mapped[int]
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OverallStanding(Model):
    """Where a person stands over the rounds; unit and attempt are those of the last round that counts of them."""

    __tablename__ = "overall_standings"
    __table_args__ = (
        *references(to_result=True),
        sa.Index("ix_overall_standings_board", "contest_id", "key", "member_id"),
        sa.Index("ix_overall_standings_place", "contest_id", "place"),
    )

    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("members.id"), primary_key=True, autoincrement=False)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    attempt_id: Mapped[int]
    rounds_taken: Mapped[int]
    correct: Mapped[Decimal] = mapped_column(Points)
    points: Mapped[Decimal] = mapped_column(Points)
    prediction_error: Mapped[int | None] = mapped_column(sa.BigInteger)
    missing_guesses: Mapped[int]
    duration_seconds: Mapped[int]
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts_used: Mapped[int]
    full_marks: Mapped[int]
    key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    place: Mapped[int]
