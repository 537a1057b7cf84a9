"""The texts of one question: plain where words say it all, else all of them rich.

Neither ornaments nor the marks of right answers are kept.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_

from contest.formats.rich.building import Builder
from contest.formats.rich.importing import Importing
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import Break, Formula, Inline, Mark, Picture, Text, Tree, map_inlines
from contest.formats.rich.tidying import DEPTH, tidy
from contest.formats.rich.writing import write
from contest.formats.taking import NotTaken, cleaned
from contest.formats.word.questions import RICH_FIELDS, Option, Question
from contest.formats.word.rich import BOLD, LEVELED, LOOKS, Rich, Stand, has_thing, letters_of, thing_of
from contest.formats.word.things import Equation, Grid, Shown, Thing
from contest.formats.word.wording import GUARD
from contest.rules.refusals import Refusal

_SEEN = sum(LOOKS[mark] for mark in (Mark.BOLD, Mark.EMPHASIS, Mark.UNDERLINE))
_MARKING = (LOOKS[Mark.BOLD], LOOKS[Mark.UNDERLINE])  # what may mark an option as right
_OF_WORDS = LOOKS[Mark.BOLD] | LOOKS[Mark.EMPHASIS]  # what is on a part of a word by a slip of the hand
_WORD = re.compile(r"[^\W_]+")
_LEVELS = LOOKS[Mark.SUB] | LOOKS[Mark.SUP]


def wants_rich(question: Question) -> bool:
    """Say whether words alone would not say what the texts of a question say."""
    if question.is_set:
        return True
    said = [question.text, *(question.fields.get(name, []) for name in RICH_FIELDS)]
    passed = marking_looks(question.options)
    return any(_means_more(lines, 0) for lines in said) or any(_means_more(o.lines, passed) for o in question.options)


def marking_looks(options: Sequence[Option]) -> int:
    """Return the looks by which options may be told apart: those that not every option has on some of its letters."""
    if not any(any(line.looks) for option in options for line in option.lines):
        return sum(_MARKING)
    told = [list(letters_of(option.lines)) for option in options]
    return sum(bit for bit in _MARKING if not all(0 < sum(bool(x & bit) for x in looks) < len(looks) for looks in told))


def _means_more(lines: Sequence[Rich], passed: int) -> bool:
    if any(has_thing(line.text) for line in lines):
        return True
    if not any(any(line.looks) for line in lines):
        return False
    kept = (_SEEN | _LEVELS) & ~passed & ~_ornament(lines)
    looks = set(letters_of([_by_words(line) for line in lines]))
    return any(look & kept & _SEEN or (look & _LEVELS and not look & LEVELED) for look in looks)


def _ornament(lines: Sequence[Rich]) -> int:
    """Return the looks that all letters of a text have: they set nothing apart."""
    found = _SEEN
    for look in set(letters_of([line for line in lines if not line.stand.is_set])):
        found &= look
    return found


def _by_words(line: Rich) -> Rich:
    """Return a line in which a word is bold or emphasised as a whole or not at all."""
    if len(set(line.looks)) < 2 or line.stand.is_set:
        return line
    looks = bytearray(line.looks)
    for word in _WORD.finditer(line.text):
        start, end = word.span()
        common = reduce(and_, looks[start:end]) | ~_OF_WORDS
        looks[start:end] = bytes(look & common for look in looks[start:end])
    return replace(line, looks=bytes(looks))


@dataclass(slots=True)
class Texts:
    """Reads the texts of one question into drafts' texts; `kept` are the pictures they show."""

    things: Sequence[Thing]
    is_rich: bool = False
    marking: int = 0  # the looks that options lose, for they may tell which is right
    kept: Importing = field(default_factory=Importing)

    def read(self, lines: Sequence[Rich], limit: int, *, is_option: bool = False) -> str:
        """Return what lines say, as a draft has it. Raises NotTaken."""
        if not self.is_rich:
            return cleaned("\n".join(line.text for line in lines), limit)
        passed = _ornament(lines) | (self.marking if is_option else 0)
        tree = tidy(map_inlines(self._tree(lines, passed, is_option=is_option), self.kept.worded))
        # Dropping what cannot be seen may bring signs together, hence the second reading.
        return write(read(cleaned(write(tree), limit, indented=True)))

    def _tree(self, lines: Sequence[Rich], passed: int, *, is_option: bool) -> Tree:
        builder = Builder()
        placing = _Placing(builder)
        for line in lines:
            placing.place(line.stand)
            own = line if line.stand.is_set else _without(_by_words(line), passed)
            for inline in self._inlines(own.part(own.stand.label), is_usual=is_option and not line.stand.is_set):
                if isinstance(inline, Grid):
                    self._build(builder, inline)
                else:
                    builder.add(inline)
        return tuple(builder.finish())

    def _inlines(self, line: Rich, *, is_usual: bool) -> Iterator[Inline | Grid]:
        """Yield what a line holds; `is_usual`: equations in bold are read without, for that marks an answer."""
        at = 0
        for text, look in line.runs():
            number = thing_of(text[0])
            if number is None:
                yield Text(text.replace(GUARD, ""), frozenset(mark for mark, bit in LOOKS.items() if look & bit))
            else:
                is_bold = bool(line.marks[at] & BOLD)
                yield from self._thing(self.things[number], is_usual=is_usual and is_bold)
            at += len(text)

    def _thing(self, thing: Thing, *, is_usual: bool) -> Iterator[Inline | Grid]:
        match thing:
            case Grid():
                yield thing
            case Shown(file, alt):
                yield Picture(self.kept.keep(file), alt)
            case Equation(lines, usual, is_display):
                for at, tex in enumerate(usual if is_usual else lines):
                    if at:
                        yield Break()
                    yield Formula(tex, is_display)

    def _build(self, builder: Builder, grid: Grid) -> None:
        if not builder.open("table"):
            raise NotTaken(Refusal("word-table-nested"))
        for at, (row, aligns) in enumerate(zip(grid.rows, grid.aligns, strict=True)):
            builder.open("tr")
            for cell, align in zip(row, aligns, strict=True):
                builder.open("th" if grid.has_head and at == 0 else "td", align=align)
                for line in cell:
                    builder.flush()
                    for inline in self._inlines(line, is_usual=False):
                        if not isinstance(inline, Grid):
                            builder.add(inline)
        builder.close("table")


def _without(line: Rich, passed: int) -> Rich:
    return replace(line, looks=bytes(look & ~passed for look in line.looks))


@dataclass(slots=True)
class _Placing:
    """Opens and closes what a line stands in: paragraphs, headings, lists and their items."""

    builder: Builder
    _open: list[str] = field(default_factory=list)

    def place(self, stand: Stand) -> None:
        if not stand.is_new:
            self.builder.add(Break())
            return
        self.builder.head(stand.heading)
        depth = min(stand.depth, DEPTH)
        while len(self._open) > depth:
            self.builder.close(self._open.pop())
        if stand.is_item:
            self._item("ul" if stand.number is None else "ol", depth, stand.number or 0)

    def _item(self, tag: str, depth: int, number: int) -> None:
        if len(self._open) == depth and self._open[-1] != tag:
            self.builder.close(self._open.pop())
        while len(self._open) < depth:
            self.builder.open(tag, number)
            self._open.append(tag)
        self.builder.open("li")
