"""Questions of a passage in a browser: it stands above the first, and is at hand for each where they are shown one at a time."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import expect

from contest.formats.drafts import QuestionDraft
from contest.rules.question_terms import Kind
from tests import people
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WORDS = "Công đoàn Việt Nam thành lập ngày 28/7/1929 tại số nhà 15 phố Hàng Nón, Hà Nội. "


@pytest.fixture
def with_passage(app: Flask, site: str) -> str:
    """Open a round whose paper, in the order of its bank, has two questions of a passage between others."""
    with app.app_context():
        passage = QuestionDraft("P-1", Kind.PASSAGE, f"**Đọc đoạn sau.**\n\n{WORDS * 6}", (), rich=True)
        own = [replace(people.question(n), passage="P-1") for n in (2, 3)]
        bank = people.bank("doan-dan", [passage, people.question(1), *own, people.question(4)])
        line = {"topic_id": None, "difficulty": None, "count": 4}
        return people.contest("doan-dan", bank_id=bank, organiser="CDVC", units=["CDVC"], lines=(line,))[0]


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desk", "dark")])
def test_member_reads_a_passage(
    visit: Callable[..., Visitor], newcomer: str, with_passage: str, size: str, scheme: str
) -> None:
    visitor = visit(size, scheme)
    visitor.sign_in(newcomer)
    page = visitor.open(f"/rounds/{with_passage}")
    page.get_by_role("button", name=re.compile("Bắt đầu")).click()
    page.wait_for_url(re.compile("/attempts/"))
    first = page.locator(".passage:not(.passage--again) + .question")
    second = page.locator(".passage--again + .question")
    whole, again = page.locator(".passage:not(.passage--again)"), page.locator(".passage--again")
    place = int(first.get_attribute("data-position") or "0")
    page.goto(f"{page.url.partition('#')[0]}#q{place}")
    page.reload()
    if size == "phone":
        expect(first).to_be_visible()
        expect(whole).to_be_visible()
        expect(again).to_be_hidden()
        visitor.look("first")
        page.locator('[data-go="next"]').click()
        expect(second).to_be_visible()
        expect(whole).to_be_hidden()
        expect(again.locator(".passage__text")).to_be_hidden()
        again.locator("summary").click()
        expect(again.locator(".passage__text")).to_be_visible()
        visitor.look("again")
    else:
        page.locator('.paper-header [data-view="all"]').click()
        expect(whole).to_be_visible()
        expect(again).to_be_hidden()
        visitor.look("whole")
        page.locator('.paper-header [data-view="one"]').click()
        expect(whole).to_be_visible()
        visitor.look("one")
