"""Standings as they move: one row a person and round, with the key that orders the board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from contest.db import Frozen, UtcDateTime, db, insert, tell
from contest.models.attempts import Attempt, of_attempt
from contest.models.contests import Round
from contest.models.entrants import Registration
from contest.models.members import Member
from contest.models.organisation import UnitAncestor
from contest.models.results import Result, Standing, StandingUnit
from contest.rules.attempts import counted_attempt
from contest.rules.ranking import Achievement, Merit, rank_key
from contest.rules.terms import Board, Counted, Criterion


@dataclass(frozen=True, slots=True)
class RoundRanking:
    """What a standing depends on in a round's set-up."""

    round_id: int
    criteria: tuple[Criterion, ...]
    counted: Counted
    board: Board
    freezes_at: datetime | None

    def is_frozen(self, at: datetime) -> bool:
        return self.board is Board.FROZEN and self.freezes_at is not None and at >= self.freezes_at

    @property
    def has_lots(self) -> bool:
        return self.criteria[-1:] == (Criterion.LOT,)

    @property
    def needs_registration(self) -> bool:
        return Criterion.REGISTERED_AT in self.criteria


class Scored(NamedTuple):
    """A result of one person with the attempt it belongs to."""

    attempt_id: int
    achievement: Achievement


_ACHIEVED = (
    "number", "correct_count", "question_count", "points", "prediction", "duration_seconds", "started_at", "finished_at",
)  # fmt: skip
_RESULTS = (
    sa.select(Result.attempt_id, *(Result.__table__.c[name] for name in _ACHIEVED))
    .join(Attempt, of_attempt(Result))
    .where(
        Result.round_id == sa.bindparam("round"),
        Result.member_id == sa.bindparam("member"),
        Attempt.member_id == sa.bindparam("member"),
        Attempt.void_id.is_(None),  # what is voided is kept, and counts no more
    )
    .order_by(Result.number)
)


class Recognised(NamedTuple):
    """What counts of a person, and the attempt it belongs to."""

    attempt_id: int
    merit: Merit


_TRUTH = ("unit_id", "attempt_id", "attempts_used", "full_marks", "correct", "points", "key")
_BOARD = ("attempt_id", "correct", "points", "key")  # of these the board shows its own copy
_SHOWN = tuple(f"board_{name}" for name in _BOARD)


def _upsert(names: tuple[str, ...]) -> Any:
    columns = Standing.__table__.c
    given = {name: sa.bindparam(name, type_=columns[name].type) for name in ("round_id", "member_id", *names)}
    statement = insert(Standing).values(**given)
    return statement.on_conflict_do_update(
        index_elements=["round_id", "member_id"], set_={name: statement.excluded[name] for name in names}
    )


_KEEP_BOARD = Frozen(lambda: _upsert(_TRUTH))
_MOVE_BOARD = Frozen(lambda: _upsert((*_TRUTH, *_SHOWN)))


def scored_of(round_id: int, member_id: int) -> list[Scored]:
    """Return the results of one person in a round, by attempt number."""
    found = db.session.execute(_RESULTS, {"round": round_id, "member": member_id})
    return [Scored(row[0], Achievement(*row[1:])) for row in found]


def _scored(row: Mapping[str, Any]) -> Scored:
    return Scored(row["attempt_id"], Achievement(*(row[name] for name in _ACHIEVED)))


def registrations(round_id: int, member_ids: sa.Select[tuple[int]] | Sequence[int]) -> dict[int, datetime]:
    """Return when people registered for a round's contest, or else were entered, for rankings that ask for it."""
    contest = sa.select(Round.contest_id).where(Round.id == round_id).scalar_subquery()
    own = sa.and_(Registration.member_id == Member.id, Registration.contest_id == contest)
    query = sa.select(Member.id, sa.func.coalesce(Registration.registered_at, Member.created_at, type_=UtcDateTime))
    found = db.session.execute(query.outerjoin(Registration, own).where(Member.id.in_(member_ids)))
    return {row[0]: row[1] for row in found}


def choose(
    own: Sequence[Scored],
    ranking: RoundRanking,
    target: int | None = None,
    registered_at: datetime | None = None,
    lot: int | None = None,
) -> Recognised:
    """Return what of a person's results counts."""
    merit = counted_attempt(
        [s.achievement for s in own],
        ranking.counted,
        ranking.criteria,
        target=target,
        registered_at=registered_at,
        lot=lot,
    )
    assert merit is not None, "nobody without a result has a standing"
    of = own[0] if len(own) == 1 else next(s for s in own if s.achievement is merit.attempt)
    return Recognised(of.attempt_id, merit)


def columns_of(counted: Recognised, ranking: RoundRanking, target: int | None) -> dict[str, Any]:
    """Return what a standing says of what counts."""
    merit = counted.merit
    return {
        "attempt_id": counted.attempt_id,
        "attempts_used": merit.attempts_used,
        "full_marks": merit.full_marks,
        "correct": merit.correct,
        "points": merit.points,
        "key": rank_key(merit, ranking.criteria, target=target),
    }


def shown(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the board's copy of what counts."""
    return {f"board_{name}": columns[name] for name in _BOARD}


def move(
    ranking: RoundRanking, member_id: int, unit_id: int, at: datetime, *, first: Mapping[str, Any] | None = None
) -> None:
    """Bring a person's standing up to their results, inside the caller's transaction.

    The public board follows unless it is frozen; while the round is open no prediction is in the key. `first` is the row of
    the result where it is the person's first, and cannot have been voided yet.
    """
    own = [_scored(first)] if first is not None else scored_of(ranking.round_id, member_id)
    if not own:
        return  # voided before it was closed
    registered = registrations(ranking.round_id, [member_id]) if ranking.needs_registration else {}
    values = columns_of(choose(own, ranking, None, registered.get(member_id)), ranking, None)
    frozen = ranking.is_frozen(at)
    who = {"round_id": ranking.round_id, "member_id": member_id, "unit_id": unit_id}
    tell(_KEEP_BOARD if frozen else _MOVE_BOARD, who | values | ({} if frozen else shown(values)))
    key = None if frozen else values["key"]
    _move_under_units(ranking.round_id, member_id, unit_id, key, is_first=len(own) == 1)


def _under_units() -> Any:
    bound = {name: sa.bindparam(name, type_=StandingUnit.__table__.c[name].type) for name in ("round_id", "member_id")}
    key = sa.bindparam("key", type_=sa.LargeBinary)
    above = sa.select(bound["round_id"], bound["member_id"], UnitAncestor.ancestor_id, key).where(
        UnitAncestor.unit_id == sa.bindparam("unit_id"), UnitAncestor.valid_to.is_(None)
    )
    names = ["round_id", "member_id", "ancestor_id", "board_key"]
    return insert(StandingUnit).from_select(names, above)


_UNDER_UNITS = Frozen(_under_units)


def _move_under_units(round_id: int, member_id: int, unit_id: int, key: bytes | None, *, is_first: bool) -> None:
    """Write the standing under every unit above it; a frozen board is left as it stands."""
    if not is_first:
        if key is None:
            return
        mine = sa.delete(StandingUnit).where(StandingUnit.round_id == round_id, StandingUnit.member_id == member_id)
        db.session.execute(mine.execution_options(synchronize_session=False))
    tell(_UNDER_UNITS, {"round_id": round_id, "member_id": member_id, "unit_id": unit_id, "key": key})
