"""Registration: an organiser pastes a list and hands out a code; a member comes by its link, consents, and starts."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import expect

from contest.db import db
from contest.models.entrants import Consent, ContestPerson
from contest.models.members import Member
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SETUP = "/manage/contests/nghi-quyet"


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_member_registers_by_the_link_of_the_code(
    visit: Callable[..., Visitor], app: Flask, newcomer: str, size: str, scheme: str
) -> None:
    organiser = visit(size, scheme)
    organiser.sign_in("bantochuc")
    page = organiser.open(f"{SETUP}/entry-code")
    page.get_by_role("button", name="Cấp mã mới").click()
    expect(page.get_by_text("Đã có mã mới")).to_be_visible()
    link = page.locator("a.break").get_attribute("href") or ""
    organiser.look("code")
    organiser.open(f"{SETUP}/entry-code/print")
    organiser.look("print")
    organiser.open(f"{SETUP}/consent")
    organiser.look("consent")
    organiser.open(f"{SETUP}/registration")
    page.get_by_label("Người dự thi phải đăng ký trước").check()
    page.get_by_label("Người có mã dự thi hoặc mã QR").check()
    for box in ("identity_number", "address"):
        page.locator(f'[name=fields][value="{box}"]').check()
    page.locator('[name=needed][value="identity_number"]').check()
    organiser.look("registration")
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.wait_for_url(re.compile("/nghi-quyet$"))
    organiser.look("set-up")

    member = visit(size, scheme)
    path = link.partition("/contests/")[2]
    seen = member.open(f"/contests/{path}")
    seen.locator("main").get_by_role("link", name="Đăng nhập").click()
    seen.fill("[name=identifier]", newcomer)
    seen.fill("[name=password]", "mot hai ba bon")
    seen.click("main form button[type=submit]")
    seen.wait_for_url(re.compile("/registration"))
    member.look("form")
    assert seen.locator("[type=checkbox]:checked").count() == 0
    seen.get_by_role("button", name="Đăng ký dự thi").click()
    expect(seen.get_by_text("thì mới đăng ký dự thi được")).to_be_visible()
    with app.app_context():
        born = db.session.scalars(sa.select(Member.birth_date).where(Member.code == newcomer)).one()
    year = born.year if born else 1987
    seen.fill("[name=identity_number]", f"001 {1 + 2 * (year // 2000)}{year % 100:02} 009 871")
    seen.locator("[name=participation]").check()
    member.look("refused")
    seen.get_by_role("button", name="Đăng ký dự thi").click()
    seen.wait_for_url(re.compile("/contests/nghi-quyet$"))
    expect(seen.get_by_text("Đã đăng ký. Mời")).to_be_visible()
    member.look("contest")
    seen.get_by_role("link", name=re.compile("Vào thi")).first.click()
    seen.get_by_role("button", name=re.compile("Bắt đầu")).click()
    seen.wait_for_url(re.compile("/attempts/"))
    member.open("/me/consents")
    member.look("consents")
    with app.app_context():
        own = sa.select(Consent.purpose).join(Member, Member.id == Consent.member_id).where(Member.code == newcomer)
        assert list(db.session.scalars(own)) == ["participation"]

    organiser.open(f"{SETUP}/registrations")
    organiser.look("registered")
    page.locator("tbody a").first.click()
    organiser.look("person")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_organiser_pastes_a_list(visit: Callable[..., Visitor], app: Flask, newcomer: str, size: str) -> None:
    organiser = visit(size)
    organiser.sign_in("bantochuc")
    page = organiser.open(f"{SETUP}/units")
    organiser.look("units")
    organiser.open(f"{SETUP}/entrants")
    organiser.look("empty")
    page.get_by_label("Được dự thi, không xét giải").check()
    page.select_option("[name=reason]", "committee")
    page.fill("[name=codes]", f"{newcomer}\nm000001, khong-co")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_text("Không có người mang mã khong-co")).to_be_visible(timeout=30_000)
    organiser.look("preview")
    page.get_by_role("button", name=re.compile("Nhập 2 dòng")).click()
    expect(page.get_by_text("Đã nhập xong")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Xem danh sách").click()
    organiser.look("list")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator("tbody a").first.click()
    organiser.look("person")
    with app.app_context():
        assert list(db.session.scalars(sa.select(ContestPerson.may_win))) == [False, False]

    member = visit(size)
    member.sign_in(newcomer)
    seen = member.open("/contests/nghi-quyet")
    expect(seen.get_by_text("không xét giải")).to_be_visible()
    member.look("no-prize")
