"""The audit: every command leaves an entry in its own transaction; the worker chains entries in batches afterwards."""

import hashlib
import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows, transaction
from contest.models.audit import AuditEntry, AuditSeal, AuditSealed
from contest.models.members import Member
from contest.rules.permissions import Actor


def record(action: str, kind: str, object_id: int | None, *, by: Actor, at: datetime, **details: Any) -> None:
    """Append an entry inside the caller's transaction."""
    entry = {"at": at, "actor_id": by.member_id, "action": action, "object_kind": kind, "object_id": object_id}
    db.session.execute(sa.insert(AuditEntry), {**entry, "details": details})


def seal(at: datetime, *, batch: int = 5000) -> int:
    """Chain the entries not yet sealed under one digest and return how many there were."""
    with transaction():
        unsealed = (
            sa.select(AuditEntry)
            .where(~sa.exists().where(AuditSealed.entry_id == AuditEntry.id))
            .order_by(AuditEntry.id)
            .limit(batch)
        )
        entries = list(db.session.scalars(unsealed))
        if not entries:
            return 0
        last = db.session.scalar(sa.select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))
        digest = _digest(last.digest if last else "", entries)
        seal_row = AuditSeal(count=len(entries), digest=digest, sealed_at=at)
        db.session.add(seal_row)
        db.session.flush()
        db.session.execute(sa.insert(AuditSealed), [{"entry_id": e.id, "seal_id": seal_row.id} for e in entries])
    return len(entries)


def verify() -> tuple[str, ...]:
    """Recompute the chain and return what is wrong with it, naming the seal; nothing means intact."""
    problems: list[str] = []
    previous = ""
    for seal_row in db.session.scalars(sa.select(AuditSeal).order_by(AuditSeal.id)):
        sealed = sa.select(AuditSealed.entry_id).where(AuditSealed.seal_id == seal_row.id)
        found = sa.select(AuditEntry).where(AuditEntry.id.in_(sealed)).order_by(AuditEntry.id)
        entries = list(db.session.scalars(found.execution_options(populate_existing=True)))
        if len(entries) != seal_row.count:
            problems.append(f"seal {seal_row.id}: {seal_row.count - len(entries)} entries missing")
        elif _digest(previous, entries) != seal_row.digest:
            problems.append(f"seal {seal_row.id}: entries {entries[0].id} to {entries[-1].id} were changed")
        previous = seal_row.digest
    return tuple(problems)


def list_newest(before: int | None = None, limit: int = 100) -> list[sa.Row[Any]]:
    """Return entries from the newest on, continuing before an id, with the name of whoever acted."""
    query = (
        sa.select(AuditEntry.id, AuditEntry.at, AuditEntry.action, AuditEntry.object_kind, AuditEntry.object_id,
                  AuditEntry.details, Member.full_name, AuditSealed.seal_id)
        .outerjoin(Member, Member.id == AuditEntry.actor_id)
        .outerjoin(AuditSealed, AuditSealed.entry_id == AuditEntry.id)
        .order_by(AuditEntry.id.desc())
    )  # fmt: skip
    return rows((query.where(AuditEntry.id < before) if before else query).limit(limit))


def _digest(previous: str, entries: list[AuditEntry]) -> str:
    digest = hashlib.sha256(previous.encode())
    for e in entries:
        line = [e.id, e.at.isoformat(), e.actor_id, e.action, e.object_kind, e.object_id, e.details]
        digest.update(json.dumps(line, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()
