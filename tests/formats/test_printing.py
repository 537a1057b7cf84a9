"""Printed papers: what stands on the pages of a PDF and where, told by what was drawn; no picture or formula twice."""

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF
from PIL import Image

from contest.formats.printing import Booklet, Fonts, Paper, PrintedOption, PrintedQuestion, Words, write_pdf
from contest.rules.printing_terms import Piece
from contest.rules.question_terms import Kind

_HOME = Path(__file__).parents[2] / "static" / "vendor" / "be-vietnam-pro"
_REGULAR, _BOLD = (next(_HOME.rglob(f"be-vietnam-pro-{weight}.woff2")) for weight in (400, 600))
_WORDS = Words(**{**dict.fromkeys(Words.__slots__, "…"), "question": "Câu", "page": "trang {page}/{pages}"})
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


def test_every_page_says_how_many_its_version_has(drawing: Drawn) -> None:
    printed("chữ " * 2_000)
    told = [words.partition("trang ")[2] for words, _, _ in drawing.words if "trang " in words]
    assert told[-4:] == ["1/4", "2/4", "3/4", "4/4"]
