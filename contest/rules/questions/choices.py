"""What all kinds with options share: the shape of the options, the weights, and how a response is read."""

import unicodedata
from collections.abc import Collection, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from contest.rules.questions.bodies import Body, Key, Options, Value, Weights
from contest.rules.refusals import Refusal

MOST_OPTIONS = 26
NOUGHT, WHOLE = Fraction(0), Fraction(1)  # of a question's mark
_NOTHING = Decimal()
_SHARE = Decimal("0.0000001")  # the finest weight that files carry, as 0.00001 %


def option_field(number: int) -> str:
    """Return the name of the field that holds the option with a number, from 1."""
    return f"option-{number}"


def shape(body: Body, key: Key) -> Iterator[Refusal]:
    """Yield what is wrong with a question's text, options and weights, whatever its kind."""
    yield from text_given(body)
    yield from options_given(body.options)
    for number, (option_id, _) in enumerate(body.options, start=1):
        if abs(key.weights.get(option_id, Decimal())) > 1:
            yield Refusal("weight-range", {"most": 100}, option_field(number))
    if not key.weights.keys() <= body.option_ids:
        yield Refusal("key-of-no-option", field="options")


def text_given(body: Body) -> Iterator[Refusal]:
    """Yield a refusal unless there is a text."""
    if not folded(body.text):
        yield Refusal("required", field="text")


def options_given(options: Options, least: int = 2) -> Iterator[Refusal]:
    """Yield what is wrong with options: too few, too many, empty ones, two alike."""
    if len(options) < least:
        yield Refusal("too-few-options", {"low": least}, "options")
    if len(options) > MOST_OPTIONS:
        yield Refusal("too-many-options", {"limit": MOST_OPTIONS}, "options")
    seen: dict[str, int] = {}
    for number, (_, option) in enumerate(options, start=1):
        words = folded(option)
        if not words:
            yield Refusal("required", field=option_field(number))
        elif (first := seen.setdefault(words, number)) != number:
            yield Refusal("options-alike", {"first": first}, option_field(number))


def one_right(weights: Weights) -> Iterator[Refusal]:
    """Yield a refusal unless exactly one option is wholly right."""
    count = sum(weight == 1 for weight in weights.values())
    if count == 0:
        yield Refusal("no-right", field="options")
    elif count > 1:
        yield Refusal("one-right", {"count": count}, "options")


def parse_one(option_ids: Collection[str], raw: object) -> Value | Refusal:
    """Read a response that is one option: its id, a list with at most one, or nothing."""
    if isinstance(raw, list | tuple):
        if len(raw) > 1:
            return Refusal("bad-response", field="value")
        raw = raw[0] if raw else None
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str):
        return Refusal("bad-response", field="value")
    return raw if raw in option_ids else Refusal("bad-option", field="value")


def score_one(weights: Weights, value: Value) -> Fraction:
    """Return the fraction that the one chosen option brings, never below 0 or above 1."""
    return clamped(exact(weights.get(value, _NOTHING))) if isinstance(value, str) else NOUGHT


@lru_cache(maxsize=1024)
def exact(weight: Decimal) -> Fraction:
    """Return a weight as a fraction; a bank has few that differ."""
    return Fraction(weight)


def clamped(fraction: Fraction) -> Fraction:
    """Return a fraction held within [0, 1]."""
    if fraction.numerator <= 0:
        return NOUGHT
    return WHOLE if fraction.numerator >= fraction.denominator else fraction


def even_weights(count: int) -> tuple[Decimal, ...]:
    """Share one mark out among right options as evenly as files can carry; the shares add up to exactly 1."""
    share = (Decimal(1) / count).quantize(_SHARE)
    return (1 - share * (count - 1), *[share] * (count - 1))


def folded(text: str) -> str:
    """Return a text in the form in which two are alike that look alike."""
    return " ".join(unicodedata.normalize("NFC", text).split())
