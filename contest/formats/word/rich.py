"""Text that remembers how each of its characters is set."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

BOLD, UNDERLINE, HIGHLIGHT, SHADE = 1, 2, 4, 8
COLOUR = 4  # from this bit on stands the number of a colour, 0 for black and automatic
MOST_COLOURS = 15

_DROPPED = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\ufeff\r"))
_DECOMPOSED = re.compile("[^\u0300-\u036f][\u0300-\u036f]{1,5}")
_WIDE = re.compile(r"[^\S\n]{2,}")


@dataclass(frozen=True, slots=True)
class Rich:
    """A text and one byte of marks for each character."""

    text: str
    marks: bytes

    def part(self, start: int, end: int | None = None) -> "Rich":
        return Rich(self.text[start:end], self.marks[start:end])

    def settings(self) -> set[int]:
        """Return the marks that its letters and digits have, or its other characters where there are none."""
        pairs = list(zip(self.text, self.marks, strict=True))
        return {m for c, m in pairs if c.isalnum()} or {m for c, m in pairs if not c.isspace()}


def rich_of(pieces: Iterable[tuple[str, int]]) -> Rich:
    """Join pieces of text, each with its marks; NFC, and no run of spaces longer than two."""
    texts, marks = [], []
    for piece, mark in pieces:
        text = piece.translate(_DROPPED)
        texts.append(text)
        marks.append(bytes([mark]) * len(text))
    joined = Rich("".join(texts), b"".join(marks))
    composed = _rewritten(joined, _DECOMPOSED, lambda found: unicodedata.normalize("NFC", found))
    return _rewritten(composed, _WIDE, lambda found: "\t" if "\t" in found else "  ")


def lines_of(rich: Rich) -> list[Rich]:
    """Take a text apart at its line breaks."""
    start, lines = 0, []
    for line in rich.text.split("\n"):
        lines.append(rich.part(start, start + len(line)))
        start += len(line) + 1
    return lines


def _rewritten(rich: Rich, pattern: re.Pattern[str], change: Callable[[str], str]) -> Rich:
    """Replace what a pattern finds; the replacement is set as its first character was."""
    if not pattern.search(rich.text):
        return rich
    texts, marks, at = [], [], 0
    for found in pattern.finditer(rich.text):
        new = change(found[0])
        texts += [rich.text[at : found.start()], new]
        marks += [rich.marks[at : found.start()], rich.marks[found.start() : found.start() + 1] * len(new)]
        at = found.end()
    return Rich("".join([*texts, rich.text[at:]]), b"".join([*marks, rich.marks[at:]]))
