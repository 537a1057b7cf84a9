"""Files handed in as an answer, which people mark; until they have, it has no score. Its value are the files' names."""

import re
from collections.abc import Sequence
from fractions import Fraction

from contest.rules.question_terms import FILE_TYPES, FileKind
from contest.rules.questions.bodies import Body, Key, Value
from contest.rules.questions.choices import text_given
from contest.rules.refusals import Refusal

SHARES = True
MOST_FILES = 5  # of one response
MOST_KEPT = 10  # of one response, with those that were taken out of it again
USUAL = (FileKind.PDF, FileKind.WORD, FileKind.PICTURE)
_NAME = re.compile(r"[A-Za-z0-9_-]{16}-[0-9a-f]{32}\.[a-z]{3,4}")


def well_formed(body: Body, key: Key) -> tuple[Refusal, ...]:
    """Return what is wrong with the question; nothing means that it may be asked."""
    found = list(text_given(body))
    if body.options or body.parts:
        found.append(Refusal("options-of-no-use", field="options"))
    if not 1 <= body.limits.most <= MOST_FILES:
        found.append(Refusal("bad-file-count", {"high": MOST_FILES}, "most_files"))
    if not body.limits.kinds or not set(body.limits.kinds) <= set(FileKind):
        found.append(Refusal("file-kinds-missing", field="file_kinds"))
    return tuple(found)


def parse(body: Body, raw: object) -> Value | Refusal:
    """Read the names of the files that are to count, as many as the question takes; None means none.

    Whose files they are is not asked here: nobody is ever shown a file that was not handed in to the same place.
    """
    names = [raw] if isinstance(raw, str) else raw
    if names is None or names == []:
        return None
    if not isinstance(names, list | tuple) or not all(isinstance(n, str) and _NAME.fullmatch(n) for n in names):
        return Refusal("bad-response", field="value")
    if len(set(names)) != len(names):
        return Refusal("bad-response", field="value")
    if len(names) > body.limits.most:
        return Refusal("files-enough", {"limit": body.limits.most}, "value")
    return tuple(names)


def with_another(most: int, kept: Sequence[str], name: str) -> tuple[str, ...] | Refusal:
    """Return the files that count once another has been handed in. Where one is taken, the new one takes its place."""
    if most == 1:
        return (name,)
    together = (*(n for n in kept if n != name), name)
    return together if len(together) <= most else Refusal("files-enough", {"limit": most}, "value")


def is_asked(body: Body, suffix: str) -> bool:
    """Say whether the question takes files with this suffix."""
    return any(suffix in FILE_TYPES[kind] for kind in body.limits.kinds)


def marks(body: Body, key: Key, value: Value) -> tuple[Fraction, ...]:
    """Return nothing: what people mark has no score by itself."""
    return ()


def is_correct(body: Body, key: Key, value: Value) -> bool:
    return False
