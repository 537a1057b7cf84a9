"""Imports of questions: what a preview holds until it is carried out, what was imported, and what each made."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class ImportItem(Model):
    """A question of a previewed file: what it would be in the bank, what it is like, and whether it is to be taken.

    `like_code` is a question of the bank, `like_position` another one of the file; `former_id` is the version compared with.
    """

    __tablename__ = "import_items"
    __table_args__ = (sa.Index("ix_import_items_fate", "job_id", "fate", "position"),)

    job_id: Mapped[int] = mapped_column(sa.ForeignKey("jobs.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fate: Mapped[str] = mapped_column(sa.String(20))
    like_code: Mapped[str | None] = mapped_column(sa.String(60))
    like_position: Mapped[int | None]
    former_id: Mapped[int | None]
    draft: Mapped[str] = mapped_column(sa.Text)
    is_chosen: Mapped[bool]


class Import(Model):
    """A file of questions that was taken into a bank; `counts` says what came of it.

    `undone` names the questions that its undoing removed, restored and kept.
    """

    __tablename__ = "imports"
    __table_args__ = (sa.UniqueConstraint("bank_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(sa.ForeignKey("banks.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(200))
    counts: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone: Mapped[dict[str, list[str]] | None] = mapped_column(sa.JSON(none_as_null=True))
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ImportedVersion(Model):
    """A version that an import made; `former_id` and `former_tags` are what its question had before, if it was there."""

    __tablename__ = "imported_versions"

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("question_versions.id"), primary_key=True)
    import_id: Mapped[int] = mapped_column(sa.ForeignKey("imports.id"), index=True)
    former_id: Mapped[int | None]
    former_tags: Mapped[list[Any]] = mapped_column(sa.JSON)
