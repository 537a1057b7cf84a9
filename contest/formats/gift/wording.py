"""Texts with a format before them: `[html]` becomes plain text, the others are kept as written."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from contest.formats.gift.escapes import reveal

_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)]")
_HTML = "html"
_NEW_LINE = {"p", "br", "div", "li", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6"}
_MEANS_NOTHING = {"p", "br", "div", "span"}


@dataclass(frozen=True, slots=True)
class Wording:
    """A text, the format it was written in, and whether markup that means something was lost."""

    text: str
    format: str | None
    is_flattened: bool = False


def read_wording(masked: str, default: str | None = None) -> Wording:
    """Return the text of a masked part; without a format of its own it has the default."""
    found = _FORMAT.match(masked)
    written = found[1] if found else default
    text = reveal(masked[found.end() :] if found else masked)
    if written != _HTML:
        return Wording(text, written)
    flattener = _Flattener()
    flattener.feed(text)
    flattener.close()
    return Wording("".join(flattener.parts), written, flattener.has_lost)


class _Flattener(HTMLParser):
    """Keeps the words of HTML and its lines."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.has_lost = False

    def handle_data(self, data: str) -> None:
        self.parts.append(" ".join(data.split("\n")))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._pass(tag)

    def handle_endtag(self, tag: str) -> None:
        self._pass(tag)

    def _pass(self, tag: str) -> None:
        self.has_lost = self.has_lost or tag not in _MEANS_NOTHING
        if tag in _NEW_LINE:
            self.parts.append("\n")
