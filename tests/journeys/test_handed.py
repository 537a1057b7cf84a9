"""A member hands files in, from a phone, from a desk, without a script, takes one out, and reads that the rest waits."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from fpdf import FPDF
from PIL import Image
from playwright.sync_api import Browser, expect

from contest.rules.question_terms import Kind
from tests import people
from tests.journeys.conftest import PASSWORD, Visitor
from tests.kinds import sample

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    made = FPDF()
    made.add_page()
    made.set_font("helvetica")
    made.cell(text="bai thu hoach")
    made.output(str(tmp_path / "Bài thu hoạch.pdf"))
    Image.new("RGB", (1200, 1600), "white").save(tmp_path / "trang 1.jpg")
    (tmp_path / "ghi chú.txt").write_text("xin chào", encoding="utf-8")
    return {path.suffix[1:]: path for path in tmp_path.iterdir() if path.is_file()}


@pytest.fixture
def round_code(app: Flask, site: str) -> str:
    with app.app_context():
        asked = [sample(Kind.UPLOAD, f"NOP-{n}", text=f"Nộp bài thu hoạch phần {n}.", most_files=n) for n in (1, 2)]
        line = {"topic_id": None, "difficulty": None, "count": 2, "marked": True}
        bank = people.bank("nop-tep", asked)
        return people.contest("nop-tep", bank_id=bank, organiser="CDVC", units=["CDVC"], lines=(line,))[0]


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desk", "dark")])
def test_member_hands_files_in(
    visit: Callable[..., Visitor],
    newcomer: str,
    round_code: str,
    files: dict[str, Path],
    size: str,
    scheme: str,
) -> None:
    member = visit(size, scheme)
    member.sign_in(newcomer)
    page = member.open(f"/rounds/{round_code}")
    page.get_by_role("button", name=re.compile("Bắt đầu")).click()
    page.wait_for_url(re.compile("/attempts/"))
    page.evaluate("localStorage.setItem('hoi-thi:paperView', 'all')")
    page.reload()
    two = page.locator("fieldset", has_text="phần 2")
    one = page.locator("fieldset", has_text="phần 1")
    saved = page.locator("[data-save-state=saved], [data-save-state][data-state=saved]")
    for number, kind in enumerate(("pdf", "jpg"), 1):
        two.locator("[type=file]").set_input_files(files[kind])
        expect(two.locator("[data-file]:checked")).to_have_count(number)
        expect(saved).to_be_visible()
    member.look("files")
    one.locator("[type=file]").set_input_files(files["txt"])
    expect(one.locator("[data-error]")).to_contain_text("không phải PDF")
    one.locator("[type=file]").set_input_files(files["jpg"])
    expect(one.locator("[data-file]:checked")).to_have_count(1)
    one.locator("[type=file]").set_input_files(files["pdf"])
    expect(one.locator("[data-file]")).to_have_count(2)
    expect(one.locator("[data-file]:checked")).to_have_count(1)  # where one is taken, the new one takes its place
    expect(saved).to_be_visible()
    two.locator("label", has_text="trang 1.jpg").click()
    page.locator(".paper__end [data-review]:visible, .map [data-review]:visible").first.click()
    page.wait_for_url(re.compile("/submission"))
    page.go_back()
    page.wait_for_load_state()
    expect(two.locator("[data-file]:checked")).to_have_count(1)
    expect(one.locator("label:has(:checked)")).to_contain_text("Bài thu hoạch.pdf")
    page.locator(".paper__end [data-review]:visible, .map [data-review]:visible").first.click()
    page.get_by_role("button", name="Nộp bài").click()
    page.wait_for_url(re.compile("/receipt"))
    expect(page.locator("main")).to_contain_text("2 câu đang chờ giám khảo chấm")
    member.look("receipt")
    member.leave()


def test_member_hands_a_file_in_without_a_script(
    browser: Browser, site: str, newcomer: str, round_code: str, files: dict[str, Path]
) -> None:
    page = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740}).new_page()
    page.goto(f"{site}/sign-in")
    page.fill("[name=identifier]", newcomer)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.goto(f"{site}/rounds/{round_code}")
    page.get_by_role("button", name=re.compile("Bắt đầu")).click()
    two = page.locator("fieldset", has_text="phần 2")
    two.locator("[type=file]").set_input_files(files["jpg"])
    two.get_by_role("button", name="Nộp tệp này").click()
    expect(two.locator("[data-file]:checked")).to_have_count(1)
    two.locator("[type=file]").set_input_files(files["txt"])
    two.get_by_role("button", name="Nộp tệp này").click()
    expect(page.locator("main")).to_contain_text("Tệp này không phải PDF")
    two.locator("[type=file]").set_input_files(files["pdf"])
    page.get_by_role("button", name="Xem lại và nộp").click()
    page.wait_for_url(re.compile("/submission"))
    page.go_back()
    expect(two.locator("[data-file]:checked")).to_have_count(2)
    page.close()
