"""Waiting: a countdown by the server's clock on a device that is a day wrong, and two people at a rate of one a minute."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import expect

from contest.db import db, transaction
from contest.models.attempts import Attempt
from contest.models.contests import Contest, Round
from contest.models.members import Member
from contest.rules.terms import Phase
from contest.rules.windows import Window
from tests import servers
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
A_DAY_LATE = """(() => {
  const Real = Date, late = 86_400_000;
  class Wrong extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() - late); }
    static now() { return Real.now() - late; }
  }
  globalThis.Date = Wrong;
})()"""


@pytest.fixture
def live_server(instance: Path, database_url: str, tmp_path: Path) -> Iterator[str]:
    environ = {"APP_ENV": "development", "DATABASE_URL": database_url, "INSTANCE_PATH": str(instance), "WORKERS": "1",
               "STARTS_PER_MINUTE": "1"}  # fmt: skip
    with servers.application(environ, tmp_path) as address:
        yield address


def round_that(phase: Phase) -> Round:
    of_demo = sa.select(Round).join(Contest, Contest.id == Round.contest_id).where(Contest.slug == "nghi-quyet")
    found = db.session.scalars(of_demo.order_by(Round.opens_at))
    return next(r for r in found if Window(r.opens_at, r.closes_at).phase(datetime.now(UTC)) is phase)


def newcomers(app: Flask, count: int) -> list[str]:
    with app.app_context():
        nobody = sa.select(Member.code).where(
            Member.code.like("m0%"), ~sa.exists().where(Attempt.member_id == Member.id)
        )
        return list(db.session.scalars(nobody.order_by(Member.code).limit(count)))


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desk", "dark")])
def test_visitor_counts_down_by_the_servers_clock(
    app: Flask, visit: Callable[..., Visitor], size: str, scheme: str
) -> None:
    with app.app_context(), transaction():
        coming = round_that(Phase.BEFORE)
        coming.opens_at = datetime.now(UTC) + timedelta(minutes=10)
        coming.revision += 1
        code = coming.code
    visitor = visit(size, scheme)
    visitor.page.add_init_script(A_DAY_LATE)
    page = visitor.open(f"/rounds/{code}")
    expect(page.locator(".until")).to_contain_text("09:")
    expect(page.get_by_role("main").get_by_role("link", name="Đăng nhập")).to_be_visible()
    visitor.look("visitor")
    visitor.open("/contests/nghi-quyet")
    visitor.sign_in(newcomers(app, 1)[0])
    page = visitor.open(f"/rounds/{code}")
    expect(page.locator(".until")).to_contain_text("09:")
    visitor.look("member")


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desk", "light")])
def test_two_people_come_one_after_the_other(app: Flask, visit: Callable[..., Visitor], size: str, scheme: str) -> None:
    with app.app_context():
        code = round_that(Phase.OPEN).code
    first, second = (visit(size, scheme) for _ in range(2))
    for visitor, who in zip((first, second), newcomers(app, 2), strict=True):
        visitor.sign_in(who)
        visitor.page.add_init_script(A_DAY_LATE)
        visitor.open(f"/rounds/{code}").get_by_role("button", name="Bắt đầu làm bài").click()
    expect(first.page.locator("[data-time]")).to_be_visible()
    page = second.page
    page.wait_for_url(f"**/rounds/{code}/queue")
    expect(page.locator("[data-place]")).to_have_text("1")
    expect(page.get_by_text("Chờ không mất phút làm bài nào")).to_be_visible()
    second.look("queue")
    page.reload()
    expect(page.locator("[data-place]")).to_have_text("1")
    expect(page.get_by_role("heading", name="Đến lượt bạn vào thi")).to_be_visible(timeout=90_000)
    expect(page.locator(".until")).to_contain_text("02:5")
    second.look("turn")
    page.get_by_role("button", name="Bắt đầu làm bài").click()
    expect(page.locator("[data-time]")).to_contain_text("19:5")
