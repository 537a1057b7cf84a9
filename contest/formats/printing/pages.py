"""A booklet as PDF: A4, each version beginning on a page of its own, no question torn from its options."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos

from contest.formats.printing.booklet import (
    Booklet,
    Fonts,
    Paper,
    PrintedOption,
    PrintedQuestion,
    SheetRow,
    columns_for,
    rows_of,
)
from contest.formats.printing.lines import Setter
from contest.formats.printing.pen import Pen
from contest.formats.printing.wording import lines_of, tree_of
from contest.rules.printing_terms import Piece
from contest.rules.questions.hotspot import read_area

_MARGIN, _LINE, _SIZE, _SMALL = 18.0, 5.6, 11, 9.5
_INDENT, _ROWS = 6.0, 25
_BOX, _CIRCLE, _NUMBER, _TO_WRITE, _LEAST_STEP = 5.0, 7.2, 14.0, 40.0, 6.0  # millimetres of the answer sheet
_MADE = datetime(2000, 1, 1, tzinfo=UTC)  # the same booklet gives the same bytes
_BODY, _OTHER = "body", "other"


@dataclass(slots=True)
class _Totals:
    """How many pages each version has, and how much each question takes; known after the first time of drawing."""

    pages: dict[str, int] = field(default_factory=dict)
    heights: dict[PrintedQuestion, float] = field(default_factory=dict)


def write(booklet: Booklet, piece: Piece, fonts: Fonts) -> bytes:
    """Return a piece of a booklet as PDF. It is drawn twice, for each page says how many pages its version has."""
    totals = _Totals()
    _drawn(booklet, piece, _Pages(booklet, fonts, totals, shows=False))
    return bytes(_drawn(booklet, piece, _Pages(booklet, fonts, totals)).output())


def _drawn(booklet: Booklet, piece: Piece, pages: "_Pages") -> "_Pages":
    if piece is Piece.KEY:
        pages.draw_key()
    elif piece is Piece.SHEET:
        pages.draw_sheet()
    else:
        for paper in booklet.papers:
            pages.draw_paper(paper)
    return pages


class _Pages(FPDF):
    """Pages of a booklet; those that do not `show` have no pictures and no formulas, only their places."""

    def __init__(self, booklet: Booklet, fonts: Fonts, totals: _Totals, *, shows: bool = True) -> None:
        super().__init__(format="A4")
        self.booklet, self.words, self.totals, self.made_of = booklet, booklet.words, totals, fonts
        self.shows = shows
        self.tried: _Pages | None = None
        self.set_creation_date(_MADE)
        self.set_title(f"{booklet.contest} - {booklet.title}")
        self.set_margins(_MARGIN, _MARGIN - 3)
        self.set_auto_page_break(True, margin=_MARGIN)
        self.add_font(_BODY, "", fonts.regular)
        self.add_font(_BODY, "B", fonts.bold)
        if fonts.others:
            self.add_font(_OTHER, "", fonts.others)
            self.set_fallback_fonts([_OTHER], exact_match=False)
        self.code, self.first = "", 0
        self.set_font(_BODY, size=_SIZE)

    def footer(self) -> None:
        if not self.code:
            return
        here = self.page_no() - self.first + 1
        self.set_y(-_MARGIN + 4)
        self.set_font(_BODY, size=_SMALL)
        page = self.words.page.format(page=here, pages=self.totals.pages.get(self.code, here))
        self.cell(0, 5, f"{self.words.code} {self.code} – {page}", align="C")
        self.set_font(_BODY, size=_SIZE)

    def draw_paper(self, paper: Paper) -> None:
        """Draw a version: head, lines for the person, questions, the end."""
        self.add_page()  # which ends the page before, with the code that it has
        self.code, self.first = paper.code, self.page_no()
        self._head(paper.code)
        for question in paper.questions:
            if self.will_page_break(self._height(question)):
                self.add_page()
            self.draw_question(question)
        self.ln(3)
        self.cell(0, _LINE, self.words.end, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.totals.pages[paper.code] = self.page_no() - self.first + 1

    def _head(self, code: str | None) -> None:
        self.set_font(_BODY, "B", _SIZE)
        top = self.get_y()
        self.multi_cell(self.epw - 40, _LINE, self.booklet.organisation, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        below = self.get_y()
        if code is not None:
            self.set_xy(self.w - _MARGIN - 36, top)
            self.cell(36, 8, f"{self.words.code}: {code}", border=1, align="C")
        self.set_y(max(below, top + 9))
        self.ln(1)
        for style, size, line in (
            ("B", 14, self.booklet.contest),
            ("B", 12, self.booklet.title),
            ("", _SIZE, self.booklet.minutes),
        ):
            self.set_font(_BODY, style, size)
            self.multi_cell(0, size * 0.52, line, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font(_BODY, size=_SIZE)
        self.ln(2)
        for label, share in ((self.words.name, 1.0), (self.words.unit, 0.62), (self.words.number, 0.38)):
            self._blank(label, share)
        self.ln(_LINE + 3)
        self.set_x(self.l_margin)

    def _blank(self, label: str, share: float) -> None:
        """Draw a label with a dotted line to write on; one of a whole line ends it."""
        width, start = self.epw * share, self.get_x()
        wide = self.get_string_width(label) + 3
        self.cell(wide, _LINE + 1.5, label)
        self.set_dash_pattern(0.3, 0.9)
        y = self.get_y() + _LINE
        self.line(start + wide, y, start + width - 2, y)
        self.set_dash_pattern()
        if share == 1:
            self.ln(_LINE + 2)
        else:
            self.set_x(start + width)

    def _height(self, question: PrintedQuestion) -> float:
        """Return how much a question takes, in millimetres, drawn for a try; what is longer than a page is torn after all."""
        known = self.totals.heights
        if question not in known:
            if self.tried is None:
                self.tried = _Pages(self.booklet, self.made_of, _Totals(), shows=False)
            self.tried.add_page()
            page, top = self.tried.page_no(), self.tried.get_y()
            self.tried.draw_question(question)
            known[question] = self.tried.get_y() - top if self.tried.page_no() == page else self.eph - 1
        return known[question]

    def draw_question(self, question: PrintedQuestion) -> None:
        """Draw a question with its options, or with where to write."""
        setter = Setter(self, _BODY, _LINE, self.booklet.pictures, shows=self.shows)
        pen = Pen(setter)
        if question.section:
            self._headline(question.section)
        for passage in question.passages:
            self.multi_cell(0, _LINE, passage.hint, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            pen.write(tree_of(passage.text, rich=passage.rich), "")
            self.ln(1.6)
        worth = f" {question.points}" if question.points else ""
        areas = ((option.letter, read_area(option.area)) for option in question.options)
        setter.areas = [(letter, area) for letter, area in areas if area is not None]
        pen.write(tree_of(question.text, rich=question.rich), f"{self.words.question} {question.number}{worth}. ")
        self.set_left_margin(_MARGIN + _INDENT)
        if question.rich:
            for option in question.options:
                self.set_x(self.l_margin)
                pen.write(tree_of(option.text, rich=True), f"{option.letter}. ")
        elif question.options:
            self._options(question.options, columns_for(question))
        for line in lines_of(question, self.words):
            self.set_x(self.l_margin)
            pen.write(line)
            self.ln(0.8)
        self.set_left_margin(_MARGIN)
        self.set_x(_MARGIN)
        self.ln(1.6)

    def _headline(self, title: str) -> None:
        self.ln(1.6)
        self.set_font(_BODY, "B", _SIZE)
        self.multi_cell(0, _LINE, title, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font(_BODY, size=_SIZE)
        self.ln(0.8)

    def _options(self, options: Sequence[PrintedOption], columns: int) -> None:
        width = self.epw / columns
        for start in range(0, len(options), columns):
            row = [f"{o.letter}. {o.text}" for o in options[start : start + columns]]
            tall = max(self._tall(cell, width) for cell in row)
            if self.will_page_break(tall):
                self.add_page()
            top = self.get_y()
            for at, cell in enumerate(row):
                self.set_xy(self.l_margin + at * width, top)
                self.multi_cell(width, _LINE, cell, align="L")
            self.set_xy(self.l_margin, top + tall)

    def _tall(self, text: str, width: float) -> float:
        tall = self.multi_cell(width, _LINE, text, dry_run=True, output=MethodReturnValue.HEIGHT)
        return float(tall)  # type: ignore[arg-type]

    def draw_sheet(self) -> None:
        """Draw the answer sheet: circles to fill, and lines where something is to be written."""
        self.add_page()
        self._head(None)
        self.set_font(_BODY, "B", 14)
        self.cell(0, 9, self.words.sheet, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font(_BODY, size=_SIZE)
        self._code_boxes()
        self.set_font(_BODY, size=_SMALL)
        self.multi_cell(0, 5, self.words.hint, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font(_BODY, size=_SIZE)
        self.ln(2)
        rows = rows_of(self.booklet)
        letters = max((len(row.letters) for row in rows), default=0)
        fitting = int(self.epw // (_NUMBER + letters * _CIRCLE + (_TO_WRITE if any(r.has_line for r in rows) else 0)))
        columns = max(1, min(4, fitting, ceil(len(rows) / _ROWS)))
        start = 0
        while start < len(rows):
            if start:
                self.add_page()
            here = rows[start : start + columns * int((self.page_break_trigger - self.get_y()) / _LEAST_STEP)]
            self._grid(here, columns, start + 1)
            start += len(here)

    def _code_boxes(self) -> None:
        self.cell(self.get_string_width(self.words.code) + 4, 9, f"{self.words.code}:")
        for _ in range(3):
            self.cell(9, 9, "", border=1)
        self.ln(12)

    def _grid(self, answers: Sequence[SheetRow], columns: int, first: int) -> None:
        """Draw the rows of a page, numbered from `first` on, down one column after the other."""
        width, top = self.epw / columns, self.get_y()
        rows = ceil(len(answers) / columns)
        step = min(8.5, (self.page_break_trigger - top) / rows)
        for at, answer in enumerate(answers):
            x, y = self.l_margin + (at // rows) * width, top + (at % rows) * step
            self.set_xy(x, y)
            self.set_font(_BODY, "B", _SIZE)
            self.cell(_NUMBER - 3, step, str(first + at), align="R")
            self.set_font(_BODY, size=_SMALL)
            left = x + _NUMBER
            for letter in answer.letters:
                self.ellipse(left, y + (step - _BOX) / 2, _BOX, _BOX)
                self.set_xy(left, y)
                self.cell(_BOX, step, letter, align="C")
                left += _CIRCLE
            if answer.has_line:
                self.line(left, y + step - 2, x + width - 6, y + step - 2)

    def draw_key(self) -> None:
        """Draw what is right: a row a question, a column a version."""
        self.add_page()
        for style, size, line in (
            ("B", 14, self.words.key),
            ("B", 12, self.booklet.contest),
            ("", _SIZE, self.booklet.title),
        ):
            self.set_font(_BODY, style, size)
            self.multi_cell(0, size * 0.55, line, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(3)
        papers = self.booklet.papers
        for start in range(0, len(papers), 6):
            self._key_table(papers[start : start + 6])

    def _key_table(self, papers: Sequence[Paper]) -> None:
        self.set_font(_BODY, size=_SMALL)
        with self.table(text_align="CENTER", col_widths=(1, *[2] * len(papers)), line_height=_LINE) as table:
            head = table.row()
            for cell in (self.words.question, *(paper.code for paper in papers)):
                head.cell(cell)
            for at in range(len(papers[0].key)):
                row = table.row()
                for cell in (str(at + 1), *(paper.key[at] for paper in papers)):
                    row.cell(cell)
        self.ln(5)
