"""A line to the options in it: one, or several behind tabs and spaces."""

from contest.formats.word import wording
from contest.formats.word.lines import Line
from contest.formats.word.questions import Option
from contest.formats.word.wording import Label


def split_options(line: Line, start: int, end: int, first: Label | None = None) -> list[tuple[int, Option]]:
    """Return the options between two places of a line, each with where it begins; without `first`, from an A on."""
    text = line.text[:end]
    label = first or _first(text, start)
    found: list[tuple[int, Option]] = []
    while label is not None:
        following = None
        if label.delimiter != "\t" and label.letter not in "Zz":
            following = wording.next_label(text, label.end, chr(ord(label.letter) + 1), label.delimiter)
        stop = _before(text, following.at) if following else end
        found.append((_before(text, label.at), _option(line, label, stop)))
        label = following
    return found


def _first(text: str, start: int) -> Label | None:
    """Return an A within a line, of the kind of delimiter that comes first."""
    labels = (wording.next_label(text, start, "A", delimiter) for delimiter in ".)/")
    return min((label for label in labels if label and label.letter == "A"), key=lambda label: label.at, default=None)


def _before(text: str, at: int) -> int:
    """Return where a label begins, its star and its bracket included."""
    while at > 0 and text[at - 1] in "*(":
        at -= 1
    return at


def _option(line: Line, label: Label, stop: int) -> Option:
    body = line.rich.part(label.end, stop)
    is_starred = label.is_starred
    bare = body.text.strip()
    if bare.startswith("*") and len(bare) > 1:
        body, is_starred = body.part(body.text.index("*") + 1), True
    for ending in ("(*)", "*"):
        if bare.endswith(ending) and len(bare) > len(ending):
            body, is_starred = body.part(0, body.text.rindex(ending)), True
            break
    letter = line.rich.part(label.at, label.at + 1)
    return Option(label.letter, line.paragraph, letter, [body], is_starred)
