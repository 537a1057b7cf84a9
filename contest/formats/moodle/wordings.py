"""The texts of a question: HTML becomes plain text, and what it held besides words is remembered or refused."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml import etree

from contest.formats.drafts import TEXT_LIMIT
from contest.formats.markup import Flat, flatten
from contest.formats.taking import NotTaken, cleaned
from contest.rules.refusals import Refusal

_AS_WRITTEN = {"plain_text", "markdown"}
_KEEPS_LINES = "moodle_auto_format"
_HTML_LIMIT = TEXT_LIMIT * 10  # markup may be longer than its words
_FILE = re.compile(r"@@PLUGINFILE@@(?:/([^\"'<>?\s)]*))?")
_MEDIA = {"img", "picture", "svg", "math", "audio", "video", "object", "embed", "iframe", "canvas"}
_NAMES = 200


@dataclass(slots=True)
class Wordings:
    """Reads the texts of one question; `lost` are the tags whose meaning went, `spare` the files nothing shows."""

    lost: set[str] = field(default_factory=set)
    spare: set[str] = field(default_factory=set)

    def read(self, element: etree._Element | None, limit: int) -> str:
        """Return what an element with `format` and `<text>` says. Raises NotTaken, also for pictures and files."""
        if element is None:
            return ""
        written = raw_text(element)
        if len(written) > _HTML_LIMIT:
            raise NotTaken(Refusal("too-long", {"limit": limit}))
        flat = _flat(written, element.get("format", "html"))
        shown = {unquote(name) or "?" for name in _FILE.findall(written)} | flat.lost & _MEDIA
        if shown:
            raise NotTaken(Refusal("media-not-taken", {"names": ", ".join(sorted(shown))[:_NAMES]}))
        self.lost |= flat.lost
        self.spare |= {file.get("name", "?") for file in element.findall("file")}
        return cleaned(flat.text, limit)


def raw_text(element: etree._Element) -> str:
    """Return the text of an element as written; markup that stands there as elements is given as it was typed."""
    text = element.find("text")
    if text is None:
        return ""
    return (text.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in text)


def _flat(written: str, form: str) -> Flat:
    if form in _AS_WRITTEN:
        return Flat(written)
    return flatten(written, keeps_lines=form == _KEEPS_LINES)
