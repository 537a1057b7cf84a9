"""A person's own extra time: set by those who manage the person, with a reason that nobody else reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, transaction
from contest.errors import Invalid
from contest.models.members import ExtraTime
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.services import audit
from contest.services.members import people


@dataclass(frozen=True, slots=True)
class ExtraTimeView:
    """Minutes or percent of the limit, the other being 0; holds to the end of its last day, or for good."""

    minutes: int
    percent: int
    reason: str
    valid_until: date | None


def find(code: str, *, by: Actor) -> ExtraTimeView | None:
    """Return the extra time of a person in the actor's scope; raises NotFound for anybody else."""
    member = people.get_member(code, by=by)
    row = db.session.get(ExtraTime, member.id, populate_existing=True)
    return ExtraTimeView(row.minutes, row.percent, row.reason, row.valid_until) if row else None


def put(code: str, values: Mapping[str, int], *, reason: str, valid_until: date | None, by: Actor) -> None:
    """Set the extra time of a person in the actor's scope; it is applied when they start, never to what runs.

    The audit says that it was set and how much, but not why: the reason may be of health.
    """
    at = clock.now()
    with transaction():
        member = people.get_member(code, by=by)
        if member.id == by.member_id:
            raise Invalid(Refusal("own-extra-time", field="amount"))
        store(member.id, {**values, "reason": reason, "valid_until": valid_until}, by=by)
        details: dict[str, Any] = {**values, "valid_until": str(valid_until or "")}
        audit.record("extra-time-set", "member", member.id, by=by, at=at, **details)


def store(member_id: int, values: Mapping[str, Any], *, by: Actor) -> None:
    """Store the extra time of a person, inside the caller's transaction."""
    row = db.session.get(ExtraTime, member_id, populate_existing=True) or ExtraTime(member_id=member_id)
    for name, value in values.items():
        setattr(row, name, value)
    row.set_at, row.set_by = clock.now(), by.member_id
    db.session.add(row)
    db.session.flush()


def remove(code: str, *, by: Actor) -> None:
    """Take the extra time of a person in the actor's scope away; what runs keeps what it has."""
    at = clock.now()
    with transaction():
        member = people.get_member(code, by=by)
        db.session.execute(sa.delete(ExtraTime).where(ExtraTime.member_id == member.id))
        audit.record("extra-time-removed", "member", member.id, by=by, at=at)
