"""Every kind of page, for everybody: axe finds nothing, and nothing scrolls sideways, in both languages and themes.

Each endpoint is looked at once for each of its readers: in Vietnamese, light, 320 px wide (a desk at 400 %), and in English,
dark, at a desk with the largest letters.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.exceptions import HTTPException

from tests import people
from tests.web.crawl import links

from .conftest import PASSWORD

MOST = 1500  # addresses that are asked for, to find the endpoints
LOOKS: dict[str, dict[str, Any]] = {
    "narrow": {"viewport": {"width": 320, "height": 640}, "color_scheme": "light", "locale": "vi-VN"},
    "large": {"viewport": {"width": 1366, "height": 768}, "color_scheme": "dark", "locale": "en-GB"},
}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAIRS = (
    (None, "narrow"), ("newcomer", "narrow"), ("newcomer", "large"), ("quantri", "large"), ("bantochuc", "narrow"),
    ("giamkhao", "large"),
)  # fmt: skip


@pytest.fixture(params=PAIRS, ids=lambda pair: f"{pair[0] or 'anybody'}-{pair[1]}")
def look(
    request: pytest.FixtureRequest, browser: Browser, site: str, newcomer: str
) -> Iterator[tuple[Page, str | None]]:
    """A browser of a size, a theme and a language, and who sits at it."""
    reader, name = request.param
    reader = newcomer if reader == "newcomer" else reader
    context = browser.new_context(**LOOKS[name], reduced_motion="reduce", base_url=site)
    page = context.new_page()
    if name == "large":
        context.add_cookies([{"name": "lang", "value": "en", "url": site}])
        page.add_init_script("localStorage.setItem('hoi-thi:textSize', 'large')")
    if reader:
        page.goto("/sign-in")
        page.fill("[name=identifier]", reader)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit]")
        page.wait_for_url(lambda url: "/sign-in" not in url)
    yield page, reader
    context.close()


def one_of_each(app: Flask, starts: list[str], client: Any) -> dict[str, str]:
    """Return endpoint → one address of it, of all that the starts lead to; what is no page is left out."""
    found: dict[str, str] = {}
    waiting, adapter = list(starts), app.url_map.bind("localhost")
    for asked, path in enumerate(waiting):
        if asked > MOST:
            break
        try:
            endpoint = adapter.match(path.partition("?")[0])[0]
        except HTTPException:
            continue
        if endpoint in found and asked > len(starts):
            continue  # its pages lead where the first one of them led
        answer = client.get(path)
        if answer.mimetype == "text/html" and answer.status_code == 200:
            found.setdefault(endpoint, path)
        known = set(waiting)
        waiting += [link for link in dict.fromkeys(links(path, answer)) if link not in known]
    return found


def test_every_page_is_for_everybody(
    app: Flask, look: tuple[Page, str | None], axe: Callable[[Page], list[str]]
) -> None:
    page, reader = look
    client, starts = app.test_client(), ["/", "/help", "/contests/nghi-quyet"]
    if reader:
        with app.app_context():
            who = people.actor(reader)
            people.enter(client, who)
            starts += ["/me"] if reader.startswith("m0") else ["/manage"]
    wrong: dict[str, Any] = {}
    pages = one_of_each(app, starts, client)
    assert len(pages) > 8
    for endpoint, path in sorted(pages.items()):
        page.goto(path)
        over, problems = page.evaluate(SIDEWAYS), axe(page)
        if over > 0 or problems:
            wrong[f"{endpoint} {path}"] = [*([f"sideways by {over} px"] if over > 0 else []), *problems[:3]]
    assert wrong == {}
