"""Pictures and recordings of banks, and which versions of questions show them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class Medium(Model):
    """A picture or a recording as it was made anew, written once; `name` is random and tells its kind and its size.

    `source_sha256` is the digest of the file it was made from, so that the same file is the same medium again.
    """

    __tablename__ = "media"
    __table_args__ = (sa.UniqueConstraint("bank_id", "source_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(sa.ForeignKey("banks.id"))
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    media_type: Mapped[str] = mapped_column(sa.String(40))
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    source_sha256: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class MediumUse(Model):
    """A version shows a medium: in its text, an option, a feedback or its explanation."""

    __tablename__ = "medium_uses"

    medium_id: Mapped[int] = mapped_column(sa.ForeignKey("media.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("question_versions.id"), primary_key=True)
