"""A document's body as lines in the order of reading, each with its paragraph; tables by what they are for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from contest.formats.drafts import Place, Problem
from contest.formats.old_codes import OldCode
from contest.formats.ooxml import Element, child, name, value_of
from contest.formats.taking import EXCERPT, NotTaken
from contest.formats.word import wording
from contest.formats.word.formulas import Equations
from contest.formats.word.grids import THROUGH, grid_of, parts_of
from contest.formats.word.numbering import Counted, Numbering
from contest.formats.word.old_codes import code_of_font, converted, is_unicode, old_code_of
from contest.formats.word.pictures import Album
from contest.formats.word.rich import Piece, Rich, Stand, lines_of, rich_of, without_things, words
from contest.formats.word.runs import TRACKED, Around, Content, Runs, has_deleted_mark
from contest.formats.word.setting import GOES_ON, HEADING, SET, TABLES
from contest.formats.word.styles import Styles, is_shaded
from contest.rules.refusals import Refusal

_LEFT_OUT = {"del", "moveFrom"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line: `is_first` of its paragraph, the level of a heading, and what in its paragraph cannot be read.

    `goes_on`: it belongs to the text before it, whatever it looks like. `told` are the words of a table.
    """

    paragraph: int
    rich: Rich
    is_first: bool = True
    heading: int | None = None
    objects: tuple[Refusal, ...] = ()
    goes_on: bool = False
    told: str | None = None

    @property
    def text(self) -> str:
        return self.rich.text

    @property
    def is_table(self) -> bool:
        return self.told is not None

    @property
    def is_bare(self) -> bool:
        """Whether nothing stands on it, not even a thing."""
        return not self.text.strip()

    @property
    def excerpt(self) -> str:
        """Its first words."""
        return (self.told or without_things(self.text, "…").strip())[:EXCERPT]


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
    album: Album = field(default_factory=Album)
    equations: Equations = field(default_factory=Equations)
    problems: list[Problem] = field(default_factory=list)
    old: tuple[OldCode, Line] | None = None
    runs: Runs = field(init=False)
    _count: int = 0
    _open: Content | None = None

    def __post_init__(self) -> None:
        self.runs = Runs(self.styles, self.convert, self.album, self.equations)

    def read(self, block: Element, *, shading: bool = False) -> list[Line]:
        """Return the lines of a body, a cell or a content control."""
        lines: list[Line] = []
        for part in block:
            kind = name(part)
            if kind == "p":
                lines += self._paragraph(part, shading)
            elif kind == "tbl":
                lines += self._table(part)
            elif kind in THROUGH:
                if kind in {"ins", "moveTo"}:
                    self.runs.notes.add(TRACKED)
                lines += self.read(part, shading=shading)
            elif kind in _LEFT_OUT:
                self.runs.notes.add(TRACKED)
            elif kind == "AlternateContent":
                lines += self.read(
                    next(iter(part), ()), shading=shading
                )  # the first of several forms of the same thing
            elif kind == "altChunk":
                self.problems.append(Problem(Refusal("word-foreign-part"), Place(paragraph=self._count + 1)))
        if self._open is not None:
            lines += self._lines(self._open, None, Stand(), goes_on=False)
            self._open = None
        return lines

    def _paragraph(self, paragraph: Element, shading: bool) -> list[Line]:
        self._count += 1
        about = child(paragraph, "pPr")
        numbered = self.styles.numbering(about)
        content = self._open or Content()
        self._open = None
        counted = self.numbering.count(*numbered) if numbered else Counted()
        heading, style = self.styles.heading(about), self.styles.name(about)
        is_labelled = bool(counted.label) and not (heading and not wording.is_question(counted.label))
        if is_labelled:
            content.pieces.append((f"{counted.label}\t", 0))
        around = Around(value_of(about, "pStyle"), False, shading or is_shaded(child(about, "shd")), style in SET)
        self.runs.read(paragraph, content, around)
        if has_deleted_mark(paragraph):
            self.runs.notes.add(TRACKED)
            self._open = content
            return []
        return self._lines(content, heading, _stand(style, counted, is_labelled=is_labelled), style in GOES_ON)

    def _lines(self, content: Content, heading: int | None, stand: Stand, goes_on: bool) -> list[Line]:
        for box in content.boxes:
            place = Place(paragraph=self._count)
            self.problems.append(Problem(Refusal("word-text-box"), place, box[:EXCERPT]))
        rich = rich_of(self._pieces(content), is_set=stand.is_set)
        if heading and not wording.is_question(rich.text):
            rich = Rich(rich.text.replace("\n", " "), rich.marks, rich.looks)
        found = [
            Line(self._count, part, at == 0, heading, tuple(content.objects) if at == 0 else (), goes_on)
            for at, part in enumerate(lines_of(rich, stand))
        ]
        if (code := content.old or old_code_of(rich.text)) and self.old is None:
            self.old = (code, found[0])
        return [line for line in found if line.objects or not line.is_bare]

    def _pieces(self, content: Content) -> list[Piece]:
        text = "".join(piece for piece, _ in content.pieces)
        if self.convert is None:
            has_font = any(code_of_font(font)[0] for font in content.fonts.values())
            self.is_mixed = self.is_mixed or (is_unicode(text) and not has_font)
            return content.pieces
        fonts = [content.fonts.get(at) for at in range(len(content.pieces))]
        is_whole = not self.is_mixed or old_code_of(text) is self.convert
        return converted(content.pieces, fonts, self.convert, is_whole=is_whole)

    def _table(self, table: Element) -> list[Line]:
        style = self.styles.name(child(table, "tblPr"))
        found = [
            (row, [self._cell(cell) for cell in parts_of(row, "tc")])
            for row in parts_of(table, "tr")
            if not self._is_gone(row)
        ]
        rows = [row for _, row in found if any(row)]
        cells = [cell for row in rows for cell in row if cell]
        if not cells:
            return []
        if style not in GOES_ON:
            if entries := _answers(rows):
                return [entries]
            if any(wording.starts_something(line.text) for cell in cells for line in cell):
                return [line for row in rows if not _is_header(row) for line in _joined(_keyed(row))]
        told = " | ".join(line.excerpt for cell in cells for line in cell)[:EXCERPT]
        objects = [refusal for cell in cells for line in cell for refusal in line.objects]
        thing = ""
        try:
            grid = grid_of(table, [(row, _riches(line)) for row, line in found], is_set=style in GOES_ON)
            thing = self.runs.add(grid)
        except NotTaken as reason:
            objects += reason.refusals
        rich = replace(words(thing), stand=Stand(depth=TABLES.get(style, 0)))
        return [Line(cells[0][0].paragraph, rich, objects=tuple(objects), goes_on=style in GOES_ON, told=told)]

    def _cell(self, cell: Element) -> Cell:
        return self.read(cell, shading=is_shaded(child(child(cell, "tcPr"), "shd")))

    def _is_gone(self, row: Element) -> bool:
        is_gone = child(child(row, "trPr"), "del") is not None
        if is_gone:
            self.runs.notes.add(TRACKED)
        return is_gone


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
    return [*cells[:-1], [Line(cells[-1][0].paragraph, words(f"Đáp án: {told}"))]]


def _joined(row: list[Cell]) -> Iterator[Line]:
    """Yield the lines of a row; a label that has a cell of its own stands before the text in the next."""
    label: Line | None = None
    for cell in filter(None, row):
        first, *others = cell
        if label is not None:
            rich = label.rich.stripped().joined("\t", first.rich)
            first = Line(label.paragraph, rich, objects=label.objects + first.objects)
            label = None
        if not others and wording.is_label(first.text):
            label = first
            continue
        yield from (first, *others)
    if label is not None:
        yield label


def _riches(row: Sequence[Cell]) -> list[list[Rich]]:
    return [[line.rich for line in cell] for cell in row]


def _stand(style: str, counted: Counted, *, is_labelled: bool) -> Stand:
    """Return how a paragraph stands; in a style of ours one without a number of its own goes on within its item."""
    is_set = style in SET
    depth = counted.depth if counted.is_item or (is_set and not counted.label) else 0
    label = len(counted.label) + 1 if is_labelled and counted.is_item else 0
    number = counted.number if counted.is_item else None
    return Stand(True, HEADING.get(style, 0), depth, counted.is_item, number, label, is_set)


def _answers(rows: list[list[Cell]]) -> Line | None:
    """Return a table of answers as one line "1.A 2.C", whichever way its rows and columns run; None for another."""
    grid = [[" ".join(line.text.strip() for line in cell) for cell in row] for row in rows]
    entries = wording.entries_of_grid(grid)
    if not entries:
        return None
    text = " ".join(f"{number}.{key};" for number, key in entries)
    return Line(next(cell[0].paragraph for row in rows for cell in row if cell), words(text))
