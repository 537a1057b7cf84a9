"""Sets of printed papers: the versions of one drawn paper, kept as they were printed, for the key belongs to them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class PaperSet(Model):
    """Versions of a paper of a round; `papers` is [[code, [[version id, [option ids]], …]], …] and never changes."""

    __tablename__ = "paper_sets"
    __table_args__ = (sa.UniqueConstraint("round_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"))
    number: Mapped[int]
    papers: Mapped[list[Any]] = mapped_column(sa.JSON)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
