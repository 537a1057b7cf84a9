"""Multiple choice: every option with a positive weight is right, and only all of them together are the answer."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from contest.rules.questions.bodies import Body, Key, Value, Weights
from contest.rules.questions.choices import NOUGHT, clamped, exact, shape
from contest.rules.refusals import Refusal

SHARES = False
_TOLERANCE = Decimal("0.0001")  # files write a third as 33.33333 %


def well_formed(body: Body, key: Key) -> tuple[Refusal, ...]:
    """Return what is wrong with the question; nothing means that it may be asked."""
    return (*shape(body, key), *_whole_mark(key.weights))


def parse(body: Body, raw: object) -> Value | Refusal:
    """Read a response into the sorted tuple of the chosen options; None means that it was cleared."""
    if raw is None or raw == "":
        return None
    chosen = [raw] if isinstance(raw, str) else raw
    if not isinstance(chosen, list | tuple) or len(chosen) > len(body.option_ids):
        return Refusal("bad-response", field="value")
    if not all(isinstance(option_id, str) for option_id in chosen):
        return Refusal("bad-response", field="value")
    if not all(option_id in body.option_ids for option_id in chosen):
        return Refusal("bad-option", field="value")
    return tuple(sorted(set(chosen))) or None


def marks(body: Body, key: Key, value: Value) -> tuple[Fraction, ...]:
    """Return the sum of the chosen options' weights, held within [0, 1]; exactly the right options are always 1."""
    if is_correct(body, key, value):
        return (Fraction(1),)
    return (clamped(sum((exact(key.weights.get(o, Decimal())) for o in _chosen(value)), NOUGHT)),)


def is_correct(body: Body, key: Key, value: Value) -> bool:
    """Say whether exactly the right options were chosen."""
    right = {option_id for option_id, weight in key.weights.items() if weight > 0}
    return bool(right) and _chosen(value) == right


def _chosen(value: Value) -> set[str]:
    return {value} if isinstance(value, str) else set(value or ())


def _whole_mark(weights: Weights) -> Iterator[Refusal]:
    right = [weight for weight in weights.values() if weight > 0]
    whole = sum(right, Decimal())
    if not right:
        yield Refusal("no-right", field="options")
    elif abs(whole - 1) > _TOLERANCE:
        yield Refusal("weights-sum", {"sum": f"{(whole * 100).normalize():f}"}, "options")
