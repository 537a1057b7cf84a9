"""Registering over HTTP: the form with exactly what is asked, refusals beside their fields, and nothing shown to others."""

import html
import re
from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import db
from contest.models.entrants import Consent, ContestPerson, Registration
from contest.models.members import Member
from contest.rules.entry_terms import ConsentPurpose, EntrantMark, RegistrationField, RegistrationWay
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.registration import Asked
from contest.services.contests import entry_codes, registration, registration_setup, setup
from tests import people
from tests.conftest import Clock
from tests.formats.archives import workbook
from tests.tables import snapshot
from tests.web.crawl import crawl, leaks
from tests.web.test_people import Desk

F = RegistrationField
SLUG, HERE, MANAGE = "cuoc-thi", "/contests/cuoc-thi/registration", "/manage/contests/cuoc-thi"
NUMBER, PHONE, HOME = "001187009871", "0912 345 671", "1 phố Zqnha"
PRIVATE = (NUMBER, "912345671", "912 345 671", "Zqnha")
NEW = {"full_name": "Đặng Thị Ánh", "email": "anh@example.vn", "unit": "A1", "participation": "y"}


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str) -> Flask:
    return make_app(database_url, SMTP_URL="smtp://localhost:1", MAIL_FROM="hoithi@example.vn")


@pytest.fixture
def code(app: Flask, clock: Clock) -> str:
    with app.app_context():
        people.organisation()
        return people.contest()[0]


def ask(app: Flask, *fields: RegistrationField, way: RegistrationWay = RegistrationWay.MEMBERS) -> str:
    """Let the contest register people and return the secret of its entry code, if it has one."""
    with app.app_context():
        if way is RegistrationWay.CODE:
            entry_codes.renew(SLUG, None, None, by=SYSTEM)
        seen = setup.get_contest(SLUG, by=SYSTEM).version
        registration_setup.choose(SLUG, Asked(way, fields, frozenset(fields)), has_mail=True, seen=seen, by=SYSTEM)
        found = entry_codes.find_current(people.contest_id())
        return found.secret if found else ""


def desk(app: Flask, enter: Callable[[], Actor]) -> Desk:
    with app.app_context():
        return Desk(app, enter())


def visitor(app: Flask) -> SimpleNamespace:
    client = app.test_client()
    token = people.csrf(client)
    return SimpleNamespace(
        get=client.get, post=lambda path, **form: client.post(path, data={"csrf_token": token, **form})
    )


def inputs(page: Any) -> list[str]:
    """Return the names of the controls of the form."""
    form = page.text.partition('<form class="stack measure"')[2].partition("</form>")[0]
    names = re.findall(r'<(?:input|select|textarea)[^>]* name="([\w-]+)"', form)
    return [name for name in names if name != "csrf_token"]


def errors(page: Any) -> dict[str, str]:
    """Return what is said beside each field."""
    found = re.findall(r'id="([\w-]+)-error">.*?</span>(.*?)</span>', page.text, re.S)
    return {name: html.unescape(text).strip() for name, text in found}


def count(app: Flask, table: Any) -> int:
    with app.app_context():
        return int(db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def test_form_has_exactly_what_is_asked_and_nothing_ticked(app: Flask, code: str) -> None:
    ask(app, F.PHONE, F.ADDRESS, F.UNIT)
    who = desk(app, lambda: people.member("m1", phone="+84912345671"))
    page = who.get(HERE)
    assert inputs(page) == ["phone", "address", "participation", "publication"]  # the unit is the list's, not theirs
    assert 'value="091 234 56 71"' in page.text or 'value="0912 345 671"' in page.text
    assert " checked" not in page.text.partition("<form")[2]
    for words in people.CONSENT.values():
        assert words in page.text


def test_contest_page_leads_to_the_form_and_then_to_the_start(app: Flask, code: str) -> None:
    ask(app)
    who = desk(app, lambda: people.member("m1"))
    assert HERE in who.get(f"/contests/{SLUG}").text
    assert "Đăng ký dự thi" in who.get(f"/rounds/{code}").text
    assert who.post(f"/rounds/{code}/attempts").status_code == 409
    answer = who.post(HERE, participation="y")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/contests/{SLUG}")
    assert who.post(f"/rounds/{code}/attempts").status_code == 303
    with app.app_context():
        assert list(db.session.scalars(sa.select(Consent.purpose))) == ["participation"]


def test_refusals_stand_by_their_fields_and_what_was_typed_stays(app: Flask, code: str) -> None:
    ask(app, F.IDENTITY_NUMBER, F.ADDRESS)
    who = desk(app, lambda: people.member("m1"))
    page = who.post(HERE, identity_number="123", address=HOME)
    assert page.status_code == 422
    assert errors(page) == {
        "identity_number": "Số định danh cá nhân gồm đúng 12 chữ số, kể cả số 0 ở đầu.",
        "participation": "Cần bạn đồng ý thì mới đăng ký dự thi được.",
    }
    assert f'value="{HOME}"' in page.text
    assert count(app, Registration) == count(app, Consent) == 0
    page = who.post(HERE, identity_number="123", address="\u202e" * 5000, participation="y")
    assert (page.status_code, set(errors(page))) == (422, {"address"})


def test_known_identity_number_is_never_written_out(app: Flask, code: str) -> None:
    ask(app, F.IDENTITY_NUMBER)
    who = desk(app, lambda: people.member("m1", identity_number=NUMBER))
    page = who.get(HERE)
    assert NUMBER not in page.text
    assert "•••••••9871" in page.text
    assert who.post(HERE, participation="y").status_code == 303


def test_link_of_the_code_is_carried_through_the_sign_in(app: Flask, code: str) -> None:
    secret = ask(app, way=RegistrationWay.CODE)
    (going,) = set(re.findall(r'/sign-in\?next=([^"]+entry[^"]+)"', visitor(app).get(f"{HERE}?entry={secret}").text))
    assert unquote(html.unescape(going)) == f"{HERE}?entry={secret}"
    who = desk(app, lambda: people.member("m1"))
    page = who.get(f"{HERE}?entry={secret}")
    assert f'value="{secret}"' in page.text
    wrong = who.post(HERE, entry="WRON-GONE", participation="y")
    assert (wrong.status_code, errors(wrong)) == (
        422,
        {"entry": "Mã dự thi này không đúng hoặc không dùng được lúc này."},
    )
    assert who.post(HERE, entry=secret, participation="y").status_code == 303


def test_tries_of_a_code_are_limited_over_http(app: Flask, code: str) -> None:
    ask(app, way=RegistrationWay.CODE)
    who = desk(app, lambda: people.member("m1"))
    statuses = [who.post(HERE, entry=f"WRONG{n}", participation="y") for n in range(61)]
    assert [a.status_code for a in statuses] == [422] * 60 + [429]
    assert int(statuses[-1].headers["Retry-After"]) > 0


def test_visitor_registers_where_anybody_may(app: Flask, database: str, code: str) -> None:
    ask(app, F.PHONE, way=RegistrationWay.OPEN)
    someone = visitor(app)
    page = someone.get(HERE)
    assert inputs(page) == ["full_name", "phone", "email", "unit", "participation", "publication"]
    before = snapshot(app, without=frozenset({"rate_windows"}))
    refused = someone.post(HERE, **{**NEW, "email": "khong phai", "phone": ""})
    assert (refused.status_code, set(errors(refused))) == (422, {"email"})
    refused = someone.post(HERE, **{**NEW, "phone": "", "unit": "A1"})
    assert (refused.status_code, set(errors(refused))) == (422, {"phone"})
    assert 'value="Đặng Thị Ánh"' in refused.text
    assert re.search(r'<option selected value="A1"|value="A1" selected|<option value="A1" selected', refused.text)
    assert snapshot(app, without=frozenset({"rate_windows"})) == before
    sent = someone.post(HERE, **NEW, phone=PHONE)
    assert (sent.status_code, "Đã nhận đăng ký" in sent.text) == (200, True)
    again = someone.post(HERE, **{**NEW, "phone": "0912 345 679"})
    assert (again.status_code, set(errors(again))) == (422, {"email"})
    assert "Đặng Thị Ánh" not in errors(again)["email"]
    assert count(app, Registration) == 1


def test_visitor_is_led_to_the_sign_in_where_members_alone_register(app: Flask, code: str) -> None:
    ask(app)
    page = visitor(app).get(HERE)
    assert (page.status_code, inputs(page), "/sign-in?next=" in page.text) == (200, [], True)
    answer = visitor(app).post(HERE, **NEW)
    assert answer.status_code == 302
    assert count(app, Member) == 0


def test_contest_that_asks_nothing_has_no_form(app: Flask, clock: Clock) -> None:
    with app.app_context():
        people.organisation()
        people.draft_contest("nhap")
    assert visitor(app).get("/contests/nhap/registration").status_code == 404
    assert visitor(app).get("/contests/khong-co/registration").status_code == 404


def test_consent_is_seen_and_withdrawn_with_its_effect_said_before(app: Flask, code: str) -> None:
    ask(app)
    who = desk(app, lambda: people.member("m1"))
    who.post(HERE, participation="y", publication="y")
    page = who.get("/me/consents")
    assert "không bắt đầu lượt mới được nữa" in page.text
    assert page.text.count("Đang có hiệu lực") == 2
    assert who.post(f"/contests/{SLUG}/consents/withdrawal", purpose="publication").status_code == 303
    page = who.get("/me/consents")
    assert (page.text.count("Đang có hiệu lực"), page.text.count("Đã rút lại lúc")) == (1, 1)
    for purpose in ("publication", "zq", ""):
        assert who.post(f"/contests/{SLUG}/consents/withdrawal", purpose=purpose).status_code == 404
    other = desk(app, lambda: people.member("m2"))
    assert other.post(f"/contests/{SLUG}/consents/withdrawal", purpose="participation").status_code == 404
    assert "Đang có hiệu lực" not in other.get("/me/consents").text


# Set-up


def test_registration_is_set_up_page_by_page(app: Flask, database: str, code: str) -> None:
    boss = desk(app, lambda: people.organiser())
    version = re.findall(r'name="version" value="(\d+)"', boss.get(f"{MANAGE}/registration").text)[0]
    form = {"registers": "y", "way": "code", "fields": ["phone", "address"], "needed": ["phone"], "version": version}
    refused = boss.post(f"{MANAGE}/registration", **form)
    assert (refused.status_code, "Chưa có mã dự thi nào" in refused.text) == (422, True)
    assert boss.post(f"{MANAGE}/entry-code", valid_from="", valid_until="2020-01-01T00:00").status_code == 422
    assert boss.post(f"{MANAGE}/entry-code", valid_from="", valid_until="").status_code == 303
    page = boss.get(f"{MANAGE}/entry-code")
    assert page.text.count('src="data:image/svg+xml') == 1
    assert 'src="data:image/svg+xml' in boss.get(f"{MANAGE}/entry-code/print").text
    assert boss.post(f"{MANAGE}/registration", **form).status_code == 303
    assert boss.post(f"{MANAGE}/registration", **form).status_code == 409  # the set-up has moved on
    with app.app_context():
        asked = registration_setup.find_asked(people.contest_id())
        assert asked == Asked(RegistrationWay.CODE, (F.PHONE, F.ADDRESS), frozenset({F.PHONE}))
    assert boss.post(f"{MANAGE}/consent", **people.CONSENT, version="7").status_code == 409
    assert boss.post(f"{MANAGE}/consent", **{**people.CONSENT, "why": ""}, version="1").status_code == 422


def test_list_is_pasted_looked_at_and_written(app: Flask, database: str, code: str) -> None:
    boss = desk(app, lambda: people.organiser())
    with app.app_context():
        people.member("m1"), people.member("m2")
    path = f"{MANAGE}/entrants"
    refused = boss.post(path, said="no_prize", reason="", note="", codes="m1")
    assert (refused.status_code, errors(refused)) == (422, {"reason": "Chọn lý do; người đó sẽ đọc được."})
    assert errors(boss.post(path, said="no_prize", reason="committee", note="", codes=" ")) == {
        "codes": "Danh sách chưa có mã đoàn viên nào."
    }
    answer = boss.post(path, said="no_prize", reason="committee", note="Thư ký", codes="m1\nkhong-co")
    worker.run_once(app)
    page = boss.get(answer.headers["Location"])
    assert "Không có người mang mã khong-co" in page.text
    assert "Dòng 2" in page.text
    assert count(app, ContestPerson) == 0
    boss.confirm(answer.headers["Location"])
    assert count(app, ContestPerson) == 1
    file = (BytesIO(workbook([["Mã đoàn viên", "Họ và tên"], ["m2", ""], ["zz", ""]], "DS")), "ds.xlsx")
    answer = boss.post(path, said="mandatory", reason="", note="", codes="", file=file)
    worker.run_once(app)
    page = boss.get(answer.headers["Location"])
    assert "Trang DS, dòng 3" in page.text
    boss.confirm(answer.headers["Location"])
    assert count(app, ContestPerson) == 2
    assert boss.post(f"{path}/m1", takes_part="no", reason="", note="").status_code == 422
    assert boss.post(f"{path}/m1", takes_part="no", reason="operator", note="").status_code == 303
    assert boss.post(f"{path}/m2/removal").status_code == 303
    assert count(app, ContestPerson) == 1


def test_person_reads_that_no_prize_is_theirs_and_why(app: Flask, code: str) -> None:
    who, other = desk(app, lambda: people.member("m1")), desk(app, lambda: people.member("m2"))
    with app.app_context():
        people.mark(SLUG, people.actor("m1"), EntrantMark.NO_PRIZE)
    told = "không xét giải. Lý do: Thành viên Ban Tổ chức"
    assert told in who.get(f"/contests/{SLUG}").text
    assert told not in other.get(f"/contests/{SLUG}").text
    assert told not in visitor(app).get(f"/contests/{SLUG}").text


# Leaks


def test_what_was_registered_is_shown_to_the_contests_organisers_alone(app: Flask, database: str, code: str) -> None:
    ask(app, F.IDENTITY_NUMBER, F.PHONE, F.ADDRESS)
    who = desk(app, lambda: people.member("m1", "A1"))
    assert who.post(HERE, identity_number=NUMBER, phone=PHONE, address=HOME, participation="y").status_code == 303
    with app.app_context():
        people.mark(SLUG, people.member("zqghichu", "A1"), EntrantMark.NO_PRIZE)
        owner = people.contest_id()
    page = f"{MANAGE}/registrations/m1"
    boss = desk(app, lambda: people.organiser())
    assert [word in boss.get(page).text for word in (NUMBER, "Zqnha")] == [True, True]
    assert [word in boss.get(f"{MANAGE}/registrations").text for word in PRIVATE] == [False] * 4
    from contest.rules.terms import Role

    alone = desk(
        app, lambda: people.staff("rieng", Role.ORGANISER, contest_id=owner)
    )  # looks after the contest, not people
    text = alone.get(page).text
    assert (NUMBER in text, "•••••••9871" in text, "Zqnha" in text) == (False, True, True)
    strangers = {
        "a member": desk(app, lambda: people.member("m2", "A1")),
        "organiser of the unit": desk(app, lambda: people.organiser("toa", unit="A")),
        "organiser of another unit": desk(app, lambda: people.organiser("tob", unit="B")),
        "a judge": desk(app, people.judge),
        "an author": desk(app, people.author),
        "a visitor": visitor(app),
    }
    paths = [f"{MANAGE}/{p}" for p in ("entrants", "entrants/zqghichu", "registration", "consent", "entry-code",
             "entry-code/print", "registrations", "registrations/m1")]  # fmt: skip
    for name, reader in strangers.items():
        statuses = {reader.get(path).status_code for path in paths}
        assert statuses <= {302, 403, 404}, (name, statuses)
        client = reader.client if isinstance(reader, Desk) else app.test_client()
        found = crawl(client, "/", f"/contests/{SLUG}", HERE, f"/rounds/{code}/standings", *paths)
        assert leaks(found, (NUMBER, "Zqnha")) == [], name
        if name != "organiser of the unit":  # who looks after both people anyway
            assert leaks(found, ("zqghichu",)) == [], name
    changed = snapshot(app)
    for path, form in {
        "entrants": {"said": "no_prize", "reason": "committee", "codes": "m1"},
        "entrants/suggestions": {"code": "m1"},
        "entrants/zqghichu": {"takes_part": "", "reason": "committee"},
        "entrants/zqghichu/removal": {},
        "registration": {"registers": "", "version": "3"},
        "consent": {**people.CONSENT, "why": "Khác", "version": "1"},
        "entry-code": {},
    }.items():
        assert strangers["organiser of the unit"].post(f"{MANAGE}/{path}", **form).status_code == 404, path
    assert snapshot(app) == changed


def test_digest_key_is_the_installations(app: Flask, code: str) -> None:
    ask(app, F.IDENTITY_NUMBER)
    desk(app, lambda: people.member("m1")).post(HERE, identity_number=NUMBER, participation="y")
    with app.app_context():
        kept = db.session.scalars(sa.select(Registration.identity_digest)).one()
        assert kept == registration.digest(NUMBER, app.config["SETTINGS"].secret_key)
        assert db.session.scalars(sa.select(Consent.purpose)).one() == ConsentPurpose.PARTICIPATION
