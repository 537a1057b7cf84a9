"""Corrections of a question after the round: what they do to each paper that carries it, and who moves by it.

A correction never touches key, response or paper: it stands beside them, and the score is a function of all four. Of
several corrections of one question the latest holds alone, so that correcting twice is correcting once.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from contest.rules.marking import PLAIN, Scoring, earned
from contest.rules.question_terms import Kind
from contest.rules.questions.bodies import Body, Key, Value, Weights
from contest.rules.questions.choices import even_weights
from contest.rules.refusals import Refusal
from contest.rules.result_terms import Remedy

CHOICES = frozenset(
    {Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.TRUE_FALSE, Kind.HOTSPOT}
)  # whose key is a set of options
WITH_KEY = frozenset({Remedy.BOTH_KEYS, Remedy.NEW_KEY})


@dataclass(frozen=True, slots=True)
class Correction:
    """What is done about a question; `weights` is its new key where the remedy asks for one."""

    remedy: Remedy
    weights: Weights | None = None


def check_correction(correction: Correction, kind: Kind, old: Weights) -> Refusal | None:
    """Refuse a remedy without the key it needs, a key that the kind cannot have, and one that changes nothing."""
    if correction.remedy not in WITH_KEY:
        return None
    new = correction.weights
    if kind not in CHOICES:
        return Refusal("no-key-of-options", field="remedy")
    if not new or not any(weight > 0 for weight in new.values()):
        return Refusal("new-key-missing", field="key")
    if set(new) != set(old):
        return Refusal("not-a-choice", field="key")
    if kind is not Kind.MULTIPLE_CHOICE and sum(weight > 0 for weight in new.values()) > 1:
        return Refusal("one-key-only", field="key")
    return Refusal("new-key-same", field="key") if dict(new) == dict(old) else None


def key_weights(options: Sequence[str], right: Set[str]) -> dict[str, Decimal]:
    """Return the weights of a key: the whole mark for one right option, even shares for several, nothing for the rest."""
    shares = iter(even_weights(len(right)) if right else ())
    return {option: next(shares) if option in right else Decimal() for option in options}


def mark(
    kind: Kind,
    body: Body,
    old: Key,
    value: Value,
    correction: Correction | None,
    scoring: Scoring = PLAIN,
    *,
    given: Fraction | None = None,
) -> Fraction | None:
    """Return what a response earns, from -penalty to 1, or None where the question does not count.

    `given` is what a person gave it, where people mark; no key says anything about such a question.
    """
    if correction is None or correction.remedy is Remedy.AS_WRITTEN:
        return earned(kind, body, old, value, scoring) if given is None else given
    new = replace(old, weights=correction.weights or {})
    match correction.remedy:
        case Remedy.FULL_CREDIT:
            return Fraction(1)
        case Remedy.DROPPED:
            return None
        case Remedy.NEW_KEY:
            return earned(kind, body, new, value, scoring)
        case Remedy.BOTH_KEYS:
            return max(earned(kind, body, key, value, scoring) for key in (old, new))


def is_key(option: str, old: Weights, correction: Correction | None) -> bool:
    """Say whether an option is shown as right: by the new key where there is one, by both where both are accepted."""
    new = correction.weights if correction is not None and correction.remedy in WITH_KEY else None
    if new is None:
        return old[option] > 0
    return new[option] > 0 or (correction is not None and correction.remedy is Remedy.BOTH_KEYS and old[option] > 0)


def in_force(corrections: Sequence[tuple[int, Correction]]) -> Mapping[int, Correction]:
    """Return question version → the correction that holds, of pairs in the order in which they were made."""
    return dict(corrections)
