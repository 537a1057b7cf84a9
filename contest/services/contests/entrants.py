"""What a contest knows of people: whether they take part, may win, have to take part, and are registered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contest.db import rows
from contest.models.contests import Contest, ContestUnit
from contest.models.entrants import ContestPerson, ExcludedUnit, Registration, RegistrationSettings
from contest.models.organisation import UnitAncestor
from contest.rules.entrants import Entrant, Settings, may_take_part, may_win
from contest.rules.entry_terms import EntrantReason
from contest.rules.refusals import Refusal

CHUNK = 500


def statement(member: Any, unit: Any, *more: Any) -> sa.Select[Any]:
    """Return a select, one row a contest, of `more` columns and what makes an Entrant of a person with its Settings.

    `member` and `unit` are the person's ids, as values or bound parameters; the caller says which contests.
    """
    person, settings, registration = ContestPerson, RegistrationSettings, Registration
    of_person = sa.and_(person.contest_id == Contest.id, person.member_id == member)
    of_registration = sa.and_(registration.contest_id == Contest.id, registration.member_id == member)
    return (
        sa.select(
            *more,
            included_at(Contest.id, unit),
            excluded_at(Contest.id, unit),
            person.takes_part,
            sa.func.coalesce(person.may_win, sa.true()),
            person.reason,
            sa.and_(registration.id.is_not(None), registration.ended_at.is_(None)),
            settings.contest_id.is_not(None),
        )
        .select_from(Contest)
        .outerjoin(person, of_person)
        .outerjoin(registration, of_registration)
        .outerjoin(settings, settings.contest_id == Contest.id)
    )


def included_at(contest: Any, unit: Any) -> sa.ScalarSelect[Any]:
    """Return how far above a unit the nearest one stands that takes part, alone only where it is the unit itself."""
    reaches = sa.or_(ContestUnit.with_below, UnitAncestor.depth == 0)
    return (
        sa.select(sa.func.min(UnitAncestor.depth))
        .join(ContestUnit, ContestUnit.unit_id == UnitAncestor.ancestor_id)
        .where(
            ContestUnit.contest_id == contest, UnitAncestor.unit_id == unit, reaches, UnitAncestor.valid_to.is_(None)
        )
        .scalar_subquery()
    )


def excluded_at(contest: Any, unit: Any) -> sa.ScalarSelect[Any]:
    """Return how far above a unit the nearest one stands that was taken out."""
    return (
        sa.select(sa.func.min(UnitAncestor.depth))
        .join(ExcludedUnit, ExcludedUnit.unit_id == UnitAncestor.ancestor_id)
        .where(ExcludedUnit.contest_id == contest, UnitAncestor.unit_id == unit, UnitAncestor.valid_to.is_(None))
        .scalar_subquery()
    )


def read(columns: Sequence[Any]) -> tuple[Entrant, Settings]:
    """Return the person and the settings of a row, without what was asked for beside them."""
    included, excluded, own, may_win, reason, is_registered, registers = columns
    known = EntrantReason(reason) if reason else EntrantReason.REGULATIONS
    entrant = Entrant(included, excluded, own, bool(may_win), known, bool(is_registered))
    return entrant, Settings(bool(registers))


@dataclass(frozen=True, slots=True)
class Known:
    """What a contest knows of its reader: whether they are registered, why they may not take part, or may not win."""

    is_registered: bool = False
    barred: Refusal | None = None
    no_prize: Refusal | None = None


NOBODY = Known()


def known_by(columns: Sequence[Any]) -> Known:
    """Return what a contest knows of its reader, from the columns of `statement`."""
    who, asks = read(columns)
    return Known(who.is_registered, may_take_part(who, asks), may_win(who))


def find(contest_id: int, member_id: int, unit_id: int | None) -> tuple[Entrant, Settings]:
    """Return what one contest knows of one person."""
    return read(rows(statement(member_id, unit_id).where(Contest.id == contest_id))[0])


def may_win_of(contest_id: int, member_ids: Sequence[int]) -> Mapping[int, EntrantReason]:
    """Return who of these people is not considered for prizes, each with the reason; everybody else is."""
    found: dict[int, EntrantReason] = {}
    barred = sa.select(ContestPerson.member_id, ContestPerson.reason).where(
        ContestPerson.contest_id == contest_id, ContestPerson.may_win.is_(False)
    )
    for start in range(0, len(member_ids), CHUNK):
        chunk = barred.where(ContestPerson.member_id.in_(member_ids[start : start + CHUNK]))
        found |= {member_id: EntrantReason(reason) for member_id, reason in rows(chunk)}
    return found


def mandatory_of(contest_id: int) -> frozenset[int]:
    """Return the people who have to take part."""
    query = sa.select(ContestPerson.member_id).where(
        ContestPerson.contest_id == contest_id, ContestPerson.is_mandatory.is_(True)
    )
    return frozenset(row[0] for row in rows(query))
