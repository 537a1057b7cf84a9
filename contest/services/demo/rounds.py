"""A round of the demonstration: attempts drawn, scored and ranked by `rules/` like anybody's, and inserted in bulk."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.models.attempts import Attempt, Response
from contest.models.banks import Bank, Question, QuestionVersion
from contest.models.contests import Contest, ContestUnit, Round
from contest.models.members import Member
from contest.models.organisation import UnitAncestor
from contest.models.results import Result
from contest.rules.attempts import digest_over
from contest.rules.papers import draw
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.terms import AttemptState
from contest.rules.windows import Window, accepts_until, deadline
from contest.services import grading
from contest.services.attempts.content import pool_of
from contest.services.banks.blueprints import lines_of
from contest.services.demo import takers
from contest.services.results import settlement

CHUNK = 1000
FIRST_TAKER = "m0%"


def take_round(code: str, attempts: int, rng: Random, *, until: datetime | None) -> None:
    """Let people take a round: to its end and settled, or, with `until`, as far as that."""
    row = db.session.scalars(sa.select(Round).where(Round.code == code)).one()
    last = min(row.closes_at, until or row.closes_at) - timedelta(minutes=row.minutes + 1)
    sittings = _sittings(row, attempts, last, rng, is_over=until is None)
    with transaction():
        for start in range(0, len(sittings), CHUNK):
            _store(row, sittings[start : start + CHUNK])
    if until is None:
        settlement.settle(row.id)
    else:
        settlement.rebuild(row.id)


def _sittings(row: Round, count: int, last: datetime, rng: Random, *, is_over: bool) -> list[dict[str, Any]]:
    """Return attempts with their responses; about a third of the people sit twice and do a little better."""
    questions, pool, lines = _questions(row), _pool(row), lines_of(row.id)
    first, *others = [takers.taker(m, u, rng) for m, u in _people(row)]
    rng.shuffle(others)
    who = [first, *others] if is_over else [*others, first]  # whom the README names has a result, and may start anew
    out: list[dict[str, Any]] = []
    for person in who:
        started = takers.moment(row.opens_at, last, rng)
        for number in range(1, (2 if rng.random() < 0.36 else 1) + 1):
            if len(out) >= count:
                return out
            if started >= last:
                break
            paper = draw(lines, pool, rng)
            saved, finished = takers.responses(
                person, paper, questions, started, rng, practice=0.5 * (number - 1), guess_around=max(3, count // 40)
            )
            out.append(_attempt(row, person, number, paper, saved, started, finished, rng))
            started = takers.again(out[-1]["finished_at"], rng)
    return out


def _attempt(
    row: Round,
    person: takers.Taker,
    number: int,
    paper: Sequence[Any],
    saved: list[dict[str, Any]],
    started: datetime,
    finished: datetime,
    rng: Random,
) -> dict[str, Any]:
    ends_at = deadline(Window(row.opens_at, row.closes_at), started, timedelta(minutes=row.minutes))
    expired = finished >= ends_at or rng.random() < 0.01
    finished_at = ends_at if expired else finished
    kept = [r for r in saved if r["saved_at"] <= ends_at]
    stored = [item.stored() for item in paper]
    saves = sorted((r["position"], r["revision"], r["value"]) for r in kept)
    return {
        "code": takers.code(rng),
        "round_id": row.id,
        "member_id": person.member_id,
        "unit_id": person.unit_id,
        "number": number,
        "state": AttemptState.EXPIRED if expired else AttemptState.SUBMITTED,
        "started_at": started,
        "ends_at": ends_at,
        "accepts_until": accepts_until(ends_at, timedelta(seconds=row.network_allowance)),
        "finished_at": finished_at,
        "closed_at": finished_at,
        "receipt": takers.receipt(rng),
        "digest": digest_over(stored, started, finished_at, saves),
        "paper": stored,
        "saved": kept,
    }


def _store(row: Round, sittings: Sequence[dict[str, Any]]) -> None:
    """Insert a chunk of attempts with responses and results."""
    plain = [{k: v for k, v in s.items() if k not in {"saved", "digest"}} for s in sittings]
    made = db.session.execute(sa.insert(Attempt).returning(Attempt.id, Attempt.code), plain)
    ids = {code: attempt_id for attempt_id, code in made}
    own = [{"attempt_id": ids[s["code"]], "member_id": s["member_id"]} for s in sittings]
    responses = [mine | r for mine, s in zip(own, sittings, strict=True) for r in s["saved"]]
    db.session.execute(sa.insert(Response), responses)
    at, results = clock.now(), []
    for sitting, values in zip(sittings, plain, strict=True):
        current: dict[int, tuple[int, str | None]] = {}
        for r in sorted(sitting["saved"], key=lambda r: (r["position"], r["revision"])):
            current[r["position"]] = (r["revision"], r["value"])
        result = grading.result_of(Attempt(id=ids[sitting["code"]], **values), current, at)
        results.append(result | {"digest": sitting["digest"]})
    db.session.execute(sa.insert(Result), results)


def _pool(row: Round) -> Any:
    bank = db.session.get_one(Bank, row.bank_id)
    return pool_of(bank.id, bank.revision)


def _questions(row: Round) -> dict[int, takers.Question]:
    found = rows(
        sa.select(QuestionVersion.id, QuestionVersion.kind, Question.difficulty)
        .join(Question, Question.approved_id == QuestionVersion.id)
        .where(Question.bank_id == row.bank_id)
    )
    keys = grading.keys_of([r[0] for r in found])
    return {r[0]: takers.Question(Kind(r[1]), Difficulty(r[2]) if r[2] else None, keys[r[0]].key) for r in found}


def _people(row: Round) -> list[tuple[int, int]]:
    """Return the members whose units take part, by code; the accounts of roles stay out of the ranking."""
    query = (
        sa.select(Member.id, Member.unit_id)
        .join(UnitAncestor, UnitAncestor.unit_id == Member.unit_id)
        .join(ContestUnit, ContestUnit.unit_id == UnitAncestor.ancestor_id)
        .join(Contest, Contest.id == ContestUnit.contest_id)
        .where(Contest.id == row.contest_id, UnitAncestor.valid_to.is_(None), Member.code.like(FIRST_TAKER))
        .order_by(Member.code)
    )
    return [(r[0], r[1]) for r in rows(query)]
