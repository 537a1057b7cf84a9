"""Pictures of a document: those that it holds itself, shown whole and upright. None is fetched from anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from zipfile import ZipFile

from contest.formats import zipsafe
from contest.formats.drafts import FileDraft
from contest.formats.ooxml import Element, attribute, descendants, name
from contest.formats.rich.importing import file_of
from contest.formats.taking import NotTaken
from contest.formats.word.things import Shown
from contest.rules.refusals import Refusal

MOST_MB = 10
_BLIP, _OF_OLD = "blip", "imagedata"
_COMPOSED = ("chart", "relIds", "wgp", "wpc", "group")  # charts, SmartArt, and what is drawn of several shapes
_SHAPE = "wsp"  # one alone is a line, a frame or a bracket
_TURNED = {"rot", "flipH", "flipV"}
_NOTHING = {"", "0", "0%", "false"}
_CROPS = {"crop", "cropleft", "cropright", "croptop", "cropbottom"}


@dataclass(slots=True)
class Album:
    """The pictures of a document by their relations; None for what lies outside it."""

    data: bytes = b""
    parts: Mapping[str, str | None] = field(default_factory=dict)
    _archive: ZipFile | None = None
    _files: dict[str, FileDraft | tuple[Refusal, ...]] = field(default_factory=dict)  # or why it is not taken

    def file(self, relation: str) -> FileDraft:
        """Return the file of a relation; raises NotTaken for one that is not there, is too large or is no picture."""
        part = self.parts.get(relation)
        if part is None:
            raise NotTaken(Refusal("word-picture-outside" if relation in self.parts else "media-damaged"))
        if part not in self._files:
            try:
                self._files[part] = file_of(self._content(part))
            except NotTaken as reason:
                self._files[part] = reason.refusals
        found = self._files[part]
        if not isinstance(found, FileDraft):
            raise NotTaken(*found)
        return found

    def _content(self, part: str) -> bytes:
        try:
            self._archive = self._archive or ZipFile(BytesIO(self.data))
            if self._archive.getinfo(part).file_size > MOST_MB * 2**20:
                raise NotTaken(Refusal("media-bytes", {"limit": MOST_MB}))
            return self._archive.read(part)
        except zipsafe.DAMAGED:
            raise NotTaken(Refusal("media-damaged")) from None


def picture_of(drawing: Element, album: Album) -> Shown | None:
    """Return the picture that a drawing is, None for a mere line. Raises NotTaken for what could not be shown as it is."""
    found = list(descendants(drawing, _BLIP, _OF_OLD))
    is_filled = bool(found) and any(True for _ in descendants(drawing, _SHAPE))
    if is_filled or len(found) > 1 or any(True for _ in descendants(drawing, *_COMPOSED)):
        raise NotTaken(Refusal("word-picture"))
    if not found:
        return None
    (picture,) = found
    if _is_changed(drawing, picture):
        raise NotTaken(Refusal("word-picture-changed"))
    relation = attribute(picture, "embed" if name(picture) == _BLIP else "id")
    if relation is None:
        raise NotTaken(Refusal("word-picture-outside"))
    return Shown(album.file(relation), _words(drawing))


def _is_changed(drawing: Element, picture: Element) -> bool:
    """Say whether a picture is cropped, turned or mirrored, so that its file is not what is seen."""
    cropped = [value for found in descendants(drawing, "srcRect") for value in found.attrib.values()]
    cropped += [value for key, value in picture.attrib.items() if key in _CROPS]
    turned = [v for found in descendants(drawing, "xfrm") for k, v in found.attrib.items() if k in _TURNED]
    styles = [attribute(shape, "style") or "" for shape in descendants(drawing, "shape")]
    return any(v not in _NOTHING for v in (*cropped, *turned)) or any("rotation" in s or "flip" in s for s in styles)


def _words(drawing: Element) -> str:
    """Return the words that stand for a picture, on one line."""
    told = [attribute(found, key) for found in descendants(drawing, "docPr") for key in ("descr", "title")]
    told += [attribute(found, "alt") for found in descendants(drawing, "shape")]
    return " ".join(next(filter(None, told), "").split())
