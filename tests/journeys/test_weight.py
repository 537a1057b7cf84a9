"""What the paper weighs over the wire, worker and all: the first time with everything, and later."""

import re

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import PASSWORD, SIZES
from tests.journeys.taking import Taking
from tests.journeys.wire import Wire, wired

MODULES = """() => [
  [...document.querySelectorAll("link[rel=modulepreload]")].map((link) => link.href),
  performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => /\\/js\\/(behaviours|lib)\\//.test(name)),
]"""

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_paper_is_light_the_first_time_and_later(browser: Browser, site: str, newcomer: str) -> None:
    with wired(site) as wire:
        context = browser.new_context(viewport=SIZES["phone"])  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{wire.address}/sign-in")
        page.fill("[name=identifier]", newcomer)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit]")
        page.goto(f"{wire.address}/contests/nghi-quyet")
        page.get_by_role("link", name=re.compile("Vào thi")).first.click()
        page.get_by_role("button", name=re.compile("Bắt đầu")).click()
        page.wait_for_url(re.compile("/attempts/"))
        taking = Taking(page, page.url)
        taking.until_kept()
        session = page.context.new_cdp_session(page)
        asked, used = page.evaluate(MODULES)
        review = weigh(wire, taking, "/submission")
        session.send("Network.clearBrowserCache")
        page.evaluate("async () => { for (const name of await caches.keys()) await caches.delete(name); }")
        first, later = weigh(wire, taking), weigh(wire, taking)
        context.close()
    assert set(asked) == set(used)  # at once, not one after the other as each is read
    assert first < 100_000, f"{first} bytes"
    assert max(later, review) < 20_000, f"{later} and {review} bytes"


def weigh(wire: Wire, taking: Taking, path: str = "") -> int:
    """Open a page of the paper and return what came down the wire until it was all there, for the worker too."""
    taking.page.goto("about:blank")
    before = wire.received
    taking.page.goto(taking.url + path, wait_until="load")
    if not path:
        taking.until_kept()
    taking.page.wait_for_timeout(500)
    return wire.received - before
