"""The words of an item: its XHTML as HTML that the reader of rich texts takes, with what is answered as gaps in it."""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from posixpath import dirname, join, normpath
from urllib.parse import quote, unquote

from contest.formats.drafts import TEXT_LIMIT
from contest.formats.markup import flatten
from contest.formats.media import size_of
from contest.formats.qti.document import Element
from contest.formats.rich.importing import Importing
from contest.formats.taking import NotTaken
from contest.rules.refusals import Refusal

_HTML_LIMIT = TEXT_LIMIT * 10  # markup may be longer than its words
_VOID = {"br", "img", "hr", "source", "col", "wbr"}
_NO_TAGS = {"contentBody", "itemBody", "stimulusBody", "templateInline", "templateBlock"}  # only what they hold is seen
_NOT_SEEN = {"feedbackInline", "feedbackBlock", "rubricBlock", "stylesheet", "catalogInfo", "gapText"}
_NOT_SHOWN = {"svg", "video", "embed", "iframe", "canvas", "include", "printedVariable", "applet"}
_TOLD = ("alt", "title", "colspan", "rowspan", "start", "style", "align")
_INTERACTION = "Interaction"
_WEB = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|#|$")
_SIDE = re.compile(r"[1-9][0-9]{0,4}")
_START = re.compile(r"\bstart-([0-9]{1,9})\b")
_FLAT = re.compile(r"(?:[^<]|</?(?:div|p|br)>)*+")
_FORMULA = re.compile(r"\\[(\[]|\$\$")
_NAMES = 200

PlaceOf = Callable[[Element], str]


@dataclass(slots=True)
class Words:
    """Reads the texts of one item; `at` is its name in the package, whose `files` are had by their names as base64."""

    texts: Importing
    at: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    def read(self, element: Element | None, limit: int, place_of: PlaceOf = lambda _: "") -> str:
        """Return what an element says; `place_of` says what stands for what is answered. Raises NotTaken."""
        html = "" if element is None else "".join(self._inside(element, place_of))
        if len(html) > _HTML_LIMIT:
            raise NotTaken(Refusal("too-long", {"limit": limit}))
        if not self.texts.is_rich and _FLAT.fullmatch(html) and not _FORMULA.search(html):
            return self.texts.plain(flatten(html).text, limit)  # what the reader of rich texts would find, sooner
        return self.texts.html(html, limit, self.files)

    def html(self, element: Element, place_of: PlaceOf) -> str:
        """Return the HTML of what an element holds."""
        return "".join(self._inside(element, place_of))

    def picture(self, element: Element) -> str:
        """Return the HTML of the picture that an element is, as a paragraph of its own."""
        return f"<p>{''.join(self._written(element, lambda _: ''))}</p>"

    def size(self, element: Element) -> tuple[int, int] | None:
        """Return the width and height of a picture: as the element says that it is shown, or else as its file has it."""
        told = element.get("width", ""), element.get("height", "")
        if all(_SIDE.fullmatch(side) for side in told):
            return int(told[0]), int(told[1])
        at = resolved(self.at, element.get("src") or element.get("data") or "")
        return size_of(b64decode(self.files[at])) if at in self.files else None

    def _inside(self, element: Element, place_of: PlaceOf) -> Iterator[str]:
        yield escape(element.text or "", quote=False)
        for child in element:
            yield from self._written(child, place_of)
            yield escape(child.tail or "", quote=False)

    def _written(self, element: Element, place_of: PlaceOf) -> Iterator[str]:
        tag = str(element.tag)
        if tag.endswith(_INTERACTION) or tag == "gap":
            yield place_of(element)
        elif tag in _NO_TAGS:
            yield from self._inside(element, place_of)
        elif tag == "prompt":
            yield f"<div>{self.html(element, place_of)}</div>"
        elif tag == "math":
            yield _formula(element)
        elif tag == "object":
            yield self._object(element)
        elif tag in _NOT_SHOWN:
            raise NotTaken(Refusal("media-not-taken", {"names": tag}))
        elif tag not in _NOT_SEEN and not is_unit(element):
            is_underlined = tag == "hottext" or (tag == "span" and "underline" in classes(element))
            name = "u" if is_underlined else tag
            yield f"<{name}{self._attributes(element)}>"
            if tag not in _VOID:
                yield from self._inside(element, place_of)
                yield f"</{name}>"

    def _attributes(self, element: Element) -> str:
        told = {name: element.get(name, "") for name in _TOLD if name in element.attrib}
        if src := element.get("src"):
            told["src"] = self._address(src)
        if element.tag == "a" and not _WEB.match(href := element.get("href", "")):
            raise NotTaken(Refusal("media-not-taken", {"names": href[:_NAMES]}))
        if element.tag == "ol" and (found := _START.search(element.get("class", ""))):
            told["start"] = found[1]
        return "".join(f' {name}="{escape(value)}"' for name, value in told.items())

    def _object(self, element: Element) -> str:
        """Write an object as the picture or the recording that it is; what it holds are the words that stand for it."""
        kind, _, _ = element.get("type", "").partition("/")
        label = escape(" ".join("".join(str(t) for t in element.itertext()).split()))
        address = escape(self._address(element.get("data", "")))
        if kind == "image":
            return f'<img src="{address}" alt="{label}">'
        if kind == "audio":
            return f'<audio title="{label}"><source src="{address}"></audio>'
        raise NotTaken(Refusal("media-not-taken", {"names": element.get("data", "object")[:_NAMES]}))

    def _address(self, written: str) -> str:
        """Return by which address the reader of rich texts knows a file of the package."""
        if _WEB.match(written):
            return written
        return f"@@PLUGINFILE@@/{quote(resolved(self.at, written))}"


def classes(element: Element) -> list[str]:
    return (element.get("class") or "").split()


def is_unit(element: Element) -> bool:
    """Say whether an element is the unit of the number that is asked for right before it."""
    before = element.getprevious()
    is_beside = before is not None and before.tag == "textEntryInteraction" and not (before.tail or "").strip()
    return is_beside and element.tag == "span" and "unit" in classes(element)


def resolved(at: str, written: str) -> str:
    """Return the name in the package of what a file in it refers to; one that leads out of it names nothing there."""
    return normpath(join(dirname(at), unquote(written.partition("#")[0].partition("?")[0])))


def _formula(element: Element) -> str:
    """Return the LaTeX that a formula in MathML carries along. Raises NotTaken for one without."""
    for told in element.iter("annotation"):
        if "tex" in told.get("encoding", "").lower() and (told.text or "").strip():
            tex = escape((told.text or "").strip(), quote=False)
            return f"\\[{tex}\\]" if element.get("display") == "block" else f"\\({tex}\\)"
    raise NotTaken(Refusal("media-not-taken", {"names": "MathML"}))
