"""The paper on the page of a round: a matrix, lines beside it, points and scoring; and what contestants read of them."""

import re
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import db
from contest.models.audit import AuditEntry
from contest.models.contests import Round
from contest.rules.marking import Way
from contest.services.attempts import simulating
from contest.services.contests import blueprint_lines
from tests import people
from tests.conftest import Clock
from tests.tables import snapshot
from tests.web.test_people import Desk
from tests.web.test_setup import HERE, ROUND, desk_of, draft_code, drafted, said

NO_LINES = {name: value for name, value in ROUND.items() if not name.startswith("line")}
CELLS = {"cell": [":", ":recall", "1:", "1:recall"], "level-points": ["", "2,5", "", "", ""]}
LINE = {"line-topic": [""], "line-difficulty": [""], "line-count": ["1"], "line-question": [""], "line-points": ["4"],
        "line-way": ["ladder"], "line-ladder": ["0,1/0,25/0,5/1"], "line-penalty": [""]}  # fmt: skip


@pytest.fixture
def house(app: Flask, clock: Clock) -> Flask:
    drafted(app)
    with app.app_context():
        people.bank("co-chu-de", [people.question(n, topic=("Luật", "Chương 1")) for n in range(21, 25)])
    return app


@pytest.fixture
def desk(house: Flask) -> Desk:
    return desk_of(house, lambda: people.organiser("toa", unit="A"))


def save(desk: Desk, code: str, **values: Any) -> Any:
    return desk.post(f"{HERE}/rounds/{code}", **{**NO_LINES, **values}, version="3")


def lines(house: Flask) -> list[blueprint_lines.LineView]:
    with house.app_context():
        return blueprint_lines.list_lines(db.session.scalars(sa.select(Round.id)).one())


def test_matrix_is_stored_and_shown_again(house: Flask, desk: Desk) -> None:
    code = draft_code(house)
    counts = {"cell": [":", ":recall"], "cell-count": ["1", "2"], "level-points": ["1", "2,5", "", "", ""]}
    assert save(desk, code, **counts, way="by_share", negative="floored", penalty="1/4").status_code == 303
    stored = lines(house)
    assert [(x.difficulty, x.count, x.worth.points) for x in stored] == [(None, 1, 1), ("recall", 2, Decimal("2.5"))]
    assert {x.worth.scoring.way for x in stored} == {Way.BY_SHARE}
    page = desk.get(f"{HERE}/rounds/{code}").text
    assert [n for n in re.findall(r'name="cell-count"[^>]*value="([^"]*)"', page) if n] == ["1", "2"]
    assert re.findall(r'name="level-points"[^>]*value="([^"]*)"', page)[:2] == ["1", "2,5"]
    assert 'value="1/4"' in page
    assert "Mỗi đề 6 điểm." in page


def test_cells_are_those_of_the_banks_topics_with_what_they_can_draw(house: Flask, desk: Desk) -> None:
    with house.app_context():
        bank_id = db.session.scalars(sa.select(people.Bank.id).where(people.Bank.code == "co-chu-de")).one()
        before = snapshot(house)
    page = save(desk, draft_code(house), bank=str(bank_id), fill="bank").text
    assert re.findall(r'class="matrix__topic matrix__topic--(\d)">([^<]+)<', page) == [
        ("0", "Mọi chủ đề"), ("0", "Luật"), ("1", "Chương 1"),
    ]  # fmt: skip
    assert re.findall(r"</span>/(\d+)", page) == 3 * ["4", "4", "0", "0", "0"]
    assert snapshot(house) == before


def test_lines_beside_the_matrix_are_stored_and_shown_again(house: Flask, desk: Desk) -> None:
    code = draft_code(house)
    two = {name: [*value, ""] for name, value in LINE.items()} | {
        "line-question": ["", "C-0002"],
        "line-way": ["ladder", ""],
    }
    assert save(desk, code, **two, **{"cell": [":"], "cell-count": ["1"]}).status_code == 303
    assert [(x.count, x.question, x.worth.points) for x in lines(house)] == [(1, "", 1), (1, "", 4), (1, "C-0002", 1)]
    page = desk.get(f"{HERE}/rounds/{code}").text
    assert re.findall(r'name="line-question" value="([^"]*)"', page)[:2] == ["", "C-0002"]
    assert 'value="0,1/0,25/0,5/1"' in page


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"cell": [":recall"], "cell-count": ["hai"]}, "blueprint",
         "Ô “Mọi chủ đề, Nhận biết” của đề thi: số câu là một số nguyên."),
        ({"cell": ["x:recall"], "cell-count": ["1"]}, "blueprint", "Lựa chọn này không có trong danh sách."),
        ({"cell": ["99:"], "cell-count": ["1"]}, "blueprint", "Lựa chọn này không có trong danh sách."),
        ({"level-points": ["", "0"]}, "blueprint", "Điểm mỗi câu của cột “Nhận biết” phải lớn hơn 0, ví dụ 1 hoặc 0,25."),
        ({"way": "ladder"}, "ladder", "Ghi thang điểm, ví dụ 0,1/0,25/0,5/1."),
        ({"way": "ladder", "ladder": "1/0,5"}, "ladder",
         "Thang điểm có từ 2 đến 20 bậc, tăng dần và kết thúc bằng 1, ví dụ 0,1/0,25/0,5/1."),
        ({"penalty": "1/4"}, "penalty", "Vòng này không trừ điểm câu sai; muốn trừ thì chọn ở phần chấm điểm của vòng."),
        ({"penalty": "hai", "negative": "open"}, "penalty", "Phần điểm bị trừ ghi từ 0 đến 1, ví dụ 1/4 hoặc 0,25."),
        ({**LINE, "line-points": ["-1"]}, "blueprint",
         "Điểm mỗi câu phải lớn hơn 0 và không quá 9.999, nhiều nhất 6 chữ số thập phân. Chỗ cần sửa: dòng 1 của đề thi."),
        ({**LINE, "line-question": ["KHONG-CO"]}, "blueprint", "Ngân hàng không có câu KHONG-CO."),
    ],
)  # fmt: skip
def test_paper_is_refused_where_it_is_wrong_and_kept_as_typed(
    house: Flask, desk: Desk, values: dict[str, Any], field: str, message: str
) -> None:
    before = snapshot(house)
    answer = save(desk, draft_code(house), **{"cell": [":"], "cell-count": ["1"], **values})
    assert (answer.status_code, said(answer.text, field)) == (422, message)
    assert snapshot(house) == before
    for name, typed in values.items():
        if name in ("ladder", "penalty") or (name.startswith("line") and name not in ("line-topic", "line-difficulty")):
            assert f'value="{typed if isinstance(typed, str) else typed[0]}"' in answer.text


def test_trial_is_a_job_that_tells_what_to_improve(house: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "PAPERS", 100)
    answer = desk.post(f"{HERE}/rounds/{draft_code(house)}/simulation", seed="5")
    assert answer.status_code == 303
    worker.run_once(house)
    page = desk.get(answer.headers["Location"]).text
    assert "Nên sửa gì" in page
    assert "Thêm câu cho “Mọi chủ đề, Mọi mức độ”: mỗi đề lấy 3 trong 4 câu." in page
    assert "100 đề, mỗi đề 3 câu; số mở đầu 5." in page
    with house.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).where(AuditEntry.action == "papers-tried")) == 1


def test_trial_of_what_cannot_be_drawn_is_refused(house: Flask, desk: Desk) -> None:
    code = draft_code(house)
    assert save(desk, code, **{"cell": [":"], "cell-count": ["9"]}).status_code == 303
    for seed, message in (("1", "ngân hàng còn thiếu 5 câu đã duyệt"), ("x", "Cần một số nguyên.")):
        answer = desk.post(f"{HERE}/rounds/{code}/simulation", seed=seed)
        assert (answer.status_code, message in answer.text) == (422, True)


def test_contestant_reads_how_the_paper_is_scored_before_and_what_each_question_is_worth(
    app: Flask, clock: Clock
) -> None:
    worth = {"points": "2.5", "penalty": "1/4"}
    with app.app_context():
        people.organisation()
        line = {"topic_id": None, "difficulty": None, "count": 3, "worth": worth}
        (code,) = people.contest(lines=[line], rounds=[{"negative": "open"}])
        member = Desk(app, people.member())
    before = member.get(f"/rounds/{code}").text
    assert "Mỗi câu 2,5 điểm, trọn bài 7,5 điểm." in before
    assert "Mọi câu: trả lời sai bị trừ 1/4 số điểm của câu." in before
    assert "Tổng điểm có thể âm." in before
    started = member.post(f"/rounds/{code}/attempts").headers["Location"]
    assert member.get(started).text.count("2,5 điểm") == 3
    page = member.post(f"{started}/submission").headers["Location"]
    receipt = " ".join(re.sub(r"<[^>]+>", "", member.get(page).text).split())
    assert "0/7,5 điểm" in receipt
    assert "0/7,5" in re.sub(r"<[^>]+>|\s", "", member.get(f"/rounds/{code}/standings").text)
