"""Words, formulas and pictures set into lines: measured first, then drawn, so that what they take is known before."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import groupby

from fpdf import FPDF
from fpdf.enums import CharVPos
from PIL import Image

from contest.formats.rich.drawing import Drawing, drawn
from contest.formats.rich.maths import BadFormula
from contest.formats.rich.nodes import Audio, Break, Formula, Inline, Inlines, Mark, Marks, Picture, Text
from contest.rules.questions.hotspot import Area

_POINT, _PIXEL = 25.4 / 72, 25.4 / 96  # millimetres
_TALLEST, _AROUND = 80.0, 0.6  # of a picture, and the air around a formula, in millimetres
_LARGER, _SLANT = 1.1, 12  # formulas than words; degrees, for the house's font has no italics
_POSITIONS = {Mark.SUB: CharVPos.SUB, Mark.SUP: CharVPos.SUP}
_WORDS = re.compile(r" +|[^ ]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line: how wide it is, and how far it reaches above and below the foot of the words, in millimetres."""

    shows: Text | Picture | Formula
    wide: float
    above: float
    below: float
    drawing: Drawing | None = None

    @property
    def is_space(self) -> bool:
        return isinstance(self.shows, Text) and not self.shows.text.strip(" ")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is set; it holds as much height as its tallest piece, and as a line of words in any case."""

    pieces: tuple[Piece, ...]
    above: float
    below: float

    @property
    def wide(self) -> float:
        return sum(piece.wide for piece in self.pieces)

    @property
    def tall(self) -> float:
        return self.above + self.below


class Setter:
    """Sets lines in a family of fonts, `line` millimetres apart, and draws them on pages; `pictures` are bytes by name.

    Where it does not `show`, neither pictures nor formulas are drawn, which takes their place and little time.
    """

    def __init__(
        self, pdf: FPDF, family: str, line: float, pictures: Mapping[str, bytes], *, shows: bool = True
    ) -> None:
        self.pdf, self.family, self.line, self.pictures, self.shows = pdf, family, line, pictures, shows
        self.areas: Sequence[tuple[str, Area]] = ()  # to be framed on the next picture, by their letters
        self._above = 0.5 * line + 0.3 * pdf.font_size

    def lines(self, inlines: Inlines, room: float) -> list[Line]:
        """Set words into lines of a width. No word is torn that fits into one."""
        lines: list[list[Piece]] = [[]]
        left = room
        for word in self._words(inlines, room):
            wide = sum(piece.wide for piece in word)
            if not word or (wide > left and left < room):
                lines.append([])
                left = room
                if word and word[0].is_space:
                    continue
            lines[-1] += word
            left -= wide
        return [self._line(pieces) for pieces in lines]

    def _line(self, pieces: list[Piece]) -> Line:
        while pieces and pieces[-1].is_space:
            pieces.pop()
        above, below = ([getattr(piece, side) for piece in pieces] for side in ("above", "below"))
        return Line(tuple(pieces), max([self._above, *above]), max([self.line - self._above, *below]))

    def _words(self, inlines: Inlines, room: float) -> Iterator[list[Piece]]:
        """Yield what stays together: words with what touches them, spaces, and nothing for the end of a line."""
        for kind, together in groupby(self._pieces(inlines, room), key=_kind):
            word = list(together)
            if kind is Break:
                yield from ([] for _ in word)
            elif sum(piece.wide for piece in word if piece is not None) <= room:
                yield [piece for piece in word if piece is not None]
            else:
                yield from ([cut] for piece in word if piece is not None for cut in self._cut(piece, room))

    def _pieces(self, inlines: Inlines, room: float) -> Iterator[Piece | None]:
        for inline in inlines:
            match inline:
                case Text(text, marks):
                    yield from (self._worded(word, marks) for word in _WORDS.findall(text))
                case Break():
                    yield None
                case Picture(name, _) if name in self.pictures:
                    yield self._picture(inline, room)
                case Picture(_, words) | Audio(_, words):
                    yield from self._pieces((Text(f"[{words}]"),), room)
                case Formula():
                    yield from self._formula(inline, room)

    def _worded(self, text: str, marks: Marks) -> Piece:
        self._style(marks)
        wide = self.pdf.get_string_width(text)
        self._style(())
        return Piece(Text(text, marks), wide, self._above, self.line - self._above)

    def _cut(self, piece: Piece, room: float) -> Iterator[Piece]:
        """Yield a piece in parts that fit into a line."""
        if not isinstance(piece.shows, Text) or piece.wide <= room:
            yield piece
            return
        text, marks = piece.shows.text, piece.shows.marks
        start, wide = 0, 0.0
        for at, letter in enumerate(text):
            more = self._worded(letter, marks).wide
            if wide + more > room and at > start:
                yield self._worded(text[start:at], marks)
                start, wide = at, 0.0
            wide += more
        yield self._worded(text[start:], marks)

    def _picture(self, picture: Picture, room: float) -> Piece:
        with Image.open(BytesIO(self.pictures[picture.name])) as image:
            wide, tall = (side * _PIXEL for side in image.size)
        scale = min(1.0, room / wide, _TALLEST / tall)
        return Piece(picture, wide * scale, tall * scale, 0)

    def _formula(self, formula: Formula, room: float) -> Iterator[Piece | None]:
        """Yield a formula, made smaller where a line has no room for it; one that cannot be drawn as its source."""
        try:
            drawing = drawn(formula.tex, size=_LARGER * self.pdf.font_size_pt, is_display=formula.is_display)
        except BadFormula:
            yield from self._pieces((Text(formula.tex),), room)
            return
        scale = min(1.0, (room - _AROUND) / (drawing.width * _POINT)) * _POINT
        above, below = (drawing.height - drawing.depth) * scale + _AROUND, drawing.depth * scale + _AROUND
        yield Piece(formula, drawing.width * scale + _AROUND, above, below, drawing)

    def draw(self, line: Line, x: float, y: float) -> None:
        """Draw a line from its upper left corner on. The page must have room for it."""
        pdf, foot = self.pdf, y + line.above
        kept, pdf.auto_page_break, pdf.c_margin = (pdf.auto_page_break, pdf.c_margin), False, 0
        for piece in _joined(line.pieces):
            if isinstance(piece.shows, Text):
                self._draw_words(piece.shows, x, foot, piece.wide)
            elif self.shows and piece.drawing is not None:
                tall = piece.above + piece.below - 2 * _AROUND
                image = BytesIO(piece.drawing.svg.encode())
                pdf.image(image, x + _AROUND / 2, foot - piece.above + _AROUND, piece.wide - _AROUND, tall)
            elif self.shows and isinstance(piece.shows, Picture):
                self._draw_picture(piece.shows, x, foot - piece.above, piece.wide, piece.above)
            x += piece.wide
        pdf.auto_page_break, pdf.c_margin = kept

    def _draw_words(self, words: Text, x: float, foot: float, wide: float) -> None:
        self._style(words.marks)
        self.pdf.set_xy(x, foot - self._above)
        with self.pdf.skew(_SLANT, 0, x, foot) if Mark.EMPHASIS in words.marks else nullcontext():
            self.pdf.cell(wide, self.line, words.text)
        self._style(())

    def _draw_picture(self, picture: Picture, x: float, y: float, wide: float, tall: float) -> None:
        self.pdf.image(BytesIO(self.pictures[picture.name]), x, y, wide, tall, alt_text=picture.alt)
        for letter, area in self.areas:
            left, top = x + float(area.left) * wide / 100, y + float(area.top) * tall / 100
            self.pdf.rect(left, top, float(area.width) * wide / 100, float(area.height) * tall / 100)
            self._style({Mark.BOLD})
            self.pdf.text(left + 1, top + self.line * 0.8, letter)
            self._style(())
        self.areas = ()

    def _style(self, marks: Iterable[Mark]) -> None:
        told = set(marks)
        self.pdf.set_font(self.family, f"{'B' * (Mark.BOLD in told)}{'U' * (Mark.UNDERLINE in told)}")
        self.pdf.char_vpos = next((at for mark, at in _POSITIONS.items() if mark in told), CharVPos.LINE)


def _kind(piece: Piece | None) -> type[Inline] | bool:
    """Return what tells pieces apart that may part at the end of a line."""
    if piece is None:
        return Break
    return Picture if isinstance(piece.shows, Picture) else piece.is_space


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield pieces with words that look alike put together."""
    for marks, together in groupby(pieces, key=lambda p: p.shows.marks if isinstance(p.shows, Text) else None):
        if marks is None:
            yield from together
            continue
        alike = list(together)
        text = "".join(piece.shows.text for piece in alike if isinstance(piece.shows, Text))
        yield replace(alike[0], shows=Text(text, marks), wide=sum(piece.wide for piece in alike))
