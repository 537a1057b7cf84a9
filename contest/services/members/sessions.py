"""Sessions: who is behind a signed cookie now. Roles and suspension are read at every request, never from the cookie."""

import secrets
from datetime import timedelta

import sqlalchemy as sa

from contest import clock
from contest.db import db, insert, rows, transaction
from contest.models.members import EndedSession, Member, RoleGrant
from contest.rules.permissions import Actor, Grant
from contest.rules.terms import Role
from contest.services import audit

LIFE = timedelta(days=14)

_ACTOR = (
    sa.select(
        Member.full_name, Member.unit_id, RoleGrant.role, RoleGrant.unit_id, RoleGrant.contest_id, RoleGrant.bank_id
    )
    .outerjoin(RoleGrant, RoleGrant.member_id == Member.id)
    .where(
        Member.id == sa.bindparam("member"),
        Member.epoch == sa.bindparam("epoch"),
        Member.suspended_at.is_(None),
        ~sa.exists().where(EndedSession.session_id == sa.bindparam("session")),
    )
)


def find_actor(member_id: int, epoch: int, session_id: str) -> Actor | None:
    """Return who is signed in, with the roles held now; None when the session is over."""
    found = rows(_ACTOR, {"member": member_id, "epoch": epoch, "session": session_id})
    if not found:
        return None
    name, unit_id = found[0][0], found[0][1]
    grants = tuple(Grant(Role(role), unit, contest, bank) for _, _, role, unit, contest, bank in found if role)
    return Actor(member_id, name, unit_id, epoch, session_id, grants)


def new_session_id() -> str:
    return secrets.token_urlsafe(18)


def end(actor: Actor) -> None:
    """Sign out this one session."""
    at = clock.now()
    with transaction():
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
    with transaction():
        end_all(actor.member_id or 0)
        audit.record("signed-out-everywhere", "member", actor.member_id, by=actor, at=at)


def sweep() -> None:
    """Forget ended sessions whose cookies have expired by themselves."""
    with transaction():
        db.session.execute(sa.delete(EndedSession).where(EndedSession.ended_at < clock.now() - 2 * LIFE))
