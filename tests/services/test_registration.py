"""Registering: exactly what is asked, one person a registration, nobody taken for another; consent given and withdrawn."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import db
from contest.errors import Closed, Conflict, Invalid, NotFound, TooMany
from contest.models.entrants import Consent, Registration
from contest.models.members import Member
from contest.models.messages import OutboxMessage
from contest.models.results import Standing
from contest.rules.entry_terms import ConsentPurpose, EntrantMark, RegistrationField, RegistrationWay
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.registration import Asked
from contest.rules.terms import Criterion
from contest.services.attempts import starting
from contest.services.contests import consents, entry_codes, newcomers, registration, registration_setup, setup, views
from contest.services.members import entry
from contest.services.results import boards, proof
from tests import people
from tests.conftest import Clock
from tests.services.crowd import take
from tests.tables import snapshot

F, PART, PUBLIC = RegistrationField, ConsentPurpose.PARTICIPATION, ConsentPurpose.PUBLICATION
SLUG, SECRET, NUMBER, OTHER = "cuoc-thi", "s" * 40, "001187009871", "001187009872"
NEW = {F.FULL_NAME: "Đặng Thị Ánh", F.EMAIL: "anh@example.vn", F.UNIT: "A1"}


@pytest.fixture
def code(context: Flask, database: str, clock: Clock) -> str:
    people.organisation()
    return people.contest()[0]


def ask(
    *fields: RegistrationField,
    way: RegistrationWay = RegistrationWay.MEMBERS,
    optional: tuple[RegistrationField, ...] = (),
) -> None:
    """Let the contest register people, asking these fields, all of them needed but for the optional ones."""
    seen = setup.get_contest(SLUG, by=SYSTEM).version
    if way is RegistrationWay.CODE and entry_codes.find_current(people.contest_id()) is None:
        entry_codes.renew(SLUG, None, None, by=SYSTEM)
    registration_setup.choose(
        SLUG, Asked(way, (*fields, *optional), frozenset(fields)), has_mail=True, seen=seen, by=SYSTEM
    )


def register(
    who: Actor, given: Mapping[RegistrationField, Any] | None = None, *more: ConsentPurpose, **entry_: str
) -> None:
    registration.register(SLUG, given or {}, [PART, *more], by=who, address="10.0.0.1", secret=SECRET, **entry_)


def enter(given: Mapping[RegistrationField, Any] = NEW, *, entry_code: str = "", address: str = "10.0.0.1") -> None:
    newcomers.enter(
        SLUG, given, [PART], entry_code=entry_code, address=address, secret=SECRET, base_url="https://hoithi.example",
        locale="vi", has_mail=True,
    )  # fmt: skip


def fields(refused: Any) -> list[tuple[str, str | None]]:
    return [(r.slug, r.field) for r in refused.value.refusals]


# Members


def test_start_needs_the_registration(code: str) -> None:
    who = people.member("m1")
    ask(F.ADDRESS)
    with pytest.raises(Closed) as refused:
        starting.start(code, by=who)
    assert refused.value.refusal.slug == "registration-needed"
    assert views.get_round(code, actor=who)[1].why_not == refused.value.refusal
    register(who, {F.ADDRESS: "1 Trần Bình Trọng"})
    assert starting.start(code, by=who)


def test_registration_holds_what_was_asked_and_nothing_else(code: str, clock: Clock) -> None:
    ask(F.ADDRESS, F.BIRTH_DATE)
    register(
        people.member("m1"), {F.ADDRESS: "Hà Nội", F.BIRTH_DATE: date(1987, 2, 14), F.PHONE: "+84912345678"}, PUBLIC
    )
    row = db.session.scalars(sa.select(Registration)).one()
    assert row.fields == {"address": "Hà Nội", "birth_date": "1987-02-14"}
    assert (row.registered_at, row.way, row.ended_at) == (clock.at, "members", None)
    given = db.session.execute(sa.select(Consent.purpose, Consent.given_at, Consent.way)).all()
    assert sorted(map(tuple, given)) == [("participation", clock.at, "form"), ("publication", clock.at, "form")]


def test_everything_that_lacks_is_named_at_once(code: str) -> None:
    ask(F.ADDRESS, F.IDENTITY_NUMBER, F.FULL_NAME)
    with pytest.raises(Invalid) as refused:
        registration.register(
            SLUG,
            {F.IDENTITY_NUMBER: "123", F.FULL_NAME: "Ánh"},
            [PUBLIC],
            by=people.member("m1"),
            address="x",
            secret=SECRET,
        )
    assert fields(refused) == [
        ("required", "address"),
        ("name-one-word", "full_name"),
        ("bad-identity-number", "identity_number"),
        ("consent-needed", "participation"),
    ]
    assert list(db.session.scalars(sa.select(Consent))) == []


def test_registering_twice_is_registering_once(code: str, clock: Clock, app: Flask) -> None:
    who = people.member("m1")
    ask()
    register(who)
    before = snapshot(app)
    clock.advance(hours=1)
    register(who)
    assert snapshot(app) == before


def test_identity_number_registers_once_and_is_not_kept_as_an_index(code: str) -> None:
    ask(F.IDENTITY_NUMBER)
    register(people.member("m1"), {F.IDENTITY_NUMBER: "001 187 009 871"})
    for who in (people.member("m2"), people.member("m3", identity_number=OTHER)):
        with pytest.raises(Invalid) as refused:
            register(who, {F.IDENTITY_NUMBER: NUMBER})
        assert fields(refused) == [("already-registered", "identity_number")]
    with pytest.raises(Invalid) as refused:
        register(people.member("m4"), {F.IDENTITY_NUMBER: OTHER})  # in the union's list it is somebody else's
    assert fields(refused) == [("already-known", "identity_number")]
    row = db.session.scalars(sa.select(Registration)).one()
    assert row.fields == {"identity_number": NUMBER}
    assert NUMBER not in (row.identity_digest or "")
    assert row.identity_digest == registration.digest(NUMBER, SECRET) != registration.digest(NUMBER, SECRET + "x")


def test_known_identity_number_need_not_be_given_again(code: str) -> None:
    ask(F.IDENTITY_NUMBER)
    register(people.member("m1", identity_number=NUMBER))
    with pytest.raises(Invalid) as refused:
        register(people.member("m2"))
    assert fields(refused) == [("required", "identity_number")]


def test_whoever_stays_out_cannot_register(code: str) -> None:
    ask()
    who = people.member("m1")
    people.mark(SLUG, who, EntrantMark.STAYS_OUT)
    with pytest.raises(Closed) as refused:
        register(who)
    assert refused.value.refusal.slug == "person-not-taking-part"


def test_registration_is_taken_until_the_last_round_closes(code: str, clock: Clock) -> None:
    ask()
    closes = people.round_row(code).closes_at
    early, late = people.member("m1"), people.member("m2")
    clock.set(closes - timedelta(seconds=1))
    register(early)
    clock.set(closes)
    with pytest.raises(Closed) as refused:
        register(late)
    assert refused.value.refusal.slug == "registration-closed"


def test_ranking_by_registration_goes_by_its_instant(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    code = people.contest(rounds=[{"criteria": [Criterion.CORRECT, Criterion.REGISTERED_AT], "prediction": None}])[0]
    ask()
    first, second = people.member("m1"), people.member("m2")  # entered in the same moment
    for who in (second, first):
        clock.advance(seconds=1)
        register(who)
    for who in (first, second):
        take(code, who, clock, 2, None, 60)
    clock.set(people.round_row(code).closes_at)
    worker.run_once(context)
    worker.run_once(context)
    placed = db.session.execute(sa.select(Standing.member_id, Standing.place).order_by(Standing.place)).all()
    assert [tuple(p) for p in placed] == [(second.member_id, 1), (first.member_id, 2)]
    assert [p.differences for p in proof.verify(SLUG, None, by=SYSTEM)] == [()] * 2


# Codes


def test_code_lets_in_by_its_link_and_by_the_fingers(code: str) -> None:
    ask(way=RegistrationWay.CODE)
    found = entry_codes.find_current(people.contest_id())
    assert found is not None
    assert len(found.secret) == 32  # 192 bits
    typed = found.typed.lower().replace("-", " ")
    for n, given in enumerate((found.secret, found.typed, typed)):
        register(people.member(f"m{n}"), entry=given)
    other = people.member("m9")
    for wrong in ("", "X" * 8, found.secret[:-1], found.secret.lower(), "x" * 1000, "\0", "ÀÁ" * 4):
        with pytest.raises(Invalid) as refused:
            register(other, entry=wrong)
        assert fields(refused) == [("entry-code-invalid", "entry")]


def test_code_out_of_its_time_or_renewed_is_as_wrong_as_any(code: str, clock: Clock) -> None:
    begins, ends = clock.at + timedelta(minutes=10), clock.at + timedelta(minutes=20)
    entry_codes.renew(SLUG, begins, ends, by=SYSTEM)
    ask(way=RegistrationWay.CODE)
    found = entry_codes.find_current(people.contest_id())
    assert found is not None
    told = []
    for n, (at, given) in enumerate(
        [(begins - timedelta(seconds=1), found.typed), (begins, found.typed), (ends, found.typed), (ends, "WRON-GONE")]
    ):
        clock.set(at)
        try:
            register(people.member(f"m{n}"), entry=given)
            told.append(None)
        except Invalid as refused:
            told.append(refused.refusal)
    assert told[1] is None
    assert told[0] == told[2] == told[3] is not None
    entry_codes.renew(SLUG, None, None, by=SYSTEM)
    with pytest.raises(Invalid):
        register(people.member("m8"), entry=found.secret)
    with pytest.raises(Invalid) as refused_:
        entry_codes.renew(SLUG, None, clock.at, by=SYSTEM)
    assert fields(refused_) == [("valid-ends-first", "valid_until")]


def test_guessing_a_code_is_limited_like_guessing_an_activation_code(code: str) -> None:
    ask(way=RegistrationWay.CODE)
    found, who = entry_codes.find_current(people.contest_id()), people.member("m1")
    assert found is not None
    for _ in range(60):
        with pytest.raises(Invalid):
            register(who, entry="WRON-GONE")
    with pytest.raises(TooMany):
        register(who, entry=found.typed)


# Newcomers


def test_newcomer_is_entered_registered_and_written_to(code: str) -> None:
    ask(way=RegistrationWay.OPEN)
    enter()
    member = db.session.scalars(sa.select(Member).where(Member.email == "anh@example.vn")).one()
    assert (member.full_name, member.unit_id, member.password_hash) == ("Đặng Thị Ánh", people.unit_id("A1"), None)
    assert db.session.scalars(sa.select(Registration.member_id)).one() == member.id
    letter = db.session.scalars(sa.select(OutboxMessage)).one()
    assert letter.recipient == "anh@example.vn"
    activation = next(word.strip(",") for word in letter.body.split() if word.count("-") == 2)
    opened = entry.open_account(activation, "mot hai ba bon nam", address="10.0.0.1")
    assert starting.start(code, by=opened)


def test_people_with_names_alike_stay_two_people(code: str) -> None:
    people.member("m1", full_name="Đặng Thị Ánh", email="khac@example.vn")
    ask(way=RegistrationWay.OPEN)
    enter()
    enter({**NEW, F.FULL_NAME: "Dang Thi Anh", F.EMAIL: "anh2@example.vn"})
    found = list(db.session.scalars(sa.select(Member.email).where(Member.search == "dang thi anh").order_by(Member.id)))
    assert found == ["khac@example.vn", "anh@example.vn", "anh2@example.vn"]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("email", {F.EMAIL: "m1@example.vn"}),
        ("phone", {F.PHONE: "+84912345678"}),
        ("identity_number", {F.IDENTITY_NUMBER: NUMBER}),
    ],
)
def test_what_is_somebody_elses_is_refused_without_a_word_of_whom(code: str, app: Flask, name: str, given: Any) -> None:
    people.member("m1", full_name="Zqten Riêng", email="m1@example.vn", phone="+84912345678", identity_number=NUMBER)
    ask(way=RegistrationWay.OPEN, optional=(F.PHONE, F.IDENTITY_NUMBER))
    before = snapshot(app, without=frozenset({"rate_windows"}))
    with pytest.raises(Invalid) as refused:
        enter({**NEW, **given})
    assert fields(refused) == [("already-known", name)]
    assert refused.value.refusal.params == {}
    assert snapshot(app, without=frozenset({"rate_windows"})) == before


@pytest.mark.parametrize("unit", ["B1", "A", "KHONG-CO", ""])
def test_newcomer_chooses_among_the_units_that_take_part(code: str, unit: str) -> None:
    seen = setup.get_contest(SLUG, by=SYSTEM).version
    setup.choose_units(SLUG, ["A"], excluded=["A1"], seen=seen, by=SYSTEM)
    ask(way=RegistrationWay.OPEN)
    assert registration_setup.choices_of(people.contest_id()) == [("A", "Công đoàn Sở An")]
    if unit == "A":
        enter({**NEW, F.UNIT: unit})
        return
    with pytest.raises(Invalid) as refused:
        enter({**NEW, F.UNIT: unit})
    assert refused.value.refusal.field == "unit"


def test_nobody_new_comes_into_a_contest_for_members_or_without_mail(code: str) -> None:
    ask()
    with pytest.raises(NotFound):
        enter()
    with pytest.raises(Invalid) as refused:
        registration_setup.choose(
            SLUG,
            Asked(RegistrationWay.OPEN),
            has_mail=False,
            seen=setup.get_contest(SLUG, by=SYSTEM).version,
            by=SYSTEM,
        )
    assert fields(refused) == [("no-mail", "way")]


# Consent


def test_text_changes_by_versions_and_consent_keeps_the_one_it_was_given_to(code: str) -> None:
    who = people.member("m1")
    ask()
    register(who)
    consents.write(SLUG, {**people.CONSENT, "why": "Khác"}, seen=1, by=SYSTEM)
    with pytest.raises(Conflict):
        consents.write(SLUG, people.CONSENT, seen=1, by=SYSTEM)
    (given,) = consents.list_given(who)
    assert (given.version, given.newest, given.purpose, given.withdrawn_at) == (1, 2, PART, None)


def test_withdrawing_ends_the_registration_and_the_public_name(code: str, clock: Clock) -> None:
    who = people.member("m1")
    ask()
    register(who, None, PUBLIC)
    take(code, who, clock, 2, None, 60)
    clock.advance(minutes=1)
    consents.withdraw(SLUG, PART, by=who)
    assert [g.withdrawn_at for g in consents.list_given(who)] == [clock.at, clock.at]
    with pytest.raises(Closed) as refused:
        starting.start(code, by=who)
    assert refused.value.refusal.slug == "registration-needed"
    with pytest.raises(NotFound):
        consents.withdraw(SLUG, PART, by=who)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Standing)) == 1  # what was handed in still counts
    clock.advance(minutes=1)
    register(who)
    assert db.session.scalars(sa.select(Registration)).one().registered_at == clock.at
    assert starting.start(code, by=who)


def test_visitors_read_the_names_of_those_who_agreed(app: Flask, code: str, clock: Clock) -> None:
    agrees, keeps = people.member("m1", full_name="Đặng Thị Ánh"), people.member("m2", full_name="Lê Văn Bình")
    for who, right in ((agrees, 3), (keeps, 2)):
        take(code, who, clock, right, None, 60)
    consents.withdraw(SLUG, PUBLIC, by=keeps)
    cache = app.extensions["cache"]

    def names(actor: Actor | None, search: str = "") -> list[str | None]:
        return [row.name for row in boards.people(code, actor=actor, search=search, cache=cache).rows]

    assert names(None) == ["Đặng Thị Ánh", None]
    assert names(agrees) == names(keeps) == ["Đặng Thị Ánh", "Lê Văn Bình"]  # members read each other's
    assert (names(None, "binh"), names(None, "anh"), names(agrees, "binh")) == ([], ["Đặng Thị Ánh"], ["Lê Văn Bình"])


# Publication of the contest


def test_contest_that_registers_or_names_people_needs_its_text_first(
    context: Flask, database: str, clock: Clock
) -> None:
    people.organisation()
    setup.create({"slug": "moi", "title": "Mới", "theme": "", "regulations": "x"}, organiser="GOC", by=SYSTEM)
    contest = setup.get_contest("moi", by=SYSTEM)

    def slugs(named):
        return {
            k: [r.slug for r in v] for k, v in registration_setup.missing_of(contest.id, names_public=named).items()
        }

    assert slugs(False) == {}
    assert slugs(True) == {"consent": ["consent-text-missing"]}
    registration_setup.choose("moi", Asked(RegistrationWay.CODE), has_mail=True, seen=1, by=SYSTEM)
    assert slugs(False) == {"registration": ["no-entry-code"], "consent": ["consent-text-missing"]}
    consents.write("moi", people.CONSENT, seen=0, by=SYSTEM)
    entry_codes.renew("moi", None, None, by=SYSTEM)
    assert slugs(True) == {"registration": [], "consent": []}
