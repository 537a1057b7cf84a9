"""Printed papers: what stands on the pages of a PDF and where, told by what was drawn; no picture or formula twice."""

from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import pytest
from fpdf import FPDF
from PIL import Image

from contest.formats.printing import Booklet, Fonts, Paper, PrintedOption, PrintedQuestion, Words, write_docx, write_pdf
from contest.formats.rich.drawing import drawn
from contest.formats.rich.maths import BadFormula
from contest.rules.printing_terms import Piece
from contest.rules.question_terms import Kind

_HOME = Path(__file__).parents[2] / "static" / "vendor" / "be-vietnam-pro"
_REGULAR, _BOLD = (next(_HOME.rglob(f"be-vietnam-pro-{weight}.woff2")) for weight in (400, 600))
_WORDS = Words(**{**dict.fromkeys(Words.__slots__, "…"), "question": "Câu", "page": "trang {page}/{pages}"})
_TABLE = "| Biểu thức | $x$ |\n| --- | ---: |\n| $\\frac{1}{2}$ là **nửa** | ![Sơ đồ](media:a.png) |"
_WIDTH, _MARGIN = 210, 18


@dataclass
class Drawn:
    """What was drawn on the pages that are kept: words with where they begin, and the boxes of pictures and formulas."""

    words: list[tuple[str, float, float]] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    slanted: int = 0

    def place(self, text: str) -> tuple[float, float]:
        return next((x, y) for told, x, y in reversed(self.words) if told.strip() == text)


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    told = Drawn()
    cell, image, skew = FPDF.cell, FPDF.image, FPDF.skew

    def seen_cell(pdf: FPDF, w: Any = None, h: Any = None, text: str = "", *rest: Any, **about: Any) -> Any:
        told.words.append((text, pdf.x, pdf.y))
        return cell(pdf, w, h, text, *rest, **about)

    def seen_image(pdf: FPDF, name: Any, x: float, y: float, w: float, h: float, **about: Any) -> Any:
        told.boxes.append((x, y, w, h))
        return image(pdf, name, x, y, w, h, **about)

    def seen_skew(pdf: FPDF, *about: Any) -> Any:
        told.slanted += 1
        return skew(pdf, *about)

    monkeypatch.setattr(FPDF, "cell", seen_cell)
    monkeypatch.setattr(FPDF, "image", seen_image)
    monkeypatch.setattr(FPDF, "skew", seen_skew)
    return told


def booklet(*texts: str, options: tuple[str, ...] = ("một", "hai")) -> Booklet:
    listed = tuple(PrintedOption(letter, text) for letter, text in zip("ABCDEF", options, strict=False))
    asked = tuple(
        PrintedQuestion(number, Kind.SINGLE_CHOICE, text, listed, (), rich=True)
        for number, text in enumerate(texts, start=1)
    )
    picture = BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "PNG")
    paper = Paper("001", asked, ("A",) * len(asked))
    return Booklet("Công đoàn", "Hội thi", "Vòng 1", "20 phút", (paper,), _WORDS, {"a.png": picture.getvalue()})


def printed(*texts: str, **about: Any) -> bytes:
    return write_pdf(booklet(*texts, **about), Piece.PAPERS, Fonts(str(_REGULAR), str(_BOLD)))


@pytest.mark.parametrize("tex", ["{}", r"\frac{}{}", r"\smash{x}"])
def test_formula_of_no_height_is_not_drawn_and_its_source_is_printed(drawing: Drawn, tex: str) -> None:
    with pytest.raises(BadFormula):
        drawn(tex)
    printed(f"Tính ${tex}$")
    assert drawing.boxes == []
    assert any(tex in words for words, _, _ in drawing.words)


@pytest.mark.parametrize(
    ("count", "letters", "has_line"), [(100, 4, False), (100, 6, False), (200, 4, False), (150, 4, True)]
)
def test_circles_of_the_answer_sheet_stand_apart_and_on_the_page(
    monkeypatch: pytest.MonkeyPatch, count: int, letters: int, has_line: bool
) -> None:
    circles: list[tuple[int, float, float]] = []
    monkeypatch.setattr(FPDF, "ellipse", lambda pdf, x, y, w, h: circles.append((pdf.page_no(), x, y)))
    told = booklet(*["Hỏi?"] * count, options=("một",) * letters)
    if has_line:
        (paper,) = told.papers
        words = tuple(replace(question, kind=Kind.NUMERIC, options=()) for question in paper.questions)
        told = replace(told, papers=(paper, replace(paper, questions=words)))
    write_pdf(told, Piece.SHEET, Fonts(str(_REGULAR), str(_BOLD)))
    shown = sorted(circles[len(circles) // 2 :])  # it is drawn twice
    assert len(shown) == count * letters
    assert all(x + 5 < _WIDTH - _MARGIN and y + 5 < 297 - _MARGIN + 0.1 for _, x, y in shown)
    assert all(page != other or x != left or below - y > 5 for (page, x, y), (other, left, below) in pairwise(shown))
    in_rows = sorted((page, y, x) for page, x, y in shown)
    assert all(page != other or y != top or right - x > 5 for (page, y, x), (other, top, right) in pairwise(in_rows))


def test_every_page_says_how_many_its_version_has(drawing: Drawn) -> None:
    printed("chữ " * 2_000)
    told = [words.partition("trang ")[2] for words, _, _ in drawing.words if "trang " in words]
    assert told[-4:] == ["1/4", "2/4", "3/4", "4/4"]


def test_formulas_and_pictures_are_drawn_once_for_all_their_measuring(drawing: Drawn) -> None:
    printed("Tính $x^2$ theo ![Sơ đồ](media:a.png)", options=("$a$", "$b$"))
    assert len(drawing.boxes) == 4


def test_cells_of_tables_show_formulas_pictures_and_marks(drawing: Drawn) -> None:
    printed(f"Xem bảng:\n\n{_TABLE}")
    assert len(drawing.boxes) == 3
    assert not any("frac" in words or "Sơ đồ" in words for words, _, _ in drawing.words)
    assert drawing.place("nửa")[1] == drawing.place("là")[1]
    (left, *_), (middle, *_), (right, _, wide, _) = drawing.boxes
    assert [left > _WIDTH / 2, middle < _WIDTH / 2] == [True, True]
    assert right + wide == pytest.approx(_WIDTH - _MARGIN - 1.2, abs=0.01)


@pytest.mark.parametrize("text", ["- một mục", "5. một mục", "| một mục |\n| --- |\n| ô |"])
def test_what_is_no_paragraph_stands_below_the_number_of_its_question(drawing: Drawn, text: str) -> None:
    printed(text)
    assert drawing.place("một mục")[1] > drawing.place("Câu 1.")[1] + 4


def test_items_stand_behind_wide_numbers(drawing: Drawn) -> None:
    printed("Xem\n\n999999998. mục đầu\n999999999. mục sau")
    pdf = FPDF()
    pdf.add_font("body", "", str(_REGULAR))
    pdf.set_font("body", size=11)
    at, _ = drawing.place("999999998.")
    assert drawing.place("mục đầu")[0] >= at + pdf.get_string_width("999999998.")


def test_emphasis_is_slanted(drawing: Drawn) -> None:
    printed("một *hai ba* **bốn**")
    assert drawing.place("hai ba")[1] == drawing.place("bốn")[1]
    assert drawing.slanted > 0


@pytest.mark.parametrize(
    "text", [f"${'a+' * 150}b$", "W" * 900, f"| {'W' * 90} | ${'a+' * 90}b$ |\n| --- | --- |\n| x | y |"]
)
def test_nothing_reaches_beyond_the_margin(drawing: Drawn, text: str) -> None:
    printed(text)
    assert all(x + wide < _WIDTH - _MARGIN + 0.1 for x, _, wide, _ in drawing.boxes)
    assert max(len(words) for words, _, _ in drawing.words) < 100


def test_words_that_touch_stay_together(drawing: Drawn) -> None:
    printed("chữ " * 17 + "H~2~SO~4~CaCO~3~NaHCO~3~")
    assert drawing.place("H")[1] == drawing.place("NaHCO")[1]


def test_row_that_is_taller_than_a_page_goes_on_upon_the_next(drawing: Drawn) -> None:
    printed(f"| {'chữ ' * 2_000} | $x$ |\n| --- | --- |\n| cuối | ô |")
    lines = [y for words, _, y in drawing.words if words.startswith("chữ chữ")]
    assert max(lines) < 297 - _MARGIN
    assert drawing.place("cuối")[1] > 0


def test_gaps_are_dotted_in_questions_and_nowhere_else() -> None:
    told = booklet("Điền [[1]]", options=("[[1]]", "hai"))
    (paper,) = told.papers
    plain = replace(paper, questions=tuple(replace(question, rich=False) for question in paper.questions))
    told = replace(told, title="Vòng [[1]]", papers=(plain,))
    words = "\n".join(p.text for p in docx.Document(BytesIO(write_docx(told, Piece.PAPERS))).paragraphs)
    assert [line in words for line in ("Vòng [[1]]", "Điền (1)....", "A. [[1]]")] == [True, True, True]


def test_options_without_words_are_printed() -> None:
    told = booklet("Chỉ vào hình ![Sơ đồ](media:a.png)", options=("", "hai"))
    paragraphs = docx.Document(BytesIO(write_docx(told, Piece.PAPERS))).paragraphs
    assert [p.text for p in paragraphs if p.text.startswith(("A.", "B."))] == ["A. ", "B. hai"]
    assert write_pdf(told, Piece.PAPERS, Fonts(str(_REGULAR), str(_BOLD))).startswith(b"%PDF-")
