"""Texts with a format before them: `[html]` is plain or rich as it means, the others are kept as written."""

import re
from dataclasses import dataclass

from contest.formats.gift.escapes import escape, reveal
from contest.formats.markup import as_html
from contest.formats.rich.importing import Importing
from contest.formats.rich.markdown import read
from contest.formats.rich.page import as_page

_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)]")
_HTML = "html"
ARROW = "->"  # parts a pair, and has no escape


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it was written, and the format it was written in."""

    text: str
    format: str | None

    def said(self, texts: Importing, limit: int) -> str:
        """Return what the text says, plain or rich as the texts of its question are. Raises NotTaken."""
        return texts.html(self.text, limit, {}) if self.format == _HTML else texts.plain(self.text, limit)

    def typed(self, texts: Importing, limit: int) -> str:
        """Return an answer that is typed: one line of plain words, however its question is set. Raises NotTaken."""
        plain = Importing()
        text = plain.html(self.text, limit, {}) if self.format == _HTML else plain.plain(self.text, limit)
        texts.lost |= plain.lost
        return " ".join(text.split())


def read_wording(masked: str, default: str | None = None) -> Wording:
    """Return the text of a masked part; without a format of its own it has the default."""
    found = _FORMAT.match(masked)
    written = found[1] if found else default
    return Wording(reveal(masked[found.end() :] if found else masked), written)


def write_wording(text: str, *, rich: bool, form: bool = False, by_arrows: bool = False) -> str:
    """Escape a text; what other programs would take for a format, a comment or markup is said to be plain.

    Where arrows part pairs, one in a text is written in HTML. A plain text tells its `form` within a rich question, whose form it
    would have.
    """
    if rich:
        return f"[html]{escape(as_page(read(text), files=False))}"
    if by_arrows and ARROW in text:
        return f"[html]{escape(as_html(text))}"
    is_ambiguous = form or text.startswith(("[", "//")) or "<" in text or "&" in text
    return f"[plain]{escape(text)}" if is_ambiguous else escape(text)
