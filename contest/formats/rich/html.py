"""HTML of other programs as a tree, with the tags whose meaning is lost named; in one pass over its tags."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape

from contest.formats.markup import TAG, plain, tokens
from contest.formats.rich.building import Builder
from contest.formats.rich.markdown import medium
from contest.formats.rich.nodes import Align, Break, Formula, Mark, Text, Tree
from contest.formats.rich.tidying import tidy

NameOf = Callable[[str], str | None]

_MARKS = {"b": Mark.BOLD, "i": Mark.EMPHASIS, "ins": Mark.UNDERLINE, **{mark.value: mark for mark in Mark}}
_LINES = {
    "p",
    "div",
    "section",
    "article",
    "figure",
    "figcaption",
    "caption",
    "blockquote",
    "pre",
    "hr",
    "dl",
    "dt",
    "dd",
}
_MEANS_NOTHING = {
    "p",
    "div",
    "span",
    "o:p",
    "section",
    "article",
    "figure",
    "figcaption",
    "tbody",
    "tfoot",
    "thead",
    "source",
}
_ALIGN = re.compile(r"(?:^|;)\s*text-align\s*:\s*(\w+)", re.IGNORECASE)
_NO_WORDS = {"script", "style"}
_HEADINGS = {f"h{n}": max(1, n - 2) for n in range(1, 7)}  # level 1 is what other programs let authors begin with
_ATTRIBUTE = re.compile(r"""(?<![a-zA-Z-])([a-zA-Z-]++)\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_FORMULA = re.compile(
    r"\\\(((?:\\[^()\[\]]|[^\\])+)\\\)|\\\[((?:\\[^()\[\]]|[^\\])+)\\\]|\$\$((?:\\.|[^\\$])+)\$\$", re.DOTALL
)
_ADDRESS = re.compile(r"@@PLUGINFILE@@\S*")


@dataclass(frozen=True, slots=True)
class Found:
    tree: Tree
    lost: frozenset[str]


def read_html(html: str, name_of: NameOf, *, keeps_lines: bool = False) -> Found:
    """Return HTML as a tree. `name_of` says by which name a file that is shown goes, None for one that is not taken."""
    reading = _Reading(name_of, keeps_lines)
    for words, markup in tokens(html):
        reading.add_words(plain(words))
        if tag := TAG.fullmatch(markup):
            reading.pass_tag(tag[2].lower(), markup, is_end=tag[1] == "/")
        elif markup.startswith("<![CDATA["):
            reading.lost.add("CDATA")
    return Found(tidy(reading.builder.finish()), frozenset(reading.lost))


@dataclass(slots=True)
class _Reading:
    name_of: NameOf
    keeps_lines: bool
    builder: Builder = field(default_factory=Builder)
    lost: set[str] = field(default_factory=set)
    open: dict[Mark, int] = field(default_factory=dict)
    within: str = ""  # a tag that changes what its words are
    label: str = ""  # of a recording whose address is still to come

    def add_words(self, words: str) -> None:
        if self.within in _NO_WORDS or not words:
            return
        if self.within == "audio":
            words = _ADDRESS.sub("", words)
        at = 0
        for found in _FORMULA.finditer(words):
            self._add_text(words[at : found.start()])
            self.builder.add(Formula(found[1] or found[2] or found[3], is_display=found[1] is None))
            at = found.end()
        self._add_text(words[at:])

    def _add_text(self, words: str) -> None:
        marks = frozenset(mark for mark, count in self.open.items() if count)
        first, *others = words.split("\n") if self.keeps_lines or self.within == "pre" else [words]
        self.builder.add(Text(first, marks))
        for other in others:
            self.builder.add(Break())
            self.builder.add(Text(other, marks))

    def pass_tag(self, tag: str, markup: str, *, is_end: bool) -> None:
        if self.within in _NO_WORDS and tag != self.within:
            return
        if tag in (*_NO_WORDS, "pre", "audio"):
            self.within = "" if is_end else tag
        if mark := _MARKS.get(tag):
            self.open[mark] = max(0, self.open.get(mark, 0) + (-1 if is_end else 1))
        elif tag in ("img", "audio", "source"):
            if not is_end:
                self._show(tag, markup)
        elif tag == "br":
            self.builder.add(Break())
        elif tag in _HEADINGS:
            if not self.builder.head(0 if is_end else _HEADINGS[tag]):
                self.lost.add(tag)
        elif self.builder.knows(tag):
            self._build(tag, markup, is_end=is_end)
        else:
            if tag in _LINES:
                self.builder.flush()
            if tag not in _MEANS_NOTHING:
                self.lost.add(tag)

    def _build(self, tag: str, markup: str, *, is_end: bool) -> None:
        told = _attributes(markup)
        start = told.get("start", "1")
        number = int(start) if start.isdecimal() else 1
        is_built = self.builder.close(tag) if is_end else self.builder.open(tag, number, _align(told))
        if not is_built and not is_end:
            self.lost.add(tag)
        self.lost |= {name for name in ("colspan", "rowspan") if told.get(name, "1") != "1"}

    def _show(self, tag: str, markup: str) -> None:
        """Add a picture, or a recording as soon as its address is known."""
        told = _attributes(markup)
        words = told.get("alt") or told.get("title") or told.get("aria-label") or ""
        if tag == "audio":
            self.label = words
        if not (address := told.get("src")):
            return
        name = self.name_of(address)
        if name is None:
            self.lost.add("audio" if tag == "source" else tag)
            self._add_text(words)
        else:
            self.builder.add(medium(name, self.label if tag == "source" else words))


def _align(told: Mapping[str, str]) -> Align | None:
    """Return how a cell stands, by its style or else by the attribute of old."""
    found = _ALIGN.search(told.get("style", ""))
    align = (found[1] if found else told.get("align", "")).strip().lower()
    return Align(align) if align in set(Align) else None


def _attributes(markup: str) -> dict[str, str]:
    return {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(markup)}
