"""Scoring closed attempts: a function of paper, responses, keys and marks, never an increment."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from contest.db import Frozen, Row, ask, db, insertion, rows, tell
from contest.models.attempts import PREDICTION, Response
from contest.models.banks import QuestionVersion
from contest.models.keys import AnswerKey
from contest.models.keys import Correction as CorrectionRow
from contest.models.marking import Mark, Script
from contest.models.results import Result, Settlement
from contest.rules.corrections import Correction, in_force, mark
from contest.rules.marks import fraction_of
from contest.rules.papers import Item, read_paper
from contest.rules.question_terms import Kind
from contest.rules.questions import MARKED_BY_PEOPLE
from contest.rules.questions.bodies import Body, Key
from contest.rules.result_terms import Remedy, Step
from contest.rules.scoring import Total, total
from contest.rules.text import READABLE
from contest.services.banks.storing import body_of, key_of
from contest.services.results import standings, versions


@dataclass(frozen=True, slots=True)
class Known:
    """A version as it is written, with what is right about it."""

    kind: Kind
    body: Body
    key: Key
    rich: bool = False


Values = Mapping[int, tuple[int, str | None]]  # position → revision and value, as stored
Marks = Mapping[int, Decimal]  # position → points that a person gave
NO_MARKS: Marks = {}

_known: dict[int, Known] = {}  # versions and their keys never change, so a process may keep them

_RESULT = insertion(Result, *(column.name for column in Result.__table__.c))

_SAVES = Frozen(
    lambda: (
        sa.select(Response.position, Response.revision, Response.value)
        .where(Response.attempt_id == sa.bindparam("attempt"), Response.member_id == sa.bindparam("member"))
        .order_by(Response.position, Response.revision)
    ),
    member="member",
)


def keys_of(version_ids: Sequence[int]) -> Mapping[int, Known]:
    """Return the keys of versions; for scoring and released reviews alone."""
    missing = [v for v in version_ids if v not in _known]
    if missing:
        found = rows(
            sa.select(
                AnswerKey.version_id,
                QuestionVersion.kind,
                AnswerKey.weights,
                AnswerKey.answers,
                QuestionVersion.text,
                QuestionVersion.options,
                QuestionVersion.parts,
                QuestionVersion.limits,
                QuestionVersion.rich,
            )
            .join(QuestionVersion, QuestionVersion.id == AnswerKey.version_id)
            .where(AnswerKey.version_id.in_(missing))
        )
        for version_id, kind, weights, answers, *columns, rich in found:
            _known[version_id] = Known(Kind(kind), body_of(*columns), key_of(weights, answers), rich)
    return {v: _known[v] for v in version_ids}


def saves_of(attempt_id: int, member_id: int) -> list[Row]:
    """Return (position, revision, value) of everything that was saved, in this order."""
    return ask(_SAVES, {"attempt": attempt_id, "member": member_id})


def current_among(saves: Iterable[Row]) -> dict[int, tuple[int, str | None]]:
    """Return position → (revision, value) of the responses that count: those of the highest revision."""
    return {position: (revision, value) for position, revision, value in saves}


def current_values(attempt_id: int, member_id: int) -> dict[int, tuple[int, str | None]]:
    """Return the responses of an attempt that count, as they are stored now."""
    return current_among(saves_of(attempt_id, member_id))


def values_of(attempt_ids: Sequence[int]) -> Mapping[int, dict[int, tuple[int, str | None]]]:
    """Return the current values of several attempts, as `current_values` has them of one."""
    found: Mapping[int, dict[int, tuple[int, str | None]]] = {a: {} for a in attempt_ids}
    saved = sa.select(Response.attempt_id, Response.position, Response.revision, Response.value)
    saved = saved.where(Response.attempt_id.in_(attempt_ids)).order_by(Response.revision)
    for attempt_id, position, revision, value in rows(saved):
        found[attempt_id][position] = (revision, value)
    return found


def marks_of(attempt_ids: Sequence[int], *, taken_in: bool = True) -> Mapping[int, dict[int, Decimal]]:
    """Return attempt → the marks of its responses that count: the latest of each, once they are taken in or else as they are."""
    found: Mapping[int, dict[int, Decimal]] = {a: {} for a in attempt_ids}
    given = sa.select(Mark.attempt_id, Mark.position, Mark.points).where(Mark.attempt_id.in_(attempt_ids))
    if taken_in:
        given = given.join(Result, Result.attempt_id == Mark.attempt_id).where(Result.unmarked == 0)
    for attempt_id, position, points in rows(given.order_by(Mark.version)):
        found[attempt_id][position] = points
    return found


def given_to(attempt_id: int) -> dict[int, tuple[Decimal, str]]:
    """Return position → the mark that counts of a response and what was said about it, once marks are taken in."""
    query = sa.select(Mark.position, Mark.points, Mark.comment).join(Result, Result.attempt_id == Mark.attempt_id)
    found = rows(query.where(Mark.attempt_id == attempt_id, Result.unmarked == 0).order_by(Mark.version))
    return {position: (points, comment) for position, points, comment in found}


def corrected(round_id: int, pending: int | None = None) -> sa.Select[Any]:
    """Return the query of (version, remedy, weights, answers) of what was done about questions, in its order.

    Of published versions, and of one that waits; of two about the same question the later holds.
    """
    carried = sa.select(CorrectionRow.version_id, CorrectionRow.remedy, CorrectionRow.weights, CorrectionRow.answers)
    carried = carried.join(Settlement, Settlement.id == CorrectionRow.settlement_id)
    holds = sa.or_(versions.has_step(Step.PUBLISHED), Settlement.id == pending)
    return carried.where(Settlement.round_id == round_id, holds).order_by(CorrectionRow.id)


def corrections_of(round_id: int, pending: int | None = None) -> Mapping[int, Correction]:
    """Return question version → the correction that holds in a round: of published versions, and of one that waits."""
    found = rows(corrected(round_id, pending))
    return in_force([(v, Correction(Remedy(r), key_of(w or {}, a or {}) if w or a else None)) for v, r, w, a in found])


def fractions(
    items: Sequence[Item],
    values: Values,
    corrections: Mapping[int, Correction] | None = None,
    marks: Marks = NO_MARKS,
) -> list[Fraction | None]:
    """Return what each question of a paper earned of its mark, up to 1, in the paper's order; None for one dropped."""
    keys = keys_of([item.version_id for item in items])
    out = []
    for position, item in enumerate(items, 1):
        stored, known = values.get(position, (0, None))[1], keys[item.version_id]
        value = json.loads(stored) if stored is not None else None
        given = tuple(value) if isinstance(value, list) else value
        correction = (corrections or {}).get(item.version_id)
        by_people = fraction_of(marks[position], item.worth.points) if position in marks else None
        scoring = item.worth.scoring
        out.append(mark(known.kind, known.body, known.key, given, correction, scoring, given=by_people))
    return out


def total_of(
    paper: Sequence[Any],
    values: Values,
    corrections: Mapping[int, Correction] | None = None,
    marks: Marks = NO_MARKS,
) -> Total:
    """Return what a paper came to: a function of it, the responses, the keys, the corrections and the marks."""
    items = read_paper(paper)
    earned = fractions(items, values, corrections, marks)
    return total([(fraction, item.worth) for fraction, item in zip(earned, items, strict=True)])


def score_of(
    paper: Sequence[Any],
    values: Values,
    corrections: Mapping[int, Correction] | None = None,
    marks: Marks = NO_MARKS,
) -> versions.Score:
    """Return the score of a paper as versions of a result keep it."""
    score = total_of(paper, values, corrections, marks)
    return versions.Score(score.correct_count, score.question_count, score.points)


def grade(closed: Any, values: Values, ranking: standings.RoundRanking, at: datetime, digest: str) -> None:
    """Score a closed attempt by its responses and move its person's standing, inside the caller's transaction.

    What people mark waits. `closed` has the columns of an attempt that `result_of` reads.
    """
    marked = marked_in(read_paper(closed.paper), values)
    result = result_of(closed, values, at, unmarked=len(marked))
    tell(_RESULT, {**result, "digest": digest})
    if marked:
        _put_up(closed, marked)
    is_first = closed.number == 1 and closed.void_id is None
    standings.move(ranking, closed.member_id, closed.unit_id, at, first=result if is_first else None)


def marked_in(items: Sequence[Item], values: Values) -> dict[int, int]:
    """Return position → version of the responses that people mark; where nothing was handed in, nought goes without saying."""
    known = keys_of([item.version_id for item in items])
    given = {p: item.version_id for p, item in enumerate(items, 1) if values.get(p, (0, None))[1] is not None}
    return {position: version for position, version in given.items() if known[version].kind in MARKED_BY_PEOPLE}


def _put_up(attempt: Any, marked: Mapping[int, int]) -> None:
    """Put the responses that people mark up to be marked, under one blind code."""
    code = "".join(secrets.choice(READABLE) for _ in range(8))
    same = {"attempt_id": attempt.id, "round_id": attempt.round_id, "code": f"{code[:4]}-{code[4:]}"}
    db.session.execute(sa.insert(Script), [{**same, "position": p, "version_id": v} for p, v in marked.items()])


def result_of(attempt: Any, values: Values, at: datetime, *, unmarked: int = 0) -> dict[str, Any]:
    """Return the row of an attempt's result; its time is capped at the attempt's end. `unmarked` responses wait for people."""
    score = score_of(attempt.paper, values)
    prediction = values.get(PREDICTION, (0, None))[1]
    finished_at = min(attempt.finished_at or attempt.ends_at, attempt.ends_at)
    return {
        "attempt_id": attempt.id,
        "round_id": attempt.round_id,
        "member_id": attempt.member_id,
        "number": attempt.number,
        "correct_count": score.correct,
        "question_count": score.questions,
        "points": score.points,
        "prediction": json.loads(prediction) if prediction is not None else None,
        "duration_seconds": int((finished_at - attempt.started_at).total_seconds()),
        "started_at": attempt.started_at,
        "finished_at": finished_at,
        "graded_at": at,
        "unmarked": unmarked,
    }


def forget() -> None:
    """Drop the keys this process keeps; for tests that change the database under it."""
    _known.clear()
