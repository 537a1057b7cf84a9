"""Bytes to an item or a manifest, its names told in one way: those of QTI 2, whichever version wrote them."""

import re
from functools import lru_cache
from typing import TypeAlias

from lxml import etree

from contest.formats.drafts import Place, Problem
from contest.formats.encoding import decode
from contest.formats.old_codes import OldCode, to_utf8
from contest.formats.taking import EXCERPT
from contest.formats.xmlsafe import Watch
from contest.formats.xmltree import parser
from contest.rules.refusals import Refusal

MOST_TAGS = 20_000  # in one item
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_DASH = re.compile(r"-([a-z0-9])")
_AS_THEY_ARE = ("data-", "aria-")

Element: TypeAlias = etree._Element


def read_xml(data: bytes, convert: OldCode | None = None, most_tags: int = MOST_TAGS) -> Element | Problem:
    """Return the root of an XML file in UTF-8 or UTF-16, or why it is refused: no DTD, not too many tags."""
    text = decode(to_utf8(data, convert) if convert else data, utf16=True)
    if isinstance(text, Problem):
        return text
    if Watch().sees_danger(data):
        return Problem(Refusal("xml-unsafe"), Place())
    if text.count("<") > most_tags:
        return Problem(Refusal("xml-too-large"), Place())
    try:
        root = etree.fromstring(_DECLARED.sub("", text).encode(), parser("utf-8"))
    except etree.XMLSyntaxError as wrong:
        return Problem(Refusal("xml-broken"), Place(line=wrong.lineno or 1), str(wrong.msg)[:EXCERPT])
    _rename(root)
    return root


def _rename(root: Element) -> None:
    """Let every element and attribute have its name without namespaces, prefixes and dashes."""
    for element in root.iter():
        element.tag = plain_name(str(element.tag))
        for name in element.keys():  # noqa: SIM118  (an element is a list of its children)
            if (told := _attribute(str(name))) != name:
                element.set(told, element.attrib.pop(name))


@lru_cache(maxsize=4096)
def plain_name(tag: str) -> str:
    """Return `choiceInteraction` for `{namespace}choiceInteraction` and for `qti-choice-interaction`."""
    return _camel(tag.rpartition("}")[2].removeprefix("qti-"))


@lru_cache(maxsize=4096)
def _attribute(name: str) -> str:
    local = name.rpartition("}")[2]
    return local if local.startswith(_AS_THEY_ARE) else _camel(local)


def _camel(name: str) -> str:
    return _DASH.sub(lambda found: found[1].upper(), name)
