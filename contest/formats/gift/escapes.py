"""Escapes: while a text is taken apart, an escaped character is a control character, which no text may hold."""

import re

_ESCAPED = ":#={}~n\\"
_MASKS = "\x01\x02\x03\x04\x05\x06\x07\x08"
_MASK_OF = dict(zip(_ESCAPED, _MASKS, strict=True))
_MEANING_OF = str.maketrans(dict(zip(_MASKS, ":#={}~\n\\", strict=True)))
_ESCAPE = re.compile(r"\\([:#={}~n\\])")
_SPECIAL = re.compile(r"[:#={}~\\]")
_MASK = re.compile(f"[{_MASKS}]")


def holds_masks(text: str) -> bool:
    """Say whether a text from outside holds control characters that stand for escapes here."""
    return _MASK.search(text) is not None


def mask(text: str) -> str:
    """Hide every escaped character, so that what is left over is syntax."""
    return _ESCAPE.sub(lambda found: _MASK_OF[found[1]], text)


def reveal(text: str) -> str:
    """Return what a masked text means."""
    return text.translate(_MEANING_OF)


def escape(text: str) -> str:
    """Write a text so that nothing in it is syntax, on one line."""
    return _SPECIAL.sub(r"\\\g<0>", text).replace("\n", r"\n")
