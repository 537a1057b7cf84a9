"""Questions that belong to a passage: the passages they name, and passages that have to stay what they are."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from contest.db import db, rows
from contest.errors import Invalid
from contest.formats.drafts import QuestionDraft
from contest.models.banks import Question, QuestionVersion
from contest.rules.question_terms import Kind
from contest.rules.refusals import Refusal


def passages_of(bank_id: int, written: Sequence[tuple[Question, QuestionDraft, int]]) -> dict[str, int]:
    """Return code → id of the passages that questions about to be stored name, which may come with them.

    Raises Invalid for a code that is no passage of the bank (field `passage`), and for a passage with questions that would
    become something else (field `kind`).
    """
    _keep_passages({row.id for row, draft, _ in written if draft.kind is not Kind.PASSAGE and row.current_id})
    wanted = {draft.passage for _, draft, _ in written if draft.passage}
    if not wanted:
        return {}
    coming = {row.code: draft.kind for row, draft, _ in written}
    found = {row.code: row.id for row, draft, _ in written if draft.kind is Kind.PASSAGE}
    query = sa.select(Question.code, Question.id).join(QuestionVersion, QuestionVersion.id == Question.current_id)
    query = query.where(Question.bank_id == bank_id, Question.code.in_(wanted), QuestionVersion.kind == Kind.PASSAGE)
    found |= {code: question for code, question in rows(query) if coming.get(code, Kind.PASSAGE) is Kind.PASSAGE}
    if missing := sorted(wanted - found.keys()):
        raise Invalid(*(Refusal("no-such-passage", {"code": code}, "passage") for code in missing))
    return found


def _keep_passages(question_ids: Collection[int]) -> None:
    version = sa.select(Question.id).join(
        QuestionVersion, QuestionVersion.id.in_((Question.current_id, Question.approved_id))
    )
    if question_ids and db.session.scalar(version.where(QuestionVersion.passage_id.in_(question_ids)).limit(1)):
        raise Invalid(Refusal("passage-has-questions", field="kind"))
