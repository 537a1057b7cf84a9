"""Tokens and names to sign in by: one use, one purpose, the newest only, hashed at rest, one person a name."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from limits import RateLimitItemPerMinute

from contest.db import Base, db, transaction
from contest.errors import Gone, Invalid, TooMany
from contest.formats.drafts import MemberDraft, Reading
from contest.models.members import Member, RateWindow, SignInName, Token
from contest.models.messages import OutboxMessage
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.refusals import Refusal
from contest.services.members import activation, entry, limiter, lists
from contest.services.members import people as service
from tests import people
from tests.conftest import Clock

NEW = "nam sau bay tam"
HERE = "127.0.0.1"


@pytest.fixture
def who(context: Flask, database: str, clock: Clock) -> Actor:
    people.organisation()
    return people.member("m1", email="mot@don-vi.vn", phone="+84912345678")


def without_password(code: str) -> None:
    with transaction():
        db.session.execute(sa.update(Member).where(Member.code == code).values(password_hash=None))


def ask_reset(name: str = "m1") -> str:
    """Have a link sent and return the secret in it."""
    assert entry.send_reset(name, locale="vi", base_url="https://hoithi.example") == 1
    body = db.session.scalars(sa.select(OutboxMessage.body).order_by(OutboxMessage.id.desc())).first() or ""
    found = re.search(r"/reset/(\S+)", body)
    assert found
    return found[1]


def reset(secret: str, password: str = NEW) -> Actor:
    return entry.reset_password(secret, password, address=HERE)


def test_reset_works_once_and_moves_the_epoch(who: Actor) -> None:
    secret = ask_reset()
    renewed = reset(secret)
    assert (renewed.member_id, renewed.epoch) == (who.member_id, who.epoch + 1)
    with pytest.raises(Gone):
        reset(secret)
    assert entry.sign_in("m1", NEW, address=HERE).epoch == renewed.epoch


def test_only_the_newest_token_of_a_purpose_counts(who: Actor) -> None:
    first, second = ask_reset(), ask_reset()
    with pytest.raises(Gone):
        reset(first)
    assert reset(second).member_id == who.member_id


def test_tokens_are_bound_to_their_purpose(who: Actor) -> None:
    link = ask_reset()
    without_password("m1")
    code = activation.invite("A1", by=SYSTEM)[0].activation_code
    with pytest.raises(Gone):
        reset(code)
    with pytest.raises(Gone):
        entry.open_account(link, NEW, address=HERE)
    assert entry.open_account(code, NEW, address=HERE).member_id == who.member_id


@pytest.mark.parametrize(("purpose", "life"), [("reset", timedelta(hours=1)), ("activation", timedelta(days=30))])
def test_tokens_expire(who: Actor, clock: Clock, purpose: str, life: timedelta) -> None:
    if purpose == "reset":
        secret = ask_reset()
    else:
        without_password("m1")
        secret = activation.invite("A1", by=SYSTEM)[0].activation_code
    begun = clock.at
    clock.set(begun + life - timedelta(microseconds=1))
    assert entry.find_token(purpose, secret).code == "m1"
    clock.set(begun + life)
    with pytest.raises(Gone):
        entry.find_token(purpose, secret)


def change_email(who: Actor) -> None:
    service.change("m1", {"email": "khac@don-vi.vn"}, unit="A1", by=SYSTEM)


def change_name(who: Actor) -> None:
    service.change("m1", {"full_name": "Nguyễn Thị Mốt"}, unit="B1", by=SYSTEM)


def change_password(who: Actor) -> None:
    entry.change_password(who, people.PASSWORD, "chin muoi muoi mot")


def suspend(who: Actor) -> None:
    service.suspend("m1", suspended=True, by=SYSTEM)


def restore(who: Actor) -> None:
    suspend(who)
    service.suspend("m1", suspended=False, by=SYSTEM)


@pytest.mark.parametrize(
    ("event", "lives"),
    [(change_email, False), (change_password, False), (suspend, False), (restore, False), (change_name, True)],
)
def test_what_a_link_survives(who: Actor, event: Callable[[Actor], None], lives: bool) -> None:
    secret = ask_reset()
    event(who)
    if lives:
        assert reset(secret).member_id == who.member_id
    else:
        with pytest.raises(Gone):
            reset(secret)


def test_tokens_are_hashed_at_rest(who: Actor) -> None:
    secret = ask_reset()
    with transaction():
        db.session.execute(sa.update(OutboxMessage).values(body=""))  # as after sending
    everything = repr([db.session.execute(sa.select(t)).all() for t in Base.metadata.tables.values()])
    assert secret not in everything
    stored = db.session.scalars(sa.select(Token.digest)).all()
    assert stored == [hashlib.sha256(f"reset:{secret}".encode()).hexdigest()]


def test_codes_are_read_as_people_type_them(who: Actor) -> None:
    without_password("m1")
    code = activation.invite("A1", by=SYSTEM)[0].activation_code
    assert re.fullmatch(r"([2-9A-HJKMNP-Z]{4}-){2}[2-9A-HJKMNP-Z]{4}", code)
    for typed in (code.lower(), code.replace("-", " "), f" {code} ", code.replace("-", "")):
        assert entry.find_token("activation", typed).code == "m1"


def test_invitations_are_for_those_without_a_password_inside_the_unit(who: Actor) -> None:
    for code, unit in (("m2", "A"), ("m3", "B1"), ("m4", "A1")):
        people.member(code, unit)
        without_password(code)
    service.suspend("m4", suspended=True, by=SYSTEM)
    assert [i.member_code for i in activation.invite("A", by=SYSTEM)] == ["m2"]
    assert activation.invite("A1", by=SYSTEM) == []


@pytest.mark.parametrize("password", ["bay chu", "matkhau123", "aaaaaaaaab", "+84912345678", "MOT@don-vi.vn"])
def test_weak_password_leaves_the_token_as_it_was(who: Actor, password: str) -> None:
    secret = ask_reset()
    with pytest.raises(Invalid):
        reset(secret, password)
    assert reset(secret).member_id == who.member_id


def names() -> dict[str, str]:
    found = db.session.execute(sa.select(SignInName.name, Member.code).join(Member, Member.id == SignInName.member_id))
    return {row[0]: row[1] for row in found}


def test_shared_contact_signs_nobody_in_until_one_alone_has_it(who: Actor) -> None:
    assert names() == {"m1": "m1", "mot@don-vi.vn": "m1", "+84912345678": "m1"}
    people.member("m2", phone="+84912345678")
    assert names() == {"m1": "m1", "mot@don-vi.vn": "m1", "m2": "m2"}
    with pytest.raises(Invalid):
        entry.sign_in("0912345678", people.PASSWORD, address=HERE)
    service.change("m1", {"phone": None}, unit="A1", by=SYSTEM)
    assert entry.sign_in("0912 345 678", people.PASSWORD, address=HERE).member_id == people.actor("m2").member_id


def test_code_that_looks_like_a_contact_takes_nobodys_name(who: Actor) -> None:
    people.member("mot@don-vi.vn")
    people.member("+84912345678")
    assert entry.sign_in("mot@don-vi.vn", people.PASSWORD, address=HERE).member_id == who.member_id
    assert entry.sign_in("0912345678", people.PASSWORD, address=HERE).member_id == who.member_id


def test_success_forgets_the_failures_and_the_eleventh_try_is_refused(who: Actor) -> None:
    for wanted in (9, 10):
        for _ in range(wanted):
            with pytest.raises(Invalid):
                entry.sign_in("m1", "sai", address=HERE)
        if wanted == 9:
            assert entry.sign_in("m1", people.PASSWORD, address=HERE).member_id == who.member_id
    with pytest.raises(TooMany):
        entry.sign_in("m1", people.PASSWORD, address=HERE)


def test_windows_that_are_over_are_swept(who: Actor, clock: Clock) -> None:
    def count() -> int:
        return int(db.session.scalar(sa.select(sa.func.count()).select_from(RateWindow)) or 0)

    with pytest.raises(Invalid):
        entry.sign_in("khong-co", "sai", address=HERE)
    assert count() == 2  # the name and the address
    clock.advance(minutes=limiter.MINUTES)
    limiter.sweep()
    assert count() == 2
    clock.advance(seconds=1)
    limiter.sweep()
    assert count() == 0


def test_fifty_tries_at_once_are_ten(app: Flask, who: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def guess(number: int) -> str:
        with app.app_context():
            try:
                entry.sign_in("m1", f"sai {number}", address=HERE)
            except (Invalid, TooMany) as refused:
                return refused.refusal.slug
        return "in"

    with ThreadPoolExecutor(12) as pool:
        slugs = Counter(pool.map(guess, range(50)))
    assert slugs == {"wrong-credentials": 10, "too-many": 40}
    device = ("a-device", who.member_id or 0)
    assert entry.sign_in("m1", people.PASSWORD, address=HERE, known_device=device).member_id == who.member_id


@pytest.fixture
def office(who: Actor, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Enter 150 people whose passwords cost little to verify and return their codes."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(entry, "hasher", quick)
    drafts = tuple(MemberDraft(f"vp{n:03d}", f"Trần Văn {n}", None, None, None, None, "B1") for n in range(150))
    lists.apply(lists.plan(Reading((), ()), Reading(drafts, ()), by=SYSTEM), by=SYSTEM)
    with transaction():
        db.session.execute(sa.update(Member).values(password_hash=quick.hash(people.PASSWORD)))
    return [draft.code or "" for draft in drafts]


def test_office_behind_one_address_signs_in(office: list[str]) -> None:
    found = {entry.sign_in(code, people.PASSWORD, address=HERE).member_id for code in office}
    assert len(found) == 150


def test_office_behind_one_address_opens_its_accounts(office: list[str]) -> None:
    with transaction():
        db.session.execute(sa.update(Member).where(Member.code != "m1").values(password_hash=None))
    codes = [i.activation_code for i in activation.invite("B", by=SYSTEM)]
    assert len({entry.open_account(code, NEW, address=HERE).member_id for code in codes}) == 150


def test_sixty_wrong_codes_are_tried_from_an_address(who: Actor) -> None:
    for _ in range(60):
        with pytest.raises(Gone):
            entry.open_account("AAAA-BBBB-CCCC", NEW, address=HERE)
    with pytest.raises(TooMany):
        entry.open_account("AAAA-BBBB-CCCC", NEW, address=HERE)
    with pytest.raises(Gone):
        entry.open_account("AAAA-BBBB-CCCC", NEW, address="10.0.0.1")


def test_failures_are_counted_by_address_over_all_names(who: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "PER_ADDRESS", RateLimitItemPerMinute(3, 15))
    for n in range(3):
        with pytest.raises(Invalid):
            entry.sign_in(f"khong-co-{n}", "sai", address=HERE)
    with pytest.raises(TooMany):
        entry.sign_in("m1", people.PASSWORD, address=HERE)
    assert entry.sign_in("m1", people.PASSWORD, address="10.0.0.1").member_id == who.member_id


TWINS = [" admin", "ADMIN", "ᴬdmin", "ａｄｍｉｎ", "admin\u200b", "ad\u00admin", "ad min", "admin\u202e", "\ufeffadmin"]


@pytest.mark.parametrize("twin", TWINS)
def test_second_person_of_one_code_is_refused(who: Actor, twin: str) -> None:
    people.member("admin")
    with pytest.raises(Invalid) as refused:
        service.enter({"code": twin, "full_name": "Kẻ Giả"}, unit="B1", by=SYSTEM)
    assert refused.value.refusal == Refusal("code-taken", field="code")
    assert entry.sign_in(twin, people.PASSWORD, address=HERE).member_id == people.actor("admin").member_id


def test_decomposed_twin_is_the_same_code(who: Actor) -> None:
    service.enter({"code": "nguye\u0302\u0303n", "full_name": "Nguyễn Một"}, unit="B1", by=SYSTEM)
    for twin in ("nguy\u1ec5n", "NGUY\u1ec4N"):
        with pytest.raises(Invalid):
            service.enter({"code": twin, "full_name": "Nguyễn Hai"}, unit="B1", by=SYSTEM)


def test_email_is_one_name_however_it_is_written(who: Actor) -> None:
    drafts = (MemberDraft("m2", "Trần Văn Hai", None, None, "Hai.Nguyen@Don-Vi.VN", None, "B1"),)
    for _ in range(2):
        plan = lists.plan(Reading((), ()), Reading(drafts, ()), by=SYSTEM)
        lists.apply(plan, by=SYSTEM)
    assert (plan.unchanged, len(plan.changed_people)) == (1, 0)
    assert names()["hai.nguyen@don-vi.vn"] == "m2"
    assert entry.send_reset(entry.sign_in_name("HAI.NGUYEN@DON-VI.VN"), locale="vi", base_url="") == 1
    assert db.session.scalars(sa.select(OutboxMessage.recipient)).all() == ["hai.nguyen@don-vi.vn"]
