"""Who did what and when; entries are appended, and chained in batches by the worker."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class AuditEntry(Model):
    __tablename__ = "audit_entries"
    __table_args__ = (sa.Index("ix_audit_entries_object", "object_kind", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(sa.Integer)
    action: Mapped[str] = mapped_column(sa.String(60))
    object_kind: Mapped[str] = mapped_column(sa.String(30))
    object_id: Mapped[int | None] = mapped_column(sa.Integer)
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)


class AuditSeal(Model):
    """One batch of entries under one digest that includes the digest of the seal before it."""

    __tablename__ = "audit_seals"

    id: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]
    digest: Mapped[str] = mapped_column(sa.String(64))
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditSealed(Model):
    """Which seal holds an entry, and its own digest, by which a change is named; entries may commit out of order."""

    __tablename__ = "audit_sealed"

    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("audit_entries.id"), primary_key=True, autoincrement=False)
    seal_id: Mapped[int] = mapped_column(sa.ForeignKey("audit_seals.id"), index=True)
    digest: Mapped[str | None] = mapped_column(sa.String(64))
