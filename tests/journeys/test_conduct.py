"""A round on its day: windows drawn while they are chosen, extra time heard by a running paper, a day voided with its effect."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HERE = "/manage/contests/nghi-quyet"


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_organiser_conducts_a_round(visit: Callable[..., Visitor], newcomer: str, size: str, scheme: str) -> None:
    member = visit("phone", scheme)
    member.sign_in(newcomer)
    paper = member.open("/contests/nghi-quyet")
    paper.get_by_role("link", name=re.compile("Vào thi")).locator("visible=true").first.click()
    paper.get_by_role("button", name="Bắt đầu làm bài").click()
    expect(paper.locator("[data-time]")).to_have_text(re.compile(r"19:\d\d|20:00"))

    organiser = visit(size, scheme)
    organiser.sign_in("bantochuc")
    page = organiser.open(f"{HERE}/rounds/new")
    page.get_by_label("Nhiều khung giờ").check()
    for day in ("Thứ bảy", "Chủ nhật"):
        page.get_by_label(day, exact=True).uncheck()
    page.get_by_label("Từ giờ").fill("07:30")
    page.get_by_label("Đến giờ").fill("17:30")
    expect(page.get_by_text("07:30–17:30").first).to_be_visible()
    page.locator("#calendar").scroll_into_view_if_needed()
    organiser.look("windows")

    organiser.open(HERE)
    page.get_by_role("link", name="Điều hành Tuần 2").click()
    organiser.look("conduct")
    whom, target = page.locator("#extra_time-whom"), page.locator("#extra_time-target")
    expect(target).to_be_hidden()  # asked for only where it is used
    whom.select_option("unit")
    expect(target).to_be_visible()
    whom.select_option("all")
    page.locator("#extra_time-minutes").fill("7")
    page.locator("#extra_time-reason").fill("Mất mạng ở nhiều nơi")
    page.get_by_role("button", name="Xem trước khi cộng").click()
    organiser.look("confirm")
    page.get_by_role("button", name="Xác nhận").click()
    expect(page.get_by_text("Đã cộng thời gian.")).to_be_visible()

    expect(paper.get_by_text("Ban Tổ chức đã cộng thêm 7 phút.")).to_be_visible(timeout=40_000)
    expect(paper.get_by_text("mọi người dự thi được cộng thêm 7 phút")).to_be_visible()
    expect(paper.locator("[data-time]")).to_have_text(re.compile(r"2[456]:\d\d"))
    member.look("paper")

    page.locator("#voiding-span").select_option(index=1)
    page.locator("#voiding-reason").fill("Quá tải ngày đầu")
    page.get_by_role("button", name="Xem hậu quả trước khi hủy").click()
    expect(page.get_by_text("Người không còn kết quả")).to_be_visible()
    organiser.look("effect")
    page.get_by_role("button", name="Xác nhận").click()
    expect(page.get_by_text(re.compile(r"Đã hủy \d+ lượt thi"))).to_be_visible()
    organiser.look("voided")
    member.open("/contests/nghi-quyet")
    expect(paper.get_by_text("bị hủy và không tính kết quả")).to_be_visible()
    member.look("announced")
