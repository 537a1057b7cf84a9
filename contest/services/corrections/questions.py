"""Questions that may have to be corrected, with their keys, and the corrections that were made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows
from contest.errors import NotFound
from contest.formats.rich.questions import words
from contest.models.banks import Question, QuestionVersion
from contest.models.keys import AnswerKey, Correction
from contest.models.members import Member
from contest.models.results import Settlement
from contest.rules import corrections as rules
from contest.rules.permissions import Actor
from contest.rules.question_terms import Kind, PartKind, VersionState
from contest.rules.questions import MARKED_BY_PEOPLE, TOLD
from contest.rules.questions.bodies import WHOLE, Body, Key
from contest.rules.questions.lines import write_answers
from contest.rules.result_terms import Remedy
from contest.rules.text import fold
from contest.services import grading
from contest.services.banks.showing import body_on_screen, on_screen
from contest.services.banks.storing import body_of, key_of
from contest.services.contests import rounds, setup
from contest.services.results import versions

FOUND = 30  # questions offered at most; whoever misses one types more of it


@dataclass(frozen=True, slots=True)
class OptionView:
    """An option with its letter; `place` is where it stands in an order, from 1."""

    id: str
    letter: str
    text: str
    is_key: bool
    place: int = 0


@dataclass(frozen=True, slots=True)
class PartKey:
    """A part with what is right there, as it is written: the value of its choice, or answers one a line."""

    id: str
    number: int
    kind: PartKind
    text: str
    options: tuple[tuple[str, str], ...]
    unit: str
    right: str

    @property
    def told(self) -> str:
        """Return what is right as it is read: the words of an option, answers side by side."""
        return dict(self.options).get(self.right, self.right.replace("\n", "; "))


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question as a correction is made of it, with its key."""

    version_id: int
    code: str
    kind: Kind
    text: str
    words: str
    options: tuple[OptionView, ...]
    parts: tuple[PartKey, ...]
    correction: Remedy | None

    @property
    def has_key(self) -> bool:
        """Say whether there is a key to change: not where people mark, nor where nothing is asked."""
        return self.kind not in MARKED_BY_PEOPLE | TOLD


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """A correction as it is read: what question, what is done, why, by whom."""

    code: str
    text: str
    remedy: Remedy
    key: tuple[str, ...]
    parts: tuple[PartKey, ...]
    reason: str
    by: str | None
    at: datetime


def search(slug: str, round_code: str, wanted: str, *, by: Actor) -> list[QuestionView]:
    """Return the questions of a round's bank whose code or text holds what is wanted, with their keys."""
    contest = setup.get_contest(slug, by=by)
    row = rounds.get_round(contest.id, round_code)
    held = sa.or_(Question.code == wanted.strip(), QuestionVersion.search.contains(fold(wanted), autoescape=True))
    states = [VersionState.APPROVED, VersionState.RETIRED]
    found = rows(
        questions_with_keys()
        .where(Question.bank_id == row.bank_id, QuestionVersion.state.in_(states), held)
        .limit(FOUND)
    )
    return [_view(r, {}) for r in found]


def get_question(slug: str, round_code: str, version_id: int, *, by: Actor) -> QuestionView:
    """Return a question of a round's bank with its key and the correction that holds; raises NotFound."""
    contest = setup.get_contest(slug, by=by)
    row = rounds.get_round(contest.id, round_code)
    found = rows(questions_with_keys().where(Question.bank_id == row.bank_id, QuestionVersion.id == version_id))
    if not found:
        raise NotFound
    pending = versions.waiting(row.id)
    return _view(found[0], grading.corrections_of(row.id, pending.id if pending else None))


def questions_with_keys() -> sa.Select[Any]:
    """Return the query of versions with their keys, of each question the newest first."""
    return (
        sa.select(
            QuestionVersion.id,
            Question.code,
            QuestionVersion.kind,
            QuestionVersion.text,
            QuestionVersion.options,
            QuestionVersion.parts,
            QuestionVersion.limits,
            QuestionVersion.rich,
            AnswerKey.weights,
            AnswerKey.answers,
        )
        .join(Question, Question.id == QuestionVersion.question_id)
        .join(AnswerKey, AnswerKey.version_id == QuestionVersion.id)
        .order_by(Question.code, QuestionVersion.number.desc())
    )


def _view(r: Any, held: Mapping[int, rules.Correction]) -> QuestionView:
    body, key = body_of(r.text, r.options, r.parts, r.limits), key_of(r.weights, r.answers)
    shown, order = body_on_screen(body, rich=r.rich), [answer.value for answer in key.answers.get(WHOLE, ())]
    options = tuple(
        OptionView(o, chr(65 + i), text, key.weights.get(o, 0) > 0, order.index(o) + 1 if o in order else 0)
        for i, (o, text) in enumerate(shown.options)
    )
    correction = held.get(r.id)
    remedy, told = correction.remedy if correction else None, words(r.text, rich=r.rich)
    return QuestionView(r.id, r.code, Kind(r.kind), shown.text, told, options, _part_keys(body, key, r.rich), remedy)


def _part_keys(body: Body, key: Key, is_rich: bool) -> tuple[PartKey, ...]:
    """Return the parts with what a key takes for right; what stands in lists to choose from is words alone."""
    out = []
    for number, part in enumerate(body.parts, 1):
        options = body.options if part.kind is PartKind.STEM else part.options
        named = tuple((o, words(text, rich=is_rich)) for o, text in options)
        answers = [(a.value, a.weight) for a in key.answers.get(part.id, ())]
        if part.kind in {PartKind.TEXT, PartKind.NUMBER}:
            right, _ = write_answers(part.kind, answers)
        else:
            right = next((value for value, weight in answers if weight == 1), "")
        text = on_screen(part.text, rich=is_rich)
        out.append(PartKey(part.id, number, part.kind, text, named, part.unit, right))
    return tuple(out)


def list_corrections(slug: str, round_code: str, *, by: Actor) -> Mapping[int, list[CorrectionView]]:
    """Return version number → the corrections that it brings."""
    row = rounds.get_round(setup.get_contest(slug, by=by).id, round_code)
    found = db.session.execute(
        sa.select(Settlement.version, Question.code, QuestionVersion, Correction, Member)
        .join(Settlement, Settlement.id == Correction.settlement_id)
        .join(QuestionVersion, QuestionVersion.id == Correction.version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .outerjoin(Member, Member.id == Correction.by_id)
        .where(Settlement.round_id == row.id)
        .order_by(Correction.id)
    )
    out: dict[int, list[CorrectionView]] = {}
    for number, code, asked, made, who in found:
        right = {o for o, weight in (made.weights or {}).items() if Decimal(weight) > 0}
        letters = tuple(chr(65 + i) for i, o in enumerate(asked.options) if o["id"] in right)
        name = who.full_name if who else None
        text = words(asked.text, rich=asked.rich)
        new = key_of({}, made.answers or {})
        parts = _part_keys(body_of(asked.text, asked.options, asked.parts, asked.limits), new, asked.rich)
        order = {o["id"]: chr(65 + i) for i, o in enumerate(asked.options)}
        letters = letters or tuple(order[a.value] for a in new.answers.get(WHOLE, ()))
        kept = parts if new.answers and WHOLE not in new.answers else ()
        view = CorrectionView(code, text, Remedy(made.remedy), letters, kept, made.reason, name, made.at)
        out.setdefault(number, []).append(view)
    return out
