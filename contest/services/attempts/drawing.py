"""The paper that somebody starts with: by the blueprint, with what they have not had yet and what was drawn least before.

All of it is kept by each process but the person's own papers, which come with the statement that lets them start.
"""

import json
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from contest.db import rows
from contest.models.banks import Question, QuestionVersion
from contest.models.contests import Round
from contest.models.uses import VersionUse
from contest.rules.blueprints import Line
from contest.rules.exposure import overdrawn, ranking
from contest.rules.papers import BankTooPoor, Rank, draw, read_paper
from contest.services.attempts.content import pool_of
from contest.services.banks.blueprints import lines_of

REMEMBERED = 50  # of a person's papers, the latest ones
COUNTED_ANEW = timedelta(minutes=1)  # as often as the worker's counts move

_chance = secrets.SystemRandom()
_lines: dict[int, tuple[int, tuple[Line, ...]]] = {}
_questions: dict[int, tuple[int, Mapping[int, int]]] = {}
_overdrawn: dict[int, tuple[int, datetime, frozenset[int]]] = {}


def kept_lines(round_id: int, version: int) -> tuple[Line, ...]:
    """Return a round's blueprint, kept by this process until the contest's set-up changes."""
    kept = _lines.get(round_id)
    if kept is None or kept[0] != version:
        kept = _lines[round_id] = (version, lines_of(round_id))
    return kept[1]


def drawn(row: Round, revision: int | None, version: int, earlier: str | None, at: datetime) -> list[list[Any]]:
    """Return a paper of a round as it is kept; `revision` is the bank's, `version` the set-up's, `earlier` from the entry.

    Raises BankTooPoor when the bank no longer fills the blueprint.
    """
    if row.bank_id is None or revision is None:
        raise BankTooPoor
    items = draw(
        kept_lines(row.id, version),
        pool_of(row.bank_id, revision),
        _chance,
        shuffle_questions=row.shuffle_questions,
        shuffle_options=row.shuffle_options,
        rank=_rank(row, revision, earlier, at),
    )
    return [item.stored() for item in items]


def _rank(row: Round, revision: int, earlier: str | None, at: datetime) -> Rank | None:
    had = _had(row.bank_id or 0, revision, earlier) if earlier else {}
    return ranking(had, _overdrawn_in(row, revision, at) if row.least_used else frozenset())


def _had(bank_id: int, revision: int, earlier: str) -> Mapping[int, int]:
    """Return question → in how many of the person's papers it was, in whatever version."""
    papers: Sequence[Any] = json.loads(f"[{earlier}]")
    asked = _questions_of(bank_id, revision)
    return Counter(asked[i.version_id] for paper in papers for i in read_paper(paper) if i.version_id in asked)


def _questions_of(bank_id: int, revision: int) -> Mapping[int, int]:
    """Return version → question of a bank; versions of a revision of the bank are all those that papers had by then."""
    kept = _questions.get(bank_id)
    if kept is None or kept[0] != revision:
        query = sa.select(QuestionVersion.id, QuestionVersion.question_id).join(
            Question, Question.id == QuestionVersion.question_id
        )
        found = {row[0]: row[1] for row in rows(query.where(Question.bank_id == bank_id))}
        kept = _questions[bank_id] = (revision, found)
    return kept[1]


def _overdrawn_in(row: Round, revision: int, at: datetime) -> frozenset[int]:
    """Return the questions that papers of the round had more often than the middle one of their kind, as counted lately."""
    kept = _overdrawn.get(row.id)
    if kept is None or kept[0] != revision or not at - COUNTED_ANEW < kept[1] <= at:
        query = (
            sa.select(QuestionVersion.question_id, sa.func.sum(VersionUse.paper_count))
            .join(QuestionVersion, QuestionVersion.id == VersionUse.version_id)
            .where(VersionUse.round_id == row.id)
            .group_by(QuestionVersion.question_id)
        )
        counts = {question: int(n) for question, n in rows(query)}
        found = overdrawn(pool_of(row.bank_id or 0, revision), counts)
        kept = _overdrawn[row.id] = (revision, at, found)
    return kept[2]


def forget() -> None:
    """Drop what this process keeps; for tests that change the database under it."""
    for kept in (_lines, _questions, _overdrawn):
        kept.clear()
