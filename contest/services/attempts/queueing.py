"""The queue before a start, in the database: it holds across processes and machines, reloads and devices.

While the rate is not exceeded a start costs one statement more, inside its own transaction; nobody has a place then.
Beyond it the row of the round's gate is held while places are given out and turns are called, so that their order is one.
Turns are called by whoever looks at their place: nothing in the background has to run for the queue to move.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import Frozen, alone, append, db, insert, session, tell, transaction
from contest.db.editions import NUMBER
from contest.models.attempts import Attempt
from contest.models.contests import Contest, Round
from contest.models.members import Member
from contest.models.queueing import StartGate, StartTicket
from contest.rules.permissions import Actor
from contest.rules.queueing import (
    PATIENCE,
    Gate,
    Pace,
    Stage,
    Ticket,
    admissible,
    expected_wait,
    is_present,
    look_again,
    micros,
    stage,
    used,
)
from contest.rules.terms import AttemptState, ContestState
from contest.services.contests import shared
from contest.services.contests.schedules import schedule_of
from contest.services.members import sessions

FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person stands: place 1 is the first, and `wait` what it takes if everybody before them takes their turn.

    Both are 0 once it is their turn; `again` is after how long to look again.
    """

    stage: Stage
    ticket: Ticket
    number: int
    wait: timedelta
    again: timedelta


_KNOWN = (StartTicket.asked_at, StartTicket.seen_at, StartTicket.admitted_at, StartGate.free_at, StartGate.is_queueing)


def with_place(found: sa.Select[Any]) -> sa.Select[Any]:
    """Add to a select of one row, as its last columns, the place of `:member` in `:round` and its gate; for `read`."""
    of_gate = StartGate.round_id == sa.bindparam("round")
    mine = sa.and_(StartTicket.round_id == StartGate.round_id, StartTicket.member_id == sa.bindparam("member"))
    return found.add_columns(*_KNOWN).outerjoin(StartGate, of_gate).outerjoin(StartTicket, mine)


def read(row: Sequence[Any]) -> tuple[Ticket | None, Gate | None, Sequence[Any]]:
    """Return the place and the gate of a row of such a select, each None where there is none, and what stands before."""
    before, (asked_at, seen_at, admitted_at, free_at, is_queueing) = row[: -len(_KNOWN)], row[-len(_KNOWN) :]
    ticket = Ticket(asked_at, seen_at, admitted_at) if asked_at else None
    return ticket, None if free_at is None else Gate(free_at, is_queueing), before


def _pass() -> Any:
    """Use up one start of the round's rate unless it is used up, or people wait; a round's first start makes its gate."""
    now, step, slack = (sa.bindparam(name, type_=sa.BigInteger) for name in ("now", "step", "slack"))
    columns = StartGate.__table__.c
    begun = {"round_id": sa.bindparam("round"), "free_at": now + step, "is_queueing": sa.false(), "last_number": 0}
    counted = sa.case((columns.free_at > now, columns.free_at), else_=now) + step
    return (
        insert(StartGate)
        .values(begun)
        .on_conflict_do_update(
            index_elements=["round_id"],
            set_={"free_at": counted},
            where=sa.and_(columns.is_queueing.is_(False), columns.free_at - slack <= now),
        )
    )


_PASS = Frozen(_pass)


def passes(round_id: int, at: datetime, pace: Pace) -> bool:
    """Let one start through inside the caller's transaction, which gives it back by not being carried out; one statement."""
    params = {"round": round_id, "now": micros(at), "step": pace.step, "slack": pace.slack}
    return tell(_PASS, params) == 1


def leave(round_id: int, member_id: int | None) -> None:
    """Give up the place of somebody who has started, inside the caller's transaction."""
    own = sa.delete(StartTicket).where(StartTicket.round_id == round_id, StartTicket.member_id == member_id)
    db.session.execute(own.execution_options(synchronize_session=False))


def ask(row: Round, at: datetime, pace: Pace, *, by: Actor) -> Stage:
    """Take a place in the queue of a round, or keep the one there is; the turn may come at once.

    Whoever let their turn pass, or was away for too long, stands at the end again.
    """
    with transaction(shared=False):
        gate = _hold(row.id)
        ticket = _own(row.id, by)
        if ticket is None and not _has_open(row.id, by):  # started meanwhile, elsewhere
            ticket = StartTicket(round_id=row.id, member_id=by.member_id, asked_at=at, seen_at=at)
            _to_the_end(gate, ticket)
            db.session.add(ticket)
        elif ticket is not None and _stage(row, ticket, at) is Stage.OVER:
            ticket.asked_at, ticket.admitted_at = at, None
            _to_the_end(gate, ticket)
        if ticket is None:
            return Stage.OVER
        ticket.seen_at = at
        _call(gate, at, pace)
        return _stage(row, ticket, at)


def _hold(round_id: int) -> StartGate:
    return db.session.get_one(StartGate, round_id, populate_existing=True, with_for_update=True)


def _own(round_id: int, by: Actor) -> StartTicket | None:
    """Return the actor's place, held against a start of theirs elsewhere that takes it away."""
    return db.session.get(StartTicket, (round_id, by.member_id), populate_existing=True, with_for_update=True)


def _has_open(round_id: int, by: Actor) -> bool:
    mine = (Attempt.round_id == round_id, Attempt.member_id == by.member_id, Attempt.state == AttemptState.OPEN)
    return bool(db.session.scalar(sa.select(sa.exists().where(*mine))))


def _to_the_end(gate: StartGate, ticket: StartTicket) -> None:
    gate.last_number += 1
    ticket.number = gate.last_number


def _stage(row: Round, ticket: StartTicket, at: datetime) -> Stage:
    found = Ticket(ticket.asked_at, ticket.seen_at, ticket.admitted_at)
    return stage(found, at, is_open=schedule_of(row).holding(at) is not None)


def _call(gate: StartGate, at: datetime, pace: Pace) -> None:
    """Let in as many of those present as the rate allows, in their order; the gate is held."""
    db.session.flush()
    count = admissible(pace, gate.free_at, at)
    waits = (StartTicket.admitted_at.is_(None), StartTicket.seen_at > at - PATIENCE)
    query = sa.select(StartTicket).where(StartTicket.round_id == gate.round_id, *waits).order_by(StartTicket.number)
    first = list(db.session.scalars(query.limit(count + 1).execution_options(populate_existing=True)))
    for ticket in first[:count]:
        ticket.admitted_at = at
    if called := len(first[:count]):
        gate.free_at = used(pace, gate.free_at, at, called)
    gate.is_queueing = len(first) > count


_AHEAD = sa.orm.aliased(StartTicket)
_PLACE = (
    sa.select(sa.func.count())
    .where(
        _AHEAD.round_id == StartTicket.round_id,
        _AHEAD.number < StartTicket.number,
        _AHEAD.admitted_at.is_(None),
        _AHEAD.seen_at > sa.bindparam("present", type_=StartTicket.seen_at.type),
    )
    .correlate(StartTicket)
    .scalar_subquery()
)
_LOOK = Frozen(
    lambda: (
        sa.select(
            Round.id, StartGate.free_at, StartTicket.asked_at, StartTicket.seen_at, StartTicket.admitted_at,
            _PLACE.label("ahead"), NUMBER.label("edition"),
        )
        .join(Contest, sa.and_(Contest.id == Round.contest_id, Contest.state == ContestState.PUBLISHED))
        .join(StartGate, StartGate.round_id == Round.id)
        .join(StartTicket, StartTicket.round_id == Round.id)
        .join(Member, Member.id == StartTicket.member_id)
        .where(Round.code == sa.bindparam("code"), *sessions.holding())
    )
)  # fmt: skip
_SEEN = Frozen(
    lambda: (
        sa.update(StartTicket.__table__)  # type: ignore[arg-type]
        .where(StartTicket.round_id == sa.bindparam("round"), StartTicket.member_id == sa.bindparam("member"))
        .values(seen_at=sa.bindparam("at", type_=StartTicket.seen_at.type))
    )
)


def find_place(code: str, pace: Pace, *, by: Actor) -> Place | None:
    """Return where the actor stands, by one statement, which judges the session too; to look is to be seen.

    Being seen is written down a few times within PATIENCE. Whoever was away, or looks when the rate allows a start, has
    turns called. None for whoever has no place.
    """
    at = clock.now()
    found = _find(code, at, by)
    if found is None:
        return None
    place = _place(found, at, pace)
    if place.stage is not Stage.WAITING:
        return place
    if admissible(pace, found.free_at, at) or not is_present(place.ticket, at):
        return _move(code, found.id, at, pace, by=by)
    if at - place.ticket.seen_at > PATIENCE / 4:
        append(_SEEN, {"round": found.id, "member": by.member_id, "at": at})
    return place


def _move(code: str, round_id: int, at: datetime, pace: Pace, *, by: Actor) -> Place | None:
    """Be seen and call turns, and look again."""
    with transaction(shared=False):
        gate, ticket = _hold(round_id), _own(round_id, by)
        if ticket is not None and ticket.admitted_at is None:
            ticket.seen_at = at
            _call(gate, at, pace)
    found = _find(code, at, by)
    return None if found is None else _place(found, at, pace)


def _find(code: str, at: datetime, by: Actor) -> Any:
    found = alone.ask(_LOOK, {"code": code, **sessions.held(by), "present": at - PATIENCE})
    if not found:
        return None
    session.know_edition(found[0].edition or 0)
    return found[0]


def _place(found: Any, at: datetime, pace: Pace) -> Place:
    ticket = Ticket(found.asked_at, found.seen_at, found.admitted_at)
    now = stage(ticket, at, is_open=schedule_of(shared.round_of(found.id).row).holding(at) is not None)
    if now is not Stage.WAITING:
        return Place(now, ticket, 0, timedelta(), look_again(timedelta()))
    wait = expected_wait(pace, found.free_at, at, found.ahead + 1)
    return Place(now, ticket, found.ahead + 1, wait, look_again(wait))


def count_waiting(round_id: int, at: datetime) -> int:
    """Return how many wait for their turn now."""
    waits = (StartTicket.admitted_at.is_(None), StartTicket.seen_at > at - PATIENCE)
    return int(db.session.scalar(sa.select(sa.func.count()).where(StartTicket.round_id == round_id, *waits)) or 0)


def sweep() -> None:
    """Forget places that nobody has come back to for a day."""
    with transaction(shared=False):
        db.session.execute(sa.delete(StartTicket).where(StartTicket.seen_at < clock.now() - FORGOTTEN))
