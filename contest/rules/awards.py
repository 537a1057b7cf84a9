"""Prizes walk the ranking: quotas from the highest prize down, one prize a winner, a cap on how many may win.

Whoever may not win, or was refused at the verification, is passed over and the next moves up. A tie at the edge of a
quota is settled by lot or awards everybody in it, as the regulations say.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from contest.rules.refusals import Refusal
from contest.rules.result_terms import AwardState, EdgeTie, Special, Verification


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


def check_special(special: Special | None, *, for_units: bool) -> Refusal | None:
    """Refuse a prize for the oldest or youngest in a list of units, and one for the widest unit in a list of people."""
    if special is None or (special is Special.WIDEST) is for_units:
        return None
    return Refusal("special-for-people" if for_units else "special-for-units", field="prizes")


def most_winners(cap: Fraction, contestants: int) -> int:
    """Return how many may win under a cap: never more than its share of the contestants."""
    return int(cap * contestants)


def award(
    ranking: Iterable[Candidate],
    prizes: Sequence[Prize],
    *,
    edge: EdgeTie,
    cap: Fraction | None = None,
    contestants: int | None = None,
) -> Awards:
    """Give the prizes out down the ranking; stops at a tie that a lot has yet to settle.

    `ranking` may end behind the last who could win; `contestants` then says how many there are in all, for the cap.

    With EdgeTie.ALL everybody in the tie at the edge has the prize, and the places below it are fewer by those; a cap
    is never passed, not by a tie either: there a lot decides.
    """
    everybody = sorted(ranking, key=lambda c: (c.place, c.lot or 0, c.code))
    allowed = None if cap is None else most_winners(cap, len(everybody) if contestants is None else contestants)
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


def prize_key(name: str) -> str:
    """Return by what a prize is known: "Giải Nhất", "nhất" and "NHẤT" are one; tones and marks tell prizes apart."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split()).removeprefix("giải ")


STATES = tuple(AwardState)


def next_state(state: AwardState) -> AwardState | None:
    """Return the state that a list of prizes comes to next; None for one that is announced."""
    return STATES[STATES.index(state) + 1] if state is not STATES[-1] else None


def why_not_next(
    state: AwardState,
    verdicts: Iterable[Verification | None],
    tie: OpenTie | None,
    *,
    same_person: bool,
    result_is_public: bool,
) -> Refusal | None:
    """Return why a list of prizes may not come to its next state now, or None.

    `verdicts` are those of the present winners, None where nobody has looked yet. Whoever began the verification does
    not recognise its outcome alone, and nothing is announced before the result that it rests on.
    """
    match state:
        case AwardState.PROVISIONAL:
            return Refusal("award-tie-open") if tie is not None else None
        case AwardState.VERIFICATION:
            found = list(verdicts)
            if tie is not None:
                return Refusal("award-tie-open")
            if missing := sum(v is not Verification.VERIFIED for v in found):
                return Refusal("award-unverified", {"count": missing})
            return Refusal("second-person-award") if same_person else None
        case AwardState.OFFICIAL:
            return None if result_is_public else Refusal("award-before-result")
        case AwardState.ANNOUNCED:
            return Refusal("award-announced")
