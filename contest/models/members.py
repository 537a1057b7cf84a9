"""People, their ways in, their roles, and what guards the door."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class Member(Model):
    """A person; `epoch` moves whenever every session of theirs must end.

    `code` is what the union's own list writes, and what is shown; `code_key` is the form by which it is compared.
    """

    __tablename__ = "members"
    __table_args__ = (sa.Index("ix_members_unit_name", "unit_id", "name_key", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40))
    code_key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    full_name: Mapped[str] = mapped_column(sa.String(120))
    name_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    search: Mapped[str] = mapped_column(sa.String(200), index=True)
    birth_date: Mapped[date | None] = mapped_column(sa.Date)
    phone: Mapped[str | None] = mapped_column(sa.String(20), index=True)
    email: Mapped[str | None] = mapped_column(sa.String(254), index=True)
    identity_number: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    epoch: Mapped[int] = mapped_column(default=1)
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignInName(Model):
    """A name to sign in by, in canonical form; one belongs to one person. A shared phone is contact and not here."""

    __tablename__ = "sign_in_names"

    name: Mapped[str] = mapped_column(sa.String(254), primary_key=True)
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("members.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(10))


class RoleGrant(Model):
    """A role with its scope; without unit, contest and bank it holds for the whole organisation."""

    __tablename__ = "role_grants"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("members.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(20))
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("units.id"))
    contest_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contests.id"))
    bank_id: Mapped[int | None] = mapped_column(sa.ForeignKey("banks.id"))


class Token(Model):
    """A one-use secret handed out for one purpose; only its digest is stored."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    purpose: Mapped[str] = mapped_column(sa.String(20))
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("members.id"), index=True)
    epoch: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EndedSession(Model):
    """A session that was signed out before its cookie expires."""

    __tablename__ = "ended_sessions"

    session_id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ExtraTime(Model):
    """A person's own extra time: minutes or percent of the limit. The reason is for those alone who manage the person."""

    __tablename__ = "extra_times"
    __table_args__ = (
        sa.CheckConstraint("(minutes > 0 AND percent = 0) OR (minutes = 0 AND percent > 0)", name="of_one"),
    )

    member_id: Mapped[int] = mapped_column(sa.ForeignKey("members.id"), primary_key=True, autoincrement=False)
    minutes: Mapped[int]
    percent: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.Text)
    valid_until: Mapped[date | None]
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))


class RateWindow(Model):
    """A counter of the limiter of sign-in: it must hold when Redis is away."""

    __tablename__ = "rate_windows"

    key: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
