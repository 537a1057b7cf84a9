"""Writing trees of words on PDF pages: marks, formulas in the line, pictures, lists and tables, wherever the pen stands."""

from collections.abc import Mapping, Sequence
from io import BytesIO

from fpdf import FPDF
from fpdf.enums import CharVPos
from PIL import Image

from contest.formats.rich.drawing import Drawing, drawn
from contest.formats.rich.maths import BadFormula
from contest.formats.rich.nodes import (
    Align,
    Audio,
    Block,
    Break,
    Formula,
    Heading,
    Inline,
    Inlines,
    Listing,
    Mark,
    Paragraph,
    Picture,
    Table,
    Text,
    Tree,
    words_of,
)
from contest.rules.questions.hotspot import Area

_POINT, _PIXEL = 25.4 / 72, 25.4 / 96  # millimetres
_TALLEST, _STEP = 80.0, 6.0
_ALIGNS = {None: "L", Align.LEFT: "L", Align.CENTER: "C", Align.RIGHT: "R"}
_POSITIONS = {Mark.SUB: CharVPos.SUB, Mark.SUP: CharVPos.SUP}


class Pen:
    """Writes on pages from where they stand; `pictures` holds bytes by name, a missing one is told by its words."""

    def __init__(self, pdf: FPDF, family: str, line: float, pictures: Mapping[str, bytes]) -> None:
        self.pdf, self.family, self.line, self.pictures = pdf, family, line, pictures
        self.areas: Sequence[tuple[str, Area]] = ()  # to be framed on the next picture, by their letters

    def write(self, tree: Tree, lead: str = "") -> None:
        """Write blocks one below the other; `lead` stands in bold before the first words."""
        start = self.pdf.l_margin
        if lead:
            self._style({Mark.BOLD})
            self.pdf.write(self.line, lead)
            self._style(())
        for number, block in enumerate(tree):
            if number:
                self.pdf.set_x(start)
            self._block(block)
        if not tree:
            self.pdf.ln(self.line)

    def _block(self, block: Block) -> None:
        match block:
            case Paragraph(inlines):
                self._paragraph(inlines)
            case Heading(_, inlines):
                self._paragraph(tuple(_bold(inline) for inline in inlines))
            case Listing():
                self._listing(block)
            case Table():
                self._table(block)

    def _paragraph(self, inlines: Inlines) -> None:
        line = max([self.line, *(d.height * _POINT + 1.2 for d in map(self._drawing, inlines) if d is not None)])
        for inline in inlines:
            self._inline(inline, line)
        self.pdf.ln(line)

    def _inline(self, inline: Inline, line: float) -> None:
        match inline:
            case Text(text, marks):
                self._style(marks)
                self.pdf.write(line, text)
                self._style(())
            case Break():
                self.pdf.ln(line)
            case Picture(name, alt):
                self._picture(name, alt)
            case Audio(_, label):
                self.pdf.write(line, f"[{label}]")
            case Formula(tex):
                drawing = self._drawing(inline)
                if drawing is None:
                    self.pdf.write(line, tex)
                else:
                    self._formula(drawing, line)

    def _style(self, marks: Sequence[Mark] | frozenset[Mark] | set[Mark]) -> None:
        self.pdf.set_font(self.family, f"{'B' * (Mark.BOLD in marks)}{'U' * (Mark.UNDERLINE in marks)}")
        self.pdf.char_vpos = next((at for mark, at in _POSITIONS.items() if mark in marks), CharVPos.LINE)

    def _drawing(self, inline: Inline) -> Drawing | None:
        if not isinstance(inline, Formula):
            return None
        try:
            return drawn(inline.tex, size=1.1 * self.pdf.font_size_pt, is_display=inline.is_display)
        except BadFormula:
            return None

    def _formula(self, drawing: Drawing, line: float) -> None:
        """Draw a formula so that it stands on the line of the words around it."""
        wide, tall = drawing.width * _POINT, drawing.height * _POINT
        if self.pdf.get_x() + wide > self.pdf.w - self.pdf.r_margin:
            self.pdf.ln(line)
        base = self.pdf.get_y() + 0.5 * line + 0.3 * self.pdf.font_size
        x, y = self.pdf.get_x() + 0.4, self.pdf.get_y()
        self.pdf.image(BytesIO(drawing.svg.encode()), x, base - tall + drawing.depth * _POINT, wide, tall)
        self.pdf.set_xy(x + wide + 0.4, y)

    def _picture(self, name: str, alt: str) -> None:
        data = self.pictures.get(name)
        if data is None:
            self.pdf.write(self.line, f"[{alt}]")
            return
        with Image.open(BytesIO(data)) as image:
            pixels = image.size
        room = self.pdf.w - self.pdf.r_margin - self.pdf.l_margin
        scale = min(1.0, room / (pixels[0] * _PIXEL), _TALLEST / (pixels[1] * _PIXEL))
        wide, tall = pixels[0] * _PIXEL * scale, pixels[1] * _PIXEL * scale
        if self.pdf.get_x() + wide > self.pdf.w - self.pdf.r_margin:
            self.pdf.ln(self.line)
        if self.pdf.will_page_break(tall):
            self.pdf.add_page()
        x, y = self.pdf.get_x(), self.pdf.get_y()
        self.pdf.image(BytesIO(data), x, y, wide, tall, alt_text=alt)
        for letter, area in self.areas:
            left, top = x + float(area.left) * wide / 100, y + float(area.top) * tall / 100
            self.pdf.rect(left, top, float(area.width) * wide / 100, float(area.height) * tall / 100)
            self._style({Mark.BOLD})
            self.pdf.text(left + 1, top + self.line * 0.8, letter)
            self._style(())
        self.areas = ()
        self.pdf.set_xy(self.pdf.l_margin, y + tall)

    def _listing(self, listing: Listing) -> None:
        left = self.pdf.l_margin
        for number, item in enumerate(listing.items, listing.start):
            self.pdf.set_x(left)
            self.pdf.write(self.line, f"{number}. " if listing.is_ordered else "– ")
            self.pdf.set_left_margin(left + _STEP)
            self.pdf.set_x(max(self.pdf.get_x(), left + _STEP))
            self.write(item)
            self.pdf.set_left_margin(left)

    def _table(self, table: Table) -> None:
        rows = [row for row in (table.head, *table.rows) if any(row)]
        with self.pdf.table(line_height=self.line, first_row_as_headings=any(table.head)) as drawn_table:
            for cells in rows:
                row = drawn_table.row()
                for at, cell in enumerate(cells):
                    row.cell(words_of((Paragraph(cell),)), align=_ALIGNS[table.align(at)])
        self._style(())


def _bold(inline: Inline) -> Inline:
    return Text(inline.text, inline.marks | {Mark.BOLD}) if isinstance(inline, Text) else inline
