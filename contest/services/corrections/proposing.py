"""Corrections of questions after a round: proposed with what they change, in force once their version is published."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.models.attempts import Attempt, of_attempt
from contest.models.banks import Question, QuestionVersion
from contest.models.jobs import Job
from contest.models.keys import Correction
from contest.models.results import Result, ScoreChange, Settlement
from contest.rules import corrections as rules
from contest.rules.papers import read_paper
from contest.rules.permissions import Actor, correct_keys
from contest.rules.question_terms import Kind
from contest.rules.questions.bodies import Key
from contest.rules.refusals import Refusal
from contest.rules.result_terms import Remedy
from contest.services import audit, grading, jobs
from contest.services.banks.storing import body_of, key_of, stored_answers, stored_weights
from contest.services.contests import rounds, setup
from contest.services.corrections import questions
from contest.services.jobs import Done
from contest.services.results import settlement, versions
from contest.services.results.versions import Score

CHUNK = 500


def propose(
    slug: str,
    round_code: str,
    version_id: int,
    remedy: Remedy,
    key: Sequence[str],
    reason: str,
    answers: Mapping[str, str] = {},  # read only
    *,
    by: Actor,
) -> int:
    """Make a version of a round's result in which a question is corrected, and return its number.

    `key` are the options of the new key, `answers` what is right by part, as `rules.corrections.read_key` reads them.
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
        new_key = _checked(row.bank_id, version_id, remedy, key, answers)
        pending = versions.waiting(row.id)
        held = dict(grading.corrections_of(row.id, pending.id if pending else None))
        held[version_id] = rules.Correction(remedy, new_key)
        changed = {change["attempt_id"]: change for change in _changes(row.id, held, version_id)}
        if not changed:
            raise Invalid(Refusal("correction-changes-nothing", field="remedy"))
        scores = {a: Score(c["correct_after"], c["questions_after"], c["points_after"]) for a, c in changed.items()}
        found = settlement.settle(row.id, by=by, reason=reason.strip(), rescored=scores)
        _store(found, list(changed.values()))
        if pending is not None:
            settlement.inherit_corrections(pending.id, found.id)
        new = Correction(settlement_id=found.id, version_id=version_id, remedy=remedy)
        if new_key is not None:
            new.weights, new.answers = stored_weights(new_key) or None, stored_answers(new_key) or None
        new.reason, new.by_id, new.at = reason.strip(), by.member_id, at
        db.session.add(new)
        details = {"version": found.version, "question": version_id, "remedy": remedy.value, "attempts": len(changed)}
        audit.record("question-corrected", "round", row.id, by=by, at=at, **details)
    return found.version


def _checked(
    bank_id: int | None, version_id: int, remedy: Remedy, key: Sequence[str], answers: Mapping[str, str]
) -> Key | None:
    """Return the new key where the remedy has one; raises Invalid, or NotFound for another bank's question."""
    found = rows(questions.questions_with_keys().where(Question.bank_id == bank_id, QuestionVersion.id == version_id))
    if not found:
        raise NotFound
    r = found[0]
    kind, old = Kind(r.kind), key_of(r.weights, r.answers)
    body = body_of(r.text, r.options, r.parts, r.limits)
    if not set(key) <= body.option_ids:
        raise Invalid(Refusal("not-a-choice", field="key"))
    new = rules.read_key(kind, body, key, answers) if remedy in rules.WITH_KEY else None
    refusals = rules.check_correction(rules.Correction(remedy, new), kind, body, old)
    if refusals:
        raise Invalid(*refusals)
    return new


def _changes(round_id: int, held: Mapping[int, rules.Correction], version_id: int) -> Iterator[dict[str, Any]]:
    """Yield how the score of each attempt changes by all corrections, of those papers that have the question.

    Raises Invalid when none has.
    """
    carried, last, touched = False, 0, set(held)
    query = (
        sa.select(Attempt.id, Attempt.paper, Result.correct_count, Result.question_count, Result.points)
        .join(Result, of_attempt(Result))
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
    slug: str,
    round_code: str,
    version_id: int,
    remedy: Remedy,
    key: Sequence[str],
    reason: str,
    answers: Mapping[str, str] = {},  # read only
    *,
    by: Actor,
) -> str:
    """Ask for a corrected version, which may take long; what is wrong with the correction itself is refused at once."""
    row = rounds.get_round(setup.get_contest(slug, by=by).id, round_code)
    if not reason.strip():
        raise Invalid(Refusal("public-reason-missing", field="reason"))
    if versions.shown(row.id) is None:
        raise Conflict(Refusal("round-unsettled"))
    _checked(row.bank_id, version_id, remedy, key, answers)
    payload = {"contest": slug, "round": round_code, "question": version_id, "remedy": remedy.value}
    with transaction():
        asked = {**payload, "key": list(key), "answers": dict(answers), "reason": reason.strip()}
        return jobs.ask("results-correction", asked, by=by, at=clock.now())


def run(job: Job, by: Actor) -> Done:
    """Carry out the job `results-correction`; the right is judged again, it may have been taken away meanwhile."""
    if not correct_keys(by):
        raise Forbidden
    p = job.payload
    what = (p["question"], Remedy(p["remedy"]), p["key"], p["reason"], p.get("answers", {}))
    number = propose(p["contest"], p["round"], *what, by=by)
    return Done({"version": number})
