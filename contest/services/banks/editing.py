"""Editing questions: every change of content is a new version; a second person approves before papers may draw it."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rowcount, transaction
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.formats.drafts import QuestionDraft
from contest.models.banks import Bank, Question, QuestionVersion, Topic
from contest.models.keys import AnswerKey
from contest.rules.likeness import fingerprint
from contest.rules.permissions import Actor, author_questions, review_questions
from contest.rules.questions import KINDS
from contest.rules.questions.choices import even_weights
from contest.rules.refusals import Refusal
from contest.rules.terms import Kind, Role, VersionState
from contest.rules.text import fold
from contest.services import audit, organisation

OptionIds = Callable[[], str]


def new_option_id() -> str:
    """Return a random id, so that the order of ids says nothing about the key."""
    return secrets.token_hex(4)


@dataclass(frozen=True, slots=True)
class BankView:
    code: str
    name: str
    question_count: int
    approved_count: int
    waiting_count: int


def banks_of(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition under which a bank is the actor's to see."""
    if actor.holds_whole(Role.ADMINISTRATOR, Role.ORGANISER, Role.AUTHOR, Role.REVIEWER):
        return sa.true()
    ids = [g.bank_id for g in actor.scopes(Role.AUTHOR, Role.REVIEWER) if g.bank_id is not None]
    return Bank.id.in_(ids)


def list_banks(*, by: Actor) -> list[BankView]:
    """Return the banks in the actor's scope with their counts."""
    waiting = sa.func.count(sa.case((QuestionVersion.state == VersionState.IN_REVIEW, 1)))
    query = (
        sa.select(Bank.code, Bank.name, sa.func.count(Question.id), sa.func.count(Question.approved_id), waiting)
        .outerjoin(Question, Question.bank_id == Bank.id)
        .outerjoin(QuestionVersion, QuestionVersion.id == Question.current_id)
        .where(banks_of(by))
        .group_by(Bank.id)
        .order_by(Bank.name)
    )
    return [BankView(*row) for row in db.session.execute(query)]


def get_bank(code: str, *, by: Actor) -> Bank:
    """Return a bank in the actor's scope; raises NotFound."""
    bank = db.session.scalar(sa.select(Bank).where(Bank.code == code, banks_of(by)))
    if bank is None:
        raise NotFound
    return bank


def create_bank(code: str, name: str, *, by: Actor) -> None:
    """Make an empty bank; raises Invalid when the code is taken."""
    at = clock.now()
    with transaction():
        if db.session.scalar(sa.select(Bank.id).where(Bank.code == code)):
            raise Invalid(Refusal("bank-code-taken", field="code"))
        bank = Bank(code=code, name=name)
        db.session.add(bank)
        db.session.flush()
        audit.record("bank-created", "bank", bank.id, by=by, at=at)


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


def check(draft: QuestionDraft) -> tuple[Refusal, ...]:
    """Return what is not well formed about a draft, each naming its field."""
    options = [(str(i), o.text) for i, o in enumerate(draft.options)]
    weights = {str(i): o.weight for i, o in enumerate(draft.options)}
    return KINDS[draft.kind].well_formed(draft.text, options, weights)


def weights_for(kind: Kind, count: int) -> tuple[Decimal, ...]:
    """Return the marks of `count` right options: the whole for each of a kind with one, else equal shares."""
    return even_weights(count) if kind is Kind.MULTIPLE_CHOICE and count else (Decimal(1),) * count


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
    _may(author_questions, by)
    refusals = check(draft)
    if refusals:
        raise Invalid(*refusals)
    at = clock.now()
    with transaction():
        bank = get_bank(bank_code, by=by)
        state = VersionState.IN_REVIEW if submit else VersionState.DRAFT
        row = _get(bank.id, question) if question else None
        if row is None:
            row = add_question(bank.id, draft, state, by=by, at=at)
        else:
            revise(row, draft, state, seen=seen, by=by, at=at)
        audit.record("question-saved", "question", row.id, by=by, at=at, state=state)
    return row.code


def _may(permission: Callable[[Actor], bool], by: Actor) -> None:
    if not by.is_system and not permission(by):
        raise Forbidden


def _get(bank_id: int, code: str) -> Question:
    row = db.session.scalar(
        sa.select(Question)
        .where(Question.bank_id == bank_id, Question.code == code)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


def add_question(
    bank_id: int,
    draft: QuestionDraft,
    state: VersionState,
    *,
    by: Actor,
    at: datetime,
    option_id: OptionIds = new_option_id,
) -> Question:
    """Add a question with its first version inside the caller's transaction."""
    code = draft.code or next_code(bank_id)
    if db.session.scalar(sa.select(Question.id).where(Question.bank_id == bank_id, Question.code == code)):
        raise Invalid(Refusal("question-code-taken", field="code"))
    row = Question(bank_id=bank_id, code=code, tags=list(draft.tags), changed_at=at)
    row.topic_id, row.difficulty = get_topic(bank_id, draft.topic), draft.difficulty
    db.session.add(row)
    db.session.flush()
    _add_version(row, draft, state, 1, by=by, at=at, option_id=option_id)
    return row


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
    """Give a question a new version inside the caller's transaction; what papers draw stays until it is approved."""
    current = db.session.get_one(QuestionVersion, row.current_id)
    if seen is not None and seen != current.number:
        raise Conflict(Refusal("changed-meanwhile"))
    topic_id = get_topic(row.bank_id, draft.topic)
    if (topic_id, draft.difficulty) != (row.topic_id, row.difficulty) and row.approved_id:
        _touch(row.bank_id)
    row.topic_id, row.difficulty, row.tags, row.changed_at = topic_id, draft.difficulty, list(draft.tags), at
    _add_version(row, draft, state, current.number + 1, by=by, at=at, option_id=option_id)


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
    options = [{"id": option_id(), "text": o.text} for o in draft.options]
    version = QuestionVersion(
        question_id=row.id,
        number=number,
        state=state,
        kind=draft.kind,
        text=draft.text,
        options=options,
        fingerprint=fingerprint(draft.text)[:64],
        search=fold(f"{row.code} {draft.text} {draft.source}"),
        author_id=by.member_id,
        created_at=at,
    )
    db.session.add(version)
    db.session.flush()
    key = {o["id"]: str(d.weight) for o, d in zip(options, draft.options, strict=True)}
    said = {o["id"]: d.feedback for o, d in zip(options, draft.options, strict=True) if d.feedback}
    db.session.add(
        AnswerKey(
            version_id=version.id,
            weights=key,
            feedback=said,
            explanation=draft.explanation,
            source=draft.source,
            effective_on=draft.effective_on,
        )
    )
    row.current_id = version.id
    db.session.flush()


def _touch(bank_id: int) -> None:
    """Tell every process that papers are drawn from something else now."""
    db.session.execute(sa.update(Bank).where(Bank.id == bank_id).values(revision=Bank.revision + 1))


def approve(bank_code: str, codes: Sequence[str], *, by: Actor) -> int:
    """Approve the versions in review of these questions and return how many; nobody approves their own.

    Where the organisation works without a second person, one may; that is on record.
    """
    _may(review_questions, by)
    at, count = clock.now(), 0
    settings = organisation.find_organisation()
    alone = settings is not None and not settings.four_eyes
    with transaction():
        bank = get_bank(bank_code, by=by)
        for code in codes:
            row = _get(bank.id, code)
            version = db.session.get_one(QuestionVersion, row.current_id)
            if version.state != VersionState.IN_REVIEW:
                continue
            if version.author_id == by.member_id and version.author_id is not None and not alone:
                raise Forbidden(Refusal("own-question"))
            _approve(row, version, by=by, at=at)
            count += 1
            audit.record("question-approved", "question", row.id, by=by, at=at, version=version.number, alone=alone)
        if count:
            _touch(bank.id)
    return count


def _approve(row: Question, version: QuestionVersion, *, by: Actor, at: datetime) -> None:
    mine = sa.update(QuestionVersion).where(
        QuestionVersion.id == version.id, QuestionVersion.state == VersionState.IN_REVIEW
    )
    values: dict[str, Any] = {"state": VersionState.APPROVED, "approved_by_id": by.member_id, "approved_at": at}
    if not rowcount(mine.values(**values)):
        raise Conflict(Refusal("changed-meanwhile"))
    if row.approved_id:
        former = sa.update(QuestionVersion).where(QuestionVersion.id == row.approved_id)
        db.session.execute(former.values(state=VersionState.RETIRED))
    row.approved_id, row.changed_at = version.id, at


_STEPS = {
    "submit": (VersionState.DRAFT, VersionState.IN_REVIEW, author_questions),
    "return": (VersionState.IN_REVIEW, VersionState.DRAFT, review_questions),
}


def step(bank_code: str, code: str, verb: str, *, remark: str = "", by: Actor) -> None:
    """Hand a draft in for review, or send one back with a remark."""
    before, after, permission = _STEPS[verb]
    _may(permission, by)
    at = clock.now()
    with transaction():
        bank = get_bank(bank_code, by=by)
        row = _get(bank.id, code)
        mine = sa.update(QuestionVersion).where(QuestionVersion.id == row.current_id, QuestionVersion.state == before)
        if not rowcount(mine.values(state=after, remark=remark)):
            raise Conflict(Refusal("changed-meanwhile"))
        row.changed_at = at
        audit.record(f"question-{verb}", "question", row.id, by=by, at=at, remark=remark)


def retire(bank_code: str, codes: Sequence[str], *, by: Actor) -> None:
    """Take questions out of future papers; attempts that have them keep them."""
    _may(review_questions, by)
    at = clock.now()
    with transaction():
        bank = get_bank(bank_code, by=by)
        for code in codes:
            row = _get(bank.id, code)
            both = sa.update(QuestionVersion).where(QuestionVersion.id.in_([row.approved_id, row.current_id]))
            db.session.execute(both.values(state=VersionState.RETIRED).execution_options(synchronize_session=False))
            row.approved_id, row.changed_at = None, at
            audit.record("question-retired", "question", row.id, by=by, at=at)
        _touch(bank.id)


def supply_of(bank_id: int) -> dict[tuple[int | None, str | None], int]:
    """Return how many approved questions there are of each (topic, difficulty)."""
    found = db.session.execute(
        sa.select(Question.topic_id, Question.difficulty, sa.func.count())
        .where(Question.bank_id == bank_id, Question.approved_id.is_not(None))
        .group_by(Question.topic_id, Question.difficulty)
    )
    return {(topic, difficulty): n for topic, difficulty, n in found}
