"""Finding questions: filters, search without diacritics, pages by key; and one question with its key for its editors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from contest.db import db, rows
from contest.errors import NotFound
from contest.formats.composing import Composed, options_of, parts_of
from contest.formats.drafts import QuestionDraft
from contest.formats.rich.questions import words
from contest.models.banks import Bank, Question, QuestionVersion, Topic
from contest.models.keys import AnswerKey
from contest.models.members import Member
from contest.rules.likeness import Likeness
from contest.rules.permissions import Actor
from contest.rules.question_terms import Difficulty, Kind, VersionState
from contest.rules.questions.bodies import Limits
from contest.rules.text import fold
from contest.services.banks import sources, storing, uses
from contest.services.banks.shelf import banks_of, get_bank

PAGE = 50
MOST_DRAWN, LEAST_DRAWN = "most-drawn", "least-drawn"  # orders of a list, beside that by code
_COUNT_DIGITS = 12
DOUBTFUL = "doubtful"  # filters like a state: questions in use whose legal source was amended or repealed


@dataclass(frozen=True, slots=True)
class QuestionRow:
    code: str
    text: str
    kind: Kind
    topic: str
    difficulty: Difficulty | None
    state: VersionState
    paper_count: int
    is_doubtful: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class QuestionPage:
    rows: tuple[QuestionRow, ...]
    next: str | None
    total: int


@dataclass(frozen=True, slots=True)
class Filters:
    search: str = ""
    topic: str = ""
    difficulty: str = ""
    state: str = ""  # or DOUBTFUL
    order: str = ""  # by code, MOST_DRAWN or LEAST_DRAWN


@dataclass(frozen=True, slots=True)
class FullQuestion:
    """A question with its key, for those who write and review it."""

    bank_code: str
    code: str
    version: int
    state: VersionState
    draft: QuestionDraft
    author: str
    is_own: bool
    remark: str
    saved_at: datetime
    near: str | None


def list_questions(bank_code: str, filters: Filters, *, after: str = "", by: Actor) -> QuestionPage:
    """Return a page of a bank's questions in their order, with the number of all that match; raises NotFound for no cursor."""
    bank = get_bank(bank_code, by=by)
    where = _conditions(bank.id, filters)
    joined = sa.select(Question.id).join(QuestionVersion, QuestionVersion.id == Question.current_id)
    joined = joined.outerjoin(Topic, Topic.id == QuestionVersion.topic_id).where(*where)
    total = int(db.session.scalar(sa.select(sa.func.count()).select_from(joined.subquery())) or 0)
    query = joined.with_only_columns(
        Question.code,
        QuestionVersion.text,
        QuestionVersion.rich,
        QuestionVersion.kind,
        Topic.path,
        QuestionVersion.difficulty,
        QuestionVersion.state,
        Question.changed_at,
        uses.paper_count(Question.id).label("paper_count"),
        sources.is_doubtful().label("doubtful"),
    )
    found = rows(_ordered(query, filters.order, after).limit(PAGE + 1))
    page = tuple(
        QuestionRow(
            r.code,
            words(r.text, rich=r.rich),
            Kind(r.kind),
            r.path or "",
            Difficulty(r.difficulty) if r.difficulty else None,
            VersionState(r.state),
            int(r.paper_count),
            bool(r.doubtful),
            r.changed_at,
        )
        for r in found[:PAGE]
    )
    return QuestionPage(page, _cursor(page[-1], filters.order) if len(found) > PAGE else None, total)


def _ordered(query: sa.Select[Any], order: str, after: str) -> sa.Select[Any]:
    """Return questions in their order, those behind a cursor; those drawn as often stand by code."""
    if order not in (MOST_DRAWN, LEAST_DRAWN):
        return (query.where(Question.code > after) if after else query).order_by(Question.code)
    drawn = uses.paper_count(Question.id)
    if after:
        count, _, code = after.partition(":")
        if not (count.isascii() and count.isdigit() and len(count) <= _COUNT_DIGITS and code):
            raise NotFound
        further = drawn < int(count) if order == MOST_DRAWN else drawn > int(count)
        query = query.where(sa.or_(further, sa.and_(drawn == int(count), Question.code > code)))
    return query.order_by(drawn.desc() if order == MOST_DRAWN else drawn, Question.code)


def _cursor(last: QuestionRow, order: str) -> str:
    """Return behind what the next page begins: a code, which may hold anything, behind the number that it is ordered by."""
    return f"{last.paper_count}:{last.code}" if order in (MOST_DRAWN, LEAST_DRAWN) else last.code


def find_questions(search: str, *, by: Actor, limit: int) -> list[tuple[str, str, str, str]]:
    """Return (bank's code, bank's name, code, text) of questions in the actor's banks that hold the words."""
    query = (
        sa.select(Bank.code, Bank.name, Question.code, QuestionVersion.text, QuestionVersion.rich)
        .join(Question, Question.bank_id == Bank.id)
        .join(QuestionVersion, QuestionVersion.id == Question.current_id)
        .where(banks_of(by), QuestionVersion.search.contains(fold(search), autoescape=True))
        .order_by(Bank.code, Question.code)
    )
    return [(r[0], r[1], r[2], words(r[3], rich=r[4])) for r in rows(query.limit(limit))]


def _conditions(bank_id: int, filters: Filters) -> list[Any]:
    where: list[Any] = [Question.bank_id == bank_id]
    if filters.search:
        where.append(QuestionVersion.search.contains(fold(filters.search), autoescape=True))
    if filters.topic:
        where.append(sa.or_(Topic.path == filters.topic, Topic.path.startswith(filters.topic + "/", autoescape=True)))
    if filters.difficulty in set(Difficulty):
        where.append(QuestionVersion.difficulty == filters.difficulty)
    if filters.state in set(VersionState):
        where.append(QuestionVersion.state == filters.state)
    if filters.state == DOUBTFUL:
        where += [sources.is_doubtful(), QuestionVersion.state != VersionState.RETIRED]
    return where


def list_topics(bank_code: str, *, by: Actor) -> list[tuple[int, str]]:
    """Return the topics of a bank as (id, path)."""
    return topics_of(get_bank(bank_code, by=by).id)


def topics_of(bank_id: int) -> list[tuple[int, str]]:
    """Return the topics of a bank that the caller may see, as (id, path)."""
    query = sa.select(Topic.id, Topic.path).where(Topic.bank_id == bank_id).order_by(Topic.path)
    return [(row[0], row[1]) for row in rows(query)]


def get_question(bank_code: str, code: str, *, by: Actor) -> FullQuestion:
    """Return a question's current version with its key; raises NotFound."""
    bank = get_bank(bank_code, by=by)
    found = rows(_full(bank.id).where(Question.code == code))
    if not found:
        raise NotFound
    row = found[0]
    draft = _draft(row)
    return FullQuestion(
        bank.code,
        row.Question.code,
        row.QuestionVersion.number,
        VersionState(row.QuestionVersion.state),
        draft,
        row.full_name or "",
        row.QuestionVersion.author_id == by.member_id,
        row.QuestionVersion.remark,
        row.QuestionVersion.created_at,
        find_near(bank_code, draft.text, rich=draft.rich, but=code, by=by),
    )


def _full(bank_id: int, of: sa.ColumnElement[bool] | None = None) -> sa.Select[Any]:
    """Return questions of a bank with their current versions, or with those that `of` says."""
    passage = aliased(Question)
    return (
        sa.select(Question, QuestionVersion, AnswerKey, Topic.path, Member.full_name, passage.code.label("passage"))
        .join(QuestionVersion, QuestionVersion.id == Question.current_id if of is None else of)
        .join(AnswerKey, AnswerKey.version_id == QuestionVersion.id)
        .outerjoin(Topic, Topic.id == QuestionVersion.topic_id)
        .outerjoin(Member, Member.id == QuestionVersion.author_id)
        .outerjoin(passage, passage.id == QuestionVersion.passage_id)
        .where(Question.bank_id == bank_id)
        .order_by(Question.code)
        .execution_options(populate_existing=True)
    )


def _draft(row: Any) -> QuestionDraft:
    question, version, key = row.Question, row.QuestionVersion, row.AnswerKey
    body = storing.body_of(version.text, version.options, version.parts, version.limits)
    composed = Composed(body, storing.key_of(key.weights, key.answers), key.feedback)
    effective_on: date | None = key.effective_on
    kind = Kind(version.kind)
    return QuestionDraft(
        code=question.code,
        kind=kind,
        text=version.text,
        options=options_of(composed),
        topic=tuple(row.path.split("/")) if row.path else (),
        difficulty=Difficulty(version.difficulty) if version.difficulty else None,
        source=key.source,
        effective_on=effective_on,
        explanation=key.explanation,
        tags=tuple(question.tags),
        parts=parts_of(composed),
        **_limits(kind, body.limits),
        rich=version.rich,
        passage=row.passage,
        guidance=key.guidance,
    )


def _limits(kind: Kind, limits: Limits) -> dict[str, Any]:
    if kind is Kind.UPLOAD:
        return {"most_files": limits.most, "file_kinds": limits.kinds}
    return {"least_words": limits.least, "most_words": limits.most}


def drafts_of(bank_id: int, codes: Sequence[str] | None = None) -> list[QuestionDraft]:
    """Return the current versions of a bank's questions with their keys, by code."""
    query = _full(bank_id)
    found = rows(query if codes is None else query.where(Question.code.in_(codes)))
    return [_draft(row) for row in found]


def current_ids(bank_id: int) -> dict[str, int]:
    """Return code → the id of the current version of every question of a bank."""
    query = sa.select(Question.code, Question.current_id).where(
        Question.bank_id == bank_id, Question.current_id.is_not(None)
    )
    return {row[0]: row[1] for row in rows(query)}


def drafts_of_versions(bank_id: int, code: str, numbers: Sequence[int]) -> dict[int, QuestionDraft]:
    """Return number → draft of these versions of a question, with their keys; the tags are the question's own."""
    query = _full(bank_id, QuestionVersion.question_id == Question.id)
    found = rows(query.where(Question.code == code, QuestionVersion.number.in_(numbers)))
    return {row.QuestionVersion.number: _draft(row) for row in found}


def versions_for_export(bank_code: str, *, by: Actor) -> list[QuestionDraft]:
    bank = get_bank(bank_code, by=by)
    return drafts_of(bank.id)


def texts_of(bank_id: int) -> dict[str, str]:
    """Return code → plain words of every question that is not retired."""
    query = (
        sa.select(Question.code, QuestionVersion.text, QuestionVersion.rich)
        .join(QuestionVersion, QuestionVersion.id == Question.current_id)
        .where(Question.bank_id == bank_id, QuestionVersion.state != VersionState.RETIRED)
    )
    return {row[0]: words(row[1], rich=row[2]) for row in rows(query)}


def find_near(bank_code: str, text: str, *, rich: bool = False, but: str | None = None, by: Actor) -> str | None:
    """Return the code of a near-duplicate in the bank."""
    return Likeness(texts_of(get_bank(bank_code, by=by).id)).nearest(words(text, rich=rich), but=but)
