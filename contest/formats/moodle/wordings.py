"""The texts of a question: plain, or rich where their HTML says more; what it held besides is remembered or refused."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml import etree

from contest.formats.drafts import TEXT_LIMIT
from contest.formats.rich.importing import Files, Importing
from contest.formats.taking import NotTaken
from contest.rules.refusals import Refusal

_AS_WRITTEN = {"plain_text", "markdown"}
_KEEPS_LINES = "moodle_auto_format"
_HTML_LIMIT = TEXT_LIMIT * 10  # markup may be longer than its words
_LINKED = re.compile(r"""(?:href\s*=\s*["']?|^|[^"'=])@@PLUGINFILE@@(?:/([^"'<>?\s)]*))?""")
_NOT_SHOWN = re.compile(r"<(svg|math|video|object|embed|iframe|canvas)\b", re.IGNORECASE)
_NAMES = 200

Changing = Callable[[str, Files], str]  # what is done to the HTML of a text, with its files, before it is read


@dataclass(slots=True)
class Wordings:
    """Reads the texts of one question; `spare` are the files nothing shows.

    `gaps` are the numbers that those of its text have there; `says_of_others` tells of feedback for whatever else is answered.
    """

    texts: Importing
    spare: set[str] = field(default_factory=set)
    gaps: list[int] = field(default_factory=list)
    says_of_others: bool = False
    has_uneven_gaps: bool = False

    def read(self, element: etree._Element | None, limit: int, change: Changing | None = None) -> str:
        """Return what an element with `format` and `<text>` says. Raises NotTaken, also for files that are no picture."""
        if element is None:
            return ""
        written = raw_text(element)
        if len(written) > _HTML_LIMIT:
            raise NotTaken(Refusal("too-long", {"limit": limit}))
        form = element.get("format", "html")
        files = {file.get("name", "?"): file.text or "" for file in element.findall("file")}
        _refuse_what_is_not_shown(written)
        if change is not None:
            written = change(written, files)
        if form in _AS_WRITTEN:
            text = self.texts.plain(written, limit)
        else:
            text = self.texts.html(written, limit, files, keeps_lines=form == _KEEPS_LINES)
        self.spare |= files.keys() - self.texts.shown
        return text


def _refuse_what_is_not_shown(written: str) -> None:
    """Raise NotTaken for links to files, and for what is neither words nor a picture nor a recording."""
    linked = {unquote(name) or "?" for name in _LINKED.findall(_AUDIO_ADDRESS.sub("", written))}
    names = linked | {tag.lower() for tag in _NOT_SHOWN.findall(written)}
    if names:
        raise NotTaken(Refusal("media-not-taken", {"names": ", ".join(sorted(names))[:_NAMES]}))


_AUDIO_ADDRESS = re.compile(r">\s*@@PLUGINFILE@@[^<]*</audio>")  # what a browser shows that plays nothing


def raw_text(element: etree._Element) -> str:
    """Return the text of an element as written; markup that stands there as elements is given as it was typed."""
    text = element.find("text")
    if text is None:
        return ""
    return (text.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in text)
