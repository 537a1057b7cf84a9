"""Answer keys and their corrections, apart from the content: nothing that renders a running attempt imports this module."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class AnswerKey(Model):
    """What is right about a version and why.

    `weights` maps option ids to decimal strings, `answers` parts to what is accepted: {part: [{value, weight, feedback}]}.
    """

    __tablename__ = "answer_keys"

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("question_versions.id"), primary_key=True)
    weights: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    answers: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict, server_default="{}")
    feedback: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    explanation: Mapped[str] = mapped_column(sa.Text, default="")
    source: Mapped[str] = mapped_column(sa.Text, default="")
    effective_on: Mapped[date | None] = mapped_column(sa.Date)


class Correction(Model):
    """What is done about a question in one round, and from which version of the result on; written once.

    `weights` and `answers` are the new key where the remedy has one, as answer keys have them.
    """

    __tablename__ = "corrections"

    id: Mapped[int] = mapped_column(primary_key=True)
    settlement_id: Mapped[int] = mapped_column(sa.ForeignKey("settlements.id"), index=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("question_versions.id"))
    remedy: Mapped[str] = mapped_column(sa.String(20))
    weights: Mapped[dict[str, str] | None] = mapped_column(sa.JSON(none_as_null=True))
    answers: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    reason: Mapped[str] = mapped_column(sa.Text)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
