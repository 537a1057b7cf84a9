"""Topics as paths: `/` separates levels, `//` is a slash in a name."""

import re

from contest.formats.drafts import TEXT_LIMIT, TOPIC_LIMIT
from contest.rules.refusals import Refusal
from contest.rules.text import clean

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


def read_category(path: str) -> tuple[str, ...] | Refusal:
    """Return a category of Moodle as a topic; the context and the root that stand before it are no levels."""
    cleaned = clean(path, limit=TEXT_LIMIT)
    if isinstance(cleaned, Refusal):
        return cleaned
    topic = split_topic(cleaned)
    if topic and topic[0].startswith("$") and topic[0].endswith("$"):
        topic = topic[2:] if topic[1:2] == ("top",) else topic[1:]
    if any(len(level) > TOPIC_LIMIT for level in topic):
        return Refusal("too-long", {"limit": TOPIC_LIMIT})
    return topic


def write_category(topic: tuple[str, ...]) -> str:
    """Write a topic as a category; only where it could be misread, from the root that every course has."""
    is_plain = topic and not topic[0].startswith("$")
    return join_topic(topic if is_plain else ("$course$", "top", *topic))
