"""An essay's way: written on a phone with a script and without, marked blind by a judge, taken in, settled and read again."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from contest.db import db, transaction
from contest.models.contests import Round, RoundWindow
from contest.models.members import Member
from contest.models.results import Standing
from contest.rules.permissions import SYSTEM
from contest.services.results import proof
from tests import people
from tests.journeys.conftest import PASSWORD, SIZES, Visitor
from tests.services.test_marking import MARKED, PLAIN, essay

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SLUG = "viet-bai"
TEXT = "Công đoàn cơ sở nơi tôi làm việc chăm lo bữa ăn ca.\nTôi mong có thêm nhiều buổi đối thoại."
GUIDANCE = "Nêu được việc làm cụ thể: 2 điểm.\nNêu được đề xuất: 3 điểm."


@pytest.fixture
def written(app: Flask, site: str) -> str:
    """Open a round of two questions and an essay of five points, and return its code."""
    with app.app_context():
        text = "Viết về công đoàn cơ sở nơi bạn làm việc."
        asked = [*(people.question(n) for n in range(1, 4)), essay(1, text=text, guidance=GUIDANCE, most_words=300)]
        bank = people.bank("viet-bai", asked)
        values = {"prediction": None, "criteria": ["points", "duration"], "title": "Vòng viết"}
        given = {"bank_id": bank, "organiser": "CDVC", "units": ["CDVC"], "lines": (PLAIN, MARKED), "rounds": (values,)}
        return people.contest(SLUG, **given)[0]


@pytest.fixture
def writers(app: Flask, site: str) -> list[str]:
    with app.app_context():
        found = db.session.scalars(sa.select(Member.code).where(Member.code.like("m0%")).order_by(Member.code).limit(2))
        return list(found)


def close(app: Flask, code: str) -> None:
    """Let the round have closed a moment ago."""
    with app.app_context(), transaction():
        row = people.round_row(code)
        at = people.clock.now() - timedelta(seconds=1)
        windows = sa.update(RoundWindow).where(RoundWindow.round_id == row.id)
        db.session.execute(windows.values(closes_at=at))
        db.session.execute(sa.update(Round).where(Round.id == row.id).values(closes_at=at, revision=Round.revision + 1))


def with_script(member: Visitor, code: str) -> None:
    page = member.open(f"/rounds/{code}")
    page.get_by_role("button", name=re.compile("Bắt đầu")).click()
    page.wait_for_url(re.compile("/attempts/"))
    page.evaluate("localStorage.setItem('hoi-thi:paperView', 'all')")
    page.reload()
    page.locator('fieldset[data-kind="essay"] textarea').fill(TEXT)
    page.locator("fieldset[data-position]").first.locator("legend").click()
    expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu")
    member.look("essay")
    page.locator(".paper__end [data-review]").click()
    page.wait_for_url(re.compile("/submission"))
    page.locator("#submission button").click()
    page.wait_for_url(re.compile("/receipt"))
    expect(page.locator("main")).to_contain_text("1 câu đang chờ giám khảo chấm.")
    member.look("receipt-waits")


def without_script(browser: Browser, site: str, who: str, code: str) -> None:
    context = browser.new_context(viewport=SIZES["phone"], java_script_enabled=False, locale="vi-VN")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{site}/sign-in")
    page.fill("[name=identifier]", who)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.goto(f"{site}/rounds/{code}")
    page.get_by_role("button", name=re.compile("Bắt đầu")).click()
    page.locator('fieldset[data-kind="essay"] textarea').fill("Bài viết không cần phần mềm trong trình duyệt.")
    page.get_by_role("button", name=re.compile("Xem lại|Lưu")).last.click()
    if "/receipt" not in page.url:
        page.locator("#submission button, form[action$='/submission'] button").last.click()
    expect(page.locator("main")).to_contain_text("1 câu đang chờ giám khảo chấm.")
    context.close()


def mark_all(judge: Visitor, code: str) -> None:
    page = judge.open(f"/manage/contests/{SLUG}/results?round={code}")
    judge.look("results-wait")
    page.get_by_role("link", name="Chấm bài").click()
    expect(page.locator("h1")).to_contain_text("Chấm bài Vòng viết")
    judge.look("questions")
    page.get_by_role("link", name="Chấm tiếp").click()
    expect(page.locator(".marking__guide").first).to_contain_text("Nêu được đề xuất")
    judge.look("script")
    page.locator(".marking__picks button", has_text="4").click()
    expect(page.locator("[name=points]")).to_have_value("4")
    page.locator("[name=points]").fill("7")
    page.get_by_role("button", name="Lưu và bài tiếp").click()
    expect(page.locator("main")).to_contain_text("Ghi số điểm từ 0 đến 5")
    judge.look("refused")
    page.locator("[name=points]").fill("4,5")
    page.locator("[name=comment]").fill("Viết cụ thể, đề xuất rõ.")
    page.get_by_role("button", name="Lưu và bài tiếp").click()
    expect(page.locator("[name=points]")).to_have_value("")
    page.locator("[name=comment]").fill("Viết cụ thể, đề xuất rõ.")
    page.locator("[name=points]").fill("4,5")
    page.locator("[name=points]").press("Enter")  # by the keyboard alone
    expect(page.locator("main")).to_contain_text("đã chấm hết")
    page.locator("td.table__title a").first.click()
    expect(page.locator("h1")).to_contain_text("Chấm câu V-0001")
    judge.look("marked")


def take_in(owner: Visitor, app: Flask, code: str) -> Page:
    page = owner.open(f"/manage/contests/{SLUG}/rounds/{code}/marking")
    owner.look("all-marked")
    page.get_by_role("button", name="Chốt điểm chấm").click()
    expect(page.locator("main")).to_contain_text("Điểm chấm đã vào kết quả.")
    with app.app_context():
        row = people.round_row(code)
        for _ in range(100):
            db.session.expire_all()
            if people.round_row(code).settled_at is not None:
                break
            page.wait_for_timeout(200)
        assert row is not None
        assert [d for found in proof.verify(SLUG, None, by=SYSTEM) for d in found.differences] == []
        points = db.session.scalars(sa.select(Standing.points).where(Standing.round_id == row.id))
        assert [f"{p % 1:f}"[:3] for p in points] == ["0.5", "0.5"]
    return page


@pytest.mark.parametrize(
    ("size", "scheme"), [("phone", "light"), ("phone", "dark"), ("desk", "light"), ("desk", "dark")]
)
def test_essay_is_written_marked_blind_and_counted(
    visit: Callable[..., Visitor],
    browser: Browser,
    app: Flask,
    site: str,
    written: str,
    writers: list[str],
    size: str,
    scheme: str,
) -> None:
    member = visit("phone", scheme)
    member.sign_in(writers[0])
    with_script(member, written)
    without_script(browser, site, writers[1], written)
    close(app, written)
    judge = visit(size, scheme)
    judge.sign_in("giamkhao")
    mark_all(judge, written)
    owner = visit(size, scheme)
    owner.sign_in("bantochuc")
    page = take_in(owner, app, written)
    page.locator("td.table__title a").first.click()
    expect(page.locator("h1")).to_contain_text("Chấm câu V-0001")
    owner.look("scripts")
    review = member.open(member.page.url.removeprefix(site).replace("/receipt", "/review"))
    expect(review.locator("main")).to_contain_text("Viết cụ thể, đề xuất rõ.")
    review.get_by_text("Nhận xét của giám khảo").scroll_into_view_if_needed()
    member.look("review")
