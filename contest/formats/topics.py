"""Topics as paths: `/` separates levels, `//` is a slash in a name."""

import re

_STEP = re.compile(r"//|/|[^/]+")


def split_topic(path: str) -> tuple[str, ...]:
    """Return the levels of a path from the top; empty ones are left out."""
    levels = [""]
    for step in _STEP.findall(path):
        if step == "/":
            levels.append("")
        else:
            levels[-1] += "/" if step == "//" else step
    return tuple(level.strip() for level in levels if level.strip())


def join_topic(levels: tuple[str, ...]) -> str:
    """Return the path that `split_topic` takes apart into the same levels."""
    escaped = [level.replace("/", "//") for level in levels]
    return "/".join(f" {level}" if level.startswith("/") else level for level in escaped)
