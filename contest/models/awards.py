"""Lists of prizes, what the verification of their winners came to, and the prizes that were given."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, Points, UtcDateTime


class PrizeList(Model):
    """Prizes over the ranking of one round, for people or for units; `cap` is the share of contestants who may win.

    Without a round they go by the overall standing of the contest.
    """

    __tablename__ = "prize_lists"

    id: Mapped[int] = mapped_column(primary_key=True)
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), index=True)
    round_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rounds.id"))
    for_units: Mapped[bool]
    title: Mapped[str] = mapped_column(sa.String(120))
    edge: Mapped[str] = mapped_column(sa.String(10))
    cap: Mapped[Decimal | None] = mapped_column(Points)
    state: Mapped[str] = mapped_column(sa.String(20), default="provisional")
    version: Mapped[int] = mapped_column(default=1)
    begun_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    result_version: Mapped[int | None]
    recognised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    announced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Prize(Model):
    """A line of a list, from the highest down; a special prize stands beside the ranking, `by` is a criterion of its own."""

    __tablename__ = "prizes"

    list_id: Mapped[int] = mapped_column(sa.ForeignKey("prize_lists.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(120))
    count: Mapped[int]
    special: Mapped[str | None] = mapped_column(sa.String(10))
    by: Mapped[str | None] = mapped_column(sa.String(20))


class AwardCheck(Model):
    """What somebody found who verified a winner; `subject_id` is a member's or a unit's, as the list has them."""

    __tablename__ = "award_checks"

    list_id: Mapped[int] = mapped_column(sa.ForeignKey("prize_lists.id"), primary_key=True, autoincrement=False)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    verdict: Mapped[str] = mapped_column(sa.String(10))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Award(Model):
    """A prize that was recognised as somebody's, with the place that it rests on."""

    __tablename__ = "awards"

    list_id: Mapped[int] = mapped_column(sa.ForeignKey("prize_lists.id"), primary_key=True, autoincrement=False)
    prize_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    place: Mapped[int | None]


class Draw(Model):
    """A draw of lots: the list and the commitment come first, `randomness_from` says what nobody knows yet.

    It settles a tie for a prize of a list, or orders the equals of a round; `groups` then says which codes are equal.
    """

    __tablename__ = "draws"
    __table_args__ = (sa.CheckConstraint("(list_id IS NULL) <> (round_id IS NULL)", name="of_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), index=True)
    list_id: Mapped[int | None] = mapped_column(sa.ForeignKey("prize_lists.id"))
    round_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rounds.id"), index=True)
    prize_number: Mapped[int | None]
    title: Mapped[str] = mapped_column(sa.String(200))
    prize: Mapped[str] = mapped_column(sa.String(120))
    count: Mapped[int]
    codes: Mapped[list[str]] = mapped_column(sa.JSON)
    subjects: Mapped[list[int]] = mapped_column(sa.JSON)
    groups: Mapped[list[int] | None] = mapped_column(sa.JSON(none_as_null=True))
    secret: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))
    randomness_from: Mapped[str] = mapped_column(sa.Text)
    committed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))


class DrawOutcome(Model):
    """The one time that lots were drawn; written once, and never again."""

    __tablename__ = "draw_outcomes"

    draw_id: Mapped[int] = mapped_column(sa.ForeignKey("draws.id"), primary_key=True, autoincrement=False)
    randomness: Mapped[str] = mapped_column(sa.Text)
    drawn: Mapped[list[str]] = mapped_column(sa.JSON)
    witnesses: Mapped[str] = mapped_column(sa.Text)
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
