"""A tree as HTML for other programs: without our looks, formulas as LaTeX between the signs that they know.

Reading it as HTML gives the same tree.
"""

from collections.abc import Callable
from html import escape

from contest.formats.markup import words_as_html
from contest.formats.rich.nodes import Audio, Break, Formula, Inline, Picture, Text, Tree
from contest.formats.rich.screen import blocks, marked

FILE = "@@PLUGINFILE@@/"


def as_page(tree: Tree, *, files: bool = True) -> str:
    """Return a tree as HTML. Without `files` a picture is only the words that stand for it."""
    return "".join(blocks(tree, _writer(files)))


def _writer(files: bool) -> Callable[[Inline], str]:
    def write(inline: Inline) -> str:
        match inline:
            case Text(text):
                return marked(inline, words_as_html(text))
            case Break():
                return "<br>"
            case Picture(name, words) if files:
                return f'<img src="{FILE}{escape(name)}" alt="{escape(words)}">'
            case Audio(name, words) if files:
                return f'<audio controls="true" title="{escape(words)}"><source src="{FILE}{escape(name)}"></audio>'
            case Picture(_, words) | Audio(_, words):
                return f"[{escape(words, quote=False)}]"
            case Formula(tex, is_display):
                written = escape(tex, quote=False)
                return f"\\[{written}\\]" if is_display else f"\\({written}\\)"

    return write
