"""Files of pictures without what they tell beside their points: places, cameras, people. No point is touched."""

import re
import struct
from collections.abc import Iterator

_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
_COMMENT, _SCAN, _END = 0xFE, 0xDA, 0xD9
_TOLD = {*range(0xE0, 0xF0), _COMMENT}
_NEEDED = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}  # to know the colours
_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_SHOWN = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs", b"bKGD"}


def bare(data: bytes) -> bytes:
    """Return a JPEG or PNG with only what its points need; any other file, and what is no longer sound, as it is."""
    if data.startswith(_JPEG):
        return b"".join((_JPEG, *_segments(data)))
    if data.startswith(_PNG):
        return b"".join((_PNG, *_chunks(data)))
    return data


def _segments(data: bytes) -> Iterator[bytes]:
    """Yield the segments of a JPEG that are kept, up to its end; what follows the end is often a second picture."""
    at = len(_JPEG)
    while at + 4 <= len(data) and data[at] == 0xFF:
        if data[at + 1] == 0xFF:  # may be repeated before a marker
            at += 1
            continue
        marker = data[at + 1]
        if marker == _END:
            break
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        if marker == _SCAN:
            following = _AFTER_SCAN.search(data, end)
            end = following.start() if following else len(data)
        if marker not in _TOLD or data.startswith(_NEEDED.get(marker, b"\xff"), at + 4):
            yield data[at:end]
        at = end
    else:
        yield data[at:]
        return
    yield data[at : at + 2]


def _chunks(data: bytes) -> Iterator[bytes]:
    at = len(_PNG)
    while at + 8 <= len(data):
        size, name = struct.unpack_from(">L4s", data, at)
        end = at + 12 + size
        if name in _SHOWN:
            yield data[at:end]
        if name == b"IEND":
            return
        at = end
