"""A tree as it is kept: nothing empty in it, nothing that looks the same in two ways.

A text in Markdown, and a page in HTML, give back exactly such a tree.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from contest.formats.rich.nodes import (
    PLAIN,
    Audio,
    Block,
    Break,
    Formula,
    Heading,
    Inline,
    Inlines,
    Listing,
    Mark,
    Marks,
    Paragraph,
    Picture,
    Table,
    Text,
    Tree,
)

LEVELS = 3
DEPTH = 4  # of lists within lists; what lies deeper stands on the deepest level
_MOST_START = 999_999_999
_LONE_DOLLAR = re.compile(r"(\\.)|\$", re.DOTALL)

Piece = tuple[str, Marks] | Inline  # a letter with its marks, or what is no letter


def tidy(blocks: Iterable[Block], *, depth: int = 0) -> Tree:
    """Return the blocks as they are kept; `depth` is that of the list they stand in."""
    out: list[Block] = []
    for found in (f for block in blocks for f in _tidied(block, depth)):
        last = out[-1] if out else None
        if isinstance(found, Listing) and isinstance(last, Listing) and last.is_ordered == found.is_ordered:
            out[-1] = Listing(last.items + found.items, last.is_ordered, last.start)
        else:
            out.append(found)
    return tuple(out)


def _tidied(block: Block, depth: int) -> Iterator[Block]:
    """Yield what is kept of a block: nothing of an empty one, the items of a list that lies too deep."""
    match block:
        case Paragraph(inlines):
            if kept := line(inlines):
                yield Paragraph(kept)
        case Heading(level, inlines):
            if kept := line(inlines, breaks=False):
                yield Heading(min(max(level, 1), LEVELS), kept)
        case Listing(items) if depth == DEPTH:
            yield from (kept for item in items for kept in tidy(item, depth=depth))
        case Listing(items, is_ordered, start):
            if full := tuple(filter(None, (tidy(item, depth=depth + 1) for item in items))):
                yield Listing(full, is_ordered, min(max(start, 0), _MOST_START - len(full)) if is_ordered else 1)
        case Table():
            yield from _table(block)


def _table(table: Table) -> Iterator[Table]:
    head = tuple(map(line, table.head))
    rows = tuple(row for row in (tuple(map(line, row)) for row in table.rows) if any(row))
    width = max(map(len, (head, *rows)), default=0)
    if any(head) or rows:
        aligns = tuple(table.align(at) for at in range(width))
        yield Table(_wide(head, width), tuple(_wide(row, width) for row in rows), aligns if any(aligns) else ())


def _wide(cells: tuple[Inlines, ...], width: int) -> tuple[Inlines, ...]:
    return cells + ((),) * (width - len(cells))


def line(inlines: Iterable[Inline], *, breaks: bool = True) -> Inlines:
    """Return a line of words with single spaces, none at its ends, and none under a mark that ends beside it."""
    pieces = _spaced(list(_pieces(inlines, breaks=breaks)))
    out: list[Inline] = []
    for marks, run in groupby(pieces, key=lambda p: p[1] if isinstance(p, tuple) else None):
        if marks is None:
            out += [p for p in run if not isinstance(p, tuple)]
        else:
            out.append(Text("".join(p[0] for p in run if isinstance(p, tuple)), marks))
    return tuple(out)


def _pieces(inlines: Iterable[Inline], *, breaks: bool) -> Iterator[Piece]:
    for inline in inlines:
        match inline:
            case Text(text, marks):
                marks = marks - {Mark.SUB} if Mark.SUP in marks else marks
                yield from ((" ", PLAIN) if c.isspace() else (c, marks) for c in text)
            case Break():
                yield inline if breaks else (" ", PLAIN)
            case Picture(name, alt):
                yield Picture(name, " ".join(alt.split()))
            case Audio(name, label):
                yield Audio(name, " ".join(label.split()))
            case Formula(tex, is_display):
                if kept := tidy_tex(tex):
                    yield Formula(kept, is_display)


def _spaced(pieces: list[Piece]) -> list[Piece]:
    """Leave one space where there are many, one break where there are many, none at the ends of lines."""
    out: list[Piece] = []
    gap: Piece | None = None
    for piece in pieces:
        if piece == (" ", PLAIN) or isinstance(piece, Break):
            gap = piece if gap is None or isinstance(piece, Break) else gap
            continue
        if gap is not None and out:
            last = out[-1]
            same = isinstance(last, tuple) and isinstance(piece, tuple) and last[1] == piece[1]
            out.append((" ", last[1]) if isinstance(gap, tuple) and same and isinstance(last, tuple) else gap)
        out.append(piece)
        gap = None
    return out


def tidy_tex(tex: str) -> str:
    """Return LaTeX on one line, in which no dollar ends it early."""
    tex = _LONE_DOLLAR.sub(lambda found: found[1] or r"\$", " ".join(tex.split()))
    while (len(tex) - len(tex.rstrip("\\"))) % 2:  # a lone backslash would take away the sign that ends it
        tex = tex[:-1].rstrip()
    return tex
