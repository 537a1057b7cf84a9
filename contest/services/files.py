"""Blobs: stored with an owner and an expiry; found only by whom they belong to."""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from itertools import count
from typing import IO

import sqlalchemy as sa

from contest import clock
from contest.db import Frozen, ask, breathe, db, rowcount, transaction
from contest.errors import Gone, NotFound
from contest.models.files import File, FilePart
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal

LIFE = timedelta(hours=24)
PART = 1_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Blob:
    """A file as it is stored; what is not in memory is a stream from its beginning on."""

    name: str
    media_type: str
    content: bytes | IO[bytes]


@dataclass(frozen=True, slots=True)
class FileView:
    """A file as it is read, part by part."""

    name: str
    media_type: str
    size: int
    parts: Iterator[bytes]

    @property
    def content(self) -> bytes:
        return b"".join(self.parts)


def store(blob: Blob, *, owner: Actor, at: datetime, life: timedelta | None = LIFE) -> File:
    """Store a blob inside the caller's transaction, which breathes after each part of a stream; without a life it stays."""
    is_stream = not isinstance(blob.content, bytes)
    source: IO[bytes] = BytesIO(blob.content) if isinstance(blob.content, bytes) else blob.content
    digest = hashlib.sha256()
    file = File(
        code=secrets.token_urlsafe(18),
        owner_id=owner.member_id,
        name=blob.name,
        media_type=blob.media_type,
        size=0,
        sha256="",
        created_at=at,
        expires_at=at + life if life else None,
    )
    db.session.add(file)
    db.session.flush()
    for number, content in enumerate(iter(lambda: source.read(PART), b"")):
        db.session.execute(sa.insert(FilePart), {"file_id": file.id, "number": number, "content": content})
        file.size += len(content)
        digest.update(content)
        if is_stream:
            breathe()
    file.sha256 = digest.hexdigest()
    db.session.flush()
    return file


def find(code: str, *, of: Actor) -> FileView:
    """Return a file of the actor's; raises Gone once its life is over, NotFound for anybody else."""
    file = db.session.scalar(sa.select(File).where(File.code == code, File.owner_id == of.member_id))
    if file is None:
        raise NotFound
    if file.expires_at is not None and file.expires_at <= clock.now():
        raise Gone(Refusal("file-expired"))
    return FileView(file.name, file.media_type, file.size, parts_of(file.id))


def parts_of(file_id: int) -> Iterator[bytes]:
    """Yield what a file holds, each part read as it is asked for."""
    for number in count():
        found = ask(_PART, {"file": file_id, "number": number})
        if not found:
            return
        yield bytes(found[0].content)


_PART = Frozen(
    lambda: sa.select(FilePart.content).where(
        FilePart.file_id == sa.bindparam("file"), FilePart.number == sa.bindparam("number")
    )
)


def get_content(file_id: int) -> bytes:
    """Return the bytes of a file by its id, for services that hold the id rightly; none of one whose life is over."""
    if db.session.scalar(sa.select(File.id).where(File.id == file_id)) is None:
        raise NotFound
    return b"".join(parts_of(file_id))


def disown(owner_id: int) -> None:
    """Let a person's files that would expire be nobody's from now on, inside the caller's transaction."""
    own = sa.update(File).where(File.owner_id == owner_id, File.expires_at.is_not(None))
    db.session.execute(own.values(owner_id=None).execution_options(synchronize_session=False))


def sweep(at: datetime) -> int:
    """Empty the files whose life has been over for a day and return how many there were."""
    with transaction(shared=False):
        over = sa.select(File.id).where(File.expires_at < at - LIFE, File.size > 0)
        db.session.execute(sa.delete(FilePart).where(FilePart.file_id.in_(over)))
        return rowcount(sa.update(File).where(File.id.in_(over)).values(size=0))
