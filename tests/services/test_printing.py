"""Printed papers: versions of one paper, kept with their key; files that hold every question, and keys that are right."""

import zipfile
from io import BytesIO

import docx
import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from contest.db import db
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.i18n import LOCALES
from contest.models.banks import Bank
from contest.models.printing import PaperSet
from contest.rules.permissions import SYSTEM
from contest.rules.printing_terms import Piece
from contest.rules.question_terms import Kind
from contest.rules.questions import MARKED_BY_PEOPLE
from contest.services import organisation, printing
from contest.services.banks import editing, media, reviewing, shelf
from tests import people
from tests.kinds import AUTOMATIC, sample

SLUG = "cuoc-thi"


@pytest.fixture
def round_code(context: Flask, clock: object) -> str:
    people.organisation()
    bank = people.bank("loai-cau", [sample(kind) for kind in AUTOMATIC])
    line = {"topic_id": None, "difficulty": None, "count": len(AUTOMATIC)}
    return people.contest(SLUG, bank_id=bank, lines=(line,))[0]


def stored(number: int = 1) -> list[object]:
    return db.session.scalars(sa.select(PaperSet.papers).where(PaperSet.number == number)).one()


def test_versions_hold_the_same_questions_in_orders_of_their_own(round_code: str) -> None:
    assert printing.make(SLUG, round_code, 4, 101, by=SYSTEM) == 1
    papers = stored()
    assert [code for code, _ in papers] == ["101", "102", "103", "104"]
    sets = [sorted((v, tuple(sorted(order))) for v, order in items) for _, items in papers]
    assert all(found == sets[0] for found in sets)
    assert len({tuple(v for v, _ in items) for _, items in papers}) > 1
    assert printing.make(SLUG, round_code, 1, 201, by=SYSTEM) == 2
    assert [s.number for s in printing.list_sets(SLUG, round_code, by=SYSTEM)] == [2, 1]


@pytest.mark.parametrize(
    ("versions", "first", "field"),
    [(0, 101, "versions"), (25, 101, "versions"), (1, 0, "first"), (1, 901, "first")],
)
def test_numbers_out_of_range_are_refused_by_their_field(
    round_code: str, versions: int, first: int, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        printing.make(SLUG, round_code, versions, first, by=SYSTEM)
    assert [r.field for r in refused.value.refusals] == [field]
    assert printing.list_sets(SLUG, round_code, by=SYSTEM) == []


@pytest.mark.parametrize("versions", [1, 24])
def test_least_and_most_versions_are_made(round_code: str, versions: int) -> None:
    printing.make(SLUG, round_code, versions, 900, by=SYSTEM)
    assert len(stored()) == versions


def words_of(data: bytes) -> str:
    document = docx.Document(BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def file(round_code: str, piece: Piece, form: str) -> bytes:
    return printing.file_of(SLUG, round_code, 1, piece, form, by=SYSTEM, speech=organisation.speech(LOCALES[0]))[0]


def test_papers_hold_every_question_and_no_key(round_code: str) -> None:
    printing.make(SLUG, round_code, 2, 101, by=SYSTEM)
    words = words_of(file(round_code, Piece.PAPERS, "docx"))
    assert "Mã đề: 101" in words
    assert "Mã đề: 102" in words
    assert words.count("--- Hết ---") == 2
    assert "ĐÁP ÁN" not in words
    assert "[[1]]" not in words


def test_key_names_what_is_right_in_each_version(round_code: str) -> None:
    printing.make(SLUG, round_code, 2, 101, by=SYSTEM)
    key = words_of(file(round_code, Piece.KEY, "docx"))
    assert "a) Đúng; b) Sai; c) Đúng; d) Sai" in key
    assert "2,34" in key


@pytest.mark.parametrize("form", ["docx", "pdf"])
def test_what_people_mark_has_room_on_paper_and_says_who_marks_it(context: Flask, clock: object, form: str) -> None:
    people.organisation()
    bank = people.bank("loai-cau", [sample(kind) for kind in sorted(MARKED_BY_PEOPLE)])
    line = {"topic_id": None, "difficulty": None, "count": len(MARKED_BY_PEOPLE), "marked": True}
    code = people.contest(SLUG, bank_id=bank, lines=(line,))[0]
    printing.make(SLUG, code, 1, 101, by=SYSTEM)
    paper, key = (file(code, piece, form) for piece in (Piece.PAPERS, Piece.KEY))
    if form == "docx":
        assert "." * 60 in words_of(paper)
        assert "Nộp bài làm kèm theo đề này." in words_of(paper)
        assert words_of(key).count("Giám khảo chấm") == len(MARKED_BY_PEOPLE)
    else:
        assert paper.startswith(b"%PDF-")
        assert key.startswith(b"%PDF-")


@pytest.mark.parametrize("piece", Piece)
def test_pdf_is_one_and_the_same_for_the_same_set(round_code: str, piece: Piece) -> None:
    printing.make(SLUG, round_code, 2, 101, by=SYSTEM)
    first = file(round_code, piece, "pdf")
    assert first.startswith(b"%PDF-")
    assert first.rstrip().endswith(b"%%EOF")
    assert file(round_code, piece, "pdf") == first


def test_papers_hold_the_title_of_each_section_once_in_every_version(context: Flask, clock: object) -> None:
    people.organisation()
    lines = [{"topic_id": None, "difficulty": None, "count": 2, "section": n} for n in (1, 2)]
    parts = [{"title": "Phần I. Kiến thức chung"}, {"title": "Phần II. Luật Công đoàn"}]
    code = people.contest(SLUG, lines=lines, rounds=({"sections": parts},))[0]
    printing.make(SLUG, code, 2, 101, by=SYSTEM)
    words = words_of(file(code, Piece.PAPERS, "docx"))
    found = [line[:7] for line in words.splitlines() if line.startswith(("Phần I", "Câu 1", "Câu 3"))]
    assert found == ["Phần I.", "Câu 1. ", "Phần II", "Câu 3. "] * 2
    assert file(code, Piece.PAPERS, "pdf").startswith(b"%PDF")


def test_form_or_set_that_there_is_not_is_not_found(round_code: str) -> None:
    printing.make(SLUG, round_code, 1, 101, by=SYSTEM)
    with pytest.raises(NotFound):
        file(round_code, Piece.KEY, "exe")
    with pytest.raises(NotFound):
        printing.file_of(SLUG, round_code, 2, Piece.KEY, "pdf", by=SYSTEM, speech=organisation.speech(LOCALES[0]))


def test_organiser_of_a_unit_alone_sees_no_keys(round_code: str) -> None:
    with pytest.raises(Forbidden):
        printing.list_sets(SLUG, round_code, by=people.organiser("goc", "GOC"))


def test_bank_that_is_too_poor_says_so(round_code: str) -> None:
    (poor,) = people.draft_contest("khac", lines=({"topic_id": None, "difficulty": None, "count": 9},))
    with pytest.raises(Conflict):
        printing.make("khac", poor, 1, 101, by=SYSTEM)


def test_rich_questions_are_printed_with_their_pictures_formulas_and_tables(context: Flask, clock: object) -> None:
    people.organisation()
    shelf.create_bank("dinh-dang", "Định dạng", by=SYSTEM)
    picture = BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "PNG")
    shown = media.add("dinh-dang", picture.getvalue(), "Sơ đồ", by=SYSTEM)
    text = f"Tính **nhanh** $\\frac{{1}}{{2}}$:\n\n{shown}\n\n- H~2~O\n\n| Đơn vị | Số |\n| --- | --- |\n| Huế | 80 |"
    draft = sample(Kind.SINGLE_CHOICE, rich=True, text=text)
    reviewing.approve("dinh-dang", [editing.save("dinh-dang", draft, submit=True, by=SYSTEM)], by=SYSTEM)
    bank_id = db.session.scalars(sa.select(Bank.id)).one()
    (code,) = people.contest(SLUG, bank_id=bank_id, lines=({"topic_id": None, "difficulty": None, "count": 1},))
    printing.make(SLUG, code, 1, 101, by=SYSTEM)
    pdf = file(code, Piece.PAPERS, "pdf")
    assert pdf.count(b"/Subtype /Image") == 1
    words = words_of(file(code, Piece.PAPERS, "docx"))
    assert "Tính nhanh" in words
    assert "Huế" in words
    assert "**" not in words
    with zipfile.ZipFile(BytesIO(file(code, Piece.PAPERS, "docx"))) as archive:
        document = archive.read("word/document.xml").decode()
    assert [document.count(f"<{tag}") for tag in ("m:f>", "w:drawing ", "w:tbl>")] == [1, 1, 1]
    assert ['descr="Sơ đồ"' in document, 'w:val="subscript"' in document] == [True, True]
