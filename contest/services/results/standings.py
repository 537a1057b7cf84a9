"""Standings as they move: one row a person and round, with the key that orders the board."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest.db import Frozen, db, insert
from contest.models.organisation import UnitAncestor
from contest.models.results import Result, Standing, StandingUnit
from contest.rules.attempts import counted_attempt
from contest.rules.ranking import Achievement, rank_key
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


@dataclass(frozen=True, slots=True)
class Scored:
    """A result of one person with the attempt it belongs to."""

    attempt_id: int
    achievement: Achievement


_RESULTS = (
    sa.select(
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
    .where(Result.round_id == sa.bindparam("round"), Result.member_id == sa.bindparam("member"))
    .order_by(Result.number)
)


_TRUTH = ("unit_id", "attempt_id", "attempts_used", "key")
_SHOWN = ("board_attempt_id", "board_key")


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


def choose(own: Sequence[Scored], ranking: RoundRanking, target: int | None = None) -> Scored:
    """Return which of a person's results counts."""
    best = counted_attempt([s.achievement for s in own], ranking.counted, ranking.criteria, target=target)
    return next(s for s in own if s.achievement is best)


def move(ranking: RoundRanking, member_id: int, unit_id: int, at: datetime) -> None:
    """Bring a person's standing up to their results, inside the caller's transaction.

    The public board follows unless it is frozen; while the round is open no prediction is in the key.
    """
    own = scored_of(ranking.round_id, member_id)
    counted = choose(own, ranking)
    key = rank_key(counted.achievement, ranking.criteria, target=None, attempts_used=len(own))
    values = {"unit_id": unit_id, "attempt_id": counted.attempt_id, "attempts_used": len(own), "key": key}
    frozen = ranking.is_frozen(at)
    if not frozen:
        values |= {"board_attempt_id": counted.attempt_id, "board_key": key}
    who = {"round_id": ranking.round_id, "member_id": member_id}
    db.session.execute((_KEEP_BOARD if frozen else _MOVE_BOARD)(), who | values)
    _move_under_units(ranking.round_id, member_id, unit_id, None if frozen else key, is_first=len(own) == 1)


def _move_under_units(round_id: int, member_id: int, unit_id: int, key: bytes | None, *, is_first: bool) -> None:
    """Write the standing under every unit above it; a frozen board is left as it stands."""
    if not is_first:
        if key is None:
            return
        mine = sa.delete(StandingUnit).where(StandingUnit.round_id == round_id, StandingUnit.member_id == member_id)
        db.session.execute(mine.execution_options(synchronize_session=False))
    above = sa.select(
        sa.literal(round_id), sa.literal(member_id), UnitAncestor.ancestor_id, sa.literal(key, sa.LargeBinary)
    ).where(UnitAncestor.unit_id == unit_id, UnitAncestor.valid_to.is_(None))
    names = ["round_id", "member_id", "ancestor_id", "board_key"]
    db.session.execute(sa.insert(StandingUnit).from_select(names, above))
