"""The preview of a file of questions: every question it holds, page by page, and which of them are to be taken.

The questions lie with the job as they were read, so that what is carried out is what was seen, not the file read anew.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from contest.db import db, put, rowcount, rows, transaction
from contest.errors import Conflict, NotFound
from contest.formats import wire
from contest.formats.drafts import QuestionDraft, Reading
from contest.models.imports import ImportItem
from contest.models.jobs import Job
from contest.rules.import_terms import TAKEN, Fate, JobState
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.services.banks import browsing, comparing
from contest.services.banks.comparing import Comparison
from contest.services.banks.exchange import Item, Plan, Progress, plan
from contest.services.banks.shelf import get_bank

PAGE = 20
LIFE = timedelta(days=2)
_COLUMNS = ("job_id", "position", "fate", "like_code", "like_position", "former_id", "draft", "is_chosen")


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of one fate: how many there are, and how many are to be taken."""

    count: int
    chosen: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A question of the file beside what it is compared with; `like_code` is in the bank, `like_position` in the file."""

    position: int
    draft: QuestionDraft
    fate: Fate
    is_chosen: bool
    like_code: str | None
    like_position: int | None
    like: QuestionDraft | None
    comparison: Comparison | None


def store(job_id: int, found: Plan) -> None:
    """Keep what a preview found with its job, in place of what it had."""
    with transaction(shared=False):
        db.session.execute(sa.delete(ImportItem).where(ImportItem.job_id == job_id))
        put(ImportItem, _COLUMNS, (_row(job_id, item) for item in found.items))


def _row(job_id: int, item: Item) -> Sequence[Any]:
    draft = wire.encode(Reading((item.draft,), ())).decode()
    place = (job_id, item.position, item.fate.value, item.like_code, item.like_position, item.former_id)
    return (*place, draft, item.fate in TAKEN)


def groups(code: str, *, of: Actor) -> dict[Fate, Group]:
    """Return the groups of a preview of the actor's that have questions, in their order; raises NotFound."""
    chosen = sa.func.sum(sa.case((ImportItem.is_chosen, 1), else_=0))
    query = sa.select(ImportItem.fate, sa.func.count(), chosen).where(ImportItem.job_id == _job_id(code, of))
    found = {fate: Group(n, int(m)) for fate, n, m in rows(query.group_by(ImportItem.fate))}
    return {fate: found[fate] for fate in Fate if fate in found}


def list_items(code: str, fate: Fate, number: int, *, of: Actor) -> list[Shown]:
    """Return a page of a group, the first being 1, each with what it is like; raises NotFound."""
    job_id = _job_id(code, of)
    query = sa.select(ImportItem).where(ImportItem.job_id == job_id, ImportItem.fate == fate)
    found = list(db.session.scalars(query.order_by(ImportItem.position).limit(PAGE).offset((number - 1) * PAGE)))
    likes = _likes(job_id, found, of)
    return [_shown(row, likes) for row in found]


def _likes(job_id: int, found: Sequence[ImportItem], of: Actor) -> Mapping[str | int, QuestionDraft]:
    """Return what the questions of a page are like, by code in the bank or position in the file."""
    codes = {row.like_code for row in found if row.like_code}
    positions = {row.like_position for row in found if row.like_position}
    bank = get_bank(db.session.get_one(Job, job_id).payload["bank"], by=of)
    known: dict[str | int, QuestionDraft] = {}
    if codes:
        known |= {str(d.code): d for d in browsing.drafts_of(bank.id, sorted(codes))}
    if positions:
        query = sa.select(ImportItem.position, ImportItem.draft)
        query = query.where(ImportItem.job_id == job_id, ImportItem.position.in_(positions))
        known |= {position: _draft(text) for position, text in rows(query)}
    return known


def _shown(row: ImportItem, likes: Mapping[str | int, QuestionDraft]) -> Shown:
    draft = _draft(row.draft)
    like = likes.get(row.like_code or row.like_position or 0)
    comparison = comparing.between_drafts(like, draft) if like and row.fate != Fate.UNCHANGED else None
    return Shown(row.position, draft, Fate(row.fate), row.is_chosen, row.like_code, row.like_position, like, comparison)


def _draft(text: str) -> QuestionDraft:
    return wire.decode(text.encode(), QuestionDraft).drafts[0]


def choose(code: str, shown: Collection[int], taken: Collection[int], *, of: Actor) -> None:
    """Take of the questions shown those that were ticked, and not the others."""
    _choose(code, of, ImportItem.position.in_(shown), ImportItem.position.in_(taken))


def choose_all(code: str, fate: Fate, *, taken: bool, of: Actor) -> None:
    """Take every question of a group, or none."""
    _choose(code, of, ImportItem.fate == fate, sa.literal(taken))


def _choose(code: str, of: Actor, where: sa.ColumnElement[bool], value: sa.ColumnElement[bool]) -> None:
    with transaction(shared=False):
        job_id = _job_id(code, of)
        mine = sa.update(ImportItem).where(ImportItem.job_id == job_id, where, ImportItem.fate != Fate.UNCHANGED)
        db.session.execute(mine.values(is_chosen=value).execution_options(synchronize_session=False))


def choice(code: str, *, of: Actor) -> dict[str, Any]:
    """Return what is to be taken as a count and a digest, by which it is known again."""
    query = sa.select(ImportItem.position).where(ImportItem.job_id == _job_id(code, of), ImportItem.is_chosen)
    positions = [row[0] for row in rows(query.order_by(ImportItem.position))]
    return {"count": len(positions), "digest": hashlib.sha256(str(positions).encode()).hexdigest()}


def chosen(code: str, bank_id: int, *, of: Actor, progress: Progress) -> Plan:
    """Return what is to be taken, compared with the bank anew; raises Conflict where any of it would do something else."""
    stored = list(
        db.session.scalars(
            sa.select(ImportItem).where(ImportItem.job_id == _job_id(code, of)).order_by(ImportItem.position)
        )
    )
    found = plan(bank_id, Reading(tuple(_draft(row.draft) for row in stored), ()), progress)
    now = found.items
    if len(now) != len(stored):
        raise Conflict(Refusal("file-changed"))
    taken = [item for item, row in zip(now, stored, strict=True) if row.is_chosen]
    for item, row in zip(now, stored, strict=True):
        former = (row.fate, row.like_code, row.like_position, row.former_id)
        if row.is_chosen and item.footing != former:
            raise Conflict(Refusal("file-changed"))
    return Plan(tuple(taken), (), found.media)


def _job_id(code: str, of: Actor) -> int:
    query = sa.select(Job.id).where(Job.code == code, Job.owner_id == of.member_id, Job.kind == "questions-preview")
    found: int | None = db.session.scalar(query.where(Job.state == JobState.DONE))
    if found is None:
        raise NotFound
    return found


def sweep(at: datetime) -> int:
    """Forget the questions of previews that have been over for two days and return how many there were."""
    over = sa.select(Job.id).where(Job.finished_at < at - LIFE)
    with transaction(shared=False):
        return rowcount(sa.delete(ImportItem).where(ImportItem.job_id.in_(over)))
