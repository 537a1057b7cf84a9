"""What a file is by how it begins; its name and what it was said to be are not asked."""

from collections.abc import Mapping

from contest.rules.refusals import Refusal

KINDS: Mapping[str, Mapping[str, str]] = {
    "picture": {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "gif": "image/gif"},
    "audio": {"mp3": "audio/mpeg", "ogg": "audio/ogg", "m4a": "audio/mp4", "wav": "audio/wav"},
}
_HEADS = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"GIF8": "gif",
    b"ID3": "mp3",
    b"OggS": "ogg",
}
_FOREIGN = {
    b"\xd7\xcd\xc6\x9a": "WMF",
    b"\x01\x00\x09\x00": "WMF",
    b"BM": "BMP",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"%PDF": "PDF",
    b"8BPS": "PSD",
    b"fLaC": "FLAC",
}
_STILL_BRANDS = {b"heic", b"heix", b"hevc", b"mif1", b"msf1"}


class Harmful(Exception):
    """A file that is not taken; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.slug)
        self.refusal = refusal


def kind_of(data: bytes) -> str | None:
    """Return the kind of a picture or recording that is taken, as the suffix of its files."""
    for head, kind in _HEADS.items():
        if data.startswith(head):
            return kind
    if data[:4] == b"RIFF":
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(data[8:12])
    if data[4:8] == b"ftyp":
        return None if data[8:12] in {*_STILL_BRANDS, b"avif", b"avis"} else "m4a"
    is_frame = len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0 and data[1] & 0x06
    return "mp3" if is_frame else None


def foreign_kind(data: bytes) -> str | None:
    """Return by which name people know a picture that is not taken."""
    for head, name in _FOREIGN.items():
        if data.startswith(head):
            return name
    if data[:4] == b"\x01\x00\x00\x00" and data[40:44] == b" EMF":
        return "EMF"
    if data[4:8] == b"ftyp":
        return "HEIC" if data[8:12] in _STILL_BRANDS else "AVIF"
    return "SVG" if b"<svg" in data[:4096].lower() else None
