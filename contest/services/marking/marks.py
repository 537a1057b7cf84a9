"""The marks of a round as a list: by question and blind code, with who gave them and what they said."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from contest.db import rows
from contest.models.attempts import Attempt
from contest.models.banks import Question, QuestionVersion
from contest.models.contests import Round
from contest.models.marking import Mark, Script
from contest.models.members import Member
from contest.rules.papers import read_paper
from contest.rules.permissions import Actor
from contest.services.marking import scripts

CHUNK = 500


def export_rows(row: Round, *, by: Actor) -> Iterator[dict[str, Any]]:
    """Yield the responses of a round that the actor may mark, in the order of question and code; no mark leaves it empty."""
    query = (
        sa.select(Question.code, Script.code.label("blind"), Script.position, Script.version_id, Attempt.paper)
        .add_columns(Mark.points, Mark.comment, Member.full_name)
        .join(Attempt, Attempt.id == Script.attempt_id)
        .join(QuestionVersion, QuestionVersion.id == Script.version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .outerjoin(Mark, scripts.is_latest())
        .outerjoin(Member, Member.id == Mark.marker_id)
        .where(*scripts.markable(row, by))
        .order_by(Question.code, Script.version_id, Script.code)
        .limit(CHUNK)
    )
    here = sa.tuple_(Question.code, Script.version_id, Script.code)
    found = rows(query)
    while found:
        for r in found:
            yield {
                "question": r.code,
                "blind_code": r.blind,
                "points": r.points,
                "out_of": read_paper(r.paper)[r.position - 1].worth.points,
                "marker": r.full_name or "",
                "comment": r.comment or "",
            }
        last = found[-1]
        found = rows(query.where(here > sa.tuple_(last.code, last.version_id, last.blind)))
