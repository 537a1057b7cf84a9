"""Prizes as everybody sees them once they are announced, and the names of the prizes that a person has."""

from dataclasses import dataclass

import sqlalchemy as sa

from contest.db import db
from contest.models.contests import Contest
from contest.rules.result_terms import AwardState
from contest.rules.terms import ContestState
from contest.services.awards import lists, rankings, winners


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
        named = names_shown or found.for_units or rankings.names_public(found)
        won = winners.outcome(contest, found).winners
        out.append(AnnouncedList(found.title, found.round_title, found.for_units, tuple(_won(w, named) for w in won)))
    return out


def _won(w: winners.Winner, named: bool) -> WonView:
    return WonView(w.prize, w.subject.name if named else None, w.subject.receipt, w.subject.unit, w.subject.place)
