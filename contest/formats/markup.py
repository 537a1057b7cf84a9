"""HTML in question files: its words and lines as plain text, and the names of the tags whose meaning is lost."""

from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

_NEW_LINE = {
    *("p", "br", "div", "li", "tr", "ul", "ol", "dl", "dt", "dd", "table", "hr", "pre", "blockquote"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "figure", "figcaption", "caption"),
}
_CELLS = {"td", "th"}
_MEANS_NOTHING = {"p", "br", "div", "span"}
_NO_WORDS = {"script", "style"}
_SCRIPTS = {
    "sup": dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True)),
    "sub": dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True)),
}
_BROKEN = "<![ ]>"


@dataclass(frozen=True, slots=True)
class Flat:
    """A text without markup; `lost` are the tags that meant something."""

    text: str
    lost: frozenset[str] = frozenset()


def flatten(html: str, *, keeps_lines: bool = False) -> Flat:
    """Return the words of HTML. Its own line ends are spaces unless `keeps_lines`, as where Moodle makes them breaks.

    A raised or lowered figure stays one, as Unicode has it, so that a power never turns into a longer number.
    """
    flattener = _Flattener(keeps_lines=keeps_lines)
    try:
        flattener.feed(html)
        flattener.close()
    except AssertionError:  # how the parser says that a marked section is none
        return Flat(html, frozenset({_BROKEN}))
    return Flat("".join(flattener.parts), frozenset(flattener.lost))


def as_html(text: str) -> str:
    """Write a clean text as HTML that `flatten` reads back: a blank line parts paragraphs, others are breaks."""
    paragraphs = [part.replace("\n", "<br>") for part in escape(text, quote=False).split("\n\n")]
    return paragraphs[0] if len(paragraphs) == 1 else "".join(f"<p>{part}</p>" for part in paragraphs)


class _Flattener(HTMLParser):
    """Keeps the words of HTML and its lines."""

    def __init__(self, *, keeps_lines: bool) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.lost: set[str] = set()
        self._keeps_lines = keeps_lines
        self._within: str | None = None  # a tag that changes what its words are

    def handle_data(self, data: str) -> None:
        if self._within in _NO_WORDS:
            return
        if script := _SCRIPTS.get(self._within or ""):
            self._add_script(data, script)
        elif self._keeps_lines or self._within == "pre":
            self.parts.append(data)
        else:
            self.parts.append(" ".join(data.split("\n")))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._pass(tag)
        if tag in _NO_WORDS or tag in _SCRIPTS or tag == "pre":
            self._within = tag

    def handle_endtag(self, tag: str) -> None:
        self._pass(tag)
        if tag == self._within:
            self._within = None

    def unknown_decl(self, data: str) -> None:
        self.lost.add(_BROKEN)

    def _pass(self, tag: str) -> None:
        if tag not in _MEANS_NOTHING and tag not in _SCRIPTS:
            self.lost.add(tag)
        if tag in _NEW_LINE:
            self.parts.append("\n")
        elif tag in _CELLS:
            self.parts.append(" ")

    def _add_script(self, data: str, script: dict[str, str]) -> None:
        if all(character in script for character in data):
            self.parts.append("".join(script[character] for character in data))
        else:
            self.parts.append(data)
            self.lost.add(self._within or "")
