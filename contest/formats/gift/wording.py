"""Texts with a format before them: `[html]` becomes plain text, the others are kept as written."""

import re
from dataclasses import dataclass

from contest.formats.gift.escapes import reveal
from contest.formats.markup import flatten

_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)]")
_HTML = "html"


@dataclass(frozen=True, slots=True)
class Wording:
    """A text, the format it was written in, and the tags that meant something and are lost."""

    text: str
    format: str | None
    lost: frozenset[str] = frozenset()


def read_wording(masked: str, default: str | None = None) -> Wording:
    """Return the text of a masked part; without a format of its own it has the default."""
    found = _FORMAT.match(masked)
    written = found[1] if found else default
    text = reveal(masked[found.end() :] if found else masked)
    if written != _HTML:
        return Wording(text, written)
    flat = flatten(text)
    return Wording(flat.text, written, flat.lost)
