"""More time on the day: a window that closes later, minutes for a person, a unit or everybody. Never less than before.

Open attempts are locked before their round, as handing in does; starts wait for the round. Each attempt is then moved by
a guarded UPDATE: one that was handed in or closed meanwhile stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Conflict, Invalid, NotFound
from contest.models.attempts import Attempt
from contest.models.contests import Contest, ContestUnit, ExtraMinutes, Round, RoundWindow
from contest.models.members import Member
from contest.models.organisation import Unit, UnitAncestor
from contest.rules.entrants import is_entrant
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import AttemptState, ContestState
from contest.rules.text import canonical
from contest.rules.windows import Window, check_extension, extended_end
from contest.services import audit, organisation
from contest.services.attempts import walking
from contest.services.contests import announcements, entrants, rounds, schedules, setup


@dataclass(frozen=True, slots=True)
class Target:
    """Whom extra time is for: one person, a unit with all below it, or everybody when both are None."""

    unit: Unit | None = None
    member: Member | None = None


def lock_round(slug: str, code: str, by: Actor) -> tuple[Contest, Round]:
    """Hold a round and its open attempts for a command of its organiser; raises NotFound for anybody else."""
    contest = setup.get_contest(slug, by=by)
    row = rounds.get_round(contest.id, code)
    if contest.state == ContestState.ARCHIVED:
        raise Conflict(Refusal("wrong-state"))
    running_of(row)
    return contest, schedules.lock(row)


def running_of(row: Round) -> list[Any]:
    """Return the open attempts of a round, locked: id, person, unit, start, end, extra seconds."""
    mine = sa.select(
        Attempt.id, Attempt.member_id, Attempt.unit_id, Attempt.started_at, Attempt.ends_at, Attempt.extra_seconds
    ).where(Attempt.round_id == row.id, Attempt.state == AttemptState.OPEN)
    return rows(mine.order_by(Attempt.id).with_for_update())


CHUNK = 1000  # attempts
_MOVE = sa.update(Attempt.__table__).where(  # type: ignore[arg-type]
    Attempt.id == sa.bindparam("attempt"), Attempt.state == AttemptState.OPEN.value
)


def _move(row: Round, moved: Sequence[walking.Moved]) -> int:
    """Give open attempts their new ends, some hundreds at a time; return how many there were."""
    for start in range(0, len(moved), CHUNK):
        db.session.execute(_MOVE, walking.refitted(row, moved[start : start + CHUNK]))
    return len(moved)


def find_window(row: Round, number: int) -> Window:
    """Return a window of a round by its place; raises NotFound."""
    windows = schedules.read(row).windows
    if not 1 <= number <= len(windows):
        raise NotFound
    return windows[number - 1]


def check(row: Round, window: Window, closes_at: datetime, at: datetime) -> None:
    """Raise Invalid or Conflict for an extension that cannot be."""
    schedules.refuse_settled(row)
    refusal = check_extension(schedules.read(row), window, closes_at, at)
    if refusal is not None:
        raise Invalid(refusal)


def extend(slug: str, code: str, number: int, closes_at: datetime, *, reason: str, announcement: str, by: Actor) -> int:
    """Move the close of a window later; attempts cut by the old close get what they are due. Return how many moved."""
    at = clock.now()
    with transaction():
        contest, row = lock_round(slug, code, by)
        window = find_window(row, number)
        check(row, window, closes_at, at)
        schedule, limit, moved = schedules.read(row), timedelta(minutes=row.minutes), []
        _store_close(row, number, closes_at)
        for a in running_of(row):
            extra = timedelta(seconds=a.extra_seconds)
            ends_at = extended_end(a.ends_at, a.started_at, limit, extra, closes_at - window.closes_at)
            if schedule.of_attempt(a.started_at) == window and ends_at > a.ends_at:
                moved.append((a.id, ends_at, a.extra_seconds))
        count = _move(row, moved)
        before_after = [str(window.closes_at), str(closes_at)]
        audit.record(
            "window-extended", "round", row.id, by=by, at=at, number=number, closes_at=before_after, reason=reason,
            attempts=count,
        )  # fmt: skip
        announcements.store(contest, row, announcement, by=by, at=at)
    return count


def _store_close(row: Round, number: int, closes_at: datetime) -> None:
    own = sa.update(RoundWindow).where(RoundWindow.round_id == row.id, RoundWindow.number == number)
    db.session.execute(own.values(closes_at=closes_at).execution_options(synchronize_session=False))
    row.closes_at = max(row.closes_at, closes_at)
    db.session.flush()


def find_target(contest: Contest, *, unit: str = "", member: str = "") -> Target:
    """Return whom a code names among those who take part; raises Invalid naming the field."""
    if member:
        person = db.session.scalar(sa.select(Member).where(Member.code_key == canonical(member)))
        if person is None or not is_entrant(entrants.find(contest.id, person.id, person.unit_id)[0]):
            raise Invalid(Refusal("person-outside-contest", field="member"))
        return Target(member=person)
    if unit:
        taking_part = sa.select(ContestUnit.unit_id).where(ContestUnit.contest_id == contest.id)
        inside = Unit.id.in_(organisation.below(list(db.session.scalars(taking_part))))
        found = db.session.scalar(sa.select(Unit).where(Unit.code == unit, inside))
        if found is None:
            raise Invalid(Refusal("unit-outside-contest", field="unit"))
        return Target(unit=found)
    return Target()


def grant(
    slug: str,
    code: str,
    minutes: int,
    *,
    unit: str = "",
    member: str = "",
    reason: str,
    announcement: str = "",
    by: Actor,
) -> int:
    """Grant extra minutes in a round: running attempts get them at once, later starts too. Return how many run."""
    at = clock.now()
    with transaction():
        contest, row = lock_round(slug, code, by)
        schedules.refuse_settled(row)
        target = find_target(contest, unit=unit, member=member)
        new = ExtraMinutes(round_id=row.id, minutes=minutes, reason=reason, granted_at=at, granted_by=by.member_id)
        new.unit_id = target.unit.id if target.unit else None
        new.member_id = target.member.id if target.member else None
        db.session.add(new)
        db.session.flush()
        whose = _of(target, running_of(row))
        count = _move(
            row, [(a.id, a.ends_at + timedelta(minutes=minutes), a.extra_seconds + minutes * 60) for a in whose]
        )
        audit.record(
            "extra-time-granted", "round", row.id, by=by, at=at, minutes=minutes, reason=reason, attempts=count,
            unit=new.unit_id, member=new.member_id,
        )  # fmt: skip
        if target.member is None:  # what is for one person is nobody else's concern
            announcements.store(contest, row, announcement, by=by, at=at)
    return count


def _of(target: Target, running: Sequence[Any]) -> list[Any]:
    """Return the attempts of those whom extra time is for, by the unit that their start will be counted for."""
    if target.member is not None:
        return [a for a in running if a.member_id == target.member.id]
    if target.unit is None:
        return list(running)
    below = sa.select(UnitAncestor.unit_id).where(
        UnitAncestor.ancestor_id == target.unit.id, UnitAncestor.valid_to.is_(None)
    )
    inside = set(db.session.scalars(below))
    return [a for a in running if a.unit_id in inside]
