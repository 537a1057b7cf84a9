"""What is recounted from: the responses that count, the marks, the keys and the corrections, read as they are kept."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows
from contest.models.attempts import Response
from contest.models.banks import QuestionVersion
from contest.models.keys import AnswerKey, Correction
from contest.models.marking import Mark
from contest.models.results import Settlement, SettlementStep
from contest.rules.question_terms import Kind
from contest.rules.questions.bodies import Body, Key
from contest.rules.result_terms import Remedy, Step
from contest.services.banks.storing import body_of, key_of

Known = tuple[Kind, Body, Key]


def values_of(attempt_ids: Sequence[int]) -> Mapping[int, dict[int, Any]]:
    """Return attempt → position → the value that counts: in order of revision the highest comes last."""
    found: Mapping[int, dict[int, Any]] = {attempt_id: {} for attempt_id in attempt_ids}
    saved = sa.select(Response.attempt_id, Response.position, Response.value)
    saved = saved.where(Response.attempt_id.in_(attempt_ids)).order_by(Response.revision)
    for attempt_id, position, value in rows(saved):
        found[attempt_id][position] = None if value is None else json.loads(value)
    return found


def marks_of(attempt_ids: Sequence[int]) -> dict[int, dict[int, Decimal]]:
    """Return attempt → position → the points given last."""
    found: dict[int, dict[int, tuple[int, Decimal]]] = {}
    for m in db.session.scalars(sa.select(Mark).where(Mark.attempt_id.in_(attempt_ids))):
        own = found.setdefault(m.attempt_id, {})
        own[m.position] = max(own.get(m.position, (0, Decimal())), (m.version, m.points))
    return {attempt_id: {p: points for p, (_, points) in own.items()} for attempt_id, own in found.items()}


def keys() -> dict[int, Known]:
    joined = sa.select(QuestionVersion, AnswerKey).join(AnswerKey, QuestionVersion.id == AnswerKey.version_id)
    return {
        v.id: (Kind(v.kind), body_of(v.text, v.options, v.parts, v.limits), key_of(k.weights, k.answers))
        for v, k in db.session.execute(joined)
    }


def remedies(round_id: int, version: int | None) -> dict[int, tuple[Remedy, Key]]:
    """Return question → what is done about it, as of a version: later corrections take the place of earlier ones."""
    if version is None:
        return {}
    numbers = {
        s.id: s.version for s in db.session.scalars(sa.select(Settlement).where(Settlement.round_id == round_id))
    }
    public = sa.select(SettlementStep.settlement_id).where(SettlementStep.step == Step.PUBLISHED)
    counting = {i for i in db.session.scalars(public) if numbers.get(i, version) < version}
    counting |= {i for i, number in numbers.items() if number == version}
    found = rows(
        sa.select(Correction.version_id, Correction.remedy, Correction.weights, Correction.answers)
        .where(Correction.settlement_id.in_(counting))
        .order_by(Correction.id)
    )
    return {q: (Remedy(r), key_of(weights or {}, answers or {})) for q, r, weights, answers in found}
