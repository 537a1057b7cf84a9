"""Units renamed, moved, merged and split, each since an instant. Identity, history and what was achieved stay."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Conflict, Invalid
from contest.models.contests import Round
from contest.models.members import Member
from contest.models.organisation import Organisation, Unit, UnitAncestor, UnitChange
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.text import fold
from contest.rules.tree import check_effective, check_merger, check_move, check_split
from contest.rules.unit_terms import UnitChangeKind
from contest.services import audit, organisation
from contest.services.units import headcounts, participation, trees

Kind = UnitChangeKind


@dataclass(frozen=True, slots=True)
class Wish:
    """A change as it was asked for; `target` is the parent, the successor or, of a split, the parent of the new unit."""

    kind: UnitChangeKind
    effective: datetime | None = None
    target: str = ""
    people_to: str = ""
    new_code: str = ""
    new_name: str = ""
    units: Sequence[str] = field(default_factory=tuple)
    people: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Plan:
    """A change that nothing speaks against: the unit, the others it names, and since when."""

    unit: Unit
    effective: datetime
    target: Unit | None
    people_to: Unit | None
    units: Sequence[Unit]
    people: Sequence[Member]


def describe(code: str, values: Mapping[str, Any], *, by: Actor) -> None:
    """Change names, level or headcount of a unit in the actor's scope; a former name stays in its history."""
    at = clock.now()
    with transaction():
        unit = _living(code, by=by)
        changed = {k: [getattr(unit, k), v] for k, v in values.items() if getattr(unit, k) != v}
        if "name" in changed:
            note(unit, Kind.RENAMED, by=by, effective=at, at=at, before=unit.name, after=values["name"])
        headcounts.declare(unit, values.get("headcount", unit.headcount), by=by, at=at)
        for name, value in values.items():
            setattr(unit, name, value)
        unit.search = fold(f"{unit.code} {unit.name} {unit.short_name}")
        if changed:
            audit.record("unit-changed", "unit", unit.id, by=by, at=at, changed=changed)


def note(
    unit: Unit, kind: UnitChangeKind, *, by: Actor, effective: datetime, at: datetime, before: str = "",
    after: str = "", other: int | None = None,
) -> None:  # fmt: skip
    """Write a line of a unit's history, inside the caller's transaction."""
    who = {"unit_id": unit.id, "member_id": by.member_id, "other_id": other}
    line = {**who, "kind": kind, "at": effective, "recorded_at": at, "before": before[:200], "after": after[:200]}
    db.session.execute(sa.insert(UnitChange), line)


def _living(code: str, *, by: Actor) -> Unit:
    unit = organisation.get_unit(code, by=by)
    if unit.valid_to is not None:
        raise Conflict(Refusal("unit-closed"))
    return unit


def plan(code: str, wish: Wish, *, by: Actor, at: datetime) -> Plan:
    """Return what a change would be about; raises Invalid with the reason where it may not be, NotFound out of scope."""
    unit = _living(code, by=by)
    effective = wish.effective or at
    needs_target = wish.kind in {Kind.MOVED, Kind.MERGED}
    target = _named(wish.target, "target", by=by) if wish.target or needs_target else None
    people_to = _named(wish.people_to, "people_to", by=by) if wish.people_to else None
    units = [_named(c, "units", by=by) for c in wish.units]
    people = _people_of(unit, wish.people) if wish.kind is Kind.SPLIT else []
    parents = trees.parents()
    refusals: list[Refusal | None] = []
    if wish.kind is Kind.MOVED and target:
        refusals = [check_move(unit.id, target.id, parents)]
    elif wish.kind is Kind.MERGED and target:
        refusals = [check_merger(unit.id, target.id, people_to.id if people_to else None, parents)]
    elif wish.kind is Kind.SPLIT:
        refusals = [check_split(unit.id, len(people), [u.id for u in units], parents), *_check_new(wish)]
        if target and (target.id == unit.id or trees.is_inside(target.id, unit.id)):
            refusals.append(Refusal("move-under-itself", field="target"))
    concerned = [u for u in (unit, target) if u is not None]
    refusals.append(check_effective(effective, at, _fixed_until(concerned)))
    found = [r for r in refusals if r is not None]
    if found:
        raise Invalid(*found)
    return Plan(unit, effective, target, people_to, units, people)


def _named(code: str, name: str, *, by: Actor) -> Unit:
    """Return the living unit in the actor's scope that a field names; raises Invalid for any other."""
    scope = organisation.units_of(by)
    query = sa.select(Unit).where(Unit.code == code.strip())
    unit = db.session.scalar(query if scope is None else query.where(Unit.id.in_(scope)))
    if not code.strip():
        raise Invalid(Refusal("required", field=name))
    if unit is None:
        raise Invalid(Refusal("unit-unknown", {"code": code}, name))
    if unit.valid_to is not None:
        raise Invalid(Refusal("target-closed", {"code": code}, name))
    return unit


def _people_of(unit: Unit, codes: Sequence[str]) -> list[Member]:
    wanted = list(dict.fromkeys(c.strip().casefold() for c in codes if c.strip()))
    own = {m.code_key.casefold(): m for m in db.session.scalars(sa.select(Member).where(Member.unit_id == unit.id))}
    for code in wanted:
        if code not in own:
            raise Invalid(Refusal("split-not-own", {"code": code}, "people"))
    return [own[code] for code in wanted]


def _check_new(wish: Wish) -> list[Refusal | None]:
    if not wish.new_code or not wish.new_name:
        return [Refusal("required", field="new_name" if wish.new_code else "new_code")]
    taken = db.session.scalar(sa.select(sa.exists().where(Unit.code == wish.new_code)))
    return [Refusal("unit-code-taken", {"code": wish.new_code}, "new_code") if taken else None]


def _fixed_until(units: Collection[Unit]) -> datetime:
    """Return from when on a change may hold: earlier changes of those concerned, and settled rounds, stay as they are."""
    ids = [u.id for u in units]
    last = sa.select(sa.func.max(UnitAncestor.valid_from)).where(
        sa.or_(UnitAncestor.unit_id.in_(ids), UnitAncestor.ancestor_id.in_(ids))
    )
    settled = sa.select(sa.func.max(Round.closes_at)).where(Round.settled_at.is_not(None))
    found = [db.session.scalar(last), db.session.scalar(settled)]
    return max(instant for instant in found if instant is not None)


def carry_out(code: str, wish: Wish, *, by: Actor) -> str:
    """Move, merge or split a unit and return the code of the unit to look at; raises as `plan` does."""
    at = clock.now()
    with transaction():
        db.session.execute(sa.update(Organisation).values(id=Organisation.id))  # one change of the tree at a time
        found = plan(code, wish, by=by, at=at)
        concerned = [u.id for u in (found.unit, found.target, *found.units) if u is not None]
        before = participation.contests_of(concerned)
        subtree = trees.ids_inside(concerned[:1])
        shown = _DO[wish.kind](found, wish, by, at)
        db.session.flush()
        participation.keep(before, found.unit.id, shown.id, by=by, at=at)
        participation.rehang([*subtree, shown.id], found.effective)
        details = {"other": shown.code, "since": found.effective.isoformat()}
        audit.record(f"unit-{_VERBS[wish.kind]}", "unit", found.unit.id, by=by, at=at, **details)
    return shown.code


_VERBS = {Kind.RENAMED: "changed", Kind.MOVED: "moved", Kind.MERGED: "merged", Kind.SPLIT: "split"}


def hang(unit: Unit, parent_id: int | None, *, by: Actor, effective: datetime, at: datetime) -> None:
    """Move a unit with all below it under another, inside the caller's transaction."""
    names = {r[0]: r[1] for r in rows(sa.select(Unit.id, Unit.name).where(Unit.id.in_([unit.parent_id, parent_id])))}
    organisation.move(unit.id, parent_id, at=effective)
    former, latter = (names.get(u, "") if u is not None else "" for u in (unit.parent_id, parent_id))
    note(unit, Kind.MOVED, by=by, effective=effective, at=at, before=former, after=latter, other=parent_id)
    unit.parent_id = parent_id
    db.session.flush()


def relocate(unit: Unit, parent_id: int | None, *, by: Actor, at: datetime) -> None:
    """Move a unit as a list says, inside the caller's transaction: running contests and their standings go along."""
    before = participation.contests_of([unit.id])
    hang(unit, parent_id, by=by, effective=at, at=at)
    participation.keep(before, unit.id, unit.id, by=by, at=at)
    participation.rehang(trees.ids_inside([unit.id]), at)


def _rename(found: Plan, wish: Wish, by: Actor, at: datetime) -> Unit:
    unit = found.unit
    note(unit, Kind.RENAMED, by=by, effective=found.effective, at=at, before=unit.name, after=wish.new_name)
    unit.name = wish.new_name
    unit.search = fold(f"{unit.code} {unit.name} {unit.short_name}")
    return unit


def _move(found: Plan, _: Wish, by: Actor, at: datetime) -> Unit:
    assert found.target is not None
    hang(found.unit, found.target.id, by=by, effective=found.effective, at=at)
    return found.unit


def _merge(found: Plan, _: Wish, by: Actor, at: datetime) -> Unit:
    """Close a unit under its successor, to which what is below it and its people go."""
    unit, into = found.unit, found.target
    assert into is not None
    below = sa.select(Unit).where(Unit.parent_id == unit.id, Unit.valid_to.is_(None))
    for child in db.session.scalars(below.order_by(Unit.id)).all():
        hang(child, into.id, by=by, effective=found.effective, at=at)
    to = found.people_to or into
    people = sa.update(Member).where(Member.unit_id == unit.id).values(unit_id=to.id)
    db.session.execute(people.execution_options(synchronize_session=False))
    if unit.parent_id != into.id:
        organisation.move(unit.id, into.id, at=found.effective)
    unit.parent_id, unit.successor_id, unit.valid_to = into.id, into.id, found.effective
    dated: dict[str, Any] = {"by": by, "effective": found.effective, "at": at}
    note(unit, Kind.MERGED, before=unit.name, after=into.name, other=into.id, **dated)
    note(into, Kind.RECEIVED, before=into.name, after=unit.name, other=unit.id, **dated)
    return into


def _split(found: Plan, wish: Wish, by: Actor, at: datetime) -> Unit:
    """Found a unit with the chosen people and units; what they achieved before stays with the unit it was made for."""
    unit = found.unit
    parent = found.target.id if found.target else unit.parent_id
    code, name = wish.new_code, wish.new_name
    new = Unit(code=code, name=name, level=unit.level, parent_id=parent, valid_from=found.effective)
    new.search = fold(f"{code} {name}")
    db.session.add(new)
    db.session.flush()
    organisation.attach(new.id, parent, at=found.effective)
    for child in found.units:
        hang(child, new.id, by=by, effective=found.effective, at=at)
    ids = [m.id for m in found.people]
    for start in range(0, len(ids), 500):
        chunk = sa.update(Member).where(Member.id.in_(ids[start : start + 500])).values(unit_id=new.id)
        db.session.execute(chunk.execution_options(synchronize_session=False))
    dated: dict[str, Any] = {"by": by, "effective": found.effective, "at": at}
    note(unit, Kind.SPLIT, before=unit.name, after=name, other=new.id, **dated)
    note(new, Kind.FOUNDED, before=unit.name, after=name, other=unit.id, **dated)
    return new


_DO = {Kind.RENAMED: _rename, Kind.MOVED: _move, Kind.MERGED: _merge, Kind.SPLIT: _split}
