"""What is typed is never run: names, questions and regulations full of payloads, on every page, in a real browser."""

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Dialog, Page

from contest import clock
from contest.db import db, transaction
from contest.models.contests import Contest
from contest.models.organisation import Organisation, Unit
from contest.services.attempts import closing
from contest.services.results import settlement
from tests import people

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RUN = "window.pwned=1"
PAYLOADS = (
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f'" autofocus onfocus="{RUN}" x="',
    f"' onmouseover='{RUN}' x='",
    f"</title></textarea></option></select><svg onload={RUN}>",
    f"javascript:{RUN}//",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'>",
    f"<a href=javascript:{RUN}>x</a>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
)
HOSTILE = " ".join(PAYLOADS)
MARKDOWN = "\n\n".join((*PAYLOADS, f"[x](javascript:{RUN})", f"![x](x onerror={RUN})", "<style>*{color:red}</style>"))


@pytest.fixture
def site(app: Flask, request: pytest.FixtureRequest) -> str:
    """Serve a contest in which everything that somebody can type is hostile."""
    with app.app_context():
        people.organisation()
        drafts = [
            replace(
                people.question(n),
                text=f"{n} {HOSTILE}",
                options=tuple(
                    replace(o, text=f"{i}{n} {HOSTILE[:900]}") for i, o in enumerate(people.question(n).options)
                ),
                explanation=HOSTILE,
                source=HOSTILE[:400],
                topic=(HOSTILE[:150],),
            )
            for n in (1, 2, 3)
        ]
        bank_id = people.bank("nganhang", drafts)
        codes = people.contest("cuoc-thi", bank_id=bank_id, lines=[{"topic_id": None, "difficulty": None, "count": 3}])
        people.administrator()
        me = people.member("m1", full_name=HOSTILE[:110])
        other = people.member("m2", full_name="</tr><script>window.pwned=1</script>")
        for who in (me, other):
            closing.submit(people.attempt(codes[0], who), {}, by=who, arrived=clock.now())
        running = people.attempt(codes[0], me)
        with transaction():
            db.session.execute(sa.update(Contest).values(title=HOSTILE[:190], theme=HOSTILE, regulations=MARKDOWN))
            db.session.execute(sa.update(Unit).values(name=HOSTILE[:190], short_name=HOSTILE[:90], level=HOSTILE[:90]))
            names = {"name_vi": HOSTILE[:190], "name_en": HOSTILE[:190], "anniversary": HOSTILE[:190]}
            db.session.execute(sa.update(Organisation).values(**names))
        settlement.rebuild(people.round_row(codes[0]).id)
    request.node.round, request.node.running = codes[0], running
    address: str = request.getfixturevalue("live_server")
    return address


def enter(page: Page, site: str, code: str) -> None:
    page.goto(f"{site}/sign-in")
    page.fill("[name=identifier]", code)
    page.fill("[name=password]", people.PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in" not in url)


PAGES = {
    None: ("/", "/results", "/contests/cuoc-thi", "/rounds/{round}/standings", "/rounds/{round}/standings/units", "/sign-in"),
    "m1": (
        "/me", "/rounds/{round}", "/attempts/{running}", "/attempts/{running}/submission",
        "/rounds/{round}/standings?q=script&unit=A1", "/contests/cuoc-thi",
    ),
    "quantri": (
        "/manage", "/manage/search?q=script", "/manage/banks", "/manage/banks/nganhang",
        "/manage/banks/nganhang/questions/C-0001", "/manage/members", "/manage/members/m1", "/manage/units",
        "/manage/units/A1", "/manage/organisation", "/manage/audit", "/manage/contests/cuoc-thi",
        "/manage/contests/cuoc-thi/details", "/manage/contests/cuoc-thi/units", "/manage/contests/cuoc-thi/rounds/{round}",
        "/manage/contests/cuoc-thi/preview", "/manage/contests/cuoc-thi/results",
    ),
}  # fmt: skip


def test_nothing_typed_is_run(browser: Browser, site: str, request: pytest.FixtureRequest) -> None:
    ran: list[str] = []
    for who, paths in PAGES.items():
        context = browser.new_context(locale="vi-VN", viewport={"width": 1366, "height": 768})
        page = context.new_page()
        page.on("dialog", lambda dialog: _note(ran, dialog))
        if who:
            enter(page, site, who)
        for path in paths:
            path = path.format(round=request.node.round, running=request.node.running)
            answer = page.goto(site + path)
            assert answer is not None
            assert answer.status == 200, path
            page.wait_for_timeout(50)
            assert re.search("<(script>|img src=x|svg onload|iframe|math>)", answer.text()) is None, path
            if page.evaluate("window.pwned"):
                ran.append(path)
            strange = "script:not([src]), iframe, math, [onerror], [onfocus], [onload], [onmouseover], a[href^='javascript:' i]"
            assert page.locator(f"{strange}, main style").count() == 0, path
        context.close()
    assert ran == []


def _note(ran: list[str], dialog: Dialog) -> None:
    ran.append(dialog.message)
    dialog.dismiss()


def test_the_browser_would_run_it(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(f"<body>{PAYLOADS[1]}</body>")
    page.wait_for_function("window.pwned")
    page.close()
