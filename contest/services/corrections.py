"""Corrections of questions after a round: proposed with what they change, in force once their version is published."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.formats.rich.questions import words
from contest.models.attempts import Attempt
from contest.models.banks import Question, QuestionVersion
from contest.models.jobs import Job
from contest.models.keys import AnswerKey, Correction
from contest.models.members import Member
from contest.models.results import Result, ScoreChange, Settlement
from contest.rules import corrections as rules
from contest.rules.papers import read_paper
from contest.rules.permissions import Actor, correct_keys
from contest.rules.question_terms import Kind, VersionState
from contest.rules.refusals import Refusal
from contest.rules.result_terms import Remedy
from contest.rules.text import fold
from contest.services import audit, grading, jobs
from contest.services.banks.showing import on_screen
from contest.services.contests import rounds, setup
from contest.services.jobs import Done
from contest.services.results import settlement, versions
from contest.services.results.versions import Score

CHUNK = 500
FOUND = 30  # questions offered at most; whoever misses one types more of it


@dataclass(frozen=True, slots=True)
class OptionView:
    id: str
    letter: str
    text: str
    is_key: bool


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question as a correction is made of it, with its key."""

    version_id: int
    code: str
    kind: Kind
    text: str
    words: str
    options: tuple[OptionView, ...]
    correction: Remedy | None


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """A correction as it is read: what question, what is done, why, by whom."""

    code: str
    text: str
    remedy: Remedy
    key: tuple[str, ...]
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
        _questions().where(Question.bank_id == row.bank_id, QuestionVersion.state.in_(states), held).limit(FOUND)
    )
    return [_view(r, {}) for r in found]


def get_question(slug: str, round_code: str, version_id: int, *, by: Actor) -> QuestionView:
    """Return a question of a round's bank with its key and the correction that holds; raises NotFound."""
    contest = setup.get_contest(slug, by=by)
    row = rounds.get_round(contest.id, round_code)
    found = rows(_questions().where(Question.bank_id == row.bank_id, QuestionVersion.id == version_id))
    if not found:
        raise NotFound
    pending = versions.waiting(row.id)
    return _view(found[0], grading.corrections_of(row.id, pending.id if pending else None))


def _questions() -> sa.Select[Any]:
    return (
        sa.select(
            QuestionVersion.id,
            Question.code,
            QuestionVersion.kind,
            QuestionVersion.text,
            QuestionVersion.options,
            QuestionVersion.rich,
            AnswerKey.weights,
        )
        .join(Question, Question.id == QuestionVersion.question_id)
        .join(AnswerKey, AnswerKey.version_id == QuestionVersion.id)
        .order_by(Question.code, QuestionVersion.number.desc())
    )


def _view(r: Any, held: Mapping[int, rules.Correction]) -> QuestionView:
    options = tuple(
        OptionView(o["id"], chr(65 + i), on_screen(o["text"], rich=r.rich), Decimal(r.weights.get(o["id"], "0")) > 0)
        for i, o in enumerate(r.options)
    )
    correction = held.get(r.id)
    text, told = on_screen(r.text, rich=r.rich), words(r.text, rich=r.rich)
    return QuestionView(r.id, r.code, Kind(r.kind), text, told, options, correction.remedy if correction else None)


def propose(
    slug: str, round_code: str, version_id: int, remedy: Remedy, key: Sequence[str], reason: str, *, by: Actor
) -> int:
    """Make a version of a round's result in which a question is corrected, and return its number.

    It waits beside the one that is shown, with every correction that waits already. Raises Invalid for a remedy that
    lacks something, for a question that no paper has, and for a correction that changes no score.
    """
    at = clock.now()
    if not reason.strip():
        raise Invalid(Refusal("public-reason-missing", field="reason"))
    with transaction():
        row = rounds.get_round(setup.get_contest(slug, by=by).id, round_code)
        if versions.shown(row.id) is None:
            raise Conflict(Refusal("round-unsettled"))
        weights = _checked(row.bank_id, version_id, remedy, key)
        pending = versions.waiting(row.id)
        held = dict(grading.corrections_of(row.id, pending.id if pending else None))
        held[version_id] = rules.Correction(remedy, weights)
        changed = {change["attempt_id"]: change for change in _changes(row.id, held, version_id)}
        if not changed:
            raise Invalid(Refusal("correction-changes-nothing", field="remedy"))
        scores = {a: Score(c["correct_after"], c["questions_after"], c["points_after"]) for a, c in changed.items()}
        found = settlement.settle(row.id, by=by, reason=reason.strip(), rescored=scores)
        _store(found, list(changed.values()))
        if pending is not None:
            settlement.inherit_corrections(pending.id, found.id)
        stored = {o: str(w) for o, w in weights.items()} if weights else None
        new = Correction(settlement_id=found.id, version_id=version_id, remedy=remedy, weights=stored)
        new.reason, new.by_id, new.at = reason.strip(), by.member_id, at
        db.session.add(new)
        details = {"version": found.version, "question": version_id, "remedy": remedy.value, "attempts": len(changed)}
        audit.record("question-corrected", "round", row.id, by=by, at=at, **details)
    return found.version


def _checked(bank_id: int | None, version_id: int, remedy: Remedy, key: Sequence[str]) -> dict[str, Decimal] | None:
    """Return the new key's weights where the remedy has one; raises Invalid, or NotFound for another bank's question."""
    found = rows(_questions().where(Question.bank_id == bank_id, QuestionVersion.id == version_id))
    if not found:
        raise NotFound
    kind, old = Kind(found[0].kind), {o: Decimal(w) for o, w in found[0].weights.items()}
    if any(option not in old for option in key):
        raise Invalid(Refusal("not-a-choice", field="key"))
    weights = rules.key_weights(tuple(old), frozenset(key)) if remedy in rules.WITH_KEY else None
    refusal = rules.check_correction(rules.Correction(remedy, weights), kind, old)
    if refusal is not None:
        raise Invalid(refusal)
    return weights


def _changes(round_id: int, held: Mapping[int, rules.Correction], version_id: int) -> Iterator[dict[str, Any]]:
    """Yield how the score of each attempt changes by all corrections, of those papers that have the question.

    Raises Invalid when none has.
    """
    carried, last, touched = False, 0, set(held)
    query = (
        sa.select(Attempt.id, Attempt.paper, Result.correct_count, Result.question_count, Result.points)
        .join(Result, Result.attempt_id == Attempt.id)
        .where(Attempt.round_id == round_id)
        .order_by(Attempt.id)
        .limit(CHUNK)
    )
    while found := rows(query.where(Attempt.id > last)):
        last = found[-1].id
        mine = [(r, {item.version_id for item in read_paper(r.paper)}) for r in found]
        carried = carried or any(version_id in own for _, own in mine)
        concerned = [r for r, own in mine if own & touched]
        ids = [r.id for r in concerned]
        values, marks = grading.values_of(ids), grading.marks_of(ids)
        for r in concerned:
            before = Score(r.correct_count, r.question_count, r.points)
            after = grading.score_of(r.paper, values[r.id], held, marks[r.id])
            if after != before:
                yield _change(r.id, before, after)
    if not carried:
        raise Invalid(Refusal("question-in-no-paper", field="question"))


def _change(attempt_id: int, before: Score, after: Score) -> dict[str, Any]:
    return {
        "attempt_id": attempt_id,
        "correct_before": before.correct,
        "correct_after": after.correct,
        "questions_before": before.questions,
        "questions_after": after.questions,
        "points_before": before.points,
        "points_after": after.points,
    }


def _store(found: Settlement, changes: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(changes), CHUNK):
        part = [{"settlement_id": found.id, **change} for change in changes[start : start + CHUNK]]
        db.session.execute(sa.insert(ScoreChange), part)


def ask(
    slug: str, round_code: str, version_id: int, remedy: Remedy, key: Sequence[str], reason: str, *, by: Actor
) -> str:
    """Ask for a corrected version, which may take long; what is wrong with the correction itself is refused at once."""
    row = rounds.get_round(setup.get_contest(slug, by=by).id, round_code)
    if not reason.strip():
        raise Invalid(Refusal("public-reason-missing", field="reason"))
    if versions.shown(row.id) is None:
        raise Conflict(Refusal("round-unsettled"))
    _checked(row.bank_id, version_id, remedy, key)
    payload = {"contest": slug, "round": round_code, "question": version_id, "remedy": remedy.value}
    with transaction():
        asked = {**payload, "key": list(key), "reason": reason.strip()}
        return jobs.ask("results-correction", asked, by=by, at=clock.now())


def run(job: Job, by: Actor) -> Done:
    """Carry out the job `results-correction`; the right is judged again, it may have been taken away meanwhile."""
    if not correct_keys(by):
        raise Forbidden
    p = job.payload
    number = propose(p["contest"], p["round"], p["question"], Remedy(p["remedy"]), p["key"], p["reason"], by=by)
    return Done({"version": number})


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
        view = CorrectionView(code, text, Remedy(made.remedy), letters, made.reason, name, made.at)
        out.setdefault(number, []).append(view)
    return out
