"""What may change while a paper is being taken: its end, whether it is still open, and what is announced meanwhile."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from contest.db import rows
from contest.errors import NotFound
from contest.models.attempts import Attempt
from contest.models.contests import Announcement, Round
from contest.models.members import EndedSession, Member
from contest.rules.permissions import Actor
from contest.rules.terms import AttemptState

SHOWN = 5


@dataclass(frozen=True, slots=True)
class News:
    """The end of an attempt as it is now; `announced` holds (id, text, instant), the newest first."""

    is_open: bool
    ends_at: datetime
    announced: tuple[tuple[int, str, datetime], ...]


_NEWS = (
    sa.select(Attempt.state, Attempt.ends_at, Announcement.id, Announcement.text, Announcement.announced_at)
    .join(Member, Member.id == Attempt.member_id)
    .join(Round, Round.id == Attempt.round_id)
    .outerjoin(
        Announcement,
        sa.and_(
            Announcement.contest_id == Round.contest_id,
            sa.or_(Announcement.round_id.is_(None), Announcement.round_id == Round.id),
            Announcement.announced_at >= Attempt.started_at,
        ),
    )
    .where(
        Attempt.code == sa.bindparam("code"),
        Attempt.member_id == sa.bindparam("member"),
        Member.epoch == sa.bindparam("epoch"),
        Member.suspended_at.is_(None),
        ~sa.exists().where(EndedSession.session_id == sa.bindparam("session")),
    )
    .order_by(Announcement.id.desc())
    .limit(SHOWN)
)


def get_news(code: str, *, by: Actor) -> News:
    """Return what is new of the actor's own attempt by one statement, which judges the session too; raises NotFound."""
    who = {"member": by.member_id, "epoch": by.epoch, "session": by.session_id}
    found = rows(_NEWS, {"code": code, **who})
    if not found:
        raise NotFound
    announced = tuple((r.id, r.text, r.announced_at) for r in found if r.id is not None)
    return News(found[0].state == AttemptState.OPEN, found[0].ends_at, announced)
