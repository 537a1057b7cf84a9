"""The texts of a question as XHTML that every version of QTI allows, with the files that they show."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from contest.formats.markup import as_html, words_as_html
from contest.formats.media.kinds import KINDS, kind_of
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import Audio, Break, Formula, Inline, Picture, Text, Tree
from contest.formats.rich.questions import words
from contest.formats.rich.screen import blocks, marked
from contest.rules.questions.gaps import segments

FOLDER = "media/"
_TYPES = {suffix: kind for kinds in KINDS.values() for suffix, kind in kinds.items()}
_START = re.compile(r'<ol start="([0-9]+)">')


@dataclass(slots=True)
class Texts:
    """Writes the texts of one question; `shown` are the files of the package that they show, by name."""

    rich: bool
    files: Mapping[str, bytes]
    shown: dict[str, bytes] = field(default_factory=dict)

    def written(self, text: str) -> str:
        if not self.rich:
            return as_html(text).replace("<br>", "<br/>")
        return self.tree(read(text))

    def tree(self, tree: Tree) -> str:
        """Write blocks of a rich text."""
        html = "".join(blocks(tree, self._inline))
        html = html.replace("<u>", '<span class="underline">').replace("</u>", "</span>")
        return _START.sub(r'<ol class="start-\1">', html)

    def block(self, text: str) -> str:
        """Write a text as a block that may stand in a body."""
        return f"<div>{self.written(text)}</div>"

    def with_gaps(self, text: str, gaps: list[str]) -> str:
        """Write a text as a block, with what is to be filled in at its places."""
        return "".join(p if isinstance(p, str) else gaps[p - 1] for p in segments(self.block(text)))

    def words(self, text: str) -> str:
        """Write the plain words of a text on one line."""
        return escape(" ".join(words(text, rich=self.rich).split()), quote=False)

    def _inline(self, inline: Inline) -> str:
        match inline:
            case Text(text):
                return marked(inline, words_as_html(text))
            case Break():
                return "<br/>"
            case Formula(tex, is_display):
                written = escape(tex, quote=False)
                return f"\\[{written}\\]" if is_display else f"\\({written}\\)"
            case Picture(name, said) if name in self.files:
                return f'<img src="{self.at(name)}" alt="{escape(said)}"/>'
            case Audio(name, said) if name in self.files:
                at = self.at(name)
                return f'<object data="{at}" type="{type_of(at)}">{escape(said, quote=False)}</object>'
            case Picture(_, said) | Audio(_, said):
                return f"[{escape(said, quote=False)}]"

    def at(self, name: str) -> str:
        """Return where a file lies from an item: by its content, so that the same file lies there once."""
        content = self.files[name]
        at = f"{FOLDER}{hashlib.sha256(content).hexdigest()[:40]}.{kind_of(content) or 'bin'}"
        self.shown[at] = content
        return f"../{at}"


def type_of(at: str) -> str:
    """Return the media type of a file of the package."""
    return _TYPES.get(at.rpartition(".")[2], "application/octet-stream")
