"""Every save as its person reads it afterwards: with its time, what was given, and what became of it."""

import re

import pytest
from flask import Flask

from tests import people
from tests.conftest import Clock
from tests.web.test_attempts import Taker, round_code, taker  # noqa: F401


def listed(page: str) -> list[list[str]]:
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    rows_ = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td.*?</td>", row, re.S)]
        for row in rows_
    ]


def test_saves_are_listed_with_what_became_of_each(taker: Taker, clock: Clock) -> None:  # noqa: F811
    options = taker.paper()
    taker.save(1, options[0][0])
    clock.advance(seconds=5)
    taker.save(1, options[0][1], 2)
    clock.advance(seconds=5)
    taker.save(2, options[1][2])
    taker.save(2, None, 2)
    assert taker.client.get(f"{taker.url}/saves").status_code == 409
    taker.submit()
    found = listed(taker.client.get(f"{taker.url}/saves").text)
    assert [row[1:] for row in found] == [
        ["1", "A", "Đã thay bằng lần sau"],
        ["1", "B", "Được tính"],
        ["2", "C", "Đã thay bằng lần sau"],
        ["2", "bỏ trống", "Được tính"],
    ]


def test_late_save_is_listed_as_one_that_does_not_count(app: Flask, taker: Taker, clock: Clock) -> None:  # noqa: F811
    options = taker.paper()
    taker.save(1, options[0][0])
    clock.advance(hours=3)
    assert taker.save(1, options[0][1], 2).status_code == 409
    taker.submit()
    page = taker.client.get(f"{taker.url}/saves").text
    assert [row[1:] for row in listed(page)] == [["1", "A", "Được tính"], ["1", "B", "Đến muộn, không tính"]]
    assert "có thể gia hạn theo thể lệ" in page


def test_save_sent_after_handing_in_is_said_to_have_come_to_a_closed_paper(taker: Taker, clock: Clock) -> None:  # noqa: F811
    options = taker.paper()
    taker.submit()
    clock.advance(seconds=2)
    sent = {"csrf_token": taker.token, "revision-1": "0", "response-1": options[0][0]}
    told = taker.client.post(f"{taker.url}/responses", data=sent, follow_redirects=True).text
    assert "Bài này đã nộp nên không sửa được nữa." in told
    assert "hết giờ" not in told
    page = taker.client.get(f"{taker.url}/saves").text
    assert [row[1:] for row in listed(page)] == [["1", "A", "Bài đã đóng, không tính"]]
    assert "gia hạn" not in page


def test_saves_are_nobody_elses(app: Flask, taker: Taker) -> None:  # noqa: F811
    taker.submit()
    other = app.test_client()
    with app.app_context():
        people.enter(other, people.member("khac"))
    assert other.get(f"{taker.url}/saves").status_code == 404
    assert taker.client.get(f"{taker.url}/saves").status_code == 200
    assert "Lượt này không lưu câu nào." in taker.client.get(f"{taker.url}/saves").text


@pytest.mark.usefixtures("clock")
def test_receipt_leads_to_the_saves_and_the_seal(taker: Taker) -> None:  # noqa: F811
    taker.submit()
    page = taker.client.get(f"{taker.url}/receipt").text
    assert f'href="{taker.url}/saves"' in page
    assert f"/rounds/{taker.round}/seals?receipt=HT-" in page
