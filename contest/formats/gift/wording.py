"""Texts with a format before them: `[html]` is plain or rich as it means, the others are kept as written."""

import re
from dataclasses import dataclass

from contest.formats.gift.escapes import reveal
from contest.formats.rich.importing import Importing

_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)]")
_HTML = "html"


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it was written, and the format it was written in."""

    text: str
    format: str | None

    def said(self, texts: Importing, limit: int) -> str:
        """Return what the text says, plain or rich as the texts of its question are. Raises NotTaken."""
        return texts.html(self.text, limit, {}) if self.format == _HTML else texts.plain(self.text, limit)


def read_wording(masked: str, default: str | None = None) -> Wording:
    """Return the text of a masked part; without a format of its own it has the default."""
    found = _FORMAT.match(masked)
    written = found[1] if found else default
    return Wording(reveal(masked[found.end() :] if found else masked), written)
