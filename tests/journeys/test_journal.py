"""What was answered and not yet acknowledged survives: reloads, crashes, browsers that keep nothing, clocks that lie."""

import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Playwright, expect

from contest.db import db
from contest.models.attempts import Attempt
from tests import servers
from tests.journeys.taking import PLANT, Begin, Taking, compose, end_now, enter, held, record, start

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FORBIDDEN = (
    """Object.defineProperty(window, "indexedDB", { get() { throw new DOMException("no", "SecurityError"); } });"""
)
NO_STORAGE = (
    """Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } });"""
)
FULL = """IDBObjectStore.prototype.put = function () { throw new DOMException("full", "QuotaExceededError"); };"""
HANGING = """IDBFactory.prototype.open = () => ({});"""


def test_unsent_changes_survive_a_reload_and_are_sent_in_their_order(take: Begin, app: Flask) -> None:
    taking = take()
    first = taking.choose(1, 0)
    expect(taking.state).to_have_text(re.compile(r"^Đã lưu \d\d:\d\d:\d\d$"))
    taking.until_kept()
    taking.cut()
    expect(taking.state).to_have_text(re.compile(r"^Mất mạng. Đã lưu \d\d:\d\d:\d\d$"))
    values = {str(n): taking.choose(n, n) for n in (3, 2)}
    taking.choose(3, 0)
    values["3"] = taking.choose(3, 1)
    expect(taking.state).to_have_text("Mất mạng, 2 câu giữ trên máy này")
    assert taking.unsent() == ["2", "3"]
    taking.page.reload()
    expect(taking.state).to_have_text("Mất mạng, 2 câu giữ trên máy này")
    expect(taking.chosen(3)).to_have_value(values["3"])
    expect(taking.chosen(1)).to_have_value(first)  # acknowledged after the page was kept, and there all the same
    taking.sent.clear()
    taking.cut(False)
    expect(taking.state).to_contain_text("Đã lưu")
    assert held(app, taking.code) == {"1": first, **values}
    assert list(dict.fromkeys(taking.sent))[-2:] == [("3", values["3"]), ("2", values["2"])]
    assert taking.unsent() == []
    taking.page.reload()
    expect(taking.state).to_contain_text("Đã lưu")
    expect(taking.chosen(3)).to_have_value(values["3"])


def kill(profile: Path) -> None:
    """Kill the browser of a profile as a crash does, by the number of its first process."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.joinpath("cmdline").exists():
            command = entry.joinpath("cmdline").read_bytes().decode(errors="replace").split("\0")
            if f"--user-data-dir={profile}" in command and not any(part.startswith("--type=") for part in command):
                os.kill(int(entry.name), signal.SIGKILL)
                return
    pytest.fail("no browser of this profile runs")


def persistent(playwright: Playwright, profile: Path) -> Any:
    quiet = ["--no-first-run", *(["--no-sandbox"] if os.getuid() == 0 else [])]
    path = servers.find_program("chromium")
    return playwright.chromium.launch_persistent_context(profile, executable_path=path, args=quiet, locale="vi-VN")


def test_nothing_is_lost_when_the_browser_crashes(
    playwright: Playwright, tmp_path: Path, open_round: tuple[str, str], app: Flask
) -> None:
    profile = tmp_path / "profile"
    context = persistent(playwright, profile)
    enter(context.new_page(), open_round[0], "m1")
    taking = start(context.pages[-1], *open_round)
    taking.cut()
    values = {str(n): taking.choose(n, n) for n in (1, 2, 3)}
    taking.written().fill("Hà Nội")
    expect(taking.state).to_have_text("Mất mạng, 4 câu giữ trên máy này")
    assert taking.unsent() == ["1", "2", "3", "4"]
    kill(profile)
    for lock in profile.glob("Singleton*"):
        lock.unlink()
    context = persistent(playwright, profile)
    again = context.new_page()
    again.goto(taking.url)
    if "/sign-in" in again.url:  # a browser writes cookies down when it likes
        enter(again, open_round[0], "m1")
        again.goto(taking.url)
    back = Taking(again, taking.url)
    expect(back.state).to_contain_text("Đã lưu")
    expect(back.written()).to_have_value("Hà Nội")
    found = held(app, taking.code)
    assert {n: found[n] for n in values} == values
    assert list(found["4"].values()) == ["Hà Nội"]
    context.close()


@pytest.mark.parametrize("script", [FORBIDDEN, FULL, HANGING], ids=["forbidden", "full", "hanging"])
def test_browser_without_a_database_keeps_by_other_means(take: Begin, app: Flask, script: str) -> None:
    taking = take()
    taking.until_kept()
    taking.page.add_init_script(script)
    taking.page.reload()
    expect(taking.state).not_to_be_empty()
    taking.cut()
    value = taking.choose(1, 2)
    expect(taking.state).to_have_text("Mất mạng, 1 câu giữ trên máy này")
    expect(taking.notice("nothing-kept")).to_have_count(0)
    taking.page.reload()
    expect(taking.chosen(1)).to_have_value(value)
    taking.cut(False)
    expect(taking.state).to_contain_text("Đã lưu")
    assert held(app, taking.code) == {"1": value}


def test_database_that_fills_up_later_gives_way_to_what_is_newer(take: Begin, app: Flask) -> None:
    taking = take()
    taking.until_kept()
    taking.cut()
    taking.choose(1, 0)
    taking.until(lambda: taking.unsent() == ["1"])
    taking.page.evaluate(f"() => {{ {FULL} }}")
    newer = taking.choose(1, 2)
    taking.until(
        lambda: newer in str(taking.page.evaluate("() => localStorage.getItem('hoi-thi:unsent:" + taking.code + "')"))
    )
    taking.page.reload()
    expect(taking.state).to_have_text("Mất mạng, 1 câu giữ trên máy này")
    expect(taking.chosen(1)).to_have_value(newer)
    taking.cut(False)
    expect(taking.state).to_contain_text("Đã lưu")
    assert held(app, taking.code) == {"1": newer}


def test_browser_that_keeps_nothing_says_so_once_and_saves_all_the_same(take: Begin, app: Flask) -> None:
    taking = take()
    taking.page.add_init_script(FORBIDDEN + NO_STORAGE)
    taking.page.reload()
    expect(taking.notice("nothing-kept")).to_contain_text("Trình duyệt này không cho lưu tạm trên máy.")
    value = taking.choose(1, 2)
    expect(taking.state).to_contain_text("Đã lưu")
    taking.cut()
    later = taking.choose(2, 1)
    expect(taking.state).to_contain_text("1 câu")
    taking.cut(False)
    expect(taking.state).to_contain_text("Đã lưu")
    expect(taking.notice("nothing-kept")).to_have_count(1)
    assert held(app, taking.code) == {"1": value, "2": later}


def test_journals_of_others_are_neither_shown_nor_sent(take: Begin, app: Flask) -> None:
    taking = take()
    taking.choose(1, 0)
    expect(taking.state).to_contain_text("Đã lưu")
    value = taking.value(2, 1)
    planted = [
        record(taking, value=value, owner="f" * 16),  # another person's, of the very attempt
        record(taking, value=value, code="khong-co-dau"),  # the person's own, of an attempt that does not exist
        record(taking, value=value, owner="f" * 16, code="nguoi-khac"),
        record(taking, value=value, owner="f" * 16, code="qua-han", until=1),
    ]
    taking.page.evaluate(PLANT, planted)
    old = (
        """() => localStorage.setItem("hoi-thi:unsent:khac", '{"2": {"position": "2", "value": "x", "revision": 3}}')"""
    )
    taking.page.evaluate(old)
    taking.sent.clear()
    taking.page.reload()
    expect(taking.state).to_contain_text("Đã lưu")
    taking.until(lambda: len(taking.lying()) == 2)
    expect(taking.chosen(2)).to_have_count(0)
    assert taking.sent == []
    left = {(one["owner"], one["code"]) for one in taking.lying()}
    assert left == {("f" * 16, taking.code), ("f" * 16, "nguoi-khac")}
    assert taking.page.evaluate("() => localStorage.getItem('hoi-thi:unsent:khac')") is None


def test_nothing_goes_out_under_another_name(take: Begin, app: Flask) -> None:
    taking, other = take("m1"), take("m2")
    mine = taking.page.context.cookies()
    taking.cut()
    value = taking.choose(1, 1)
    expect(taking.state).to_have_text("Mất mạng, 1 câu giữ trên máy này")
    taking.page.context.clear_cookies()
    taking.page.context.add_cookies(other.page.context.cookies())  # type: ignore[arg-type]
    taking.cut(False)
    expect(taking.notice("signed-out")).to_contain_text("Máy này đang đăng nhập tài khoản khác.")
    assert (held(app, taking.code), held(app, other.code), taking.unsent()) == ({}, {}, ["1"])
    taking.sent.clear()
    with taking.page.expect_response(re.compile("/responses$")) as asked:
        taking.page.evaluate("() => dispatchEvent(new Event('focus'))")
    assert asked.value.status == 404
    taking.page.wait_for_timeout(3000)  # the time of several tries
    assert taking.sent == []
    taking.page.context.clear_cookies()
    taking.page.context.add_cookies(mine)  # type: ignore[arg-type]
    taking.page.evaluate("() => dispatchEvent(new Event('focus'))")
    expect(taking.state).to_contain_text("Đã lưu")
    expect(taking.notice("signed-out")).to_have_count(0)
    assert held(app, taking.code) == {"1": value}


def test_composition_is_not_saved_before_it_ends(take: Begin, app: Flask) -> None:
    taking = take()
    taking.written().focus()
    session = compose(taking.page, "Hà Nô")
    taking.page.wait_for_timeout(1500)  # longer than the pause after which what is typed is saved
    assert taking.sent == []
    session.send("Input.insertText", {"text": "Hà Nội"})
    expect(taking.state).to_contain_text("Đã lưu")
    assert [list(value.values()) for _, value in taking.sent] == [["Hà Nội"]]


def test_composition_of_a_page_that_hides_is_kept_and_not_sent(take: Begin, app: Flask) -> None:
    taking = take()
    taking.written().focus()
    compose(taking.page, "Hà Nô")
    taking.page.evaluate("""() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    taking.until(lambda: "@held" in taking.unsent())
    taking.page.wait_for_timeout(1000)
    assert taking.sent == []
    context = taking.page.context
    taking.page.close()
    again = Taking(context.new_page(), taking.url)
    again.page.goto(taking.url)
    expect(again.written()).to_have_value("Hà Nô")
    expect(again.state).to_contain_text("Đã lưu")
    assert list(held(app, taking.code)["4"].values()) == ["Hà Nô"]


def test_composition_is_taken_as_it_stands_when_the_page_is_left_for_the_submission(take: Begin, app: Flask) -> None:
    taking = take()
    taking.written().focus()
    compose(taking.page, "Hà Nội")
    taking.page.evaluate("() => document.querySelector('.paper__end [data-review]').click()")
    taking.page.wait_for_url(re.compile("/submission$"))
    assert list(held(app, taking.code)["4"].values()) == ["Hà Nội"]


def test_passing_failure_of_the_server_is_not_told_as_the_end_of_a_session(take: Begin, app: Flask) -> None:
    taking = take()
    token = "document.querySelector('meta[name=csrf-token]')"
    taking.page.evaluate(f"() => {{ {token}.content = 'x'; }}")
    taking.page.route(taking.url, lambda route: route.fulfill(status=503, body=""))
    with taking.page.expect_response(taking.url):
        value = taking.choose(1, 1)
    taking.page.wait_for_timeout(300)
    expect(taking.notice("signed-out")).to_have_count(0)
    taking.page.unroute(taking.url)
    expect(taking.state).to_contain_text("Đã lưu")
    assert held(app, taking.code) == {"1": value}


def test_what_is_typed_is_sent_when_the_page_is_left(take: Begin, app: Flask) -> None:
    taking = take()
    taking.page.evaluate("() => { window.fetch = (fetch => (url, o) => fetch(url, o))(window.fetch); }")
    taking.written().press_sequentially("Huế")
    taking.page.goto("about:blank")
    taking.page.goto(taking.url)
    expect(taking.written()).to_have_value("Huế")
    expect(taking.state).to_contain_text("Đã lưu")
    assert list(held(app, taking.code)["4"].values()) == ["Huế"]


@pytest.mark.parametrize("days", [-1, 1])
def test_wrong_clock_of_the_device_moves_no_time(take: Begin, app: Flask, days: int) -> None:
    taking = take()
    shifted = f"""(() => {{
      const Right = Date;
      window.Date = class extends Right {{
        constructor(...given) {{ given.length ? super(...given) : super(Right.now() + {days} * 86400000); }}
        static now() {{ return Right.now() + {days} * 86400000; }}
      }};
    }})()"""
    taking.page.add_init_script(shifted)
    taking.page.reload()
    expect(taking.page.locator("[data-time]")).to_have_text(re.compile(r"^(19:\d\d|20:00)$"))
    taking.cut()
    value = taking.choose(1, 1)
    expect(taking.state).to_have_text("Mất mạng, 1 câu giữ trên máy này")
    taking.cut(False)
    expect(taking.state).to_contain_text("Đã lưu")
    expect(taking.page.locator("[data-time]")).to_have_text(re.compile(r"^19:\d\d$"))
    assert held(app, taking.code) == {"1": value}
    until = [one["until"] for one in taking.lying()]
    with app.app_context():
        ends = db.session.scalars(sa.select(Attempt.ends_at).where(Attempt.code == taking.code)).one()
    assert until == [int(ends.timestamp() * 1000) + 86_400_000] * len(until)


def test_late_changes_reach_the_server_as_evidence_and_are_told_on_the_receipt(take: Begin, app: Flask) -> None:
    taking = take()
    kept = taking.choose(1, 0)
    expect(taking.state).to_contain_text("Đã lưu")
    taking.page.wait_for_timeout(1500)  # it will have ended a second after it began: what is chosen now is late
    taking.cut()
    taking.choose(2, 1)
    taking.choose(3, 1)
    expect(taking.state).to_have_text("Mất mạng, 2 câu giữ trên máy này")
    end_now(app, taking.code)
    taking.cut(False)
    taking.page.wait_for_url(re.compile("/receipt$"))
    expect(taking.page.locator("main")).to_contain_text(
        "2 câu giữ trên máy này không đến kịp máy chủ nên không được tính."
    )
    expect(taking.page.locator("h1")).to_have_text("Hết giờ, đã nộp bài")
    assert held(app, taking.code) == {"1": kept}
    taking.until(lambda: taking.lying() == [])
    taking.page.goto(f"{taking.url}/saves")
    expect(taking.page.get_by_text("Đến muộn, không tính")).to_have_count(2)
