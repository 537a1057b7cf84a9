"""What is printed, free of how: papers by their codes, their questions in order, their keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contest.rules.question_terms import Kind, PartKind


@dataclass(frozen=True, slots=True)
class Fonts:
    """Paths of the fonts: the house's own in two weights, and one that has the letters which those lack."""

    regular: str
    bold: str
    others: str | None = None


@dataclass(frozen=True, slots=True)
class PrintedOption:
    """An option; `area` is where it lies on the picture of the question, if it does."""

    letter: str
    text: str
    area: str = ""


@dataclass(frozen=True, slots=True)
class PrintedPart:
    """A part; `options` are those of its own."""

    number: int
    kind: PartKind
    text: str
    options: tuple[PrintedOption, ...]
    unit: str


@dataclass(frozen=True, slots=True)
class PrintedPassage:
    """A text above the first of its questions, with the sentence that says which these are."""

    text: str
    rich: bool
    hint: str


@dataclass(frozen=True, slots=True)
class PrintedQuestion:
    number: int
    kind: Kind
    text: str
    options: tuple[PrintedOption, ...]
    parts: tuple[PrintedPart, ...]
    points: str = ""  # said where they are not one
    rich: bool = False
    passages: tuple[PrintedPassage, ...] = ()
    section: str = ""  # its title above the first of its questions


@dataclass(frozen=True, slots=True)
class Paper:
    """A version of a paper: its code, its questions, and what is right of each, as graders read it."""

    code: str
    questions: tuple[PrintedQuestion, ...]
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What is printed beside the questions, in the reader's language."""

    code: str
    question: str
    name: str
    unit: str
    number: str
    sheet: str
    key: str
    page: str
    end: str
    true: str
    false: str
    answer: str
    right_order: str
    handed: str
    by_people: str
    points: str
    hint: str
    passage: str
    passage_of_one: str


@dataclass(frozen=True, slots=True)
class Booklet:
    """The papers of a round; `minutes` is a sentence such as "Thời gian làm bài: 20 phút"."""

    organisation: str
    contest: str
    title: str
    minutes: str
    papers: tuple[Paper, ...]
    words: Words
    pictures: Mapping[str, bytes] = field(default_factory=dict)


_TICKED = frozenset({Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.TRUE_FALSE, Kind.HOTSPOT})


def columns_for(question: PrintedQuestion) -> int:
    """Return how many options stand in one line: four short ones, two of middling length, else one; rich ones alone."""
    options = question.options
    if question.rich:
        return 1
    longest = max((len(option.text) for option in options), default=0)
    if any("\n" in option.text for option in options):
        return 1
    return 4 if longest <= 18 and len(options) == 4 else 2 if longest <= 40 and len(options) % 2 == 0 else 1


@dataclass(frozen=True, slots=True)
class SheetRow:
    """What the answer sheet offers for a number: letters to fill in, a line to write on, or both."""

    letters: tuple[str, ...]
    has_line: bool


def rows_of(booklet: Booklet) -> tuple[SheetRow, ...]:
    """Return the rows of the one sheet that serves all versions: in another version another question has the number."""
    return tuple(_row(together) for together in zip(*(paper.questions for paper in booklet.papers), strict=True))


def _row(together: tuple[PrintedQuestion, ...]) -> SheetRow:
    ticked = [question for question in together if question.kind in _TICKED]
    most = max((question.options for question in ticked), key=len, default=())
    return SheetRow(tuple(option.letter for option in most), has_line=len(ticked) < len(together))
