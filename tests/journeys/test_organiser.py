"""An organiser's way: people and questions from files, a contest set up and published, seen by a member."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from contest.formats.drafts import MemberDraft, OptionDraft, QuestionDraft
from contest.formats.tables import write_members, write_questions
from contest.rules.question_terms import Difficulty, Kind
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PEOPLE = [
    MemberDraft("tv01", "Đặng Thị Ánh", date(1988, 5, 2), "0912345678", "anh@example.vn", None, "CDVC-QNI"),
    MemberDraft("tv02", "Lê Văn Bình", None, None, None, None, "CDVC-QNI"),
    MemberDraft("tv03", "Vũ Hoà", None, None, None, None, "KHONG-CO"),  # a unit that is not there
]


def question(number: int) -> QuestionDraft:
    options = tuple(OptionDraft(f"Phương án {x}{number}", Decimal(x == "A")) for x in "ABCD")
    code = f"Q-{number:03d}"
    return QuestionDraft(
        code, Kind.SINGLE_CHOICE, f"Câu hỏi kiểm tra số {number} là gì?", options, ("Luật",), Difficulty.RECALL
    )


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_organiser_from_files_to_a_published_contest(visit: Callable[..., Visitor], size: str, tmp_path: Path) -> None:
    people, questions = tmp_path / "doan-vien.xlsx", tmp_path / "cau-hoi.xlsx"
    people.write_bytes(write_members(PEOPLE, format="xlsx"))
    questions.write_bytes(write_questions([question(n) for n in range(1, 6)], format="xlsx"))

    organiser = visit(size)
    organiser.sign_in("bantochuc")
    page = organiser.open("/manage/members/import")
    organiser.look("people-upload")
    page.set_input_files("[name=file]", people)
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_text("Không có đơn vị mang mã KHONG-CO")).to_be_visible(timeout=30_000)
    organiser.look("people-preview")
    page.get_by_role("button", name=re.compile("Nhập 2 dòng")).click()
    expect(page.get_by_text("Đã nhập xong")).to_be_visible(timeout=30_000)
    organiser.open("/manage/members?q=dang thi anh")
    expect(page.get_by_text("Đặng Thị Ánh")).to_be_visible()
    organiser.look("people")

    organiser.open("/manage/banks")
    page.fill("[name=name]", "Ngân hàng kiểm tra")
    page.fill("[name=code]", "kiem-tra")
    page.get_by_role("button", name="Tạo ngân hàng").click()
    organiser.open("/manage/banks/kiem-tra/import")
    page.set_input_files("[name=file]", questions)
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_role("button", name="Nhập các câu đã chọn")).to_be_visible(timeout=30_000)
    organiser.look("questions-preview")
    page.get_by_role("button", name="Nhập các câu đã chọn").click()
    expect(page.get_by_text("Đã nhập xong")).to_be_visible(timeout=30_000)

    reviewer = visit(size)
    reviewer.sign_in("duyetcauhoi")
    review = reviewer.open("/manage/banks/kiem-tra")
    for box in review.locator("[name=question]").all():
        box.check()
    reviewer.look("review")
    review.get_by_role("button", name="Duyệt", exact=True).click()
    expect(review.get_by_text("Đã duyệt 5 câu")).to_be_visible()

    organiser.open("/manage/contests/new/regulations")
    organiser.look("regulations")
    organiser.open("/manage/contests/new/regulations/tphcm-2025")  # begins on a Monday
    page.fill("[name=first_day]", "2036-01-02")
    expect(page.locator("#regulations-preview")).to_contain_text("ngày được chọn là thứ Tư")
    organiser.look("from-regulations")

    organiser.open("/manage/contests/new")
    page.fill("[name=title]", "Tìm hiểu Luật Công đoàn")
    page.fill("[name=slug]", "luat-cong-doan")
    page.select_option("[name=organiser]", "CDVC")
    organiser.look("new")
    page.get_by_role("button", name="Tạo bản nháp").click()
    page.wait_for_url("**/manage/contests/luat-cong-doan**")
    organiser.look("draft")
    page.get_by_role("button", name="Công bố cuộc thi").click()
    if page.locator("dialog[open]").count():
        page.locator("dialog[open] button", has_text="Công bố").click()
    expect(page.get_by_role("alert")).to_contain_text("việc phải xong trước khi công bố")

    organiser.open("/manage/contests/luat-cong-doan/details")
    page.fill("[name=regulations]", "## Điều 1. Mục đích\n\nTìm hiểu luật.")
    expect(page.locator("#regulations-preview h2")).to_contain_text("Điều 1. Mục đích")
    organiser.look("details")
    page.get_by_role("button", name="Lưu", exact=True).click()
    organiser.open("/manage/contests/luat-cong-doan/units")
    page.locator('[name=units][value="CDVC-QNI"]').check()
    organiser.look("units")
    page.get_by_role("button", name="Lưu", exact=True).click()

    organiser.open("/manage/contests/luat-cong-doan/rounds/new")
    page.fill("[name=title]", "Vòng một")
    page.fill("[name=opens_at]", "2026-01-01T07:00")
    page.fill("[name=closes_at]", "2026-01-01T06:00")
    page.select_option("[name=bank]", label="Ngân hàng kiểm tra")
    page.locator("[name=cell-count]").first.fill("6")
    expect(page.locator("#supply")).to_contain_text("thiếu 1 câu")
    page.get_by_role("button", name="Lưu vòng thi").click()
    expect(page.get_by_text("Giờ đóng phải sau giờ mở")).to_be_visible()
    assert page.input_value("[name=title]") == "Vòng một"
    page.fill("[name=closes_at]", "2036-01-01T21:00")
    page.locator("[name=cell-count]").first.fill("5")
    expect(page.locator("#supply")).to_contain_text("Đủ 5 câu")
    page.locator("[name=criteria]").nth(0).select_option("correct")
    page.locator("[name=criteria]").nth(1).select_option("prediction")
    page.locator("[name=criteria]").nth(2).select_option("duration")
    page.locator("[data-handle]").nth(1).focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#ranking")).to_contain_text("Độ lệch dự đoán phải đứng sau số câu đúng hoặc điểm.")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#ranking")).to_contain_text("Xếp theo số câu đúng, nhiều hơn xếp trên.")
    organiser.look("round")
    page.get_by_role("button", name="Lưu vòng thi").click()
    page.wait_for_url(re.compile("/luat-cong-doan$"))
    organiser.look("ready")
    organiser.open("/manage/contests/luat-cong-doan/preview")
    expect(page.locator("h1").first).to_contain_text("Tìm hiểu Luật Công đoàn")
    organiser.open("/manage/contests/luat-cong-doan")
    page.get_by_role("button", name="Công bố cuộc thi").click()
    if page.locator("dialog[open]").count():
        page.locator("dialog[open] button", has_text="Công bố").click()
    expect(page.get_by_text("Cuộc thi đã công bố. Đoàn viên")).to_be_visible()
    organiser.look("published")

    page.fill("[name=q]", "luat cong doan")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Tìm hiểu Luật Công đoàn").first).to_be_visible()
    organiser.look("search")

    member = visit(size)
    seen = member.open("/contests/luat-cong-doan")
    expect(seen.locator("h1").first).to_contain_text("Tìm hiểu Luật Công đoàn")
    member.look("member")
