"""Files that were handed in as answers, for those who may see them: their owners, and those who judge papers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest.db import db
from contest.errors import NotFound
from contest.models.attempts import Attempt
from contest.models.contests import Contest, Round
from contest.models.handed import HandedFile
from contest.models.tryouts import Tryout
from contest.rules.permissions import Actor, see_papers_of_others
from contest.rules.terms import Role
from contest.services.contests.setup import contests_of

LETTERS_OF_NAME = 8


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that was handed in; `counts` where the response names it. `size` is in bytes."""

    name: str
    title: str
    size: int
    at: datetime
    counts: bool = False

    @property
    def is_picture(self) -> bool:
        return self.name.endswith((".jpg", ".png", ".webp"))


@dataclass(frozen=True, slots=True)
class BlindFile:
    """A file as whoever marks it sees it: neither whose it is, nor what they call it, nor when it came."""

    name: str
    title: str
    size: int
    is_picture: bool


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to be sent; `title` is its owner's where its owner asks, and says nothing to anybody else."""

    title: str
    media_type: str
    content: bytes


def blind_title(name: str) -> str:
    """Return what those who mark call a file: nothing that its owner has written."""
    return f"bai-lam-{name[:LETTERS_OF_NAME]}.{name.rpartition('.')[2]}"


def files_of(paper_code: str, values: Mapping[int, tuple[int, Any]]) -> dict[int, tuple[FileView, ...]]:
    """Return position → the files that were handed in there, in their order; `values` say which of them count."""
    columns = (HandedFile.position, HandedFile.name, HandedFile.title, HandedFile.size, HandedFile.at)
    out: dict[int, tuple[FileView, ...]] = {}
    for position, name, title, size, at in db.session.execute(
        sa.select(*columns).where(HandedFile.paper_code == paper_code).order_by(HandedFile.id)
    ):
        counted = values.get(position, (0, None))[1] or ()
        out[position] = (*out.get(position, ()), FileView(name, title, size, at, name in counted))
    return out


def blind_files(paper_code: str, position: int, value: Any) -> tuple[BlindFile, ...]:
    """Return the files that a response names, as whoever marks it sees them."""
    found = files_of(paper_code, {position: (0, value)}).get(position, ())
    return tuple(BlindFile(f.name, blind_title(f.name), f.size, f.is_picture) for f in found if f.counts)


def get_file(name: str, *, by: Actor) -> FoundFile:
    """Return a file that the actor may see; raises NotFound for any other as for one there is not."""
    file = db.session.scalar(sa.select(HandedFile).where(HandedFile.name == name))
    if file is None:
        raise NotFound
    if _is_own(file, by):
        return FoundFile(file.title, file.media_type, file.content)
    if _is_of_judged_papers(file, by):
        return FoundFile(blind_title(name), file.media_type, file.content)
    raise NotFound


def _is_own(file: HandedFile, by: Actor) -> bool:
    owner = Tryout if file.is_try else Attempt
    mine = sa.exists().where(owner.code == file.paper_code, owner.member_id == by.member_id)
    return bool(db.session.scalar(sa.select(mine)))


def _is_of_judged_papers(file: HandedFile, by: Actor) -> bool:
    if file.is_try or not see_papers_of_others(by):
        return False
    theirs = (
        sa.select(Attempt.id)
        .join(Round, Round.id == Attempt.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .where(Attempt.code == file.paper_code, contests_of(by, Role.ORGANISER, Role.JUDGE, Role.AUDITOR))
    )
    return db.session.scalar(theirs.limit(1)) is not None
