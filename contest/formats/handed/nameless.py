"""A part of an office file without the names of those who wrote in it, and without the fields that reach out of it."""

import re
from collections.abc import Iterable

from lxml import etree

from contest.formats.handed.reaching import ADDRESSED, REACHING, READ, disarm_fields, disarm_formulas, reaches
from contest.formats.media.kinds import Harmful
from contest.formats.ooxml import Element, name
from contest.formats.xmltree import tree, written
from contest.rules.refusals import Refusal

_NAMES = {"author", "initials", "userId", "userName", "lastModifiedBy", "refreshedBy", "providerId"}
_NAMES_OF = {"person": {"displayName"}, "cmAuthor": {"name"}, "author": {"name"}, "userInfo": {"name"}}
_WAYS = {"sourceFile", "odcFile", "connection", "localConnection", "url"}  # of a workbook to its data
_CONNECTED = {"dbPr", "webPr", "textPr", "oledbPr", "olapPr", "connection"}
_TIMES = {"date", "dateUtc", "dT", "dt"}
_ASKED = _NAMES.union(*_NAMES_OF.values(), _WAYS, _TIMES, ADDRESSED)
_TOLD = REACHING | {"absPath", "docVars", "customWorkbookViews", "customSheetViews"}
_RUNS = {"ddeLink", "oleLink"}
# What a part must hold to be looked through at all: a sheet of a hundred thousand rows is copied as it is.
_ATTRIBUTES = "|".join(sorted(_NAMES | _TIMES | ADDRESSED | {"displayName"}))
_ELEMENTS = "|".join(sorted(_TOLD | _RUNS | _NAMES_OF.keys() | READ | {"dbPr", "connection"}))
TELLING = re.compile(rf"[\s:](?:{_ATTRIBUTES})\s*=|[<:](?:{_ELEMENTS})[\s/>]".encode())


def without_names(content: bytes) -> bytes:
    """Return a part with its names emptied; raises Harmful for a link that would start a program, ValueError for no XML."""
    root = tree(content)
    if next(root.iter(*_any(_RUNS)), None) is not None:
        raise Harmful(Refusal("file-embeds", {"name": "DDE/OLE"}))
    for element in list(root.iter(*_any(_TOLD))):
        if (parent := element.getparent()) is not None:
            parent.remove(element)
    for element in root.iter("{*}author"):  # of the comments of a workbook
        element.text = ""
    for element in root.iter(etree.Element):  # up to millions, of which few have anything to be told
        for key in element.keys():  # noqa: SIM118  (an element iterates over its children)
            if key.rpartition("}")[2] in _ASKED:
                _empty(element, key)
    disarm_fields(root)
    disarm_formulas(root)
    return written(root)


def _any(names: Iterable[str]) -> list[str]:
    """Return what finds elements of some names in any namespace, without a look at the others."""
    return [f"{{*}}{each}" for each in names]


def _empty(element: Element, key: str) -> None:
    local, owner = key.rpartition("}")[2], name(element)
    if local in _TIMES or (local in ADDRESSED and reaches(element, key, local)):
        del element.attrib[key]
    elif local in _NAMES or local in _NAMES_OF.get(owner, ()) or (local in _WAYS and owner in _CONNECTED):
        element.set(key, "")
