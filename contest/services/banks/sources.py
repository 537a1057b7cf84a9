"""Legal sources of a bank's questions. One that was amended or repealed puts its questions in doubt, by its very text.

A question is judged by the version papers draw, or by the current one while none is approved. It is in doubt until somebody
confirms it, its source is changed, or the mark is taken back.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from contest import clock
from contest.db import db, insert, rowcount, rows, transaction
from contest.errors import Conflict, Invalid, NotFound
from contest.models.banks import Question, QuestionVersion
from contest.models.keys import AnswerKey
from contest.models.sources import SourceConfirmation, SourceMark
from contest.rules.blueprints import MARKED, Cell
from contest.rules.permissions import Actor, review_questions, see_bank
from contest.rules.question_terms import SourceChange, VersionState
from contest.rules.refusals import Refusal
from contest.rules.text import fold
from contest.services import audit
from contest.services.banks.shelf import get_bank, is_marked, may

_JUDGED = sa.func.coalesce(Question.approved_id, Question.current_id)


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of a source and from which day on."""

    id: int
    change: SourceChange
    changed_on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class Source:
    """A source with the days it is said to hold from, how many questions rest on it and how many of them are in doubt."""

    text: str
    effective_on: tuple[date, ...]
    question_count: int
    doubtful_count: int
    mark: Mark | None


def _latest() -> sa.ColumnElement[bool]:
    later = aliased(SourceMark)
    return ~sa.exists().where(
        later.bank_id == SourceMark.bank_id, later.source == SourceMark.source, later.id > SourceMark.id
    )


def is_doubtful() -> sa.ColumnElement[bool]:
    """Return the condition under which a question (of the enclosing statement) is in doubt."""
    confirmed = sa.exists(
        sa.select(SourceConfirmation.mark_id)
        .where(SourceConfirmation.mark_id == SourceMark.id, SourceConfirmation.question_id == Question.id)
        .correlate(SourceMark, Question)
    )
    key = aliased(AnswerKey)
    return sa.exists(
        sa.select(SourceMark.id)
        .join(key, key.source == SourceMark.source)
        .where(
            key.version_id == _JUDGED,
            SourceMark.bank_id == Question.bank_id,
            SourceMark.change != SourceChange.IN_FORCE,
            _latest(),
            ~confirmed,
        )
        .correlate(Question)
    )


def list_sources(bank_code: str, search: str = "", *, by: Actor) -> tuple[Source, ...]:
    """Return the sources of the questions in use that hold the words: first those with questions in doubt, by their text."""
    bank = get_bank(bank_code, by=by)
    doubtful = sa.func.count(sa.case((is_doubtful(), 1)))
    query = (
        sa.select(AnswerKey.source, AnswerKey.effective_on, sa.func.count(), doubtful)
        .select_from(Question)
        .join(QuestionVersion, QuestionVersion.id == _JUDGED)
        .join(AnswerKey, AnswerKey.version_id == QuestionVersion.id)
        .where(Question.bank_id == bank.id, QuestionVersion.state != VersionState.RETIRED, AnswerKey.source != "")
        .group_by(AnswerKey.source, AnswerKey.effective_on)
    )
    marks = _marks(bank.id)
    found: dict[str, list[Any]] = {}
    for text, *figures in rows(query):
        found.setdefault(text, []).append(figures)
    listed = [
        Source(
            text,
            tuple(sorted({day for day, *_ in parts if day})),
            sum(n for _, n, _ in parts),
            sum(n for *_, n in parts),
            marks.get(text),
        )
        for text, parts in found.items()
        if fold(search) in fold(text)
    ]
    return tuple(sorted(listed, key=lambda s: (s.doubtful_count == 0, fold(s.text), s.text)))


def _marks(bank_id: int, text: str | None = None) -> dict[str, Mark]:
    """Return source → what became of it, without those that are in force again."""
    query = sa.select(SourceMark).where(SourceMark.bank_id == bank_id, _latest())
    query = query.where(SourceMark.change != SourceChange.IN_FORCE)
    if text is not None:
        query = query.where(SourceMark.source == text)
    return {m.source: Mark(m.id, SourceChange(m.change), m.changed_on, m.note) for m in db.session.scalars(query)}


def mark(
    bank_code: str,
    texts: Sequence[str],
    change: SourceChange,
    *,
    changed_on: date | None,
    note: str = "",
    by: Actor,
) -> None:
    """Say what became of sources, or that they are in force after all.

    A change wants the day from which it holds. Raises Invalid without one, for no source, and for one that no question
    rests on; then none is marked.
    """
    may(see_bank, by)
    at = clock.now()
    if not texts:
        raise Invalid(Refusal("no-source-chosen", field="source"))
    if change is not SourceChange.IN_FORCE and changed_on is None:
        raise Invalid(Refusal("required", field="changed_on"))
    with transaction():
        bank = get_bank(bank_code, by=by)
        if not set(texts) <= {s.text for s in list_sources(bank_code, by=by)}:
            raise Invalid(Refusal("not-a-choice", field="source"))
        for text in dict.fromkeys(texts):
            values = {"bank_id": bank.id, "source": text, "change": change, "changed_on": changed_on, "note": note}
            db.session.execute(sa.insert(SourceMark).values(**values, by_id=by.member_id, at=at))
            audit.record("source-marked", "bank", bank.id, by=by, at=at, source=text, change=change, note=note)


def find_doubt(bank_code: str, code: str, *, by: Actor) -> Mark | None:
    """Return what puts a question in doubt, or None."""
    bank = get_bank(bank_code, by=by)
    query = (
        sa.select(AnswerKey.source)
        .select_from(Question)
        .join(AnswerKey, AnswerKey.version_id == _JUDGED)
        .where(Question.bank_id == bank.id, Question.code == code, is_doubtful())
    )
    source = db.session.scalar(query)
    return _marks(bank.id, source).get(source) if source else None


def confirm(bank_code: str, code: str, mark_id: int | None, *, by: Actor) -> None:
    """Say that a question holds although its source was marked; raises Conflict when another mark has come meanwhile."""
    may(review_questions, by)
    at = clock.now()
    with transaction():
        bank = get_bank(bank_code, by=by)
        row = db.session.scalar(sa.select(Question.id).where(Question.bank_id == bank.id, Question.code == code))
        if row is None:
            raise NotFound
        doubt = find_doubt(bank_code, code, by=by)
        if doubt is None or doubt.id != mark_id:
            raise Conflict(Refusal("changed-meanwhile"))
        values = {"mark_id": doubt.id, "question_id": row, "by_id": by.member_id, "at": at}
        if rowcount(insert(SourceConfirmation).values(**values).on_conflict_do_nothing()):
            audit.record("source-confirmed", "question", row, by=by, at=at)


def doubtful_of(question_ids: Collection[int]) -> list[Cell]:
    """Return the cells of those of these questions that are approved and in doubt."""
    query = sa.select(Question.topic_id, Question.difficulty, is_marked())
    query = query.join(QuestionVersion, QuestionVersion.id == Question.approved_id)
    found = rows(query.where(Question.id.in_(question_ids), is_doubtful())) if question_ids else []
    return [(topic, difficulty, MARKED) if marked else (topic, difficulty) for topic, difficulty, marked in found]


def doubtful_supply(bank_ids: Sequence[int]) -> dict[int, dict[Cell, int]]:
    """Return bank → how many approved questions in doubt there are of each cell."""
    by_people = is_marked().label("by_people")
    query = (
        sa.select(Question.bank_id, Question.topic_id, Question.difficulty, by_people, sa.func.count())
        .join(QuestionVersion, QuestionVersion.id == Question.approved_id)
        .where(Question.bank_id.in_(bank_ids), is_doubtful())
        .group_by(Question.bank_id, Question.topic_id, Question.difficulty, by_people)
    )
    found: dict[int, dict[Cell, int]] = {}
    for bank_id, topic, difficulty, marked, n in db.session.execute(query):
        cell: Cell = (topic, difficulty, MARKED) if marked else (topic, difficulty)
        found.setdefault(bank_id, {})[cell] = n
    return found
