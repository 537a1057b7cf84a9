"""Lists of units and people brought in from a file: a plan to look at first, then one transaction."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import breathe, db, rows, transaction
from contest.formats.drafts import MemberDraft, Problem, Reading, UnitDraft
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.rules.enrolment import Identity, Known, check_birth, check_code, recognise
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.text import canonical, fold, mailbox, phone
from contest.services import audit, organisation
from contest.services.members import people
from contest.services.members.unit_lists import (
    UnitChange,
    add_unit,
    change_unit,
    known_units,
    plan_units,
    problem,
)

CHUNK = 500
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the list in the form in which it is stored; `member_id` is None for someone new."""

    member_id: int | None
    values: dict[str, Any]
    unit: str
    draft: MemberDraft


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do to units and people, and every problem with its place."""

    new_units: tuple[UnitChange, ...]
    changed_units: tuple[UnitChange, ...]
    new_people: tuple[Person, ...]
    changed_people: tuple[Person, ...]
    unchanged: int
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity == "error")


def plan(units: Reading[UnitDraft], members: Reading[MemberDraft], *, by: Actor) -> Plan:
    """Compare lists with what is known, inside the actor's scope, without changing anything."""
    problems = [*units.problems, *members.problems]
    scope = organisation.units_of(by)
    tree = known_units(scope)
    new_units, changed_units, same_units = plan_units(units.drafts, tree, scope is None, problems)
    reachable = set(tree) | {c.draft.code for c in new_units}
    new_people, changed_people, same_people = _plan_people(members.drafts, reachable, by, problems)
    return Plan(
        tuple(new_units),
        tuple(changed_units),
        tuple(new_people),
        tuple(changed_people),
        same_units + same_people,
        tuple(problems),
    )


def _plan_people(
    drafts: Sequence[MemberDraft], units: set[str], by: Actor, problems: list[Problem]
) -> tuple[list[Person], list[Person], int]:
    today = organisation.today()
    prepared = [p for p in (_prepare(d, units, today, problems) for d in drafts) if p is not None]
    identities = [_identity(p) for p in prepared]
    known, stored = _known_people(identities)
    scope = organisation.units_of(by)
    reachable = None if scope is None else set(db.session.scalars(scope))
    new: list[Person] = []
    changed: list[Person] = []
    unchanged = 0
    for person, match in zip(prepared, recognise(identities, known), strict=True):
        member = stored.get(match.member_id) if match.member_id is not None else None
        refusal = match.refusal
        if member is not None and reachable is not None and member[0].unit_id not in reachable:
            refusal = Refusal("code-taken", field="code")
        if refusal:
            problems.append(problem(refusal, person.draft.place, person.draft.full_name))
        elif member is None:
            new.append(person)
        elif _differs(member[0], member[1], person):
            changed.append(Person(member[0].id, person.values, person.unit, person.draft))
        else:
            unchanged += 1
    return new, changed, unchanged


def _prepare(draft: MemberDraft, units: set[str], today: date, problems: list[Problem]) -> Person | None:
    """Return a row with phone and e-mail in canonical form, or list what is wrong with it."""
    number = phone(draft.phone) if draft.phone else None
    mail = mailbox(draft.email) if draft.email else None
    for name, value in (("phone", number), ("email", mail)):
        if isinstance(value, Refusal):
            problems.append(problem(Refusal(value.slug, value.params, name), draft.place, draft.full_name))
            return None
    if refusal := check_code(draft.code or "") or check_birth(draft.birth_date, today):
        problems.append(problem(refusal, draft.place, draft.full_name))
        return None
    if draft.unit not in units:
        problems.append(problem(Refusal("unit-unknown", {"code": draft.unit}, "unit"), draft.place, draft.full_name))
        return None
    values = {
        "code": draft.code or None,
        "full_name": draft.full_name,
        "birth_date": draft.birth_date,
        "phone": number,
        "email": mail,
        "identity_number": draft.identity_number,
    }
    return Person(None, values, draft.unit, draft)


def _identity(person: Person) -> Identity:
    v = person.values
    key = canonical(v["code"]) if v["code"] else None
    return Identity(fold(v["full_name"]), key, v["identity_number"], v["phone"], v["email"])


def _known_people(identities: Sequence[Identity]) -> tuple[Known, dict[int, tuple[Member, str]]]:
    """Return who of those known shares anything with the list; a fixed number of queries per 500 rows."""
    found: dict[int, tuple[Member, str]] = {}
    query = sa.select(Member, Unit.code).join(Unit, Unit.id == Member.unit_id)
    for column, name in ((Member.code_key, "code"), (Member.identity_number, "identity_number"), (Member.phone, "phone"),
                         (Member.email, "email")):  # fmt: skip
        values = sorted({v for v in (getattr(i, name) for i in identities) if v})
        for start in range(0, len(values), CHUNK):
            for member, unit in rows(query.where(column.in_(values[start : start + CHUNK]))):
                found[member.id] = (member, unit)
    known = Known()
    for member_id, (m, _) in found.items():
        known.add(member_id, Identity(m.search, m.code_key, m.identity_number, m.phone, m.email))
    return known, found


def _differs(member: Member, unit: str, person: Person) -> bool:
    """Say whether a row changes anything; a value the list leaves out changes nothing."""
    given = {k: v for k, v in person.values.items() if v is not None}
    return unit != person.unit or any(getattr(member, k) != v for k, v in given.items())


def apply(found: Plan, *, by: Actor, progress: Progress = lambda done, total: None) -> None:
    """Carry a plan out in one transaction, or on SQLite in parts between which others write.

    Its record stands before the first part. What breaks off between two parts is planned and carried out again.
    """
    at = clock.now()
    with transaction():
        for change in found.new_units:
            add_unit(change.draft, at, by)
        for change in found.changed_units:
            change_unit(change, at, by)
        ids = {r[0]: r[1] for r in rows(sa.select(Unit.code, Unit.id))}
        counts = {
            "new_units": len(found.new_units),
            "changed_units": len(found.changed_units),
            "new_people": len(found.new_people),
            "changed_people": len(found.changed_people),
        }
        audit.record("people-imported", "organisation", 1, by=by, at=at, **counts)
        _name(found.new_people)
        for done, chunk in _chunks(found.new_people):
            _add_people(chunk, ids, at)
            progress(done, len(found.new_people))
            breathe()
        for _, chunk in _chunks(found.changed_people):
            _change_people(chunk, ids)
            breathe()


def _contacts(person: Person) -> tuple[str | None, str | None]:
    return person.values["phone"], person.values["email"]


def _chunks(listed: Sequence[Person]) -> Iterator[tuple[int, Sequence[Person]]]:
    """Yield the people in parts, each with how many they are with those before."""
    for start in range(0, len(listed), CHUNK):
        chunk = listed[start : start + CHUNK]
        yield start + len(chunk), chunk


def _name(new: Sequence[Person]) -> None:
    """Give a code to whoever has none."""
    highest = int(db.session.scalar(sa.select(sa.func.max(Member.id))) or 0)
    taken = {canonical(p.values["code"]) for p in new if p.values["code"]}
    for person in new:
        while person.values["code"] is None:
            highest += 1
            code = f"dv{highest:06d}"
            if code not in taken and not db.session.scalar(sa.select(Member.id).where(Member.code_key == code)):
                person.values["code"] = code


def _add_people(new: Sequence[Person], unit_ids: dict[str, int], at: datetime) -> None:
    stored = [{**people.columns(p.values), "unit_id": unit_ids[p.unit], "created_at": at, "epoch": 1} for p in new]
    db.session.execute(sa.insert(Member), stored)
    codes = [canonical(p.values["code"]) for p in new]
    _renew_names(db.session.scalars(sa.select(Member.id).where(Member.code_key.in_(codes))).all(), new)


def _change_people(changed: Sequence[Person], unit_ids: dict[str, int]) -> None:
    for person in changed:
        member = db.session.get_one(Member, person.member_id)
        given = {k: v for k, v in person.values.items() if v is not None}
        for name, value in people.columns({"full_name": member.full_name, **given}).items():
            setattr(member, name, value)
        member.unit_id = unit_ids[person.unit]
    db.session.flush()
    _renew_names([p.member_id for p in changed if p.member_id is not None], changed)


def _renew_names(member_ids: Sequence[int], listed: Sequence[Person]) -> None:
    people.renew_sign_in_names(member_ids, [c for p in listed for c in _contacts(p) if c])
