"""Banks of questions: content only; the keys lie in `keys`."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class Bank(Model):
    """A bank; `revision` moves with every change of what papers may be drawn from."""

    __tablename__ = "banks"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    revision: Mapped[int] = mapped_column(default=1)


class Topic(Model):
    __tablename__ = "topics"
    __table_args__ = (sa.UniqueConstraint("bank_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(sa.ForeignKey("banks.id"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topics.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    path: Mapped[str] = mapped_column(sa.String(600))


class Question(Model):
    """The identity of a question; `current_id` is the version an editor sees, `approved_id` the one papers draw.

    A question without a current version was withdrawn with the import that brought it: it is in no list, and its code is free.

    Topic, difficulty and passage are those of the approved version, by which papers are drawn; while there is none, of the
    current. `passage_id` is the id of a question too.
    """

    __tablename__ = "questions"
    __table_args__ = (
        sa.UniqueConstraint("bank_id", "code"),
        sa.Index("ix_questions_drawable", "bank_id", "approved_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(sa.ForeignKey("banks.id"))
    code: Mapped[str] = mapped_column(sa.String(60))
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topics.id"))
    difficulty: Mapped[str | None] = mapped_column(sa.String(20))
    passage_id: Mapped[int | None] = mapped_column(index=True)
    tags: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    current_id: Mapped[int | None] = mapped_column(sa.Integer)
    approved_id: Mapped[int | None] = mapped_column(sa.Integer)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class QuestionVersion(Model):
    """What contestants see of a question; immutable but for its state. Option ids are random.

    Where it is `rich`, its texts and those of its key are our Markdown.

    No foreign key to topic and passage: they are never removed, and SQLite would build this table anew for one.
    """

    __tablename__ = "question_versions"
    __table_args__ = (sa.UniqueConstraint("question_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("questions.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(20), index=True)
    kind: Mapped[str] = mapped_column(sa.String(30))
    topic_id: Mapped[int | None]
    difficulty: Mapped[str | None] = mapped_column(sa.String(20))
    passage_id: Mapped[int | None]
    text: Mapped[str] = mapped_column(sa.Text)
    options: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    parts: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list, server_default="[]")
    limits: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict, server_default="{}")
    rich: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    fingerprint: Mapped[str] = mapped_column(sa.String(64), index=True)
    search: Mapped[str] = mapped_column(sa.Text)
    shuffle_options: Mapped[bool] = mapped_column(default=True)
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    remark: Mapped[str] = mapped_column(sa.Text, default="")


class VersionComment(Model):
    """What an author or a reviewer says about a version; written once and kept with it."""

    __tablename__ = "version_comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("question_versions.id"), index=True)
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(sa.Text)
