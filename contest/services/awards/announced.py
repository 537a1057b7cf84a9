"""Prizes as everybody sees them once they are announced, and the names of the prizes that a person has."""

from dataclasses import dataclass

import sqlalchemy as sa

from contest.db import db
from contest.models.contests import Contest
from contest.models.members import Member
from contest.rules.result_terms import AwardState
from contest.rules.terms import ContestState
from contest.services.awards import lists, rankings, winners
from contest.services.contests import consents


@dataclass(frozen=True, slots=True)
class WonView:
    """A winner in public: a name where names are shown, else the receipt by which the person knows themselves."""

    prize: str
    name: str | None
    receipt: str
    unit: str
    place: int | None


@dataclass(frozen=True, slots=True)
class AnnouncedList:
    title: str
    round_title: str
    for_units: bool
    winners: tuple[WonView, ...]


def announced(slug: str, *, names_shown: bool) -> list[AnnouncedList]:
    """Return the announced lists of a published contest; visitors see names where the round shows them."""
    contest = db.session.scalar(sa.select(Contest).where(Contest.slug == slug, Contest.state != ContestState.DRAFT))
    if contest is None:
        return []
    out = []
    for found in lists.list_lists(contest):
        if found.state is not AwardState.ANNOUNCED:
            continue
        won = winners.outcome(contest, found).winners
        ids = {w.subject.id for w in won}
        named = ids if names_shown or found.for_units else _named(contest, found, ids)
        shown = tuple(_won(w, w.subject.id in named) for w in won)
        out.append(AnnouncedList(found.title, found.round_title, found.for_units, shown))
    return out


def _named(contest: Contest, found: lists.ListView, member_ids: set[int]) -> set[int]:
    """Return whose names visitors read: where the ranking shows them, those of the people who agreed to that."""
    if not rankings.names_public(found):
        return set()
    agreed = consents.may_be_named(contest.id, Member.id)
    return set(db.session.scalars(sa.select(Member.id).where(Member.id.in_(member_ids), agreed)))


def _won(w: winners.Winner, named: bool) -> WonView:
    return WonView(w.prize, w.subject.name if named else None, w.subject.receipt, w.subject.unit, w.subject.place)
