"""Trees of rich texts for tests: strategies, and texts that are signs everywhere."""

from unicodedata import normalize

from hypothesis import strategies as st

from contest.formats.rich.nodes import (
    Align,
    Audio,
    Break,
    Formula,
    Heading,
    Listing,
    Mark,
    Paragraph,
    Picture,
    Table,
    Text,
)
from contest.formats.rich.tidying import tidy

_NASTY = st.sampled_from(
    ["**", "*", "_____", "a_b_c", "++", "C++", "~", "^2", "$5", "5$", "{}", "{", "}", "![", "](media:a.png)", "# a", "- a",
     "+ a", "1. a", "1) a", "|", "|---|", ":--", "---", "===", "> a", "    code", "```", "<b>", "&amp;", "&#32;", "&", "\\",
     "\\*", "“Đúng”", "a.", "(b)", "é", "Ⅳ", "–", "😀", "[x](y)", "http://a.b", "a #", "##", "²",
     "`x`", "\\(x\\)", "@@PLUGINFILE@@/a"]
)  # fmt: skip
_letters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co", "Cf"))
raw = st.one_of(_NASTY, st.text(_letters, max_size=8), st.text("ab *_+~^$\\{}!|#-1.", max_size=8))
words = raw.map(lambda text: normalize("NFC", text))
names = st.sampled_from(["aB3-640x480.png", "x.webp", "c-1x1.jpg"])
_tex = st.text("abx\\{}^_$ +|&12", min_size=1, max_size=10)
inline = st.one_of(
    st.builds(Text, words, st.frozensets(st.sampled_from(Mark), max_size=3)),
    st.builds(Text, words),
    st.just(Break()),
    st.builds(Picture, names, words),
    st.builds(Audio, st.just("nghe.mp3"), words),
    st.builds(Formula, _tex, st.booleans()),
)
inlines = st.lists(inline, max_size=5).map(tuple)
_cells = st.lists(inlines, min_size=1, max_size=3).map(tuple)
_aligns = st.lists(st.none() | st.sampled_from(Align), max_size=3).map(tuple)
_leaf = st.one_of(
    st.builds(Paragraph, inlines),
    st.builds(Heading, st.integers(0, 5), inlines),
    st.builds(Table, _cells, st.lists(_cells, max_size=3).map(tuple), _aligns),
)


def _lists(blocks):
    items = st.lists(st.lists(blocks, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple)
    return st.builds(Listing, items, st.booleans(), st.sampled_from([0, 1, 7, 99]))


_block = st.recursive(_leaf, _lists, max_leaves=6)
trees = st.lists(_block, max_size=4).map(tidy)

# Small ones that may stand in a question: formulas that are sound, pictures with words.
_few = st.lists(
    st.one_of(
        st.builds(Text, words, st.frozensets(st.sampled_from(Mark), max_size=2)),
        st.builds(Picture, names, st.sampled_from(["Hình", "a|b]"])),
        st.builds(Audio, st.just("nghe.mp3"), st.just("Lời [nói]")),
        st.builds(Formula, st.sampled_from(["x^2", "\\frac{1}{2}"]), st.booleans()),
        st.just(Break()),
    ),
    min_size=1,
    max_size=2,
).map(tuple)
small_trees = st.one_of(
    st.builds(Paragraph, _few),
    st.builds(Heading, st.just(2), _few),
    st.builds(lambda words: Listing(((Paragraph(words),),)), _few),
    st.builds(lambda cell, aligns: Table((cell,), ((cell,),), aligns), _few, _aligns),
).map(lambda block: tidy([block]))
