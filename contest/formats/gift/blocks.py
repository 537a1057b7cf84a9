"""Lines to blocks: a blank line ends a question, comments carry its id and tags, a category stands alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE_END = re.compile(r"\r\n|\r|\n")
_MARK = re.compile(r"\[(id|tag):((?:\\]|[^\]\\]|\\(?!]))+)]")
CATEGORY = "$CATEGORY:"


@dataclass(frozen=True, slots=True)
class Block:
    """A question as it stands, or a category; `line` is that of its first word."""

    line: int
    text: str
    code: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def is_category(self) -> bool:
        return self.text.startswith(CATEGORY)


def split(text: str) -> Iterator[Block]:
    """Yield the blocks of a text in order."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate(_LINE_END.split(text), start=1):
        bare = line.strip()
        if not bare or bare.startswith(CATEGORY):
            yield from _made(block)
            block = []
        if bare.startswith(CATEGORY):
            yield Block(number, bare)
        elif bare:
            block.append((number, line))
    yield from _made(block)


def _made(lines: list[tuple[int, str]]) -> Iterator[Block]:
    """Yield the block of these lines unless they are comments only."""
    comments = [line for _, line in lines if _is_comment(line)]
    content = [(number, line) for number, line in lines if not _is_comment(line)]
    if not content:
        return
    marks = [(what, mark.replace("\\]", "]").strip()) for what, mark in _MARK.findall("\n".join(comments))]
    code = next((mark for what, mark in marks if what == "id"), None)
    tags = tuple(dict.fromkeys(mark for what, mark in marks if what == "tag" and mark))
    yield Block(content[0][0], "\n".join(line for _, line in content), code, tags)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("//")
