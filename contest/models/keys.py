"""Answer keys, apart from the content: nothing that renders a running attempt imports this module."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model


class AnswerKey(Model):
    """What is right about a version and why; `weights` maps option ids to decimal strings."""

    __tablename__ = "answer_keys"

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("question_versions.id"), primary_key=True)
    weights: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    feedback: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    explanation: Mapped[str] = mapped_column(sa.Text, default="")
    source: Mapped[str] = mapped_column(sa.Text, default="")
    effective_on: Mapped[date | None] = mapped_column(sa.Date)
