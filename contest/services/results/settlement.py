"""Settling a round after its close: the prediction's target, the counted attempts, the final places; as often as asked."""

import gc
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, transaction
from contest.errors import Conflict
from contest.models.attempts import Attempt, of_attempt
from contest.models.contests import Contest, Round
from contest.models.keys import Correction
from contest.models.organisation import UnitAncestor
from contest.models.queueing import StartTicket
from contest.models.results import Result, ScoreChange, Settlement, Standing, StandingUnit
from contest.rules.lots import equals_of, lots_of
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.queueing import PATIENCE, TO_BEGIN
from contest.rules.ranking import Achievement, places, prediction_error, prediction_target
from contest.rules.refusals import Refusal
from contest.rules.result_terms import Publication, Step
from contest.rules.terms import AttemptState, Board, Counted, Criterion, PredictionTarget
from contest.services import audit
from contest.services.contests import rounds, setup
from contest.services.results import counts, lots, versions
from contest.services.results.standings import RoundRanking, Scored, choose, columns_of, registrations
from contest.services.results.versions import Score, Settled
from contest.services.units import trees

_CHANGE = tuple(c.name for c in ScoreChange.__table__.columns if c.name != "settlement_id")
_CORRECTION = ("version_id", "remedy", "weights", "reason", "by_id", "at")


def ranking_of(row: Round) -> RoundRanking:
    criteria = tuple(Criterion(c) for c in row.criteria)
    return RoundRanking(row.id, criteria, Counted(row.counted), Board(row.board), row.freezes_at)


def due(at: datetime) -> list[int]:
    """Return the rounds that have closed and are not settled, with nobody taking a paper or queueing and nothing to mark."""
    closed = sa.select(Round.id).where(
        Round.closes_at <= at, Round.settled_at.is_(None), ~is_running(Round.id, at), ~_waits()
    )
    return list(db.session.scalars(closed.order_by(Round.closes_at)))


def is_running(round_id: Any, at: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that an attempt of a round is open, or that somebody who asked in time may yet start one."""
    is_open = sa.exists().where(Attempt.round_id == round_id, Attempt.state == AttemptState.OPEN)
    waits = sa.and_(StartTicket.admitted_at.is_(None), StartTicket.seen_at > at - PATIENCE)
    may_begin = sa.or_(waits, StartTicket.admitted_at > at - TO_BEGIN)
    return sa.or_(is_open, sa.exists().where(StartTicket.round_id == round_id, may_begin))


def _waits() -> sa.ColumnElement[bool]:
    """Return the condition that a round has an attempt that counts of which something has yet to be marked."""
    counts = sa.select(Result.attempt_id).join(Attempt, of_attempt(Result))
    return counts.where(Result.round_id == Round.id, Result.unmarked > 0, Attempt.void_id.is_(None)).exists()


def unmarked_count(round_id: int) -> int:
    """Return how many responses of a round's attempts have yet to be marked, or their marks to be taken in."""
    query = sa.select(sa.func.sum(Result.unmarked)).join(Attempt, of_attempt(Result))
    return int(db.session.scalar(query.where(Result.round_id == round_id, Attempt.void_id.is_(None))) or 0)


def settle(
    round_id: int, *, by: Actor = SYSTEM, reason: str = "", rescored: Mapping[int, Score] | None = None
) -> Settlement:
    """Compute the final standing of a closed round and return its version; equal results keep their version.

    What has not been published yet is replaced. Beside a published version, and wherever scores are corrected, the new
    version waits for its steps; `rescored` holds the corrected scores by attempt, and without it those of a version that
    waits already are kept. Raises Conflict while the round is open, an attempt is still running or a response unmarked.
    """
    at = clock.now()
    with transaction():
        row = db.session.get_one(Round, round_id, populate_existing=True, with_for_update=True)
        if at < row.closes_at or db.session.scalar(sa.select(is_running(round_id, at))):
            raise Conflict(Refusal("round-still-open", {"closes_at": row.closes_at}))
        if unmarked := unmarked_count(round_id):
            raise Conflict(Refusal("round-unmarked", {"count": unmarked}))
        current, waiting = versions.shown(round_id), versions.waiting(round_id)
        kept = waiting if rescored is None else None
        scores = versions.scores_of(kept.id) if kept else rescored or {}
        standings, target, attempts = compute(row, scores)
        digest = _digest(standings)
        if rescored is None:
            mine = (digest, attempts)  # a voided attempt beside a better one moves nobody, but it is one fewer
            same = next((v for v in (waiting, current) if v is not None and (v.digest, v.attempts) == mine), None)
            if same is not None and (same is waiting or waiting is None):
                row.settled_at = row.settled_at or at
                return same
        waits = current is not None and (bool(scores) or versions.is_published(current.id))
        found = Settlement(round_id=row.id, version=versions.next_number(round_id), settled_at=at, target=target)
        found.participants, found.attempts, found.digest = len(standings), attempts, digest
        found.waits, found.reason = waits, _reasons(waiting, reason)
        db.session.add(found)
        db.session.flush()
        versions.take(found.id, Step.COMPUTED, by, at)
        if waiting is not None:
            versions.withdraw(waiting.id, by, at)
        if kept is not None:
            versions.inherit(ScoreChange, _CHANGE, kept.id, found.id)
            inherit_corrections(kept.id, found.id)
        if waits:
            versions.keep_aside(found.id, standings)
        else:
            _replace(row.id, standings)
            row.settled_at = at
            if _shows_provisional(row.contest_id):
                row.shown_at = row.shown_at or at
        told = {"version": found.version, "target": target, "waits": waits}
        audit.record("round-settled", "round", round_id, by=by, at=at, **told)
    return found


def _reasons(replaced: Settlement | None, reason: str) -> str:
    """Join what a version is for with what the one that waited before it was for: it carries that along."""
    before = replaced.reason if replaced is not None else ""
    return "; ".join(dict.fromkeys(r for r in (before, reason) if r))


def inherit_corrections(old: int, new: int) -> None:
    """Let a version carry the corrections of the one that it replaces before that was published."""
    versions.inherit(Correction, _CORRECTION, old, new)


def compute(row: Round, scores: Mapping[int, Score]) -> tuple[list[Settled], int | None, int]:
    """Return the final standings of a round in order, T, and the number of results, with some scores corrected."""
    with _without_collecting():
        people = _people(row.id, scores)
        target = _target(row, people)
        return _rank(ranking_of(row), people, target), target, sum(len(own) for _, own in people.values())


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let the collector of cycles rest: among a million results it finds none, and looks for them a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _shows_provisional(contest_id: int) -> bool:
    publication = db.session.scalar(sa.select(Contest.publication).where(Contest.id == contest_id))
    return publication == Publication.PROVISIONAL


def _digest(standings: Sequence[Settled]) -> str:
    digest = hashlib.sha256()
    for s in standings:
        digest.update(f"{s.place}:{s.member_id}:{s.attempt_id}:{s.key.hex()};".encode())
    return digest.hexdigest()


def rebuild(round_id: int) -> None:
    """Compute the standings of an open round anew from its results: the same that submissions would have left."""
    at = clock.now()
    with transaction():
        row = db.session.get_one(Round, round_id, populate_existing=True)
        ranking = ranking_of(row)
        standings = [
            s._replace(place=None) for s in _rank(ranking, _people(round_id, {}), None)
        ]  # places are final or none
        boards = None
        if ranking.is_frozen(at):  # the board shows what was scored before it was frozen, and nothing since
            before = _rank(ranking, _people(round_id, {}, ranking.freezes_at), None)
            boards = {s.member_id: versions.board_of(s) for s in before}
        _replace(round_id, standings, boards)


def _people(
    round_id: int, scores: Mapping[int, Score], before: datetime | None = None
) -> dict[int, tuple[int, list[Scored]]]:
    """Return each person's unit, that of their last attempt, and their results, corrected where `scores` says so.

    With `before`, those results alone that were scored by then. In the order of the members' ids.
    """
    result, attempt = Result.__table__, Attempt.__table__  # plain: no row of a million passes through the ORM
    names = ("number", "correct_count", "question_count", "points", "prediction", "duration_seconds")
    query = (
        sa.select(result.c.member_id, attempt.c.unit_id, result.c.attempt_id, *(result.c[n] for n in names))
        .add_columns(result.c.started_at, result.c.finished_at)
        .join(attempt, of_attempt(result.c, attempt.c))
        .where(result.c.round_id == round_id, attempt.c.void_id.is_(None))
        .order_by(result.c.member_id, result.c.number)
    )
    if before is not None:
        query = query.where(result.c.graded_at < before)
    found: dict[int, tuple[int, list[Scored]]] = {}
    for member_id, unit_id, attempt_id, *achieved in db.session.execute(query.execution_options(yield_per=5000)):
        own = Achievement(*achieved)
        if attempt_id in scores:
            new = scores[attempt_id]
            own = own._replace(correct_count=new.correct, question_count=new.questions, points=new.points)
        taken = found[member_id][1] if member_id in found else []
        taken.append(Scored(attempt_id, own))
        found[member_id] = unit_id, taken
    return found


def _target(row: Round, people: Mapping[int, tuple[int, list[Scored]]]) -> int | None:
    """Return T. Where only the first or last attempt counts, only that one can be all correct."""
    if row.prediction is None:
        return None
    ranking = ranking_of(row)
    only_one = ranking.counted in {Counted.FIRST, Counted.LAST}
    all_own = (own for _, own in people.values())
    own = ([choose(o, ranking).merit.attempt] if only_one else [s.achievement for s in o] for o in all_own)
    return prediction_target(own, PredictionTarget(row.prediction))


def _rank(ranking: RoundRanking, people: Mapping[int, tuple[int, list[Scored]]], target: int | None) -> list[Settled]:
    with_results = sa.select(Result.member_id).where(Result.round_id == ranking.round_id)
    registered = registrations(ranking.round_id, with_results) if ranking.needs_registration else {}

    def stands(member_id: int, unit_id: int, own: Sequence[Scored], lot: int | None = None) -> Settled:
        counted = choose(own, ranking, target, registered.get(member_id), lot)
        columns = columns_of(counted, ranking, target)
        error = prediction_error(counted.merit.attempt.prediction, target)
        return Settled(member_id, unit_id, **columns, prediction_error=error, place=None)

    standings = [stands(member_id, *own) for member_id, own in people.items()]
    if ranking.has_lots:  # known only now: lots order those alone who are equal without them
        equals = equals_of({s.member_id: s.key for s in standings})
        drawn = lots_of(equals, lots.drawn(ranking.round_id) if equals else ())
        standings = [
            stands(s.member_id, *people[s.member_id], drawn[s.member_id]) if s.member_id in drawn else s
            for s in standings
        ]
    standings.sort(key=lambda s: (s.key, s.member_id))
    for i, place in enumerate(places([s.key for s in standings])):
        standings[i] = standings[i]._replace(place=place)
    return standings


def _replace(round_id: int, standings: Sequence[Settled], boards: Mapping[int, Sequence[Any]] | None = None) -> None:
    _clear(StandingUnit, round_id)
    versions.replace_shown(round_id, standings, boards)
    put_under_units(round_id)
    counts.count_anew(round_id)  # of settled places there is nothing to count


def _clear(table: Any, round_id: int) -> None:
    gone = sa.delete(table).where(table.round_id == round_id)
    db.session.execute(gone.execution_options(synchronize_session=False))


def put_under_units(round_id: int) -> None:
    """Write each standing of a round under every unit above it, in the place of what stood there."""
    _clear(StandingUnit, round_id)
    tree = trees.of_round(db.session.get_one(Round, round_id), clock.now())  # changes since the close move no result
    under = (
        sa.select(Standing.round_id, Standing.member_id, UnitAncestor.ancestor_id, Standing.board_key)
        .join(UnitAncestor, UnitAncestor.unit_id == Standing.unit_id)
        .where(Standing.round_id == round_id, trees.held(UnitAncestor, tree))
        .order_by(Standing.member_id, UnitAncestor.ancestor_id)  # as the table grows on disk
    )
    names = ["round_id", "member_id", "ancestor_id", "board_key"]
    db.session.execute(sa.insert(StandingUnit).from_select(names, under))


def compute_all(slug: str, number: int | None, *, by: Actor) -> list[dict[str, Any]]:
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
            version = settle(row.id, by=by).version
        else:
            rebuild(row.id)
        people = db.session.scalar(sa.select(sa.func.count()).where(Standing.round_id == row.id))
        done.append({"round": row.title, "number": row.number, "version": version, "participants": people})
    return done
