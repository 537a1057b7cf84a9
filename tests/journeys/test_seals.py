"""From a receipt to the seal of its round: found, recomputed in the browser, and a changed submission told apart."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import expect

from contest import clock
from contest.db import db
from contest.models.attempts import Attempt
from contest.models.contests import Round
from contest.models.members import Member
from contest.services import seals
from tests.journeys.conftest import Visitor

# The page as it would be if the responses of this submission had been changed since.
_CHANGED = """async () => {
  const before = document.querySelector("[data-behaviour=verify-seal]");
  const element = before.cloneNode(true);
  element.dataset.published = JSON.stringify({ ...JSON.parse(before.dataset.published), responses: "0".repeat(64) });
  before.replaceWith(element);
  const app = document.querySelector("script[type=module]").src;
  (await import(new URL("./behaviours/verify-seal.js", app).href)).default(element);
}"""
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desk", "dark")])
def test_receipt_leads_to_its_seal(
    visit: Callable[..., Visitor], app: Flask, site: str, size: str, scheme: str
) -> None:
    with app.app_context():
        while seals.seal(clock.now()):
            pass
        code, member = db.session.execute(
            sa.select(Attempt.code, Member.code)
            .join(Member, Member.id == Attempt.member_id)
            .join(Round, Round.id == Attempt.round_id)
            .where(Round.number == 1)
            .order_by(Attempt.id)
            .limit(1)
        ).one()
    visitor = visit(size, scheme)
    visitor.sign_in(member)
    page = visitor.open(f"/attempts/{code}/receipt")
    page.get_by_role("link", name="Các lần lưu").click()
    expect(page.locator("tbody tr").first).to_be_visible()
    visitor.look("saves")
    page.get_by_role("link", name="Biên nhận").click()
    page.get_by_role("link", name="Kiểm tra niêm phong").click()
    expect(page.get_by_text(re.compile("khớp mã niêm phong"))).to_be_visible()
    page.get_by_role("button", name="Tính lại trên máy này").click()
    expect(page.get_by_text("Đúng: máy này tính ra cùng mã niêm phong.")).to_be_visible()
    visitor.look("seal")
    page.evaluate(_CHANGED)
    page.get_by_role("button", name="Tính lại trên máy này").click()
    expect(page.get_by_text("Không khớp: máy này tính ra mã khác.")).to_be_visible()
    visitor.leave()
