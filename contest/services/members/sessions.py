"""Sessions: who is behind a signed cookie now. Roles and suspension are read at every request, never from the cookie."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import Frozen, ask, db, editions, gathered, insert, transaction
from contest.db.session import know_edition
from contest.models.members import EndedSession, Member, RoleGrant
from contest.rules.permissions import Actor, Grant
from contest.rules.terms import Role
from contest.services import audit

LIFE = timedelta(days=14)

COLUMNS = 4  # of a row, that say who is signed in


def columns() -> tuple[Any, ...]:
    """Return the columns that say who is signed in, of a statement over Member with `holding` in its WHERE."""
    scopes = (RoleGrant.role, RoleGrant.unit_id, RoleGrant.contest_id, RoleGrant.bank_id)
    grants = gathered(*scopes, where=[RoleGrant.member_id == Member.id])
    return Member.full_name, Member.unit_id, editions.NUMBER, grants


def holding() -> tuple[Any, ...]:
    """Return the conditions under which a session holds, for `:member`, `:epoch` and `:session`."""
    return (
        Member.id == sa.bindparam("member"),
        Member.epoch == sa.bindparam("epoch"),
        Member.suspended_at.is_(None),
        ~sa.exists().where(EndedSession.session_id == sa.bindparam("session")),
    )


def held(by: Actor) -> dict[str, Any]:
    """Return what `holding` is asked with, for whom a cookie names."""
    return {"member": by.member_id, "epoch": by.epoch, "session": by.session_id}


def actor_of(row: Sequence[Any], by: Actor) -> Actor:
    """Return who is signed in, by the COLUMNS of a row; the request then knows the edition too."""
    name, unit_id, edition, scopes = row
    know_edition(edition or 0)
    grants = tuple(Grant(Role(role), *scope) for role, *scope in scopes)
    return Actor(by.member_id, name, unit_id, by.epoch, by.session_id, grants)


_ACTOR = Frozen(lambda: sa.select(*columns()).where(*holding()))


def find_actor(member_id: int, epoch: int, session_id: str) -> Actor | None:
    """Return who is signed in, with the roles held now; None when the session is over."""
    by = Actor(member_id, epoch=epoch, session_id=session_id)
    found = ask(_ACTOR, held(by))
    return actor_of(found[0], by) if found else None


def new_session_id() -> str:
    return secrets.token_urlsafe(18)


def end(actor: Actor) -> None:
    """Sign out this one session."""
    at = clock.now()
    with transaction(shared=False):
        row = {"session_id": actor.session_id, "ended_at": at}
        db.session.execute(insert(EndedSession).on_conflict_do_nothing(), row)
        audit.record("signed-out", "member", actor.member_id, by=actor, at=at)


def end_all(member_id: int) -> int:
    """End every session of a person inside the caller's transaction and return the new epoch."""
    moved = sa.update(Member).where(Member.id == member_id).values(epoch=Member.epoch + 1).returning(Member.epoch)
    return int(db.session.execute(moved).scalar_one())


def end_everywhere(actor: Actor) -> None:
    """Sign out all sessions of the actor."""
    at = clock.now()
    with transaction(shared=False):
        end_all(actor.member_id or 0)
        audit.record("signed-out-everywhere", "member", actor.member_id, by=actor, at=at)


def sweep() -> None:
    """Forget ended sessions whose cookies have expired by themselves."""
    with transaction(shared=False):
        db.session.execute(sa.delete(EndedSession).where(EndedSession.ended_at < clock.now() - 2 * LIFE))
