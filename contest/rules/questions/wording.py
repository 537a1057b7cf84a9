"""Whether a few words are an answer: spelling folded as the question says, `*` standing for any run of letters."""

import unicodedata

from contest.rules.text import fold

ANY = "*"
_HIDDEN = "\x00"  # no text may hold it


def folded(text: str, *, with_case: bool, with_accents: bool) -> str:
    """Return a text as it is compared: NFC and single spaces; case and accents told apart only where they matter."""
    if not with_accents:
        bare = fold(text)
        return bare if not with_case else " ".join(_bare(text).split())
    same = " ".join(unicodedata.normalize("NFC", text).split())
    return same if with_case else unicodedata.normalize("NFC", same.casefold())


def matches(pattern: str, text: str, *, with_case: bool = False, with_accents: bool = True) -> bool:
    r"""Say whether a text is what a pattern asks for; `\*` in a pattern is a star that has to stand there.

    Runs are found from the left, each at its first place, so that no pattern takes long.
    """
    pieces = pattern.replace(r"\*", _HIDDEN).split(ANY)
    first, *rest = (_piece(p, with_case, with_accents) for p in pieces)
    given = folded(text, with_case=with_case, with_accents=with_accents)
    if not rest:
        return given == first.strip()
    *middle, last = rest
    first, last = first.lstrip(), last.rstrip()
    if not given.startswith(first) or not given[len(first) :].endswith(last):
        return False
    at, end = len(first), len(given) - len(last)
    for piece in middle:
        at = given.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def _piece(piece: str, with_case: bool, with_accents: bool) -> str:
    """Fold a piece of a pattern, keeping a space at its edge: it parts words."""
    before, after = " " * piece[:1].isspace(), " " * piece[-1:].isspace()
    inner = folded(piece.replace(_HIDDEN, ANY), with_case=with_case, with_accents=with_accents)
    return f"{before}{inner}{after}" if inner else before


def _bare(text: str) -> str:
    """Take the accents off a text and leave its case."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(c for c in letters if not unicodedata.combining(c)).replace("đ", "d").replace("Đ", "D")
