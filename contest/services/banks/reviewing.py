"""The review of questions: approved by a second person, sent back with a remark, or retired."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rowcount, transaction
from contest.errors import Conflict, Forbidden
from contest.models.banks import Question, QuestionVersion, VersionComment
from contest.rules.permissions import Actor, author_questions, review_questions
from contest.rules.question_terms import VersionState
from contest.rules.refusals import Refusal
from contest.services import audit, organisation
from contest.services.banks import needs
from contest.services.banks.editing import get_row
from contest.services.banks.shelf import get_bank, may, touch


def approve(bank_code: str, codes: Sequence[str], *, by: Actor) -> int:
    """Approve the versions in review of these questions and return how many; nobody approves their own.

    Where the organisation works without a second person, one may; that is on record. Raises Conflict when a version with
    another topic or difficulty would leave a running round short.
    """
    may(review_questions, by)
    at, count = clock.now(), 0
    settings = organisation.find_organisation()
    alone = settings is not None and not settings.four_eyes
    with transaction():
        bank = get_bank(bank_code, by=by)
        with needs.kept(bank.id, at):
            for code in codes:
                count += _approve(get_row(bank.id, code), alone, by=by, at=at)
        if count:
            touch(bank.id)
    return count


def _approve(row: Question, alone: bool, *, by: Actor, at: datetime) -> bool:
    version = db.session.get_one(QuestionVersion, row.current_id)
    if version.state != VersionState.IN_REVIEW:
        return False
    if version.author_id == by.member_id and version.author_id is not None and not alone:
        raise Forbidden(Refusal("own-question"))
    _store_approval(row, version, by=by, at=at)
    audit.record("question-approved", "question", row.id, by=by, at=at, version=version.number, alone=alone)
    return True


def _store_approval(row: Question, version: QuestionVersion, *, by: Actor, at: datetime) -> None:
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
    row.topic_id, row.difficulty, row.passage_id = version.topic_id, version.difficulty, version.passage_id


_STEPS = {
    "submit": (VersionState.DRAFT, VersionState.IN_REVIEW, author_questions),
    "return": (VersionState.IN_REVIEW, VersionState.DRAFT, review_questions),
}


def step(bank_code: str, code: str, verb: str, *, remark: str = "", by: Actor) -> None:
    """Hand a draft in for review, or send one back with a remark."""
    before, after, permission = _STEPS[verb]
    may(permission, by)
    at = clock.now()
    with transaction():
        bank = get_bank(bank_code, by=by)
        row = get_row(bank.id, code)
        mine = sa.update(QuestionVersion).where(QuestionVersion.id == row.current_id, QuestionVersion.state == before)
        if not rowcount(mine.values(state=after, remark=remark)):
            raise Conflict(Refusal("changed-meanwhile"))
        row.changed_at = at
        if remark:  # the next step takes the remark away; what was said stays with its version
            db.session.add(VersionComment(version_id=row.current_id, author_id=by.member_id, at=at, text=remark))
        audit.record(f"question-{verb}", "question", row.id, by=by, at=at, remark=remark)


def retire(bank_code: str, codes: Sequence[str], *, by: Actor) -> None:
    """Take questions out of future papers; attempts that have them keep them.

    Raises Conflict, naming the rounds, when a published round that has not closed would be left short of questions.
    """
    may(review_questions, by)
    at = clock.now()
    with transaction():
        bank = get_bank(bank_code, by=by)
        with needs.kept(bank.id, at):
            for code in codes:
                _retire(get_row(bank.id, code), by=by, at=at)
        touch(bank.id)


def _retire(row: Question, *, by: Actor, at: datetime) -> None:
    both = sa.update(QuestionVersion).where(QuestionVersion.id.in_([row.approved_id, row.current_id]))
    db.session.execute(both.values(state=VersionState.RETIRED).execution_options(synchronize_session=False))
    row.approved_id, row.changed_at = None, at
    audit.record("question-retired", "question", row.id, by=by, at=at)
