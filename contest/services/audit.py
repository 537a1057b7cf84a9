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
        sealed = [{"entry_id": e.id, "seal_id": seal_row.id, "digest": _digest("", [e])} for e in entries]
        db.session.execute(sa.insert(AuditSealed), sealed)
    return len(entries)


def verify() -> tuple[str, ...]:
    """Recompute the chain and return what is wrong with it, naming seal and entry; nothing means intact."""
    problems: list[str] = []
    previous = ""
    for seal_row in db.session.scalars(sa.select(AuditSeal).order_by(AuditSeal.id)):
        found = (
            sa.select(AuditEntry, AuditSealed.digest)
            .join(AuditSealed, AuditSealed.entry_id == AuditEntry.id)
            .where(AuditSealed.seal_id == seal_row.id)
            .order_by(AuditEntry.id)
        )
        sealed = rows(found.execution_options(populate_existing=True))
        entries = [e for e, _ in sealed]
        if len(entries) != seal_row.count:
            problems.append(f"seal {seal_row.id}: {seal_row.count - len(entries)} entries missing")
        elif _digest(previous, entries) != seal_row.digest:
            problems += _changed(seal_row, sealed)
        previous = seal_row.digest
    return tuple(problems)


def _changed(seal_row: AuditSeal, sealed: list[sa.Row[Any]]) -> list[str]:
    """Name the entries that differ from their own digests; without one, the chain alone tells that the seal is broken."""
    changed = [e.id for e, digest in sealed if digest not in (None, _digest("", [e]))]
    if not changed:
        return [f"seal {seal_row.id}: entries {sealed[0][0].id} to {sealed[-1][0].id} were changed"]
    return [f"seal {seal_row.id}: entry {entry_id} was changed" for entry_id in changed]


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
