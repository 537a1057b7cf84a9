"""Legal sources of questions: what became of them, and which questions were found to hold all the same."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class SourceMark(Model):
    """What became of a source, by its text in one bank, written once; the latest of a source holds."""

    __tablename__ = "source_marks"

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(sa.ForeignKey("banks.id"), index=True)
    source: Mapped[str] = mapped_column(sa.Text)
    change: Mapped[str] = mapped_column(sa.String(20))
    changed_on: Mapped[date | None] = mapped_column(sa.Date)
    note: Mapped[str] = mapped_column(sa.Text)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SourceConfirmation(Model):
    """Somebody looked at a question after its source was marked: it holds all the same."""

    __tablename__ = "source_confirmations"

    mark_id: Mapped[int] = mapped_column(sa.ForeignKey("source_marks.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("questions.id"), primary_key=True)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
