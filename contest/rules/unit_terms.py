"""The vocabulary of units: how they are compared, why one cannot be, and what becomes of them."""

from enum import StrEnum


class UnitCriterion(StrEnum):
    """How units are compared."""

    PARTICIPANTS = "participants"
    RATIO = "ratio"
    PERCENT_AND_PRIZES = "percent_and_prizes"
    GATED_RATIO = "gated_ratio"
    WINNERS = "winners"
    AT_LEAST = "at_least"
    MEAN = "mean"
    MEAN_OF_BEST = "mean_of_best"


class Unplaced(StrEnum):
    """Why a unit cannot be compared by a formula."""

    NO_HEADCOUNT = "no_headcount"
    OVER_HEADCOUNT = "over_headcount"
    MANDATORY_MISSING = "mandatory_missing"
    NO_WINNER = "no_winner"
    NOBODY = "nobody"
    TOO_FEW = "too_few"


class ComparedUnits(StrEnum):
    """Which units a contest compares: those taking part, the ones right below a unit, or all of one level."""

    TAKING_PART = "taking_part"
    BELOW = "below"
    LEVEL = "level"


class UnitChangeKind(StrEnum):
    """What may happen to a unit."""

    RENAMED = "renamed"
    MOVED = "moved"
    MERGED = "merged"
    RECEIVED = "received"
    SPLIT = "split"
    FOUNDED = "founded"
