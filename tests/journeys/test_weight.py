"""What the paper weighs over the wire, worker and all: the first time with everything, and later."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import PASSWORD, SIZES
from tests.journeys.taking import Taking
from tests.journeys.wire import wired

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_paper_is_light_the_first_time_and_later(browser: Browser, site: str, newcomer: str) -> None:
    with wired(site) as wire:
        signing_in = browser.new_context(viewport=SIZES["phone"])  # type: ignore[arg-type]
        page = signing_in.new_page()
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
        anew = browser.new_context(viewport=SIZES["phone"])  # type: ignore[arg-type]
        anew.add_cookies(signing_in.cookies())  # type: ignore[arg-type]
        signing_in.close()
        weights = []
        first = Taking(anew.new_page(), taking.url)
        for _ in range(2):
            before = wire.received
            first.page.goto(taking.url)
            expect(first.state).not_to_be_empty()
            first.until_kept()
            first.page.wait_for_load_state("networkidle")
            weights.append(wire.received - before)
        before = wire.received
        first.page.goto(f"{taking.url}/submission", wait_until="networkidle")
        weights.append(wire.received - before)
        anew.close()
    assert weights[0] < 100_000, f"{weights[0]} bytes"
    assert max(weights[1:]) < 20_000, f"{weights[1:]} bytes"
