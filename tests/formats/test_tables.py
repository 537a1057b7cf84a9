"""Files as tables: what is recognised, what is refused as a whole, and where every problem stands."""

import unicodedata
from datetime import date

import pytest

from contest.formats.drafts import MemberDraft, Place, Problem, Reading, UnitDraft
from contest.formats.readers import READERS
from contest.formats.readers import read as read_with
from contest.formats.tables import (
    beside_units,
    people_template,
    read_entrants,
    read_extra_times,
    read_members,
    read_questions,
    read_units,
    sheets,
    write_members,
    write_units,
)
from contest.rules.refusals import TEXTS, Refusal
from tests import timing

from .archives import repacked, workbook, zipped
from .drafts import placeless
from .test_zipsafe import LAUGHS

HEADER = ["Mã đoàn viên", "Họ và tên", "Ngày sinh", "Điện thoại", "Email", "Số định danh", "Mã đơn vị"]
ANH = ["DV1", "Nguyễn Thị Ánh", "14/02/1987", "0912345678", "anh@example.com", "001187000001", "U1"]
ANH_DRAFT = MemberDraft(
    "DV1", "Nguyễn Thị Ánh", date(1987, 2, 14), "0912345678", "anh@example.com", "001187000001", "U1"
)


def csv(*rows, delimiter=",", end="\r\n"):
    return end.join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)


def only_problem(reading):
    assert reading.drafts == ()
    (problem,) = reading.problems
    assert problem.refusal.slug in TEXTS
    return problem


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_csv_is_read_in_every_usual_dress(encoding, delimiter, end):
    reading = read_members(csv(HEADER, ANH, delimiter=delimiter, end=end).encode(encoding))
    assert (placeless(reading.drafts), reading.problems) == ([ANH_DRAFT], ())
    assert reading.drafts[0].place == Place(line=2)


def test_csv_that_tells_its_delimiter():
    reading = read_members(("sep=|\r\n" + csv(HEADER, ANH, delimiter="|")).encode())
    assert placeless(reading.drafts) == [ANH_DRAFT]
    assert reading.drafts[0].place == Place(line=3)


def test_csv_names_the_line_on_which_a_row_begins():
    rows = csv(HEADER, ANH, [*ANH[:1], "Trần\nVăn Bình", *ANH[2:]], [*ANH[:2], "31/02/1987", *ANH[3:]])
    reading = read_members(rows.encode())
    assert [draft.place for draft in reading.drafts] == [Place(line=2), Place(line=3)]
    assert reading.problems == (Problem(Refusal("not-a-date"), Place(line=5, column="Ngày sinh"), "31/02/1987"),)


@pytest.mark.parametrize(
    ("data", "position", "line"),
    [
        (b"Ho t\xean", 5, 1),
        ("Họ tên\r\nÁnh".encode() + b"\xff", len("Họ tên\r\nÁnh".encode()) + 1, 2),
        ("Ho va ten".encode("utf-16-le"), 2, 1),  # without its mark, it is full of zeros
        (b"Ho\rten\r\n\nAn\xc0", 12, 4),
    ],
)
def test_csv_in_another_encoding_is_refused_with_its_position(data, position, line):
    problem = only_problem(read_members(data))
    assert problem.refusal.slug == "not-utf8"
    assert (problem.refusal.params["position"], problem.place) == (position, Place(line=line))


@pytest.mark.parametrize(("row", "line"), [('"a,b\r\nc,d', 3), ('"a"b,c', 2)])
def test_csv_with_an_open_quote_is_refused_with_its_line(row, line):
    problem = only_problem(read_members(f"Họ và tên,Mã đơn vị\r\n{row}".encode()))
    assert (problem.refusal.slug, problem.place) == ("csv-broken", Place(line=line))


@pytest.mark.parametrize(
    "header",
    [
        ["member code", "FULL NAME", "date of birth", "phone", "e-mail", "identity number", "unit code"],
        [unicodedata.normalize("NFD", name) for name in HEADER],
        ["ma doan vien", "ho va ten *", "NGÀY SINH (dd/mm/yyyy)", "SĐT", "email", "Số CCCD", "  Mã   đơn vị:"],
    ],
)
def test_header_is_recognised_whatever_its_dress(header):
    reading = read_members(workbook([header, ANH]))
    assert (placeless(reading.drafts), reading.problems) == ([ANH_DRAFT], ())


def test_columns_stand_in_any_order():
    reading = read_members(workbook([HEADER[::-1], ANH[::-1]]))
    assert placeless(reading.drafts) == [ANH_DRAFT]


def test_title_may_stand_above_the_header():
    rows = [["CÔNG ĐOÀN VIÊN CHỨC VIỆT NAM"], [], ["Danh sách đoàn viên, đợt 1"], [], HEADER, [], ANH]
    reading = read_members(workbook(rows))
    assert placeless(reading.drafts) == [ANH_DRAFT]
    assert reading.drafts[0].place == Place(sheet="Câu hỏi", row=7)


def test_unknown_column_is_a_warning_and_numbering_is_none():
    reading = read_members(workbook([["STT", *HEADER, "Ghi chú"], [1, *ANH, "x"]], "DS"))
    assert placeless(reading.drafts) == [ANH_DRAFT]
    warning = Problem(Refusal("column-unknown"), Place("DS", 1, "Ghi chú"), "Ghi chú", "warning")
    assert reading.problems == (warning,)


def test_missing_column_is_an_error():
    problem = only_problem(read_members(workbook([HEADER[:-1], ANH[:-1]], "DS")))
    assert problem == Problem(Refusal("column-missing", {"column": "Mã đơn vị"}), Place("DS", 1))


def test_column_that_stands_twice_is_an_error():
    problem = only_problem(read_members(workbook([[*HEADER, "ma don vi"], [*ANH, "U2"]], "DS")))
    assert problem == Problem(Refusal("column-twice", {"column": "ma don vi"}), Place("DS", 1, "ma don vi"))


def test_own_name_of_a_column_goes_before_another():
    reading = read_members(workbook([["Unit code", *HEADER], ["U2", *ANH]], "DS"))
    assert placeless(reading.drafts) == [ANH_DRAFT]
    assert [problem.place.column for problem in reading.problems] == ["Unit code"]


@pytest.mark.parametrize(
    "data", [b"", b"\xef\xbb\xbf", b"a,b\r\n1,2", "chỉ là chữ".encode(), workbook([]), workbook([["a", "b"]])]
)
def test_file_without_a_table_is_refused(data):
    assert only_problem(read_members(data)).refusal == Refusal("no-table", {"columns": "Họ và tên, Mã đơn vị"})


@pytest.mark.parametrize("rest", ["", "\r\n", ",,,\r\n\r\n"])
@pytest.mark.parametrize(
    ("read", "header", "slug"),
    [
        (read_questions, "Loại,Câu hỏi,Phương án A,Đáp án", "no-questions"),
        (read_entrants, "Mã đoàn viên,Họ và tên", "no-rows"),
        (read_extra_times, "Mã đoàn viên,Số phút,Lý do", "no-rows"),
    ],
)
def test_table_with_nothing_under_its_header_is_refused(read, header, slug, rest):
    assert only_problem(read(f"{header}\r\n{rest}".encode())) == Problem(Refusal(slug), Place())


def test_people_may_be_without_units_and_units_without_people_but_not_a_file_without_either():
    units, nobody = read_units(b"Unit code,Unit name\nU1,A\n"), read_members(write_members([], format="csv"))
    nothing, broken = read_units(write_units([], format="csv")), read_members(b"x")
    assert beside_units(nobody, units) == nobody == Reading((), ())
    assert beside_units(read_members(workbook([HEADER, ANH])), nothing).problems == ()
    assert beside_units(nobody, nothing).problems == (Problem(Refusal("no-rows"), Place()),)
    assert beside_units(broken, nothing) == broken
    assert beside_units(broken, Reading((), broken.problems)) == Reading((), ())  # it is said once


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b" \r\n\t\n"])
@pytest.mark.parametrize("reader", READERS)
def test_empty_file_is_said_to_be_empty(reader, data):
    assert read_with(reader, data) == Reading((), (Problem(Refusal("file-empty"), Place()),))


def test_two_sheets_of_one_workbook_are_told_apart():
    template = people_template()
    assert [unit.code for unit in read_units(template).drafts] == ["CD", "CD-01"]
    assert [member.code for member in read_members(template).drafts] == ["DV000001"]
    assert read_units(template).problems == read_members(template).problems == ()


def test_file_of_members_has_no_units_and_no_problem():
    data = workbook([HEADER, ANH])
    assert (read_units(data).drafts, read_units(data).problems) == ((), ())


def test_file_of_units_has_no_members_and_no_problem():
    data = workbook([["Mã đơn vị", "Tên đơn vị", "Số đoàn viên"], ["U1", "Công đoàn A", 12]])
    assert (read_members(data).drafts, read_members(data).problems) == ((), ())
    assert placeless(read_units(data).drafts) == [UnitDraft("U1", "Công đoàn A", headcount=12)]


def test_name_of_the_unit_beside_its_code_makes_no_table_of_units():
    data = workbook([[*HEADER, "Tên đơn vị"], [*ANH, "Công đoàn A"]])
    assert placeless(read_members(data).drafts) == [ANH_DRAFT]
    assert read_units(data).drafts == ()


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        (912345678.0, "0912345678"),
        (912345678, "0912345678"),
        (2438251234, "02438251234"),
        ("0912345678", "0912345678"),
        ("912345678", "912345678"),  # as typed
        (84912345678, "84912345678"),
        ("+84 912 345 678", "+84 912 345 678"),
    ],
)
def test_number_of_a_phone_gets_its_zero_back(cell, phone):
    reading = read_members(workbook([HEADER, [*ANH[:3], cell, *ANH[4:]]]))
    assert (reading.drafts[0].phone, reading.problems) == (phone, ())


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("001187000001", "001187000001"),
        (1187000001, "001187000001"),
        (31187000001, "031187000001"),
        (131187000001, "131187000001"),
        (12345678, "012345678"),  # an old card of nine digits
        (112345678, "112345678"),
        ("12345678", "12345678"),
    ],
)
def test_number_of_identity_gets_its_zeros_back(cell, number):
    reading = read_members(workbook([HEADER, [*ANH[:5], cell, ANH[6]]]))
    assert reading.drafts[0].identity_number == number


def test_dates_of_a_workbook_are_dates():
    out = write_members([ANH_DRAFT], format="xlsx")
    assert read_members(out).drafts[0].birth_date == date(1987, 2, 14)


@pytest.mark.parametrize(
    ("column", "cell", "slug"),
    [
        (1, "", "required"),
        (1, "   ", "required"),
        (1, "x" * 121, "too-long"),
        (1, "x" * 10_000, "too-long"),
        (0, "x" * 41, "too-long"),
        (2, "31/02/1987", "not-a-date"),
        (2, 31822, "not-a-date"),  # a number that only a format would make a day
        (3, "12345", "bad-phone"),
        (4, "anh@", "bad-email"),
        (5, "1" * 21, "too-long"),
        (6, "", "required"),
    ],
)
def test_bad_cell_is_named_and_the_other_rows_are_offered(column, cell, slug):
    bad = [*ANH[:column], cell, *ANH[column + 1 :]]
    reading = read_members(workbook([HEADER, bad, ANH], "DS"))
    assert placeless(reading.drafts) == [ANH_DRAFT]
    (problem,) = reading.problems
    assert (problem.refusal.slug, problem.place) == (slug, Place("DS", 2, HEADER[column]))
    assert problem.excerpt == str(cell)[:80]


@pytest.mark.parametrize("sign", ["\x00", "\x01", "\x1b"])
def test_control_character_in_a_cell_is_refused(sign):
    reading = read_members(workbook([HEADER, [ANH[0], f"Ánh{sign}", *ANH[2:]]]))
    assert [problem.refusal for problem in reading.problems] == [Refusal("bad-text")]


def test_name_in_nfd_becomes_nfc_and_markup_stays_literal():
    names = [unicodedata.normalize("NFD", "Nguyễn Ánh"), "{{7*7}} ${7*7}", "<b onclick=x>"]
    reading = read_members(workbook([HEADER, *([ANH[0], name, *ANH[2:]] for name in names)]))
    assert [draft.full_name for draft in reading.drafts] == ["Nguyễn Ánh", "{{7*7}} ${7*7}", "<b onclick=x>"]


@pytest.mark.parametrize(
    ("cell", "count"),
    [(1250, 1250), (1250.0, 1250), ("1.250", 1250), ("1,250", 1250), ("1 250", 1250), ("0", 0), ("100.000.000", 10**8)],
)
def test_headcount_is_a_whole_number(cell, count):
    reading = read_units(workbook([["Mã đơn vị", "Tên đơn vị", "Số đoàn viên"], ["U", "A", cell]]))
    assert (reading.drafts[0].headcount, reading.problems) == (count, ())


@pytest.mark.parametrize(
    ("cell", "slug"),
    [
        ("-1", "not-a-number"),
        ("12.5", "not-a-number"),
        (12.5, "not-a-number"),
        ("12a", "not-a-number"),
        ("1.2500", "not-a-number"),
        ("٣", "not-a-number"),
        ("100.000.001", "out-of-range"),
        (10**8 + 1, "out-of-range"),
    ],
)
def test_headcount_that_is_none_is_refused(cell, slug):
    reading = read_units(workbook([["Mã đơn vị", "Tên đơn vị", "Số đoàn viên"], ["U", "A", cell]]))
    assert [problem.refusal.slug for problem in reading.problems] == [slug]


def test_code_of_a_unit_that_stands_twice_is_refused_with_its_first_row():
    reading = read_units(workbook([["Mã đơn vị", "Tên đơn vị"], ["U1", "A"], ["u1", "B"], ["U2", "C"]], "Đơn vị"))
    assert [draft.code for draft in reading.drafts] == ["U1", "U2"]
    refusal = Refusal("code-twice", {"code": "u1", "first": 2})
    assert reading.problems == (Problem(refusal, Place("Đơn vị", 3, "Mã đơn vị"), "u1"),)


@pytest.mark.parametrize(("rows", "fits"), [(5, True), (6, False)])
def test_rows_are_counted(monkeypatch, rows, fits):
    monkeypatch.setattr(sheets, "MOST_ROWS", 5)
    for data in (workbook([HEADER, [], *[ANH] * rows]), csv(HEADER, *[ANH] * rows).encode()):
        reading = read_members(data)
        assert (len(reading.drafts), [p.refusal for p in reading.problems]) == (
            (5, []) if fits else (0, [Refusal("too-many-rows", {"limit": 5})])
        )


def macro_workbook():
    types = b'<Types><Default ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>'
    return repacked(workbook([HEADER, ANH]), {"[Content_Types].xml": types})


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "old-workbook"),
        (workbook([HEADER, ANH])[:-30], "zip-broken"),
        (repacked(workbook([HEADER, ANH]), {"xl/vbaProject.bin": b"x"}), "zip-macros"),
        (macro_workbook(), "zip-macros"),
        (repacked(workbook([HEADER, ANH]), {"xl/sharedStrings.xml": LAUGHS.encode()}), "xml-unsafe"),
        (repacked(workbook([HEADER, ANH]), {"xl/sharedStrings.xml": LAUGHS.encode("utf-16")}), "xml-unsafe"),
        (repacked(workbook([HEADER, ANH]), {"xl/media/a.bmp": bytes(2**21)}), "zip-too-large"),
        (repacked(workbook([HEADER, ANH]), {"xl/workbook.xml": b"<workbook"}), "not-a-workbook"),
        (zipped({"word/document.xml": b"<a/>"}), "not-a-workbook"),
    ],
    ids=["xls", "cut", "macro", "macro type", "laughs", "laughs utf-16", "bomb", "broken xml", "docx"],
)
@pytest.mark.parametrize("read", [read_members, read_units, read_questions])
def test_workbook_that_is_a_trap_is_refused_as_a_whole(read, data, slug):
    assert only_problem(read(data)).refusal == Refusal(slug)


def test_ten_thousand_members_take_a_few_seconds_at_most():
    drafts = [ANH_DRAFT] * 10_000
    data = write_members(drafts, format="xlsx")
    with timing.at_most(15):
        reading = read_members(data)
    assert placeless(reading.drafts) == drafts
