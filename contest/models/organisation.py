"""The organisation itself and the tree of its units."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class Organisation(Model):
    """The one organisation of an installation; its row exists once the first visit has been made."""

    __tablename__ = "organisation"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name_vi: Mapped[str] = mapped_column(sa.String(200))
    name_en: Mapped[str] = mapped_column(sa.String(200))
    short_name: Mapped[str] = mapped_column(sa.String(60), default="")
    anniversary: Mapped[str] = mapped_column(sa.String(200), default="")
    time_zone: Mapped[str] = mapped_column(sa.String(60), default="Asia/Ho_Chi_Minh")
    address: Mapped[str] = mapped_column(sa.String(20), default="ban")
    logo_file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("files.id"))
    four_eyes: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class Unit(Model):
    """A unit of the tree; moves and mergers close its dates and its rows in the closure, never its identity.

    `headcount` is what was declared last. A unit merged into another is closed at `valid_to` and stands below its successor.
    """

    __tablename__ = "units"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    short_name: Mapped[str] = mapped_column(sa.String(100), default="")
    level: Mapped[str] = mapped_column(sa.String(100), default="")
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("units.id"), index=True)
    headcount: Mapped[int | None] = mapped_column(sa.Integer)
    search: Mapped[str] = mapped_column(sa.String(400), default="")
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    successor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("units.id"))


class UnitChange(Model):
    """What happened to a unit and since when: a name, a parent, a merger, a split; the other unit where there is one."""

    __tablename__ = "unit_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    member_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    before: Mapped[str] = mapped_column(sa.String(200), default="")
    after: Mapped[str] = mapped_column(sa.String(200), default="")
    other_id: Mapped[int | None] = mapped_column(sa.ForeignKey("units.id"))


class HeadcountDeclaration(Model):
    """How many members a unit says it has, by whom and when; the one declared last is in force. No member is a list."""

    __tablename__ = "headcount_declarations"
    __table_args__ = (sa.Index("ix_headcount_declarations_unit", "unit_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    figure: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    member_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))


class UnitAncestor(Model):
    """The closure of the tree: every unit under each of its ancestors, itself included at depth 0."""

    __tablename__ = "unit_ancestors"
    __table_args__ = (
        sa.Index(
            "ix_unit_ancestors_current",
            "ancestor_id",
            "unit_id",
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        ),
    )

    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"), primary_key=True)
    ancestor_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"), primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    depth: Mapped[int]
    valid_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
