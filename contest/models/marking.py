"""What people mark: the responses that wait for them, each under its attempt's blind code, and the marks they give."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, Points, UtcDateTime
from contest.models.attempts import references


class Script(Model):
    """A response of a closed attempt that people mark; written once, when the attempt is closed.

    `code` is random and the same for all scripts of an attempt: markers know it by nothing else.
    """

    __tablename__ = "scripts"
    __table_args__ = (
        *references(to_result=True),
        sa.UniqueConstraint("version_id", "code"),
        sa.Index("ix_scripts_round", "round_id", "version_id", "code"),
    )

    attempt_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"))
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("question_versions.id"))
    code: Mapped[str] = mapped_column(sa.String(12))


class Mark(Model):
    """A mark somebody gave a script: one row each time, never changed; the one of the highest version counts."""

    __tablename__ = "marks"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["attempt_id", "position"], ["scripts.attempt_id", "scripts.position"], name="fk_marks_script"
        ),
    )

    attempt_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    points: Mapped[Decimal] = mapped_column(Points)
    comment: Mapped[str] = mapped_column(sa.Text, default="")
    marker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
