"""Editing questions: every change of content is a new version; a second person approves before papers may draw it."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Conflict, Invalid, NotFound
from contest.formats.composing import Composed, compose
from contest.formats.drafts import QuestionDraft
from contest.formats.rich.questions import in_one_form, words
from contest.formats.soundness import refusals_of
from contest.models.banks import Question, QuestionVersion, Topic
from contest.models.keys import AnswerKey
from contest.rules.likeness import fingerprint
from contest.rules.permissions import Actor, author_questions
from contest.rules.question_terms import VersionState
from contest.rules.refusals import Refusal
from contest.rules.text import fold
from contest.services import audit
from contest.services.banks import belonging, media, storing
from contest.services.banks.shelf import get_bank, may

OptionIds = Callable[[], str]


def new_option_id() -> str:
    """Return a random id, so that the order of ids says nothing about the key."""
    return secrets.token_hex(4)


def get_topic(bank_id: int, path: Sequence[str]) -> int | None:
    """Return the id of a topic, making what is missing of its path inside the caller's transaction."""
    parent: int | None = None
    for depth in range(1, len(path) + 1):
        whole = "/".join(path[:depth])
        found = db.session.scalar(sa.select(Topic.id).where(Topic.bank_id == bank_id, Topic.path == whole))
        if found is None:
            topic = Topic(bank_id=bank_id, parent_id=parent, name=path[depth - 1], path=whole)
            db.session.add(topic)
            db.session.flush()
            found = topic.id
        parent = found
    return parent


def save(
    bank_code: str,
    draft: QuestionDraft,
    *,
    question: str | None = None,
    seen: int | None = None,
    submit: bool = False,
    by: Actor,
) -> str:
    """Store a draft as a new question, or as a new version of one, and return its code.

    `seen` is the number of the version the editor had before them: raises Conflict when there is a newer one.
    """
    may(author_questions, by)
    draft = in_one_form(draft)
    if refusals := refusals_of(draft):
        raise Invalid(*refusals)
    at = clock.now()
    with transaction():
        bank = get_bank(bank_code, by=by)
        state = VersionState.IN_REVIEW if submit else VersionState.DRAFT
        row = get_row(bank.id, question) if question else None
        if row is None:
            row = add_question(bank.id, draft, state, by=by, at=at)
        else:
            revise(row, draft, state, seen=seen, by=by, at=at)
        audit.record("question-saved", "question", row.id, by=by, at=at, state=state)
    return row.code


def get_row(bank_id: int, code: str) -> Question:
    """Return a question of a bank, locked for the transaction; raises NotFound."""
    row = _find_row(bank_id, code)
    if row is None or row.current_id is None:
        raise NotFound
    return row


def _find_row(bank_id: int, code: str) -> Question | None:
    return db.session.scalar(
        sa.select(Question)
        .where(Question.bank_id == bank_id, Question.code == code)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def add_question(
    bank_id: int,
    draft: QuestionDraft,
    state: VersionState,
    *,
    by: Actor,
    at: datetime,
    option_id: OptionIds = new_option_id,
) -> Question:
    """Add a question with its first version inside the caller's transaction.

    A code that a withdrawn question had is free: that question is there again, and its history goes on.
    """
    code = draft.code or next_code(bank_id)
    row = _find_row(bank_id, code)
    if row is not None and row.current_id is not None:
        raise Invalid(Refusal("question-code-taken", field="code"))
    number = 1 if row is None else _last_number(row.id) + 1
    row = row or Question(bank_id=bank_id, code=code)
    row.tags, row.changed_at = list(draft.tags), at
    db.session.add(row)
    db.session.flush()
    _add_version(row, draft, state, number, by=by, at=at, option_id=option_id)
    return row


def _last_number(question_id: int) -> int:
    """Return the number of a question's latest version, which is not the current one where that was undone."""
    return last_numbers([question_id]).get(question_id, 0)


def last_numbers(question_ids: Sequence[int]) -> dict[int, int]:
    """Return question id → the number of its latest version."""
    query = sa.select(QuestionVersion.question_id, sa.func.max(QuestionVersion.number))
    query = query.where(QuestionVersion.question_id.in_(question_ids)).group_by(QuestionVersion.question_id)
    return {row[0]: row[1] for row in rows(query)}


def next_code(bank_id: int) -> str:
    """Return a code that no question of the bank has yet."""
    number = int(db.session.scalar(sa.select(sa.func.count()).where(Question.bank_id == bank_id)) or 0)
    while True:
        number += 1
        code = f"C-{number:04d}"
        if not db.session.scalar(sa.select(Question.id).where(Question.bank_id == bank_id, Question.code == code)):
            return code


def revise(
    row: Question,
    draft: QuestionDraft,
    state: VersionState,
    *,
    seen: int | None = None,
    by: Actor,
    at: datetime,
    option_id: OptionIds = new_option_id,
) -> None:
    """Give a question a new version inside the caller's transaction.

    What papers draw stays until it is approved, and so does the topic and the difficulty they draw it by.
    """
    current = db.session.get_one(QuestionVersion, row.current_id)
    if seen is not None and seen != current.number:
        raise Conflict(Refusal("changed-meanwhile"))
    row.tags, row.changed_at = list(draft.tags), at
    _add_version(row, draft, state, _last_number(row.id) + 1, by=by, at=at, option_id=option_id)


def _add_version(
    row: Question,
    draft: QuestionDraft,
    state: VersionState,
    number: int,
    *,
    by: Actor,
    at: datetime,
    option_id: OptionIds,
) -> None:
    add_versions(row.bank_id, [(row, draft, number)], state, by=by, at=at, option_id=option_id)


def add_versions(
    bank_id: int,
    written: Sequence[tuple[Question, QuestionDraft, int]],
    state: VersionState,
    *,
    by: Actor,
    at: datetime,
    option_id: OptionIds,
) -> None:
    """Give each question a version with the number said, which becomes current, inside the caller's transaction."""
    passages = belonging.passages_of(bank_id, written)
    topics = {path: get_topic(bank_id, path) for path in dict.fromkeys(draft.topic for _, draft, _ in written)}
    versions = []
    for row, draft, number in written:
        composed, told = compose(draft, option_id), words(draft.text, rich=draft.rich)
        version = QuestionVersion(
            question_id=row.id,
            number=number,
            state=state,
            kind=draft.kind,
            topic_id=topics[draft.topic],
            difficulty=draft.difficulty,
            passage_id=passages[draft.passage] if draft.passage else None,
            text=draft.text,
            options=storing.stored_options(composed.body.options, composed.body.areas),
            parts=storing.stored_parts(composed.body.parts),
            limits=storing.stored_limits(composed.body.limits),
            rich=draft.rich,
            fingerprint=fingerprint(told)[:64],
            search=fold(f"{row.code} {told} {draft.source}"),
            author_id=by.member_id,
            created_at=at,
        )
        versions.append((version, composed))
    db.session.add_all(version for version, _ in versions)
    db.session.flush()
    for (row, draft, _), (version, composed) in zip(written, versions, strict=True):
        db.session.add(_key(version.id, draft, composed))
        media.claim(bank_id, version.id, draft)
        row.current_id = version.id
        if row.approved_id is None:
            row.topic_id, row.difficulty, row.passage_id = version.topic_id, version.difficulty, version.passage_id
    db.session.flush()


def _key(version_id: int, draft: QuestionDraft, composed: Composed) -> AnswerKey:
    return AnswerKey(
        version_id=version_id,
        weights=storing.stored_weights(composed.key),
        answers=storing.stored_answers(composed.key),
        feedback=dict(composed.feedback),
        explanation=draft.explanation,
        guidance=draft.guidance,
        source=draft.source,
        effective_on=draft.effective_on,
    )
