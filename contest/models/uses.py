"""How often versions were drawn, counted in the background from the papers themselves."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class VersionUse(Model):
    """In how many papers of a round a version stands, and when the last of them was drawn."""

    __tablename__ = "version_uses"

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("question_versions.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), primary_key=True)
    paper_count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PaperTally(Model):
    """How far the counting is, in one row: papers up to `counted_id` are in, those up to `seen_id` were there at `seen_at`."""

    __tablename__ = "paper_tallies"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    counted_id: Mapped[int]
    seen_id: Mapped[int]
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
