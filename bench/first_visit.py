"""How soon a paper can be answered on a slow phone, and what it weighs: a new visit, a later one, one without a network.

.venv/bin/python -m bench.first_visit [--rounds 3]

A wire of 1.6 Mbit/s and 150 ms for everything that the browser asks for, its worker's files too, and the page's CPU × 4
(of this machine, whatever else it does: the yardstick is a loop of arithmetic in the same browser, unthrottled).
Interactive is when the paper says the state of its saves: all behaviours that save are bound by then.
"""

import argparse
import os
import re
import statistics
import time

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.participants import PASSWORD
from bench.sites import product
from tests import servers
from tests.journeys.wire import Wire, wired

RATE, LATENCY = 200_000, 0.15  # bytes and seconds
LIMIT = 3.0
YARDSTICK = """() => {
  const began = performance.now();
  for (let i = 0, x = 0; i < 3e7; i++) x += i % 7;
  return performance.now() - began;
}"""
KEPT = """async () => {
  const counts = (await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).length);
  return (await Promise.all(counts))[0] ?? 0;
}"""


def main() -> None:
    """Measure and print the median of each kind of visit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    with product("sqlite", 200) as server, wired(server.address) as wire, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=servers.find_program("chromium"), args=sandbox)
        found = [measure(browser.new_page(viewport={"width": 360, "height": 740}), wire, n) for n in range(rounds)]
        browser.close()
    for kind in ("new", "later", "offline"):
        seconds = statistics.median(one[kind][0] for one in found)
        weight = statistics.median(one[kind][1] for one in found)
        print(f"{kind:8} {seconds:5.2f} s = {seconds / LIMIT:4.2f} of {LIMIT} s, {weight / 1000:6.1f} kB")
    print(f"yardstick {statistics.median(one['yardstick'][0] for one in found):.0f} ms")


def measure(page: Page, wire: Wire, number: int) -> dict[str, tuple[float, float]]:
    """Let one member begin a paper and return (seconds until it can be answered, bytes) of each kind of visit."""
    page.goto(f"{wire.address}/sign-in")
    yardstick = float(page.evaluate(YARDSTICK))
    page.fill("[name=identifier]", f"m{number + 1:06d}")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto(f"{wire.address}/contests/nghi-quyet")
    page.get_by_role("link", name=re.compile("Vào thi|Làm tiếp")).first.click()
    if "/attempts/" not in page.url:
        page.get_by_role("button", name=re.compile("Bắt đầu")).click()
    page.wait_for_url(re.compile("/attempts/"))
    address = page.url
    settled(page)
    slow = page.context.new_cdp_session(page)
    slow.send("Network.enable")
    slow.send("Network.clearBrowserCache")
    page.evaluate("async () => { for (const name of await caches.keys()) await caches.delete(name); }")
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    wire.rate, wire.latency = RATE, LATENCY
    found = {
        "yardstick": (yardstick, 0.0),
        "new": visit(page, wire, address),
        "later": visit(page, wire, address),
        "offline": without_network(page, wire, address, slow),
    }
    wire.rate, wire.latency = None, 0.0
    page.context.set_offline(False)
    return found


def visit(page: Page, wire: Wire, address: str) -> tuple[float, float]:
    page.goto("about:blank")
    began, before = time.perf_counter(), wire.received
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => document.querySelector('[data-save-state]')?.textContent")
    seconds = time.perf_counter() - began
    settled(page)
    return seconds, wire.received - before


def without_network(page: Page, wire: Wire, address: str, slow: CDPSession) -> tuple[float, float]:
    page.context.set_offline(True)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    return visit(page, wire, address)


def settled(page: Page) -> None:
    """Wait until the paper's files are kept, which is after everything else."""
    page.wait_for_load_state("load")
    until = time.monotonic() + 60
    while page.evaluate(KEPT) < 25 and time.monotonic() < until:
        page.wait_for_timeout(200)


if __name__ == "__main__":
    main()
