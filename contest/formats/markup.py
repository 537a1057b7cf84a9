"""HTML in question files: its words and lines as plain text, and the names of the tags whose meaning is lost.

Tags are told apart in one pass, for the files come from anybody and usual parsers take quadratic time over what never closes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape

_NEW_LINE = {
    *("p", "br", "div", "li", "tr", "ul", "ol", "dl", "dt", "dd", "table", "hr", "pre", "blockquote"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "figure", "figcaption", "caption"),
}
_CELLS = {"td", "th"}
_MEANS_NOTHING = {"p", "br", "div", "span", "o:p"}
_NO_WORDS = {"script", "style"}
_SCRIPTS = {
    "sup": dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True)),
    "sub": dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True)),
}
TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/<>"']*)(?:"[^"]*"|'[^']*'|[^<>"'])*+>""")
_ENDLESS_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")  # names no character, and is no number to be worked out
_TAKEN_FOR_MORE = re.compile(r"(\\)(?=[(\[])|(\$)(?=\$)|(@@)(?=PLUGINFILE)")
_PARTED = r"\1\2\3<span></span>"  # so that nobody takes words for a formula or a file
_COMMENT, _COMMENT_END, _CDATA = "<!--", "-->", "<![CDATA["


@dataclass(frozen=True, slots=True)
class Flat:
    """A text without markup; `lost` are the tags that meant something."""

    text: str
    lost: frozenset[str] = frozenset()


def flatten(html: str, *, keeps_lines: bool = False) -> Flat:
    """Return the words of HTML. Its own line ends are spaces unless `keeps_lines`, as where Moodle makes them breaks.

    A raised or lowered figure stays one, as Unicode has it, so that a power never turns into a longer number. What
    opens like a tag and never closes is text.
    """
    flattener = _Flattener(keeps_lines)
    for words, markup in tokens(html):
        flattener.add_words(plain(words))
        if tag := TAG.fullmatch(markup):
            flattener.pass_tag(tag[2].lower(), is_end=tag[1] == "/")
        elif markup.startswith(_CDATA):
            flattener.lost.add("CDATA")
    return Flat("".join(flattener.parts), frozenset(flattener.lost))


def as_html(text: str) -> str:
    """Write a clean text as HTML that `flatten` reads back: a blank line parts paragraphs, others are breaks."""
    written = words_as_html(text)
    paragraphs = [part.replace("\n", "<br>") for part in written.split("\n\n")]
    return paragraphs[0] if len(paragraphs) == 1 else "".join(f"<p>{part}</p>" for part in paragraphs)


def words_as_html(text: str) -> str:
    """Write words as HTML in which nothing is a formula or a file."""
    return _TAKEN_FOR_MORE.sub(_PARTED, escape(text, quote=False))


def plain(words: str) -> str:
    """Return words of HTML with their characters for the names and numbers that stand for them."""
    return unescape(_ENDLESS_NUMBER.sub("\ufffd", words))


def tokens(html: str) -> Iterator[tuple[str, str]]:
    """Yield words with the tag, the comment or the declaration after them; the last stand alone."""
    last, last_comment = html.rfind(">"), html.rfind(_COMMENT_END)
    start, at = 0, html.find("<")
    while 0 <= at < last:
        if end := _end_of_markup(html, at, last_comment):
            yield html[start:at], html[at:end]
            start = end
        at = html.find("<", end or at + 1)
    yield html[start:], ""


def _end_of_markup(html: str, at: int, last_comment: int) -> int:
    """Return where the markup that begins here ends, or 0 for none; somewhere behind stands a `>`."""
    if html.startswith(_COMMENT, at):
        after = at + len(_COMMENT)
        return html.index(_COMMENT_END, after) + len(_COMMENT_END) if after <= last_comment else 0
    if html[at + 1 : at + 2] in {"!", "?"}:
        return html.index(">", at) + 1
    tag = TAG.match(html, at)
    return tag.end() if tag else 0


@dataclass(slots=True)
class _Flattener:
    """Keeps the words of HTML and its lines."""

    keeps_lines: bool
    parts: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    within: str = ""  # a tag that changes what its words are

    def add_words(self, words: str) -> None:
        if self.within in _NO_WORDS:
            return
        if script := _SCRIPTS.get(self.within):
            if not all(character in script for character in words):
                self.lost.add(self.within)
            else:
                words = "".join(script[character] for character in words)
        elif not self.keeps_lines and self.within != "pre":
            words = words.replace("\n", " ")
        self.parts.append(words)

    def pass_tag(self, tag: str, *, is_end: bool) -> None:
        if self.within in _NO_WORDS and tag != self.within:
            return
        if tag not in _MEANS_NOTHING and tag not in _SCRIPTS:
            self.lost.add(tag)
        if tag in _NEW_LINE:
            self.parts.append("\n")
        elif tag in _CELLS:
            self.parts.append(" ")
        if is_end and tag == self.within:
            self.within = ""
        elif not is_end and (tag in _NO_WORDS or tag in _SCRIPTS or tag == "pre"):
            self.within = tag
