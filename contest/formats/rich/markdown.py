"""Our Markdown: CommonMark's paragraphs, headings, lists, tables and stars, and our own signs. There is no raw HTML in it.

Writing a tidy tree and reading it gives the same tree.
"""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

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
)
from contest.formats.rich.signs import FORMULA, MEDIA, sign
from contest.formats.rich.tidying import tidy

_SOUND = re.compile(r"\.(?:mp3|ogg|m4a|wav)$")
_reader = sign(MarkdownIt("zero").enable(["table", "list", "heading", "newline", "escape", "emphasis", "entity"]))


def read(markdown: str) -> Tree:
    """Return the tree of a text; every text is one, for what is no sign is words."""
    return tidy(_Reading(_reader.parse(markdown)).blocks())


def medium(name: str, words: str) -> Picture | Audio:
    """Return what a name among the media is: its ending tells."""
    return Audio(name, words) if _SOUND.search(name) else Picture(name, words)


class _Reading:
    """Walks tokens from the front; every block leaves what comes behind it."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def _next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def blocks(self) -> Iterator[Block]:
        """Yield blocks up to the end, or to the end of what holds them."""
        while self._at < len(self._tokens):
            token = self._next()
            if token.nesting < 0:
                return
            yield self._block(token)

    def _block(self, token: Token) -> Block:
        if token.type == "table_open":
            return self._table()
        if token.type in ("bullet_list_open", "ordered_list_open"):
            start = token.attrs.get("start", 1)
            return Listing(tuple(self._items()), token.type.startswith("o"), int(start))
        inlines = _inlines(self._next().children or [])
        self._next()
        return Heading(int(token.tag[1:]), inlines) if token.type == "heading_open" else Paragraph(inlines)

    def _items(self) -> Iterator[tuple[Block, ...]]:
        while self._next().nesting > 0:
            yield tuple(self.blocks())

    def _table(self) -> Table:
        rows: list[list[Inlines]] = []
        aligns: list[Align | None] = []
        while (token := self._next()).type != "table_close":
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "th_open":
                aligns.append(_align(token))
            elif token.type == "inline":
                rows[-1].append(_inlines(token.children or []))
        head, *others = map(tuple, rows)
        return Table(head, tuple(others), tuple(aligns))


def _align(cell: Token) -> Align | None:
    told = str(cell.attrs.get("style", ""))
    return Align(told.removeprefix("text-align:")) if told else None


def _inlines(tokens: Sequence[Token]) -> Inlines:
    out: list[Inline] = []
    marks: list[Mark] = []
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            out.append(Break())
        elif token.type == FORMULA:
            out.append(Formula(token.content, token.meta["display"]))
        elif token.type == MEDIA:
            out.append(medium(token.meta["name"], token.content))
        elif token.nesting > 0:
            marks.append(Mark(token.tag))
        elif token.nesting < 0:
            marks.remove(Mark(token.tag))
        else:
            out += _lines(token.content, frozenset(marks))
    return tuple(out)


def _lines(words: str, marks: frozenset[Mark]) -> Iterator[Inline]:
    """Yield words with a break at every line end that was written as a number, as cells of tables have it."""
    first, *others = words.split("\n")
    yield Text(first, marks)
    for other in others:
        yield Break()
        yield Text(other, marks)
