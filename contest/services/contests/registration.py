"""Registering for a contest: a member who adds what the contest asks, or somebody new who opens an account by e-mail.

Nobody is ever taken for somebody else because two names look alike: somebody new is always a person of their own, and
what belongs to a person already known is refused.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from contest import clock
from contest.db import db, insert, rowcount, transaction
from contest.errors import Closed, Invalid, NotFound
from contest.models.contests import Contest, Round
from contest.models.entrants import ConsentText, Registration
from contest.models.members import Member
from contest.rules.entrants import Settings as EntrantSettings
from contest.rules.entrants import may_take_part
from contest.rules.entry_terms import ConsentPurpose, RegistrationField, RegistrationWay
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.registration import Asked, check_full_name, check_identity_number, missing
from contest.rules.terms import ContestState
from contest.services import audit
from contest.services.contests import consents, entrants, entry_codes, registration_setup
from contest.services.members import limiter

Given = Mapping[RegistrationField, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The form of a contest as its reader finds it: what is asked, the text to consent to, what is known of them."""

    slug: str
    title: str
    asked: Asked | None
    text: ConsentText | None
    known: Mapping[RegistrationField, Any]
    is_registered: bool
    held: frozenset[ConsentPurpose]
    barred: Refusal | None
    is_open: bool


def get_sheet(slug: str, *, actor: Actor | None) -> Sheet:
    """Return a contest's form of registration; raises NotFound where it asks for nothing."""
    contest = _get(slug)
    asked, text = registration_setup.find_asked(contest.id), consents.find_text(contest.id)
    if text is None:
        raise NotFound
    known: Mapping[RegistrationField, Any] = {}
    is_registered, held, barred = False, frozenset[ConsentPurpose](), None
    if actor is not None and actor.member_id is not None:
        known = _known(db.session.get_one(Member, actor.member_id, populate_existing=True))
        who, _ = entrants.find(contest.id, actor.member_id, actor.unit_id)
        is_registered, barred = who.is_registered, may_take_part(who, EntrantSettings())
        held = consents.held_by(contest.id, actor.member_id)
    is_open = _is_open(contest, clock.now())
    return Sheet(contest.slug, contest.title, asked, text, known, is_registered, held, barred, is_open)


def _get(slug: str) -> Contest:
    query = sa.select(Contest).where(Contest.slug == slug, Contest.state != ContestState.DRAFT)
    contest = db.session.scalar(query.execution_options(populate_existing=True))
    if contest is None:
        raise NotFound
    return contest


def contest_id_of(slug: str) -> int:
    """Return the id of a contest that members may see; raises NotFound."""
    return _get(slug).id


def _is_open(contest: Contest, at: datetime) -> bool:
    """Say whether a contest takes registrations: while it is published and some round has not closed."""
    later = sa.exists().where(Round.contest_id == contest.id, Round.closes_at > at)
    return contest.state == ContestState.PUBLISHED and bool(db.session.scalar(sa.select(later)))


def _known(member: Member) -> Mapping[RegistrationField, Any]:
    fields = RegistrationField
    known = {
        fields.FULL_NAME: member.full_name,
        fields.BIRTH_DATE: member.birth_date,
        fields.IDENTITY_NUMBER: member.identity_number,
        fields.PHONE: member.phone,
        fields.EMAIL: member.email,
        fields.UNIT: member.unit_id,
    }
    return {name: value for name, value in known.items() if value}


def digest(number: str, secret: str) -> str:
    """Return the keyed digest by which one identity number registers once in a contest."""
    return hmac.new(secret.encode(), f"identity-number:{number}".encode(), hashlib.sha256).hexdigest()


def register(
    slug: str,
    given: Given,
    purposes: Collection[ConsentPurpose],
    *,
    entry: str = "",
    by: Actor,
    address: str,
    secret: str,
) -> None:
    """Register a member; registering twice is registering once. Raises Invalid naming each field, Closed, TooMany."""
    at = clock.now()
    contest, asked, text = ready(slug, at)
    member = db.session.get_one(Member, by.member_id, populate_existing=True)
    who, _ = entrants.find(contest.id, member.id, member.unit_id)
    barred = may_take_part(who, EntrantSettings())
    if barred is not None:
        raise Closed(barred)
    check_entry(contest.id, asked, entry, address, at)
    known = _known(member)
    checked = check_given(asked, given, known, purposes)
    number = checked.get(RegistrationField.IDENTITY_NUMBER)
    other = sa.select(Member.id).where(Member.identity_number == number, Member.id != member.id)
    if number and db.session.scalar(other) is not None:
        raise Invalid(Refusal("already-known", field="identity_number"))
    with transaction(shared=False):
        if store(
            contest.id, member.id, asked.way, checked, text, purposes, at, secret=secret, own=member.identity_number
        ):
            audit.record("registered", "contest", contest.id, by=by, at=at, way=asked.way.value)


def ready(slug: str, at: datetime) -> tuple[Contest, Asked, ConsentText]:
    """Return a contest that registers people now, with what it asks and its text; raises NotFound or Closed."""
    contest = _get(slug)
    asked, text = registration_setup.find_asked(contest.id), consents.find_text(contest.id)
    if asked is None or text is None:
        raise NotFound
    if not _is_open(contest, at):
        raise Closed(Refusal("registration-closed"))
    return contest, asked, text


def check_entry(contest_id: int, asked: Asked, entry: str, address: str, at: datetime) -> None:
    """Refuse whoever lacks the entry code a contest asks for; tries are counted as those of activation codes are."""
    if asked.way is not RegistrationWay.CODE:
        return
    limiter.admit_code(address)
    if not entry_codes.admits(contest_id, entry, at):
        raise Invalid(Refusal("entry-code-invalid", field="entry"))
    limiter.code_accepted(address)


def check_given(
    asked: Asked, given: Given, known: Given, purposes: Collection[ConsentPurpose]
) -> dict[RegistrationField, Any]:
    """Return what is asked of what was given, the identity number in its twelve figures; raises Invalid for all that lacks."""
    checked = {name: given[name] for name in asked.fields if given.get(name)}
    kept = [name for name in (RegistrationField.IDENTITY_NUMBER, RegistrationField.UNIT) if known.get(name)]
    refusals = missing(asked, checked, kept)
    name = checked.get(RegistrationField.FULL_NAME)
    if name and (refusal := check_full_name(str(name))):
        refusals.append(refusal)
    if number := checked.get(RegistrationField.IDENTITY_NUMBER):
        born = checked.get(RegistrationField.BIRTH_DATE) or known.get(RegistrationField.BIRTH_DATE)
        found = check_identity_number(str(number), born if isinstance(born, date) else None)
        if isinstance(found, Refusal):
            refusals.append(found)
        else:
            checked[RegistrationField.IDENTITY_NUMBER] = found
    if ConsentPurpose.PARTICIPATION not in purposes:
        refusals.append(Refusal("consent-needed", field="participation"))
    if refusals:
        raise Invalid(*refusals)
    return checked


def store(
    contest_id: int,
    member_id: int,
    way: RegistrationWay,
    checked: Given,
    text: ConsentText,
    purposes: Collection[ConsentPurpose],
    at: datetime,
    *,
    secret: str,
    own: str | None = None,
) -> bool:
    """Store consents and registration inside the caller's transaction; False where the person is registered already.

    `own` is the identity number known before, which counts where none was given. Raises Invalid for a number that has
    registered already, by the constraint itself.
    """
    given = consents.give(text, member_id, purposes, way="form", at=at)
    number = checked.get(RegistrationField.IDENTITY_NUMBER) or own
    values: dict[str, Any] = {
        "registered_at": at,
        "ended_at": None,
        "way": way.value,
        "fields": {name.value: _plain(value) for name, value in checked.items()},
        "identity_digest": digest(str(number), secret) if number else None,
        "consent_id": given[ConsentPurpose.PARTICIPATION],
    }
    statement = insert(Registration).values(contest_id=contest_id, member_id=member_id, **values)
    again = statement.on_conflict_do_update(
        index_elements=["contest_id", "member_id"], set_=values, where=Registration.ended_at.is_not(None)
    )
    try:
        return rowcount(again) == 1
    except IntegrityError:
        raise Invalid(Refusal("already-registered", field="identity_number")) from None


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
