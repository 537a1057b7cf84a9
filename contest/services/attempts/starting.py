"""Starting an attempt: one open attempt a person, whoever clicks how often, with its deadline fixed here."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import Frozen, ask, db, insert, session, transaction
from contest.db.editions import presuming
from contest.errors import Closed, Forbidden, NotFound, Refused
from contest.models.attempts import Attempt, AttemptStep
from contest.models.contests import Contest, Round
from contest.models.members import Member
from contest.rules.attempts import may_start
from contest.rules.entrants import Entrant, Settings, may_take_part
from contest.rules.papers import BankTooPoor
from contest.rules.permissions import Actor
from contest.rules.queueing import Gate, Pace, Stage, Ticket, ends_at, has_turn, judged_at, stage
from contest.rules.refusals import Refusal
from contest.rules.steps import EVERYTHING
from contest.rules.terms import AttemptState, ContestState
from contest.rules.windows import Window, extra_time
from contest.services import audit, organisation
from contest.services.attempts import queueing, walking
from contest.services.attempts.drawing import REMEMBERED, drawn
from contest.services.contests import advanced, entrants, shared
from contest.services.contests.extra import extra_columns
from contest.services.contests.limits import period_of, since_of
from contest.services.contests.schedules import schedule_of
from contest.services.contests.shared import SharedRound
from contest.services.members import sessions


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a person stands towards a round: what they have used of this period, what is open, what the contest knows.

    Then comes their extra time, minutes and percent of their own and the minutes that the round grants them, whether
    the round is for those alone who advanced to it, and they did, their latest papers of a round that repeats no
    question where it can, as they are kept, joined by commas, their place in the queue before a start, and its gate.
    """

    used: int
    open_code: str | None
    person: Entrant
    settings: Settings
    minutes: int = 0
    percent: int = 0
    granted: int = 0
    is_restricted: bool = False
    has_advanced: bool = False
    earlier: str | None = None
    ticket: Ticket | None = None
    gate: Gate | None = None


def entry_statement() -> sa.Select[Any]:
    """Return the columns of an Entry for `:round`, `:contest`, `:member`, `:since`, `:today`; one row while a session holds.

    Last come the columns that say whose session it is.
    """
    mine = sa.and_(Attempt.round_id == sa.bindparam("round"), Attempt.member_id == sa.bindparam("member"))
    recent = Attempt.started_at >= sa.bindparam("since", type_=Attempt.started_at.type)
    counts = Attempt.void_id.is_(None)  # the try of a voided attempt is given back
    used = sa.select(sa.func.count()).select_from(Attempt).where(mine, recent, counts).scalar_subquery()
    open_code = sa.select(Attempt.code).where(mine, Attempt.state == AttemptState.OPEN).scalar_subquery()
    today = sa.bindparam("today", type_=sa.Date)
    extra = extra_columns(sa.bindparam("round"), sa.bindparam("member"), Member.unit_id, today)
    advancing = advanced.advanced_columns(sa.bindparam("round"), sa.bindparam("member"))
    own = (used, open_code, *extra, *advancing, _earlier(mine))
    found = entrants.statement(sa.bindparam("member"), Member.unit_id, *own)
    found = queueing.with_place(found).add_columns(*sessions.columns()).join(Member, sa.and_(*sessions.holding()))
    return found.where(Contest.id == sa.bindparam("contest"))


def _earlier(mine: sa.ColumnElement[bool]) -> sa.ScalarSelect[str]:
    remembers = sa.bindparam("remembers", type_=sa.Boolean)
    papers = sa.select(sa.cast(Attempt.paper, sa.Text).label("paper")).where(mine, remembers)
    latest = papers.order_by(Attempt.id.desc()).limit(REMEMBERED).subquery()
    return sa.select(sa.func.aggregate_strings(latest.c.paper, ",")).scalar_subquery()


_ENTRY = Frozen(entry_statement, member="member")
_NOT_FOR_THEM = {"unit-not-taking-part", "person-not-taking-part", "not-advanced"}


def find_entry(row: Round, by: Actor, at: datetime) -> tuple[Actor, Entry] | None:
    """Return who is signed in, by the one statement that reads where they stand; None for a session that has ended."""
    params = {**sessions.held(by), "round": row.id, "contest": row.contest_id}
    today = organisation.speech().local(at).date()
    more = {"since": since_of(row, at), "today": today, "remembers": row.no_repeat}
    rows = ask(_ENTRY, {**params, **more})
    if not rows:
        return None
    own, who = rows[0][: -sessions.COLUMNS], rows[0][-sessions.COLUMNS :]
    ticket, gate, found = queueing.read(own)
    used, open_code, minutes, percent, granted, restricted, inside, earlier, *known = found
    extra, may_come = (minutes, percent, granted), (bool(restricted), bool(inside))
    entry = Entry(used, open_code, *entrants.read(known), *extra, *may_come, earlier, ticket, gate)
    return sessions.actor_of(who, by), entry


def _look(code: str, by: Actor, at: datetime) -> tuple[Actor, SharedRound, Entry]:
    """Return who is signed in, a round of a contest that is no draft, and where they stand towards it; raises NotFound."""

    def look() -> tuple[SharedRound, tuple[Actor, Entry]] | None:
        around = shared.find_round(code)
        found = find_entry(around.row, by, at) if around else None
        return (around, found) if around and found else None

    seen = presuming(look)
    if seen is None:
        raise NotFound
    around, (actor, entry) = seen
    return actor, around, entry


class _Raced(Exception):
    """Somebody was faster: the same person elsewhere, or an organiser who moved the round's times."""


def start(code: str, *, by: Actor) -> str:
    """Start an attempt, at whatever rate, and return its code, or the code of the one that is open.

    Raises Closed outside the window or when the attempts are used up, Forbidden when the person takes no part.
    """
    return begin(code, None, by=by)[1] or ""


def begin(code: str, pace: Pace | None, *, by: Actor) -> tuple[Actor, str | None]:
    """Start an attempt as `start` does, at a pace, and return who is signed in, by the statement that reads where they stand.

    The code is None when the person has to wait for their turn and has a place. Raises NotFound for a session that has
    ended as for a round that there is not.
    """
    at = clock.now()
    for look in range(LOOKS):
        if look:
            session.look_again()
        actor, around, entry = _look(code, by, at)
        row = around.row
        if entry.open_code:
            return actor, entry.open_code
        judged = judged_at(schedule_of(row), at, entry.ticket, is_settled=row.settled_at is not None)
        _refuse(row, around.state, entry, judged)
        with suppress(_Raced):
            if not _has_to_wait(entry, pace, at):
                paper = _draw(around, entry, at)
                # All of it as it was seen: a change begins by forgetting what was read.
                values = _values(row, paper, actor, at, entry)
                if _store(values, pace, entry, actor, at):
                    return actor, str(values["code"])
            if pace and queueing.ask(row, at, pace, by=actor) is Stage.WAITING:
                return actor, None
    raise Closed(Refusal("attempts-used-up", {"allowed": entry.used}))  # started and handed in between two looks


def _has_to_wait(entry: Entry, pace: Pace | None, at: datetime) -> bool:
    """Say whether somebody has to wait by what was read, and no paper need be drawn; storing an attempt is the judge."""
    return (
        pace is not None and entry.gate is not None and not has_turn(entry.ticket, at) and entry.gate.is_shut(pace, at)
    )


def _store(values: dict[str, Any], pace: Pace | None, entry: Entry, by: Actor, at: datetime) -> bool:
    """Store an attempt; False when the rate of starts does not let it. Raises _Raced, and then nothing is used up."""
    round_id, ticket = values["round_id"], entry.ticket
    stands = stage(ticket, at, is_open=True) if ticket else Stage.OVER  # over a close it was judged already
    with transaction(shared=False):
        if pace and stands is not Stage.ADMITTED and not queueing.passes(round_id, at, pace):
            return False
        said = {"code": values["code"], "round": round_id}
        if ticket is not None and stands is not Stage.OVER:
            said["asked_at"] = ticket.asked_at.isoformat()
        if not _INSERT.tell(values, "attempt-started", "attempt", by=by, at=at, **said):
            raise _Raced
        if values["last_open"] != EVERYTHING[1]:
            db.session.execute(_FIRST_STEP, {"code": values["code"], "member": by.member_id, "at": at})
        if ticket is not None:
            queueing.leave(round_id, by.member_id)
    return True


def _refuse(row: Round, state: ContestState, entry: Entry, at: datetime) -> None:
    refusal = why_not(row, state, entry, at)
    if refusal is not None:
        raise (Forbidden if refusal.slug in _NOT_FOR_THEM else Closed)(refusal)


def why_not(row: Round, state: ContestState, entry: Entry, at: datetime) -> Refusal | None:
    """Return why this person may not start now, or None."""
    if state is not ContestState.PUBLISHED:
        return Refusal("round-closed", {"closes_at": row.closes_at})
    return may_start(
        Window(row.opens_at, row.closes_at),
        at,
        used=entry.used,
        allowed=row.attempts_allowed,
        has_open=entry.open_code is not None,
        barred=may_take_part(entry.person, entry.settings) or advanced.why_not(entry.is_restricted, entry.has_advanced),
        within=period_of(row, at),
        schedule=schedule_of(row),
    )


def _draw(around: SharedRound, entry: Entry, at: datetime) -> list[list[Any]]:
    try:
        return drawn(around.row, around.bank_revision, around.contest.version, entry.earlier, at)
    except BankTooPoor:
        raise Refused(Refusal("paper-unavailable")) from None


_COLUMNS = (
    "code", "round_id", "member_id", "unit_id", "state", "started_at", "ends_at", "accepts_until", "paper",
    "extra_seconds", "step", "first_open", "last_open", "step_ends_at", "step_accepts_until",
)  # fmt: skip


def _insertion() -> Any:
    """The start: a number guarded by the limit, and by the one attempt that may be open; another's start wins quietly."""
    columns = Attempt.__table__.c
    given = {name: sa.bindparam(name, type_=columns[name].type) for name in _COLUMNS}
    mine = sa.and_(Attempt.round_id == given["round_id"], Attempt.member_id == given["member_id"])
    highest = sa.select(sa.func.coalesce(sa.func.max(Attempt.number), 0)).where(mine).scalar_subquery()
    recent = Attempt.started_at >= sa.bindparam("since", type_=Attempt.started_at.type)
    counts = Attempt.void_id.is_(None)
    used = sa.select(sa.func.count()).select_from(Attempt).where(mine, recent, counts).scalar_subquery()
    # The round is held against organisers who move its times, as the reference to it does anyway.
    seen = sa.and_(Round.id == given["round_id"], Round.revision == sa.bindparam("revision", type_=sa.Integer))
    seen = sa.and_(seen, Round.settled_at.is_(None))  # whoever waited over the close may come too late for this alone
    chosen = sa.select(*given.values(), highest + 1).select_from(Round)
    chosen = chosen.where(seen, used < sa.bindparam("limit", type_=sa.Integer))
    chosen = chosen.with_for_update(read=True, key_share=True, of=Round)
    statement = insert(Attempt).from_select([*_COLUMNS, "number"], chosen, include_defaults=False)
    return statement.on_conflict_do_nothing()


_INSERT = audit.Recorded(_insertion, member="member_id")
_FIRST_STEP = sa.insert(AttemptStep.__table__).from_select(  # type: ignore[arg-type]
    ["attempt_id", "step", "entered_at", "member_id"],
    sa.select(Attempt.id, Attempt.step, sa.bindparam("at", type_=Attempt.started_at.type), Attempt.member_id).where(
        Attempt.code == sa.bindparam("code"), Attempt.member_id == sa.bindparam("member")
    ),
)
_UNLIMITED = 2**31 - 1
LOOKS = 3  # at a round whose times are being moved, or at a person who starts elsewhere


def _values(row: Round, paper: Sequence[Any], by: Actor, at: datetime, entry: Entry) -> dict[str, Any]:
    """Return the attempt that is to be inserted, with what guards it: the limit, and the revision of the round."""
    limit = timedelta(minutes=row.minutes)
    extra = extra_time(limit, minutes=entry.minutes, percent=entry.percent, granted=entry.granted)
    due = ends_at(schedule_of(row), at, limit, extra, entry.ticket)
    walk = walking.begun(row, paper, extra, at)
    return {
        "code": secrets.token_urlsafe(12),
        "round_id": row.id,
        "member_id": by.member_id,
        "unit_id": by.unit_id,
        "state": AttemptState.OPEN.value,
        "started_at": at,
        **walking.kept_with(walk, due, row.network_allowance),
        "paper": paper,
        "extra_seconds": int(extra.total_seconds()),
        "revision": row.revision,
        "since": since_of(row, at),
        "limit": _UNLIMITED if row.attempts_allowed is None else row.attempts_allowed,
    }
