"""Vietnamese from before Unicode: TCVN3 (.VnTime) and VNI, told by the font and by the letters that they misuse."""

import re
from enum import StrEnum


class OldCode(StrEnum):
    """Code pages in which letters stand for other letters."""

    TCVN3 = "TCVN3 (.VnTime)"
    VNI = "VNI (VNI-Times)"


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
