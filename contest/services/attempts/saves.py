"""Every save of an attempt, with its time and what became of it: for its own person, once the attempt is closed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from contest.db import rows
from contest.errors import Closed
from contest.models.attempts import PREDICTION, Attempt, LateResponse, Response
from contest.rules.papers import read_paper
from contest.rules.permissions import Actor
from contest.rules.question_terms import Kind
from contest.rules.refusals import Refusal
from contest.rules.terms import AttemptState
from contest.services.attempts.asked import QuestionView, questions_of
from contest.services.attempts.paper import get_own


class Fate(StrEnum):
    """What became of a save."""

    COUNTS = "counts"  # the last of its position, in time
    REPLACED = "replaced"  # another came after it
    LATE = "late"  # after the time was over: kept, never scored, as the next two
    LEFT = "left"  # for a question that had been left
    CLOSED = "closed"  # for a paper that had been handed in or stopped


@dataclass(frozen=True, slots=True)
class SaveView:
    """A save: `letters` are the options that were chosen, `value` what was given in any other way, None for cleared."""

    at: datetime
    position: int
    kind: Kind | None
    letters: tuple[str, ...]
    value: Any
    fate: Fate

    @property
    def is_prediction(self) -> bool:
        return self.position == PREDICTION


@dataclass(frozen=True, slots=True)
class SavesView:
    attempt_code: str
    round_title: str
    ends_at: datetime
    saves: tuple[SaveView, ...]

    @property
    def fates(self) -> frozenset[Fate]:
        return frozenset(save.fate for save in self.saves)


def get_saves(code: str, *, by: Actor) -> SavesView:
    """Return all saves of the actor's own closed attempt in the order of their arrival; raises NotFound, or Closed."""
    attempt, round_row, _, _ = get_own(code, by)
    if attempt.state == AttemptState.OPEN:
        raise Closed(Refusal("attempt-open"))
    return SavesView(attempt.code, round_row.title, attempt.ends_at, _saves_of(attempt))


def _saves_of(attempt: Attempt) -> tuple[SaveView, ...]:
    def of(table: Any, at: Any, *more: Any) -> Any:
        mine = (table.attempt_id == attempt.id, table.member_id == attempt.member_id)
        return sa.select(at, table.position, table.revision, table.value, *more).where(*mine)

    kept = rows(of(Response, Response.saved_at).order_by(Response.revision))
    missed = rows(of(LateResponse, LateResponse.arrived_at, LateResponse.verdict))
    last = {position: revision for _, position, revision, _ in kept}
    questions = questions_of(read_paper(attempt.paper), {})
    found = [_view(row, questions, Fate.COUNTS if row[2] == last[row[1]] else Fate.REPLACED) for row in kept] + [
        _view(row, questions, Fate(row.verdict)) for row in missed
    ]
    return tuple(sorted(found, key=lambda save: (save.at, save.position)))


def _view(row: sa.Row[Any], questions: Sequence[QuestionView], fate: Fate) -> SaveView:
    at, position, _, stored = row[:4]
    value = None if stored is None else json.loads(stored)
    question = questions[position - 1] if position else None
    letters: Mapping[str, str] = {o.id: o.letter for o in question.options} if question else {}
    given = value if isinstance(value, list) else [value]
    chosen = tuple(letters[one] for one in given if isinstance(one, str) and one in letters)
    return SaveView(at, position, question.kind if question else None, chosen, value, fate)
