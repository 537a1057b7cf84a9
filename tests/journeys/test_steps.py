"""Led through a paper in a real browser: one question after the other, and sections with a time of their own."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from contest.formats.drafts import QuestionDraft
from contest.rules.question_terms import Kind
from tests import people
from tests.journeys.conftest import Visitor
from tests.journeys.taking import Taking, compose, held
from tests.kinds import sample

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SINGLE = [people.question(n) for n in range(1, 6)]
SIZES = [("phone", "light"), ("desk", "dark")]
PARTS = [{"title": "Phần I. Kiến thức chung", "minutes": 5}, {"title": "Phần II. Luật Công đoàn", "minutes": 10}]


def line(count: int, section: int = 0) -> dict[str, Any]:
    return {"topic_id": None, "difficulty": None, "count": count, "section": section}


def opened(app: Flask, lines: Sequence[dict[str, Any]], drafts: Sequence[QuestionDraft] = SINGLE, **values: Any) -> str:
    with app.app_context():
        bank = people.bank("tung-buoc", drafts)
        more: dict[str, Any] = {"bank_id": bank, "organiser": "CDVC", "units": ["CDVC"], "lines": lines}
        return people.contest("tung-buoc", rounds=[values], **more)[0]


def begin(visitor: Visitor, newcomer: str, code: str) -> Page:
    visitor.sign_in(newcomer)
    page = visitor.open(f"/rounds/{code}")
    visitor.look("before")
    page.get_by_role("button", name=re.compile("Bắt đầu")).click()
    page.wait_for_url(re.compile("/attempts/"))
    return page


def open_now(page: Page, *positions: str) -> None:
    expect(page.locator("fieldset[data-position]")).to_have_count(len(positions))
    for position in positions:
        expect(page.locator(f'fieldset[data-position="{position}"]')).to_have_count(1)


def on(page: Page, size: str) -> None:
    page.locator('[data-go="next"]' if size == "phone" else "[data-leave]").click()


@pytest.mark.parametrize(("size", "scheme"), SIZES)
def test_member_is_led_from_question_to_question(
    app: Flask, visit: Callable[..., Visitor], newcomer: str, size: str, scheme: str
) -> None:
    visitor = visit(size, scheme)
    page = begin(visitor, newcomer, opened(app, [line(3)], navigation="sequential", question_seconds=12))
    open_now(page, "1")
    expect(page.locator("[data-step-time]")).to_be_visible()
    visitor.look("question")
    page.locator(".option").first.click()
    on(page, size)
    open_now(page, "2")
    on(page, size)  # nothing is answered: it asks first
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Câu này chưa trả lời")
    visitor.look("asked")
    dialog.get_by_role("button", name="Ở lại").click()
    open_now(page, "2")
    page.keyboard.press("a")
    expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu")
    open_now(page, "3")  # by itself, when its time is over
    page.go_back()
    open_now(page, "3")  # there is no way back
    page.locator(".option").nth(1).click()
    on(page, size)
    open_now(page, "prediction")
    page.fill("[name=prediction]", "7")
    on(page, size)
    page.wait_for_url(re.compile("/submission"))
    expect(page.locator("main")).to_contain_text("3/3")
    visitor.look("ending")
    page.get_by_role("button", name="Nộp bài").click()
    page.wait_for_url(re.compile("/receipt"))


@pytest.mark.parametrize(("size", "scheme"), SIZES)
def test_member_goes_through_sections(
    app: Flask, visit: Callable[..., Visitor], newcomer: str, size: str, scheme: str
) -> None:
    visitor = visit(size, scheme)
    page = begin(visitor, newcomer, opened(app, [line(2, 1), line(2, 2)], sections=PARTS, least_minutes=10))
    open_now(page, "1", "2")
    expect(page.get_by_text("Phần I. Kiến thức chung")).to_be_visible()
    visitor.look("section")
    page.locator('fieldset[data-position="1"] .option').first.click()
    if size == "phone":
        page.locator("[data-open-map]").click()
        visitor.look("map")
        page.keyboard.press("Escape")
        on(page, size)
        expect(page.locator('fieldset[data-position="2"]')).to_be_visible()
    on(page, size)
    expect(page.get_by_role("dialog")).to_contain_text("còn 1 câu chưa trả lời")
    page.get_by_role("dialog").get_by_role("button", name="Sang phần 2").click()
    open_now(page, "3", "4")
    expect(page.get_by_text("Phần II. Luật Công đoàn")).to_be_visible()
    page.goto(f"{page.url}/submission")
    expect(page.locator("main")).to_contain_text("Chưa nộp bài được.")
    visitor.look("early")
    expect(page.get_by_role("button", name="Nộp bài")).to_have_count(0)


def test_no_key_alone_leaves_a_question(app: Flask, visit: Callable[..., Visitor], newcomer: str) -> None:
    both = [sample(Kind.SHORT_TEXT, 1), people.question(1)]
    code = opened(app, [line(2)], both, navigation="sequential")
    page = begin(visit("desk", "light"), newcomer, code)
    seen = set()
    for position in ("1", "2"):
        open_now(page, position)
        typed = page.locator("fieldset[data-position] input[data-typed]")
        seen.add(typed.count())
        if typed.count():
            typed.fill("nửa chừng")
        else:
            page.locator(".option__input").first.check()
        expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu")
        for key in ("Enter", "ArrowRight", "ArrowLeft", "ArrowRight"):
            page.keyboard.press(key)
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu")
        page.wait_for_timeout(500)
        open_now(page, position)
        assert page.get_by_role("dialog").count() == 0
        on(page, "desk")
    open_now(page, "prediction")  # nobody closes a browser that is on its way
    assert seen == {0, 1}


def test_arrows_move_in_a_part_and_stay_in_it(app: Flask, visit: Callable[..., Visitor], newcomer: str) -> None:
    page = begin(visit("desk", "light"), newcomer, opened(app, [line(2, 1), line(2, 2)], sections=PARTS))
    open_now(page, "1", "2")
    page.keyboard.press("ArrowRight")
    expect(page.locator('fieldset[data-position="2"]')).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    open_now(page, "1", "2")
    assert page.get_by_role("dialog").count() == 0


def test_step_opens_without_a_network_with_its_clock_and_what_was_answered(
    app: Flask, visit: Callable[..., Visitor], newcomer: str
) -> None:
    visitor = visit("desk", "light")
    page = begin(visitor, newcomer, opened(app, [line(2, 1), line(2, 2)], sections=PARTS))
    taking = Taking(page, page.url)
    taking.until_kept()
    saved = taking.choose(1, 0)
    expect(taking.state).to_contain_text("Đã lưu")
    taking.cut()
    page.wait_for_timeout(6000)  # the clock of a page from the device goes on from when the page came
    before = seconds_left(page)
    page.reload()
    expect(taking.state).to_contain_text("Mất mạng")
    assert -4 <= before - seconds_left(page) <= 10
    expect(taking.chosen(1)).to_have_value(saved)
    unsent = taking.choose(2, 1)
    expect(taking.state).to_have_text("Mất mạng, 1 câu giữ trên máy này")
    taking.cut(False)
    expect(taking.state).to_contain_text("Đã lưu")
    assert held(app, taking.code) == {"1": saved, "2": unsent}
    on(page, "desk")
    page.get_by_role("dialog").get_by_role("button", name="Sang phần 2").click()
    open_now(page, "3", "4")
    taking.until_kept()
    taking.cut()
    page.reload()
    open_now(page, "3", "4")  # of a step that was left nothing is kept
    later = taking.choose(3, 1)
    expect(taking.state).to_have_text("Mất mạng, 1 câu giữ trên máy này")
    taking.cut(False)
    expect(taking.state).to_contain_text("Đã lưu")
    assert held(app, taking.code) == {"1": saved, "2": unsent, "3": later}


def test_what_is_being_composed_counts_when_the_time_of_its_question_is_over(
    app: Flask, visit: Callable[..., Visitor], newcomer: str
) -> None:
    drafts = [sample(Kind.SHORT_TEXT, f"C-{n:04}") for n in (1, 2)]
    code = opened(app, [line(2)], drafts, navigation="sequential", question_seconds=12)
    page = begin(visit("desk", "light"), newcomer, code)
    taking = Taking(page, page.url)
    taking.written().focus()
    compose(page, "Hà Nội")
    open_now(page, "2")  # by itself
    assert [list(value.values()) for value in held(app, taking.code).values()] == [["Hà Nội"]]


def seconds_left(page: Page) -> int:
    minutes, seconds = page.locator("[data-step-time]").inner_text().split(":")
    return int(minutes) * 60 + int(seconds)
