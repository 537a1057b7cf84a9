"""What may change while a paper is being taken: its end, whether it is still open, and what is announced meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest.db import Frozen, ask, db, rows
from contest.errors import NotFound
from contest.gateways.cache import Cache
from contest.models.attempts import Attempt
from contest.models.contests import Announcement, Contest, Round
from contest.models.members import Member
from contest.rules.permissions import Actor
from contest.rules.terms import AttemptState, ContestState
from contest.services.members import sessions

SHOWN = 5
Announced = tuple[int, str, datetime]  # its id, its text, and when
MOST_KEPT = 2000  # rounds
_kept: dict[int, tuple[int, Sequence[Announced]]] = {}


@dataclass(frozen=True, slots=True)
class News:
    """The end of an attempt and of its step as they are now, and what is announced, the newest first."""

    is_open: bool
    ends_at: datetime
    step_ends_at: datetime | None
    announced: tuple[Announced, ...]


PULSE_SECONDS = 2.0  # for how long a pulse is kept: everybody asks for it, and it moves a few times in a round


def pulse(round_code: str, cache: Cache) -> int:
    """Return the number that moves whenever something changes around the running papers of a round; raises NotFound.

    It is the same for everybody, so that whoever takes a paper asks the database only when there is something to hear.
    """

    def read() -> int:
        published = sa.and_(Contest.id == Round.contest_id, Contest.state != ContestState.DRAFT)
        return (
            db.session.scalar(sa.select(Round.revision).join(Contest, published).where(Round.code == round_code)) or 0
        )

    found: int = cache.get_or(f"pulse:{round_code}", PULSE_SECONDS, read)
    if not found:
        raise NotFound
    return found


def announced_since(row: Round, since: datetime) -> tuple[Announced, ...]:
    """Return what is announced of a round and its contest since an instant, the newest first.

    Kept by each process until the round's revision moves, which every announcement moves.
    """
    revision, found = _kept.get(row.id, (0, ()))
    if revision != row.revision:
        query = sa.select(Announcement.id, Announcement.text, Announcement.announced_at)
        concerns = sa.or_(Announcement.round_id.is_(None), Announcement.round_id == row.id)
        query = query.where(Announcement.contest_id == row.contest_id, concerns)
        found = [(r.id, r.text, r.announced_at) for r in rows(query.order_by(Announcement.id.desc()).limit(SHOWN))]
        if len(_kept) > MOST_KEPT:
            _kept.clear()
        _kept[row.id] = row.revision, found
    return tuple(told for told in found if told[2] >= since)


def forget() -> None:
    """Drop what this process keeps; for tests that change the database under it."""
    _kept.clear()


def _news() -> Any:
    return (
        sa.select(
            Attempt.state,
            Attempt.ends_at,
            Attempt.step_ends_at,
            Announcement.id,
            Announcement.text,
            Announcement.announced_at,
        )
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
        .where(Attempt.code == sa.bindparam("code"), Attempt.member_id == sa.bindparam("member"), *sessions.holding())
        .order_by(Announcement.id.desc())
        .limit(SHOWN)
    )


_NEWS = Frozen(_news, member="member")


def get_news(code: str, *, by: Actor) -> News:
    """Return what is new of the actor's own attempt by one statement, which judges the session too; raises NotFound."""
    found = ask(_NEWS, {"code": code, **sessions.held(by)})
    if not found:
        raise NotFound
    announced = tuple((r.id, r.text, r.announced_at) for r in found if r.id is not None)
    return News(found[0].state == AttemptState.OPEN, found[0].ends_at, found[0].step_ends_at, announced)
