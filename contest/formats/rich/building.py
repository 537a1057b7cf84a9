"""Blocks put together as tags open and close, in whatever order they come."""

from dataclasses import dataclass, field

from contest.formats.rich.nodes import (
    Align,
    Block,
    Break,
    Heading,
    Inline,
    Inlines,
    Listing,
    Paragraph,
    Table,
    aligns_of,
)
from contest.formats.rich.tidying import DEPTH

_Cell = tuple[Inlines, Align | None]


@dataclass(slots=True)
class _Frame:
    """What is open: `holds` blocks, the items of a list, the rows of a table, or the words of a cell."""

    tag: str
    blocks: list[Block] = field(default_factory=list)
    items: list[tuple[Block, ...]] = field(default_factory=list)
    rows: list[list[_Cell]] = field(default_factory=list)
    words: list[Inline] = field(default_factory=list)
    start: int = 1
    has_head: bool = False
    align: Align | None = None


_LISTS, _CELLS = ("ul", "ol"), ("td", "th")
_KNOWN = {*_LISTS, *_CELLS, "li", "table", "tr"}


class Builder:
    """Takes words and the tags of lists and tables; `finish` closes what was left open."""

    def __init__(self) -> None:
        self._frames = [_Frame("")]
        self._line: list[Inline] = []
        self._level = 0

    def knows(self, tag: str) -> bool:
        return tag in _KNOWN

    def add(self, inline: Inline) -> None:
        self._line.append(inline)

    def head(self, level: int) -> bool:
        """Begin a heading of a level, or end one with 0; False where there can be none."""
        self.flush()
        self._level = level
        return not self._is_open(*_CELLS)

    def flush(self) -> None:
        """End the line of words that is being gathered."""
        inlines, self._line = tuple(self._line), []
        if not inlines:
            return
        frame = next(f for f in reversed(self._frames) if f.tag not in (*_LISTS, "table", "tr"))
        if frame.tag in _CELLS:
            frame.words += [Break(), *inlines]
        else:
            frame.blocks.append(Heading(self._level, inlines) if self._level else Paragraph(inlines))

    def open(self, tag: str, start: int = 1, align: Align | None = None) -> bool:
        """Open a tag; False when it cannot stand here, so that only its words stay."""
        self.flush()
        if tag in _LISTS:
            return self._open_list(tag, start)
        if tag == "table":
            if self._is_open("table"):
                return False
            self._frames.append(_Frame(tag))
            return True
        if tag == "li":
            self._leave(*_LISTS)
            return self._push(tag, within=_LISTS)
        self._leave("tr" if tag in _CELLS else "table")
        if tag in _CELLS and self._frames[-1].tag == "table":
            self._frames.append(_Frame("tr"))
        is_open = self._push(tag, within=("tr",) if tag in _CELLS else ("table",))
        self._frames[-1].align = align
        return is_open

    def _open_list(self, tag: str, start: int) -> bool:
        depth = sum(frame.tag in _LISTS for frame in self._frames)
        if self._is_open(*_CELLS) or depth == DEPTH:
            return False
        if self._frames[-1].tag in _LISTS:
            self._frames.append(_Frame("li"))
        self._frames.append(_Frame(tag, start=start))
        return True

    def _push(self, tag: str, within: tuple[str, ...]) -> bool:
        is_right = self._frames[-1].tag in within
        if is_right:
            self._frames.append(_Frame(tag))
        return is_right

    def close(self, tag: str) -> bool:
        """Close a tag and what is open within it; False when it was not open."""
        self.flush()
        if not self._reaches(tag):
            return False
        while self._pop() != tag:
            pass
        return True

    def _leave(self, *tags: str) -> None:
        """Close what is open within the nearest of these tags."""
        if any(map(self._reaches, tags)):
            while self._frames[-1].tag not in tags:
                self._pop()

    def _reaches(self, tag: str) -> bool:
        """Say whether a tag is open; what lies outside a cell is not reached from within one, but by tags of tables."""
        for frame in reversed(self._frames):
            if frame.tag == tag:
                return True
            if frame.tag in _CELLS and tag in (*_LISTS, "li"):
                return False
        return False

    def _is_open(self, *tags: str) -> bool:
        return any(frame.tag in tags for frame in self._frames)

    def _pop(self) -> str:
        frame = self._frames.pop()
        around = self._frames[-1]
        if frame.tag == "li":
            around.items.append(tuple(frame.blocks))
        elif frame.tag in _CELLS:
            around.rows = around.rows or [[]]
            around.rows[0].append((tuple(frame.words[1:]), frame.align))
            around.has_head = frame.tag == "th" and (around.has_head or len(around.rows[0]) == 1)
        elif frame.tag == "tr":
            around.has_head = around.has_head or (frame.has_head and not around.rows)
            around.rows += frame.rows or [[]]
        elif frame.tag == "table":
            rows = tuple(tuple(words for words, _ in row) for row in frame.rows)
            head, others = (rows[0], rows[1:]) if frame.has_head else ((), rows)
            around.blocks.append(Table(head, others, aligns_of(frame.rows)))
        else:
            around.blocks.append(Listing(tuple(frame.items), frame.tag == "ol", frame.start))
        return frame.tag

    def finish(self) -> list[Block]:
        """Return the blocks, with everything closed."""
        self.flush()
        while len(self._frames) > 1:
            self._pop()
        return self._frames[0].blocks
