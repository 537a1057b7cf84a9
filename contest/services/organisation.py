"""The organisation: its settings, its first visit, and the tree of its units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zoneinfo import available_timezones

import sqlalchemy as sa
from PIL import Image

from contest import clock
from contest.db import db, rowcount, rows, transaction
from contest.db.editions import Kept
from contest.errors import Conflict, Invalid, NotFound
from contest.i18n import Speech
from contest.models.organisation import Organisation, Unit, UnitAncestor
from contest.rules.permissions import Actor, manage_people
from contest.rules.refusals import Refusal
from contest.rules.terms import Address, Role
from contest.rules.text import fold
from contest.services import audit, files

_LOGO_SIDE = 4000


@dataclass(frozen=True, slots=True)
class OrganisationView:
    name_vi: str
    name_en: str
    short_name: str
    anniversary: str | None
    time_zone: str
    address: Address
    logo_version: int | None
    four_eyes: bool
    version: int


@dataclass(frozen=True, slots=True)
class UnitView:
    id: int
    code: str
    name: str
    short_name: str
    level: str
    parent_code: str | None
    headcount: int | None
    depth: int = 0


_SETTINGS: Kept[int, OrganisationView | None] = Kept()


def find_organisation() -> OrganisationView | None:
    """Return the organisation's settings, or None before the first visit."""
    return _SETTINGS.get(1, _read)


def _read(only: int) -> OrganisationView | None:
    row = db.session.get(Organisation, only, populate_existing=True)
    return _view(row) if row else None


def speech(locale: str = "vi") -> Speech:
    """Return how the organisation speaks to a reader of this language."""
    settings = find_organisation()
    return Speech(locale, settings.time_zone, settings.address) if settings else Speech(locale)


def today() -> date:
    """Return the day it is where the organisation is."""
    return speech().local(clock.now()).date()


def _view(row: Organisation) -> OrganisationView:
    return OrganisationView(
        row.name_vi,
        row.name_en,
        row.short_name,
        row.anniversary or None,
        row.time_zone,
        Address(row.address),
        row.logo_file_id,
        row.four_eyes,
        row.version,
    )


def found(settings: Mapping[str, Any], *, logo: bytes | None, by: Actor, at: datetime) -> None:
    """Make the organisation at the first visit; a second call raises Conflict."""
    _check(settings)
    with transaction():
        if db.session.get(Organisation, 1) is not None:
            raise Conflict(Refusal("setup-done"))
        db.session.add(Organisation(id=1, **settings))
        db.session.flush()
        if logo:
            _store_logo(logo, by, at)
        audit.record("organisation-founded", "organisation", 1, by=by, at=at, name=settings["name_vi"])


def change(settings: Mapping[str, Any], version: int, *, logo: bytes | None = None, by: Actor) -> None:
    """Change the settings of the organisation; raises Conflict when somebody else has meanwhile."""
    at = clock.now()
    _check(settings)
    with transaction():
        row = db.session.get(Organisation, 1, populate_existing=True)
        if row is None:
            raise NotFound
        changed = {k: [getattr(row, k), v] for k, v in settings.items() if getattr(row, k) != v}
        guarded = sa.update(Organisation).where(Organisation.id == 1, Organisation.version == version)
        if not rowcount(guarded.values(**settings, version=version + 1)):
            raise Conflict(Refusal("changed-meanwhile"))
        if logo:
            _store_logo(logo, by, at)
        audit.record("organisation-changed", "organisation", 1, by=by, at=at, changed=changed)


def _check(settings: Mapping[str, Any]) -> None:
    if settings.get("time_zone") and settings["time_zone"] not in available_timezones():
        raise Invalid(Refusal("not-a-choice", field="time_zone"))


def _store_logo(data: bytes, by: Actor, at: datetime) -> None:
    file = files.store(files.Blob("logo.png", "image/png", _as_png(data)), owner=by, at=at, life=None)
    db.session.execute(sa.update(Organisation).values(logo_file_id=file.id))


def _as_png(data: bytes) -> bytes:
    """Re-encode a picture, so that nothing but its pixels is kept; the size is checked before decoding."""
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
            if max(image.size) > _LOGO_SIDE:
                raise Invalid(Refusal("bad-image", field="logo"))
            image.thumbnail((320, 320))
            out = BytesIO()
            image.convert("RGBA").save(out, "PNG")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Invalid(Refusal("bad-image", field="logo")) from None
    return out.getvalue()


def find_logo() -> bytes | None:
    file_id = db.session.scalar(sa.select(Organisation.logo_file_id).where(Organisation.id == 1))
    return None if file_id is None else files.get_content(file_id)


def units_of(actor: Actor) -> sa.Select[tuple[int]] | None:
    """Return the ids of the units that the actor manages, as a subquery; None means every unit."""
    if actor.holds_whole(Role.ADMINISTRATOR, Role.ORGANISER):
        return None
    roots = [g.unit_id for g in actor.scopes(Role.ORGANISER) if g.unit_id is not None] if manage_people(actor) else []
    return below(roots)


def below(roots: Sequence[int]) -> sa.Select[tuple[int]]:
    """Return the ids of units and of all below them, as a subquery."""
    return sa.select(UnitAncestor.unit_id).where(UnitAncestor.ancestor_id.in_(roots), UnitAncestor.valid_to.is_(None))


def list_units(*, by: Actor) -> list[UnitView]:
    """Return the units in the actor's scope in the order of the tree."""
    parent = sa.orm.aliased(Unit)
    query = sa.select(Unit, parent.code).outerjoin(parent, parent.id == Unit.parent_id).order_by(Unit.code)
    scope = units_of(by)
    if scope is not None:
        query = query.where(Unit.id.in_(scope))
    found = rows(query.where(Unit.valid_to.is_(None)))
    return _in_tree_order([(unit, parent_code) for unit, parent_code in found])


def find_units(search: str, *, by: Actor, limit: int) -> list[UnitView]:
    """Return the units in the actor's scope whose name or code holds the words, with or without diacritics."""
    parent = sa.orm.aliased(Unit)
    query = sa.select(Unit, parent.code).outerjoin(parent, parent.id == Unit.parent_id)
    query = query.where(Unit.search.contains(fold(search), autoescape=True), Unit.valid_to.is_(None))
    scope = units_of(by)
    found = rows((query if scope is None else query.where(Unit.id.in_(scope))).order_by(Unit.code).limit(limit))
    return [view_of(unit, parent_code) for unit, parent_code in found]


def _in_tree_order(found: Sequence[tuple[Unit, str | None]]) -> list[UnitView]:
    known = {unit.id for unit, _ in found}
    children: dict[int | None, list[tuple[Unit, str | None]]] = {}
    for unit, parent_code in found:
        children.setdefault(unit.parent_id if unit.parent_id in known else None, []).append((unit, parent_code))
    out: list[UnitView] = []
    stack = [(pair, 0) for pair in reversed(children.get(None, []))]
    while stack:
        (unit, parent_code), depth = stack.pop()
        out.append(view_of(unit, parent_code, depth))
        stack += [(pair, depth + 1) for pair in reversed(children.get(unit.id, []))]
    return out


def view_of(unit: Unit, parent_code: str | None, depth: int = 0) -> UnitView:
    return UnitView(
        unit.id, unit.code, unit.name, unit.short_name or unit.name, unit.level, parent_code, unit.headcount, depth
    )


def get_unit(code: str, *, by: Actor) -> Unit:
    """Return a unit in the actor's scope; raises NotFound."""
    query = sa.select(Unit).where(Unit.code == code)
    scope = units_of(by)
    unit = db.session.scalar(query if scope is None else query.where(Unit.id.in_(scope)))
    if unit is None:
        raise NotFound
    return unit


def get_living_unit(code: str, *, by: Actor, field: str = "unit") -> Unit:
    """Return a unit in the actor's scope that was not merged into another; raises Invalid for one that was."""
    unit = get_unit(code, by=by)
    if unit.valid_to is not None:
        raise Invalid(Refusal("target-closed", {"code": code}, field))
    return unit


def attach(unit_id: int, parent_id: int | None, *, at: datetime) -> None:
    """Write the closure of a unit under its parent: itself, and every ancestor of the parent one deeper."""
    db.session.execute(
        sa.insert(UnitAncestor), {"unit_id": unit_id, "ancestor_id": unit_id, "depth": 0, "valid_from": at}
    )
    if parent_id is not None:
        above = sa.select(
            sa.literal(unit_id),
            UnitAncestor.ancestor_id,
            sa.literal(at, UnitAncestor.valid_from.type),
            UnitAncestor.depth + 1,
        ).where(UnitAncestor.unit_id == parent_id, UnitAncestor.valid_to.is_(None))
        names = ["unit_id", "ancestor_id", "valid_from", "depth"]
        db.session.execute(sa.insert(UnitAncestor).from_select(names, above))


def move(unit_id: int, parent_id: int | None, *, at: datetime) -> None:
    """Move a unit with all below it under another parent; the former closure ends now and stays as history."""
    subtree = rows(
        sa.select(UnitAncestor.unit_id, UnitAncestor.depth)
        .where(UnitAncestor.ancestor_id == unit_id, UnitAncestor.valid_to.is_(None))
        .order_by(UnitAncestor.depth)
    )
    inside = [row.unit_id for row in subtree]
    if parent_id in inside:
        raise Invalid(Refusal("unit-cycle", field="parent"))
    leaving = (
        UnitAncestor.unit_id.in_(inside),
        UnitAncestor.ancestor_id.not_in(inside),
        UnitAncestor.valid_to.is_(None),
    )
    for statement in (
        sa.delete(UnitAncestor).where(*leaving, UnitAncestor.valid_from == at),  # it never held
        sa.update(UnitAncestor).where(*leaving).values(valid_to=at),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    if parent_id is None:
        return
    for row in subtree:
        above = sa.select(
            sa.literal(row.unit_id),
            UnitAncestor.ancestor_id,
            sa.literal(at, UnitAncestor.valid_from.type),
            UnitAncestor.depth + 1 + row.depth,
        ).where(UnitAncestor.unit_id == parent_id, UnitAncestor.valid_to.is_(None))
        names = ["unit_id", "ancestor_id", "valid_from", "depth"]
        db.session.execute(sa.insert(UnitAncestor).from_select(names, above))
