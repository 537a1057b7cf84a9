"""What a contest asks of those who register, who has registered, and what is still missing before it may ask at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, insert, read_cursor, rows, transaction
from contest.errors import Invalid, NotFound
from contest.models.contests import Contest
from contest.models.entrants import Consent, Registration, RegistrationSettings
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.rules.entry_terms import ConsentPurpose, RegistrationField, RegistrationWay
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.registration import Asked, masked, names_newcomers
from contest.rules.terms import ContestState
from contest.rules.text import canonical, fold
from contest.services import audit, organisation
from contest.services.contests import consents, entrants, entry_codes, setup

PAGE = 50
_UNIT = sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name)


@dataclass(frozen=True, slots=True)
class Registered:
    """Somebody who registered, as the contest's organisers see them in a list."""

    code: str
    full_name: str
    unit: str
    registered_at: datetime
    ended_at: datetime | None
    is_named: bool


@dataclass(frozen=True, slots=True)
class Page:
    people: tuple[Registered, ...]
    next: str | None
    total: int


def find_asked(contest_id: int) -> Asked | None:
    """Return what a contest asks of those who register; None when it registers nobody."""
    row = db.session.get(RegistrationSettings, contest_id, populate_existing=True)
    if row is None:
        return None
    required = frozenset(RegistrationField(f) for f in row.required)
    return Asked(RegistrationWay(row.way), tuple(RegistrationField(f) for f in row.fields), required)


def choose(slug: str, asked: Asked | None, *, has_mail: bool, seen: int, by: Actor) -> None:
    """Say what a contest asks, or with None that it registers nobody; raises Invalid for what it may not ask yet."""
    at = clock.now()
    if asked is not None and asked.way is RegistrationWay.OPEN and not has_mail:
        raise Invalid(Refusal("no-mail", field="way"))
    with transaction():
        row = setup.begin(slug, seen, by)
        if row.state == ContestState.PUBLISHED and asked is not None:
            refusals = [*_of_consent(row.id), *_of_code(row.id, asked)]
            if refusals:
                raise Invalid(*(Refusal(r.slug, r.params, "way") for r in refusals))
        if asked is None:
            db.session.execute(sa.delete(RegistrationSettings).where(RegistrationSettings.contest_id == row.id))
        else:
            values: dict[str, Any] = {"way": asked.way.value, "fields": [f.value for f in asked.fields]}
            values["required"] = [f.value for f in asked.fields if f in asked.required]
            statement = insert(RegistrationSettings).values(contest_id=row.id, **values)
            db.session.execute(statement.on_conflict_do_update(index_elements=["contest_id"], set_=values))
        told = asked.way.value if asked else None
        audit.record("registration-chosen", "contest", row.id, by=by, at=at, way=told)


def missing_of(contest_id: int, *, names_public: bool) -> dict[str, tuple[Refusal, ...]]:
    """Return what a contest still lacks before it may register people or show their names: by section of the checklist."""
    asked = find_asked(contest_id)
    missing: dict[str, tuple[Refusal, ...]] = {}
    if asked is not None:
        missing["registration"] = _of_code(contest_id, asked)
    if asked is not None or names_public:
        missing["consent"] = _of_consent(contest_id)
    return missing


def _of_consent(contest_id: int) -> tuple[Refusal, ...]:
    return () if consents.find_text(contest_id) else (Refusal("consent-text-missing"),)


def _of_code(contest_id: int, asked: Asked) -> tuple[Refusal, ...]:
    lacks = asked.way is RegistrationWay.CODE and entry_codes.find_current(contest_id) is None
    return (Refusal("no-entry-code"),) if lacks else ()


def list_registered(contest: Contest, *, search: str = "", after: str = "") -> Page:
    """Return who has registered, by given name, a page at a time by key; nothing of what they wrote."""
    where: list[Any] = [Registration.contest_id == contest.id]
    if search:
        named = Member.search.contains(fold(search), autoescape=True)
        where.append(sa.or_(named, Member.code_key == canonical(search)))
    named_now = sa.exists().where(
        Consent.contest_id == contest.id,
        Consent.member_id == Member.id,
        Consent.purpose == ConsentPurpose.PUBLICATION.value,
        Consent.withdrawn_at.is_(None),
    )
    query = sa.select(Registration, Member, _UNIT, named_now).join(Member, Member.id == Registration.member_id)
    query = query.join(Unit, Unit.id == Member.unit_id).where(*where).execution_options(populate_existing=True)
    total = int(db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0)
    if after:
        cursor = read_cursor(after)
        if cursor is None:
            raise NotFound
        query = query.where(sa.tuple_(Member.name_key, Member.id) > cursor)
    found = rows(query.order_by(Member.name_key, Member.id).limit(PAGE + 1))
    people = tuple(Registered(m.code, m.full_name, u, r.registered_at, r.ended_at, n) for r, m, u, n in found[:PAGE])
    last = found[PAGE - 1][1] if len(found) > PAGE else None
    return Page(people, f"{last.name_key.hex()}.{last.id}" if last else None, total)


def get_registered(slug: str, code: str, *, by: Actor) -> tuple[Registered, Mapping[RegistrationField, str]]:
    """Return one who registered with what they wrote; the identity number is masked unless the actor looks after them."""
    contest = setup.get_contest(slug, by=by)
    query = (
        sa.select(Registration, Member, _UNIT)
        .join(Member, Member.id == Registration.member_id)
        .join(Unit, Unit.id == Member.unit_id)
        .where(Registration.contest_id == contest.id, Member.code_key == canonical(code))
        .execution_options(populate_existing=True)
    )
    found = db.session.execute(query).first()
    if found is None:
        raise NotFound
    row, member, unit = found
    scope = organisation.units_of(by)
    looks_after = scope is None or member.unit_id in set(db.session.scalars(scope))
    written = {RegistrationField(name): str(value) for name, value in row.fields.items()}
    number = written.get(RegistrationField.IDENTITY_NUMBER)
    if number and not looks_after:
        written[RegistrationField.IDENTITY_NUMBER] = masked(number)
    named = ConsentPurpose.PUBLICATION in consents.held_by(contest.id, member.id)
    who = Registered(member.code, member.full_name, unit, row.registered_at, row.ended_at, named)
    return who, written


def choices_of(contest_id: int) -> Sequence[tuple[str, str]]:
    """Return the units somebody new may choose among: those whose people take part, as (code, name)."""
    contest = sa.literal(contest_id)
    nearest, taken_out = entrants.included_at(contest, Unit.id), entrants.excluded_at(contest, Unit.id)
    query = sa.select(Unit.code, Unit.name).where(
        Unit.valid_to.is_(None), nearest.is_not(None), sa.or_(taken_out.is_(None), nearest < taken_out)
    )
    return [(r[0], r[1]) for r in rows(query.order_by(Unit.code))]


def lets_newcomers_in(asked: Asked | None, *, has_mail: bool) -> bool:
    """Say whether somebody in no list yet may register: where the way allows it and the code can be sent by e-mail."""
    return asked is not None and names_newcomers(asked.way) and has_mail
