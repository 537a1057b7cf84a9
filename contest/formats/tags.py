"""Tags on one line: commas or semicolons between them, a backslash before one that belongs to a tag."""

import re
from collections.abc import Iterable

_TAG = re.compile(r"(?:\\.|[^\\,;])+")


def split_tags(typed: str) -> tuple[str, ...]:
    """Return the tags of a line, each once."""
    tags = (re.sub(r"\\(.)", r"\1", tag).strip() for tag in _TAG.findall(typed))
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def join_tags(tags: Iterable[str]) -> str:
    """Return the line that `split_tags` takes apart into the same tags."""
    return ", ".join(re.sub(r"([\\,;])", r"\\\1", tag) for tag in tags)
