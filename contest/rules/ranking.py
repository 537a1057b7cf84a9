"""Ranking: ordered criteria, one sortable key, places that ties share.

A key is bytes of fixed width for a list of criteria: eight bytes a criterion, big-endian, inverted where more is
better, so that the smaller key stands higher and one index orders a whole board. Times are whole seconds, as the
regulations and the tables say them: whoever sees two equal times sees two equal places.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from contest.rules.refusals import Refusal
from contest.rules.terms import Criterion, PredictionTarget

_WIDTH = 8
_HIGHEST = 2**64 - 1
_POINT = 10**6  # a point in the key is a million: means of several attempts have fractions
MORE_IS_BETTER = frozenset({Criterion.CORRECT, Criterion.POINTS, Criterion.FULL_MARKS})
SCORES = frozenset({Criterion.CORRECT, Criterion.POINTS})
MAX_PREDICTION = 10**9


class Achievement(NamedTuple):  # not a dataclass: there are millions, and a tuple is made in a third of the time
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


class Merit(NamedTuple):
    """What a round recognises of a person: a score, and the attempt whose prediction and times go with it.

    The score is that attempt's, or the mean of all attempts to the millionth, where the regulations count the mean.
    """

    attempt: Achievement
    correct: Decimal
    points: Decimal
    attempts_used: int
    full_marks: int
    registered_at: datetime | None = None
    lot: int | None = None


_Field = Callable[[Merit, int | None], int]  # one criterion of a merit, with T, as a number: the smaller stands higher


def check_criteria(criteria: Sequence[Criterion], *, has_prediction: bool) -> Refusal | None:
    """Refuse no criteria, one named twice, a prediction before the score or without its question, a lot that is not last."""
    if not criteria:
        return Refusal("criteria-empty", field="criteria")
    if len(set(criteria)) < len(criteria):
        return Refusal("criteria-twice", field="criteria")
    if Criterion.PREDICTION in criteria:
        before = criteria[: criteria.index(Criterion.PREDICTION)]
        if not SCORES.intersection(before):
            return Refusal("prediction-before-score", field="criteria")
        if not has_prediction:
            return Refusal("prediction-not-asked", field="criteria")
    if Criterion.LOT in criteria[:-1]:
        return Refusal("lot-not-last", field="criteria")
    return Refusal("lot-alone", field="criteria") if tuple(criteria) == (Criterion.LOT,) else None


def prediction_error(prediction: int | None, target: int | None) -> int | None:
    """Return |guess − T|, high and low alike; None without a guess or before T is known."""
    return None if prediction is None or target is None else abs(prediction - target)


def rank_key(merit: Merit, criteria: Sequence[Criterion], *, target: int | None) -> bytes:
    """Return the sortable key; while T is unknown the prediction is left out of it (the same bytes for everybody)."""
    pack, fields = _layout(tuple(criteria))
    return pack(*[field(merit, target) for field in fields])


@lru_cache(maxsize=256)
def _layout(criteria: tuple[Criterion, ...]) -> tuple[Callable[..., bytes], tuple[_Field, ...]]:
    """Return what packs a key of these criteria, and what finds the number of each."""
    return struct.Struct(f">{len(criteria)}Q").pack, tuple(map(_FIELDS.__getitem__, criteria))


def _correct(merit: Merit, _target: int | None) -> int:
    return _HIGHEST - int(merit.correct * _POINT)


def _points(merit: Merit, _target: int | None) -> int:
    return _HIGHEST - int(merit.points * _POINT) - 2**62  # points may be negative


def _prediction(merit: Merit, target: int | None) -> int:
    if target is None:
        return 0
    error = prediction_error(merit.attempt.prediction, target)
    return _HIGHEST if error is None else error  # an empty guess ranks after every guess


def _registered_at(merit: Merit, _target: int | None) -> int:
    return _HIGHEST if merit.registered_at is None else int(merit.registered_at.timestamp())


_FIELDS: Mapping[Criterion, _Field] = {
    Criterion.CORRECT: _correct,
    Criterion.POINTS: _points,
    Criterion.PREDICTION: _prediction,
    Criterion.DURATION: lambda merit, _: merit.attempt.duration_seconds,
    Criterion.SUBMITTED_AT: lambda merit, _: int(merit.attempt.submitted_at.timestamp()),
    Criterion.STARTED_AT: lambda merit, _: int(merit.attempt.started_at.timestamp()),
    Criterion.REGISTERED_AT: _registered_at,
    Criterion.ATTEMPTS_USED: lambda merit, _: merit.attempts_used,
    Criterion.FULL_MARKS: lambda merit, _: _HIGHEST - merit.full_marks,
    Criterion.LOT: lambda merit, _: merit.lot or 0,  # before the draw nobody stands before anybody
}


def lot_in(key: bytes) -> int | None:
    """Return the lot of a key whose last criterion is the lot; None where none was drawn."""
    return int.from_bytes(key[-_WIDTH:], "big") or None


def places(keys: Iterable[bytes], first: int = 1) -> Iterator[int]:
    """Yield the place of each key of an ascending series: equals share a place, and a gap follows them."""
    place, previous = first, None
    for position, key in enumerate(keys, first):
        if key != previous:
            place, previous = position, key
        yield place


def deciding(mine: bytes, other: bytes, criteria: Sequence[Criterion]) -> Criterion | None:
    """Return the first criterion in which two keys differ, by which one of two people stands higher; None for a tie."""
    for number, criterion in enumerate(criteria):
        part = slice(number * _WIDTH, (number + 1) * _WIDTH)
        if mine[part] != other[part]:
            return criterion
    return None


def prediction_target(people: Iterable[Sequence[Achievement]], kind: PredictionTarget) -> int:
    """Return T, counting people and never attempts: those with every question right, or all who took part.

    Each element holds the attempts of one person that could count; a person without any took no part.
    """
    if kind is PredictionTarget.PARTICIPANTS:
        return sum(1 for own in people if own)
    return sum(1 for own in people if any(a.is_all_correct for a in own))
