"""The list of those who advance to a round, as its organisers see it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows
from contest.errors import Conflict, NotFound
from contest.models.advancement import AdvancedPerson
from contest.models.contests import Round
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.rules.advancement import Plan
from contest.rules.advancement_terms import AdvancedState
from contest.rules.refusals import Refusal
from contest.services.results.advancement import callable_now, find, people_of, plan_of


@dataclass(frozen=True, slots=True)
class AdvancedRow:
    """Somebody on the list as its organisers see them; `may_be_called` while a place is free that they are next for."""

    member_id: int
    code: str
    name: str
    unit_code: str
    unit: str
    place: int
    points: Decimal
    state: AdvancedState
    was_called: bool
    reason: str
    may_be_called: bool


@dataclass(frozen=True, slots=True)
class AdvancementView:
    """The list of a round: the plan behind it, how far it has come, who is in, in reserve, and withdrawn."""

    plan: Plan
    source: Round | None
    compared_units: bool
    proposed_at: datetime | None
    proposed_by_id: int | None
    confirmed_at: datetime | None
    rows: tuple[AdvancedRow, ...]

    def of(self, state: str) -> list[AdvancedRow]:
        return [r for r in self.rows if r.state == state]


def _row(r: Any, able: set[int]) -> AdvancedRow:
    state = AdvancedState(r.state)
    return AdvancedRow(
        r.id, r.code, r.full_name, r.unit_code, r.unit, r.place, r.points, state, r.was_called, r.reason, r.id in able
    )


def get_view(row: Round) -> AdvancementView | None:
    """Return the list of a round as its organisers see it, or None where everybody may take the round."""
    found = find(row.id)
    if found is None:
        return None
    able = callable_now(found, people_of(row.id)) if found.confirmed_at is not None else set[int]()
    p, name = AdvancedPerson, sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name)
    query = (
        sa.select(
            Member.id,
            Member.code,
            Member.full_name,
            Unit.code.label("unit_code"),
            name.label("unit"),
            p.place,
            p.points,
            p.state,
            p.was_called,
            p.reason,
        )
        .join(Member, Member.id == p.member_id)
        .join(Unit, Unit.id == Member.unit_id)
        .where(p.round_id == row.id)
        .order_by(p.place, p.member_id)
    )
    listed = tuple(_row(r, able) for r in rows(query))
    source = db.session.get(Round, found.source_id) if found.source_id else None
    return AdvancementView(
        plan_of(found),
        source,
        found.compared_units,
        found.proposed_at,
        found.proposed_by_id,
        found.confirmed_at,
        listed,
    )


def get_confirmed(row: Round) -> AdvancementView:
    """Return the list of a round that holds; raises NotFound where everybody may take it, Conflict until it is confirmed."""
    view = get_view(row)
    if view is None:
        raise NotFound
    if view.confirmed_at is None:
        raise Conflict(Refusal("advance-unconfirmed"))
    return view


def export_rows(row: Round) -> Iterator[dict[str, Any]]:
    """Yield the list of a round that holds: who is in, who is in reserve, who withdrew; raises as `get_confirmed` does."""
    view = get_confirmed(row)
    for state in AdvancedState:
        for r in view.of(state):
            yield {
                "round": row.title,
                "state": state,
                "place": r.place,
                "member_code": r.code,
                "full_name": r.name,
                "unit_code": r.unit_code,
                "unit_name": r.unit,
                "points": r.points,
                "was_called": r.was_called,
                "reason": r.reason,
            }
