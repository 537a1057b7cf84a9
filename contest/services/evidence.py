"""The evidence of a round: all that its result follows from, without a name, for whoever recomputes it without Hội Thi.

An archive of `round.json`, `keys.json`, `seals.json`, `submissions.jsonl` and `standings.jsonl`, with the program that checks
it. People are numbered; a receipt tells its holder which line is theirs.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

import sqlalchemy as sa

from contest.db import db, rows
from contest.errors import Conflict
from contest.models.attempts import Attempt, Response, of_attempt
from contest.models.banks import QuestionVersion
from contest.models.contests import Contest, Round
from contest.models.keys import AnswerKey, Correction
from contest.models.results import Result, Settlement, Standing
from contest.models.seals import SealedSubmission, SubmissionSeal
from contest.rules.papers import read_paper
from contest.rules.permissions import Actor
from contest.rules.ranking import lot_in
from contest.rules.refusals import Refusal
from contest.rules.scoring import as_text
from contest.rules.terms import AttemptState, Criterion
from contest.services import grading
from contest.services.contests import rounds, setup
from contest.services.results import versions
from contest.services.results.standings import registrations

FORMAT = 1
VERIFIER = Path(__file__).parents[2] / "docs" / "verify" / "verify.py"
_AT_A_TIME = 2000


def bundle(slug: str, round_code: str, *, by: Actor) -> bytes:
    """Return the evidence of a settled round as an archive.

    Raises NotFound for a round that is not there or not the actor's, Conflict while it is not settled, while what was handed
    in and the result that is shown do not belong together, and when another result is shown before all is written.
    """
    contest = setup.get_contest(slug, by=by)
    row = rounds.get_round(contest.id, round_code)
    settled = versions.shown(row.id)
    if settled is None:
        raise Conflict(Refusal("round-unsettled"))
    _refuse_unready(row.id)
    version = settled.version
    out, people, shown = BytesIO(), _people(row.id), set[int]()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("verify.py", VERIFIER.read_bytes())
        archive.writestr("round.json", _json(_round(contest, row, settled)))
        archive.writestr("seals.json", _json(_seals(row.id)))
        with archive.open("submissions.jsonl", "w", force_zip64=True) as file:
            _write(file, _submissions(row.id, people, shown))
        with archive.open("standings.jsonl", "w", force_zip64=True) as file:
            _write(file, _standings(row, people))
        archive.writestr("keys.json", _json({"versions": _keys(shown), "corrections": _corrections(row.id)}))
    now_shown = versions.shown(row.id)
    if now_shown is None or now_shown.version != version:
        raise Conflict(Refusal("evidence-moved"))
    _refuse_unready(row.id)
    return out.getvalue()


def _refuse_unready(round_id: int) -> None:
    """Refuse while what was handed in says more, or other, than the result that is shown."""
    if versions.waiting(round_id) is not None:
        raise Conflict(Refusal("evidence-waits"))
    mine = Attempt.round_id == round_id
    unsealed = sa.exists().where(mine, Attempt.state != AttemptState.OPEN, ~Attempt.is_sealed)
    if db.session.scalar(sa.select(unsealed)):
        raise Conflict(Refusal("evidence-unsealed"))
    unmarked = sa.exists().where(mine, Attempt.void_id.is_(None), of_attempt(Result), Result.unmarked > 0)
    if db.session.scalar(sa.select(unmarked)):
        raise Conflict(Refusal("evidence-unmarked"))


def _json(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1)


def _write(file: IO[bytes], lines: Iterator[Mapping[str, Any]]) -> None:
    for line in lines:
        file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")


def _round(contest: Contest, row: Round, settled: Settlement) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "contest": contest.slug,
        "round": row.code,
        "title": f"{contest.title}, {row.title}",
        "opens_at": row.opens_at.isoformat(),
        "closes_at": row.closes_at.isoformat(),
        "counted": row.counted,
        "criteria": list(row.criteria),
        "prediction": row.prediction,
        "version": settled.version,
        "settled_at": settled.settled_at.isoformat(),
        "target": settled.target,
        "participants": settled.participants,
        "attempts": settled.attempts,
    }


def _people(round_id: int) -> dict[int, int]:
    """Return member → their number in the evidence, in the order in which they first began."""
    first = sa.select(Attempt.member_id).where(Attempt.round_id == round_id).group_by(Attempt.member_id)
    return {m: n for n, m in enumerate(db.session.scalars(first.order_by(sa.func.min(Attempt.id))), 1)}


def _seals(round_id: int) -> list[dict[str, Any]]:
    boxes = db.session.scalars(
        sa.select(SubmissionSeal).where(SubmissionSeal.round_id == round_id).order_by(SubmissionSeal.number)
    )
    return [
        {"number": b.number, "count": b.count, "root": b.root, "digest": b.digest, "sealed_at": b.sealed_at.isoformat(),
         "leaves": list(db.session.scalars(_leaves.params(seal=b.id)))}
        for b in boxes
    ]  # fmt: skip


_leaves = (
    sa.select(SealedSubmission.leaf)
    .where(SealedSubmission.seal_id == sa.bindparam("seal"))
    .order_by(SealedSubmission.attempt_id)
)


def _submissions(round_id: int, people: Mapping[int, int], shown: set[int]) -> Iterator[dict[str, Any]]:
    """Yield what was handed in, so many at a time, and note in `shown` which versions were asked."""
    query = (
        sa.select(Attempt, Result)
        .outerjoin(Result, of_attempt(Result))
        .where(Attempt.round_id == round_id, Attempt.state != AttemptState.OPEN)
        .order_by(Attempt.id)
        .limit(_AT_A_TIME)
    )
    last = 0
    while found := rows(query.where(Attempt.id > last).execution_options(populate_existing=True)):
        ids = [attempt.id for attempt, _ in found]
        saves, marks = _saves(ids), grading.marks_of(ids)
        for attempt, result in found:
            shown |= {item.version_id for item in read_paper(attempt.paper)}
            yield {
                "receipt": attempt.receipt,
                "person": people[attempt.member_id],
                "number": attempt.number,
                "state": attempt.state,
                "digest": result.digest if result else None,
                "is_void": attempt.void_id is not None,
                "started_at": attempt.started_at.isoformat(),
                "finished_at": attempt.finished_at.isoformat() if attempt.finished_at else None,
                "paper": attempt.paper,
                "saves": saves[attempt.id],
                "marks": {str(p): as_text(points) for p, points in marks[attempt.id].items()},
                "result": _result(result),
            }
        last = ids[-1]
        db.session.expunge_all()


def _result(found: Result | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "correct": found.correct_count,
        "questions": found.question_count,
        "points": as_text(found.points),
        "prediction": found.prediction,
        "seconds": found.duration_seconds,
    }


def _saves(attempt_ids: list[int]) -> dict[int, list[list[Any]]]:
    saved: dict[int, list[list[Any]]] = {own: [] for own in attempt_ids}
    columns = (Response.attempt_id, Response.position, Response.revision, Response.value)
    query = sa.select(*columns).where(Response.attempt_id.in_(attempt_ids))
    for own, *save in rows(query.order_by(Response.attempt_id, Response.position, Response.revision)):
        saved[own].append(save)
    return saved


def _keys(version_ids: set[int]) -> dict[str, Any]:
    """Return version → what of it is needed to mark an answer."""
    query = sa.select(QuestionVersion, AnswerKey).join(AnswerKey, AnswerKey.version_id == QuestionVersion.id)
    return {
        str(v.id): {"kind": v.kind, "parts": v.parts, "weights": k.weights, "answers": k.answers}
        for v, k in rows(query.where(QuestionVersion.id.in_(version_ids)).order_by(QuestionVersion.id))
    }


def _corrections(round_id: int) -> list[dict[str, Any]]:
    """Return what was done about questions, in its order: of two about the same question the later holds."""
    names = ("version", "remedy", "weights", "answers", "reason")
    found = rows(grading.corrected(round_id).add_columns(Correction.reason))
    return [dict(zip(names, row, strict=True)) for row in found]


def _standings(row: Round, people: Mapping[int, int]) -> Iterator[dict[str, Any]]:
    """Yield who stands where, the highest first."""
    criteria = [Criterion(c) for c in row.criteria]
    joined: Mapping[int, datetime] = {}
    if Criterion.REGISTERED_AT in criteria:
        joined = registrations(row.id, sa.select(Standing.member_id).where(Standing.round_id == row.id))
    query = sa.select(*Standing.__table__.columns, Attempt.receipt).join(Attempt, of_attempt(Standing))
    for s in rows(query.where(Standing.round_id == row.id).order_by(Standing.key, Standing.member_id)):
        registered = joined.get(s.member_id)
        yield {
            "place": s.place,
            "person": people[s.member_id],
            "receipt": s.receipt,
            "attempts_used": s.attempts_used,
            "full_marks": s.full_marks,
            "correct": as_text(s.correct),
            "points": as_text(s.points),
            "error": s.prediction_error,
            "registered_at": registered.isoformat() if registered else None,
            "lot": lot_in(s.key) if criteria[-1] is Criterion.LOT else None,
        }
