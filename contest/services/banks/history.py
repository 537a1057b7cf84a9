"""The versions of a question with what was said about each: between author and reviewer, appended and never changed."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Invalid, NotFound
from contest.models.banks import Question, QuestionVersion, VersionComment
from contest.models.members import Member
from contest.rules.permissions import Actor, see_bank
from contest.rules.question_terms import COMMENT_LIMIT, VersionState
from contest.rules.refusals import Refusal
from contest.rules.text import clean
from contest.services import audit
from contest.services.banks.shelf import get_bank, may


@dataclass(frozen=True, slots=True)
class Comment:
    author: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """A version with who wrote and who approved it ("" is the system or nobody) and its comments, the oldest first."""

    number: int
    state: VersionState
    author: str
    saved_at: datetime
    approver: str
    approved_at: datetime | None
    comments: tuple[Comment, ...]


def list_versions(bank_code: str, code: str, *, by: Actor) -> tuple[Version, ...]:
    """Return a question's versions, the newest first; raises NotFound."""
    bank = get_bank(bank_code, by=by)
    author, approver = aliased(Member), aliased(Member)
    found = rows(
        sa.select(QuestionVersion, author.full_name, approver.full_name)
        .join(Question, Question.id == QuestionVersion.question_id)
        .outerjoin(author, author.id == QuestionVersion.author_id)
        .outerjoin(approver, approver.id == QuestionVersion.approved_by_id)
        .where(Question.bank_id == bank.id, Question.code == code)
        .order_by(QuestionVersion.number.desc())
        .execution_options(populate_existing=True)
    )
    if not found:
        raise NotFound
    said = _comments([version.id for version, *_ in found])
    return tuple(
        Version(
            v.number,
            VersionState(v.state),
            wrote or "",
            v.created_at,
            approved or "",
            v.approved_at,
            tuple(said.get(v.id, ())),
        )
        for v, wrote, approved in found
    )


def _comments(version_ids: list[int]) -> dict[int, list[Comment]]:
    query = (
        sa.select(VersionComment.version_id, Member.full_name, VersionComment.at, VersionComment.text)
        .outerjoin(Member, Member.id == VersionComment.author_id)
        .where(VersionComment.version_id.in_(version_ids))
        .order_by(VersionComment.id)
    )
    found: dict[int, list[Comment]] = {}
    for version_id, name, at, text in rows(query):
        found.setdefault(version_id, []).append(Comment(name or "", at, text))
    return found


def comment(bank_code: str, code: str, number: int, text: str, *, by: Actor) -> None:
    """Add a comment to a version; raises NotFound for a version there is not, Invalid for an empty or too long text."""
    may(see_bank, by)
    cleaned = clean(text, limit=COMMENT_LIMIT, multiline=True)
    if isinstance(cleaned, Refusal):
        raise Invalid(Refusal(cleaned.slug, cleaned.params, "comment"))
    if not cleaned:
        raise Invalid(Refusal("required", field="comment"))
    at = clock.now()
    with transaction():
        bank = get_bank(bank_code, by=by)
        found = db.session.execute(
            sa.select(QuestionVersion.id, Question.id)
            .join(Question, Question.id == QuestionVersion.question_id)
            .where(Question.bank_id == bank.id, Question.code == code, QuestionVersion.number == number)
        ).first()
        if found is None:
            raise NotFound
        db.session.add(VersionComment(version_id=found[0], author_id=by.member_id, at=at, text=cleaned))
        audit.record("question-commented", "question", found[1], by=by, at=at, version=number)
