"""The places of a page that is rendered once where what is its reader's own is put in afterwards."""

import re
import secrets

SECRET = secrets.token_hex(8)  # nobody can write into a text what is taken for a slot
_SLOT = re.compile(f"zQ{SECRET}([a-z0-9_]+)Qz")


class Slot(str):
    """The mark of such a place; nothing escapes it, in a text, an attribute or an address, and no filter formats it."""

    __slots__ = ()


def slot(name: str) -> Slot:
    """Return the mark of the place of that name."""
    return Slot(f"zQ{SECRET}{name}Qz")


def cut(text: str) -> tuple[str, ...]:
    """Return a text cut at its slots: texts, and between them the names of the slots."""
    return tuple(_SLOT.split(text))
