"""The vocabulary of an overall standing over several rounds; the labels stand with all the others in `terms`."""

from enum import StrEnum


class OverallWay(StrEnum):
    """How the rounds of a person count together."""

    SUM = "sum"
    BEST = "best"
    BEST_K = "best_k"
    CHOSEN = "chosen"


class OverallCriterion(StrEnum):
    """What an overall standing may be ordered by: what a round may be, over the rounds that count, and rounds taken."""

    CORRECT = "correct"
    POINTS = "points"
    PREDICTION = "prediction"
    DURATION = "duration"
    SUBMITTED_AT = "submitted_at"
    REGISTERED_AT = "registered_at"
    ATTEMPTS_USED = "attempts_used"
    FULL_MARKS = "full_marks"
    ROUNDS_TAKEN = "rounds_taken"
