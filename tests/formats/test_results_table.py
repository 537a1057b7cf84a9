import csv
import json
import weakref
import zipfile
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from python_calamine import CalamineWorkbook

from contest.formats.tables import RESULT_COLUMNS, spreadsheet, write_members, write_results, write_sheet
from contest.formats.tables.cells import shield, unshield

from .test_tables import ANH_DRAFT

HANOI = timezone(timedelta(hours=7))
LABELS = {key: f"Cột {key}" for key in RESULT_COLUMNS}
ROW = {
    "round": "Tuần 1",
    "place": 1,
    "member_code": "000123",
    "full_name": "Nguyễn Thị Ánh",
    "birth_date": date(1987, 2, 14),
    "unit_code": "01",
    "unit_name": "Công đoàn A",
    "correct_count": 17,
    "points": Decimal("17.500000"),
    "prediction": 90,
    "prediction_error": 10,
    "duration_seconds": 612,
    "started_at": datetime(2021, 5, 30, 13, 49, 48, tzinfo=UTC),
    "submitted_at": datetime(2021, 5, 30, 17, 0, 0, 250_000, tzinfo=UTC),
    "attempts_used": 2,
    "receipt": "ABCD-1234",
    "award": None,
}
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠1", '=HYPERLINK("http://x")']


def written(rows, form, title="Kết quả: tuần 1/3"):
    out = BytesIO()
    write_results(rows, out, format=form, labels=LABELS, zone=HANOI, title=title)
    return out.getvalue()


def csv_rows(data):
    return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))


def sheet_rows(data, index=0):
    return CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(index).to_python()


def test_columns_are_those_of_the_contract():
    assert RESULT_COLUMNS == (
        "round", "place", "member_code", "full_name", "birth_date", "unit_code", "unit_name", "correct_count", "points",
        "prediction", "prediction_error", "duration_seconds", "started_at", "submitted_at", "attempts_used", "receipt", "award",
    )  # fmt: skip


def test_json_has_the_keys_of_the_contract_exact_points_and_times_with_their_offset():
    (row,) = json.loads(written([ROW], "json"))
    assert tuple(row) == RESULT_COLUMNS
    assert row == {
        **ROW,
        "birth_date": "1987-02-14",
        "points": "17.5",
        "started_at": "2021-05-30T20:49:48+07:00",
        "submitted_at": "2021-05-31T00:00:00.250000+07:00",
    }


def test_json_of_no_results_is_an_empty_list():
    assert json.loads(written([], "json")) == []


def test_json_of_many_results_keeps_their_order():
    rows = [{**ROW, "place": place} for place in range(1, 50)]
    assert [row["place"] for row in json.loads(written(iter(rows), "json"))] == list(range(1, 50))


def test_csv_has_a_mark_for_excel_and_vietnamese_headers():
    data = written([ROW], "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    assert csv_rows(data) == [
        list(LABELS.values()),
        ["Tuần 1", "1", "000123", "Nguyễn Thị Ánh", "14/02/1987", "01", "Công đoàn A", "17", "17.5", "90", "10", "612",
         "2021-05-30T20:49:48+07:00", "2021-05-31T00:00:00.250000+07:00", "2", "ABCD-1234", ""],
    ]  # fmt: skip


def test_workbook_has_numbers_as_numbers_and_codes_as_texts():
    assert sheet_rows(written([ROW], "xlsx")) == [
        list(LABELS.values()),
        ["Tuần 1", 1.0, "000123", "Nguyễn Thị Ánh", date(1987, 2, 14), "01", "Công đoàn A", 17.0, 17.5, 90.0, 10.0, 612.0,
         "2021-05-30T20:49:48+07:00", "2021-05-31T00:00:00.250000+07:00", 2.0, "ABCD-1234", ""],
    ]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_formula_is_a_text_in_a_workbook_and_shielded_in_csv(formula):
    data = written([{**ROW, "full_name": formula, "unit_name": formula}], "xlsx")
    assert [sheet_rows(data)[1][index] for index in (3, 6)] == [formula, formula]
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert b"<f>" not in parts["xl/worksheets/sheet1.xml"]
    assert [name for name in parts if "rels" in name and b"http://x" in parts[name]] == []
    assert csv_rows(written([{**ROW, "full_name": formula}], "csv"))[1][3] == f"'{formula}"


@pytest.mark.parametrize("text", [*FORMULAS, "'=1", "''=1", "'a", "a=1", "", "'", " =1"])
def test_shield_comes_off_again(text):
    assert unshield(shield(text)) == text
    assert shield(text)[:1] not in "=+-@\t\r＝＋－＠" or shield(text) == ""


def test_negative_number_is_no_formula():
    assert csv_rows(written([{**ROW, "prediction_error": -5}], "csv"))[1][10] == "-5"


def test_sheets_split_where_they_are_full(monkeypatch):
    monkeypatch.setattr(spreadsheet, "ROWS_PER_SHEET", 3)
    for count, sizes in ((0, [0]), (2, [2]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])):
        data = written([{**ROW, "place": place} for place in range(1, count + 1)], "xlsx")
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        names = ["Kết quả tuần 1 3", "Kết quả tuần 1 3 (2)", "Kết quả tuần 1 3 (3)"]
        assert book.sheet_names == names[: len(sizes)]
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
        assert [len(rows) - 1 for rows in sheets] == sizes
        assert [row[1] for rows in sheets for row in rows[1:]] == [float(n) for n in range(1, count + 1)]
        assert all(rows[0] == list(LABELS.values()) for rows in sheets)


def test_header_is_bold_and_frozen():
    with zipfile.ZipFile(BytesIO(written([ROW], "xlsx"))) as archive:
        sheet, styles = archive.read("xl/worksheets/sheet1.xml"), archive.read("xl/styles.xml")
    assert b'<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    assert b"<b/>" in styles


@pytest.mark.parametrize("title", ["[a]:*?/\\'", "x" * 100, "", "  "])
def test_any_title_names_a_sheet(title):
    (name,) = CalamineWorkbook.from_filelike(BytesIO(written([ROW], "xlsx", title))).sheet_names
    assert 0 < len(name) <= 25


def test_value_of_no_known_type_is_no_cell():
    with pytest.raises(TypeError):
        written([{**ROW, "place": 1.5}], "xlsx")


@pytest.mark.parametrize(("length", "fits"), [(32_767, True), (32_768, False)])
def test_text_that_a_cell_cannot_hold_is_never_lost_in_silence(length, fits):
    if fits:
        assert len(sheet_rows(write_sheet("a", ["b"], [["x" * length]]))[1][0]) == length
    else:
        with pytest.raises(ValueError):
            write_sheet("a", ["b"], [["x" * length]])


def test_phone_with_a_plus_survives_csv():
    data = write_members([ANH_DRAFT], format="csv").decode("utf-8-sig")
    assert ",0912345678,anh@example.com,001187000001," in data


def test_any_list_becomes_a_sheet():
    assert sheet_rows(write_sheet("Mã kích hoạt", ["Đơn vị", "Mã"], [["A", "=1"], ["B", "002"]])) == [
        ["Đơn vị", "Mã"],
        ["A", "=1"],
        ["B", "002"],
    ]


@pytest.mark.parametrize("form", ["xlsx", "csv", "json"])
def test_rows_are_written_as_they_come_and_none_is_held(form, tmp_path):
    live = weakref.WeakSet()

    class Row(dict):
        """A row that can be watched."""

        __hash__ = object.__hash__

    def rows():
        for number in range(3_000):
            assert len(live) <= 2
            row = Row(ROW, place=number + 1)
            live.add(row)
            yield row

    with (tmp_path / "out").open("wb") as out:
        write_results(rows(), out, format=form, labels=LABELS, zone=HANOI, title="t")
    assert (tmp_path / "out").stat().st_size > 10_000
