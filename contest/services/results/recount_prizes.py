"""Prizes and people who had to take part, recounted unit by unit from the lists themselves; no rule takes part."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from fractions import Fraction

import sqlalchemy as sa

from contest.db import db, rows
from contest.models.awards import Award, Prize, PrizeList
from contest.models.contests import Contest
from contest.models.entrants import ContestPerson
from contest.models.members import Member
from contest.models.organisation import UnitChange
from contest.rules.unit_terms import UnitChangeKind, UnitCriterion

OWN = (UnitCriterion.PERCENT_AND_PRIZES, UnitCriterion.GATED_RATIO, UnitCriterion.WINNERS)
_GIAI = re.compile(r"^giải\s+")


def _plain(name: str) -> str:
    return _GIAI.sub("", re.sub(r"\s+", " ", unicodedata.normalize("NFC", name).casefold()).strip())


# Round → person → the unit of that result; under None, for prizes by the overall standing, the unit of the last one.
Stood = Mapping[int | None, Mapping[int, int]]


class Prizes:
    """Who won what in some rounds, and who of the contest had to take part, under each unit of a tree."""

    def __init__(
        self, contest: Contest, stood: Stood, above: Callable[[int], Iterable[int]], living: Collection[int]
    ) -> None:
        self._points = {_plain(name): Fraction(points) for name, points in contest.unit_prize_points.items()}
        self._won: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for round_id, own_units in stood.items():
            for member_id, name in self._recognised(contest.id, round_id):
                for unit in above(own_units[member_id]) if member_id in own_units else ():
                    self._won[unit].append((member_id, _plain(name)))
        self._missing = Counter[int]()
        wanted = sa.select(ContestPerson.member_id).where(
            ContestPerson.contest_id == contest.id, ContestPerson.is_mandatory.is_(True)
        )
        for member_id in {r[0] for r in rows(wanted)}.difference(*stood.values()):
            own = db.session.get_one(Member, member_id).unit_id
            while own not in living and (origin := self._origin(own)) is not None:
                own = origin
            self._missing.update(above(own))

    @staticmethod
    def _recognised(contest_id: int, round_id: int | None) -> list[tuple[int, str]]:
        """Return (person, prize) of every list for people that goes by a round, or by none, and has been recognised."""
        found = []
        for own in db.session.scalars(sa.select(PrizeList).where(PrizeList.contest_id == contest_id)):
            if own.round_id != round_id or own.for_units or own.recognised_at is None:
                continue
            names = {p.number: p.name for p in db.session.scalars(sa.select(Prize).where(Prize.list_id == own.id))}
            given = db.session.scalars(sa.select(Award).where(Award.list_id == own.id))
            found += [(a.subject_id, names[a.prize_number]) for a in given]
        return found

    @staticmethod
    def _origin(unit: int) -> int | None:
        """Return the unit that one was split from."""
        query = sa.select(UnitChange.other_id).where(
            UnitChange.unit_id == unit, UnitChange.kind == UnitChangeKind.FOUNDED
        )
        return db.session.scalar(query)

    def worth(self, by: UnitCriterion, unit: int, people: int, members: int | None) -> Fraction | None:
        """Return what a unit is compared by, more is better; None where it cannot be compared."""
        won = self._won.get(unit, [])
        if by is UnitCriterion.WINNERS:
            return Fraction(len({member_id for member_id, _ in won}))
        if not members or people > members:
            return None
        if by is UnitCriterion.GATED_RATIO:
            return Fraction(people, members) if won and not self._missing[unit] else None
        return Fraction(100 * people, members) + sum(
            (self._points.get(name, Fraction()) for _, name in won), Fraction()
        )
