"""The units of an imported list: held against the tree, and written into it, parents first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows
from contest.formats.drafts import Place, Problem, UnitDraft
from contest.models.organisation import Unit
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import mark
from contest.rules.text import fold
from contest.rules.unit_terms import UnitChangeKind
from contest.services import organisation
from contest.services.units import changes, headcounts

# The column of a list in which each field stands, as its template heads it.
COLUMNS = {
    "code": mark("Mã đoàn viên"),
    "phone": mark("Điện thoại"),
    "email": mark("Email"),
    "identity_number": mark("Số định danh"),
    "unit": mark("Mã đơn vị"),
    "parent": mark("Mã đơn vị cấp trên"),
    "unit_code": mark("Mã đơn vị"),
}


def problem(refusal: Refusal, place: Place, excerpt: str, *, field: str | None = None) -> Problem:
    """Return a problem that names the column of the field it concerns."""
    column = COLUMNS.get(field or refusal.field or "")
    return Problem(refusal, replace(place, column=column) if column else place, excerpt)


@dataclass(frozen=True, slots=True)
class UnitChange:
    unit_id: int | None
    draft: UnitDraft


def known_units(scope: sa.Select[tuple[int]] | None) -> dict[str, tuple[Unit, str | None]]:
    """Return code → (unit, its parent's code) of the units in a scope."""
    parent = sa.orm.aliased(Unit)
    query = sa.select(Unit, parent.code).outerjoin(parent, parent.id == Unit.parent_id).where(Unit.valid_to.is_(None))
    if scope is not None:
        query = query.where(Unit.id.in_(scope))
    return {unit.code: (unit, parent_code) for unit, parent_code in rows(query)}


def plan_units(
    drafts: Sequence[UnitDraft],
    known: dict[str, tuple[Unit, str | None]],
    is_whole: bool,
    problems: list[Problem],
) -> tuple[list[UnitChange], list[UnitChange], int]:
    """Return the units that are new and changed, and how many are neither; what is wrong joins `problems`.

    Without a parent, a unit that is known stays where it is, and a new one stands under the one on top of all.
    """
    tops = [code for code, (_, parent) in known.items() if parent is None]
    drafts = [_hung(draft, known, tops) for draft in drafts]
    new: list[UnitChange] = []
    changed: list[UnitChange] = []
    codes = Counter(d.code for d in drafts)
    elsewhere = {} if is_whole else {r[0] for r in rows(sa.select(Unit.code))} - set(known)
    closed = {r[0] for r in rows(sa.select(Unit.code).where(Unit.valid_to.is_not(None)))} if is_whole else set[str]()
    named = set(known) | set(codes)
    unchanged = 0
    for draft in drafts:
        refusal = _refuse_unit(draft, codes, named, set(elsewhere), is_whole)
        if draft.code in closed:  # its code stays its own
            refusal = Refusal("target-closed", {"code": draft.code}, "code")
        if refusal:
            field = "unit_code" if refusal.field == "code" else refusal.field
            problems.append(problem(refusal, draft.place, draft.code, field=field))
            continue
        found = known.get(draft.code)
        if found is None:
            new.append(UnitChange(None, draft))
        elif _unit_facts(draft) != _stored_facts(*found):
            changed.append(UnitChange(found[0].id, draft))
        else:
            unchanged += 1
    placed = _parents_first(new, set(known))
    reachable = set(known) | {c.draft.code for c in placed}
    for change in (*new, *changed):  # under one that is refused, or in a ring
        if change.draft.parent is not None and not {change.draft.parent, change.draft.code} <= reachable:
            refusal = Refusal("parent-unknown", {"code": change.draft.parent}, "parent")
            problems.append(problem(refusal, change.draft.place, change.draft.code))
    return placed, [c for c in changed if c.draft.parent is None or c.draft.parent in reachable], unchanged


def _hung(draft: UnitDraft, known: dict[str, tuple[Unit, str | None]], tops: Sequence[str]) -> UnitDraft:
    if draft.parent is not None:
        return draft
    if draft.code in known:
        parent = known[draft.code][1]
        return replace(draft, parent=parent) if parent in known else draft
    return replace(draft, parent=tops[0]) if len(tops) == 1 else draft


def _refuse_unit(
    draft: UnitDraft, codes: Counter[str], named: set[str], elsewhere: set[str], is_whole: bool
) -> Refusal | None:
    if codes[draft.code] > 1:
        return Refusal("unit-twice-in-file", {"code": draft.code}, "code")
    if draft.code in elsewhere or (not is_whole and draft.parent is None):
        return Refusal("unit-out-of-scope", {"code": draft.code}, "code")
    if draft.parent == draft.code:
        return Refusal("unit-cycle", field="parent")
    if draft.parent is not None and draft.parent not in named:
        return Refusal("parent-unknown", {"code": draft.parent}, "parent")
    return None


def _unit_facts(d: UnitDraft) -> tuple[Any, ...]:
    return (d.name, d.short_name, d.level, d.parent, d.headcount)


def _stored_facts(unit: Unit, parent: str | None) -> tuple[Any, ...]:
    return (unit.name, unit.short_name, unit.level, parent, unit.headcount)


def _parents_first(new: Sequence[UnitChange], known: set[str]) -> list[UnitChange]:
    """Return the new units that hang on known ones or stand alone, each behind its parent."""
    below: dict[str, list[UnitChange]] = {}
    for change in new:
        below.setdefault(change.draft.parent or "", []).append(change)
    placed = [c for c in new if c.draft.parent is None or c.draft.parent in known]
    for change in placed:  # grows while it is walked
        placed += below.get(change.draft.code, [])
    return placed


def add_unit(draft: UnitDraft, at: datetime, by: Actor) -> None:
    """Add a unit under its parent inside the caller's transaction."""
    parent = db.session.scalar(sa.select(Unit.id).where(Unit.code == draft.parent)) if draft.parent else None
    unit = Unit(
        code=draft.code,
        name=draft.name,
        short_name=draft.short_name,
        level=draft.level,
        parent_id=parent,
        search=fold(f"{draft.code} {draft.name} {draft.short_name}"),
        valid_from=at,
    )
    db.session.add(unit)
    db.session.flush()
    organisation.attach(unit.id, parent, at=at)
    headcounts.declare(unit, draft.headcount, by=_who(by), at=at)


def _who(by: Actor) -> Actor | None:
    """A list brought in by the system has nobody's name on it."""
    return None if by.is_system else by


def change_unit(change: UnitChange, at: datetime, by: Actor) -> None:
    """Change a unit, and move it when its parent is another, inside the caller's transaction."""
    draft, unit = change.draft, db.session.get_one(Unit, change.unit_id)
    parent = db.session.scalar(sa.select(Unit.id).where(Unit.code == draft.parent)) if draft.parent else None
    if unit.name != draft.name:
        changes.note(unit, UnitChangeKind.RENAMED, by=by, effective=at, at=at, before=unit.name, after=draft.name)
    unit.name, unit.short_name, unit.level = draft.name, draft.short_name, draft.level
    unit.search = fold(f"{draft.code} {draft.name} {draft.short_name}")
    headcounts.declare(unit, draft.headcount, by=_who(by), at=at)
    if unit.parent_id != parent:
        changes.relocate(unit, parent, by=by, at=at)
    db.session.flush()
