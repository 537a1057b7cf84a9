"""Blobs: stored with an owner and an expiry; found only by whom they belong to."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from contest import clock
from contest.db import db, rowcount, transaction
from contest.errors import Gone, NotFound
from contest.models.files import File
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal

LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Blob:
    name: str
    media_type: str
    content: bytes


def store(blob: Blob, *, owner: Actor, at: datetime, life: timedelta | None = LIFE) -> File:
    """Store a blob inside the caller's transaction; without a life it stays."""
    file = File(
        code=secrets.token_urlsafe(18),
        owner_id=owner.member_id,
        name=blob.name,
        media_type=blob.media_type,
        size=len(blob.content),
        sha256=hashlib.sha256(blob.content).hexdigest(),
        content=blob.content,
        created_at=at,
        expires_at=at + life if life else None,
    )
    db.session.add(file)
    db.session.flush()
    return file


def get_blob(code: str, *, of: Actor) -> Blob:
    """Return a file of the actor's; Gone once its life is over, NotFound for anybody else."""
    file = db.session.scalar(sa.select(File).where(File.code == code, File.owner_id == of.member_id))
    if file is None:
        raise NotFound
    if file.expires_at is not None and file.expires_at <= clock.now():
        raise Gone(Refusal("file-expired"))
    return Blob(file.name, file.media_type, file.content)


def get_content(file_id: int) -> bytes:
    """Return the bytes of a file by its id, for services that hold the id rightly."""
    content = db.session.scalar(sa.select(File.content).where(File.id == file_id))
    if content is None:
        raise NotFound
    return content


def disown(owner_id: int) -> None:
    """Let a person's files that would expire be nobody's from now on, inside the caller's transaction."""
    own = sa.update(File).where(File.owner_id == owner_id, File.expires_at.is_not(None))
    db.session.execute(own.values(owner_id=None).execution_options(synchronize_session=False))


def sweep(at: datetime) -> int:
    """Empty the files whose life has been over for a day and return how many there were."""
    with transaction(shared=False):
        over = sa.update(File).where(File.expires_at < at - LIFE, File.size > 0)
        return rowcount(over.values(content=b"", size=0))
