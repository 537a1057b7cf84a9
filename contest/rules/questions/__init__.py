"""The kinds of questions: well formed? parse, mark. A new kind is a line here, and a file where its ways are new."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Protocol

from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions import essay, hotspot, multiple_choice, ordering, single_choice, told, true_false, upload
from contest.rules.questions.bodies import Body, Key, Value
from contest.rules.questions.parts import InParts
from contest.rules.refusals import Refusal


class KindRules(Protocol):
    """What every kind answers. Each refusal of `well_formed` names its field: text, options, option-2, part-1 …

    `marks` are the shares of the parts, each from 0 to 1; `SHARES` says whether they count unless a slot says otherwise.
    """

    @property
    def SHARES(self) -> bool: ...  # noqa: N802

    def well_formed(self, body: Body, key: Key) -> tuple[Refusal, ...]: ...

    def parse(self, body: Body, raw: object) -> Value | Refusal: ...

    def marks(self, body: Body, key: Key, value: Value) -> tuple[Fraction, ...]: ...

    def is_correct(self, body: Body, key: Key, value: Value) -> bool: ...


KINDS: Mapping[Kind, KindRules] = MappingProxyType(
    {
        Kind.SINGLE_CHOICE: single_choice,
        Kind.MULTIPLE_CHOICE: multiple_choice,
        Kind.TRUE_FALSE: true_false,
        Kind.STATEMENTS: InParts({PartKind.STATEMENT}, least=2),
        Kind.MATCHING: InParts({PartKind.STEM}, least=2),
        Kind.ORDERING: ordering,
        Kind.NUMERIC: InParts({PartKind.NUMBER}, most=1),
        Kind.SHORT_TEXT: InParts({PartKind.TEXT}, most=1),
        Kind.CLOZE: InParts({PartKind.CHOICE, PartKind.TEXT, PartKind.NUMBER}, has_gaps=True),
        Kind.DROPDOWN: InParts({PartKind.CHOICE}, has_gaps=True),
        Kind.HOTSPOT: hotspot,
        Kind.ESSAY: essay,
        Kind.UPLOAD: upload,
        Kind.PASSAGE: told,
        Kind.DESCRIPTION: told,
    }
)
MARKED_BY_PEOPLE = frozenset({Kind.ESSAY, Kind.UPLOAD})
TOLD = frozenset({Kind.PASSAGE, Kind.DESCRIPTION})  # only read: neither counted nor drawn by themselves
