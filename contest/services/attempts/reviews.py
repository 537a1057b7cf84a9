"""A closed attempt with what was right: for its person once that is released, and for whoever checks a paper."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db
from contest.errors import Closed
from contest.models.attempts import Attempt
from contest.models.banks import QuestionVersion
from contest.models.contests import Round
from contest.models.keys import AnswerKey
from contest.models.results import Result
from contest.rules.corrections import Correction, keys_shown
from contest.rules.papers import Item, read_paper
from contest.rules.permissions import Actor
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions import KINDS, MARKED_BY_PEOPLE
from contest.rules.questions.bodies import WHOLE, Key
from contest.rules.refusals import Refusal
from contest.rules.result_terms import Remedy
from contest.rules.scoring import rounded
from contest.rules.terms import AttemptState, Reveal
from contest.services import grading
from contest.services.attempts.afterwards import revealed
from contest.services.attempts.asked import PartView, QuestionView, questions_of
from contest.services.attempts.handed import FileView
from contest.services.attempts.paper import get_own
from contest.services.banks.showing import on_screen


@dataclass(frozen=True, slots=True)
class ReviewOption:
    letter: str
    text: str
    chosen: bool
    right: bool
    id: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class ReviewPart:
    """A part, or a place of an ordering: what was given there, what is right, and how much of it was earned (0 to 1).

    `given` and `right` are texts, or `true` and `false` of a statement.
    """

    number: int
    kind: PartKind | None
    text: str
    given: str | None
    right: tuple[str, ...]
    unit: str
    mark: Fraction


@dataclass(frozen=True, slots=True)
class ReviewQuestion:
    """A question with how it came out; `earned` of its `points`, None for one that does not count.

    `passages` are the texts that stand above it, the first of the questions with them. One that `is_marked` by people
    `waits` until it is, and then has what they said about it.
    """

    position: int
    kind: Kind
    text: str
    options: tuple[ReviewOption, ...]
    parts: tuple[ReviewPart, ...]
    written: str | None
    files: tuple[FileView, ...]
    is_answered: bool
    is_correct: bool
    remedy: Remedy | None
    explanation: str
    source: str
    points: Decimal = Decimal(1)
    earned: Decimal | None = None
    passages: tuple[str, ...] = ()
    is_marked: bool = False
    waits: bool = False
    comment: str = ""

    @property
    def shows_points(self) -> bool:
        """Say whether there is more to tell than right or wrong."""
        if self.is_marked:
            return self.is_answered and not self.waits
        whole = {Decimal(), self.points}
        return self.earned is not None and (self.points != 1 or self.earned not in whole)


@dataclass(frozen=True, slots=True)
class ReviewView:
    attempt_code: str
    contest_slug: str
    contest_title: str
    round_code: str
    round_title: str
    receipt_code: str
    correct: int
    total: int
    points: Decimal
    possible: Decimal
    prediction: int | None
    questions: tuple[ReviewQuestion, ...]


def get_review(code: str, *, by: Actor) -> ReviewView:
    """Return the actor's own attempt with keys and explanations; raises Closed before the release."""
    attempt, round_row, slug, title = get_own(code, by)
    if attempt.state == AttemptState.OPEN or revealed(round_row, clock.now()) is not Reveal.REVIEW:
        raise Closed(Refusal("review-not-released"))
    return review_of(attempt, round_row, slug, title)


def review_of(attempt: Attempt, round_row: Round, slug: str, title: str) -> ReviewView:
    """Return an attempt with what was right; for whoever may see it."""
    result = db.session.get_one(Result, attempt.id)
    corrections, items = grading.corrections_of(round_row.id), read_paper(attempt.paper)
    texts = grading.current_values(attempt.id, attempt.member_id)
    values = {p: (r, None if value is None else json.loads(value)) for p, (r, value) in texts.items()}
    given = grading.given_to(attempt.id) if grading.marked_in(items, texts) else {}
    shown = reviewed(items, texts, values, corrections, given, attempt.code)
    return ReviewView(
        attempt.code,
        slug,
        title,
        round_row.code,
        round_row.title,
        attempt.receipt or "",
        result.correct_count,
        result.question_count,
        result.points,
        possible(shown),
        result.prediction,
        shown,
    )


def reviewed(
    items: Sequence[Item],
    texts: Mapping[int, tuple[int, str | None]],
    values: Mapping[int, tuple[int, Any]],
    corrections: Mapping[int, Correction],
    given: Mapping[int, tuple[Decimal, str]],
    paper_code: str,
) -> tuple[ReviewQuestion, ...]:
    """Return the questions of a paper with what was given, as stored and as read, and what is right.

    `given` are the marks and comments of people by position.
    """
    marks = {position: points for position, (points, _) in given.items()}
    earned = grading.fractions(items, texts, corrections, marks)
    questions = questions_of(items, values, paper_code)
    ids = [item.version_id for item in items]
    facts, known = _facts(ids), grading.keys_of(ids)
    return tuple(
        replace(
            review_question(q, known[v], fraction == 1, corrections.get(v), facts[v]),
            points=q.points,
            earned=None if fraction is None else rounded(fraction * Fraction(q.points)),
            passages=q.passages if q.begins else (),
            is_marked=q.kind in MARKED_BY_PEOPLE,
            waits=q.kind in MARKED_BY_PEOPLE and q.is_answered and q.position not in given,
            comment=given.get(q.position, (None, ""))[1],
        )
        for q, fraction, v in zip(questions, earned, ids, strict=True)
    )


def possible(questions: Sequence[ReviewQuestion]) -> Decimal:
    """Return what a paper can bring: the points of all questions that count."""
    return sum((q.points for q in questions if q.earned is not None), Decimal())


def review_question(
    q: QuestionView, known: grading.Known, is_correct: bool, correction: Correction | None, facts: tuple[str, str]
) -> ReviewQuestion:
    """Return a question with what was given and what is right; `facts` are its explanation and its source."""
    weights, keys = known.key.weights, keys_shown(known.key, correction)
    options = tuple(
        ReviewOption(o.letter, o.text, o.id in q.chosen, any(key.weights[o.id] > 0 for key in keys), o.id, o.area)
        for o in q.options
        if o.id in weights
    )
    written = q.value if q.kind is Kind.ESSAY else None
    remedy = correction.remedy if correction is not None else None
    files = tuple(file for file in q.files if file.counts)
    parts = _parts(q, known, keys)
    return ReviewQuestion(
        q.position, q.kind, q.text, options, parts, written, files, q.is_answered, is_correct, remedy, *facts
    )


def _parts(q: QuestionView, known: grading.Known, keys: Sequence[Key]) -> tuple[ReviewPart, ...]:
    """Return the parts with what each of the keys takes for right, marked by the key that gives most."""
    value = tuple(q.value) if isinstance(q.value, list) else q.value
    marks = max((KINDS[known.kind].marks(known.body, key, value) for key in keys), key=sum)
    if known.kind is Kind.ORDERING:
        texts = {o.id: o.text for o in q.options}
        orders = [[texts[a.value] for a in key.answers[WHOLE]] for key in keys]
        given: list[str | None] = [texts[o] for o in value] if value else [None] * len(marks)
        places = zip(given, marks, *orders, strict=True)
        return tuple(ReviewPart(n, None, "", g, _once(right), "", m) for n, (g, m, *right) in enumerate(places, 1))
    return tuple(_part(p, keys, mark) for p, mark in zip(q.parts, marks, strict=False))


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _part(part: PartView, keys: Sequence[Key], mark: Fraction) -> ReviewPart:
    texts: Mapping[str, str] = {o.id: o.text for o in part.options}
    right = _once(texts.get(a.value, a.value) for key in keys for a in key.answers[part.id] if a.weight == 1)
    given = None if part.given is None else texts.get(part.given, part.given)
    return ReviewPart(part.number, part.kind, part.text, given, right, part.unit, mark)


def _facts(version_ids: list[int]) -> dict[int, tuple[str, str]]:
    """Return version → its explanation as pages show it, and its source."""
    found = db.session.execute(
        sa.select(QuestionVersion.id, AnswerKey.explanation, AnswerKey.source, QuestionVersion.rich)
        .join(AnswerKey, AnswerKey.version_id == QuestionVersion.id)
        .where(QuestionVersion.id.in_(version_ids))
    )
    return {row[0]: (on_screen(row[1], rich=row[3]), row[2]) for row in found}
