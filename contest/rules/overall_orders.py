"""A try-out of any overall standing on invented people over three invented rounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from contest.rules.overall import OverallMerit, RoundMerit, Rule, counted_rounds, overall_key, overall_merit
from contest.rules.overall_terms import OverallCriterion, OverallWay
from contest.rules.ranking import places

_DAY = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)
INVENTED_ROUNDS = 3
CHOSEN = 3  # the invented round that counts where a single one does


@dataclass(frozen=True, slots=True)
class TriedOverall:
    """Somebody who does not exist, where they stand, what of which round counts, and what it comes to."""

    place: int
    letter: str
    rounds: tuple[tuple[Decimal | None, bool], ...]
    merit: OverallMerit

    def value(self, criterion: OverallCriterion) -> object:
        """Return what this person has for a criterion, as a table shows it."""
        return value_of(criterion, self.merit)


def value_of(criterion: OverallCriterion, merit: OverallMerit) -> object:
    """Return what stands for a criterion: a count, points, a span, an instant, or None where there is nothing."""
    values = {
        OverallCriterion.CORRECT: merit.correct,
        OverallCriterion.POINTS: merit.points,
        OverallCriterion.PREDICTION: merit.prediction_error,
        OverallCriterion.DURATION: timedelta(seconds=merit.duration_seconds),
        OverallCriterion.SUBMITTED_AT: merit.submitted_at,
        OverallCriterion.REGISTERED_AT: merit.registered_at,
        OverallCriterion.ATTEMPTS_USED: merit.attempts_used,
        OverallCriterion.FULL_MARKS: merit.full_marks,
        OverallCriterion.ROUNDS_TAKEN: merit.rounds_taken,
    }
    return values[criterion]


def _invent(number: int, correct: int, error: int | None, seconds: int, used: int = 1) -> RoundMerit:
    done = _DAY + timedelta(days=7 * number, seconds=seconds)
    score = Decimal(correct)
    return RoundMerit(number, score, score, True, error, seconds, done, used, int(correct == 20))


# Chosen so that the ways differ: one even, one with a single brilliant round, one who missed a round, one who never guesses.
INVENTED = (
    ("A", 10, (_invent(1, 18, 4, 600), _invent(2, 18, 6, 540), _invent(3, 18, 5, 580))),
    ("B", 30, (_invent(1, 20, 2, 420), _invent(2, 12, 30, 900, 2), _invent(3, 15, 12, 800, 2))),
    ("C", 20, (_invent(1, 19, 3, 500), _invent(3, 19, 8, 480))),
    ("D", 40, (_invent(1, 17, None, 300), _invent(2, 19, None, 310), _invent(3, 18, None, 290))),
    ("E", 5, (_invent(2, 20, 1, 400),)),
)


def try_out(rule: Rule) -> tuple[TriedOverall, ...]:
    """Return the invented people in the order that a rule gives them; who has no round that counts is left out."""
    found = []
    for letter, joined, rounds in INVENTED:
        own: Sequence[RoundMerit] = rounds
        if rule.way is OverallWay.CHOSEN:
            own = [r for r in rounds if r.number == CHOSEN]
        if own:
            merit = overall_merit(own, rule, _DAY - timedelta(hours=joined))
            counted = {r.number for r in counted_rounds(own, rule)}
            scores = {r.number: r.correct for r in rounds}
            shown = tuple((scores.get(n), n in counted) for n in range(1, INVENTED_ROUNDS + 1))
            found.append((overall_key(merit, rule.criteria), letter, shown, merit))
    found.sort(key=lambda f: f[:2])
    numbers = places(f[0] for f in found)
    return tuple(
        TriedOverall(place, letter, shown, m) for place, (_, letter, shown, m) in zip(numbers, found, strict=True)
    )
