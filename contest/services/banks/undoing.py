"""Undoing an import as a whole: what nobody has touched since goes back, everything else stays and is named beforehand.

A version that nobody approved, discussed or built on may go: no paper, no result and no decision rests on it. Versions are
never deleted: it is retired where it stands in the history. What the question had before becomes current again, exactly as
it was, approved or not; a question that had nothing before is withdrawn.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from contest import clock
from contest.db import db, rowcount, rows, transaction
from contest.errors import Conflict, NotFound
from contest.models.banks import Question, QuestionVersion, VersionComment
from contest.models.imports import Import, ImportedVersion
from contest.models.sources import SourceConfirmation
from contest.models.uses import VersionUse
from contest.rules.import_terms import Staying
from contest.rules.permissions import Actor, author_questions
from contest.rules.question_terms import VersionState
from contest.rules.refusals import Refusal
from contest.services import audit
from contest.services.banks.imports import AT_ONCE
from contest.services.banks.shelf import get_bank, may

_STATES = {VersionState.DRAFT: Staying.RETURNED, VersionState.RETIRED: Staying.RETIRED}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Made:
    """What an import made of a question: a version, after a former one or as the question's first; `why` it would stay."""

    code: str
    text: str
    question_id: int
    version_id: int
    former_id: int | None
    why: Staying | None


@dataclass(frozen=True, slots=True)
class Undoing:
    """What undoing an import would do."""

    removed: tuple[Made, ...]
    restored: tuple[Made, ...]
    kept: tuple[Made, ...]

    @property
    def seal(self) -> str:
        """A digest of what would go back: where it moved, something else would happen than was shown."""
        ids = ",".join(str(m.version_id) for m in (*self.removed, *self.restored))
        return hashlib.sha256(ids.encode()).hexdigest()[:32]


def look(bank_code: str, number: int, *, by: Actor) -> Undoing:
    """Return what undoing an import would do now; raises NotFound."""
    return _judge(_import(get_bank(bank_code, by=by).id, number).id, lock=False)


def _import(bank_id: int, number: int) -> Import:
    query = sa.select(Import).where(Import.bank_id == bank_id, Import.number == number)
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def undo(bank_code: str, number: int, *, seen: str, by: Actor) -> dict[str, list[str]]:
    """Undo an import and return the codes of the questions that were removed, restored and kept. Twice is once.

    Raises Conflict when it would do something else than what was `seen` (the seal of `look`).
    """
    may(author_questions, by)
    at = clock.now()
    with transaction():
        bank = get_bank(bank_code, by=by)
        made = _import(bank.id, number)
        if made.undone is not None:
            return made.undone
        found = _judge(made.id, lock=True)
        if found.seal != seen:
            raise Conflict(Refusal("changed-meanwhile"))
        done = {name: [m.code for m in getattr(found, name)] for name in ("removed", "restored", "kept")}
        mine = sa.update(Import).where(Import.id == made.id, Import.undone_at.is_(None))
        if not rowcount(mine.values(undone=done, undone_by_id=by.member_id, undone_at=at)):
            raise Conflict(Refusal("changed-meanwhile"))
        for part in _parts([*found.removed, *found.restored]):
            _put_back(part, at)
        audit.record("import-undone", "bank", bank.id, by=by, at=at, of_import=number, **done)
    return done


def _judge(import_id: int, *, lock: bool) -> Undoing:
    query = (
        sa.select(ImportedVersion, QuestionVersion, Question)
        .join(QuestionVersion, QuestionVersion.id == ImportedVersion.version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(ImportedVersion.import_id == import_id)
        .order_by(Question.code)
        .execution_options(populate_existing=True)
    )
    found = rows(query.with_for_update(of=(Question, QuestionVersion)) if lock else query)
    ids = [version.id for _, version, _ in found]
    marks = {
        Staying.DRAWN: _among(VersionUse.version_id, ids),
        Staying.COMMENTED: _among(VersionComment.version_id, ids),
        Staying.CONFIRMED: _confirmed(import_id),
    }
    made = [Made(q.code, v.text, q.id, v.id, i.former_id, _why(q, v, marks)) for i, v, q in found]
    free = [m for m in made if m.why is None]
    return Undoing(
        tuple(m for m in free if m.former_id is None),
        tuple(m for m in free if m.former_id is not None),
        tuple(m for m in made if m.why is not None),
    )


def _why(question: Question, version: QuestionVersion, marks: Mapping[Staying, set[int]]) -> Staying | None:
    """Return why a version stays, the gravest reason first."""
    if version.id in marks[Staying.DRAWN]:
        return Staying.DRAWN
    if version.approved_at is not None:
        return Staying.APPROVED
    if question.current_id != version.id:
        return Staying.EDITED
    if version.state in _STATES:
        return _STATES[VersionState(version.state)]
    return next((why for why in (Staying.COMMENTED, Staying.CONFIRMED) if version.id in marks[why]), None)


def _confirmed(import_id: int) -> set[int]:
    """Return the versions to whose questions a reviewer has said since that they hold although their source changed."""
    query = (
        sa.select(QuestionVersion.id)
        .join(ImportedVersion, ImportedVersion.version_id == QuestionVersion.id)
        .join(Import, Import.id == ImportedVersion.import_id)
        .join(SourceConfirmation, SourceConfirmation.question_id == QuestionVersion.question_id)
        .where(Import.id == import_id, SourceConfirmation.at >= Import.at)
    )
    return {row[0] for row in rows(query)}


def _among(column: InstrumentedAttribute[int], ids: Sequence[int]) -> set[int]:
    query = sa.select(column).distinct()
    return {row[0] for part in _parts(ids) for row in rows(query.where(column.in_(part)))}


def _parts(found: Sequence[T]) -> list[Sequence[T]]:
    return [found[at : at + AT_ONCE] for at in range(0, len(found), AT_ONCE)]


def _put_back(made: Sequence[Made], at: datetime) -> None:
    """Let what each question had before the import be current again: version, tags, and where papers look for it."""
    gone = [m.version_id for m in made]
    db.session.execute(
        sa.update(QuestionVersion)
        .where(QuestionVersion.id.in_(gone))
        .values(state=VersionState.RETIRED)
        .execution_options(synchronize_session=False)
    )
    questions = _by_id(Question, Question.id, [m.question_id for m in made])
    formers = _by_id(QuestionVersion, QuestionVersion.id, [m.former_id for m in made if m.former_id])
    links = _by_id(ImportedVersion, ImportedVersion.version_id, gone)
    for m in made:
        question, former = questions[m.question_id], formers.get(m.former_id)
        question.current_id, question.changed_at = former.id if former else None, at
        if former is not None:
            question.tags = list(links[m.version_id].former_tags)
            if question.approved_id is None:
                question.topic_id, question.difficulty = former.topic_id, former.difficulty
                question.passage_id = former.passage_id
    db.session.flush()


def _by_id(table: Any, column: Any, ids: Sequence[int]) -> dict[Any, Any]:
    return {getattr(row, column.key): row for row in db.session.scalars(sa.select(table).where(column.in_(ids)))}
