"""A tree as HTML for the screen. It is built from the tree, so that nothing else can come out, and cleaned all the same."""

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape

import nh3

from contest.formats.rich.maths import ATTRIBUTES, ELEMENTS, BadFormula, mathml
from contest.formats.rich.nodes import (
    Align,
    Audio,
    Block,
    Break,
    Formula,
    Heading,
    Inline,
    Inlines,
    Listing,
    Mark,
    Paragraph,
    Picture,
    Table,
    Text,
    Tree,
)

ROAD = "/media/"
_HEAD = ' scope="col"'
SIZE = re.compile(r"-(\d{1,5})x(\d{1,5})\.[a-z]+$")  # the name of a picture ends with its width and height
_TAGS = {"p", "h3", "h4", "h5", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "div", "span", "br", "code",
         "img", "audio", *Mark}  # fmt: skip
_ATTRIBUTES = {
    "img": {"src", "alt", "width", "height", "loading", "decoding"},
    "audio": {"src", "controls", "preload", "aria-label"},
    "ol": {"start"},
    "div": {"class", "tabindex"},
    "span": {"class"},
    "code": {"class"},
    "th": {"scope", "class"},
    "td": {"class"},
    **dict.fromkeys(ELEMENTS, ATTRIBUTES),
}
_fence = nh3.Cleaner(tags=_TAGS | ELEMENTS, attributes=_ATTRIBUTES, link_rel=None, url_schemes=set())

Writer = Callable[[Inline], str]


def on_screen(tree: Tree) -> str:
    """Return a tree as HTML; a formula that cannot be shown is its source, a text of one paragraph has none around it."""
    if len(tree) == 1 and isinstance(tree[0], Paragraph):
        return _fence.clean(line(tree[0].inlines, _shown))
    return _fence.clean("".join(blocks(tree, _shown, for_screen=True)))


def blocks(tree: Tree, write: Writer, *, for_screen: bool = False) -> Iterator[str]:
    """Yield the HTML of blocks, each line of words written by `write`.

    `for_screen`: wide tables move within themselves, and how columns stand is told by our own classes.
    """
    for block in tree:
        yield _block(block, write, for_screen=for_screen)


def _block(block: Block, write: Writer, *, for_screen: bool) -> str:
    match block:
        case Paragraph(inlines):
            return f"<p>{line(inlines, write)}</p>"
        case Heading(level, inlines):
            return f"<h{level + 2}>{line(inlines, write)}</h{level + 2}>"
        case Listing(items, is_ordered, start):
            tag, told = ("ol", f' start="{start}"' if start != 1 else "") if is_ordered else ("ul", "")
            written = "".join(f"<li>{_item(item, write, for_screen=for_screen)}</li>" for item in items)
            return f"<{tag}{told}>{written}</{tag}>"
        case Table():
            table = _table(block, write, for_screen=for_screen)
            return f'<div class="rich-scroll" tabindex="0">{table}</div>' if for_screen else table


def _item(item: Tree, write: Writer, *, for_screen: bool) -> str:
    """Write an item; its first paragraph stands without one where at most a list follows."""
    first = item[0]
    if isinstance(first, Paragraph) and all(isinstance(block, Listing) for block in item[1:]):
        return line(first.inlines, write) + "".join(blocks(item[1:], write, for_screen=for_screen))
    return "".join(blocks(item, write, for_screen=for_screen))


def _table(table: Table, write: Writer, *, for_screen: bool) -> str:
    def row(tag: str, about: str, cells: Sequence[Inlines]) -> str:
        told = (_aligned(table.align(at), for_screen=for_screen) for at in range(len(cells)))
        written = (f"<{tag}{about}{how}>{line(c, write)}</{tag}>" for c, how in zip(cells, told, strict=True))
        return f"<tr>{''.join(written)}</tr>"

    head = f"<thead>{row('th', _HEAD, table.head)}</thead>" if any(table.head) else ""
    rows = "".join(row("td", "", cells) for cells in table.rows)
    return f"<table>{head}{f'<tbody>{rows}</tbody>' if rows else ''}</table>"


def _aligned(align: Align | None, *, for_screen: bool) -> str:
    """Return the attribute of a cell of a column: other programs know styles, our pages have none of their own in them."""
    if align is None:
        return ""
    return f' class="rich-{align}"' if for_screen else f' style="text-align: {align}"'


def line(inlines: Inlines, write: Writer) -> str:
    """Write a line of words."""
    return "".join(map(write, inlines))


def marked(text: Text, words: str) -> str:
    """Put the marks of a text around its words."""
    marks = [mark for mark in Mark if mark in text.marks]
    return "".join(f"<{mark}>" for mark in marks) + words + "".join(f"</{mark}>" for mark in reversed(marks))


def _shown(inline: Inline) -> str:
    match inline:
        case Text(text):
            return marked(inline, escape(text, quote=False))
        case Break():
            return "<br>"
        case Picture(name, alt):
            size = SIZE.search(name)
            told = f' width="{size[1]}" height="{size[2]}"' if size else ""
            return f'<img src="{ROAD}{escape(name)}" alt="{escape(alt)}"{told} loading="lazy" decoding="async">'
        case Audio(name, label):
            return f'<audio src="{ROAD}{escape(name)}" controls preload="none" aria-label="{escape(label)}"></audio>'
        case Formula(tex, is_display):
            return _formula(tex, is_display=is_display)


def _formula(tex: str, *, is_display: bool) -> str:
    try:
        written = mathml(tex, is_display=is_display)
    except BadFormula:
        return f'<code class="rich-source">{escape(tex, quote=False)}</code>'
    return f'<span class="rich-formula{" rich-formula--display" if is_display else ""}">{written}</span>'
