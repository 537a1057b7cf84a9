"""Texts of files in HTML: plain ones stay plain; a question in which one means more becomes rich as a whole."""

import binascii
import hashlib
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from contest.formats.drafts import FileDraft
from contest.formats.markup import flatten
from contest.formats.media.kinds import foreign_kind, kind_of
from contest.formats.rich.html import read_html
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import Audio, Formula, Inline, Picture, Tree, inlines_of, map_inlines
from contest.formats.rich.page import as_page
from contest.formats.rich.questions import from_plain
from contest.formats.rich.writing import write
from contest.formats.taking import NotTaken, cleaned
from contest.rules.refusals import Refusal

UNNAMED = {Picture: "Hình minh họa", Audio: "Đoạn âm thanh"}  # what stands for what came without words
_FILE = re.compile(r"@@PLUGINFILE@@/([^?#]*)")
_DATA = re.compile(r"data:[a-z]+/[a-z0-9.+-]+;base64,([A-Za-z0-9+/=\s]*)")
_NAMES = 200

Files = Mapping[str, str]  # the name of a file that came along → its bytes in base64


@dataclass(slots=True)
class Importing:
    """Reads the texts of one question. Once one `wants_rich`, all of them are read again as rich."""

    is_rich: bool = False
    wants_rich: bool = False
    lacks_words: bool = False
    lost: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    files: dict[str, FileDraft] = field(default_factory=dict)

    def plain(self, text: str, limit: int) -> str:
        """Return a text that is no HTML."""
        text = cleaned(text, limit)
        return from_plain(text) if self.is_rich else text

    def html(self, html: str, limit: int, files: Files, *, keeps_lines: bool = False) -> str:
        """Return what HTML says, with `files` that came with it. Raises NotTaken, also for pictures that are not there."""
        if not self.is_rich:
            flat = flatten(html, keeps_lines=keeps_lines)
            tree = read_html(html, lambda _: "x", keeps_lines=keeps_lines).tree
            self.wants_rich |= _has_formula(tree) or (bool(flat.lost) and _means_more(tree))
            self.lost |= flat.lost
            return cleaned(flat.text, limit)
        found = read_html(html, self._named(files), keeps_lines=keeps_lines)
        self.lost |= found.lost
        tree = map_inlines(found.tree, self.worded)
        # Dropping what cannot be seen may bring signs together, hence the second reading.
        return write(read(cleaned(write(tree), limit, indented=True)))

    def _named(self, files: Files) -> Callable[[str], str]:
        def name_of(address: str) -> str:
            known, inline = _FILE.match(address), _DATA.fullmatch(address)
            name = unquote(known[1]) if known else ""
            if not inline and name not in files:
                raise NotTaken(Refusal("media-not-taken", {"names": (name or address)[:_NAMES]}))
            self.shown.add(name)
            return self._kept(inline[1] if inline else files[name])

        return name_of

    def _kept(self, encoded: str) -> str:
        try:
            content = b64decode("".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError):
            raise NotTaken(Refusal("media-damaged")) from None
        return self.keep(file_of(content))

    def keep(self, file: FileDraft) -> str:
        """Keep a file, the same once, and return its name."""
        self.files[file.name] = file
        return file.name

    def worded(self, inline: Inline) -> Inline:
        """Return a picture or a recording that came without words with some that stand for it."""
        if isinstance(inline, Picture) and not inline.alt:
            self.lacks_words = True
            return replace(inline, alt=UNNAMED[Picture])
        if isinstance(inline, Audio) and not inline.label:
            self.lacks_words = True
            return replace(inline, label=UNNAMED[Audio])
        return inline


def file_of(content: bytes) -> FileDraft:
    """Return a file under a name that its content gives it. Raises NotTaken for no picture or recording that is taken."""
    kind = kind_of(content)
    if kind is None:
        foreign = foreign_kind(content)
        raise NotTaken(Refusal("media-foreign", {"kind": foreign}) if foreign else Refusal("media-kind"))
    return FileDraft(f"{hashlib.sha256(content).hexdigest()[:40]}.{kind}", content)


def _means_more(tree: Tree) -> bool:
    """Say whether a tree says more than its words, once what means nothing is out of it."""
    return bool(flatten(as_page(tree)).lost)


def _has_formula(tree: Tree) -> bool:
    return any(isinstance(inline, Formula) for inlines in inlines_of(tree) for inline in inlines)
