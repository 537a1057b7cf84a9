"""Ranking: ordered criteria, one sortable key, places that ties share.

A key is bytes of fixed width for a list of criteria: eight bytes a criterion, big-endian, inverted where more is
better, so that the smaller key stands higher and one index orders a whole board. Times are whole seconds, as the
regulations and the tables say them: whoever sees two equal times sees two equal places.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from contest.rules.refusals import Refusal
from contest.rules.terms import Criterion, PredictionTarget

_WIDTH = 8
_HIGHEST = 2**64 - 1
_MORE_IS_BETTER = frozenset({Criterion.CORRECT, Criterion.POINTS})
_SCORES = frozenset({Criterion.CORRECT, Criterion.POINTS})
MAX_PREDICTION = 10**9


@dataclass(frozen=True, slots=True)
class Achievement:
    """What one closed attempt of a person achieved; times are instants, the duration whole seconds."""

    number: int
    correct_count: int
    question_count: int
    points: Decimal
    prediction: int | None
    duration_seconds: int
    started_at: datetime
    submitted_at: datetime

    @property
    def is_all_correct(self) -> bool:
        return self.question_count > 0 and self.correct_count == self.question_count


def check_criteria(criteria: Sequence[Criterion], *, has_prediction: bool) -> Refusal | None:
    """Refuse no criteria, one named twice, a prediction before the score, or one without the question for it."""
    if not criteria:
        return Refusal("criteria-empty", field="criteria")
    if len(set(criteria)) < len(criteria):
        return Refusal("criteria-twice", field="criteria")
    if Criterion.PREDICTION in criteria:
        before = criteria[: criteria.index(Criterion.PREDICTION)]
        if not _SCORES.intersection(before):
            return Refusal("prediction-before-score", field="criteria")
        if not has_prediction:
            return Refusal("prediction-not-asked", field="criteria")
    return None


def prediction_error(prediction: int | None, target: int | None) -> int | None:
    """Return |guess − T|, high and low alike; None without a guess or before T is known."""
    return None if prediction is None or target is None else abs(prediction - target)


def rank_key(a: Achievement, criteria: Sequence[Criterion], *, target: int | None, attempts_used: int) -> bytes:
    """Return the sortable key; while T is unknown the prediction is left out of it (the same bytes for everybody)."""
    return b"".join(_field(c, a, target, attempts_used) for c in criteria)


def _field(criterion: Criterion, a: Achievement, target: int | None, attempts_used: int) -> bytes:
    value = _value(criterion, a, target, attempts_used)
    return (_HIGHEST - value if criterion in _MORE_IS_BETTER else value).to_bytes(_WIDTH, "big")


def _value(criterion: Criterion, a: Achievement, target: int | None, attempts_used: int) -> int:
    match criterion:
        case Criterion.CORRECT:
            return a.correct_count
        case Criterion.POINTS:
            return int(a.points.scaleb(6)) + 2**62  # points may be negative
        case Criterion.PREDICTION:
            if target is None:
                return 0
            error = prediction_error(a.prediction, target)
            return _HIGHEST if error is None else error  # an empty guess ranks after every guess
        case Criterion.DURATION:
            return a.duration_seconds
        case Criterion.SUBMITTED_AT:
            return int(a.submitted_at.timestamp())
        case Criterion.STARTED_AT:
            return int(a.started_at.timestamp())
        case Criterion.ATTEMPTS_USED:
            return attempts_used


def places(keys: Iterable[bytes], first: int = 1) -> Iterator[int]:
    """Yield the place of each key of an ascending series: equals share a place, and a gap follows them."""
    place, previous = first, None
    for position, key in enumerate(keys, first):
        if key != previous:
            place, previous = position, key
        yield place


def prediction_target(people: Iterable[Sequence[Achievement]], kind: PredictionTarget) -> int:
    """Return T, counting people and never attempts: those with every question right, or all who took part.

    Each element holds the attempts of one person that could count; a person without any took no part.
    """
    if kind is PredictionTarget.PARTICIPANTS:
        return sum(1 for own in people if own)
    return sum(1 for own in people if any(a.is_all_correct for a in own))
