"""A draw in public: the list before it, the lots after it, recomputed in the reader's own browser and caught when altered."""

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import expect

from contest.db import db, transaction
from contest.models.contests import Round
from contest.rules.permissions import SYSTEM
from contest.services.awards import draws
from contest.services.results import settlement
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SLUG = "nghi-quyet"


@pytest.mark.parametrize(
    ("size", "scheme"), [("phone", "light"), ("phone", "dark"), ("desk", "light"), ("desk", "dark")]
)
def test_anybody_recomputes_a_draw(app: Flask, visit: Callable[..., Visitor], size: str, scheme: str) -> None:
    with app.app_context():
        row = db.session.scalars(sa.select(Round).where(Round.settled_at.is_not(None)).order_by(Round.number)).first()
        assert row is not None
        code = row.code
        with transaction():
            db.session.execute(sa.update(Round).where(Round.id == row.id).values(criteria=["correct", "lot"]))
        settlement.settle(row.id)
        draw = draws.prepare_for_round(SLUG, code, "Giải đặc biệt xổ số miền Bắc ngày mai", by=SYSTEM)
    reader = visit(size, scheme)
    page = reader.open(f"/draws/{draw}")
    expect(page.get_by_text("Chưa bốc")).to_be_visible()
    expect(page.get_by_role("button", name="Tính lại trên máy này")).to_have_count(0)
    reader.look("before")
    with app.app_context():
        draws.draw(SLUG, draw, "58213", "Bà An, ông Bình", by=SYSTEM)
    page = reader.open(f"/draws/{draw}")
    holds, differs = page.locator("[data-verified]"), page.locator("[data-differs]")
    expect(holds).to_be_hidden()
    page.get_by_role("button", name="Tính lại trên máy này").click()
    expect(holds).to_be_visible()
    expect(differs).to_be_hidden()
    page.locator("[data-behaviour=verify-draw]").scroll_into_view_if_needed()
    reader.look("after")
    page.evaluate("scrollTo(0, 0)")
    reader.look("after-top")

    published = json.loads(page.locator("[data-published]").get_attribute("data-published") or "")
    for name, value in (
        ("drawn", published["drawn"][::-1]),
        ("randomness", "58214"),
        ("codes", published["codes"][1:]),
    ):
        altered = json.dumps(json.dumps({**published, name: value}))
        page.add_init_script(  # runs before the page's own modules do
            f"new MutationObserver(() => document.querySelector('[data-published]')?.setAttribute('data-published', {altered}))"
            ".observe(document, {childList: true, subtree: true})"
        )
        page.reload()
        page.get_by_role("button", name="Tính lại trên máy này").click()
        expect(page.locator("[data-differs]")).to_be_visible()
        expect(page.locator("[data-verified]")).to_be_hidden()
