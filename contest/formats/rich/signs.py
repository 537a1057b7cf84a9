"""The signs of our Markdown that CommonMark has none for: ++underline++, ~lowered~, ^raised^, $formulas$, pictures, `{}`.

Every pattern stops at the next sign of its own, so that no text takes more than linear time. Inside a line `{}` is
nothing: it parts signs that would run together.
"""

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, list_block
from markdown_it.rules_inline import StateInline, emphasis

from contest.formats.rich.tidying import DEPTH

_LEVELS_A_LIST = 2  # of the reader: the list and its item
FORMULA, MEDIA = "formula", "media"
_FORMULA = re.compile(r"\$\$((?:\\.|[^\\$])+)\$\$|\$(?!\s)((?:\\.|[^\\$])+)(?<!\s)\$(?!\d)", re.DOTALL)
_MEDIA = re.compile(r"!\[((?:\\.|[^\\\[\]])*)\]\(media:([A-Za-z0-9._-]{1,80})\)", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\\[\]])")
_AROUND = {
    "u": re.compile(r"\+\+(?!\s)((?:\\.|[^\\+]|\+(?!\+))+)(?<!\s)\+\+", re.DOTALL),
    "sub": re.compile(r"~((?:\\.|[^\\~\s])+)~"),
    "sup": re.compile(r"\^((?:\\.|[^\\^\s])+)\^"),
}
# Where running text stops: as markdown-it has it, with our own signs.
_STOPS = re.compile(r"[\n!$&*+\\^{~]")


def sign(reader: MarkdownIt) -> MarkdownIt:
    """Teach a reader our signs, and to stop at the depth of lists that is kept: what would lie deeper is words."""
    reader.block.ruler.at("list", _read_list, {"alt": ["paragraph"]})
    reader.inline.ruler.at("text", _read_text)
    reader.inline.ruler.at("emphasis", _read_stars)
    reader.inline.ruler.push("nothing", _read_nothing)
    reader.inline.ruler.push("formula", _read_formula)
    reader.inline.ruler.push("media", _read_media)
    for tag, pattern in _AROUND.items():
        reader.inline.ruler.push(tag, _around(tag, pattern))
    return reader


def _read_list(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    return state.level < DEPTH * _LEVELS_A_LIST and list_block(state, first, last, silent)


def _read_text(state: StateInline, silent: bool) -> bool:
    found = _STOPS.search(state.src, state.pos, state.posMax)
    end = found.start() if found else state.posMax
    if end == state.pos:
        return False
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True


def _read_stars(state: StateInline, silent: bool) -> bool:
    """Read emphasis by stars alone: a row of `_` is a gap to be filled in."""
    return state.src[state.pos] == "*" and emphasis.tokenize(state, silent)


def _read_nothing(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("{}", state.pos, state.posMax):
        return False
    state.pos += 2
    return True


def _read_formula(state: StateInline, silent: bool) -> bool:
    found = _FORMULA.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        token = state.push(FORMULA, "", 0)
        token.content = found[1] or found[2]
        token.meta = {"display": found[1] is not None}
    state.pos = found.end()
    return True


def _read_media(state: StateInline, silent: bool) -> bool:
    found = _MEDIA.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        token = state.push(MEDIA, "", 0)
        token.content = _ESCAPED.sub(r"\1", found[1])
        token.meta = {"name": found[2]}
    state.pos = found.end()
    return True


def _around(tag: str, pattern: re.Pattern[str]) -> Callable[[StateInline, bool], bool]:
    def read(state: StateInline, silent: bool) -> bool:
        found = pattern.match(state.src, state.pos, state.posMax)
        if found is None:
            return False
        if not silent:
            end = state.posMax
            state.push(f"{tag}_open", tag, 1)
            state.pos, state.posMax = found.span(1)
            state.md.inline.tokenize(state)
            state.posMax = end
            state.push(f"{tag}_close", tag, -1)
        state.pos = found.end()
        return True

    return read
