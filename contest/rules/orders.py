"""Ready orders of criteria, as published regulations have them, and a try-out of any order on invented results."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from contest.rules.ranking import Achievement, Merit, places, prediction_error, rank_key
from contest.rules.terms import Criterion, PredictionTarget, mark


@dataclass(frozen=True, slots=True)
class ReadyOrder:
    """An order of criteria with the name of the regulations it comes from."""

    code: str
    name: str
    criteria: tuple[Criterion, ...]
    prediction: PredictionTarget | None


READY_ORDERS = (
    ReadyOrder(
        "btgtw-2019",
        mark("Ban Tuyên giáo Trung ương 2019"),
        (Criterion.CORRECT, Criterion.PREDICTION, Criterion.SUBMITTED_AT),
        PredictionTarget.ALL_CORRECT,
    ),
    ReadyOrder(
        "phu-yen-2021",
        mark("Phú Yên 2021"),
        (Criterion.CORRECT, Criterion.DURATION, Criterion.PREDICTION),
        PredictionTarget.ALL_CORRECT,
    ),
    ReadyOrder(
        "dak-lak-2022",
        mark("Đắk Lắk 2022"),
        (Criterion.CORRECT, Criterion.DURATION, Criterion.ATTEMPTS_USED, Criterion.REGISTERED_AT),
        None,
    ),
    ReadyOrder(
        "quang-nam-2022",
        mark("Quảng Nam 2022"),
        (Criterion.POINTS, Criterion.PREDICTION, Criterion.DURATION, Criterion.STARTED_AT, Criterion.FULL_MARKS),
        PredictionTarget.PARTICIPANTS,
    ),
)

INVENTED_TARGET = 100
_DAY = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Invented:
    """Somebody who does not exist, with what they would have achieved."""

    letter: str
    merit: Merit

    def value(self, criterion: Criterion) -> int | Decimal | timedelta | datetime | None:
        """Return what this person has for a criterion, as a table shows it."""
        attempt = self.merit.attempt
        values = {
            Criterion.CORRECT: self.merit.correct,
            Criterion.POINTS: self.merit.points,
            Criterion.PREDICTION: prediction_error(attempt.prediction, INVENTED_TARGET),
            Criterion.DURATION: timedelta(seconds=attempt.duration_seconds),
            Criterion.SUBMITTED_AT: attempt.submitted_at,
            Criterion.STARTED_AT: attempt.started_at,
            Criterion.REGISTERED_AT: self.merit.registered_at,
            Criterion.ATTEMPTS_USED: self.merit.attempts_used,
            Criterion.FULL_MARKS: self.merit.full_marks,
        }
        return values.get(criterion)


@dataclass(frozen=True, slots=True)
class Tried:
    place: int
    who: Invented


def _invent(
    letter: str, correct: int, guess: int | None, seconds: int, started: int, used: int, full: int, registered: int
) -> Invented:
    start = _DAY + timedelta(minutes=started)
    end = start + timedelta(seconds=seconds)
    attempt = Achievement(1, correct, 20, Decimal(correct), guess, seconds, start, end)
    return Invented(
        letter,
        Merit(attempt, Decimal(correct), Decimal(correct), used, full, _DAY - timedelta(hours=registered), None),
    )


# Chosen so that every criterion decides somewhere: close guesses against fast papers, and two who differ in little.
INVENTED = (
    _invent("A", 20, 103, 600, 10, 1, 1, 20),
    _invent("B", 20, 110, 300, 30, 1, 1, 30),
    _invent("C", 20, 97, 540, 20, 2, 2, 40),
    _invent("D", 20, 97, 540, 50, 1, 1, 10),
    _invent("E", 19, 100, 240, 5, 3, 0, 50),
    _invent("F", 19, None, 240, 5, 3, 0, 50),
)


def try_out(criteria: Sequence[Criterion]) -> tuple[Tried, ...]:
    """Return the invented people in the order that the criteria give them, with their places; ties by letter."""
    keyed = sorted((rank_key(i.merit, criteria, target=INVENTED_TARGET), i.letter, i) for i in INVENTED)
    numbers = places(key for key, _, _ in keyed)
    return tuple(Tried(place, who) for place, (_, _, who) in zip(numbers, keyed, strict=True))
