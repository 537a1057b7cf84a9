"""What is saved of a running attempt, for a browser to compare with what it shows. It knows of responses alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest.db import Frozen, ask
from contest.errors import NotFound
from contest.models.attempts import Attempt, Response
from contest.models.members import Member
from contest.rules.permissions import Actor
from contest.rules.terms import AttemptState
from contest.services.members import sessions


@dataclass(frozen=True, slots=True)
class Held:
    """The response that counts at a position, and since when."""

    revision: int
    value: Any
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Saved:
    """Position → response of an open attempt, the prediction's position being 0; of a closed one, none."""

    is_open: bool
    ends_at: datetime
    responses: Mapping[int, Held]


def _statement() -> Any:
    member: Any = sa.bindparam("member")
    saved = (Response.position, Response.revision, Response.value, Response.saved_at)
    here = (Response.attempt_id == Attempt.id, Response.member_id == member, Attempt.state == AttemptState.OPEN.value)
    return (
        sa.select(Attempt.state, Attempt.ends_at, *saved)
        .join(Member, Member.id == Attempt.member_id)
        .outerjoin(Response, sa.and_(*here))
        .where(Attempt.code == sa.bindparam("code"), Attempt.member_id == member, *sessions.holding())
        .order_by(Response.position, Response.revision)
    )


_SAVED = Frozen(_statement, member="member")


def get_saved(code: str, *, by: Actor) -> Saved:
    """Return what is saved of the actor's own attempt by one statement, which judges the session too; raises NotFound."""
    found = ask(_SAVED, {"code": code, **sessions.held(by)})
    if not found:
        raise NotFound
    held = {
        row.position: Held(row.revision, None if row.value is None else json.loads(row.value), row.saved_at)
        for row in found
        if row.position is not None
    }
    return Saved(found[0].state == AttemptState.OPEN, found[0].ends_at, held)
