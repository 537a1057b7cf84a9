"""The running paper without a network: opened again, answered, handed in; and what of it lies on the device, for how long."""

import re
from datetime import timedelta
from typing import cast

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, expect

from contest.db import db
from contest.models.attempts import Attempt
from contest.models.contests import Round
from tests.journeys.taking import PLANT, Begin, Taking, end_now, enter, held, record

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def seconds_left(taking: Taking) -> int:
    minutes, seconds = taking.page.locator("[data-time]").inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def test_paper_opens_without_a_network_and_its_clock_goes_on(take: Begin, app: Flask) -> None:
    taking = take()
    taking.until_kept()
    saved = taking.choose(1, 0)
    expect(taking.state).to_contain_text("Đã lưu")
    taking.cut()
    unsent = taking.choose(2, 1)
    expect(taking.state).to_have_text("Mất mạng, 1 câu giữ trên máy này")
    taking.page.wait_for_timeout(9000)  # the clock of a page from the device goes on from when the page came
    before = seconds_left(taking)
    taking.page.reload()
    expect(taking.state).to_have_text("Mất mạng, 1 câu giữ trên máy này")
    assert -4 <= before - seconds_left(taking) <= 10  # the page knows the server's time but for how long answers take
    expect(taking.chosen(1)).to_have_value(saved)
    expect(taking.chosen(2)).to_have_value(unsent)
    later = taking.choose(3, 1)
    expect(taking.state).to_have_text("Mất mạng, 2 câu giữ trên máy này")
    taking.page.goto(f"{taking.url}/submission")  # not kept: back to the paper
    expect(taking.page).to_have_url(taking.url)
    expect(taking.chosen(3)).to_have_value(later)
    taking.cut(False)
    expect(taking.state).to_contain_text("Đã lưu")
    assert held(app, taking.code) == {"1": saved, "2": unsent, "3": later}


def test_extra_time_that_was_heard_of_is_known_to_a_page_from_the_device(take: Begin, app: Flask) -> None:
    taking = take()
    taking.until_kept()
    with app.app_context():
        row = db.session.scalars(sa.select(Attempt).where(Attempt.code == taking.code)).one()
        row.ends_at += timedelta(minutes=7)
        row.accepts_until += timedelta(minutes=7)
        db.session.commit()
    taking.choose(1, 0)
    expect(taking.page.locator("[data-time]")).to_have_text(re.compile(r"^2[67]:\d\d$"))
    taking.until(lambda: "@ends" in taking.unsent())
    taking.cut()
    taking.page.reload()
    expect(taking.page.locator("[data-time]")).to_have_text(re.compile(r"^2[67]:\d\d$"))


def test_nothing_but_the_running_paper_is_kept_and_only_while_it_runs(take: Begin, open_round: tuple[str, str]) -> None:
    site, round_code = open_round
    taking = take()
    page = taking.page
    taking.until_kept()
    (addresses,) = taking.kept().values()
    assert [a for a in addresses if not a.startswith(("/static/", "/logo"))] == [f"/attempts/{taking.code}"]
    for path in ("", "/me", f"/rounds/{round_code}", f"/attempts/{taking.code}/submission"):
        page.goto(f"{site}/{path.lstrip('/')}")
    assert list(taking.kept()) == [f"paper:{taking.code}"]
    page.get_by_role("button", name="Nộp bài").click()
    page.wait_for_url(re.compile("/receipt$"))
    taking.until(lambda: taking.kept() == {} and taking.lying() == [])
    page.goto(f"{taking.url}/review")
    page.goto(f"{taking.url}/saves")
    assert taking.kept() == {}
    page.goto(f"{site}/rounds/{round_code}")
    page.wait_for_function("async () => (await navigator.serviceWorker.getRegistrations()).length === 1")
    assert taking.kept() == {}  # the page before the paper has the worker ready and keeps nothing
    assert (
        page.evaluate("async () => (await navigator.serviceWorker.getRegistrations())[0].scope") == f"{site}/attempts/"
    )


def test_leaving_the_device_takes_paper_and_journal_along(take: Begin, app: Flask, open_round: tuple[str, str]) -> None:
    site, _ = open_round
    taking = take()
    taking.until_kept()
    taking.choose(1, 1)
    expect(taking.state).to_contain_text("Đã lưu")
    page, value = taking.page, taking.value(2, 1)
    page.goto(f"{site}/me")
    page.evaluate(PLANT, [record(taking, value=value), record(taking, value=value, owner="f" * 16, code="nguoi-khac")])
    first = held(app, taking.code)
    assert taking.unsent() == ["2"]
    page.get_by_role("button", name="Đăng xuất máy này").click()
    page.wait_for_url(f"{site}/")
    assert (held(app, taking.code), taking.kept()) == ({**first, "2": value}, {})
    assert [one["code"] for one in taking.lying()] == ["nguoi-khac"]  # whose time it is that ends it
    page.goto(taking.url)
    assert "/sign-in" in page.url
    taking.cut()
    with pytest.raises(Exception, match="ERR_"):
        page.goto(taking.url)


def test_leaving_the_device_puts_the_latest_act_upon_what_another_device_saved(
    take: Begin, app: Flask, open_round: tuple[str, str]
) -> None:
    site, _ = open_round
    taking = take()
    device = cast(Browser, taking.page.context.browser).new_context(locale="vi-VN")
    enter(device.new_page(), site, "m1")
    taking.choose(1, 0)
    expect(taking.state).to_contain_text("Đã lưu")
    page, mine = taking.page, taking.value(2, 1)
    page.locator('[data-question="2"], fieldset[data-position="2"] [data-flag]').first.click()
    assert page.evaluate("() => Object.keys(localStorage).some((key) => key.includes('flags:'))")
    page.goto(f"{site}/me")
    page.evaluate(PLANT, [record(taking, value=mine, revision=1)])
    other = taking.beside(device)
    other.choose(2, 3)
    expect(other.state).to_contain_text("Đã lưu")
    page.get_by_role("button", name="Đăng xuất máy này").click()
    page.wait_for_url(f"{site}/")
    assert held(app, taking.code)["2"] == mine
    assert taking.lying() == []
    device.close()
    assert not page.evaluate("() => Object.keys(localStorage).some((key) => key.includes('flags:'))")


def test_paper_is_kept_again_after_a_sign_in_in_another_tab(take: Begin, open_round: tuple[str, str]) -> None:
    taking = take()
    taking.until_kept()
    taking.page.context.clear_cookies()
    enter(taking.page.context.new_page(), open_round[0], "m1")
    taking.until(lambda: taking.kept() == {})
    taking.page.evaluate("() => dispatchEvent(new Event('focus'))")
    taking.until_kept()
    taking.cut()
    taking.page.reload()
    expect(taking.state).to_contain_text("mất mạng")


def test_other_door_into_the_device_leaves_no_paper_open(take: Begin, open_round: tuple[str, str]) -> None:
    taking = take()
    taking.until_kept()
    taking.page.context.clear_cookies()
    taking.page.goto(f"{open_round[0]}/activate")
    taking.until(lambda: taking.kept() == {})


def test_session_that_ends_leaves_no_paper_open(take: Begin, open_round: tuple[str, str]) -> None:
    taking = take()
    taking.until_kept()
    taking.page.context.clear_cookies()
    taking.page.goto(f"{open_round[0]}/sign-in")
    taking.until(lambda: taking.kept() == {})


def test_attempt_that_is_another_persons_is_no_longer_kept(take: Begin) -> None:
    taking, other = take("m1"), take("m2")
    taking.until_kept()
    taking.page.context.clear_cookies()
    taking.page.context.add_cookies(other.page.context.cookies())  # type: ignore[arg-type]
    taking.page.goto(taking.url)
    expect(taking.page.locator("fieldset")).to_have_count(0)
    taking.until(lambda: taking.kept() == {})


def test_paper_is_not_shown_from_the_device_when_its_time_is_over(take: Begin) -> None:
    taking = take()
    taking.until_kept()
    taking.page.evaluate(
        """async (code) => {
          const cache = await caches.open(`paper:${code}`);
          const found = await cache.match(`/attempts/${code}`, { ignoreVary: true });
          const headers = new Headers(found.headers);
          headers.set("X-Kept-Until", Date.now() - 1000);
          await cache.put(`/attempts/${code}`, new Response(await found.text(), { headers }));
        }""",
        taking.code,
    )
    taking.cut()
    with pytest.raises(Exception, match="ERR_"):
        taking.page.reload()


def hand_in_without_a_network(taking: Taking) -> None:
    taking.cut()
    expect(taking.state).to_contain_text("Mất mạng")
    taking.page.locator(".paper__end [data-review]").click()
    expect(taking.dialog).to_contain_text("Máy đang mất mạng")
    expect(taking.dialog).to_contain_text("Còn trống câu ")
    taking.dialog.get_by_role("button", name="Nộp bài").click()
    expect(taking.dialog).to_contain_text("Chưa nộp được: máy đang mất mạng")


def test_handing_in_without_a_network_waits_and_happens(take: Begin, app: Flask) -> None:
    taking = take()
    taking.until_kept()
    ends = taking.page.locator(".clock").get_attribute("data-ends-at") or ""
    taking.cut()
    value = taking.choose(1, 1)
    hand_in_without_a_network(taking)
    expect(taking.dialog).to_contain_text(f"nếu còn trong giờ: máy chủ nhận bài đến {local(ends)}.")
    expect(taking.dialog).to_contain_text(re.compile(r"Bấm nộp lúc \d\d:\d\d:\d\d, theo giờ máy chủ"))
    assert taking.unsent() == ["1", "@submission"]
    taking.page.reload()
    expect(taking.dialog).to_contain_text("Chưa nộp được: máy đang mất mạng")
    taking.dialog.get_by_role("button", name="Thôi nộp, làm tiếp").click()
    expect(taking.dialog).to_be_hidden()
    assert taking.unsent() == ["1"]
    later = taking.choose(2, 2)
    hand_in_without_a_network(taking)
    taking.cut(False)
    taking.page.wait_for_url(re.compile("/receipt$"))
    expect(taking.page.locator("h1")).to_have_text("Đã nộp bài")
    expect(taking.page.locator("[data-asked], [data-unsent]").locator("visible=true")).to_have_count(0)
    assert held(app, taking.code) == {"1": value, "2": later}
    taking.until(lambda: taking.lying() == [] and taking.kept() == {})


def local(iso: str) -> str:
    hour, rest = iso[11:13], iso[13:19]
    return f"{(int(hour) + 7) % 24:02}{rest}"


def test_handing_in_that_arrives_too_late_says_so_with_what_was_scored(take: Begin, app: Flask) -> None:
    taking = take()
    taking.choose(1, 0)
    expect(taking.state).to_contain_text("Đã lưu")
    taking.cut()
    taking.choose(2, 0)
    hand_in_without_a_network(taking)
    end_now(app, taking.code)
    with app.app_context():
        until_closed(taking, taking.code)
    taking.cut(False)
    taking.page.wait_for_url(re.compile("/receipt$"))
    main = taking.page.locator("main")
    expect(taking.page.locator("h1")).to_have_text("Hết giờ, đã nộp bài")
    expect(main).to_contain_text(re.compile(r"ghi lại lệnh nộp bài lúc \d\d:\d\d:\d\d khi mất mạng"))
    expect(main).to_contain_text("lệnh ấy đến máy chủ sau giờ chót")
    expect(main).to_contain_text("1 câu giữ trên máy này không đến kịp máy chủ nên không được tính.")
    expect(taking.page.locator("data.score")).to_have_text("1")


def until_closed(taking: Taking, code: str) -> None:
    def is_closed() -> bool:
        db.session.rollback()
        return db.session.scalar(sa.select(Attempt.state).where(Attempt.code == code)) == "expired"

    taking.until(is_closed)


def test_network_that_fails_on_the_page_before_the_end_queues_too(take: Begin) -> None:
    taking = take()
    taking.page.goto(f"{taking.url}/submission")
    expect(taking.state).not_to_be_empty()
    taking.cut()
    taking.page.get_by_role("button", name="Nộp bài").click()
    expect(taking.dialog).to_contain_text("Chưa nộp được: máy đang mất mạng")
    taking.cut(False)
    taking.page.wait_for_url(re.compile("/receipt$"))


def test_wish_made_before_the_least_time_is_told_from_when_it_may_be(take: Begin, app: Flask) -> None:
    with app.app_context():
        db.session.execute(sa.update(Round).values(least_minutes=10))
        db.session.commit()
    taking = take()
    answers: list[tuple[str, int]] = []
    taking.page.on("response", lambda answer: answers.append((answer.request.method, answer.status)))
    taking.until_kept()
    value = taking.choose(1, 1)
    hand_in_without_a_network(taking)
    taking.cut(False)
    expect(taking.notice("early")).to_contain_text(re.compile(r"Vòng này cho nộp sớm nhất lúc \d\d:\d\d:\d\d\."))
    expect(taking.dialog).to_be_hidden()
    taking.page.wait_for_timeout(3000)  # the time of several tries
    assert [answer for answer in answers if answer[0] == "POST"] == [("POST", 409)]
    assert (taking.unsent(), held(app, taking.code)) == ([], {"1": value})


def test_wish_without_a_session_leaves_the_way_to_the_sign_in_free(
    take: Begin, app: Flask, open_round: tuple[str, str]
) -> None:
    taking = take()
    taking.page.goto(f"{taking.url}/submission")
    expect(taking.state).not_to_be_empty()
    taking.page.context.clear_cookies()
    taking.page.get_by_role("button", name="Nộp bài").click()
    expect(taking.notice("signed-out")).to_contain_text("Phiên đăng nhập đã hết.")
    taking.page.wait_for_timeout(3000)  # the time of several tries
    with taking.page.context.expect_page():
        taking.page.get_by_role("link", name="Đăng nhập lại ở thẻ mới").click()
    enter(taking.page.context.pages[-1], open_round[0], "m1")
    taking.page.evaluate("() => dispatchEvent(new Event('focus'))")
    taking.page.wait_for_url(re.compile("/receipt$"))


def test_server_that_takes_no_wish_is_not_called_a_missing_network(take: Begin) -> None:
    taking = take()
    taking.page.goto(f"{taking.url}/submission")
    expect(taking.state).not_to_be_empty()
    taking.page.route(re.compile("/submission$"), lambda route: route.fulfill(status=500, body=""))
    taking.page.get_by_role("button", name="Nộp bài").click()
    expect(taking.dialog).to_contain_text("Máy chủ chưa nhận được lệnh nộp")
    taking.page.unroute_all()
    taking.page.wait_for_url(re.compile("/receipt$"))


def test_new_session_is_taken_up_by_a_page_from_the_device(
    take: Begin, app: Flask, open_round: tuple[str, str]
) -> None:
    taking = take()
    taking.until_kept()
    taking.cut()
    taking.page.reload()
    value = taking.choose(1, 1)
    expect(taking.state).to_have_text("Mất mạng, 1 câu giữ trên máy này")
    taking.page.context.clear_cookies()
    taking.cut(False)
    expect(taking.notice("signed-out")).to_contain_text("Phiên đăng nhập đã hết.")
    enter(taking.page.context.new_page(), open_round[0], "m1")
    taking.page.evaluate("() => dispatchEvent(new Event('focus'))")
    expect(taking.state).to_contain_text("Đã lưu")
    assert held(app, taking.code) == {"1": value}
