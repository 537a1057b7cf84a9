"""A question as it is gathered from lines, before anybody has judged it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contest.formats.tables.question_columns import KINDS
from contest.formats.word.lines import Line
from contest.formats.word.rich import Rich
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.questions import TOLD
from contest.rules.refusals import Refusal
from contest.rules.text import fold

_FEWER: Mapping[Kind | None, int] = {
    **dict.fromkeys((Kind.NUMERIC, Kind.SHORT_TEXT, Kind.ESSAY, Kind.UPLOAD, *TOLD), -1),
    **dict.fromkeys((Kind.CLOZE, Kind.DROPDOWN), 0),
}

RICH_FIELDS = ("explanation", "guidance")  # those whose words may be marked up


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
    """A question; `keys` are the answers told in words, `list_keys` those of the list at the end, as typed.

    One that `is_set` is rich, for it was written so by us.
    """

    number: int
    line: Line
    topic: tuple[str, ...]
    level: Difficulty | None = None
    text: list[Rich] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    list_keys: list[str] = field(default_factory=list)
    fields: dict[str, list[Rich]] = field(default_factory=dict)
    objects: list[tuple[Refusal, Line]] = field(default_factory=list)
    strays: list[Line] = field(default_factory=list)
    is_set: bool = False
    is_reply: bool = False  # what is right is told as "Trả lời:"

    def said(self, field: str) -> str:
        """Return the words of a field, nothing where it is not told."""
        return "\n".join(line.text for line in self.fields.get(field, ()))

    @property
    def told_kind(self) -> Kind | None:
        """The kind that the question tells of itself, where it is one."""
        return KINDS.get(fold(self.said("kind")).strip(" .;,"))

    @property
    def is_complete(self) -> bool:
        """Whether there need be no more options; a kind that is told says how many there must be."""
        return len(self.options) > _FEWER.get(self.told_kind, 1)
