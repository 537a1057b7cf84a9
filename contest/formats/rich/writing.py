"""A tree as our Markdown: what would be taken for a sign is escaped, and no more than that."""

import re
from collections.abc import Sequence

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

_SIGNS = re.compile(r"[\\*^~$]|!(?=\[)|\{(?=\})|&(?=[#\w]+;)|(?<![^\s+])\+|\+(?![^\s+])|(?<=\+)\+|\+(?=\+)")
_LINE_START = re.compile(r"(?<!\\)[-#|:+]|(\d{1,9})([.)])")
_LINE_END = re.compile(r"#+$")
_BRACKETS = re.compile(r"[\\\[\]]")
_SPACE, _LINE, _PART = "&#32;", "&#10;", "{}"
_RULES = {None: "---", Align.LEFT: ":---", Align.CENTER: ":---:", Align.RIGHT: "---:"}
_STARS = {Mark.BOLD: "**", Mark.EMPHASIS: "*"}


def write(tree: Tree) -> str:
    """Return a tidy tree as Markdown, which reads back as the same tree."""
    return "\n\n".join(map(_block, tree))


def _block(block: Block) -> str:
    match block:
        case Paragraph(inlines):
            return _line(inlines)
        case Heading(level, inlines):
            return f"{'#' * level} {_LINE_END.sub(_escaped_row, _line(inlines, at_start=False))}"
        case Listing():
            return _listing(block)
        case Table(head, rows):
            rule = "|" + "".join(f" {_RULES[block.align(at)]} |" for at in range(len(head)))
            return "\n".join([_row(head), rule, *map(_row, rows)])


def _escaped_row(found: re.Match[str]) -> str:
    return found[0].replace("#", "\\#")


def _listing(listing: Listing) -> str:
    markers = (f"{listing.start + at}. " if listing.is_ordered else "- " for at in range(len(listing.items)))
    items = [marker + _indented(_item(item), len(marker)) for marker, item in zip(markers, listing.items, strict=True)]
    is_loose = any("\n\n" in item for item in items)
    return ("\n\n" if is_loose else "\n").join(items)


def _item(blocks: Sequence[Block]) -> str:
    """Write an item's blocks; a list of dots right under its words needs no line between."""
    out = ""
    for before, block in zip((None, *blocks), blocks, strict=False):
        is_close = isinstance(before, Paragraph) and isinstance(block, Listing) and not block.is_ordered
        out += ("" if before is None else "\n" if is_close else "\n\n") + _block(block)
    return out


def _indented(text: str, width: int) -> str:
    first, *others = text.split("\n")
    return "\n".join([first, *(" " * width + other if other else "" for other in others)])


def _row(cells: Sequence[Inlines]) -> str:
    return "|" + "".join(f" {_line(cell, at_start=False, line_end=_LINE).replace('|', BAR)} |" for cell in cells)


BAR = "\\|"


def _line(inlines: Inlines, *, at_start: bool = True, line_end: str = "\n") -> str:
    """Write a line of words. `at_start`: it begins a line, on which a dash or a number would make a list."""
    out = ""
    for at, inline in enumerate(inlines):
        following = inlines[at + 1] if at + 1 < len(inlines) else None
        is_first = at_start and (not out or out.endswith("\n"))
        out += _part(out, inline) + _written(inline, is_first=is_first, line_end=line_end) + _behind(inline, following)
    return out


def _part(before: str, inline: Inline) -> str:
    """Return what must stand before starred words so that the stars open: nothing, or what parts them."""
    if not isinstance(inline, Text) or not inline.marks & _STARS.keys() or not before or before[-1].isspace():
        return ""
    return _PART if before[-1] == "*" or not _inside(inline)[0].isalnum() else ""


def _behind(inline: Inline, following: Inline | None) -> str:
    """Return what must stand behind so that stars close, and a formula is not taken for a sum of money."""
    if not isinstance(following, Text):
        return ""
    if isinstance(inline, Formula):
        return _PART if following.text[0].isdigit() and not following.marks else ""
    if not isinstance(inline, Text) or not inline.marks & _STARS.keys() or following.text[0].isspace():
        return ""
    return _PART if not _inside(inline)[-1].isalnum() else ""


def _written(inline: Inline, *, is_first: bool, line_end: str) -> str:
    match inline:
        case Text(text, marks) if not marks:
            written = _escaped(text)
            return _LINE_START.sub(_escaped_start, written, count=1) if is_first and _starts(written) else written
        case Text():
            stars = "".join(sign for mark, sign in _STARS.items() if mark in inline.marks)
            return f"{stars}{_inside(inline)}{stars}"
        case Break():
            return line_end
        case Picture(name, words) | Audio(name, words):
            return f"![{_BRACKETS.sub(_backslashed, words)}](media:{name})"
        case Formula(tex, is_display):
            return f"$${tex}$$" if is_display else f"${tex}$"


def _inside(text: Text) -> str:
    """Write words with those of their marks that lie within the stars."""
    written = _escaped(text.text)
    for mark, sign in ((Mark.SUB, "~"), (Mark.SUP, "^")):
        if mark in text.marks:
            written = f"{sign}{written.replace(' ', _SPACE)}{sign}"
    return f"++{written}++" if Mark.UNDERLINE in text.marks else written


def _starts(written: str) -> bool:
    return _LINE_START.match(written) is not None


def _escaped_start(found: re.Match[str]) -> str:
    return f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[0]}"


def _escaped(text: str) -> str:
    return _SIGNS.sub(_backslashed, text)


def _backslashed(found: re.Match[str]) -> str:
    return f"\\{found[0]}"
