"""Somebody who takes a paper at a browser, and what lies on their device and with the server meanwhile."""

import inspect
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, expect

from contest.db import db, transaction
from contest.models.attempts import Attempt, Response
from tests import people

LYING = """async () => {
  const database = await new Promise((done) => { indexedDB.open("hoi-thi", 1).onsuccess = (e) => done(e.target.result); });
  const all = database.transaction("journal").objectStore("journal").getAll();
  return new Promise((done) => { all.onsuccess = () => { database.close(); done(all.result); }; });
}"""
PLANT = """async (records) => {
  const database = await new Promise((done) => { indexedDB.open("hoi-thi", 1).onsuccess = (e) => done(e.target.result); });
  const put = database.transaction("journal", "readwrite");
  records.forEach((record) => put.objectStore("journal").put(record));
  return new Promise((done) => { put.oncomplete = () => { database.close(); done(); }; });
}"""
KEPT = """async () => {
  const all = {};
  for (const name of await caches.keys()) {
    const addresses = await (await caches.open(name)).keys(); // to open one that is being dropped makes it anew, empty
    if (addresses.length) all[name] = addresses.map((request) => new URL(request.url).pathname);
  }
  return all;
}"""


class Taking:
    """A paper in a tab: what is done on it, what it says, what the browser keeps of it, and what the server holds."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url, self.code = page, url, url.rpartition("/")[2]
        self.sent: list[tuple[str, Any]] = []
        self.watch(page)

    def watch(self, page: Page) -> None:
        """Note each save that this tab sends, as (position, value)."""

        def note(request: Any) -> None:
            if request.method == "PUT":
                self.sent.append((request.url.rpartition("/")[2], json.loads(request.post_data or "{}")["value"]))

        page.on("request", note)

    def beside(self, context: BrowserContext | None = None) -> "Taking":
        """Open the same paper in another tab, or on another device that its person has signed in to."""
        other = Taking((context or self.page.context).new_page(), self.url)
        other.page.goto(self.url)
        expect(other.state).not_to_be_empty()
        return other

    @property
    def state(self) -> Locator:
        return self.page.locator("[data-save-state]")

    def notice(self, key: str) -> Locator:
        return self.page.locator(f'[data-key="{key}"]')

    @property
    def dialog(self) -> Locator:
        return self.page.locator("[data-hand-over]")

    def option(self, position: int, number: int) -> Locator:
        return self.page.locator(f'fieldset[data-position="{position}"] .option').nth(number)

    def choose(self, position: int, number: int) -> str:
        """Choose an option and return its id."""
        self.option(position, number).click()
        return self.value(position, number)

    def value(self, position: int, number: int) -> str:
        return self.option(position, number).locator("input").get_attribute("value") or ""

    def chosen(self, position: int) -> Locator:
        return self.page.locator(f'fieldset[data-position="{position}"] input:checked')

    def revision(self, position: int) -> int:
        return int(self.page.locator(f'[name="revision-{position}"]').input_value())

    def written(self) -> Locator:
        return self.page.locator("[data-typed]:not([name=prediction])")

    def cut(self, is_cut: bool = True) -> None:
        self.page.context.set_offline(is_cut)

    def come_back(self) -> None:
        """Turn to this tab again, as often as it takes until it asks what is new."""
        with self.page.expect_response(re.compile("/responses$")):
            self.page.evaluate(
                "() => { const turn = () => dispatchEvent(new Event('focus')); turn(); setInterval(turn, 1000); }"
            )

    def lying(self) -> list[dict[str, Any]]:
        """Return the records that lie in the journals of this browser."""
        return list(self.page.evaluate(LYING))

    def unsent(self) -> list[str]:
        return sorted(one["name"] for one in self.lying() if "savedAt" not in one and one["code"] == self.code)

    def kept(self) -> dict[str, list[str]]:
        """Return what the worker keeps: of each attempt the addresses."""
        return dict(self.page.evaluate(KEPT))

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds that the page does not show."""
        for _ in range(200):
            if holds():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"never: {inspect.getsource(holds).strip()}")

    def until_kept(self) -> None:
        """Wait until the paper would open without a network: with its page and with what tidies up, which comes last."""
        self.until(lambda: any(len(addresses) > 20 for addresses in self.kept().values()))


def enter(page: Page, site: str, code: str) -> None:
    page.goto(f"{site}/sign-in")
    page.fill("[name=identifier]", code)
    page.fill("[name=password]", people.PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def start(page: Page, site: str, round_code: str) -> Taking:
    """Begin a paper the way people do, by the page before it, and show all of it."""
    page.goto(f"{site}/rounds/{round_code}")
    page.evaluate("() => { localStorage.setItem('hoi-thi:paperView', 'all'); }")
    page.get_by_role("button", name="Bắt đầu làm bài").click()
    page.wait_for_url(re.compile("/attempts/"), wait_until="commit")
    taking = Taking(page, page.url)
    expect(taking.state).not_to_be_empty()
    return taking


def compose(page: Page, text: str) -> Any:
    """Compose a text as an input method does, without ending it."""
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    return session


def held(app: Flask, code: str) -> dict[str, Any]:
    """Return what the server counts of an attempt: position → value."""
    with app.app_context():
        query = sa.select(Response.position, Response.value).join(Attempt, Attempt.id == Response.attempt_id)
        found = db.session.execute(query.where(Attempt.code == code).order_by(Response.revision)).all()
        db.session.rollback()
    return {str(position or "prediction"): json.loads(value) if value else None for position, value in found}


def record(taking: Taking, **values: Any) -> dict[str, Any]:
    """Return a change of the second question like one that this browser's journal holds, different as the values say."""
    mine = taking.lying()[0]
    return {**{k: v for k, v in mine.items() if k != "savedAt"}, "name": "2", "revision": 7, "order": 1, **values}


def end_now(app: Flask, code: str) -> None:
    """Let the time of an attempt be over since a while."""
    with app.app_context(), transaction():
        row = db.session.scalars(sa.select(Attempt).where(Attempt.code == code)).one()
        row.ends_at = row.accepts_until = row.started_at + timedelta(seconds=1)


Begin = Callable[..., Taking]
