"""Office files made anew: their parts copied without the facts about people, whatever could run refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from posixpath import basename, join, normpath
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from contest.formats import zipsafe
from contest.formats.drafts import MediaDraft
from contest.formats.handed.nameless import TELLING, without_names
from contest.formats.handed.reaching import LINKS
from contest.formats.media.bare import bare
from contest.formats.media.kinds import Harmful
from contest.formats.xmlsafe import Watch, looks_like_xml
from contest.formats.xmltree import tree, written
from contest.rules.question_terms import FILE_TYPES, FileKind
from contest.rules.refusals import Refusal

_KINDS = {s: told for kind in (FileKind.WORD, FileKind.SHEET, FileKind.SLIDES) for s, told in FILE_TYPES[kind].items()}
_TYPES = "[Content_Types].xml"
_WHEN = (1980, 1, 1, 0, 0, 0)  # no time of an archive tells when somebody worked
_ABOUT = re.compile(  # parts beside the work: facts about the file, signatures, what others' programs put down
    r"docProps/|docMetadata/|customXml/|_xmlsignatures/|word/people\.xml$|ppt/changesInfos/|\w+/webextensions/"
    r"|xl/calcChain\.xml$|xl/volatileDependencies\.xml$",  # which cells compute: Excel finds it out anew
    re.IGNORECASE,
)
_FACTS = ("core-properties+xml", "extended-properties+xml", "custom-properties+xml")  # wherever a program puts them
_XML = re.compile(r"\.xml$", re.IGNORECASE)
_RELATIONS = re.compile(r"(.*?)_rels/[^/]*\.rels", re.IGNORECASE)
_PROGRAMS = (zipsafe.OLD_OFFICE, b"MZ")
_RUNS = ("/oleObject", "/control", "/aFChunk", "/vbaProject", "/attachedToolbars")
_NOWHERE = "about:blank"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_AWAY = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//|\\)", re.IGNORECASE)  # whatever else is said of it


@dataclass(frozen=True, slots=True)
class _Said:
    """What the parts of an archive are said to be: Office goes by that, and by relations, not by what a part is called."""

    names: Mapping[str, str]
    suffixes: Mapping[str, str]

    def kind(self, name: str) -> str:
        return self.names.get(name.casefold()) or self.suffixes.get(name.rpartition(".")[2].casefold(), "")

    def is_beside(self, name: str) -> bool:
        """Say whether a part is beside the work, not of it."""
        return _ABOUT.match(name) is not None or self.kind(name).endswith(_FACTS)


def made_anew(data: bytes) -> MediaDraft:
    """Return a document, a workbook or slides written anew; raises Harmful for any other archive, and for what could run."""
    return _made(data, is_inside=False)


def _made(data: bytes, *, is_inside: bool) -> MediaDraft:
    if refusal := zipsafe.refuse(data):
        raise Harmful(refusal)
    try:
        with ZipFile(BytesIO(data)) as archive:
            said = _said(archive)
            kind = _kind(said)
            content = _copied(archive, said, is_inside=is_inside)
    except zipsafe.DAMAGED:
        raise Harmful(Refusal("file-damaged")) from None
    except MemoryError:
        raise Harmful(Refusal("zip-too-large")) from None
    return MediaDraft(_KINDS[kind], kind, 0, 0, content)


def _said(archive: ZipFile) -> _Said:
    """Return what the parts are said to be; raises Harmful for an archive that does not say it."""
    if _TYPES not in archive.namelist():
        raise Harmful(Refusal("file-kind"))
    told = [(part.attrib, (part.get("ContentType") or "").casefold()) for part in tree(archive.read(_TYPES))]
    return _Said(
        {each["PartName"].lstrip("/").casefold(): kind for each, kind in told if "PartName" in each},
        {each["Extension"].casefold(): kind for each, kind in told if "Extension" in each},
    )


def _kind(said: _Said) -> str:
    """Return the kind of an office file by what its parts are said to be; raises Harmful for any other archive."""
    kinds = {*said.names.values(), *said.suffixes.values()}
    for suffix, kind in _KINDS.items():
        if f"{kind}.main+xml" in kinds:
            return suffix
    raise Harmful(Refusal("file-kind"))


def _copied(archive: ZipFile, said: _Said, *, is_inside: bool) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as made:
        for entry in archive.infolist():
            if not entry.is_dir() and not said.is_beside(entry.filename):
                content = _part(entry.filename, archive.read(entry), said, is_inside=is_inside)
                made.writestr(ZipInfo(entry.filename, _WHEN), content, ZIP_DEFLATED)
    return out.getvalue()


def _part(name: str, content: bytes, said: _Said, *, is_inside: bool) -> bytes:
    """Return a part as it is kept. A file inside, such as the numbers of a chart, is made anew too, but holds none itself."""
    if content.startswith(_PROGRAMS):
        raise _embeds(name)
    if content.startswith(b"PK"):
        if is_inside:
            raise _embeds(name)
        return _made(content, is_inside=True).content
    if name == _TYPES:
        return _without_declarations(content, said)
    if found := _RELATIONS.fullmatch(name):
        return _related(found[1], content, said)
    return _looked_through(content) if _is_xml(name, content, said) else bare(content)


def _is_xml(name: str, content: bytes, said: _Said) -> bool:
    """Say whether Office may read a part as XML; raises ValueError for one that it may, and that cannot be looked through."""
    if name.casefold().endswith(".piece"):
        raise ValueError("a part cut into pieces")
    if looks_like_xml(content):
        return True
    if content.strip() and (_XML.search(name) or said.kind(name).endswith(("+xml", "/xml"))):
        raise ValueError("said to be XML, in letters that nobody reads")
    return False


def _looked_through(content: bytes) -> bytes:
    """Return a part of XML with no more than it may tell; raises Harmful for one with a DTD, in which words could hide."""
    if Watch().sees_danger(content):
        raise Harmful(Refusal("xml-unsafe"))
    return without_names(content) if TELLING.search(content.replace(b"\0", b"")) else content


def _embeds(name: str) -> Harmful:
    return Harmful(Refusal("file-embeds", {"name": basename(name)[:80]}))


def _without_declarations(content: bytes, said: _Said) -> bytes:
    """Return what the parts are said to be, without those that are left out."""
    root = tree(content)
    for each in list(root):
        if said.is_beside((each.get("PartName") or "").lstrip("/")):
            root.remove(each)
    return written(root)


def _related(folder: str, content: bytes, said: _Said) -> bytes:
    """Return the relations of a part in `folder`: none to what is left out, and none that leads out but links to click."""
    root = tree(content)
    root.attrib.pop(_BASE, None)
    for relation in list(root):
        kind, target = relation.get("Type") or "", relation.get("Target") or ""
        if kind.endswith(_RUNS):
            raise _embeds(target)
        if kind.endswith("/attachedTemplate"):
            root.remove(relation)
        elif (relation.get("TargetMode") or "").strip().casefold() == "external" or _AWAY.match(target):
            if not kind.endswith("/hyperlink") or not LINKS.match(target):
                relation.set("Target", _NOWHERE)
        elif said.is_beside(_part_at(folder, target)):
            root.remove(relation)
    return written(root)


def _part_at(folder: str, target: str) -> str:
    return normpath(join("/", folder, target)).lstrip("/")
