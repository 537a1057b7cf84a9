"""XML of Office by local names, so that the transitional and the strict form read alike."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

Element = Any  # of lxml, which has no types

_OFF = {"0", "false", "off", "none"}


@lru_cache(maxsize=4096)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return _local(element.tag)


def attribute(element: Element | None, wanted: str) -> str | None:
    """Return an attribute by its local name."""
    if element is None:
        return None
    value = element.get(f"{element.tag.removesuffix(_local(element.tag))}{wanted}")
    if value is not None:
        return str(value)
    return next((str(v) for k, v in element.items() if _local(k) == wanted), None)


def child(element: Element | None, wanted: str) -> Element | None:
    """Return the first child of a name."""
    return None if element is None else next(children(element, wanted), None)


def children(element: Element, wanted: str) -> Iterator[Element]:
    """Yield the children of a name."""
    return (part for part in element if _local(part.tag) == wanted)


def descendants(element: Element, *wanted: str) -> Iterator[Element]:
    """Yield what is below an element and has one of the names."""
    return (part for part in element.iter() if _local(part.tag) in wanted)


def value_of(element: Element | None, wanted: str) -> str | None:
    """Return the value (`val`) of a child of a name."""
    return attribute(child(element, wanted), "val")


def switch(element: Element | None, wanted: str) -> bool | None:
    """Return what an on/off child says, and None where it is not there."""
    found = child(element, wanted)
    return None if found is None else (attribute(found, "val") or "1").lower() not in _OFF


def number(text: str | None, default: int = 0, *, digits: int = 5) -> int:
    """Return a short whole number, or a default for anything else."""
    return int(text) if text and len(text) <= digits and text.isascii() and text.isdigit() else default
