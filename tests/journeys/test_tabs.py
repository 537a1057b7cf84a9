"""Two tabs and two devices in which one paper is open come to show the same, and say so."""

import re

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.journeys.taking import Begin, Taking, enter, held

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NO_CHANNEL = "delete window.BroadcastChannel; Object.defineProperty(navigator, 'locks', { value: undefined });"


@pytest.mark.parametrize("script", ["", NO_CHANNEL], ids=["channel", "storage"])
def test_two_tabs_show_one_paper(take: Begin, app: Flask, script: str) -> None:
    taking = take()
    if script:
        taking.page.context.add_init_script(script)
        taking.page.reload()
    other = taking.beside()
    for tab in (taking, other):
        expect(tab.notice("tabs")).to_contain_text("Bài này đang mở ở một thẻ khác nữa.")
    value = taking.choose(1, 2)
    expect(taking.state).to_contain_text("Đã lưu")
    expect(other.chosen(1)).to_have_value(value)
    expect(other.state).to_have_text(taking.state.inner_text())
    assert other.revision(1) == taking.revision(1) == 1
    later = other.choose(1, 0)
    expect(taking.chosen(1)).to_have_value(later)
    other.until(lambda: other.revision(1) == taking.revision(1) == 2)
    assert (held(app, taking.code), len(taking.sent), len(other.sent)) == ({"1": later}, 1, 1)
    other.page.close()
    expect(taking.notice("tabs")).to_have_count(0)


def test_two_tabs_without_a_network_send_each_change_once(take: Begin, app: Flask) -> None:
    taking = take()
    other = taking.beside()
    taking.cut()
    values = {"1": taking.choose(1, 1), "2": other.choose(2, 2)}
    expect(taking.state).to_have_text("Mất mạng, 2 câu giữ trên máy này")
    expect(other.state).to_have_text("Mất mạng, 2 câu giữ trên máy này")
    expect(other.chosen(1)).to_have_value(values["1"])
    got: list[str] = []
    taking.page.context.on(
        "response", lambda answer: got.append(answer.url[-1]) if answer.request.method == "PUT" else None
    )
    taking.cut(False)
    for tab in (taking, other):
        expect(tab.state).to_contain_text("Đã lưu")
    assert held(app, taking.code) == values
    assert sorted(got) == ["1", "2"]


def test_what_a_closed_tab_did_not_send_is_sent_by_the_other(take: Begin, app: Flask) -> None:
    taking = take()
    other = taking.beside()
    taking.cut()
    value = other.choose(2, 2)
    expect(taking.chosen(2)).to_have_value(value)
    other.page.close()
    taking.cut(False)
    expect(taking.state).to_contain_text("Đã lưu")
    assert held(app, taking.code) == {"2": value}


def test_handing_in_by_one_tab_leads_the_other_to_the_receipt(take: Begin) -> None:
    taking = take()
    other = taking.beside()
    taking.page.locator(".paper__end [data-review]").click()
    taking.page.wait_for_url(re.compile("/submission$"))
    taking.page.get_by_role("button", name="Nộp bài").click()
    for tab in (taking, other):
        tab.page.wait_for_url(re.compile("/receipt$"))
    taking.until(lambda: taking.lying() == [] and taking.kept() == {})


def elsewhere(taking: Taking, site: str) -> Taking:
    """Open the paper on another device."""
    browser = taking.page.context.browser
    assert browser
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    enter(context.new_page(), site, "m1")
    context.pages[-1].evaluate("() => { localStorage.setItem('hoi-thi:paperView', 'all'); }")
    return taking.beside(context)


def test_edits_on_two_devices_end_in_one_truth(take: Begin, app: Flask, open_round: tuple[str, str]) -> None:
    taking = take()
    other = elsewhere(taking, open_round[0])
    taking.cut()
    mine = {str(n): taking.choose(n, 1) for n in (1, 2)}
    expect(taking.state).to_have_text("Mất mạng, 2 câu giữ trên máy này")
    theirs = {"1": other.choose(1, 3), "3": other.choose(3, 3)}
    expect(other.state).to_contain_text("Đã lưu")
    taking.cut(False)
    expect(taking.notice("ours")).to_contain_text(
        "Câu 1 vừa được sửa ở nơi khác; câu trả lời đang hiện ở đây được giữ."
    )
    expect(taking.chosen(3)).to_have_value(theirs["3"])  # of which nothing was changed here
    expect(taking.notice("moved")).to_contain_text("Câu 3 vừa được sửa ở nơi khác")
    expect(taking.state).to_contain_text("Đã lưu")
    truth = {**mine, "3": theirs["3"]}
    assert held(app, taking.code) == truth
    other.come_back()
    for position, value in truth.items():
        expect(other.chosen(int(position))).to_have_value(value)
    expect(other.notice("moved")).to_contain_text("2 câu vừa được sửa ở nơi khác")
    assert [other.revision(n) for n in (1, 2, 3)] == [taking.revision(n) for n in (1, 2, 3)]
    other.page.context.close()


def test_conflict_shows_what_else_was_changed_elsewhere(take: Begin, app: Flask, open_round: tuple[str, str]) -> None:
    taking = take()
    other = elsewhere(taking, open_round[0])
    theirs = {n: other.choose(n, 3) for n in (1, 3)}
    expect(other.state).to_contain_text("Đã lưu")
    mine = taking.choose(1, 1)
    expect(taking.chosen(3)).to_have_value(theirs[3])
    expect(taking.notice("ours")).to_contain_text("Câu 1 vừa được sửa ở nơi khác")
    expect(taking.state).to_contain_text("Đã lưu")
    assert held(app, taking.code) == {"1": mine, "3": theirs[3]}
    other.page.context.close()


def test_device_that_comes_back_after_the_end_finds_the_receipt(take: Begin, open_round: tuple[str, str]) -> None:
    taking = take()
    other = elsewhere(taking, open_round[0])
    other.page.goto(f"{other.url}/submission")
    other.page.get_by_role("button", name="Nộp bài").click()
    other.page.wait_for_url(re.compile("/receipt$"))
    taking.come_back()
    taking.page.wait_for_url(re.compile("/receipt$"))
    other.page.context.close()
