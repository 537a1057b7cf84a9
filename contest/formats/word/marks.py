"""Which options are marked as right by how they are set: bold, underlined, coloured, highlighted, shaded, starred."""

from collections import Counter
from collections.abc import Iterable, Sequence

from contest.formats.word.questions import Option, Question
from contest.formats.word.rich import BOLD, COLOUR, HIGHLIGHT, SHADE, UNDERLINE, Rich

Marked = frozenset[int]
Means = tuple[str, bool]  # a way of marking, and whether it is the letter that is marked or the text

_BITS = {"bold": BOLD, "underline": UNDERLINE, "highlight": HIGHLIGHT, "shade": SHADE}
_COLOURED = "colour"


def ornaments(questions: Iterable[Question]) -> frozenset[Means]:
    """Return the ways of marking that mark nothing in a document: they are on all options of most questions."""
    on_all: Counter[Means] = Counter()
    on_some: Counter[Means] = Counter()
    for question in questions:
        for means, marked in _by_means(question.options).items():
            (on_all if len(marked) == len(question.options) else on_some)[means] += 1
    return frozenset(means for means, count in on_all.items() if count > on_some[means])


def marked_options(options: Sequence[Option], passed: frozenset[Means]) -> set[Marked]:
    """Return the sets of options that are marked; more than one where the marks contradict each other."""
    starred = frozenset(at for at, option in enumerate(options) if option.is_starred)
    found = {marked for means, marked in _by_means(options).items() if means not in passed}
    return {marked for marked in {*found, starred} if marked and len(marked) < len(options)}


def _by_means(options: Sequence[Option]) -> dict[Means, Marked]:
    """Return which options are marked in each way; an option counts by its letter, or by all of its text."""
    found: dict[Means, Marked] = {}
    for is_label in (True, False):
        settings = [_settings(option, is_label) for option in options]
        for means, bit in _BITS.items():
            marked = frozenset(at for at, marks in enumerate(settings) if marks and all(m & bit for m in marks))
            if marked:
                found[means, is_label] = marked
        if coloured := _coloured([_colour(marks) for marks in settings]):
            found[_COLOURED, is_label] = coloured
    return found


def _settings(option: Option, is_label: bool) -> set[int]:
    parts: Sequence[Rich] = [option.label] if is_label else option.lines
    return {mark for part in parts if any(part.marks) or len(parts) > 1 for mark in part.settings()}


def _colour(settings: set[int]) -> int:
    """Return the number of the one colour of a text, 0 for black or for one that is black in part."""
    colours = {marks >> COLOUR for marks in settings}
    return 0 if not colours or 0 in colours else max(colours)


def _coloured(colours: Sequence[int]) -> Marked:
    """Return the options that are coloured, or coloured unlike most where all are."""
    usual, count = Counter(colours).most_common(1)[0] if colours else (0, 0)
    if 0 in colours or count * 2 <= len(colours) or count == len(colours):
        return frozenset(at for at, colour in enumerate(colours) if colour)
    return frozenset(at for at, colour in enumerate(colours) if colour != usual)
