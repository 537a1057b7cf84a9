"""What a question is made of: what contestants see, what is right about it, and what a response to it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from contest.rules.question_terms import FILE_TYPES, FileKind, PartKind

Options = Sequence[tuple[str, str]]  # pairs of id and text, in the author's order
Weights = Mapping[str, Decimal]
Value = str | tuple[str, ...] | Mapping[str, str] | None  # one, several or ordered, by part; None is cleared
WHOLE = ""  # stands for a part where the question itself is answered


@dataclass(frozen=True, slots=True)
class Part:
    """Something to be answered inside a question: a statement, a stem to match, a gap in the text."""

    id: str
    kind: PartKind
    text: str = ""
    options: Options = ()
    unit: str = ""
    with_case: bool = False  # whether capitals matter to a text
    with_accents: bool = True  # whether accents do


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be written, in words, 0 being no limit; or how many files may be handed in, and of which kinds."""

    least: int = 0
    most: int = 0
    kinds: tuple[FileKind, ...] = ()

    @property
    def accepted(self) -> str:
        """The media types that are taken, as a browser's chooser of files wants them."""
        return ",".join(told for kind in self.kinds for told in FILE_TYPES[kind].values())


@dataclass(frozen=True, slots=True)
class Body:
    """What contestants see of a question, whatever its kind. Nothing in it tells the key.

    `areas` are those of a picture that options stand for.
    """

    text: str
    options: Options = ()
    parts: tuple[Part, ...] = ()
    limits: Limits = Limits()
    areas: Mapping[str, str] = field(default_factory=dict)
    option_ids: frozenset[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "option_ids", frozenset(option_id for option_id, _ in self.options))


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that earns something: an option's id, a pattern of words or a span of numbers, with its weight."""

    value: str
    weight: Decimal = Decimal(1)
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """What is right: weights by option, answers by part. Under `WHOLE` stand the options of an order, first to last."""

    weights: Weights = field(default_factory=dict)
    answers: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)
