"""Which units a contest compares, in which divisions, and with which headcounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Conflict, Invalid
from contest.models.contests import Contest, ContestHeadcount, ContestUnit, UnitDivision
from contest.models.organisation import Unit
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.unit_terms import ComparedUnits
from contest.services import audit
from contest.services.contests import setup
from contest.services.units import headcounts, trees
from contest.services.units.headcounts import Declared


@dataclass(frozen=True, slots=True)
class How:
    """Which units are compared, as it is stored."""

    which: ComparedUnits
    unit_id: int | None = None
    level: str = ""


def how_of(contest: Contest) -> How:
    return How(ComparedUnits(contest.compared), contest.compared_unit_id, contest.compared_level)


def compared_units(contest_id: int, how: How, tree: datetime | None, parent_id: int | None = None) -> sa.Select[Any]:
    """Return the ids of the compared units in a tree, as a subquery; closed ones may be among them.

    Where a single unit takes part, those right below it are compared. `parent_id` asks for those right below a unit instead.
    """
    if parent_id is not None:
        return trees.right_below(parent_id, tree)
    if how.which is ComparedUnits.BELOW and how.unit_id is not None:
        return trees.right_below(how.unit_id, tree)
    listed = sa.select(ContestUnit.unit_id).where(ContestUnit.contest_id == contest_id)
    if how.which is ComparedUnits.LEVEL:
        return sa.select(Unit.id).where(Unit.level == how.level, Unit.id.in_(trees.inside(listed, tree)))
    living = list(db.session.scalars(sa.select(Unit.id).where(Unit.id.in_(listed), trees.held(Unit, tree))))
    return trees.right_below(living[0], tree) if len(living) == 1 else listed


def divisions_of(contest_id: int) -> dict[int, str]:
    """Return unit → its division in a contest."""
    query = sa.select(UnitDivision.unit_id, UnitDivision.name).where(UnitDivision.contest_id == contest_id)
    return {row[0]: row[1] for row in rows(query)}


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A compared unit as its contest's organiser sees it: division, own figure, and the members that count."""

    code: str
    name: str
    division: str
    own: Declared | None
    is_accepted: bool
    last: Declared | None
    counted: int | None


@dataclass(frozen=True, slots=True)
class ComparedView:
    """The compared units; `frozen_at` is when headcounts freeze or froze."""

    rows: tuple[ComparedRow, ...]
    frozen_at: datetime | None
    is_frozen: bool


def list_compared(contest: Contest, how: How | None = None) -> ComparedView:
    """Return the units that a contest compares today, or would by another choice."""
    query = sa.select(Unit.id, Unit.code, Unit.name).where(
        Unit.id.in_(compared_units(contest.id, how or how_of(contest), None)), Unit.valid_to.is_(None)
    )
    frozen = headcounts.of_contest(contest.id, None)
    divisions, last = divisions_of(contest.id), headcounts.declared_last()
    return ComparedView(
        tuple(
            ComparedRow(
                code, name, divisions.get(u, ""), frozen.of(u), u in frozen.accepted, last.get(u), frozen.counted[u]
            )
            for u, code, name in rows(query.order_by(Unit.code))
        ),
        frozen.at,
        frozen.is_frozen,
    )  # fmt: skip


def accept_headcount(slug: str, code: str, figure: int, reason: str, *, by: Actor) -> None:
    """Let a figure count for a unit that had declared none, or a wrong one, before the first round opened; on record.

    Raises Conflict before that opening, because until then the unit declares itself.
    """
    at = clock.now()
    with transaction():
        contest = setup.get_contest(slug, by=by)
        frozen = headcounts.frozen_at(contest.id)
        if frozen is None or at < frozen:
            raise Conflict(Refusal("headcount-not-frozen", field="figure"))
        unit_id = _compared(contest).get(code)
        if unit_id is None:
            raise Invalid(Refusal("unit-not-compared", {"code": code}, "unit"))
        row = {"contest_id": contest.id, "unit_id": unit_id, "member_id": by.member_id}
        db.session.execute(sa.insert(ContestHeadcount), {**row, "figure": figure, "reason": reason, "at": at})
        details = {"unit": code, "figure": figure, "reason": reason}
        audit.record("headcount-accepted", "contest", contest.id, by=by, at=at, **details)


def _compared(contest: Contest) -> dict[str, int]:
    """Return code → id of the compared units, and of those below them: a sum may lack one of its parts."""
    top = compared_units(contest.id, how_of(contest), None)
    query = sa.select(Unit.code, Unit.id).where(Unit.id.in_(trees.inside(top, None)), Unit.valid_to.is_(None))
    return {row[0]: row[1] for row in rows(query)}


def choose_divisions(slug: str, chosen: Mapping[str, str], *, seen: int, by: Actor) -> None:
    """Put units into divisions by name; a unit without one is compared with the others that have none."""
    at = clock.now()
    with transaction():
        row = setup.begin(slug, seen, by)
        setup.refuse_once_settled(row)
        known = _compared(row)
        unknown = [code for code, name in chosen.items() if name and code not in known]
        if unknown:
            raise Invalid(Refusal("unit-not-compared", {"code": unknown[0]}, "pasted"))
        db.session.execute(sa.delete(UnitDivision).where(UnitDivision.contest_id == row.id))
        stored = [{"contest_id": row.id, "unit_id": known[code], "name": name} for code, name in chosen.items() if name]
        if stored:
            db.session.execute(sa.insert(UnitDivision), stored)
        audit.record("divisions-chosen", "contest", row.id, by=by, at=at, divisions=dict(chosen))


def read_divisions(text: str) -> dict[str, str]:
    """Read lines of a unit's code and a division, apart by a semicolon, a tab or a comma; raises Invalid naming the line."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        code, _, name = _apart(line)
        if not code or not name or len(name) > MOST_LETTERS:
            raise Invalid(Refusal("division-line", {"line": number}, "pasted"))
        found[code] = name
    return found


MOST_LETTERS = 60


def _apart(line: str) -> Sequence[str]:
    mark = next((m for m in ("\t", ";", ",") if m in line), ";")
    return [part.strip() for part in line.partition(mark)]
