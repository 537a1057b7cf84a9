"""A booklet as a Word document, to be changed by hand before it is printed: the same pieces as the PDF."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from math import ceil
from typing import Any

from contest.formats.printing.booklet import Booklet, Paper, PrintedQuestion, columns_for, rows_of
from contest.formats.printing.wording import lines_of, text_of, words_in
from contest.rules.printing_terms import Piece

_MADE = datetime(2000, 1, 1)  # noqa: DTZ001  (when it was made is nobody's business but its reader's)
_FONT = "Times New Roman"
_WIDTH, _INDENT = 17.0, 0.7  # centimetres of a line, and of what stands below a question


def write_docx(booklet: Booklet, piece: Piece) -> bytes:
    """Return a piece of a booklet as .docx."""
    import docx

    document = docx.Document()
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
            _write_questions(document, booklet, paper)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _prepare(document: Any, booklet: Booklet) -> None:
    from docx.shared import Cm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(1.8)
    style = document.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(12)
    style.paragraph_format.space_after = Pt(2)
    facts = document.core_properties
    facts.title, facts.author = f"{booklet.contest} - {booklet.title}", booklet.organisation
    facts.created = facts.modified = _MADE


def _write_head(document: Any, booklet: Booklet, code: str | None) -> None:
    words = booklet.words
    top = f"{text_of(booklet.organisation)}\t{words.code}: {code}" if code else text_of(booklet.organisation)
    _tabs(_line(document, top, bold=True), _WIDTH, right=True)
    for text, bold in ((booklet.contest, True), (booklet.title, True), (booklet.minutes, False)):
        _line(document, text_of(text), bold=bold, centred=True)
    _line(document, f"{words.name} {'.' * 70}")
    _line(document, f"{words.unit} {'.' * 40} {words.number} {'.' * 20}")


def _line(document: Any, text: str, *, bold: bool = False, centred: bool = False, keep: bool = False) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = document.add_paragraph()
    paragraph.add_run(text).bold = bold
    paragraph.paragraph_format.keep_with_next = keep
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def _tabs(paragraph: Any, *places: float, right: bool = False, indent: float = 0) -> None:
    """Set the tab stops of a paragraph, in centimetres from the margin, and how far it is indented."""
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Cm

    form = paragraph.paragraph_format
    form.left_indent = Cm(indent)
    for place in places:
        form.tab_stops.add_tab_stop(Cm(place), WD_TAB_ALIGNMENT.RIGHT if right else WD_TAB_ALIGNMENT.LEFT)


def _write_questions(document: Any, booklet: Booklet, paper: Paper) -> None:
    for question in paper.questions:
        columns = columns_for(question)
        worth = f" {question.points}" if question.points else ""
        options, below = _option_lines(question, columns), lines_of(question, booklet.words)
        for passage in question.passages:
            _line(document, passage.hint, bold=True, keep=True)
            _line(document, words_in(passage.text, rich=passage.rich), keep=True)
        paragraph = _line(
            document, f"{booklet.words.question} {question.number}{worth}. ", bold=True, keep=bool(options or below)
        )
        paragraph.add_run(words_in(question.text, rich=question.rich))
        for at, line in enumerate([*options, *below], 1):
            paragraph = _line(document, line, keep=at < len(options) + min(len(below), 1))
            _tabs(paragraph, *(_INDENT + n * (_WIDTH - _INDENT) / columns for n in range(1, columns)), indent=_INDENT)
    _line(document, booklet.words.end, centred=True)


def _option_lines(question: PrintedQuestion, columns: int) -> list[str]:
    """Return the options, short ones several a line, apart by tabs."""
    cells = [f"{o.letter}. {words_in(o.text, rich=question.rich)}" for o in question.options]
    return ["\t".join(cells[at : at + columns]) for at in range(0, len(cells), columns)]


def _write_sheet(document: Any, booklet: Booklet) -> None:
    from docx.shared import Cm

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
    _line(document, f"{text_of(booklet.contest)}. {text_of(booklet.title)}", centred=True)
    papers: Sequence[Paper] = booklet.papers
    table = document.add_table(rows=1 + len(papers[0].key), cols=1 + len(papers))
    table.style = "Table Grid"
    for cell, text in zip(table.rows[0].cells, (booklet.words.question, *(p.code for p in papers)), strict=True):
        cell.text = text
    for at in range(len(papers[0].key)):
        for cell, text in zip(table.rows[at + 1].cells, (str(at + 1), *(p.key[at] for p in papers)), strict=True):
            cell.text = text_of(text)
