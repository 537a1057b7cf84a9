"""A question as it is gathered from lines, before anybody has judged it."""

from dataclasses import dataclass, field

from contest.formats.word.lines import Line
from contest.formats.word.rich import Rich
from contest.rules.question_terms import Difficulty


@dataclass(slots=True)
class Option:
    """An option: its letter with how the letter is set, and its lines."""

    letter: str
    paragraph: int
    label: Rich
    lines: list[Rich]
    is_starred: bool = False


@dataclass(slots=True)
class Question:
    """A question; `keys` are the answers told in words, `list_keys` those of the list at the end, as typed."""

    number: int
    line: Line
    topic: tuple[str, ...]
    level: Difficulty | None = None
    text: list[str] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    list_keys: list[str] = field(default_factory=list)
    fields: dict[str, list[str]] = field(default_factory=dict)
    objects: list[tuple[str, Line]] = field(default_factory=list)
    strays: list[Line] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return len(self.options) > 1
