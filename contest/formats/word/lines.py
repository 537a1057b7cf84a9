"""A document's body as lines in the order of reading, each with its paragraph; tables by what they are for."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from contest.formats.drafts import Place, Problem
from contest.formats.old_codes import OldCode
from contest.formats.taking import EXCERPT
from contest.formats.word import wording
from contest.formats.word.markup import Element, child, name, value_of
from contest.formats.word.numbering import Numbering
from contest.formats.word.old_codes import code_of_font, converted, is_unicode, old_code_of
from contest.formats.word.rich import Rich, lines_of, rich_of
from contest.formats.word.runs import TRACKED, Content, Runs, has_deleted_mark
from contest.formats.word.styles import Styles, is_shaded
from contest.rules.refusals import Refusal

TABLE = "word-table"

_THROUGH = {"sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"}
_LEFT_OUT = {"del", "moveFrom"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line: `is_first` of its paragraph, the level of a heading, and what in its paragraph is no text."""

    paragraph: int
    rich: Rich
    is_first: bool = True
    heading: int | None = None
    objects: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        return self.rich.text


Cell = list[Line]


@dataclass(slots=True)
class Body:
    """Walks through a body; afterwards `problems` holds what was no line, `old` the first line in an old code page.

    With `convert`, paragraphs of that code page are read in Unicode: those in its fonts, and those in others by their
    letters; in a document that holds no Unicode (`is_mixed` is found out by a first reading), all of them.
    """

    styles: Styles
    numbering: Numbering
    convert: OldCode | None = None
    is_mixed: bool = False
    problems: list[Problem] = field(default_factory=list)
    old: tuple[OldCode, Line] | None = None
    runs: Runs = field(init=False)
    _count: int = 0
    _open: Content | None = None

    def __post_init__(self) -> None:
        self.runs = Runs(self.styles, self.convert)

    def read(self, block: Element, *, shading: bool = False) -> list[Line]:
        """Return the lines of a body, a cell or a content control."""
        lines: list[Line] = []
        for part in block:
            kind = name(part)
            if kind == "p":
                lines += self._paragraph(part, shading)
            elif kind == "tbl":
                lines += self._table(part)
            elif kind in _THROUGH:
                if kind in {"ins", "moveTo"}:
                    self.runs.notes.add(TRACKED)
                lines += self.read(part, shading=shading)
            elif kind in _LEFT_OUT:
                self.runs.notes.add(TRACKED)
            elif kind == "altChunk":
                self.problems.append(Problem(Refusal("word-foreign-part"), Place(paragraph=self._count + 1)))
        if self._open is not None:
            lines += self._lines(self._open, None)
            self._open = None
        return lines

    def _paragraph(self, paragraph: Element, shading: bool) -> list[Line]:
        self._count += 1
        about = child(paragraph, "pPr")
        numbered = self.styles.numbering(about)
        content = self._open or Content()
        self._open = None
        label = self.numbering.label(*numbered) if numbered else ""
        heading = self.styles.heading(about)
        if label and not (heading and not wording.is_question(label)):
            content.pieces.append((f"{label}\t", 0))
        is_filled = shading or is_shaded(child(about, "shd"))
        self.runs.read(paragraph, content, style=value_of(about, "pStyle"), is_shaded=is_filled)
        if has_deleted_mark(paragraph):
            self.runs.notes.add(TRACKED)
            self._open = content
            return []
        return self._lines(content, heading)

    def _lines(self, content: Content, heading: int | None) -> list[Line]:
        for box in content.boxes:
            place = Place(paragraph=self._count)
            self.problems.append(Problem(Refusal("word-text-box"), place, box[:EXCERPT]))
        rich = rich_of(self._pieces(content))
        objects = frozenset(content.objects)
        if heading and not wording.is_question(rich.text):
            rich = Rich(rich.text.replace("\n", " "), rich.marks)
        found = [
            Line(self._count, part, at == 0, heading, objects if at == 0 else frozenset())
            for at, part in enumerate(lines_of(rich))
        ]
        if (code := content.old or old_code_of(rich.text)) and self.old is None:
            self.old = (code, found[0])
        return [line for line in found if line.objects or not (line.text == "" or line.text.isspace())]

    def _pieces(self, content: Content) -> list[tuple[str, int]]:
        text = "".join(piece for piece, _ in content.pieces)
        if self.convert is None:
            has_font = any(code_of_font(font)[0] for font in content.fonts.values())
            self.is_mixed = self.is_mixed or (is_unicode(text) and not has_font)
            return content.pieces
        fonts = [content.fonts.get(at) for at in range(len(content.pieces))]
        is_whole = not self.is_mixed or old_code_of(text) is self.convert
        return converted(content.pieces, fonts, self.convert, is_whole=is_whole)

    def _table(self, table: Element) -> list[Line]:
        rows = [
            [self._cell(cell) for cell in _parts(row, "tc")] for row in _parts(table, "tr") if not self._is_gone(row)
        ]
        rows = [row for row in rows if any(row)]
        cells = [cell for row in rows for cell in row if cell]
        if entries := _answers(rows):
            return [entries]
        if any(wording.starts_something(line.text) for cell in cells for line in cell):
            return [line for row in rows if not _is_header(row) for line in _joined(_keyed(row))]
        if not cells:
            return []
        words = " | ".join(line.text.strip() for cell in cells for line in cell)
        first = cells[0][0].paragraph
        return [Line(first, Rich(words[:EXCERPT], bytes(len(words[:EXCERPT]))), objects=frozenset({TABLE}))]

    def _cell(self, cell: Element) -> Cell:
        return self.read(cell, shading=is_shaded(child(child(cell, "tcPr"), "shd")))

    def _is_gone(self, row: Element) -> bool:
        is_gone = child(child(row, "trPr"), "del") is not None
        if is_gone:
            self.runs.notes.add(TRACKED)
        return is_gone


def _parts(parent: Element, wanted: str) -> Iterator[Element]:
    """Yield rows or cells, those in content controls too."""
    for part in parent:
        if name(part) == wanted:
            yield part
        elif name(part) in _THROUGH:
            yield from _parts(part, wanted)


def _is_header(row: list[Cell]) -> bool:
    """Say whether a row of a list in a table only names its columns: "STT", "Câu hỏi", "Đáp án"."""
    return all(wording.is_head(line.text) for cell in row for line in cell)


def _keyed(row: list[Cell]) -> list[Cell]:
    """Return a row that holds a whole question, its number first, with the answer in its last cell said in words."""
    cells = [cell for cell in row if cell]
    if len(cells) < 3 or not wording.is_number(cells[0][0].text) or len(cells[-1]) > 1:
        return cells
    told = cells[-1][0].text.strip()
    if not wording.is_key(told):
        return cells
    text = f"Đáp án: {told}"
    return [*cells[:-1], [Line(cells[-1][0].paragraph, Rich(text, bytes(len(text))))]]


def _joined(row: list[Cell]) -> Iterator[Line]:
    """Yield the lines of a row; a label that has a cell of its own stands before the text in the next."""
    label: Line | None = None
    for cell in filter(None, row):
        first, *others = cell
        if label is not None:
            word = _stripped(label.rich)
            rich = Rich(f"{word.text}\t{first.text}", word.marks + b"\0" + first.rich.marks)
            first = Line(label.paragraph, rich, objects=label.objects | first.objects)
            label = None
        if not others and wording.is_label(first.text):
            label = first
            continue
        yield from (first, *others)
    if label is not None:
        yield label


def _stripped(rich: Rich) -> Rich:
    start = len(rich.text) - len(rich.text.lstrip())
    return rich.part(start, start + len(rich.text.strip()))


def _answers(rows: list[list[Cell]]) -> Line | None:
    """Return a table of answers as one line "1.A 2.C", whichever way its rows and columns run; None for another."""
    grid = [[" ".join(line.text.strip() for line in cell) for cell in row] for row in rows]
    entries = wording.entries_of_grid(grid)
    if not entries:
        return None
    text = " ".join(f"{number}.{key};" for number, key in entries)
    return Line(next(cell[0].paragraph for row in rows for cell in row if cell), Rich(text, bytes(len(text))))
