"""Giving marks, and taking them into the results of a round once every response has one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, insert, rowcount, rows, transaction
from contest.errors import Conflict, Forbidden, Invalid
from contest.models.attempts import Attempt, of_attempt
from contest.models.contests import Contest, Round
from contest.models.marking import Mark
from contest.models.results import Result
from contest.rules.marks import COMMENT_LIMIT, follows, read_mark, said
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.result_terms import Step
from contest.rules.terms import mark
from contest.rules.text import clean
from contest.services import audit, grading, organisation
from contest.services.marking import scripts
from contest.services.results import settlement, versions

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Typed:
    """A mark as it was typed, and the version of the one that whoever typed it had before them."""

    points: str
    comment: str
    seen: int


def give(slug: str, code: str, version_id: int, blind: str, typed: Typed, *, by: Actor) -> None:
    """Mark a response; giving the mark that it has changes nothing.

    Raises NotFound, Invalid (points, comment), and Conflict when somebody else has marked it meanwhile or the mark is
    past changing.
    """
    at = clock.now()
    with transaction():
        contest, row = scripts.find_round(slug, code, by=by)
        found = scripts.find(_locked(row), version_id, blind, by=by)
        before = scripts.given_to(found.script)
        points, comment = read_mark(typed.points, found.item.worth.points), _comment(typed.comment)
        if isinstance(points, Refusal):
            raise Invalid(points)
        if (points, comment) == (before.points, before.comment):
            return
        refusal = why_locked(contest, row, found, by=by) or follows(typed.seen, before.version, before.points)
        if refusal is not None:
            raise Conflict(refusal)
        new = {"attempt_id": found.script.attempt_id, "position": found.script.position, "version": before.version + 1}
        given = insert(Mark).values(**new, points=points, comment=comment, marker_id=by.member_id, at=at)
        if not rowcount(given.on_conflict_do_nothing()):
            now = scripts.given_to(found.script)
            raise Conflict(Refusal("mark-changed", {"points": said(now.points or points)}, "points"))
        told = {"script": blind, "question": version_id, "points": said(points)}
        former = {} if before.points is None else {"before": said(before.points)}
        audit.record("mark-given", "round", row.id, by=by, at=at, **told, **former)
        if found.unmarked == 0:
            _take_in(row, [found.script.attempt_id])
            _settle_again(row, by)


def _locked(row: Round) -> Round:
    """Return the round, held for the transaction: nobody settles it or takes a step of its result meanwhile."""
    query = sa.select(Round).where(Round.id == row.id).with_for_update(key_share=True)
    return db.session.execute(query.execution_options(populate_existing=True)).scalar_one()


def _comment(text: str) -> str:
    found = clean(text, limit=COMMENT_LIMIT, multiline=True)
    if isinstance(found, Refusal):
        raise Invalid(Refusal(found.slug, found.params, "comment"))
    return found


def why_locked(contest: Contest, row: Round, found: scripts.Found, *, by: Actor) -> Refusal | None:
    """Return why a mark is past changing.

    Once it is taken in, names stand beside scores: the contest's own organisers alone may still change it, until a
    result that has it in it was checked, or another waits beside that.
    """
    if found.unmarked:
        return None
    if not scripts.organises(contest, by=by):
        return Refusal("marks-taken-in", field="points")
    if row.settled_at is None:
        return None
    current = versions.shown(row.id)
    is_past = current is not None and Step.CHECKED in versions.steps_of(current.id)
    return Refusal("marks-locked", field="points") if is_past or versions.waiting(row.id) is not None else None


def finish(slug: str, code: str, *, by: Actor) -> int:
    """Take the marks of a closed round into its results and return of how many attempts; the result may then be computed.

    Raises Forbidden for who may mark but not organise, Conflict while the round is open or a response has no mark.
    """
    at = clock.now()
    with transaction():
        contest, row = scripts.find_round(slug, code, by=by)
        if not scripts.organises(contest, by=by):
            raise Forbidden
        row = _locked(row)
        if at < row.closes_at or db.session.scalar(sa.select(settlement.is_running(row.id, at))):
            raise Conflict(Refusal("round-still-open", {"closes_at": row.closes_at}))
        if waiting := scripts.waiting_count(row):
            raise Conflict(Refusal("scripts-wait", {"count": waiting}))
        query = sa.select(Result.attempt_id).join(Attempt, of_attempt(Result))
        query = query.where(Result.round_id == row.id, Result.unmarked > 0, Attempt.void_id.is_(None))
        ids = list(db.session.scalars(query.order_by(Result.attempt_id)))
        for start in range(0, len(ids), CHUNK):
            _take_in(row, ids[start : start + CHUNK])
        audit.record("marking-finished", "round", row.id, by=by, at=at, attempts=len(ids))
        if ids:
            _settle_again(row, by)
    return len(ids)


def _take_in(row: Round, attempt_ids: Sequence[int]) -> None:
    """Let the results of attempts be what they are with their marks."""
    values, marks = grading.values_of(attempt_ids), grading.marks_of(attempt_ids, taken_in=False)
    corrections = grading.corrections_of(row.id)
    found = []
    for attempt_id, paper in rows(sa.select(Attempt.id, Attempt.paper).where(Attempt.id.in_(attempt_ids))):
        score = grading.score_of(paper, values[attempt_id], corrections, marks[attempt_id])
        new = {"correct_count": score.correct, "question_count": score.questions, "points": score.points}
        found.append({"own": attempt_id, "unmarked": 0, **new})
    if found:
        table: Any = Result.__table__
        names: dict[str, Any] = {name: sa.bindparam(name) for name in found[0] if name != "own"}
        db.session.execute(sa.update(table).where(table.c.attempt_id == sa.bindparam("own")).values(**names), found)


def _settle_again(row: Round, by: Actor) -> None:
    """Compute a result anew that there is already; the first one is computed as for every round."""
    if row.settled_at is not None:
        reason = organisation.speech().text(mark("Chấm lại câu do giám khảo chấm"))
        settlement.settle(row.id, by=by, reason=reason)
