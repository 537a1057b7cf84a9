"""What a question asks of files, as one cell: `2 tệp: PDF, Word, ảnh`."""

import re

from contest.formats.taking import NotTaken
from contest.rules.question_terms import FILE_TYPES, FileKind
from contest.rules.refusals import Refusal
from contest.rules.text import fold

_CELL = re.compile(r"([0-9]{1,3}) ?(?:tep|file|files)(?: ?[:;-] ?(.*))?")
_LONGEST = 120
_SAID = {
    FileKind.PDF: "PDF",
    FileKind.WORD: "Word",
    FileKind.SLIDES: "PowerPoint",
    FileKind.SHEET: "Excel",
    FileKind.PICTURE: "ảnh",
}
_HEARD = {
    **{fold(said): kind for kind, said in _SAID.items()},
    **{suffix: kind for kind, types in FILE_TYPES.items() for suffix in types},
    "van ban": FileKind.WORD,
    **dict.fromkeys(("trinh chieu", "slide", "slides"), FileKind.SLIDES),
    "bang tinh": FileKind.SHEET,
    **dict.fromkeys(("hinh", "anh chup", "hinh anh", "picture", "pictures", "jpeg"), FileKind.PICTURE),
}


def read_files(typed: str) -> tuple[int, tuple[FileKind, ...]]:
    """Return how many files a question takes, and of which kinds, in our order. Raises NotTaken (field `key`)."""
    told = fold(typed)
    found = _CELL.fullmatch(told) if len(told) <= _LONGEST else None
    if found is None:
        raise NotTaken(Refusal("bad-files-key", field="key"))
    words = [word.strip() for word in re.split(r",|;| va | and ", found[2] or "") if word.strip()]
    if not set(words) <= _HEARD.keys():
        raise NotTaken(Refusal("bad-files-key", field="key"))
    asked = {_HEARD[word] for word in words}
    return int(found[1]), tuple(kind for kind in FileKind if kind in asked)


def write_files(most: int, kinds: tuple[FileKind, ...]) -> str:
    """Return the cell, which reads back as both."""
    return f"{most} tệp: {', '.join(_SAID[kind] for kind in kinds)}"
