"""The vocabulary of the field: what may be chosen, and the mark of a text that gettext is to find."""

from enum import StrEnum


def mark(message: str) -> str:
    """Mark a text for extraction by gettext and return it unchanged; it is rendered at the edge by `i18n`."""
    return message


class ContestState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class AttemptState(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    EXPIRED = "expired"


class Counted(StrEnum):
    """Which attempt of a person counts in a round."""

    BEST = "best"
    FIRST = "first"
    LAST = "last"
    AVERAGE = "average"


class LimitPer(StrEnum):
    """Within what the attempts of a person are limited: the whole round, each window, day, or week from Monday on."""

    ROUND = "round"
    WINDOW = "window"
    DAY = "day"
    WEEK = "week"


class Navigation(StrEnum):
    """How one moves through a paper: freely, or one question after the other, forward only."""

    FREE = "free"
    SEQUENTIAL = "sequential"


class Layout(StrEnum):
    """How many questions a page of a paper shows: as each contestant likes, one, or all that may be answered."""

    CHOICE = "choice"
    ONE = "one"
    ALL = "all"


class PredictionTarget(StrEnum):
    """What the prediction is held against; people, never attempts."""

    ALL_CORRECT = "all_correct"
    PARTICIPANTS = "participants"


class Criterion(StrEnum):
    """What a ranking may be ordered by (regulations, section on ranking)."""

    CORRECT = "correct"
    POINTS = "points"
    PREDICTION = "prediction"
    DURATION = "duration"
    SUBMITTED_AT = "submitted_at"
    STARTED_AT = "started_at"
    REGISTERED_AT = "registered_at"
    ATTEMPTS_USED = "attempts_used"
    FULL_MARKS = "full_marks"
    LOT = "lot"


class Board(StrEnum):
    """What the leaderboard shows while a round is open."""

    HIDDEN = "hidden"
    LIVE = "live"
    FROZEN = "frozen"


class Reveal(StrEnum):
    """What a contestant sees after the submission, at once or after the close."""

    NOTHING = "nothing"
    SCORE = "score"
    REVIEW = "review"


class Phase(StrEnum):
    """Where an instant lies relative to a round's window."""

    BEFORE = "before"
    OPEN = "open"
    CLOSED = "closed"


class Role(StrEnum):
    MEMBER = "member"
    ADMINISTRATOR = "administrator"
    ORGANISER = "organiser"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    JUDGE = "judge"
    AUDITOR = "auditor"


class Address(StrEnum):
    """The form of address that the organisation sets for its members."""

    FRIEND = "ban"
    COMRADE = "dong_chi"
