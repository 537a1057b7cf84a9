"""Text that remembers how each of its characters is set, and how it stands in what it is part of.

What is no text (a picture, an equation, a table) is one character in it: the number of the thing from FIRST_THING on.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from contest.formats.rich.nodes import Mark

# What may mark an answer as right.
BOLD, UNDERLINE, HIGHLIGHT, SHADE = 1, 2, 4, 8
COLOUR = 4  # from this bit on stands the number of a colour, 0 for black and automatic
MOST_COLOURS = 15
# What words look like; behind the marks in what a piece is set as.
LOOKS: Mapping[Mark, int] = {mark: 1 << at for at, mark in enumerate(Mark)}
LEVELED = 1 << len(LOOKS)  # a raised or lowered figure that is written as the character there is for it
LOOKING = 8

FIRST_THING, MOST_THINGS = 0xF0000, 20_000
_THING = re.compile(f"[{chr(FIRST_THING)}-{chr(0x10FFFF)}]")

_DROPPED = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\ufeff\r"))
_DECOMPOSED = re.compile("[^\u0300-\u036f][\u0300-\u036f]{1,5}")
_WIDE = re.compile(r"[^\S\n]{2,}")

_FIGURES = "0123456789+-"
_LEVELED: Mapping[Mark, str] = {Mark.SUP: "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", Mark.SUB: "₀₁₂₃₄₅₆₇₈₉₊₋"}
_USUAL = str.maketrans("".join(_LEVELED.values()), _FIGURES * len(_LEVELED))

Piece = tuple[str, int]  # a text and how it is set: its marks and, from bit LOOKING on, its looks


@dataclass(frozen=True, slots=True)
class Stand:
    """How a line stands in its text: `is_new` where it begins a paragraph; a heading; an item of a list `depth` deep.

    `number` of an item is None for a bullet; the first `label` characters are those that numbering put there. A line that
    `is_set` is looked at as it is set, with nothing in it that marks an answer.
    """

    is_new: bool = True
    heading: int = 0
    depth: int = 0
    is_item: bool = False
    number: int | None = None
    label: int = 0
    is_set: bool = False

    def within(self) -> "Stand":
        """Return how what is within a line stands: as words of a paragraph."""
        return Stand(self.is_new, is_set=self.is_set)


@dataclass(frozen=True, slots=True)
class Rich:
    """A text, one byte of marks and one of looks for each character, and how the line stands."""

    text: str
    marks: bytes
    looks: bytes
    stand: Stand = Stand()

    def part(self, start: int, end: int | None = None) -> "Rich":
        stand = self.stand if start == 0 else self.stand.within()
        return Rich(self.text[start:end], self.marks[start:end], self.looks[start:end], stand)

    def stripped(self) -> "Rich":
        start = len(self.text) - len(self.text.lstrip())
        return self.part(start, start + len(self.text.strip()))

    def behind(self, before: str) -> "Rich":
        """Return the text with plain words before it."""
        unset = bytes(len(before))
        return Rich(before + self.text, unset + self.marks, unset + self.looks, self.stand) if before else self

    def joined(self, between: str, following: "Rich") -> "Rich":
        after = following.behind(between)
        return Rich(self.text + after.text, self.marks + after.marks, self.looks + after.looks, self.stand)

    def settings(self) -> set[int]:
        """Return the marks that its letters and digits have, or its other characters where there are none."""
        pairs = list(zip(self.text, self.marks, strict=True))
        return {m for c, m in pairs if c.isalnum()} or {m for c, m in pairs if not c.isspace()}

    def runs(self) -> Iterator[tuple[str, int]]:
        """Yield what looks alike, as it was written, with its looks; each thing alone."""
        for (look, _), run in groupby(zip(self.text, self.looks, strict=True), key=lambda p: (p[1], p[0] >= _FIRST)):
            text = "".join(character for character, _ in run)
            if text[0] >= _FIRST:
                yield from ((thing, look) for thing in text)
            else:
                yield text.translate(_USUAL) if look & LEVELED else text, look & ~LEVELED


_FIRST = chr(FIRST_THING)


def words(text: str) -> Rich:
    """Return a text that is set in no way."""
    return Rich(text, bytes(len(text)), bytes(len(text)))


def has_thing(text: str) -> bool:
    """Say whether something stands in a text that is no text."""
    return _THING.search(text) is not None


def without_things(text: str, instead: str = "") -> str:
    return _THING.sub(instead, text)


def thing_of(character: str) -> int | None:
    """Return the number of the thing that a character is, or None for a character."""
    return ord(character) - FIRST_THING if character >= _FIRST else None


def leveled(text: str, setting: int, level: Mark | None) -> Iterator[Piece]:
    """Yield a text in pieces, its raised and lowered figures as the characters there are for them."""
    if level is None:
        yield text, setting
        return
    table = str.maketrans(_FIGURES, _LEVELED[level])
    setting |= LOOKS[level] << LOOKING
    for is_known, run in groupby(text, _FIGURES.__contains__):
        piece = "".join(run)
        yield (piece.translate(table), setting | LEVELED << LOOKING) if is_known else (piece, setting)


def rich_of(pieces: Iterable[Piece], *, is_set: bool = False) -> Rich:
    """Join pieces of text, each as it is set; in NFC unless that would undo how it `is_set`; at most two spaces in a row."""
    texts, marks, looks = [], [], []
    for piece, setting in pieces:
        text = piece.translate(_DROPPED)
        texts.append(text)
        marks.append(bytes([setting & 0xFF]) * len(text))
        looks.append(bytes([setting >> LOOKING]) * len(text))
    joined = Rich("".join(texts), b"".join(marks), b"".join(looks))
    if not is_set:
        joined = _rewritten(joined, _DECOMPOSED, lambda found: unicodedata.normalize("NFC", found))
    return _rewritten(joined, _WIDE, lambda found: "\t" if "\t" in found else "  ")


def lines_of(rich: Rich, stand: Stand) -> list[Rich]:
    """Take a text apart at its line breaks."""
    start, lines = 0, []
    for at, line in enumerate(rich.text.split("\n")):
        part = rich.part(start, start + len(line))
        how = stand if at == 0 else replace(stand, is_new=False, label=0, is_item=False)
        lines.append(Rich(part.text, part.marks, part.looks, how))
        start += len(line) + 1
    return lines


def letters_of(lines: Sequence[Rich]) -> Iterator[int]:
    """Yield how the letters and digits of some lines look."""
    for line in lines:
        pairs = zip(line.text[line.stand.label :], line.looks[line.stand.label :], strict=True)
        yield from (look for character, look in pairs if character.isalnum())


def _rewritten(rich: Rich, pattern: re.Pattern[str], change: Callable[[str], str]) -> Rich:
    """Replace what a pattern finds; the replacement is set as its first character was."""
    if not pattern.search(rich.text):
        return rich
    texts, marks, looks, at = [], [], [], 0
    for found in pattern.finditer(rich.text):
        new, start = change(found[0]), found.start()
        texts += [rich.text[at:start], new]
        marks += [rich.marks[at:start], rich.marks[start : start + 1] * len(new)]
        looks += [rich.looks[at:start], rich.looks[start : start + 1] * len(new)]
        at = found.end()
    return Rich(
        "".join([*texts, rich.text[at:]]), b"".join([*marks, rich.marks[at:]]), b"".join([*looks, rich.looks[at:]])
    )
