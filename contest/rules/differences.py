"""What changed between two texts, word by word, and between two lists of options.

The pieces of a difference make up both texts: what was kept and taken out is the former, what was kept and put in the
latter, to the letter.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


class Change(StrEnum):
    KEPT = "kept"
    TAKEN_OUT = "taken_out"
    PUT_IN = "put_in"


@dataclass(frozen=True, slots=True)
class Piece:
    change: Change
    text: str


def between(before: str, after: str) -> tuple[Piece, ...]:
    """Return the pieces, each as long as can be; what was taken out stands before what was put in at its place."""
    # Words that a long text repeats anchor nothing: that is what keeps texts made of one word from costing seconds.
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    found: list[Piece] = []
    taken, put = "", ""
    steps = SequenceMatcher(None, old, new).get_opcodes()
    for i, (tag, a, b, c, d) in enumerate(steps):
        gone, come = "".join(old[a:b]), "".join(new[c:d])
        if tag != "equal" or (gone.isspace() and 0 < i < len(steps) - 1):  # a blank between two changes is part of them
            taken, put = taken + gone, put + come
            continue
        found += [*_changed(taken, put), Piece(Change.KEPT, gone)]
        taken, put = "", ""
    return (*found, *_changed(taken, put))


def _changed(taken: str, put: str) -> list[Piece]:
    both = ((Change.TAKEN_OUT, taken), (Change.PUT_IN, put))
    return [Piece(change, text) for change, text in both if text]


def joined(pieces: Sequence[Piece], without: Change) -> str:
    """Return one of the two texts: the former without what was put in, the latter without what was taken out."""
    return "".join(p.text for p in pieces if p.change is not without)


@dataclass(frozen=True, slots=True)
class OptionPair:
    """An option of one or both lists: its places from 0 (None where it is missing), its pieces, and its weights."""

    before: int | None
    after: int | None
    pieces: tuple[Piece, ...]
    weight_before: Decimal | None
    weight_after: Decimal | None

    @property
    def is_changed(self) -> bool:
        return (self.before, self.weight_before) != (self.after, self.weight_after) or any(
            p.change is not Change.KEPT for p in self.pieces
        )


def pair_options(before: Sequence[tuple[str, Decimal]], after: Sequence[tuple[str, Decimal]]) -> tuple[OptionPair, ...]:
    """Return the options of both lists, given as (text, weight): those with the same words are the same wherever they stand.

    The others are paired in their order. What the latter list holds comes in its order, then what it lost.
    """
    left = list(range(len(before)))
    partner: dict[int, int] = {}
    for j, (text, _) in enumerate(after):
        same = next((i for i in left if before[i][0] == text), None)
        if same is not None:
            partner[j] = same
            left.remove(same)
    for j in (j for j in range(len(after)) if j not in partner):
        if left:
            partner[j] = left.pop(0)
    kept = [_pair(before, after, partner.get(j), j) for j in range(len(after))]
    return (*kept, *(_pair(before, after, i, None) for i in left))


def _pair(
    before: Sequence[tuple[str, Decimal]], after: Sequence[tuple[str, Decimal]], i: int | None, j: int | None
) -> OptionPair:
    old, old_weight = before[i] if i is not None else ("", None)
    new, new_weight = after[j] if j is not None else ("", None)
    return OptionPair(i, j, between(old, new), old_weight, new_weight)
