"""The kinds of questions: well formed? parse a response, score it. A new kind is a file and a line here."""

from collections.abc import Collection, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Protocol

from contest.rules.question_terms import Kind
from contest.rules.questions import multiple_choice, single_choice, true_false
from contest.rules.questions.choices import Options, Value, Weights
from contest.rules.refusals import Refusal


class KindRules(Protocol):
    """What every kind answers; each refusal of `well_formed` names its field: text, options, option-2 …"""

    def well_formed(self, text: str, options: Options, weights: Weights) -> tuple[Refusal, ...]: ...

    def parse(self, option_ids: Collection[str], raw: object) -> Value | Refusal: ...

    def score(self, weights: Weights, value: Value) -> Fraction: ...

    def score_by_weights(self, weights: Weights, value: Value) -> Fraction: ...

    def is_correct(self, weights: Weights, value: Value) -> bool: ...


KINDS: Mapping[Kind, KindRules] = MappingProxyType(
    {
        Kind.SINGLE_CHOICE: single_choice,
        Kind.MULTIPLE_CHOICE: multiple_choice,
        Kind.TRUE_FALSE: true_false,
    }
)
