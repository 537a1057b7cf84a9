"""The overall standing: what of a person's rounds counts, the sums of it, and one sortable key over them.

A round gives what it recognises of a person; nothing is counted anew. Of the rounds that count, scores, prediction errors,
durations, attempts and full-mark attempts are added up, and the last submission is taken. Whoever left a guess out where
one was asked for stands behind those who left out fewer; a round that somebody did not take adds nothing to anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from contest.rules.overall_terms import OverallCriterion, OverallWay
from contest.rules.refusals import Refusal

_WIDTH = 8
_HIGHEST = 2**64 - 1
_POINT = 10**6  # a point in the key is a million, as in the key of a round
_NO_GUESS = 2**48  # more than all prediction errors of all rounds together
MORE_IS_BETTER = frozenset(
    {OverallCriterion.CORRECT, OverallCriterion.POINTS, OverallCriterion.FULL_MARKS, OverallCriterion.ROUNDS_TAKEN}
)
SCORES = frozenset({OverallCriterion.CORRECT, OverallCriterion.POINTS})


@dataclass(frozen=True, slots=True)
class Rule:
    """How a contest makes its overall standing; `best` is the k of the best k rounds."""

    way: OverallWay
    criteria: tuple[OverallCriterion, ...]
    best: int | None = None


@dataclass(frozen=True, slots=True)
class RoundMerit:
    """What one settled round recognises of a person; `error` is None without a guess."""

    number: int
    correct: Decimal
    points: Decimal
    asks_prediction: bool
    error: int | None
    duration_seconds: int
    submitted_at: datetime
    attempts_used: int
    full_marks: int


@dataclass(frozen=True, slots=True)
class OverallMerit:
    """What all counted rounds of a person come to; `prediction_error` is None when they made no guess at all."""

    rounds_taken: int
    correct: Decimal
    points: Decimal
    prediction_error: int | None
    missing_guesses: int
    duration_seconds: int
    submitted_at: datetime
    attempts_used: int
    full_marks: int
    registered_at: datetime | None = None


def check_rule(rule: Rule, asks_prediction: Sequence[bool]) -> tuple[Refusal, ...]:
    """Return everything in which a rule contradicts itself; `asks_prediction` has one element for each round that is in."""
    criteria, found = rule.criteria, list[Refusal]()
    if rule.way is OverallWay.CHOSEN and len(asks_prediction) != 1:
        found.append(Refusal("overall-chosen-missing", field="chosen"))
    elif not asks_prediction:
        found.append(Refusal("overall-no-rounds", field="rounds"))
    elif rule.way is OverallWay.BEST_K:
        if rule.best is None or rule.best < 1:
            found.append(Refusal("overall-best-missing", field="best"))
        elif rule.best > len(asks_prediction):
            found.append(Refusal("overall-best-too-many", {"count": len(asks_prediction)}, "best"))
    if not criteria:
        found.append(Refusal("criteria-empty", field="criteria"))
    if len(set(criteria)) < len(criteria):
        found.append(Refusal("criteria-twice", field="criteria"))
    if OverallCriterion.PREDICTION in criteria:
        if not SCORES.intersection(criteria[: criteria.index(OverallCriterion.PREDICTION)]):
            found.append(Refusal("prediction-before-score", field="criteria"))
        if asks_prediction and not any(asks_prediction):
            found.append(Refusal("overall-prediction-nowhere", field="criteria"))
    return tuple(found)


def counted_rounds(own: Sequence[RoundMerit], rule: Rule) -> tuple[RoundMerit, ...]:
    """Return which of a person's rounds count, by number: all, or the best by the very order of the standing."""
    if rule.way is OverallWay.BEST or rule.way is OverallWay.BEST_K:
        best = 1 if rule.way is OverallWay.BEST else rule.best or 1
        ordered = sorted(own, key=lambda r: (overall_key(_sum([r], 1, None), rule.criteria), r.number))
        own = ordered[:best]
    return tuple(sorted(own, key=lambda r: r.number))


def overall_merit(own: Sequence[RoundMerit], rule: Rule, registered_at: datetime | None = None) -> OverallMerit:
    """Return what a person's rounds, one or more, come to."""
    return _sum(counted_rounds(own, rule), len(own), registered_at)


def _sum(counted: Sequence[RoundMerit], rounds_taken: int, registered_at: datetime | None) -> OverallMerit:
    errors = [r.error for r in counted if r.error is not None]
    return OverallMerit(
        rounds_taken=rounds_taken,
        correct=sum((r.correct for r in counted), Decimal()),
        points=sum((r.points for r in counted), Decimal()),
        prediction_error=sum(errors) if errors else None,
        missing_guesses=sum(r.asks_prediction and r.error is None for r in counted),
        duration_seconds=sum(r.duration_seconds for r in counted),
        submitted_at=max(r.submitted_at for r in counted),
        attempts_used=sum(r.attempts_used for r in counted),
        full_marks=sum(r.full_marks for r in counted),
        registered_at=registered_at,
    )


def overall_key(merit: OverallMerit, criteria: Sequence[OverallCriterion]) -> bytes:
    """Return the sortable key: bytes of fixed width for an order of criteria, the smaller stands higher."""
    return b"".join(_field(c, merit) for c in criteria)


def _field(criterion: OverallCriterion, merit: OverallMerit) -> bytes:
    value = _value(criterion, merit)
    return (_HIGHEST - value if criterion in MORE_IS_BETTER else value).to_bytes(_WIDTH, "big")


def _value(criterion: OverallCriterion, merit: OverallMerit) -> int:
    match criterion:
        case OverallCriterion.CORRECT:
            return int(merit.correct * _POINT)
        case OverallCriterion.POINTS:
            return int(merit.points * _POINT) + 2**62  # points may be negative
        case OverallCriterion.PREDICTION:
            return merit.missing_guesses * _NO_GUESS + (merit.prediction_error or 0)
        case OverallCriterion.DURATION:
            return merit.duration_seconds
        case OverallCriterion.SUBMITTED_AT:
            return int(merit.submitted_at.timestamp())
        case OverallCriterion.REGISTERED_AT:
            return _HIGHEST if merit.registered_at is None else int(merit.registered_at.timestamp())
        case OverallCriterion.ATTEMPTS_USED:
            return merit.attempts_used
        case OverallCriterion.FULL_MARKS:
            return merit.full_marks
        case OverallCriterion.ROUNDS_TAKEN:
            return merit.rounds_taken
