"""Runs of an equation as LaTeX: its signs, its words, and the styles of its letters."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby

from contest.formats.omml.symbols import COMMANDS, FUNCTIONS, SCRIPTS, STYLED, STYLES
from contest.formats.ooxml import Element, attribute, child
from contest.formats.ooxml import name as name_of

LINE = "\n"  # where an equation goes on in the next line; LaTeX on one line has none
_OFF = {"0", "off", "false"}
_LETTER, _COMMAND_END = re.compile(r"[A-Za-z]"), re.compile(r"\\[A-Za-z]+$")
_SEEN_SPACE = re.compile(r"(?<=[^\W_]) (?=[^\W_])")
_NOT_IN_WORDS = re.compile(r"([{}$%&#\\])")
_STRANGE = {"Co", "Cn", "Cc", "Cs"}
_PRIME, _PRIMES = "′", {"′": "'", "″": "''", "‴": "'''"}
_BOLD = ("mathbf", "boldsymbol")
_OF_UNICODE = {
    "BOLD": "mathbf",
    "BOLD ITALIC": "boldsymbol",
    "ITALIC": None,
    "DOUBLE-STRUCK": "mathbb",
    "MONOSPACE": "mathtt",
}


class NotUnderstood(Exception):
    """An equation has something that is not understood; `what` is its name."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def told(element: Element, *path: str) -> str | None:
    """Return the value of an element below another; an empty one where it is there without a value."""
    found: Element | None = element
    for part in path:
        found = child(found, part)
    return None if found is None else attribute(found, "val") or ""


def is_on(element: Element, *path: str, default: bool = False) -> bool:
    """Say whether something below an element is switched on; `default` is what holds where nothing is told."""
    found = told(element, *path)
    return default if found is None else found not in _OFF


def joined(pieces: Iterable[str]) -> str:
    """Join pieces of LaTeX; a command ends before a letter."""
    out = ""
    for piece in pieces:
        out += f" {piece}" if piece and _LETTER.match(piece) and _COMMAND_END.search(out) else piece
    return out


def checked(text: str) -> str:
    """Return a text that anybody can read; raises NotUnderstood for signs of one font alone."""
    for sign in text:
        if unicodedata.category(sign) in _STRANGE:
            raise NotUnderstood(f"U+{ord(sign):04X}")
    return text


def text_of(run: Element) -> str:
    """Return the signs of a run; raises NotUnderstood for what is none."""
    text = ""
    for part in run:
        match name_of(part):
            case "t":
                text += (part.text or "").replace(LINE, " ")
            case "br" | "cr":
                text += LINE
            case "rPr" | "lastRenderedPageBreak" | "annotationRef":
                pass
            case name:
                raise NotUnderstood(name)
    return text


def read_run(run: Element) -> str:
    """Return a run as LaTeX; raises NotUnderstood."""
    text = text_of(run)
    if is_on(run, "rPr", "nor"):
        return _words(text)
    style = SCRIPTS.get(told(run, "rPr", "scr") or "") or STYLES.get(told(run, "rPr", "sty") or "")
    if style == STYLES["p"] and text.strip() in FUNCTIONS:
        return f"\\{text.strip()}"
    if not set(text) <= _PRIMES.keys():  # which raise themselves behind letters, and are raised where they stand alone
        text = "".join(_PRIMES.get(sign, sign) for sign in text)
    return joined(_styled(_SEEN_SPACE.sub("\u00a0", text).replace(" ", ""), style))


def _words(text: str) -> str:
    """Return words that stand in a formula; signs that words cannot have in LaTeX stand between them."""
    pieces = _NOT_IN_WORDS.split(text.replace(LINE, " "))
    return "".join(COMMANDS[p] if _NOT_IN_WORDS.match(p) else f"\\text{{{checked(p)}}}" for p in pieces if p)


def _styled(text: str, style: str | None) -> Iterator[str]:
    signs = (_sign(sign, style) for sign in text)
    for own, together in groupby(signs, key=lambda pair: pair[1]):
        pieces = [piece for piece, _ in together]
        yield from pieces if own is None else [f"\\{own}{{{joined(pieces)}}}"]


def _sign(sign: str, style: str | None) -> tuple[str, str | None]:
    """Return a sign as LaTeX and the style that it has: that of its run, or the one that Unicode has it in."""
    if sign == LINE:
        return LINE, None
    plain, own = _unstyled(sign)
    own = own or style
    if plain in COMMANDS:
        return COMMANDS[plain], "boldsymbol" if own in _BOLD and plain.isalpha() else None
    is_styled = plain.isalpha() or (plain.isdigit() and own != STYLES["p"])
    return checked(plain), own if is_styled else None


def _unstyled(sign: str) -> tuple[str, str | None]:
    if sign.isascii() or sign in COMMANDS or not (found := STYLED.match(unicodedata.name(sign, ""))):
        return sign, None
    kind = found[1]
    plain = unicodedata.normalize("NFKC", sign)
    if kind in _OF_UNICODE:
        return plain, _OF_UNICODE[kind]
    return plain, "mathsf" if kind.startswith("SANS") else "mathcal" if kind.endswith("SCRIPT") else "mathfrak"
