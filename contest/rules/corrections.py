"""Corrections of a question after the round: what they do to each paper that carries it, and who moves by it.

A correction never touches key, response or paper: it stands beside them, and the score is a function of all four. Of
several corrections of one question the latest holds alone, so that correcting twice is correcting once.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from contest.rules.marking import PLAIN, Scoring, earned
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions import KINDS, MARKED_BY_PEOPLE, TOLD
from contest.rules.questions.bodies import WHOLE, Answer, Body, Key, Part, Value, Weights
from contest.rules.questions.choices import even_weights
from contest.rules.questions.lines import WrittenPart, read_answers
from contest.rules.refusals import Refusal
from contest.rules.result_terms import Remedy

CHOICES = frozenset(
    {Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.TRUE_FALSE, Kind.HOTSPOT}
)  # whose key is a set of options
WITH_KEY = frozenset({Remedy.BOTH_KEYS, Remedy.NEW_KEY})


@dataclass(frozen=True, slots=True)
class Correction:
    """What is done about a question; `key` is its new key where the remedy asks for one."""

    remedy: Remedy
    key: Key | None = None


def check_correction(correction: Correction, kind: Kind, body: Body, old: Key) -> tuple[Refusal, ...]:
    """Refuse a remedy without the key it needs, a key that the kind cannot have, and one that changes nothing."""
    if correction.remedy not in WITH_KEY:
        return ()
    if kind in MARKED_BY_PEOPLE | TOLD:
        return (Refusal("no-key-to-correct", field="remedy"),)
    new = correction.key or Key()
    refusal = _refusal_of_options(kind, new.weights, old.weights) if kind in CHOICES else None
    if refusal is not None:
        return (refusal,)
    if kind not in CHOICES and (found := KINDS[kind].well_formed(body, new)):
        return tuple(Refusal(r.slug, r.params, "key" if r.field == "options" else r.field) for r in found)
    return (Refusal("new-key-same", field="key"),) if _is_same(new, old) else ()


def _refusal_of_options(kind: Kind, new: Weights, old: Weights) -> Refusal | None:
    if not any(weight > 0 for weight in new.values()):
        return Refusal("new-key-missing", field="key")
    if set(new) != set(old):
        return Refusal("not-a-choice", field="key")
    if kind is not Kind.MULTIPLE_CHOICE and sum(weight > 0 for weight in new.values()) > 1:
        return Refusal("one-key-only", field="key")
    return None


def _is_same(new: Key, old: Key) -> bool:
    """Say whether two keys take the same for right; an order is one by its order, other answers by what they are."""
    sides = []
    for key in (new, old):
        pairs = {part: [(a.value, a.weight) for a in answers if a.weight > 0] for part, answers in key.answers.items()}
        order = [answer.value for answer in key.answers.get(WHOLE, ())]
        sides.append((dict(key.weights), {part: set(found) for part, found in pairs.items()}, order))
    return sides[0] == sides[1]


def read_key(kind: Kind, body: Body, chosen: Sequence[str], given: Mapping[str, str]) -> Key:
    """Return a key as it is written: options chosen, or by part what is right there, in words one answer a line.

    Of an order `given` holds the place of each option. What was not given leaves its part without an answer.
    """
    if kind in CHOICES:
        return Key(key_weights([option for option, _ in body.options], frozenset(chosen)))
    if kind is Kind.ORDERING:
        order = KINDS[kind].parse(body, given)
        return Key(answers={WHOLE: tuple(map(Answer, order))} if isinstance(order, tuple) else {})
    return Key(answers={p.id: _answers(p, given[p.id]) for p in body.parts if given.get(p.id, "").strip()})


def _answers(part: Part, given: str) -> tuple[Answer, ...]:
    if part.kind not in {PartKind.TEXT, PartKind.NUMBER}:
        return (Answer(given),)
    return tuple(Answer(text, weight) for text, weight in read_answers(WrittenPart(part.kind, right=given)))


def key_weights(options: Sequence[str], right: Set[str]) -> dict[str, Decimal]:
    """Return the weights of a key: the whole mark for one right option, even shares for several, nothing for the rest."""
    shares = iter(even_weights(len(right)) if right else ())
    return {option: next(shares) if option in right else Decimal() for option in options}


def mark(
    kind: Kind, body: Body, old: Key, value: Value, correction: Correction | None, scoring: Scoring = PLAIN
) -> Fraction | None:
    """Return what a response earns, from -penalty to 1, or None where the question does not count."""
    if correction is None or correction.remedy is Remedy.AS_WRITTEN:
        return earned(kind, body, old, value, scoring)
    new = correction.key or old
    match correction.remedy:
        case Remedy.FULL_CREDIT:
            return Fraction(1)
        case Remedy.DROPPED:
            return None
        case Remedy.NEW_KEY:
            return earned(kind, body, new, value, scoring)
        case Remedy.BOTH_KEYS:
            return max(earned(kind, body, key, value, scoring) for key in (old, new))


def keys_shown(old: Key, correction: Correction | None) -> tuple[Key, ...]:
    """Return the keys that are shown as right: the new one where there is one, both where both are accepted."""
    if correction is None or correction.remedy not in WITH_KEY or correction.key is None:
        return (old,)
    return (old, correction.key) if correction.remedy is Remedy.BOTH_KEYS else (correction.key,)


def in_force(corrections: Sequence[tuple[int, Correction]]) -> Mapping[int, Correction]:
    """Return question version → the correction that holds, of pairs in the order in which they were made."""
    return dict(corrections)
