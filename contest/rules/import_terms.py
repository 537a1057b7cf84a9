"""The vocabulary of long work, of files of questions, and of questions that are alike."""

from enum import StrEnum


class Fate(StrEnum):
    """What a question of a file would be in the bank, in the order in which a person should look at them."""

    CONTRADICTING = "contradicting"
    NEAR = "near"
    CHANGED = "changed"
    NEW = "new"
    UNCHANGED = "unchanged"


TAKEN = frozenset({Fate.NEAR, Fate.CHANGED, Fate.NEW})  # what is taken unless somebody decides otherwise


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobStage(StrEnum):
    """What long work is at."""

    READING = "reading"
    COMPARING = "comparing"
    STORING = "storing"


class Staying(StrEnum):
    """Why undoing an import leaves a question as it is."""

    APPROVED = "approved"
    RETURNED = "returned"
    RETIRED = "retired"
    EDITED = "edited"
    COMMENTED = "commented"
    CONFIRMED = "confirmed"
    DRAWN = "drawn"


class Alikeness(StrEnum):
    """How two questions of a bank are alike."""

    CONTRADICTING = "contradicting"
    SAME = "same"
    NEAR = "near"
