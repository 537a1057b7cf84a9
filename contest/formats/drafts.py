"""What a reader hands over: drafts of questions, units, members and entrants, and the problems it met with their places."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from contest.rules.question_terms import Difficulty, FileKind, Kind, PartKind
from contest.rules.refusals import Refusal

T = TypeVar("T")

OF_WORDS = tuple(kind for kind in Kind if kind is not Kind.HOTSPOT)  # what tables and lists of words hold
# Characters that a draft's texts may have; the tables of the database hold as much.
CODE_LIMIT, TOPIC_LIMIT, SHORT_LIMIT, TEXT_LIMIT = 60, 200, 2_000, 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands; all count from 1, `column` is the header as the file has it."""

    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    line: int | None = None
    paragraph: int | None = None

    @property
    def number(self) -> int:
        """The row, the line or the paragraph; 0 for a place that is the whole file."""
        return self.row or self.line or self.paragraph or 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something was not taken (error) or what was passed over (warning), with a few words of the original."""

    refusal: Refusal
    place: Place
    excerpt: str = ""
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True, slots=True)
class OptionDraft:
    """An option; `weight` is its fraction of the mark, 1 for right and 0 for wrong, shared out in multiple choice."""

    text: str
    weight: Decimal
    feedback: str = ""
    area: str = ""  # of a picture: left, top, width, height in percent


@dataclass(frozen=True, slots=True)
class PartDraft:
    """Something to be answered inside a question, with what may be answered.

    `answers` of a statement is one, `true` or `false`; of a stem one, with the words of an option of the question; of a
    choice all that are offered, the right one with weight 1; of a text patterns, of a number spans (`12.5`, `12.5:0.1`,
    `10..12`), each with its weight.
    """

    kind: PartKind
    text: str = ""
    answers: tuple[OptionDraft, ...] = ()
    unit: str = ""
    with_case: bool = False
    with_accents: bool = True


@dataclass(frozen=True, slots=True)
class MediaDraft:
    """A picture or a recording made harmless: `width` and `height` are 0 for a recording, `suffix` is that of its kind."""

    media_type: str
    suffix: str
    width: int
    height: int
    content: bytes
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class FileDraft:
    """A file that came with a question, as it came; the texts show it by this name."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """A question; its texts are plain, or our Markdown where it is `rich`. An ordering has its options in the right order.

    `passage` is the code of the passage that it belongs to, of the same bank; `guidance` is for those who mark it.
    """

    code: str | None
    kind: Kind
    text: str
    options: tuple[OptionDraft, ...]
    topic: tuple[str, ...] = ()
    difficulty: Difficulty | None = None
    source: str = ""
    effective_on: date | None = None
    explanation: str = ""
    tags: tuple[str, ...] = ()
    rich: bool = False
    files: tuple[FileDraft, ...] = ()
    place: Place = Place()
    parts: tuple[PartDraft, ...] = ()
    least_words: int = 0
    most_words: int = 0
    most_files: int = 0
    file_kinds: tuple[FileKind, ...] = ()
    passage: str | None = None
    guidance: str = ""


@dataclass(frozen=True, slots=True)
class UnitDraft:
    code: str
    name: str
    short_name: str = ""
    level: str = ""
    parent: str | None = None
    headcount: int | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class MemberDraft:
    """A person as a list gives them; `phone` is kept as typed, `unit` is the unit's code."""

    code: str | None
    full_name: str
    birth_date: date | None
    phone: str | None
    email: str | None
    identity_number: str | None
    unit: str
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class EntrantDraft:
    """A person as a list of entrants gives them: by member code, with the name and a note where the list has them."""

    code: str
    full_name: str = ""
    note: str = ""
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class ExtraTimeDraft:
    """A person's extra time: minutes or percent of the limit, the other being 0."""

    code: str
    minutes: int
    percent: int
    reason: str
    valid_until: date | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What came of reading a file: what was understood, and every problem in the order of the file."""

    drafts: tuple[T, ...]
    problems: tuple[Problem, ...]
