"""The vocabulary of advancing to a later round; the labels stand with all the others in `terms`."""

from enum import StrEnum


class AdvanceBy(StrEnum):
    """Who of an earlier ranking advances."""

    TOP = "top"
    TOP_PER_UNIT = "top_per_unit"
    QUOTA = "quota"
    LEAST_SCORE = "least_score"


class AdvancedState(StrEnum):
    """Where somebody on the list of a round stands: advances, waits in reserve, or has withdrawn."""

    IN = "in"
    RESERVE = "reserve"
    WITHDRAWN = "withdrawn"
