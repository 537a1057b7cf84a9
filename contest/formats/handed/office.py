"""Office files made anew: their parts copied but for the facts about their author, macros and programs refused."""

import re
import zlib
from io import BytesIO
from posixpath import basename
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from lxml import etree

from contest.formats import zipsafe
from contest.formats.drafts import MediaDraft
from contest.formats.media.kinds import Harmful
from contest.rules.refusals import Refusal

_OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "docx": _OFFICE + "wordprocessingml.document",
    "xlsx": _OFFICE + "spreadsheetml.sheet",
    "pptx": _OFFICE + "presentationml.presentation",
}
_TYPES = "[Content_Types].xml"
_WHEN = (1980, 1, 1, 0, 0, 0)  # no time of an archive tells when somebody worked
_ABOUT = re.compile(
    r"docProps/|(?:word|xl|ppt)/(?:people\.xml|persons/|commentAuthors\.xml|authors\.xml)", re.IGNORECASE
)
_PROGRAM = re.compile(r"\.(?:bin|exe|dll|js|vbs|cmd|bat|ps1|scr|jar|hta|lnk)$", re.IGNORECASE)
_PRINTER = re.compile(r"xl/printerSettings/", re.IGNORECASE)
_XML = re.compile(r"\.(?:xml|rels)$", re.IGNORECASE)
_TELLING = re.compile(rb"author|initials|userId|userName|lastModifiedBy|displayName|External|attachedTemplate|docProps")
_NAMES = {"author", "initials", "userId", "userName", "lastModifiedBy", "displayName", "providerId"}
_NOWHERE = "about:blank"


def made_anew(data: bytes) -> MediaDraft:
    """Return a document, a workbook or slides written anew; raises Harmful for any other archive, and for what could run."""
    if refusal := zipsafe.refuse(data):
        raise Harmful(refusal)
    try:
        with ZipFile(BytesIO(data)) as archive:
            kind = _kind(archive)
            content = _copied(archive)
    except (BadZipFile, zlib.error, etree.XMLSyntaxError, KeyError, ValueError, NotImplementedError, EOFError):
        raise Harmful(Refusal("file-damaged")) from None
    return MediaDraft(KINDS[kind], kind, 0, 0, content)


def _kind(archive: ZipFile) -> str:
    """Return the kind of an office file by what its parts are said to be; raises Harmful for any other archive."""
    if _TYPES not in archive.namelist():
        raise Harmful(Refusal("file-kind"))
    said = {part.get("ContentType") or "" for part in _tree(archive.read(_TYPES))}
    for suffix, kind in KINDS.items():
        if f"{kind}.main+xml" in said:
            return suffix
    raise Harmful(Refusal("file-kind"))


def _copied(archive: ZipFile) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as made:
        for entry in archive.infolist():
            name = entry.filename
            if entry.is_dir() or _ABOUT.match(name):
                continue
            if _PROGRAM.search(name) and not _PRINTER.match(name):
                raise Harmful(Refusal("file-embeds", {"name": basename(name)[:80]}))
            content = archive.read(entry)
            if _XML.search(name) and _TELLING.search(content.replace(b"\0", b"")):
                content = _nameless(name, content)
            made.writestr(ZipInfo(name, _WHEN), content, ZIP_DEFLATED)
    return out.getvalue()


def _nameless(name: str, content: bytes) -> bytes:
    """Return a part without the names of those who wrote it, without what leads out of the file but links to be clicked."""
    root = _tree(content)
    for element in list(root.iter(etree.Element)):
        local = etree.QName(element).localname
        if local == "attachedTemplate" or (local in {"Relationship", "Override"} and _is_about(element)):
            element.getparent().remove(element)
            continue
        if local == "author" and element.text:  # of the comments of a workbook
            element.text = ""
        if local == "Relationship" and element.get("TargetMode") == "External" and not _is_link(element):
            element.set("Target", _NOWHERE)
        for attribute in element.attrib:
            if etree.QName(attribute).localname in _NAMES and local != "Relationship":
                element.set(attribute, "")
    content_anew: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return content_anew


def _is_about(element: etree._Element) -> bool:
    """Say whether a relation or a declaration is of a part that is left out, or of the template on its author's machine."""
    if (element.get("Type") or "").endswith("/attachedTemplate"):
        return True
    at = (element.get("Target") or element.get("PartName") or "").lstrip("/")
    return any(_ABOUT.match(candidate) for candidate in (at, f"word/{at}", f"xl/{at}", f"ppt/{at}"))


def _is_link(element: etree._Element) -> bool:
    return (element.get("Type") or "").endswith("/hyperlink")


def _tree(content: bytes) -> etree._Element:
    """Return a part as a tree. Raises ValueError for one with a DTD."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(content, parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("DTD")
    return root
