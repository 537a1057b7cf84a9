"""Papers that organisers try as a member would: nothing of them is an attempt, and nothing counts."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class Tryout(Model):
    """The paper somebody tries of a round, one a person; `saved` is {position: [revision, value]}.

    `entered` is {step: when}, in a paper that one is led through.
    """

    __tablename__ = "tryouts"
    __table_args__ = (sa.UniqueConstraint("round_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(24), unique=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"))
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("members.id"))
    paper: Mapped[list[Any]] = mapped_column(sa.JSON)
    saved: Mapped[dict[str, list[Any]]] = mapped_column(sa.JSON)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    entered: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict, server_default="{}")
