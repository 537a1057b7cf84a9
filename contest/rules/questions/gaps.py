"""Gaps in a text: `[[1]]` is the place of the first part, `[[2]]` that of the second."""

import re
from collections import Counter
from collections.abc import Iterator

from contest.rules.refusals import Refusal

_GAP = re.compile(r"\[\[([1-9][0-9]?)]]")
BLANK = "_____"


def segments(text: str) -> tuple[str | int, ...]:
    """Return a text in pieces: words as they stand, and the numbers of gaps from 1."""
    return tuple(int(piece) if i % 2 else piece for i, piece in enumerate(_GAP.split(text)))


def gap(number: int) -> str:
    """Write the place of a gap."""
    return f"[[{number}]]"


def blanked(text: str) -> str:
    """Return a text with a line in the place of each gap, as it is read out or shown where nothing can be filled in."""
    return _GAP.sub(BLANK, text)


def misplaced(text: str, count: int) -> Iterator[Refusal]:
    """Yield a refusal for each of `count` gaps that the text lacks or holds twice, and for each that is none."""
    found = Counter(piece for piece in segments(text) if isinstance(piece, int))
    for number in range(1, count + 1):
        if found[number] != 1:
            slug = "gap-missing" if not found[number] else "gap-twice"
            yield Refusal(slug, {"number": number}, "text")
    for number in sorted(found):
        if number > count:
            yield Refusal("gap-unknown", {"number": number}, "text")
