"""Watch XML as bytes flow by: no DTD, no entity declaration, no encoding that could hide one."""

import re

_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_LONGEST = len(b"<!DOCTYPE")
_ENCODING = re.compile(rb"^[^<]{0,4}<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
_PLAIN_ENCODINGS = {b"utf-8", b"utf8", b"us-ascii", b"ascii", b"utf-16", b"utf-16le", b"utf-16be"}
_SNIFFED = 200


class Watch:
    """Remembers the seam between two chunks. Zero bytes are left out, so that UTF-16 reads like ASCII."""

    def __init__(self) -> None:
        self._tail: bytes | None = None

    def sees_danger(self, chunk: bytes) -> bool:
        """Say whether the document is dangerous as far as it has gone by; `chunk` is what comes next."""
        plain = chunk.replace(b"\0", b"")
        if self._tail is None and _has_odd_encoding(plain[:_SNIFFED]):
            return True
        seam = (self._tail or b"") + plain
        self._tail = seam[-_LONGEST:]
        return _DECLARATION.search(seam) is not None


def looks_like_xml(start: bytes) -> bool:
    """Say whether a file that starts so may be read as XML, in any of its usual encodings."""
    return start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] == b"<"


def _has_odd_encoding(start: bytes) -> bool:
    declared = _ENCODING.match(start)
    return declared is not None and declared[1].lower() not in _PLAIN_ENCODINGS
