"""Rounds with their contests as everybody shares them, kept by each process for as long as nobody changes anything."""

from dataclasses import dataclass

import sqlalchemy as sa

from contest.db.editions import Kept, apart
from contest.models.banks import Bank
from contest.models.contests import Contest, Round
from contest.rules.terms import ContestState


@dataclass(frozen=True, slots=True)
class SharedRound:
    """A round, its contest, and the revision of its bank; they belong to no session, and are read and never changed."""

    row: Round
    contest: Contest
    bank_revision: int | None

    @property
    def state(self) -> ContestState:
        return ContestState(self.contest.state)


_BY_ID: Kept[int, SharedRound] = Kept()
_BY_CODE: Kept[str, int | None] = Kept()


def round_of(round_id: int) -> SharedRound:
    """Return a round that there is."""
    return _BY_ID.get(round_id, _read)


def find_round(code: str) -> SharedRound | None:
    """Return a round of a contest that is no draft, or None."""
    round_id = _BY_CODE.get(code, _find)
    return None if round_id is None else round_of(round_id)


def _read(round_id: int) -> SharedRound:
    query = sa.select(Round, Contest, Bank.revision).join(Contest, Contest.id == Round.contest_id)
    found = apart(query.outerjoin(Bank, Bank.id == Round.bank_id).where(Round.id == round_id))[0]
    return SharedRound(*found)


def _find(code: str) -> int | None:
    query = sa.select(Round.id).join(Contest, Contest.id == Round.contest_id)
    found = apart(query.where(Round.code == code, Contest.state != ContestState.DRAFT))
    return found[0][0] if found else None
