"""True/false: two options, the statement is the one or the other."""

from collections.abc import Collection, Iterator
from fractions import Fraction

from contest.rules.questions.choices import Options, Value, Weights, one_right, parse_one, score_one, shape
from contest.rules.refusals import Refusal

TRUE, FALSE = "Đúng", "Sai"  # the options unless the author words them


def well_formed(text: str, options: Options, weights: Weights) -> tuple[Refusal, ...]:
    """Return what is wrong with the question; nothing means that it may be asked."""
    return (*shape(text, options, weights), *_only_two(options), *one_right(weights))


def parse(option_ids: Collection[str], raw: object) -> Value | Refusal:
    """Read a response; None means that it was cleared."""
    return parse_one(option_ids, raw)


def score(weights: Weights, value: Value) -> Fraction:
    """Return 1 for the right option, else 0 (or what its weight says, within [0, 1])."""
    return score_one(weights, value)


def score_by_weights(weights: Weights, value: Value) -> Fraction:
    """Return the same as `score`: one option cannot be summed."""
    return score_one(weights, value)


def is_correct(weights: Weights, value: Value) -> bool:
    """Say whether the right option was chosen."""
    return score_one(weights, value) == 1


def _only_two(options: Options) -> Iterator[Refusal]:
    if len(options) > 2:
        yield Refusal("two-options", field="options")
