"""Where a question is used: which rounds can draw it, and in how many papers it stood. For those who may see keys.

The counts come from `tallying` and are a few minutes old; a voided attempt's paper was seen all the same, and counts.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from contest import clock
from contest.db import rows
from contest.errors import NotFound
from contest.models.banks import Question, QuestionVersion, Topic
from contest.models.contests import BlueprintLine, Contest, Round
from contest.models.uses import VersionUse
from contest.rules.permissions import Actor
from contest.rules.questions import MARKED_BY_PEOPLE, TOLD
from contest.rules.terms import ContestState
from contest.services.banks.shelf import get_bank


@dataclass(frozen=True, slots=True)
class Drawing:
    """A round that has not closed and can draw the question."""

    contest: str
    round: str
    is_published: bool
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Drawn:
    """A round in some of whose papers the question stood, in any of its versions."""

    contest: str
    round: str
    paper_count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Uses:
    drawing: tuple[Drawing, ...]
    drawn: tuple[Drawn, ...]

    @property
    def paper_count(self) -> int:
        return sum(d.paper_count for d in self.drawn)

    @property
    def last_at(self) -> datetime | None:
        return max((d.last_at for d in self.drawn), default=None)

    @property
    def running(self) -> tuple[Drawing, ...]:
        """Those that are published: what they draw is what is approved."""
        return tuple(d for d in self.drawing if d.is_published)


def uses_of(bank_code: str, code: str, *, by: Actor) -> Uses:
    """Return where a question is used, the latest round first; raises NotFound."""
    bank = get_bank(bank_code, by=by)
    found = rows(
        sa.select(Question, QuestionVersion.kind, Topic.path)
        .outerjoin(Topic, Topic.id == Question.topic_id)
        .outerjoin(QuestionVersion, QuestionVersion.id == Question.approved_id)
        .where(Question.bank_id == bank.id, Question.code == code)
        .execution_options(populate_existing=True)
    )
    if not found:
        raise NotFound
    row, kind, path = found[0]
    return Uses(_drawing(row, kind, path or "", clock.now()), _drawn(row.id))


def _drawing(row: Question, kind: str | None, path: str, at: datetime) -> tuple[Drawing, ...]:
    if row.approved_id is None or kind in TOLD:
        return ()
    fits = sa.or_(BlueprintLine.difficulty.is_(None), BlueprintLine.difficulty == row.difficulty)
    fits = sa.and_(fits, BlueprintLine.marked.is_(kind in MARKED_BY_PEOPLE))
    query = (
        sa.select(Contest.title, Round.title, Contest.state, Round.opens_at, Round.closes_at, Topic.path)
        .join(Contest, Contest.id == Round.contest_id)
        .join(BlueprintLine, BlueprintLine.round_id == Round.id)
        .outerjoin(Topic, Topic.id == BlueprintLine.topic_id)
        .where(
            Round.bank_id == row.bank_id,
            Round.closes_at > at,
            Contest.state != ContestState.ARCHIVED,
            BlueprintLine.count > 0,
            sa.or_(BlueprintLine.question_id == row.id, sa.and_(BlueprintLine.question_id.is_(None), fits)),
        )
        .order_by(Round.opens_at.desc(), Round.id.desc())
    )
    found = {
        Drawing(contest, title, state == ContestState.PUBLISHED, opens_at, closes_at): None
        for contest, title, state, opens_at, closes_at, wanted in rows(query)
        if wanted is None or f"{path}/".startswith(f"{wanted}/")
    }
    return tuple(found)


def _drawn(question_id: int) -> tuple[Drawn, ...]:
    query = (
        sa.select(Contest.title, Round.title, sa.func.sum(VersionUse.paper_count), sa.func.max(VersionUse.last_at))
        .select_from(VersionUse)
        .join(QuestionVersion, QuestionVersion.id == VersionUse.version_id)
        .join(Round, Round.id == VersionUse.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .where(QuestionVersion.question_id == question_id)
        .group_by(Round.id, Contest.id)
        .order_by(Round.opens_at.desc(), Round.id.desc())
    )
    return tuple(Drawn(contest, title, int(n), last_at) for contest, title, n, last_at in rows(query))


def paper_count(question_id: sa.SQLColumnExpression[int]) -> sa.ColumnElement[int]:
    """Return in how many papers the question of a row stood, in any of its versions."""
    count = sa.func.coalesce(sa.func.sum(VersionUse.paper_count), 0)
    of_question = aliased(QuestionVersion)
    return (
        sa.select(count)
        .select_from(VersionUse)
        .join(of_question, of_question.id == VersionUse.version_id)
        .where(of_question.question_id == question_id)
        .scalar_subquery()
    )
