"""The archive of a Word document: judged first, then its parts as XML trees."""

import zlib
from dataclasses import dataclass
from io import BytesIO
from posixpath import normpath
from zipfile import BadZipFile, ZipFile

from lxml import etree

from contest.formats import zipsafe
from contest.formats.word.markup import Element, attribute, name
from contest.rules.refusals import Refusal

_ZIP = b"PK"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # .doc, and .docx behind a password
_ROOT = "_rels/.rels"


@dataclass(frozen=True, slots=True)
class Package:
    """The trees that a reader needs: the document's body, its styles and its numbering."""

    body: Element
    styles: Element | None
    numbering: Element | None


def open_package(data: bytes) -> Package | Refusal:
    """Return the parts of a document, or why it is refused as a whole."""
    if data.startswith(_OLD_OFFICE):
        return Refusal("old-document")
    if not data.startswith(_ZIP):
        return Refusal("not-a-document")
    if refusal := zipsafe.refuse(data):
        return refusal
    try:
        with ZipFile(BytesIO(data)) as archive:
            return _parts(archive)
    except (BadZipFile, zlib.error, etree.XMLSyntaxError, KeyError, ValueError, NotImplementedError, EOFError):
        return Refusal("not-a-document")


def _parts(archive: ZipFile) -> Package | Refusal:
    known = _related(archive, _ROOT, "")
    at = known.get("officeDocument", "word/document.xml")
    folder, _, file = at.rpartition("/")
    related = _related(archive, f"{folder}/_rels/{file}.rels", folder)
    document = _tree(archive, at)
    styles, numbering = (_tree(archive, related[kind]) if kind in related else None for kind in ("styles", "numbering"))
    if name(document) != "document":
        return Refusal("not-a-document")
    body = next((part for part in document if name(part) == "body"), None)
    return Refusal("not-a-document") if body is None else Package(body, styles, numbering)


def _related(archive: ZipFile, at: str, folder: str) -> dict[str, str]:
    """Return the parts that a part is related to, by the kind of their relation; nothing outside the archive."""
    if at not in archive.namelist():
        return {}
    found: dict[str, str] = {}
    for relation in _tree(archive, at):
        kind, target = attribute(relation, "Type") or "", attribute(relation, "Target") or ""
        inside = normpath(target.lstrip("/") if target.startswith("/") else f"{folder}/{target}").lstrip("/")
        if attribute(relation, "TargetMode") != "External" and inside in archive.namelist():
            found.setdefault(kind.rpartition("/")[2], inside)
    return found


def _tree(archive: ZipFile, at: str) -> Element:
    """Return a part as a tree. Raises ValueError for one with a DTD."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(archive.read(at), parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("DTD")
    return root
