"""Old code pages in documents, told by the font of a run and by the letters that a paragraph misuses."""

import re
from collections.abc import Sequence

from contest.formats.old_codes import TABLES, OldCode, convert

_FONTS = {".vn": OldCode.TCVN3, "vni": OldCode.VNI}
_UNICODE = re.compile("[ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9\u2060]")  # none of them is in an old code page
_MISUSED = {
    OldCode.TCVN3: re.compile("[A-Za-z][¡¢£¤¥¦§¨©ª«¬®¯µ¶¸¼½¾ÆÇ]|[¦§¨©ª®µ¶¸»¼½¾][A-Za-z]"),
    OldCode.VNI: re.compile("[aeouyAEOUY][øùûõïâäåêëüúéèàáãöØÙÛÕÏÂÄÅÊËÜÚÉÈÀÁÃÖ]|ñ[aeiouy]"),
}
_FEWEST = 3


def old_code(text: str, font: str | None) -> OldCode | None:
    """Return the code page of a run: its font says one, its letters are misused, and none is of Unicode alone."""
    code = _FONTS.get((font or "")[:3].lower())
    return code if code and _MISUSED[code].search(text) and not _UNICODE.search(text) else None


def old_code_of(line: str) -> OldCode | None:
    """Return the code page of a whole paragraph by its letters, where enough different ones tell."""
    if line.isascii() or _UNICODE.search(line):
        return None
    return next((code for code, misused in _MISUSED.items() if len(set(misused.findall(line))) >= _FEWEST), None)


def code_of_font(font: str | None) -> tuple[OldCode | None, bool]:
    """Return the code page that a font is made for, and whether it shows small letters as capitals."""
    code = _FONTS.get((font or "")[:3].lower())
    return code, code is OldCode.TCVN3 and (font or "").lower().endswith("h")


Piece = tuple[str, int]


def converted(pieces: Sequence[Piece], fonts: Sequence[str | None], code: OldCode, *, is_whole: bool) -> list[Piece]:
    """Return the pieces of a paragraph in Unicode: those in a font of the code page; `is_whole`, those in others too.

    Where Word broke a piece between a letter and its mark, the mark goes to its letter.
    """
    told = [code_of_font(font) for font in fonts]
    meant = [found is code or (found is None and is_whole) for found, _ in told]
    texts = [text for text, _ in pieces]
    for at in range(len(texts) - 1):
        if meant[at] and meant[at + 1] and texts[at][-1:] + texts[at + 1][:1] in TABLES[code]:
            texts[at], texts[at + 1] = texts[at] + texts[at + 1][:1], texts[at + 1][1:]
    return [
        (convert(text, code, capitals=capitals) if is_meant else text, marks)
        for text, (_, marks), is_meant, (_, capitals) in zip(texts, pieces, meant, told, strict=True)
    ]


def is_unicode(text: str) -> bool:
    """Say whether a text has letters that no old code page has."""
    return _UNICODE.search(text) is not None
