"""Prizes walk the ranking: quotas from the highest prize down, one prize a winner, a cap on how many may win.

Whoever may not win, or was refused at the verification, is passed over and the next moves up. A tie at the edge of a
quota is settled by lot or awards everybody in it, as the regulations say.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from contest.rules.refusals import Refusal


class EdgeTie(StrEnum):
    """What a tie at the edge of a quota leads to."""

    ALL = "all"
    LOT = "lot"


@dataclass(frozen=True, slots=True)
class Prize:
    """A prize with how many there are of it; the order of a list of prizes is from the highest down."""

    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in the ranking, a person or a unit, by place; `lot` is where the draw put them among their equals."""

    code: str
    place: int
    may_win: bool = True
    is_refused: bool = False
    lot: int | None = None

    @property
    def is_in(self) -> bool:
        return self.may_win and not self.is_refused


@dataclass(frozen=True, slots=True)
class OpenTie:
    """Equals of whom not all can have the prize: a lot among them decides who of them has."""

    prize: str
    left: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Awards:
    """Who has which prize, in the order of the ranking, and the tie that has to be settled before it goes on."""

    winners: tuple[tuple[str, str], ...]
    tie: OpenTie | None = None

    def prize_of(self, code: str) -> str | None:
        return dict(self.winners).get(code)


def check_prizes(prizes: Sequence[Prize], *, cap: Fraction | None, contestants: int | None = None) -> Refusal | None:
    """Refuse no prize, a prize of none, one named twice, a cap outside ]0, 1], or quotas over the cap."""
    if not prizes:
        return Refusal("prizes-empty", field="prizes")
    if any(p.count < 1 for p in prizes):
        return Refusal("prize-count", {"low": 1}, "prizes")
    if len({p.code for p in prizes}) < len(prizes):
        return Refusal("prize-twice", field="prizes")
    if cap is not None and not 0 < cap <= 1:
        return Refusal("cap-range", field="cap")
    if cap is not None and contestants is not None and sum(p.count for p in prizes) > most_winners(cap, contestants):
        return Refusal("prizes-over-cap", {"most": most_winners(cap, contestants)}, "prizes")
    return None


def most_winners(cap: Fraction, contestants: int) -> int:
    """Return how many may win under a cap: never more than its share of the contestants."""
    return int(cap * contestants)


def award(
    ranking: Iterable[Candidate], prizes: Sequence[Prize], *, edge: EdgeTie, cap: Fraction | None = None
) -> Awards:
    """Give the prizes out down the ranking; stops at a tie that a lot has yet to settle.

    With EdgeTie.ALL everybody in the tie at the edge has the prize, and the places below it are fewer by those; a cap
    is never passed, not by a tie either: there a lot decides.
    """
    everybody = sorted(ranking, key=lambda c: (c.place, c.lot or 0, c.code))
    allowed = None if cap is None else most_winners(cap, len(everybody))
    slots = [p.code for p in prizes for _ in range(p.count)]
    if allowed is not None:
        slots = slots[:allowed]
    winners: list[tuple[str, str]] = []
    taken = 0
    for _, group in groupby((c for c in everybody if c.is_in), key=lambda c: (c.place, c.lot)):
        equals = [c.code for c in group]
        open_slots = slots[taken : taken + len(equals)]
        if not open_slots:
            break
        if len(open_slots) == len(equals) and len(set(open_slots)) == 1:
            winners += [(code, open_slots[0]) for code in equals]
        elif len(equals) == 1:
            winners.append((equals[0], open_slots[0]))
        elif edge is EdgeTie.ALL and (allowed is None or len(winners) + len(equals) <= allowed):
            winners += [(code, open_slots[0]) for code in equals]
        else:
            first = open_slots[0]
            return Awards(tuple(winners), OpenTie(first, open_slots.count(first), tuple(equals)))
        taken += len(equals)
    return Awards(tuple(winners))


def moved_up(before: Awards, after: Awards) -> Mapping[str, tuple[str | None, str | None]]:
    """Return whose prize changes between two awards: code → (prize before, prize after)."""
    old, new = dict(before.winners), dict(after.winners)
    return {code: (old.get(code), new.get(code)) for code in sorted(old | new) if old.get(code) != new.get(code)}
