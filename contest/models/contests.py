"""Contests, their rounds, who takes part, and what a paper is drawn by."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, Points, UtcDateTime, only


class Contest(Model):
    """A contest; `version` moves with every change of its set-up, for editors who meet."""

    __tablename__ = "contests"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    theme: Mapped[str] = mapped_column(sa.Text, default="")
    regulations: Mapped[str] = mapped_column(sa.Text, default="")
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    state: Mapped[str] = mapped_column(sa.String(20), default="draft", index=True)
    unit_criterion: Mapped[str] = mapped_column(sa.String(30), default="ratio")
    unit_least_score: Mapped[Decimal | None] = mapped_column(Points)
    unit_best: Mapped[int | None]
    unit_prize_points: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    compared: Mapped[str] = mapped_column(sa.String(20), default="taking_part")
    compared_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("units.id"))
    compared_level: Mapped[str] = mapped_column(sa.String(100), default="")
    four_eyes: Mapped[bool] = mapped_column(default=True)
    publication: Mapped[str] = mapped_column(sa.String(12), default="provisional")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ContestUnit(Model):
    """A participating unit: with all below it, or the people right in it alone."""

    __tablename__ = "contest_units"

    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"), primary_key=True)
    with_below: Mapped[bool] = mapped_column(default=True)


class UnitDivision(Model):
    """The division (bảng) within which a contest compares a unit."""

    __tablename__ = "unit_divisions"

    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))


class ContestHeadcount(Model):
    """A headcount that a contest's organiser accepted after the first round had opened; the one accepted last counts."""

    __tablename__ = "contest_headcounts"
    __table_args__ = (sa.Index("ix_contest_headcounts_unit", "contest_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    figure: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    member_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))


class Round(Model):
    """A round: from its first opening to its last close, its paper, what counts and what is shown.

    `possible` is what each of its papers is worth; None where every question is plain, one point scored as its kind is.
    `marked` says that people mark questions of its papers. `sections` are its parts, [{"title", "minutes"}, …].
    Since `shown_at` everybody sees its result. `revision` moves with every change of its windows, extra time and voids,
    for processes that keep them.
    """

    __tablename__ = "rounds"
    __table_args__ = (
        sa.UniqueConstraint("contest_id", "number"),
        sa.CheckConstraint("opens_at < closes_at", name="window"),
        sa.CheckConstraint("attempts_allowed IS NULL OR attempts_allowed > 0", name="attempts_allowed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(120))
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    minutes: Mapped[int]
    attempts_allowed: Mapped[int | None]
    attempts_per: Mapped[str] = mapped_column(sa.String(10), default="round")
    counted: Mapped[str] = mapped_column(sa.String(10), default="best")
    bank_id: Mapped[int | None] = mapped_column(sa.ForeignKey("banks.id"))
    shuffle_questions: Mapped[bool] = mapped_column(default=True)
    shuffle_options: Mapped[bool] = mapped_column(default=True)
    no_repeat: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    least_used: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    negative: Mapped[str] = mapped_column(sa.String(10), default="none", server_default="none")
    navigation: Mapped[str] = mapped_column(sa.String(12), default="free", server_default="free")
    question_seconds: Mapped[int | None]
    least_minutes: Mapped[int | None]
    layout: Mapped[str] = mapped_column(sa.String(10), default="choice", server_default="choice")
    sections: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list, server_default="[]")
    possible: Mapped[Decimal | None] = mapped_column(Points)
    marked: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    prediction: Mapped[str | None] = mapped_column(sa.String(20))
    criteria: Mapped[list[str]] = mapped_column(sa.JSON)
    reveal: Mapped[str] = mapped_column(sa.String(10), default="score")
    reveal_after_close: Mapped[str] = mapped_column(sa.String(10), default="review")
    board: Mapped[str] = mapped_column(sa.String(10), default="live")
    freezes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    names_public: Mapped[bool] = mapped_column(default=False)
    network_allowance: Mapped[int] = mapped_column(default=5)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    shown_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revision: Mapped[int] = mapped_column(default=1)


class RoundWindow(Model):
    """One of several windows of a round; a round without any here is one window from its opening to its close."""

    __tablename__ = "round_windows"
    __table_args__ = (sa.CheckConstraint("opens_at < closes_at", name="window"),)

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Void(Model):
    """What of a round does not count: every attempt started in a span, or one attempt; in force until it is taken back.

    On PostgreSQL no foreign key leads to the attempt, which has no key without its member: its row was read to write this.
    """

    __tablename__ = "voids"
    __table_args__ = (
        only("sqlite", sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"])),
        sa.CheckConstraint("(attempt_id IS NULL) = (opens_at IS NOT NULL AND closes_at IS NOT NULL)", name="of_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), index=True)
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempt_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(sa.Text)
    voided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    voided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    restored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    restored_by: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))


class ExtraMinutes(Model):
    """Extra time that a round grants: to one person, to a unit with all below it, or to everybody when both are empty."""

    __tablename__ = "extra_minutes"
    __table_args__ = (
        sa.CheckConstraint("minutes > 0", name="minutes"),
        sa.CheckConstraint("unit_id IS NULL OR member_id IS NULL", name="of_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("units.id"))
    member_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    minutes: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.Text)
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    granted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))


class Announcement(Model):
    """What the organisers tell everybody about a contest, or about one of its rounds."""

    __tablename__ = "announcements"

    id: Mapped[int] = mapped_column(primary_key=True)
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), index=True)
    round_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rounds.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    announced_at: Mapped[datetime] = mapped_column(UtcDateTime)
    announced_by: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))


class BlueprintLine(Model):
    """One line of a paper's blueprint: how many questions of a topic (with those below it) and a difficulty, or which one.

    `worth` says what is not plain about what they are worth; a line that is `marked` draws what people mark, any other
    none of it. `section` is the number of the round's section that it is of, 0 for none. No foreign key to the question:
    questions are never removed, and SQLite would build this table anew for one.
    """

    __tablename__ = "blueprint_lines"

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topics.id"))
    difficulty: Mapped[str | None] = mapped_column(sa.String(20))
    count: Mapped[int]
    worth: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict, server_default="{}")
    question_id: Mapped[int | None]
    marked: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    section: Mapped[int] = mapped_column(default=0, server_default="0")
