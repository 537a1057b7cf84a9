"""Passages and descriptions: a text to be read, to which nobody responds; a passage stands before its questions."""

from fractions import Fraction

from contest.rules.questions.bodies import Body, Key, Limits, Value
from contest.rules.questions.choices import text_given
from contest.rules.refusals import Refusal

SHARES = True


def well_formed(body: Body, key: Key) -> tuple[Refusal, ...]:
    """Return what is wrong with the text; it has nothing to respond to and no key."""
    found = list(text_given(body))
    if body.options or body.parts or body.limits != Limits():
        found.append(Refusal("options-of-no-use", field="options"))
    return tuple(found)


def parse(body: Body, raw: object) -> Value | Refusal:
    """Read a response, which can only be none."""
    return None if raw is None or raw in ("", [], ()) else Refusal("bad-response", field="value")


def marks(body: Body, key: Key, value: Value) -> tuple[Fraction, ...]:
    """Return nothing: what is only read has no mark."""
    return ()


def is_correct(body: Body, key: Key, value: Value) -> bool:
    return False
