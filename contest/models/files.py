"""Blobs with an owner and an expiry."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class File(Model):
    """A file of somebody's; what it holds lies in its parts."""

    __tablename__ = "files"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contest_id: Mapped[int | None] = mapped_column(sa.Integer)


class FilePart(Model):
    """Some of what a file holds, so that none has to be in memory whole; numbered from 0."""

    __tablename__ = "file_parts"

    file_id: Mapped[int] = mapped_column(sa.ForeignKey("files.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
