"""Essay: a text of one's own, which people mark; until they have, it has no score."""

from fractions import Fraction

from contest.rules.questions.bodies import Body, Key, Value
from contest.rules.questions.choices import text_given
from contest.rules.refusals import Refusal
from contest.rules.text import clean

SHARES = True
MOST_LETTERS = 50_000
MOST_WORDS = 10_000


def well_formed(body: Body, key: Key) -> tuple[Refusal, ...]:
    """Return what is wrong with the question; nothing means that it may be asked."""
    found = list(text_given(body))
    if body.options or body.parts:
        found.append(Refusal("options-of-no-use", field="options"))
    least, most = body.limits.least, body.limits.most
    if not (0 <= least <= MOST_WORDS and 0 <= most <= MOST_WORDS and (most == 0 or least <= most)):
        found.append(Refusal("bad-word-limits", {"high": MOST_WORDS}, "limits"))
    return tuple(found)


def parse(body: Body, raw: object) -> Value | Refusal:
    """Read a text, its lines kept; None means that it was cleared.

    Too many words are kept too: nothing written is lost, and whoever marks it sees how many there are.

    """
    if isinstance(raw, list | tuple) and len(raw) < 2:
        raw = raw[0] if raw else None
    if raw is None:
        return None
    if not isinstance(raw, str):
        return Refusal("bad-response", field="value")
    text = clean(raw, limit=MOST_LETTERS, multiline=True)
    if isinstance(text, Refusal):
        return Refusal(text.slug, text.params, "value")
    return text or None


def word_count(text: str) -> int:
    """Return how many words a text has, counted as Vietnamese word processors do: by the spaces."""
    return len(text.split())


def marks(body: Body, key: Key, value: Value) -> tuple[Fraction, ...]:
    """Return nothing: what people mark has no score by itself."""
    return ()


def is_correct(body: Body, key: Key, value: Value) -> bool:
    return False
