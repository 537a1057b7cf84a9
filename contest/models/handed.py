"""Files that were handed in as answers: written once, never changed, found by the paper that they belong to."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class HandedFile(Model):
    """A file as it was made anew; `name` is random and ends in the digest of its content, so that a response seals it.

    `paper_code` is the code of an attempt or of a try: no foreign key, since it may be either. `title` is how its owner
    calls it, which nobody else is shown. What belongs to an attempt is evidence, and is never changed nor removed.
    """

    __tablename__ = "handed_files"
    __table_args__ = (sa.UniqueConstraint("paper_code", "position", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), unique=True)
    paper_code: Mapped[str] = mapped_column(sa.String(24))
    is_try: Mapped[bool]
    position: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(120))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
