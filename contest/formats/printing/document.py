"""A booklet as a Word document, to be changed by hand before it is printed: the same pieces as the PDF."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

from contest.formats.printing.booklet import Booklet, Paper, PrintedQuestion, columns_for, rows_of
from contest.formats.printing.framing import framed
from contest.formats.printing.wording import lines_of, tree_of
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import media_of
from contest.formats.word.paper import Paper as Sheet
from contest.formats.word.paper import add_style, add_styles
from contest.formats.word.pen import Pen
from contest.rules.printing_terms import Piece
from contest.rules.questions.hotspot import read_area

_MADE = datetime(2000, 1, 1)  # noqa: DTZ001  (when it was made is nobody's business but its reader's)
_FONT = "Times New Roman"
_BELOW = "PhuongAn"
_WIDTH, _INDENT = 17.0, 0.7  # centimetres of a line, and of what stands below a question


def write(booklet: Booklet, piece: Piece) -> bytes:
    """Return a piece of a booklet as .docx."""
    document = docx.Document()
    sheet = Sheet(document)
    _prepare(document, booklet)
    if piece is Piece.KEY:
        _write_key(document, booklet)
    elif piece is Piece.SHEET:
        _write_head(document, booklet, None)
        _write_sheet(document, booklet)
    else:
        for at, paper in enumerate(booklet.papers):
            if at:
                document.add_page_break()  # type: ignore[no-untyped-call]
            _write_head(document, booklet, paper.code)
            _write_questions(document, sheet, booklet, paper)
    return sheet.as_bytes()


def _prepare(document: Any, booklet: Booklet) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(1.8)
    style = document.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(12)
    style.paragraph_format.space_after = Pt(2)
    add_style(document, _BELOW, indent=_INDENT)
    add_styles(document, indent=_INDENT)
    facts = document.core_properties
    facts.title, facts.author = f"{booklet.contest} - {booklet.title}", booklet.organisation
    facts.created = facts.modified = _MADE


def _write_head(document: Any, booklet: Booklet, code: str | None) -> None:
    words = booklet.words
    top = f"{booklet.organisation}\t{words.code}: {code}" if code else booklet.organisation
    _tabs(_line(document, top, bold=True), _WIDTH, right=True)
    for text, bold in ((booklet.contest, True), (booklet.title, True), (booklet.minutes, False)):
        _line(document, text, bold=bold, centred=True)
    _line(document, f"{words.name} {'.' * 70}")
    _line(document, f"{words.unit} {'.' * 40} {words.number} {'.' * 20}")


def _line(document: Any, text: str, *, bold: bool = False, centred: bool = False, keep: bool = False) -> Any:
    paragraph = document.add_paragraph()
    paragraph.add_run(text).bold = bold
    paragraph.paragraph_format.keep_with_next = keep
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def _tabs(paragraph: Any, *places: float, right: bool = False, indent: float = 0) -> None:
    """Set the tab stops of a paragraph, in centimetres from the margin, and how far it is indented."""
    form = paragraph.paragraph_format
    form.left_indent = Cm(indent)
    for place in places:
        form.tab_stops.add_tab_stop(Cm(place), WD_TAB_ALIGNMENT.RIGHT if right else WD_TAB_ALIGNMENT.LEFT)


def _write_questions(document: Any, sheet: Sheet, booklet: Booklet, paper: Paper) -> None:
    for question in paper.questions:
        columns = columns_for(question)
        worth = f" {question.points}" if question.points else ""
        below = lines_of(question, booklet.words)
        pen = Pen(sheet, _pictures(question, booklet), width=_WIDTH - _INDENT, is_read=False)
        first = _line(document, question.section, bold=True)._p if question.section else None
        last = None
        for passage in question.passages:
            first = first or _line(document, passage.hint, bold=True)._p
            pen.write("", [tree_of(passage.text, rich=passage.rich)])
        stem = tree_of(question.text, rich=question.rich)
        asked = pen.write("", [stem], bold=f"{booklet.words.question} {question.number}{worth}. ")
        if question.rich:
            for option in question.options:
                pen.write(_BELOW, [tree_of(option.text, rich=True)], lead=f"{option.letter}. ")
        for line in () if question.rich else _option_lines(question, columns):
            places = (_INDENT + n * (_WIDTH - _INDENT) / columns for n in range(1, columns))
            _tabs(_line(document, line), *places, indent=_INDENT)
        for at, tree in enumerate(below):
            written = pen.write(_BELOW, [tree])
            last = written if at == 0 else last
        _keep_together(document, asked if first is None else first, last)
    _line(document, booklet.words.end, centred=True)


def _keep_together(document: Any, first: Any, last: Any) -> None:
    """Let a question stand on one page, up to the first of the lines on which it is answered."""
    parts = [first, *first.itersiblings(qn("w:p"), qn("w:tbl"))]
    for part in parts[: parts.index(last) if last is not None else len(parts) - 1]:
        for paragraph in part.iter(qn("w:p")):
            Paragraph(paragraph, document._body).paragraph_format.keep_with_next = True


def _pictures(question: PrintedQuestion, booklet: Booklet) -> Mapping[str, bytes]:
    """Return the pictures of a question, the first with the areas that may be chosen on it."""
    areas = [(option.letter, area) for option in question.options if (area := read_area(option.area)) is not None]
    shown = [medium.name for medium in media_of(read(question.text))] if areas and question.rich else []
    found = {name: framed(booklet.pictures[name], areas) for name in shown[:1] if name in booklet.pictures}
    return {**booklet.pictures, **found}


def _option_lines(question: PrintedQuestion, columns: int) -> list[str]:
    """Return the options, short ones several a line, apart by tabs."""
    cells = [f"{o.letter}. {o.text}" for o in question.options]
    return ["\t".join(cells[at : at + columns]) for at in range(0, len(cells), columns)]


def _write_sheet(document: Any, booklet: Booklet) -> None:
    words, answers = booklet.words, rows_of(booklet)
    _line(document, words.sheet, bold=True, centred=True)
    _line(document, f"{words.code}: {'.' * 12}")
    _line(document, words.hint)
    columns = 2
    rows = ceil(len(answers) / columns)
    table = document.add_table(rows=rows, cols=2 * columns)
    table.style, table.autofit = "Table Grid", False
    for at, answer in enumerate(answers):
        cells = table.rows[at % rows].cells
        cells[2 * (at // rows)].text = str(at + 1)
        cells[2 * (at // rows)].width, cells[2 * (at // rows) + 1].width = Cm(1.2), Cm(_WIDTH / columns - 1.2)
        cells[2 * (at // rows) + 1].text = "   ".join(f"{letter} ○" for letter in answer.letters)


def _write_key(document: Any, booklet: Booklet) -> None:
    _line(document, booklet.words.key, bold=True, centred=True)
    _line(document, f"{booklet.contest}. {booklet.title}", centred=True)
    papers: Sequence[Paper] = booklet.papers
    table = document.add_table(rows=1 + len(papers[0].key), cols=1 + len(papers))
    table.style = "Table Grid"
    for cell, text in zip(table.rows[0].cells, (booklet.words.question, *(p.code for p in papers)), strict=True):
        cell.text = text
    for at in range(len(papers[0].key)):
        for cell, text in zip(table.rows[at + 1].cells, (str(at + 1), *(p.key[at] for p in papers)), strict=True):
            cell.text = text
