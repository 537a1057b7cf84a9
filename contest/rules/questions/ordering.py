"""Ordering: the options are put into the one right order; each that stands at its place earns its share."""

from collections.abc import Mapping
from fractions import Fraction

from contest.rules.questions.bodies import WHOLE, Body, Key, Value
from contest.rules.questions.choices import options_given, text_given
from contest.rules.refusals import Refusal

SHARES = False


def well_formed(body: Body, key: Key) -> tuple[Refusal, ...]:
    """Return what is wrong with the question; nothing means that it may be asked."""
    found = [*text_given(body), *options_given(body.options)]
    if sorted(_right(key)) != sorted(body.option_ids):
        found.append(Refusal("order-incomplete", field="options"))
    return tuple(found)


def parse(body: Body, raw: object) -> Value | Refusal:
    """Read a response: all options in an order, or {option: place from 1} as a plain form sends it; None is cleared."""
    if raw is None or raw in ("", [], {}):
        return None
    if isinstance(raw, Mapping):
        return _from_places(body, raw)
    if not isinstance(raw, list | tuple) or not all(isinstance(option_id, str) for option_id in raw):
        return Refusal("bad-response", field="value")
    if not all(option_id in body.option_ids for option_id in raw):
        return Refusal("bad-option", field="value")
    return tuple(raw) if sorted(raw) == sorted(body.option_ids) else Refusal("places-missing", field="value")


def _from_places(body: Body, raw: Mapping[object, object]) -> Value | Refusal:
    places = {option_id: place for option_id, place in raw.items() if place not in (None, "")}
    if not places:
        return None
    if not places.keys() <= body.option_ids:
        return Refusal("bad-option", field="value")
    wanted = {str(number) for number in range(1, len(body.options) + 1)}
    if len(places) < len(wanted) or set(map(str, places.values())) != wanted:
        return Refusal("places-missing", field="value")
    return tuple(sorted(map(str, places), key=lambda option_id: int(str(places[option_id]))))


def marks(body: Body, key: Key, value: Value) -> tuple[Fraction, ...]:
    """Return 1 or 0 for each place, in the right order: whether what belongs there stands there."""
    given = value if isinstance(value, tuple) else ()
    return tuple(Fraction(given[i : i + 1] == (right,)) for i, right in enumerate(_right(key)))


def is_correct(body: Body, key: Key, value: Value) -> bool:
    """Say whether everything stands at its place."""
    return value == _right(key)


def _right(key: Key) -> tuple[str, ...]:
    return tuple(answer.value for answer in key.answers.get(WHOLE, ()))
