"""Settling a round after its close: the prediction's target, the counted attempts, the final places; as often as asked."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, transaction
from contest.errors import Conflict
from contest.models.attempts import Attempt
from contest.models.contests import Round
from contest.models.organisation import UnitAncestor
from contest.models.results import Result, Settlement, Standing, StandingUnit
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.ranking import Achievement, places, prediction_error, prediction_target
from contest.rules.refusals import Refusal
from contest.rules.terms import AttemptState, Board, Counted, Criterion, PredictionTarget
from contest.services import audit
from contest.services.contests import rounds, setup
from contest.services.results.standings import RoundRanking, Scored, choose, columns_of, registrations, shown
from contest.services.units import trees


def ranking_of(row: Round) -> RoundRanking:
    criteria = tuple(Criterion(c) for c in row.criteria)
    return RoundRanking(row.id, criteria, Counted(row.counted), Board(row.board), row.freezes_at)


def due(at: datetime) -> list[int]:
    """Return the rounds that have closed, have no attempt open and are not settled."""
    is_running = sa.exists().where(Attempt.round_id == Round.id, Attempt.state == AttemptState.OPEN)
    closed = sa.select(Round.id).where(Round.closes_at <= at, Round.settled_at.is_(None), ~is_running)
    return list(db.session.scalars(closed.order_by(Round.closes_at)))


def settle(round_id: int, *, by: Actor = SYSTEM) -> int:
    """Compute the final standing of a closed round and return its version; equal results keep their version.

    Raises Conflict while the round is open or an attempt is still running.
    """
    at = clock.now()
    with transaction():
        row = db.session.get_one(Round, round_id, populate_existing=True)
        running = sa.select(sa.exists().where(Attempt.round_id == round_id, Attempt.state == AttemptState.OPEN))
        if at < row.closes_at or db.session.scalar(running):
            raise Conflict(Refusal("round-still-open", {"closes_at": row.closes_at}))
        people = _people(round_id)
        target = _target(row, people)
        standings = _rank(ranking_of(row), people, target)
        version = _store(row, standings, target, at)
        if version:
            audit.record("round-settled", "round", round_id, by=by, at=at, version=version, target=target)
    found = latest(round_id)
    return version or (found.version if found else 0)


def rebuild(round_id: int) -> None:
    """Compute the standings of an open round anew from its results: the same that submissions would have left."""
    with transaction():
        row = db.session.get_one(Round, round_id, populate_existing=True)
        standings = _rank(ranking_of(row), _people(round_id), None)
        for standing in standings:
            standing["place"] = None  # places are final or none
        _replace(round_id, standings)


def _people(round_id: int) -> dict[tuple[int, int], list[Scored]]:
    """Return every person's results, under (member, unit of their last attempt)."""
    found: dict[tuple[int, int], list[Scored]] = {}
    for member_id, group in groupby(_all_scored(round_id), key=lambda row: row[0]):
        own = list(group)
        found[member_id, own[-1][1]] = [scored for _, _, scored in own]
    return found


def _all_scored(round_id: int) -> Iterator[tuple[int, int, Scored]]:
    query = (
        sa.select(
            Result.member_id,
            Attempt.unit_id,
            Result.attempt_id,
            Result.number,
            Result.correct_count,
            Result.question_count,
            Result.points,
            Result.prediction,
            Result.duration_seconds,
            Result.started_at,
            Result.finished_at,
        )
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(Result.round_id == round_id)
        .order_by(Result.member_id, Result.number)
    )
    for row in db.session.execute(query.execution_options(yield_per=5000)):
        yield row[0], row[1], Scored(row[2], Achievement(*row[3:]))


def _target(row: Round, people: dict[tuple[int, int], list[Scored]]) -> int | None:
    """Return T. Where only the first or last attempt counts, only that one can be all correct."""
    if row.prediction is None:
        return None
    ranking = ranking_of(row)
    only_one = ranking.counted in {Counted.FIRST, Counted.LAST}
    own = ([choose(o, ranking).merit.attempt] if only_one else [s.achievement for s in o] for o in people.values())
    return prediction_target(own, PredictionTarget(row.prediction))


def _rank(
    ranking: RoundRanking, people: dict[tuple[int, int], list[Scored]], target: int | None
) -> list[dict[str, Any]]:
    with_results = sa.select(Result.member_id).where(Result.round_id == ranking.round_id)
    registered = registrations(with_results) if ranking.needs_registration else {}
    standings: list[dict[str, Any]] = []
    for (member_id, unit_id), own in people.items():
        counted = choose(own, ranking, target, registered.get(member_id))
        columns = columns_of(counted, ranking, target)
        error = prediction_error(counted.merit.attempt.prediction, target)
        who = {"round_id": ranking.round_id, "member_id": member_id, "unit_id": unit_id}
        standings.append({**who, **columns, **shown(columns), "prediction_error": error})
    standings.sort(key=lambda s: (s["key"], s["member_id"]))
    for standing, place in zip(standings, places([s["key"] for s in standings]), strict=True):
        standing["place"] = place
    return standings


def _store(row: Round, standings: Sequence[dict[str, Any]], target: int | None, at: datetime) -> int | None:
    """Replace the standings by the final ones and return the new version, or None when nothing changed."""
    digest = hashlib.sha256()
    for s in standings:
        digest.update(f"{s['place']}:{s['member_id']}:{s['attempt_id']}:{s['key'].hex()};".encode())
    last = db.session.execute(
        sa.select(Settlement.version, Settlement.digest)
        .where(Settlement.round_id == row.id)
        .order_by(Settlement.version.desc())
        .limit(1)
    ).first()
    row.settled_at = row.settled_at or at
    if last is not None and last.digest == digest.hexdigest():
        return None
    _replace(row.id, standings)
    attempts = int(db.session.scalar(sa.select(sa.func.count()).where(Result.round_id == row.id)) or 0)
    settlement = Settlement(round_id=row.id, version=(last.version if last else 0) + 1, settled_at=at, target=target)
    settlement.participants, settlement.attempts, settlement.digest = len(standings), attempts, digest.hexdigest()
    db.session.add(settlement)
    row.settled_at = at
    return settlement.version


def _replace(round_id: int, standings: Sequence[dict[str, Any]]) -> None:
    for table in (StandingUnit, Standing):
        gone = sa.delete(table).where(table.round_id == round_id)
        db.session.execute(gone.execution_options(synchronize_session=False))
    for start in range(0, len(standings), 5000):
        db.session.execute(sa.insert(Standing), list(standings[start : start + 5000]))
    tree = trees.of_round(db.session.get_one(Round, round_id), clock.now())  # changes since the close move no result
    under = (
        sa.select(Standing.round_id, Standing.member_id, UnitAncestor.ancestor_id, Standing.board_key)
        .join(UnitAncestor, UnitAncestor.unit_id == Standing.unit_id)
        .where(Standing.round_id == round_id, trees.held(UnitAncestor, tree))
    )
    names = ["round_id", "member_id", "ancestor_id", "board_key"]
    db.session.execute(sa.insert(StandingUnit).from_select(names, under))


def latest(round_id: int) -> Settlement | None:
    """Return the settlement in force, or None before the first."""
    query = sa.select(Settlement).where(Settlement.round_id == round_id).order_by(Settlement.version.desc())
    return db.session.scalar(query.limit(1))


def compute(slug: str, number: int | None, *, by: Actor) -> list[dict[str, Any]]:
    """Compute a contest's standings: final ones of closed rounds, running ones of those that have begun.

    Raises NotFound for a contest or a round that is not there, or not the actor's.
    """
    at = clock.now()
    contest = setup.get_contest(slug, by=by)
    done = []
    for row in rounds.of_number(contest.id, number):
        if at < row.opens_at:
            continue
        version = None
        if at >= row.closes_at:
            version = settle(row.id, by=by)
        else:
            rebuild(row.id)
        people = db.session.scalar(sa.select(sa.func.count()).where(Standing.round_id == row.id))
        done.append({"round": row.title, "number": row.number, "version": version, "participants": people})
    return done
