"""Advancement: rounds that only some may take, from which earlier ranking, and the people who advanced."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, Points, UtcDateTime


class Advancement(Model):
    """How people come into a round; without a source it is the overall standing. Nobody is in before it is confirmed."""

    __tablename__ = "advancements"

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), primary_key=True, autoincrement=False)
    source_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rounds.id"))
    by: Mapped[str] = mapped_column(sa.String(20))
    count: Mapped[int] = mapped_column(default=0)
    least_score: Mapped[Decimal] = mapped_column(Points)
    quotas: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    compared_units: Mapped[bool] = mapped_column(default=True)
    reserve: Mapped[int] = mapped_column(default=0)
    source_version: Mapped[int | None]
    proposed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AdvancedPerson(Model):
    """Somebody on the list of a round: in, in reserve, or withdrawn; `unit` is the code of the unit that counted for them."""

    __tablename__ = "advanced_people"

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("advancements.round_id"), primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("members.id"), primary_key=True, autoincrement=False)
    place: Mapped[int]
    points: Mapped[Decimal] = mapped_column(Points)
    unit: Mapped[str | None] = mapped_column(sa.String(40))
    state: Mapped[str] = mapped_column(sa.String(10))
    was_called: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(sa.Text, default="")
