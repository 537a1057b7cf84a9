"""A member's way: sign in, know the rules, take the paper, lose the line, come back, hand in, see the place."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import expect

from contest.db import db
from contest.models.attempts import Attempt, Response
from contest.models.results import Result
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def choose(visitor: Visitor, position: int, option: int) -> None:
    """Answer a question as its kind asks, by a tap on the row of an option."""
    question = visitor.page.locator(f'fieldset[data-position="{position}"]')
    question.locator(".option").nth(option % question.locator(".option").count()).click()
    expect(question.locator("input:checked")).not_to_have_count(0)


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("phone", "dark"), ("desk", "light")])
def test_member_takes_a_paper(visit: Callable[..., Visitor], app: Flask, newcomer: str, size: str, scheme: str) -> None:
    member = visit(size, scheme)
    page = member.open("/")
    member.look("front")
    member.open("/sign-in")
    member.look("sign-in")
    member.sign_in(newcomer)
    member.open("/contests/nghi-quyet")
    member.look("contest")
    page.get_by_role("link", name=re.compile("Vào thi")).first.click()
    start = page.get_by_role("button", name=re.compile("Bắt đầu"))
    expect(start).to_be_visible()
    member.look("before")
    start.click()
    page.wait_for_url(re.compile("/attempts/"))
    member.look("paper")
    paper_url = page.url
    expect(page.locator("fieldset[data-position]")).to_have_count(21)

    choose(member, 1, 0)
    expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu")
    if size == "phone":
        page.locator('[data-go="next"]').click()
    choose(member, 2, 1)
    expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu")

    page.context.set_offline(True)
    if size == "phone":
        page.locator('[data-go="next"]').click()
    choose(member, 3, 2)
    expect(page.locator("[data-save-state]")).to_contain_text("Mất mạng, 1 câu giữ trên máy này")
    member.page.screenshot()
    page.context.set_offline(False)
    expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu", timeout=30_000)

    page.reload()
    for position in (1, 2, 3):
        expect(page.locator(f'fieldset[data-position="{position}"] input:checked')).to_have_count(1)
    second = page.context.new_page()
    second.goto(paper_url)
    expect(second.locator('fieldset[data-position="3"] input:checked')).to_have_count(1)
    second.close()

    for position in range(4, 20):
        if size == "phone":
            page.goto(f"{paper_url}#q{position}")
            page.reload()
        question = page.locator(f'fieldset[data-position="{position}"]')
        question.locator(".option").first.click(force=size == "phone")
    page.goto(paper_url + "#q-prediction")
    page.reload()
    page.fill("[name=prediction]", "12")
    page.locator("[name=prediction]").blur()
    expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu")
    page.goto(paper_url + "/submission")
    member.look("submission")
    expect(page.locator("main")).to_contain_text("20")
    page.get_by_role("button", name="Nộp bài").click()
    page.wait_for_url(re.compile("/receipt$"))
    member.look("receipt")
    shown = int(page.locator("data.score").get_attribute("value") or -1)
    page.goto(paper_url)
    expect(page).to_have_url(re.compile("/receipt$"))

    with app.app_context():
        attempt = db.session.scalars(
            sa.select(Attempt).where(Attempt.code == paper_url.rpartition("/")[2].split("#")[0])
        ).one()
        result = db.session.get_one(Result, attempt.id)
        answered = db.session.scalar(
            sa.select(sa.func.count(sa.distinct(Response.position))).where(Response.attempt_id == attempt.id)
        )
        assert (result.correct_count, result.prediction, answered) == (shown, 12, 20)

    page.get_by_role("link", name=re.compile("Bảng xếp hạng|Xem hạng|bảng xếp hạng")).first.click()
    page.wait_for_url(re.compile("/standings"))
    member.look("standings")
    expect(page.locator("tr[data-place]").first).to_be_visible()
    page.get_by_role("link", name="Vì sao tôi ở hạng này?").click()
    expect(page.locator("main")).to_contain_text("Bạn ở hạng")
    member.look("why")


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_member_finds_the_own_place_and_a_name_on_the_final_board(visit: Callable[..., Visitor], size: str) -> None:
    member = visit(size, "dark")
    member.sign_in("m000001")
    page = member.open("/contests/nghi-quyet")
    page.get_by_role("link", name="Xem kết quả").first.click()
    expect(page.locator("dl.my-place")).to_contain_text("Trong đơn vị")
    own = page.locator("tr.is-mine td.standings__name").inner_text().removesuffix("Bạn").strip()
    page.fill("[name=q]", own)
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-place]").first).to_contain_text(own)
    member.look("found")
    page.get_by_role("link", name="Vì sao tôi ở hạng này?").click()
    expect(page.locator("table")).to_contain_text("Đáp số là")
    member.look("why-final")


def test_paper_without_a_script(browser: object, site: str, newcomer: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="vi-VN")  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(site + "/sign-in")
    page.fill("[name=identifier]", newcomer)
    page.fill("[name=password]", "mot hai ba bon")
    page.click("main form button[type=submit]")
    page.goto(site + "/contests/nghi-quyet")
    page.get_by_role("link", name=re.compile("Vào thi")).first.click()
    page.get_by_role("button", name=re.compile("Bắt đầu")).click()
    for position in range(1, 21):
        page.locator(f'fieldset[data-position="{position}"] .option').first.click()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.locator("fieldset input:checked")).to_have_count(20)
    page.fill("[name=prediction]", "5")
    page.get_by_role("button", name="Xem lại và nộp").click()
    page.get_by_role("button", name="Nộp bài").click()
    assert page.url.endswith("/receipt")
    expect(page.locator("data.score")).to_have_count(1)
    context.close()
