"""What the journeys share: the demonstration on a real server, visitors at a phone or a desk, a look at every page."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Error, Page, Request, expect

from contest.db import db
from contest.models.attempts import Attempt
from contest.models.members import Member
from contest.rules.question_terms import Difficulty, Kind
from contest.services.demo import loading
from tests import people
from tests.journeys.taking import Taking, enter, start
from tests.kinds import sample

ARTEFACTS = Path(os.environ.get("ARTEFACTS", Path(__file__).parents[2] / "artefacts"))
SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1366, "height": 768}}
IN_ORDER = {"shuffle_questions": False, "shuffle_options": False}
PASSWORD = "mot hai ba bon"

expect.set_options(timeout=20_000)  # a shared machine may be slow; what is awaited is a state, never a time


@pytest.fixture
def site(app: Flask, request: pytest.FixtureRequest) -> str:
    """Serve the demonstration, small, by the real server with its worker."""
    with app.app_context():
        loading.load(members=120, attempts=90, seed=7, password=PASSWORD, bench=False)
    address: str = request.getfixturevalue("live_server")
    return address


@pytest.fixture
def newcomer(app: Flask, site: str) -> str:
    """Return the code of a member who has not yet taken part in any round."""
    with app.app_context():
        nobody = sa.select(Member.code).where(
            Member.code.like("m0%"), ~sa.exists().where(Attempt.member_id == Member.id)
        )
        return db.session.scalars(nobody.order_by(Member.code)).first() or ""


@pytest.fixture
def open_round(app: Flask, request: pytest.FixtureRequest) -> tuple[str, str]:
    """Serve one open round of three questions to choose and one to write in; return the address and the round's code."""
    with app.app_context():
        people.organisation()
        for code in ("m1", "m2"):
            people.member(code)
        drafts = [
            *(people.question(n) for n in range(1, 4)),
            sample(Kind.SHORT_TEXT, "C-0009", difficulty=Difficulty.UNDERSTANDING),
        ]
        lines = [{"topic_id": None, "difficulty": d, "count": n} for d, n in (("recall", 3), ("understanding", 1))]
        bank = people.bank("ngan-hang", drafts)
        (round_code,) = people.contest(bank_id=bank, lines=lines, rounds=[{"attempts_allowed": None, **IN_ORDER}])
    address: str = request.getfixturevalue("live_server")
    return address, round_code


@pytest.fixture
def take(browser: Browser, open_round: tuple[str, str]) -> Iterator[Callable[..., Taking]]:
    """Return what lets a member begin the paper of the open round at a browser of their own."""
    opened = []

    def begin(code: str = "m1", size: str = "desk", **more: Any) -> Taking:
        context = browser.new_context(viewport=SIZES[size], locale="vi-VN", **more)  # type: ignore[arg-type]
        opened.append(context)
        page = context.new_page()
        enter(page, open_round[0], code)
        return start(page, *open_round)

    yield begin
    for context in opened:
        context.close()


class Visitor:
    """Somebody at a browser; every page looked at is checked by axe and kept as a picture."""

    def __init__(self, page: Page, site: str, name: str, axe: Callable[[Page], list[str]]) -> None:
        self.page, self.site, self._name, self._axe, self._seen = page, site, name, axe, 0
        self.foreign: list[str] = []
        self.failures: list[str] = []
        page.on("request", self._watch)
        page.on("pageerror", lambda error: self.failures.append(str(error)))
        page.on("console", lambda m: self.failures.append(m.text) if "Content Security Policy" in m.text else None)

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.foreign.append(request.url)

    def open(self, path: str) -> Page:
        self.page.goto(self.site + path)
        return self.page

    def sign_in(self, code: str) -> None:
        page = self.open("/sign-in")
        page.fill("[name=identifier]", code)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit]")
        page.wait_for_url(lambda url: "/sign-in" not in url)

    def look(self, what: str) -> None:
        """Keep a picture of the page; it fits its window and axe finds nothing on it."""
        self._seen += 1
        ARTEFACTS.mkdir(exist_ok=True)
        picture = ARTEFACTS / f"{self._name}-{self._seen:02}-{what}.png"
        try:
            self.page.screenshot(path=picture)
        except Error:  # Chromium refuses one where its drawing was held up; the next one counts
            self.page.screenshot(path=picture)
        over = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{what} scrolls sideways by {over} px"
        assert self._axe(self.page) == [], what

    def leave(self) -> None:
        assert self.foreign == []
        assert self.failures == []


@pytest.fixture
def visit(browser: Browser, site: str, axe: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visitor]]:
    """Return what opens a browser of a size and colour scheme for somebody."""
    opened: list[tuple[Any, Visitor]] = []

    def begin(size: str = "desk", scheme: str = "light") -> Visitor:
        context = browser.new_context(
            viewport=SIZES[size],  # type: ignore[arg-type]
            color_scheme=scheme,  # type: ignore[arg-type]
            locale="vi-VN",
            timezone_id="America/New_York",  # the server's times are shown, whatever zone a browser is in
            reduced_motion="reduce",
        )
        name = f"{request.node.originalname}-{size}-{scheme}".removeprefix("test_")
        visitor = Visitor(context.new_page(), site, name, axe)
        opened.append((context, visitor))
        return visitor

    yield begin
    for context, visitor in opened:
        context.close()
        visitor.leave()
