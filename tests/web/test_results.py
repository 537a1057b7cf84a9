"""What judges see and export: the table in its order, one result with its paper, files equal to a recomputation from raw rows."""

import csv
import html
import json
import re
from datetime import date, timedelta
from io import BytesIO, StringIO
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from python_calamine import CalamineWorkbook

from contest import worker
from contest.db import db
from contest.rules.permissions import SYSTEM
from contest.rules.terms import Counted, Role
from contest.services.members import people as members
from contest.services.results import tables
from tests import people
from tests.conftest import Clock
from tests.counting import counted
from tests.services.crowd import take
from tests.tables import snapshot
from tests.web.recount import recomputed
from tests.web.test_people import Desk
from tests.web.test_setup import desk_of

HERE = "/manage/contests/cuoc-thi/results"
COLUMNS = ["round", "place", "member_code", "full_name", "birth_date", "unit_code", "unit_name", "correct_count", "points",
           "prediction", "prediction_error", "duration_seconds", "started_at", "submitted_at", "attempts_used", "receipt",
           "award"]  # fmt: skip
LABELS = ["Vòng thi", "Hạng", "Mã đoàn viên", "Họ và tên", "Ngày sinh", "Mã đơn vị", "Đơn vị", "Số câu đúng", "Điểm", "Dự đoán",
          "Độ lệch dự đoán", "Thời gian làm bài (giây)", "Bắt đầu lúc", "Nộp lúc", "Số lượt đã dùng", "Mã biên nhận",
          "Giải thưởng"]  # fmt: skip
# Who takes part: code, name, unit, born, then of each attempt the right answers, the guess and the seconds.
CROWD = [
    ("000123", "Đặng Thị Ánh", "A1", date(1951, 2, 14), [(3, 2, 60), (1, 9, 30)]),
    ("+84900", "=1+1", "A1", None, [(3, 5, 60)]),
    ("m3", "@SUM(A1)", "B1", None, [(0, None, 90), (2, 1, 45)]),
    ("m4", "Lê Văn Bình", "B1", date(2000, 12, 31), [(2, 2, 45)]),
    ("m5", "Trần Ánh Nguyệt", "GOC", None, [(2, None, 45)]),
    ("m7", "Lê Văn Bình", "B1", None, [(2, 2, 45)]),  # stands level with another of the same name
    ("m6", "Vũ, “Hoà”; An", "B", None, [(0, 7, 1199)]),
]


@pytest.fixture
def house(app: Flask, database: str, clock: Clock) -> SimpleNamespace:
    """Let seven people take the first round; a second round is still open with one result, a third has none."""
    with app.app_context():
        people.organisation()
        later = {"title": "Tuần 2", "closes_at": clock.at + timedelta(days=1), "counted": Counted.LAST}
        codes = people.contest(rounds=[{"title": "Tuần +1"}, later, {**later, "title": "Tuần 3"}])
        for code, name, unit, born, attempts in CROWD:
            members.enter({"code": code, "full_name": name, "birth_date": born}, unit=unit, by=SYSTEM)
            for right, guess, seconds in attempts:
                take(codes[0], people.actor(code), clock, right, guess, seconds)
        take(codes[1], people.actor("m4"), clock, 1, 4, 30)
        members.change("m5", {}, unit="A1", by=SYSTEM)  # what was done under the former unit stays there
    clock.set(people.at("15:00"))
    worker.run_once(app)
    return SimpleNamespace(app=app, codes=codes, judge=desk_of(app, people.judge))


# Exports


def exported(desk: Desk, form: str, round_code: str) -> Any:
    return desk.fetch(desk.order(f"{HERE}/exports", format=form, round=round_code))


def test_json_equals_the_recomputation(house: SimpleNamespace) -> None:
    for code in house.codes:
        file = exported(house.judge, "json", code)
        assert file.mimetype == "application/json"
        assert json.loads(file.data) == recomputed(house.app, code)
        assert [list(row) for row in json.loads(file.data)] == [COLUMNS] * len(recomputed(house.app, code))
    rows = recomputed(house.app, house.codes[0])
    assert [(r["place"], r["member_code"], r["correct_count"], r["prediction_error"]) for r in rows] == [
        (1, "000123", 3, 0), (2, "+84900", 3, 3), (3, "m4", 2, 0), (3, "m7", 2, 0),
        (5, "m3", 2, 1), (6, "m5", 2, None), (7, "m6", 0, 5),
    ]  # fmt: skip
    every = [row for code in house.codes for row in recomputed(house.app, code)]
    assert json.loads(exported(house.judge, "json", "").data) == every


def test_csv_equals_the_recomputation_and_no_cell_is_a_formula(house: SimpleNamespace) -> None:
    data = exported(house.judge, "csv", "").data
    assert data.startswith(b"\xef\xbb\xbf")
    head, *rows = list(csv.reader(StringIO(data.decode("utf-8-sig"))))
    assert head == LABELS
    wanted = [row for code in house.codes for row in recomputed(house.app, code)]
    assert [dict(zip(COLUMNS, map(unshielded, row), strict=True)) for row in rows] == [
        {name: as_csv(name, value) for name, value in row.items()} for row in wanted
    ]
    assert [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell] == []
    assert rows[0][2] == "000123"


def unshielded(cell: str) -> str:
    """Return what a cell says without the sign that keeps it from being a formula."""
    return cell[1:] if cell[:1] == "'" else cell


def as_csv(name: str, value: Any) -> str:
    if name == "birth_date" and value:
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    return "" if value is None else str(value)


def test_workbook_equals_the_recomputation_and_keeps_every_type(house: SimpleNamespace) -> None:
    file = exported(house.judge, "xlsx", house.codes[0])
    sheet = CalamineWorkbook.from_filelike(BytesIO(file.data)).get_sheet_by_index(0)
    head, *rows = sheet.to_python()
    assert (sheet.name, head) == ("Kết quả", LABELS)
    numbers = {
        "place",
        "correct_count",
        "points",
        "prediction",
        "prediction_error",
        "duration_seconds",
        "attempts_used",
    }
    for row, wanted in zip(rows, recomputed(house.app, house.codes[0]), strict=True):
        for name, cell in zip(COLUMNS, row, strict=True):
            value = wanted[name]
            if value in (None, ""):
                assert cell == "", name
            elif name == "birth_date":
                assert cell == date.fromisoformat(value)
            elif name in numbers:
                assert (type(cell), cell) == (float, float(value)), name
            else:
                assert (type(cell), cell) == (str, value), name
    assert [row[2] for row in rows[:2]] == ["000123", "+84900"]


def test_predictions_and_places_wait_for_the_settlement(house: SimpleNamespace) -> None:
    (row,) = json.loads(exported(house.judge, "json", house.codes[1]).data)
    assert (row["member_code"], row["place"], row["prediction"], row["prediction_error"]) == ("m4", 1, None, None)
    assert json.loads(exported(house.judge, "json", house.codes[2]).data) == []


def test_export_speaks_the_language_of_who_asks(house: SimpleNamespace) -> None:
    house.judge.post("/language", locale="en")
    head = next(csv.reader(StringIO(exported(house.judge, "csv", "").data.decode("utf-8-sig"))))
    assert (head[:4], len(head)) == (["Round", "Place", "Member code", "Full name"], 17)


@pytest.mark.parametrize(("form", "round_code"), [("docx", ""), ("", ""), ("csv", "khong-co")])
def test_export_of_what_does_not_exist_is_not_found(house: SimpleNamespace, form: str, round_code: str) -> None:
    before = snapshot(house.app)
    assert house.judge.post(f"{HERE}/exports", format=form, round=round_code).status_code == 404
    assert snapshot(house.app) == before


# The table


def table(answer: Any) -> list[dict[str, str]]:
    """Return the rows of the page's table by what the cards call their cells."""
    assert answer.status_code == 200
    out = []
    for row in re.findall(r"<tr>\s*<td.*?</tr>", answer.text, re.S):
        cells = dict(re.findall(r'<td data-label="([^"]+)"[^>]*>(.*?)</td>', row, re.S))
        title = re.search(r'<td class="table__title">(.*?)<span[^>]*>(.*?)</span>', row, re.S)
        assert title
        cells |= {"name": title[1], "code": title[2]}
        out.append({k: html.unescape(" ".join(re.sub(r"<[^>]+>", " ", v).split())) for k, v in cells.items()})
    return out


def codes_of(house: SimpleNamespace, desk: Desk | None = None, **query: str) -> list[str]:
    answer = (desk or house.judge).client.get(HERE, query_string=query)
    assert f"{len(table(answer))} người" in answer.text or "Không tìm thấy kết quả nào." in answer.text
    return [row["code"] for row in table(answer)]


def test_table_shows_the_rows_in_their_order(house: SimpleNamespace) -> None:
    wanted = recomputed(house.app, house.codes[0])
    shown = table(house.judge.get(HERE))  # the last round with results that are settled
    assert [(r["code"], r["name"], r["Hạng"], r["Đúng"], r["Số lượt đã dùng"], r["Đơn vị"]) for r in shown] == [
        (
            w["member_code"],
            w["full_name"],
            str(w["place"]),
            str(w["correct_count"]),
            str(w["attempts_used"]),
            w["unit_name"],
        )
        for w in wanted
    ]
    assert [(r["Dự đoán"], r["Lệch"]) for r in shown] == [
        tuple("–" if w[name] is None else str(w[name]) for name in ("prediction", "prediction_error")) for w in wanted
    ]
    assert [r["Ngày sinh"] for r in shown] == ["14/2/1951", "–", "31/12/2000", *"––––"]
    assert [r["Thời gian"] for r in shown][:2] == ["01:00", "01:00"]
    running = table(house.judge.client.get(HERE, query_string={"round": house.codes[1]}))
    assert [(r["code"], r["Dự đoán"], r["Lệch"]) for r in running] == [("m4", "–", "–")]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({}, ["000123", "+84900", "m4", "m7", "m3", "m5", "m6"]),
        ({"unit": "A"}, ["000123", "+84900"]),
        ({"unit": "B"}, ["m4", "m7", "m3", "m6"]),
        ({"unit": "B1"}, ["m4", "m7", "m3"]),
        ({"q": "ánh"}, ["000123", "m5"]),
        ({"q": "ANH"}, ["000123", "m5"]),
        ({"q": "đặng thị"}, ["000123"]),
        ({"q": "dang"}, ["000123"]),
        ({"q": "ánh", "unit": "A"}, ["000123"]),
        ({"q": "%"}, []),
        ({"q": "_"}, []),
        ({"q": "khongcoai"}, []),
    ],
)
def test_table_is_filtered_by_unit_and_name(house: SimpleNamespace, query: dict[str, str], codes: list[str]) -> None:
    assert codes_of(house, **query, round=house.codes[0]) == codes
    assert codes_of(house, **query) == codes


def test_receipt_finds_its_result_and_no_other(house: SimpleNamespace) -> None:
    for row in recomputed(house.app, house.codes[0]):
        for typed in (row["receipt"], f"  {row['receipt'].lower()} "):
            assert codes_of(house, q=typed) == [row["member_code"]]
    assert codes_of(house, q=row["receipt"][:-1]) == []


@pytest.mark.parametrize("query", ["round=khong-co", "unit=KHONG-CO", "after=zz", "after=00.x", f"after=00.{'9' * 30}"])
def test_forged_filter_is_not_found(house: SimpleNamespace, query: str) -> None:
    assert house.judge.get(f"{HERE}?{query}").status_code == 404


def test_pages_by_key_are_the_whole_table(house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    for query in ("", "?unit=B", "?q=n"):
        monkeypatch.setattr(tables, "PAGE", 50)
        whole = [row["code"] for row in table(house.judge.get(HERE + query))]
        monkeypatch.setattr(tables, "PAGE", 2)
        path, pages = HERE + query, []
        while path:
            answer = house.judge.get(path)
            pages.append([row["code"] for row in table(answer)])
            assert f"{len(whole)} người" in answer.text
            following = re.search(r'href="([^"]+)" rel="next"', answer.text)
            path = html.unescape(following[1]) if following else ""
        assert pages == [whole[i : i + 2] for i in range(0, len(whole), 2)]
        assert len(pages) > 1


# One result


def test_one_result_is_opened_with_its_paper(house: SimpleNamespace) -> None:
    page = house.judge.get(HERE).text
    links = re.findall(r'<a class="link" href="(/manage/contests/cuoc-thi/results/[^"]+)">([^<]+)</a>', page)
    assert [html.unescape(name) for _, name in links] == [r["full_name"] for r in recomputed(house.app, house.codes[0])]
    for (path, name), wanted in zip(links, recomputed(house.app, house.codes[0]), strict=True):
        paper = house.judge.get(path).text
        assert f"<h1>{name}</h1>" in re.sub(r"<h1[^>]*>", "<h1>", paper)
        for said in (wanted["member_code"], wanted["receipt"], f"{wanted['correct_count']}/3"):
            assert said in html.unescape(paper)
        assert len(re.findall(r'class="question__text"', paper)) == 3
        assert len(re.findall(r">\s*Đáp án\s*<", paper)) == 3
        assert len(re.findall(r">\s*Đúng\s*<", paper)) == wanted["correct_count"]


def test_paper_stays_shut_until_the_settlement(house: SimpleNamespace) -> None:
    assert (
        re.findall(rf'href="{HERE}/[^"]+"', house.judge.client.get(HERE, query_string={"round": house.codes[1]}).text)
        == []
    )
    with house.app.app_context():
        running = db.session.scalars(
            sa.text("SELECT a.code FROM attempts a JOIN rounds r ON r.id = a.round_id WHERE r.number = 2")
        ).one()
    assert house.judge.get(f"{HERE}/{running}").status_code == 404
    assert house.judge.get(f"{HERE}/khong-co").status_code == 404


def test_paper_of_a_contest_is_not_reached_through_another(house: SimpleNamespace) -> None:
    with house.app.app_context():
        people.contest("khac")
        people.staff("rieng", Role.JUDGE, contest_id=people.contest_id("khac"))
        code = db.session.scalars(sa.text("SELECT code FROM attempts WHERE number = 1")).first()
    judge = desk_of(house.app, lambda: people.actor("rieng"))
    assert judge.get("/manage/contests/khac/results").status_code == 200
    assert [judge.get(f"/manage/contests/{slug}/results/{code}").status_code for slug in ("khac", "cuoc-thi")] == [
        404,
        404,
    ]
    assert [judge.get(path).status_code for path in (HERE, f"{HERE}?round={house.codes[0]}")] == [404, 404]
    assert judge.post(f"{HERE}/exports", format="csv").status_code == 404


# Cost


def statements(house: SimpleNamespace, path: str) -> int:
    with counted(house.app) as found:
        assert house.judge.get(path).status_code == 200
    return len(found)


def test_number_of_queries_does_not_grow_with_the_table(house: SimpleNamespace, clock: Clock) -> None:
    path = f"{HERE}?round={house.codes[1]}"
    house.judge.get(path)  # settings and the like are kept from here on
    assert len(table(house.judge.get(path))) == 1
    few = statements(house, path)
    with house.app.app_context():
        for n in range(59):
            take(house.codes[1], people.member(f"q{n:02d}"), clock, n % 4, n, 1)
    assert "60 người" in house.judge.get(path).text
    assert (few, statements(house, path)) == (9, 9)
