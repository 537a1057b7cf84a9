"""The vocabulary of results and prizes: versions and their steps, corrections, lists of prizes."""

from enum import StrEnum


class Step(StrEnum):
    """What happens to a version of a result, in this order; withdrawing one ends it before its approval."""

    COMPUTED = "computed"
    CHECKED = "checked"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Publication(StrEnum):
    """When everybody sees a round's result: as soon as it is computed, marked as provisional, or once it is published."""

    PROVISIONAL = "provisional"
    APPROVED = "approved"


class Remedy(StrEnum):
    """What a correction does to a question that turned out to be wrong."""

    FULL_CREDIT = "full_credit"
    BOTH_KEYS = "both_keys"
    NEW_KEY = "new_key"
    DROPPED = "dropped"
    AS_WRITTEN = "as_written"


class EdgeTie(StrEnum):
    """What a tie at the edge of a quota leads to."""

    ALL = "all"
    LOT = "lot"


class Special(StrEnum):
    """A prize beside the ranking."""

    OLDEST = "oldest"
    YOUNGEST = "youngest"
    WIDEST = "widest"


class AwardState(StrEnum):
    """How far a list of prizes has come."""

    PROVISIONAL = "provisional"
    VERIFICATION = "verification"
    OFFICIAL = "official"
    ANNOUNCED = "announced"


class Verification(StrEnum):
    """What the verification of a winner came to."""

    VERIFIED = "verified"
    REFUSED = "refused"
