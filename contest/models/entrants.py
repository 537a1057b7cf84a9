"""Who takes part beside whole units, who wins nothing, who registered, and what they consented to."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class ExcludedUnit(Model):
    """A unit taken out again from below a participating one, with all below it."""

    __tablename__ = "excluded_units"

    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"), primary_key=True)


class ContestPerson(Model):
    """What a contest says of one person; `takes_part` None leaves it to the unit, `note` is the organisers' own."""

    __tablename__ = "contest_people"

    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("members.id"), primary_key=True, index=True)
    takes_part: Mapped[bool | None]
    may_win: Mapped[bool] = mapped_column(default=True)
    is_mandatory: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(sa.String(20), default="regulations")
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RegistrationSettings(Model):
    """What a contest asks of those who take part; without a row it registers nobody."""

    __tablename__ = "registration_settings"

    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), primary_key=True)
    way: Mapped[str] = mapped_column(sa.String(20))
    fields: Mapped[list[str]] = mapped_column(sa.JSON)
    required: Mapped[list[str]] = mapped_column(sa.JSON)


class EntryCode(Model):
    """A code shared by all who may register: `secret` in a link or QR picture, `typed` for the fingers."""

    __tablename__ = "entry_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), index=True)
    secret: Mapped[str] = mapped_column(sa.String(43), unique=True)
    typed: Mapped[str] = mapped_column(sa.String(20), unique=True)
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ConsentText(Model):
    """What people are asked to consent to; a change is a new version, never a change of this one."""

    __tablename__ = "consent_texts"
    __table_args__ = (sa.UniqueConstraint("contest_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"))
    version: Mapped[int]
    collected: Mapped[str] = mapped_column(sa.Text)
    why: Mapped[str] = mapped_column(sa.Text)
    seen_by: Mapped[str] = mapped_column(sa.Text)
    kept_for: Mapped[str] = mapped_column(sa.Text)
    rights: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Consent(Model):
    """What one person consented to, by which version, when and how; withdrawing it closes the row and keeps it."""

    __tablename__ = "consents"
    __table_args__ = (
        sa.Index(
            "uq_consents_given",
            "contest_id",
            "member_id",
            "purpose",
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
        sa.Index("ix_consents_member", "member_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    text_id: Mapped[int] = mapped_column(sa.ForeignKey("consent_texts.id"))
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"))
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("members.id"))
    purpose: Mapped[str] = mapped_column(sa.String(20))
    way: Mapped[str] = mapped_column(sa.String(20))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Registration(Model):
    """A person registered for a contest; `ended_at` is when they withdrew. `identity_digest` is keyed, so that one
    identity number registers once without being an index of its own."""

    __tablename__ = "registrations"
    __table_args__ = (
        sa.UniqueConstraint("contest_id", "member_id"),
        sa.UniqueConstraint("contest_id", "identity_digest", name="uq_registrations_identity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"))
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("members.id"), index=True)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    way: Mapped[str] = mapped_column(sa.String(20))
    fields: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    identity_digest: Mapped[str | None] = mapped_column(sa.String(64))
    consent_id: Mapped[int] = mapped_column(sa.ForeignKey("consents.id"))
