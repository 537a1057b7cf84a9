"""Somebody new who registers: a person of their own in a unit that takes part, whose account opens by a code sent by e-mail."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from contest import clock
from contest.db import db, insert, rowcount, transaction
from contest.errors import Conflict, Invalid, NotFound
from contest.models.entrants import ConsentText
from contest.models.members import Member, SignInName
from contest.models.organisation import Unit
from contest.rules.enrolment import check_birth
from contest.rules.entry_terms import ConsentPurpose, RegistrationField, RegistrationWay
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.registration import Asked
from contest.rules.terms import mark
from contest.services import audit, messaging, organisation
from contest.services.contests import registration, registration_setup
from contest.services.members import entry, limiter, people

ALWAYS = (RegistrationField.FULL_NAME, RegistrationField.EMAIL, RegistrationField.UNIT)  # nobody new comes in without
TRIES = 5


def asked_of_newcomers(asked: Asked) -> Asked:
    """Return what a contest asks of somebody new: beside its own fields the name, the e-mail and the unit, in any case."""
    more = tuple(name for name in ALWAYS if name not in asked.fields)
    return Asked(asked.way, (*more, *asked.fields), asked.required | frozenset(ALWAYS))


def enter(
    slug: str,
    given: Mapping[RegistrationField, Any],
    purposes: Collection[ConsentPurpose],
    *,
    entry_code: str = "",
    address: str,
    secret: str,
    base_url: str,
    locale: str,
    has_mail: bool,
) -> None:
    """Enter somebody new under the unit they choose, register them, and send the code that opens their account.

    Raises Invalid naming each field, also for what belongs to somebody known, of whom nothing else is said.
    """
    at = clock.now()
    contest, asked, text = registration.ready(slug, at)
    if not registration_setup.lets_newcomers_in(asked, has_mail=has_mail):
        raise NotFound
    if asked.way is RegistrationWay.CODE:
        registration.check_entry(contest.id, asked, entry_code, address, at)
    else:
        limiter.admit_code(address)  # not given back: each one sends a letter
    checked = registration.check_given(asked_of_newcomers(asked), given, {}, purposes)
    if refusal := check_birth(checked.get(RegistrationField.BIRTH_DATE), organisation.today()):
        raise Invalid(refusal)
    unit_id = _unit(contest.id, str(checked[RegistrationField.UNIT]))
    code = entry.new_activation_code()
    for _ in range(TRIES):
        try:
            with transaction():
                member = _make(checked, unit_id)
                _register(contest.id, member, asked.way, checked, text, purposes, secret)
                entry.issue("activation", [(member.id, member.epoch)], [code], entry.ACTIVATION_LIFE, at)
                _write(member, contest.title, code, base_url, locale)
            return
        except IntegrityError:  # another one was entered in the same moment: under the same code, or the same person
            continue
    raise Conflict(Refusal("unavailable"))


def _unit(contest_id: int, code: str) -> int:
    if code not in {known for known, _ in registration_setup.choices_of(contest_id)}:
        raise Invalid(Refusal("not-a-choice", field="unit"))
    return db.session.scalars(sa.select(Unit.id).where(Unit.code == code)).one()


def _make(checked: Mapping[RegistrationField, Any], unit_id: int) -> Member:
    """Store the person. Each thing one signs in by is claimed by its constraint; a phone that others share is refused too."""
    at = clock.now()
    number, mail = checked.get(RegistrationField.PHONE), checked[RegistrationField.EMAIL]
    identity = checked.get(RegistrationField.IDENTITY_NUMBER)
    for name, column, value in (
        ("identity_number", Member.identity_number, identity),
        ("email", Member.email, mail),
        ("phone", Member.phone, number),
    ):
        if value and db.session.scalar(sa.select(sa.exists().where(column == value))):
            raise Invalid(Refusal("already-known", field=name))
    values = {
        "code": people.next_code(),
        "full_name": checked[RegistrationField.FULL_NAME],
        "birth_date": checked.get(RegistrationField.BIRTH_DATE),
        "phone": number,
        "email": mail,
        "identity_number": identity,
    }
    member = people.new_member(values, unit_id, at)
    db.session.add(member)
    db.session.flush()
    for kind, claimed in (("code", member.code_key), ("email", mail), ("phone", number)):
        claim = insert(SignInName).values(name=claimed, member_id=member.id, kind=kind).on_conflict_do_nothing()
        if claimed and not rowcount(claim):
            raise Invalid(Refusal("already-known", field=kind if kind != "code" else "email"))
    return member


def _register(
    contest_id: int,
    member: Member,
    way: RegistrationWay,
    checked: Mapping[RegistrationField, Any],
    text: ConsentText,
    purposes: Collection[ConsentPurpose],
    secret: str,
) -> None:
    at, self_made = clock.now(), Actor(member.id, member.full_name, member.unit_id)
    registration.store(contest_id, member.id, way, checked, text, purposes, at, secret=secret)
    audit.record("member-entered", "member", member.id, by=self_made, at=at)
    audit.record("registered", "contest", contest_id, by=self_made, at=at, way=way.value)


def _write(member: Member, title: str, code: str, base_url: str, locale: str) -> None:
    at, speech, settings = clock.now(), organisation.speech(locale), organisation.find_organisation()
    body = speech.text(
        mark(
            "Kính gửi %(name)s,\n\n"
            "%(Address)s vừa đăng ký dự thi “%(contest)s”. Mã kích hoạt là %(code)s, dùng một lần trong 30 ngày. "
            "Mời mở trang sau để đặt mật khẩu rồi vào thi:\n\n%(link)s\n\n"
            "Nếu không phải %(address)s đăng ký, mời bỏ qua thư này.\n\n%(organisation)s\n"
        ),
        name=member.full_name,
        contest=title,
        code=code,
        link=f"{base_url}/activate",
        organisation=settings.name_vi if settings else "",
    )
    messaging.post(member.email or "", speech.text(mark("Mã kích hoạt để dự thi")), body, at=at)
