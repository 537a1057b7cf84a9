"""Advancing on its pages: the rule with what it lacks, the list and its steps, and what contestants read of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from contest.services.results import settlement
from tests import people
from tests.conftest import Clock
from tests.services.crowd import take
from tests.web.test_people import Desk

SLUG = "cuoc-thi"


@pytest.fixture
def house(app: Flask, database: str, clock: Clock) -> list[str]:
    """Return a settled first round of four people, and a final after it."""
    with app.app_context():
        people.organisation()
        later = {"opens_at": clock.at + timedelta(hours=5), "closes_at": clock.at + timedelta(hours=9)}
        codes = people.contest(rounds=[{"title": "Tuần 1"}, {"title": "Chung kết", **later}])
        for n in range(4):
            take(codes[0], people.member(f"p{n}"), clock, 3, 4, 60 + n)
        for code in ("btc1", "btc2"):
            people.organiser(code)
        people.organiser("tob", unit="B")
        clock.at = people.round_row(codes[0]).closes_at + timedelta(minutes=30)
        settlement.settle(people.round_row(codes[0]).id)
    return codes


def desk(app: Flask, code: str) -> Desk:
    with app.app_context():
        return Desk(app, people.actor(code))


def page_of(house: list[str]) -> str:
    return f"/manage/contests/{SLUG}/rounds/{house[1]}/advancement"


def choose(btc: Desk, house: list[str], **more: Any) -> Any:
    path = f"{page_of(house)}/rule"
    version = re.search(r'name="version" value="(\d+)"', btc.get(path).text)
    assert version
    form = {"version": version[1], "rule": "top", "source": house[0], "count": "2", "reserve": "1", "units": "own"}
    return btc.post(path, **{**form, "least_score": "", "quotas": "", **more})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"count": ""}, "Ghi số người được vào"),
        ({"source": ""}, "từ những vòng trước"),
        ({"rule": "quota", "quotas": "A1 ba"}, "Dòng 1"),
        ({"rule": "quota", "quotas": "ZZ = 3"}, "ZZ"),
        ({"rule": "least_score", "least_score": "cao"}, "số"),
        ({"rule": "khac"}, "danh sách"),
    ],
)
def test_a_rule_that_lacks_something_is_refused_with_what_was_typed(
    app: Flask, house: list[str], more: dict[str, str], said: str
) -> None:
    answer = choose(desk(app, "btc1"), house, **more)
    assert answer.status_code == 422
    assert said in answer.text
    assert (more.get("quotas") or 'value="1"') in answer.text


def waits(client: Any, house: list[str]) -> bool:
    return 'data-behaviour="waiting"' in client.get(f"/rounds/{house[1]}").text


def test_the_way_of_a_list(app: Flask, house: list[str], clock: Clock) -> None:
    first, second = desk(app, "btc1"), desk(app, "btc2")
    assert "Vòng này chưa giới hạn ai." in first.get(page_of(house)).text
    assert choose(first, house).location == page_of(house)
    steps = f"{page_of(house)}/steps"
    assert "Chưa lập danh sách" in first.get(page_of(house)).text
    assert first.post(steps, verb="propose").status_code == 303
    shown = first.get(page_of(house)).text
    assert ("2 người được vào" in shown, "1 người dự bị" in shown) == (True, True)
    refused = first.post(steps, verb="confirm")
    assert refused.status_code == 403
    assert "Người xác nhận phải khác người lập danh sách." in refused.text
    mine = desk(app, "p0").client
    assert "danh sách chưa công bố" in mine.get(f"/contests/{SLUG}").text
    assert waits(mine, house)  # who comes in is not decided yet
    assert second.post(steps, verb="confirm").status_code == 303
    assert "được vào Chung kết" in mine.get(f"/contests/{SLUG}").text
    assert "được vào" in mine.get(f"/rounds/{house[1]}").text
    other = desk(app, "p3")
    assert "không có trong danh sách" in other.get(f"/contests/{SLUG}").text
    assert ("Vào phòng chờ" in mine.get(f"/contests/{SLUG}").text, waits(mine, house)) == (True, True)
    assert ("Vào phòng chờ" in other.get(f"/contests/{SLUG}").text, waits(other.client, house)) == (False, False)
    assert "không có trong danh sách" in other.get(f"/rounds/{house[1]}").text
    clock.at = clock.at + timedelta(hours=6)
    assert other.post(f"/rounds/{house[1]}/attempts").status_code == 403
    assert first.post(steps, verb="withdraw", person="p1", reason="Đi vắng").status_code == 303
    assert first.post(steps, verb="call", person="p2", reason="Thay").status_code == 303
    shown = first.get(page_of(house)).text
    assert ("Gọi từ dự bị" in shown, "Đi vắng" in shown, "1 người đã rút" in shown) == (True, True, True)
    assert first.post(steps, verb="withdraw", person="ai", reason="x").status_code == 422
    assert first.post(steps, verb="khac").status_code == 404


def test_organisers_of_other_branches_find_nothing(app: Flask, house: list[str]) -> None:
    stranger = desk(app, "tob")
    assert stranger.get(page_of(house)).status_code == 404
    assert stranger.get(f"{page_of(house)}/rule").status_code == 404
    assert stranger.post(f"{page_of(house)}/steps", verb="propose").status_code == 404


def test_the_confirmed_list_goes_out_as_a_file_of_whoever_ordered_it(app: Flask, house: list[str]) -> None:
    first, second = desk(app, "btc1"), desk(app, "btc2")
    path = f"{page_of(house)}/exports"
    assert first.post(path, format="xlsx").status_code == 404  # everybody may take the round
    choose(first, house)
    first.post(f"{page_of(house)}/steps", verb="propose")
    refused = first.post(path, format="csv")
    assert (refused.status_code, "Danh sách chưa được xác nhận." in refused.text) == (409, True)
    assert path not in first.get(page_of(house)).text
    second.post(f"{page_of(house)}/steps", verb="confirm")
    assert f'action="{path}"' in first.get(page_of(house)).text
    assert first.post(path, format="pdf").status_code == 404
    assert desk(app, "tob").post(path, format="csv").status_code == 404
    job = first.order(path, format="csv")
    assert "Xuất danh sách được vào vòng" in first.get(job).text
    rows = first.fetch(job).data.decode("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in rows] == ["Danh sách", "Được vào", "Được vào", "Dự bị"]
    assert second.get(job).status_code == 404
