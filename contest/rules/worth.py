"""What a question of a paper is worth: its points, and how a response earns them. Plain is one point, by its kind.

A line of a blueprint says it, a paper pins it: {"points": "5", "way": "ladder", "ladder": ["1/10", …], "penalty": "1/4",
"floored": true}, of which only what is not plain is kept, so that a plain paper says nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from contest.rules.marking import PLAIN, Scoring, Way
from contest.rules.refusals import Refusal

MOST_POINTS = Decimal(9999)
MOST_STEPS = 20
_AMOUNT = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,6})?")
_RATIO = re.compile(r"([0-9]{1,4})/([0-9]{1,4})")


class Negative(StrEnum):
    """Whether wrong responses may cost something in a round, and whether a paper may then come to less than nothing."""

    NONE = "none"
    FLOORED = "floored"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Worth:
    """Points of a question, above nought, and its scoring; `floored` lets no paper come to less than nothing for it."""

    points: Decimal = Decimal(1)
    scoring: Scoring = PLAIN
    floored: bool = False

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Worth":
        """Return what is kept of a worth; what says nothing is plain."""
        if not stored.keys() & _KEPT:
            return PLAIN_WORTH
        ladder = tuple(Fraction(step) for step in stored.get("ladder", ()))
        scoring = Scoring(Way(stored.get("way", Way.AS_KIND)), ladder, Fraction(stored.get("penalty", 0)))
        return cls(Decimal(stored.get("points", 1)), scoring, stored.get("floored", False))

    def stored(self) -> dict[str, Any]:
        """Return what is to be kept; nothing where it is plain."""
        scoring = self.scoring
        ladder = {"ladder": [str(step) for step in scoring.ladder]} if scoring.ladder else {}
        return {
            **({} if self.points == 1 else {"points": as_points(self.points)}),
            **({} if scoring.way is Way.AS_KIND else {"way": scoring.way.value}),
            **ladder,
            **({"penalty": str(scoring.penalty)} if scoring.penalty else {}),
            **({"floored": True} if self.floored else {}),
        }

    def under(self, negative: Negative) -> "Worth":
        """Return the worth as a round pins it: with what it says of a paper that comes to less than nothing."""
        return replace(self, floored=bool(self.scoring.penalty) and negative is Negative.FLOORED)


PLAIN_WORTH = Worth()
_KEPT = {"points", "way", "ladder", "penalty", "floored"}


def as_points(points: Decimal) -> str:
    return f"{points.normalize():f}"


def check_worth(worth: Worth, negative: Negative, *, marked: bool = False) -> Refusal | None:
    """Refuse points that are none, a ladder that does not climb to the whole mark, a cost that the round does not allow.

    What people mark earns what they give: no way of scoring goes with it.
    """
    scoring = worth.scoring
    if not 0 < worth.points <= MOST_POINTS:
        return Refusal("points-range", {"most": int(MOST_POINTS)})
    if marked and scoring != PLAIN:
        return Refusal("marked-scoring")
    if (scoring.way is Way.LADDER) != bool(scoring.ladder):
        return Refusal("ladder-missing" if scoring.way is Way.LADDER else "ladder-unused")
    if scoring.ladder and not _climbs(scoring.ladder):
        return Refusal("ladder-broken", {"most": MOST_STEPS})
    if not 0 <= scoring.penalty <= 1:
        return Refusal("penalty-range")
    return Refusal("penalty-not-allowed") if scoring.penalty and negative is Negative.NONE else None


def _climbs(ladder: tuple[Fraction, ...]) -> bool:
    return 2 <= len(ladder) <= MOST_STEPS and list(ladder) == sorted(ladder) and ladder[0] >= 0 and ladder[-1] == 1


def most_points(worths: Iterable[tuple[int, Worth]]) -> Decimal:
    """Return the most that so many questions of each worth can come to: the same for all papers of a blueprint."""
    return sum((count * worth.points for count, worth in worths), Decimal())


def read_amount(text: str) -> Decimal | None:
    """Read an exact number as it is typed, 0,25 or 0.25; None for anything else."""
    return Decimal(text.strip().replace(",", ".")) if _AMOUNT.fullmatch(text.strip()) else None


def read_fraction(text: str) -> Fraction | None:
    """Read a fraction as it is typed: 1/4, 0,25 or 1; None for anything else."""
    ratio = _RATIO.fullmatch(text.strip())
    if ratio is not None:
        return Fraction(int(ratio[1]), int(ratio[2])) if int(ratio[2]) else None
    amount = read_amount(text)
    return None if amount is None else Fraction(amount)


def read_ladder(text: str) -> tuple[Fraction, ...] | None:
    """Read a ladder: 0,1/0,25/0,5/1, or with semicolons between steps that are ratios: 1/3; 2/3; 1. None where it is none."""
    steps = [read_fraction(step) for step in text.split(";" if ";" in text else "/")]
    found = tuple(step for step in steps if step is not None)
    return found if len(found) == len(steps) else None


def write_ladder(ladder: tuple[Fraction, ...]) -> str:
    """Write a ladder as it may be typed: with decimal commas where that is exact, else as ratios."""
    exact = all(step * 10**6 % 1 == 0 for step in ladder)
    return "/".join(map(write_fraction, ladder)) if exact else "; ".join(map(str, ladder))


def write_fraction(fraction: Fraction) -> str:
    if fraction * 10**6 % 1:
        return str(fraction)
    return as_points(Decimal(int(fraction * 10**6)).scaleb(-6)).replace(".", ",")
