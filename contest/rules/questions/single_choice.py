"""Single choice: one option is right; another may bring part of the mark."""

from fractions import Fraction

from contest.rules.questions.bodies import Body, Key, Value
from contest.rules.questions.choices import one_right, parse_one, score_one, shape
from contest.rules.refusals import Refusal

SHARES = True


def well_formed(body: Body, key: Key) -> tuple[Refusal, ...]:
    """Return what is wrong with the question; nothing means that it may be asked."""
    return (*shape(body, key), *one_right(key.weights))


def parse(body: Body, raw: object) -> Value | Refusal:
    """Read a response; None means that it was cleared."""
    return parse_one(body.option_ids, raw)


def marks(body: Body, key: Key, value: Value) -> tuple[Fraction, ...]:
    """Return the weight of the chosen option, held within [0, 1]."""
    return (score_one(key.weights, value),)


def is_correct(body: Body, key: Key, value: Value) -> bool:
    """Say whether the right option was chosen."""
    return score_one(key.weights, value) == 1
