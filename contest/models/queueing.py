"""The queue before a start: the rate of each round, and the places of those who wait."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class StartGate(Model):
    """The one row that all starts of a round pass: until when the rate is used up, in microseconds, and whether people wait.

    `last_number` is the last place that was given out. Whoever changes a place but for `seen_at` holds this row.
    """

    __tablename__ = "start_gates"

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), primary_key=True, autoincrement=False)
    free_at: Mapped[int] = mapped_column(sa.BigInteger)
    is_queueing: Mapped[bool] = mapped_column(default=False)
    last_number: Mapped[int] = mapped_column(default=0)


class StartTicket(Model):
    """A person's place in the queue of a round, by the order in which they asked; it is gone once they have started."""

    __tablename__ = "start_tickets"
    __table_args__ = (
        sa.Index(
            "ix_start_tickets_waiting",
            "round_id",
            "number",
            sqlite_where=sa.text("admitted_at IS NULL"),
            postgresql_where=sa.text("admitted_at IS NULL"),
        ),
    )

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("start_gates.round_id"), primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("members.id"), primary_key=True, autoincrement=False)
    number: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    admitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
