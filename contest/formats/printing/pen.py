"""Writing trees of words on PDF pages: paragraphs, lists and tables, wherever the pen stands."""

from collections.abc import Iterable, Sequence

from contest.formats.printing.lines import Line, Setter
from contest.formats.rich.nodes import (
    Align,
    Block,
    Heading,
    Inlines,
    Listing,
    Mark,
    Paragraph,
    Table,
    Text,
    Tree,
    joined,
)

_STEP, _PAD = 6.0, 1.2  # millimetres that a list stands in, and around what stands in a cell
_SHARES = {None: 0.0, Align.LEFT: 0.0, Align.CENTER: 0.5, Align.RIGHT: 1.0}  # of the room, left of a line


class Pen:
    """Writes on pages, from margin to margin, from where they stand."""

    def __init__(self, setter: Setter) -> None:
        self._setter, self._pdf = setter, setter.pdf

    def write(self, tree: Tree, lead: str = "", *, marker: str = "") -> None:
        """Write blocks one below the other; `lead` stands in bold before the first words, `marker` in the margin."""
        first, *others = joined((tree,))
        inlines = _bold((Text(lead),)) if lead else ()
        if isinstance(first, Paragraph):
            inlines += first.inlines
        if inlines or marker or not others:
            self._paragraph(inlines, marker)
        for block in others:
            self._block(block)

    def _block(self, block: Block) -> None:
        match block:
            case Paragraph(inlines):
                self._paragraph(inlines)
            case Heading(_, inlines):
                self._paragraph(_bold(inlines))
            case Listing():
                self._listing(block)
            case Table():
                self._table(block)

    @property
    def _room(self) -> float:
        return self._pdf.w - self._pdf.r_margin - self._pdf.l_margin

    def _paragraph(self, inlines: Inlines, marker: str = "") -> None:
        for at, line in enumerate(self._setter.lines(inlines, self._room)):
            if self._pdf.will_page_break(line.tall):
                self._pdf.add_page()
            left, top = self._pdf.l_margin, self._pdf.get_y()
            if marker and at == 0:
                (told,) = self._setter.lines((Text(marker),), self._room)
                self._setter.draw(told, left - _indent(told), top + line.above - told.above)
            self._setter.draw(line, left, top)
            self._pdf.set_xy(left, top + line.tall)

    def _listing(self, listing: Listing) -> None:
        left = self._pdf.l_margin
        for number, item in enumerate(listing.items, listing.start):
            marker = f"{number}." if listing.is_ordered else "–"
            (told,) = self._setter.lines((Text(marker),), self._room)
            self._pdf.set_left_margin(left + _indent(told))
            self.write(item, marker=marker)
            self._pdf.set_left_margin(left)
            self._pdf.set_x(left)

    def _table(self, table: Table) -> None:
        rows = [row for row in (table.head, *table.rows) if any(row)]
        aligns = [table.align(at) for at in range(len(table.head))]
        inside = self._room / len(aligns) - 2 * _PAD
        for at, row in enumerate(rows):
            cells = [_bold(cell) for cell in row] if at == 0 and any(table.head) else row
            self._row([self._setter.lines(cell, inside) for cell in cells], aligns, inside)

    def _row(self, cells: Sequence[Sequence[Line]], aligns: Sequence[Align | None], inside: float) -> None:
        """Draw a row on one page; one that is taller than a page goes on upon the next."""
        pdf, wide = self._pdf, inside + 2 * _PAD
        while any(cells):
            if pdf.will_page_break(max(map(_tall, cells)) + 2 * _PAD) and pdf.get_y() > pdf.t_margin:
                pdf.add_page()
            top = pdf.get_y()
            here = [_fitting(lines, pdf.page_break_trigger - top - 2 * _PAD) for lines in cells]
            tall = max(map(_tall, here)) + 2 * _PAD
            for column, (lines, align) in enumerate(zip(here, aligns, strict=True)):
                x, y = pdf.l_margin + column * wide, top + _PAD
                pdf.rect(x, top, wide, tall)
                for line in lines:
                    self._setter.draw(line, x + _PAD + _SHARES[align] * (inside - line.wide), y)
                    y += line.tall
            pdf.set_xy(pdf.l_margin, top + tall)
            cells = [lines[len(taken) :] for lines, taken in zip(cells, here, strict=True)]


def _indent(marker: Line) -> float:
    return max(_STEP, marker.wide + 1)


def _tall(lines: Iterable[Line]) -> float:
    return sum(line.tall for line in lines)


def _fitting(lines: Sequence[Line], room: float) -> Sequence[Line]:
    """Return the first lines that fit into a height, and one in any case."""
    count = next((n for n in range(2, len(lines) + 1) if _tall(lines[:n]) > room), len(lines) + 1) - 1
    return lines[:count]


def _bold(inlines: Inlines) -> Inlines:
    return tuple(Text(i.text, i.marks | {Mark.BOLD}) if isinstance(i, Text) else i for i in inlines)
