"""Who may take part in a contest, and who may win: two things, decided one apart from the other.

Three laws settle what speaks against what. A person's own mark goes before anything said of units. Among units the
nearest one goes before those further up. At one and the same unit, being taken out goes before being taken in.
"""

from dataclasses import dataclass

from contest.rules.entry_terms import EntrantMark, EntrantReason
from contest.rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Entrant:
    """What a contest knows of one person.

    `included_at` and `excluded_at` are how many levels above the person's unit the nearest unit stands that takes part,
    or was taken out again: 0 is the unit itself, None is no such unit. `own` is the person's own mark, None without one.
    """

    included_at: int | None = None
    excluded_at: int | None = None
    own: bool | None = None
    may_win: bool = True
    reason: EntrantReason = EntrantReason.REGULATIONS
    is_registered: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """What a contest asks of everybody."""

    registers: bool = False


def unit_takes_part(entrant: Entrant) -> bool:
    """Say whether the person's unit takes part: the nearest unit decides, and being taken out wins at the same one."""
    if entrant.included_at is None:
        return False
    return entrant.excluded_at is None or entrant.included_at < entrant.excluded_at


def is_entrant(entrant: Entrant) -> bool:
    """Say whether the person is one of those the contest is for, registered or not."""
    return entrant.own if entrant.own is not None else unit_takes_part(entrant)


def may_take_part(entrant: Entrant, settings: Settings) -> Refusal | None:
    """Return why this person may not take part, or None."""
    if entrant.own is False:
        return Refusal("person-not-taking-part", {"reason": entrant.reason})
    if not is_entrant(entrant):
        return Refusal("unit-not-taking-part")
    if settings.registers and not entrant.is_registered:
        return Refusal("registration-needed")
    return None


def may_win(entrant: Entrant) -> Refusal | None:
    """Return why this person is not considered for prizes, or None; whether they take part is another question."""
    return None if entrant.may_win else Refusal("no-prize", {"reason": entrant.reason})


@dataclass(frozen=True, slots=True)
class Marks:
    """Everything a contest has marked of one person."""

    takes_part: bool | None = None
    may_win: bool = True
    is_mandatory: bool = False

    @property
    def are_none(self) -> bool:
        """Say whether nothing is marked, so that the person is like everybody else of the unit."""
        return self == Marks()

    @property
    def need_reason(self) -> bool:
        return self.takes_part is False or not self.may_win


def marked(before: Marks, mark: EntrantMark) -> Marks:
    """Return the marks with one more: whoever has to take part does take part, and whoever stays out need not."""
    if mark is EntrantMark.TAKES_PART:
        return Marks(True, before.may_win, before.is_mandatory)
    if mark is EntrantMark.STAYS_OUT:
        return Marks(False, before.may_win, False)
    if mark is EntrantMark.NO_PRIZE:
        return Marks(before.takes_part, False, before.is_mandatory)
    return Marks(before.takes_part or None, before.may_win, True)
