"""A paper of every kind of question by finger and by keyboard: answered, reloaded, handed in, all right; and the review."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from contest.db import db
from contest.models.results import Result
from contest.rules.question_terms import Kind
from contest.rules.questions import MARKED_BY_PEOPLE, TOLD
from tests import people
from tests.journeys.conftest import Visitor
from tests.kinds import RIGHT, sample

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AUTOMATIC = [kind for kind in Kind if kind not in MARKED_BY_PEOPLE | TOLD]


@pytest.fixture
def of_all_kinds(app: Flask, site: str) -> str:
    """Open a round whose paper holds a question of every kind, and return its code."""
    with app.app_context():
        bank = people.bank("loai-cau", [sample(kind) for kind in AUTOMATIC])
        line = {"topic_id": None, "difficulty": None, "count": len(AUTOMATIC)}
        slug = "cac-loai-cau"
        return people.contest(slug, bank_id=bank, organiser="CDVC", units=["CDVC"], lines=(line,))[0]


def answer(page: Page, question: Locator) -> None:
    """Give the right answer the way a person does."""
    kind = Kind(question.get_attribute("data-kind") or "")
    given: Any = RIGHT[kind]
    if kind is Kind.ORDERING:
        in_order(page, question, given)
    elif isinstance(given, dict):
        for number, value in given.items():
            part(question, kind, number, value)
    else:
        for text in [given] if isinstance(given, str) else given:
            question.locator(".option", has_text=re.compile(rf"{text}\s*$")).click()


def part(question: Locator, kind: Kind, number: int, value: str) -> None:
    if kind is Kind.STATEMENTS:
        row = question.locator(".statements__row").nth(number - 1)
        row.locator(f'input[value="{value}"]').check()
        return
    control = question.locator("[data-part]").nth(number - 1)
    if control.evaluate("one => one.tagName") == "SELECT":
        control.select_option(control.locator("option", has_text=value).get_attribute("value"))
    else:
        control.fill(value)


def in_order(page: Page, question: Locator, texts: list[str]) -> None:
    """Move rows up by their buttons, by the keyboard alone, until they stand as they should."""
    for place, text in enumerate(texts):
        rows = question.locator(".order__item")
        at = rows.locator(".order__text").all_inner_texts().index(text)
        for _ in range(at - place):
            rows.filter(has_text=text).locator('[data-move="up"]').focus()
            page.keyboard.press("Enter")
    if question.locator("[data-touched]").count() == 0:
        question.locator("[data-keep-order]").click()


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desk", "dark")])
def test_member_answers_every_kind(
    visit: Callable[..., Visitor], app: Flask, newcomer: str, of_all_kinds: str, size: str, scheme: str
) -> None:
    member = visit(size, scheme)
    member.sign_in(newcomer)
    page = member.open(f"/rounds/{of_all_kinds}")
    page.get_by_role("button", name=re.compile("Bắt đầu")).click()
    page.wait_for_url(re.compile("/attempts/"))
    page.evaluate("localStorage.setItem('hoi-thi:paperView', 'all')")
    page.reload()
    member.look("unanswered")
    for position in range(1, len(AUTOMATIC) + 1):
        answer(page, page.locator(f'fieldset[data-position="{position}"]'))
    page.locator("fieldset[data-position]").first.locator("legend").click()
    expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu")
    expect(page.locator(".ticks__tick.is-answered")).to_have_count(len(AUTOMATIC))
    page.reload()
    expect(page.locator(".ticks__tick.is-answered")).to_have_count(len(AUTOMATIC))
    member.look("answered")
    page.locator(".paper__end [data-review]").click()
    page.wait_for_url(re.compile("/submission"))
    member.look("submission")
    page.locator("#submission button").click()
    page.wait_for_url(re.compile("/receipt"))
    with app.app_context():
        mine = sa.select(Result).order_by(Result.attempt_id.desc()).limit(1)
        assert db.session.scalars(mine).one().correct_count == len(AUTOMATIC)
