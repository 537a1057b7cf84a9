"""The archive of a Word document: judged first, then its parts as XML trees, its pictures, and the LaTeX it was made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from posixpath import normpath
from zipfile import ZipFile

from contest.formats import zipsafe
from contest.formats.ooxml import Element, attribute, name
from contest.formats.word.formulas import read_sources
from contest.formats.word.pictures import Album
from contest.formats.xmltree import tree
from contest.rules.refusals import Refusal

_ZIP = b"PK"
_ROOT = "_rels/.rels"


@dataclass(frozen=True, slots=True)
class Package:
    """What a reader needs: the document's body, its styles and its numbering, its pictures, and sources of equations."""

    body: Element
    styles: Element | None
    numbering: Element | None
    album: Album = field(default_factory=Album)
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Relation:
    """What a part is related to: the name of a part, or None for what lies outside the archive."""

    id: str
    kind: str
    part: str | None


def open_package(data: bytes) -> Package | Refusal:
    """Return the parts of a document, or why it is refused as a whole."""
    if data.startswith(zipsafe.OLD_OFFICE):
        return Refusal("old-document")
    if not data.startswith(_ZIP):
        return Refusal("not-a-document")
    if refusal := zipsafe.refuse(data):
        return refusal
    try:
        with ZipFile(BytesIO(data)) as archive:
            return _parts(archive, data)
    except zipsafe.DAMAGED:
        return Refusal("not-a-document")


def _parts(archive: ZipFile, data: bytes) -> Package | Refusal:
    at = _first(_relations(archive, _ROOT, ""), "officeDocument") or "word/document.xml"
    folder, _, file = at.rpartition("/")
    related = _relations(archive, f"{folder}/_rels/{file}.rels", folder)
    document = tree(archive.read(at))
    styles, numbering = (
        tree(archive.read(part)) if (part := _first(related, kind)) else None for kind in ("styles", "numbering")
    )
    if name(document) != "document":
        return Refusal("not-a-document")
    body = next((part for part in document if name(part) == "body"), None)
    if body is None:
        return Refusal("not-a-document")
    album = Album(data, {found.id: found.part for found in related})
    custom = [found.part for found in related if found.kind == "customXml" and found.part]
    sources = read_sources(tree(archive.read(part)) for part in custom)
    return Package(body, styles, numbering, album, sources)


def _first(relations: list[_Relation], kind: str) -> str | None:
    return next((found.part for found in relations if found.kind == kind and found.part), None)


def _relations(archive: ZipFile, at: str, folder: str) -> list[_Relation]:
    """Return what a part is related to; nothing outside the archive is named."""
    known = set(archive.namelist())
    if at not in known:
        return []
    found = []
    for relation in tree(archive.read(at)):
        told, target = attribute(relation, "Type") or "", attribute(relation, "Target") or ""
        inside = normpath(target.lstrip("/") if target.startswith("/") else f"{folder}/{target}").lstrip("/")
        is_inside = attribute(relation, "TargetMode") != "External" and inside in known
        kind = told.rpartition("/")[2]
        found.append(_Relation(attribute(relation, "Id") or "", kind, inside if is_inside else None))
    return found
