"""Bytes to text: UTF-8 only, or refused as a whole with the position."""

import re

from contest.formats.drafts import Place, Problem
from contest.rules.refusals import Refusal

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_LINE_END = re.compile(rb"\r\n?|\n")


def decode(data: bytes, *, utf16: bool = False) -> str | Problem:
    """Return a text without its byte order mark, or where it stops being text; with `utf16`, such marks count too."""
    wide = utf16 and data.startswith(_UTF16)
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as wrong:
        return _not_text(data, wrong.start)
    if "\0" not in text:
        return text
    return _not_text(data, len(text[: text.index("\0")].encode("utf-16")) if wide else data.index(b"\0"))


def _not_text(data: bytes, at: int) -> Problem:
    line = len(_LINE_END.findall(data[:at])) + 1
    return Problem(Refusal("not-utf8", {"position": at + 1}), Place(line=line))
