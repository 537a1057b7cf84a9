"""The overall standing on its pages: set up with contradictions said, public with its own fields alone, flat in queries."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db, transaction
from contest.models.overall import OverallStanding
from contest.rules.overall import Rule
from contest.rules.overall_terms import OverallCriterion, OverallWay
from contest.services.contests import overall as setup_overall
from contest.services.results import overall, settlement
from tests import people
from tests.conftest import Clock
from tests.services.crowd import take
from tests.web.test_people import Desk
from tests.web.test_queries import count

SLUG = "cuoc-thi"
SETUP = f"/manage/contests/{SLUG}/overall"
BOARD = f"/contests/{SLUG}/standings"
FIELDS = {"place", "name", "unit", "rounds_taken", "correct_count", "points", "prediction_error", "duration_seconds"}


@pytest.fixture
def weeks(app: Flask, database: str, clock: Clock) -> list[str]:
    with app.app_context():
        people.organisation()
        people.organiser("btc")
        return people.contest(
            rounds=[{"title": "Tuần 1"}, {"title": "Tuần 2", "prediction": None, "criteria": ["correct"]}]
        )


def desk(app: Flask, code: str = "btc") -> Desk:
    with app.app_context():
        return Desk(app, people.actor(code))


def form(weeks: list[str], **more: Any) -> dict[str, Any]:
    return {
        "version": "4",
        "way": "sum",
        "rounds": weeks,
        "criteria": ["correct", "", "duration"],
        "best": "",
        "chosen": "",
        **more,
    }


def save(btc: Desk, weeks: list[str], **more: Any) -> Any:
    """Fill in the form as the page gives it, and save it."""
    version = re.search(r'name="version" value="(\d+)"', btc.client.get(SETUP).text)
    assert version
    return btc.post(SETUP, **form(weeks, **{"version": version[1], **more}))


def play(app: Flask, weeks: list[str], clock: Clock, number: int, start: int = 0) -> None:
    with app.app_context():
        for n in range(start, number):
            who = people.member(f"p{n:02d}")
            for code in weeks:
                take(code, who, clock, 1 + n % 3, None, 60 + n)


def settle(app: Flask, weeks: list[str], clock: Clock) -> None:
    with app.app_context():
        clock.at = people.round_row(weeks[0]).closes_at + timedelta(hours=1)
        for code in weeks:
            settlement.settle(people.round_row(code).id)
        overall.compute_due()


def test_set_up_keeps_what_was_chosen(app: Flask, weeks: list[str], clock: Clock) -> None:
    btc = desk(app)
    first = btc.client.get(SETUP).text
    assert "Thử trên năm người" not in first  # no overall standing is tried out before a way is chosen
    answer = save(btc, weeks, way="best_k", best="1")
    assert (answer.status_code, answer.location) == (303, f"/manage/contests/{SLUG}")
    with app.app_context():
        rule = setup_overall.find_rule(people.contest_id())
        assert rule == Rule(OverallWay.BEST_K, (OverallCriterion.CORRECT, OverallCriterion.DURATION), 1)
    shown = btc.client.get(SETUP).text
    assert re.search(r'value="best_k"[^>]*checked|checked[^>]*value="best_k"', shown)
    assert "Thử trên năm người" in shown
    assert "Cộng một số vòng tốt nhất của mỗi người" in btc.client.get(f"/manage/contests/{SLUG}").text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"rounds": []}, "Chọn ít nhất một vòng"),
        ({"way": "best_k", "best": "3"}, "Chỉ có 2 vòng được tính"),
        ({"way": "best_k", "best": "x"}, "số nguyên"),
        ({"way": "chosen"}, "Chọn vòng được lấy"),
        ({"criteria": ["", ""]}, "Cần ít nhất một tiêu chí"),
        ({"criteria": ["lot"]}, "danh sách"),
        ({"way": "khac"}, "danh sách"),
        ({"version": "1"}, "vừa"),
    ],
)
def test_contradictions_are_said_and_what_was_typed_is_kept(
    app: Flask, weeks: list[str], more: dict[str, Any], said: str
) -> None:
    answer = save(desk(app), weeks, **more)
    assert answer.status_code in {409, 422}
    assert said in answer.text
    with app.app_context():
        assert setup_overall.find_rule(people.contest_id()) is None


def test_preview_says_what_a_rule_means_and_what_contradicts_itself(app: Flask, weeks: list[str]) -> None:
    btc = desk(app)
    shown = btc.post(f"{SETUP}/preview", **form(weeks)).text
    assert "Mỗi người được cộng kết quả các vòng Tuần 1 và Tuần 2." in shown
    assert shown.count("<tr>") == 6
    wrong = btc.post(f"{SETUP}/preview", **form(weeks[1:], criteria=["correct", "prediction"])).text
    assert "Không vòng nào được tính có câu dự đoán" in wrong
    assert "<table" not in wrong


def test_board_waits_then_shows_and_its_json_has_these_fields_alone(app: Flask, weeks: list[str], clock: Clock) -> None:
    btc, visitor = desk(app), app.test_client()
    assert visitor.get(BOARD).status_code == 404
    save(btc, weeks)
    assert "Chưa vòng nào có kết quả" in visitor.get(BOARD).text
    play(app, weeks, clock, 3)
    settle(app, weeks, clock)
    page = visitor.get(BOARD).text
    assert page.count("data-place=") == 3
    assert "Kết quả sơ bộ" in page
    told = visitor.get(BOARD, headers={"Accept": "application/json"}).json or {}
    assert told.keys() == {"rows", "next", "as_of", "status", "rounds_settled", "rounds_counted"}
    assert all(row.keys() == FIELDS for row in told["rows"])
    assert [(r["place"], r["correct_count"], r["rounds_taken"]) for r in told["rows"]] == [
        (1, 6, 2),
        (2, 4, 2),
        (3, 2, 2),
    ]
    assert f'href="{BOARD}"' in visitor.get(f"/contests/{SLUG}").text
    assert visitor.get(f"{BOARD}?after=zz").status_code == 404


def test_own_place_is_explained(app: Flask, weeks: list[str], clock: Clock) -> None:
    save(desk(app), weeks, way="best_k", best="1")
    play(app, weeks, clock, 3)
    settle(app, weeks, clock)
    mine = desk(app, "p01").client
    assert f'href="{BOARD}/why"' in mine.get(BOARD).text
    page = mine.get(f"{BOARD}/why").text
    assert (page.count("Không tính"), "Tuần 1" in page, "Tuần 2" in page) == (1, True, True)
    assert desk(app, "btc").client.get(f"{BOARD}/why").status_code == 404


def test_pages_ask_no_more_for_more_people(app: Flask, weeks: list[str], clock: Clock) -> None:
    save(desk(app), weeks)
    play(app, weeks, clock, 2)
    settle(app, weeks, clock)
    reader = desk(app, "p00")

    def asked() -> list[int]:
        return [count(app, reader, "GET", path) for path in (BOARD, f"{BOARD}/why", f"/contests/{SLUG}")]

    asked()
    few = asked()
    with app.app_context():
        more = [people.member(f"q{n:02d}") for n in range(60)]
        with transaction():
            first = dict(db.session.execute(sa.select(*OverallStanding.__table__.columns).limit(1)).mappings().one())
            db.session.execute(sa.insert(OverallStanding), [{**first, "member_id": who.member_id} for who in more])
    assert few[:2] == [5, 8]
    asked()  # what is shared is read anew after a command
    assert asked() == [6, *few[1:]]  # one more, however many they are: how many stand between the page and the reader


def test_organiser_of_another_branch_finds_nothing(app: Flask, weeks: list[str]) -> None:
    with app.app_context():
        people.organiser("tob", unit="B")
    stranger = desk(app, "tob")
    assert stranger.client.get(SETUP).status_code == 404
    assert stranger.post(SETUP, **form(weeks, version="1")).status_code == 404
