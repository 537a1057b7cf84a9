"""The tree of a rich text: blocks of words with marks, pictures, sound and formulas. It is what all formats meet in.

Marks lie flat on the words, so that the same look is the same tree, however a file nested its tags.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import zip_longest


class Mark(StrEnum):
    """What words may look like; the order is that in which they are written, from the outermost."""

    BOLD = "strong"
    EMPHASIS = "em"
    UNDERLINE = "u"
    SUB = "sub"
    SUP = "sup"


Marks = frozenset[Mark]
PLAIN: Marks = frozenset()


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    marks: Marks = PLAIN


@dataclass(frozen=True, slots=True)
class Break:
    """The end of a line inside a block."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its name among the media of a bank, and the words that stand for it."""

    name: str
    alt: str


@dataclass(frozen=True, slots=True)
class Audio:
    """A recording by its name among the media of a bank, and what it is."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in LaTeX, in the line or on a line of its own."""

    tex: str
    is_display: bool = False


Inline = Text | Break | Picture | Audio | Formula
Inlines = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    inlines: Inlines


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 3, all of them below those of the page."""

    level: int
    inlines: Inlines


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; each item is blocks. `start` is the number of the first item where they are numbered."""

    items: tuple[tuple["Block", ...], ...]
    is_ordered: bool = False
    start: int = 1


class Align(StrEnum):
    """How the cells of a column stand, where the column says so."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the cells of its head (all empty where it has none), and its rows, each as wide as the head.

    `aligns` says how its columns stand; it is empty where none says so.
    """

    head: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]
    aligns: tuple[Align | None, ...] = ()

    def align(self, column: int) -> Align | None:
        return self.aligns[column] if column < len(self.aligns) else None


Block = Paragraph | Heading | Listing | Table
Tree = tuple[Block, ...]


def inlines_of(blocks: Iterable[Block]) -> Iterator[Inlines]:
    """Yield the lines of words of a tree, in its order: every paragraph, heading and cell."""
    for block in blocks:
        if isinstance(block, Paragraph | Heading):
            yield block.inlines
        elif isinstance(block, Listing):
            for item in block.items:
                yield from inlines_of(item)
        else:
            yield from block.head
            for row in block.rows:
                yield from row


def map_inlines(blocks: Iterable[Block], change: Callable[[Inline], Inline]) -> Tree:
    """Return a tree in which every inline is changed."""

    def line(inlines: Inlines) -> Inlines:
        return tuple(map(change, inlines))

    def block(found: Block) -> Block:
        match found:
            case Listing(items):
                return replace(found, items=tuple(map_inlines(item, change) for item in items))
            case Table(head, rows):
                changed = tuple(tuple(map(line, row)) for row in rows)
                return replace(found, head=tuple(map(line, head)), rows=changed)
            case Paragraph() | Heading():
                return replace(found, inlines=line(found.inlines))

    return tuple(map(block, blocks))


def aligns_of(rows: Iterable[Sequence[tuple[Inlines, Align | None]]]) -> tuple[Align | None, ...]:
    """Return how columns stand by their cells, each with how it stands: as all do that hold something, or else as all do."""
    columns = list(zip_longest(*rows, fillvalue=None))
    return tuple(_agreed([cell for cell in column if cell is not None]) for column in columns)


def _agreed(cells: Sequence[tuple[Inlines, Align | None]]) -> Align | None:
    told = {align for words, align in cells if words} or {align for _, align in cells}
    return told.pop() if len(told) == 1 else None


def joined(pieces: Iterable[str | Tree]) -> Tree:
    """Return words and texts as one: where a paragraph meets another, they are one. It begins with a paragraph."""
    blocks: list[Block] = [Paragraph(())]
    for piece in pieces:
        if not piece:
            continue
        first, *others = piece if not isinstance(piece, str) else (Paragraph(tuple(_lines(piece))),)
        last = blocks[-1]
        if isinstance(first, Paragraph) and isinstance(last, Paragraph):
            blocks[-1] = Paragraph(last.inlines + first.inlines)
        else:
            blocks.append(first)
        blocks += others
    return tuple(blocks)


def _lines(words: str) -> Iterator[Inline]:
    for at, line in enumerate(words.split("\n")):
        if at:
            yield Break()
        yield Text(line)


def media_of(blocks: Iterable[Block]) -> tuple[Picture | Audio, ...]:
    """Return the pictures and recordings of a tree in its order."""
    return tuple(i for inlines in inlines_of(blocks) for i in inlines if isinstance(i, Picture | Audio))


def words_of(blocks: Iterable[Block]) -> str:
    """Return the plain words of a tree, a line a block: for search, likeness, lists. A picture is what stands for it."""
    return "\n".join(filter(None, (" ".join(map(_word, inlines)).strip() for inlines in _joined(blocks))))


def _joined(blocks: Iterable[Block]) -> Iterator[list[Inline]]:
    """Yield each line with its texts put together, whatever their marks: no word is cut by a mark within."""
    for inlines in inlines_of(blocks):
        line: list[Inline] = []
        for inline in inlines:
            if isinstance(inline, Text) and line and isinstance(line[-1], Text):
                line[-1] = Text(line[-1].text + inline.text)
            else:
                line.append(inline)
        yield line


def _word(inline: Inline) -> str:
    match inline:
        case Text(text):
            return text.strip()
        case Picture(_, words) | Audio(_, words) | Formula(words):
            return words
        case Break():
            return ""
