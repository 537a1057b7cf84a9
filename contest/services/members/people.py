"""People as organisers see them: found, shown, entered, changed, suspended, given roles; always inside one's scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, insert, read_cursor, rows, transaction
from contest.errors import Invalid, NotFound
from contest.models.contests import Contest
from contest.models.members import Member, RoleGrant, SignInName
from contest.models.organisation import Unit
from contest.rules.enrolment import check_birth, check_code
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import Role
from contest.rules.text import canonical, fold, name_key
from contest.services import audit, files, organisation
from contest.services.members import entry, sessions

PAGE = 50


@dataclass(frozen=True, slots=True)
class MemberView:
    id: int
    code: str
    full_name: str
    birth_date: date | None
    phone: str | None
    email: str | None
    unit_code: str
    unit_name: str
    is_open: bool
    is_suspended: bool
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of people; `next` continues after the last one."""

    people: tuple[MemberView, ...]
    next: str | None
    total: int


def list_members(*, by: Actor, search: str = "", unit: str = "", after: str = "") -> Page:
    """Return people in the actor's scope by given name, a page at a time by key."""
    where = _conditions(by, search, unit)
    total = int(db.session.scalar(sa.select(sa.func.count()).select_from(Member).where(*where)) or 0)
    if after:
        cursor = read_cursor(after)
        if cursor is None:
            raise NotFound
        where.append(sa.tuple_(Member.name_key, Member.id) > cursor)
    query = _members().where(*where).order_by(Member.name_key, Member.id).limit(PAGE + 1)
    found = rows(query)
    people = tuple(_view(row) for row in found[:PAGE])
    last_member = found[PAGE - 1][0] if len(found) > PAGE else None
    return Page(people, f"{last_member.name_key.hex()}.{last_member.id}" if last_member else None, total)


def _members() -> sa.Select[Any]:
    return sa.select(Member, Unit.code, Unit.short_name, Unit.name).join(Unit, Unit.id == Member.unit_id)


def _conditions(by: Actor, search: str, unit: str) -> list[Any]:
    where: list[Any] = []
    scope = organisation.units_of(by)
    if scope is not None:
        where.append(Member.unit_id.in_(scope))
    if unit:
        where.append(Member.unit_id.in_(organisation.below([organisation.get_unit(unit, by=by).id])))
    if search:
        named = Member.search.contains(fold(search), autoescape=True)
        where.append(sa.or_(named, Member.code_key == canonical(search)))
    return where


def _view(row: sa.Row[Any], roles: tuple[Role, ...] = ()) -> MemberView:
    member, unit_code, short_name, name = row
    return MemberView(
        member.id,
        member.code,
        member.full_name,
        member.birth_date,
        member.phone,
        member.email,
        unit_code,
        short_name or name,
        member.password_hash is not None,
        member.suspended_at is not None,
        roles,
    )


def get_member(code: str, *, by: Actor) -> MemberView:
    """Return one person in the actor's scope, or oneself; raises NotFound."""
    member = _get(code, by)
    found = db.session.execute(_members().where(Member.id == member.id)).one()
    roles = db.session.scalars(sa.select(RoleGrant.role).where(RoleGrant.member_id == member.id))
    return _view(found, roles=tuple(sorted({Role(r) for r in roles})))


def actor_of(member_id: int | None) -> Actor:
    """Return a member as an actor with the roles held now, for work done on their behalf; raises NotFound."""
    member = db.session.get(Member, member_id, populate_existing=True) if member_id is not None else None
    if member is None or member.suspended_at is not None:
        raise NotFound
    actor = sessions.find_actor(member.id, member.epoch, "")
    if actor is None:
        raise NotFound
    return actor


def get_actor(code: str) -> Actor:
    """Return the member of this code as an actor; raises NotFound."""
    return actor_of(db.session.scalar(sa.select(Member.id).where(Member.code_key == canonical(code))))


def get_self(actor: Actor) -> MemberView:
    found = db.session.execute(_members().where(Member.id == actor.member_id)).one()
    return _view(found, roles=tuple(sorted(actor.roles)))


def _get(code: str, by: Actor) -> Member:
    query = sa.select(Member).where(Member.code_key == canonical(code))
    scope = organisation.units_of(by)
    member = db.session.scalar(query if scope is None else query.where(Member.unit_id.in_(scope)))
    if member is None:
        raise NotFound
    return member


def enter(values: Mapping[str, Any], *, unit: str, by: Actor) -> str:
    """Enter one person by hand and return the member code; raises Invalid naming the field."""
    at = clock.now()
    with transaction():
        unit_row = organisation.get_living_unit(unit, by=by)
        code = values.get("code") or next_code()
        if db.session.scalar(sa.select(Member.id).where(Member.code_key == canonical(code))):
            raise Invalid(Refusal("code-taken", field="code"))
        if refusal := check_code(code) or check_birth(values.get("birth_date"), organisation.today()):
            raise Invalid(refusal)
        member = new_member({**values, "code": code}, unit_row.id, at)
        db.session.add(member)
        db.session.flush()
        renew_sign_in_names([member.id], [c for c in (member.phone, member.email) if c])
        audit.record("member-entered", "member", member.id, by=by, at=at)
    return member.code


def new_member(values: Mapping[str, Any], unit_id: int, at: datetime) -> Member:
    """Return a person ready to be stored, with the keys for order and search."""
    return Member(**columns(values), unit_id=unit_id, created_at=at)


def columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a person's values: order by given name, search without diacritics, codes caseless."""
    name = values["full_name"]
    key = {"code_key": canonical(values["code"])} if "code" in values else {}
    return {**values, **key, "name_key": name_key(name), "search": fold(name)}


def next_code() -> str:
    """Return a member code that nobody has yet."""
    highest = int(db.session.scalar(sa.select(sa.func.max(Member.id))) or 0)
    while True:
        highest += 1
        code = f"dv{highest:06d}"
        if not db.session.scalar(sa.select(Member.id).where(Member.code_key == code)):
            return code


def change(code: str, values: Mapping[str, Any], *, unit: str, by: Actor) -> None:
    """Change a person's data or unit; a new e-mail makes reset links on their way worthless."""
    at = clock.now()
    with transaction():
        member = _get(code, by)
        unit_row = organisation.get_living_unit(unit, by=by)
        if refusal := check_birth(values.get("birth_date"), organisation.today()):
            raise Invalid(refusal)
        before = {k: getattr(member, k) for k in values}
        contacts = [c for c in (member.phone, member.email, values.get("phone"), values.get("email")) if c]
        for name, value in columns({"full_name": member.full_name, **values}).items():
            setattr(member, name, value)
        moved = member.unit_id != unit_row.id
        member.unit_id = unit_row.id
        if before.get("email", member.email) != member.email:
            entry.withdraw("reset", [member.id], at)
        db.session.flush()
        renew_sign_in_names([member.id], contacts)
        changed = sorted(k for k in values if before[k] != getattr(member, k)) + (["unit"] if moved else [])
        audit.record("member-changed", "member", member.id, by=by, at=at, fields=changed)


def renew_sign_in_names(member_ids: Sequence[int], contacts: Sequence[str]) -> None:
    """Give these people their code to sign in by, and each contact to its one owner; shared contacts to nobody."""
    for start in range(0, len(member_ids), 500):
        chunk = sa.select(Member.code_key, Member.id, sa.literal("code")).where(
            Member.id.in_(member_ids[start : start + 500])
        )
        names = insert(SignInName).from_select(["name", "member_id", "kind"], chunk)
        db.session.execute(names.on_conflict_do_nothing())
    unique = sorted(set(contacts))
    for start in range(0, len(unique), 500):
        _renew_contacts(unique[start : start + 500])


def _renew_contacts(contacts: Sequence[str]) -> None:
    db.session.execute(
        sa.delete(SignInName)
        .where(SignInName.name.in_(contacts), SignInName.kind != "code")
        .execution_options(synchronize_session=False)
    )
    for column, kind in ((Member.phone, "phone"), (Member.email, "email")):
        sole = (
            sa.select(column, sa.func.min(Member.id), sa.literal(kind))
            .where(column.in_(contacts))
            .group_by(column)
            .having(sa.func.count() == 1)
        )
        names = insert(SignInName).from_select(["name", "member_id", "kind"], sole)
        db.session.execute(names.on_conflict_do_nothing())


def suspend(code: str, *, suspended: bool, by: Actor) -> None:
    """Suspend a person, which ends all their sessions, or let them in again; what they saved stays."""
    at = clock.now()
    with transaction():
        member = _get(code, by)
        if member.id == by.member_id:
            raise Invalid(Refusal("forbidden"))
        member.suspended_at = at if suspended else None
        db.session.flush()
        sessions.end_all(member.id)
        audit.record("member-suspended" if suspended else "member-restored", "member", member.id, by=by, at=at)


def give_role(code: str, role: Role, *, by: Actor, unit_id: int | None = None, contest_id: int | None = None) -> None:
    """Give a person a role with a scope; for administrators."""
    at = clock.now()
    with transaction():
        member = _get(code, by)
        db.session.add(RoleGrant(member_id=member.id, role=role, unit_id=unit_id, contest_id=contest_id))
        scope = {"unit": unit_id, "contest": contest_id}
        audit.record("role-given", "member", member.id, by=by, at=at, role=role, **scope)


@dataclass(frozen=True, slots=True)
class GrantView:
    """A role given, with its scope in words; None means the whole organisation."""

    id: int
    role: Role
    code: str
    full_name: str
    scope: str | None


def list_grants() -> list[GrantView]:
    """Return every role given; for administrators."""
    query = (
        sa.select(RoleGrant.id, RoleGrant.role, Member.code, Member.full_name, Unit.name, Contest.title)
        .join(Member, Member.id == RoleGrant.member_id)
        .outerjoin(Unit, Unit.id == RoleGrant.unit_id)
        .outerjoin(Contest, Contest.id == RoleGrant.contest_id)
        .order_by(RoleGrant.role, Member.name_key)
    )
    return [GrantView(r[0], Role(r[1]), r[2], r[3], r[4] or r[5]) for r in rows(query)]


def take_role(grant_id: int, *, by: Actor) -> None:
    """Take a role away; it ends with the next request, and with it the files it made. The last administrator stays."""
    at = clock.now()
    with transaction():
        grant = db.session.get(RoleGrant, grant_id)
        if grant is None:
            raise NotFound
        administrators = sa.select(sa.func.count()).where(RoleGrant.role == Role.ADMINISTRATOR)
        if grant.role == Role.ADMINISTRATOR and db.session.scalar(administrators) == 1:
            raise Invalid(Refusal("last-administrator"))
        db.session.delete(grant)
        files.disown(grant.member_id)
        audit.record("role-taken", "member", grant.member_id, by=by, at=at, role=grant.role)
