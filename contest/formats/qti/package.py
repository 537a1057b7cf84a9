"""A content package: its items and the texts they share, in the order of the manifest, and what it says of each; its files."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from posixpath import join, normpath
from urllib.parse import unquote
from zipfile import ZipFile

from contest.formats import zipsafe
from contest.formats.drafts import Problem
from contest.formats.qti.document import Element, read_xml
from contest.formats.qti.metadata import Metadata, read_metadata
from contest.rules.refusals import Refusal

MANIFEST = "imsmanifest.xml"
MOST_ENTRIES = 20_000
MOST_ALL_TAGS = 1_500_000  # in all items together
MOST_FILE = 20 * 2**20  # bytes of one file that an item shows
_ITEMS = ("imsqti_item_", "imsqti_stimulus_")
_APART = ("imsqti_test_", "imsqti_section_", "imsqti_assessment_", "imsqti_outcomes_")
_MANIFEST_TAGS = 1_000_000


@dataclass(frozen=True, slots=True)
class Listed:
    """An item, or a text that items share, as the manifest lists it: where it lies, and what is said about it."""

    at: str
    metadata: Metadata


@dataclass(slots=True)
class Package:
    """The items of an archive; `passed_over` are other things that the manifest lists, by name."""

    archive: ZipFile
    names: frozenset[str]
    items: tuple[Listed, ...] = ()
    passed_over: tuple[str, ...] = ()
    has_manifest: bool = True
    tags: int = field(default=0)

    def content(self, at: str) -> bytes | None:
        """Return a part of the archive; None for one that is not there, or once too much has been read."""
        if at not in self.names:
            return None
        data = self.archive.read(at)
        self.tags += data.count(b"<")
        return data


@dataclass(frozen=True, slots=True)
class Files(Mapping[str, str]):
    """The files of a package by name, each as base64 when it is asked for."""

    package: Package

    def __getitem__(self, name: str) -> str:
        if name not in self.package.names or self.package.archive.getinfo(name).file_size > MOST_FILE:
            raise KeyError(name)
        return b64encode(self.package.archive.read(name)).decode()

    def __contains__(self, name: object) -> bool:
        return name in self.package.names and self.package.archive.getinfo(str(name)).file_size <= MOST_FILE

    def __iter__(self) -> Iterator[str]:
        return iter(self.package.names)

    def __len__(self) -> int:
        return len(self.package.names)


def open_package(data: bytes) -> Package | Problem | Refusal:
    """Return a package, or why it is refused as a whole."""
    if refusal := zipsafe.refuse(data, most_entries=MOST_ENTRIES):
        return refusal
    try:
        return _opened(ZipFile(BytesIO(data)))
    except zipsafe.DAMAGED:
        return Refusal("zip-broken")


def _opened(archive: ZipFile) -> Package | Problem | Refusal:
    package = Package(archive, frozenset(archive.namelist()))
    root = min(
        (n for n in package.names if n.rpartition("/")[2] == MANIFEST), key=lambda n: (n.count("/"), n), default=None
    )
    if root is None:
        package.has_manifest = False
        package.items = tuple(
            Listed(name, Metadata()) for name in sorted(package.names) if name.lower().endswith(".xml")
        )
        return package
    manifest = read_xml(archive.read(root), most_tags=_MANIFEST_TAGS)
    if isinstance(manifest, Problem):
        return manifest
    if manifest.tag != "manifest":
        return Refusal("qti-no-item", {"tag": str(manifest.tag)[:40]})
    _list(manifest, root.removesuffix(MANIFEST), package)
    return package


def _list(manifest: Element, folder: str, package: Package) -> None:
    resources = manifest.find("resources")
    found = [] if resources is None else resources.findall("resource")
    base = join(folder, manifest.get("base", ""), "" if resources is None else resources.get("base", ""))
    items, others = [], []
    for resource in found:
        kind, href = resource.get("type", ""), resource.get("href", "")
        at = normpath(join(base, resource.get("base", ""), unquote(href)))
        if kind.startswith(_ITEMS):
            items.append(Listed(at, read_metadata(resource.find("metadata"))))
        elif kind.startswith(_APART):
            others.append(href or resource.get("identifier", "?"))
    package.items, package.passed_over = tuple(items), tuple(others)
