"""Setting an order of criteria over HTTP, and reading why one stands where one stands."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db, transaction
from contest.models.results import Standing
from contest.rules.terms import Criterion
from contest.services.attempts import closing
from contest.services.results import settlement
from tests import people
from tests.conftest import Clock
from tests.web.test_people import Desk

ROUNDS = "/manage/contests/cuoc-thi/rounds"


@pytest.fixture
def house(app: Flask, clock: Clock) -> str:
    with app.app_context():
        people.organisation()
        return people.contest()[0]


@pytest.fixture
def organiser(app: Flask, house: str) -> Desk:
    with app.app_context():
        return Desk(app, people.organiser())


def chosen(page: Any) -> list[str]:
    lists = re.findall(r'<select[^>]*name="criteria".*?</select>', page.text, re.S)
    values = [re.search(r'<option value="([^"]*)" selected', one) for one in lists]
    return [v[1] for v in values if v and v[1]]


def test_every_criterion_may_be_chosen_and_lines_are_left_to_add_to(organiser: Desk) -> None:
    page = organiser.get(f"{ROUNDS}/new")
    assert chosen(page) == ["correct", "prediction", "duration"]
    one = re.search(r'<select[^>]*name="criteria".*?</select>', page.text, re.S)
    assert one
    assert set(re.findall(r'value="(\w+)"', one[0])) == {*Criterion}
    assert page.text.count('name="criteria"') == 6


@pytest.mark.parametrize(
    ("criteria", "prediction", "said"),
    [
        (["prediction", "correct"], "all_correct", "Độ lệch dự đoán phải đứng sau số câu đúng hoặc điểm."),
        (["correct", "prediction"], "", "Vòng này không có câu dự đoán nên không xếp hạng theo dự đoán được."),
        (["correct", "correct"], "", "Mỗi tiêu chí chỉ dùng một lần."),
        (["correct", "lot", "duration"], "", "Bốc thăm chỉ dùng làm tiêu chí cuối cùng."),
        (["lot"], "", "Bốc thăm không thể là tiêu chí duy nhất."),
        ([], "", "Cần ít nhất một tiêu chí xếp hạng."),
    ],
)
def test_contradicting_order_is_told_while_it_is_set(
    organiser: Desk, criteria: list[str], prediction: str, said: str
) -> None:
    answer = organiser.post(f"{ROUNDS}/ranking", criteria=[*criteria, ""], prediction=prediction, counted="best")
    assert (answer.status_code, said in answer.text) == (200, True)


def test_order_is_read_out_and_tried_on_invented_people(organiser: Desk) -> None:
    order = ["correct", "duration", "prediction"]
    answer = organiser.post(f"{ROUNDS}/ranking", criteria=order, prediction="all_correct", counted="average")
    assert "Xếp theo số câu đúng, nhiều hơn xếp trên. Nếu bằng nhau thì xét thời gian làm bài" in answer.text
    assert "Mỗi người được tính trung bình các lượt" in answer.text
    assert re.findall(r"<strong>([A-F])</strong>", answer.text) == ["B", "C", "D", "A", "E", "F"]
    assert organiser.post(f"{ROUNDS}/ranking", criteria=["nonsense"], counted="nonsense").status_code == 200


def test_ready_order_fills_the_form_keeps_what_was_typed_and_stores_nothing(app: Flask, organiser: Desk) -> None:
    typed = {"title": "Vòng đang viết dở", "minutes": "không phải số", "line-topic": "", "line-difficulty": ""}
    page = organiser.post(f"{ROUNDS}/new", ready="quang-nam-2022", criteria="correct", **{"line-count": "7"}, **typed)
    assert (page.status_code, chosen(page)) == (200, ["points", "prediction", "duration", "started_at", "full_marks"])
    assert 'value="Vòng đang viết dở"' in page.text
    assert 'value="7"' in page.text
    assert '<option selected value="participants">' in page.text
    assert organiser.get("/manage/contests/cuoc-thi").text.count("Vòng đang viết dở") == 0


@pytest.fixture
def settled(app: Flask, house: str, clock: Clock) -> str:
    """Let two take part, the second a second slower, and settle the round."""
    with app.app_context():
        for n in (1, 2):
            who = people.member(f"m{n}", full_name=f"Chim Hoàng Yến {n}", phone=f"+8491234567{n}")
            attempt = people.attempt(house, who)
            clock.advance(seconds=30 + n)
            closing.submit(attempt, {}, by=who, arrived=clock.at)
        row = people.round_row(house)
        clock.set(row.closes_at)
        clock.advance(seconds=1)
        settlement.settle(row.id)
    return house


def test_place_is_explained_without_the_neighbours_names(app: Flask, settled: str) -> None:
    with app.app_context():
        second = Desk(app, people.actor("m2"))
    page = second.get(f"/rounds/{settled}/standings/why")
    plain = " ".join(re.sub(r"<[^>]+>", "", page.text).split())
    assert (
        "Bạn ở hạng 2. Người xếp ngay trên bằng bạn về số câu đúng và độ lệch dự đoán, nhưng làm nhanh hơn 1 giây."
        in plain
    )
    assert "Hạng 1 hơn bạn" in plain
    assert "Hoàng Yến 1" not in page.text
    assert "m1" not in page.text
    with app.app_context():
        outsider = Desk(app, people.member("khac"))
    assert outsider.get(f"/rounds/{settled}/standings/why").status_code == 404
    assert app.test_client().get(f"/rounds/{settled}/standings/why").status_code == 302


def test_criterion_behind_the_deciding_one_is_not_called_equal(app: Flask, settled: str) -> None:
    with app.app_context():
        second = Desk(app, people.actor("m2"))
        told = second.get(f"/rounds/{settled}/standings/why").text
        with transaction():  # the criterion that decides now comes first
            row = people.round_row(settled)
            keys = sa.select(Standing).where(Standing.round_id == row.id)
            for standing in db.session.scalars(keys):
                standing.board_key = standing.board_key[-8:] + standing.board_key[:-8]
            row.criteria = [row.criteria[-1], *row.criteria[:-1]]
    page = second.get(f"/rounds/{settled}/standings/why").text
    assert ("Không phải xét đến" in told, page.count("Không phải xét đến"), "Bằng nhau<" in page) == (False, 2, False)


def test_judge_reads_why_beside_the_paper(app: Flask, settled: str) -> None:
    with app.app_context():
        judge = Desk(app, people.judge())
    table = judge.get("/manage/contests/cuoc-thi/results").text
    links = re.findall(r'href="(/manage/contests/cuoc-thi/results/[^"?/]+)"', table)
    page = judge.get(links[1])
    plain = " ".join(re.sub(r"<[^>]+>", "", page.text).split())
    assert "Người này ở hạng 2." in plain
    assert "bằng người này về số câu đúng và độ lệch dự đoán" in plain
