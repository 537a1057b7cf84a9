"""Questions that are more than options to tick, as cells: a cell a statement, a pair, a step or a gap, and the key's cell.

The same cells are the options and the answer of a question in Word.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from contest.formats.drafts import OptionDraft, PartDraft, QuestionDraft
from contest.formats.tables.file_cells import read_files, write_files
from contest.formats.tables.gap_cells import read_part, write_part
from contest.formats.tables.keys import read_key, read_truths, write_truths
from contest.formats.taking import NotTaken
from contest.rules.question_terms import FileKind, Kind, PartKind
from contest.rules.questions import TOLD
from contest.rules.questions.choices import option_field
from contest.rules.questions.parts import FALSE, TRUE
from contest.rules.refusals import Refusal
from contest.rules.text import fold

CHOICES = frozenset({Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.TRUE_FALSE})
IN_CELLS = frozenset(Kind) - CHOICES
_WHOLE = {Kind.NUMERIC: PartKind.NUMBER, Kind.SHORT_TEXT: PartKind.TEXT}
_GAPS = {Kind.CLOZE: PartKind.TEXT, Kind.DROPDOWN: PartKind.CHOICE}
_EQUALS = re.compile(r"(?<!\\)=")
_SPAN = re.compile(r"([0-9]+) ?(?:-|–|den) ?([0-9]+)(?: tu)?")
_LEAST = re.compile(r"(?:it nhat|toi thieu|tu) ?([0-9]+)(?: tu)?(?: tro len)?")
_MOST = re.compile(r"(?:nhieu nhat|toi da|khong qua|den) ?([0-9]+)(?: tu)?")


@dataclass(frozen=True, slots=True)
class Cells:
    """A question in cells; what is said stands beside the cell or the line of the key that it is said about."""

    options: Sequence[str]
    key: str
    said: Sequence[str] = ()

    def about(self, number: int) -> str:
        """Return what is said about a cell, from 0."""
        return self.said[number] if number < len(self.said) else ""


@dataclass(frozen=True, slots=True)
class Made:
    """What cells make of a question."""

    options: tuple[OptionDraft, ...] = ()
    parts: tuple[PartDraft, ...] = ()
    least_words: int = 0
    most_words: int = 0
    most_files: int = 0
    file_kinds: tuple[FileKind, ...] = ()


def read_cells(kind: Kind, cells: Cells) -> Made:
    """Return what cells make. Raises NotTaken with refusals that name `key` or a cell, as `option-2`."""
    if kind in _WHOLE:
        return _read_whole(cells, _WHOLE[kind])
    if kind in TOLD:
        return _read_nothing(cells)
    if kind is Kind.STATEMENTS:
        return _read_statements(cells)
    if kind is Kind.ORDERING:
        return _read_order(cells)
    if kind is Kind.ESSAY:
        least, most = _read_limits(cells.key)
        return Made(_unweighed(cells.options), (), least, most)
    if kind is Kind.UPLOAD:
        files, kinds = read_files(cells.key)
        return Made(_unweighed(cells.options), most_files=files, file_kinds=kinds)
    if cells.key:
        raise NotTaken(Refusal("key-elsewhere", field="key"))
    return _read_pairs(cells) if kind is Kind.MATCHING else _read_gaps(cells, _GAPS[kind])


def write_cells(draft: QuestionDraft) -> Cells:
    """Return the cells of a question, which read back as its options, its parts and its limits."""
    said = tuple(part.answers[0].feedback if part.answers else "" for part in draft.parts)
    match draft.kind:
        case Kind.NUMERIC | Kind.SHORT_TEXT:
            (part,) = draft.parts
            return Cells((), write_part(part, part.kind), tuple(answer.feedback for answer in part.answers))
        case Kind.STATEMENTS:
            key = write_truths(part.answers[0].text == TRUE for part in draft.parts)
            return Cells(tuple(part.text for part in draft.parts), key, said)
        case Kind.MATCHING:
            pairs = list(_pairs(draft))
            return Cells([cell for cell, _ in pairs], "", [comment for _, comment in pairs])
        case Kind.ORDERING:
            return Cells([option.text for option in draft.options], "", [o.feedback for o in draft.options])
        case Kind.ESSAY:
            return Cells((), _write_limits(draft.least_words, draft.most_words))
        case Kind.UPLOAD:
            return Cells((), write_files(draft.most_files, draft.file_kinds))
        case Kind.PASSAGE | Kind.DESCRIPTION:
            return Cells((), "")
    return Cells([write_part(part, _GAPS[draft.kind]) for part in draft.parts], "")


def fields_of_cells(kind: Kind, cells: Cells) -> Mapping[str, str]:
    """Return the cell in which a field of a question stands, where it is not the one of that name."""
    fields = dict.fromkeys(("options", "parts", "limits", "most_files", "file_kinds"), "key")
    if kind in _WHOLE:
        return {**fields, "part-1": "key"}
    at = range(1, len(cells.options) + 1)
    stems = [n for n in at if kind is not Kind.MATCHING or _stem_of(cells.options[n - 1])]
    return {**fields, **{f"part-{number}": option_field(n) for number, n in enumerate(stems, start=1)}}


def _unweighed(texts: Sequence[str], said: Cells | None = None) -> tuple[OptionDraft, ...]:
    return tuple(OptionDraft(text, Decimal(0), said.about(n) if said else "") for n, text in enumerate(texts))


def _read_nothing(cells: Cells) -> Made:
    """Read what nobody answers; options and a key, which are of no use to it, are refused."""
    if cells.key:
        raise NotTaken(Refusal("told-has-key", field="key"))
    return Made(_unweighed(cells.options))


def _read_whole(cells: Cells, kind: PartKind) -> Made:
    """Read the key of a number or of a few words; options, which are of no use to it, are kept to be refused."""
    if not cells.key:
        raise NotTaken(Refusal("required", field="key"))
    part = read_part(cells.key, kind, cells.said)
    if part.kind is not kind:
        raise NotTaken(Refusal("bad-part", field="key"))
    return Made(_unweighed(cells.options), (part,))


def _read_statements(cells: Cells) -> Made:
    truths = read_truths(cells.key)
    if truths is None or len(truths) != len(cells.options):
        raise NotTaken(Refusal("bad-truths", {"count": len(cells.options)}, "key"))
    return Made(
        parts=tuple(
            PartDraft(PartKind.STATEMENT, text, (OptionDraft(TRUE if is_true else FALSE, Decimal(1), cells.about(n)),))
            for n, (text, is_true) in enumerate(zip(cells.options, truths, strict=True))
        )
    )


def _read_order(cells: Cells) -> Made:
    """Return steps as they stand, or in the order that the key names by letters."""
    options = _unweighed(cells.options, cells)
    if not cells.key:
        return Made(options)
    order = list(read_key(cells.key) or ())
    if sorted(order) != list(range(len(options))):
        raise NotTaken(Refusal("bad-order", field="key"))
    return Made(tuple(options[at] for at in order))


def _read_pairs(cells: Cells) -> Made:
    """Return pairs, and the options in the order in which they are first met; a cell without a stem is an option alone."""
    options: dict[str, OptionDraft] = {}
    parts: list[PartDraft] = []
    for number, cell in enumerate(cells.options):
        stem, match = _stem_of(cell), _match_of(cell)
        if match:
            options.setdefault(match, OptionDraft(match, Decimal(0)))
        if stem:
            parts.append(PartDraft(PartKind.STEM, stem, (OptionDraft(match, Decimal(1), cells.about(number)),)))
    return Made(tuple(options.values()), tuple(parts))


def _stem_of(cell: str) -> str:
    equals = _EQUALS.search(cell)
    return _unescaped(cell[: equals.start()]).strip() if equals else ""


def _match_of(cell: str) -> str:
    equals = _EQUALS.search(cell)
    return cell[equals.end() :].strip() if equals else _unescaped(cell).strip()


def _unescaped(text: str) -> str:
    return text.replace(r"\=", "=")


def _pairs(draft: QuestionDraft) -> Iterator[tuple[str, str]]:
    """Yield cells with what is said of them; an option goes before those that come after it, alone if need be."""
    waiting = [option.text for option in draft.options]
    for part in draft.parts:
        (right,) = part.answers
        while right.text in waiting and (first := waiting.pop(0)) != right.text:
            yield _escaped(first), ""
        yield f"{_escaped(part.text)} = {right.text}", right.feedback
    yield from ((_escaped(text), "") for text in waiting)


def _escaped(text: str) -> str:
    return text.replace("=", r"\=")


def _read_gaps(cells: Cells, usual: PartKind) -> Made:
    parts = []
    for number, cell in enumerate(cells.options, start=1):
        try:
            parts.append(read_part(cell, usual))
        except NotTaken as reason:
            raise NotTaken(*(Refusal(r.slug, r.params, option_field(number)) for r in reason.refusals)) from None
    return Made(parts=tuple(parts))


def _read_limits(typed: str) -> tuple[int, int]:
    """Return the fewest and the most words: `150 – 300 từ`, `ít nhất 150 từ`, `nhiều nhất 300 từ`; 0 is no limit."""
    told = fold(typed)
    if not told:
        return 0, 0
    if (found := _SPAN.fullmatch(told)) and len(told) < 40:
        return int(found[1]), int(found[2])
    if (found := _LEAST.fullmatch(told)) and len(told) < 40:
        return int(found[1]), 0
    if (found := _MOST.fullmatch(told)) and len(told) < 40:
        return 0, int(found[1])
    raise NotTaken(Refusal("bad-words-key", field="key"))


def _write_limits(least: int, most: int) -> str:
    if least and most:
        return f"{least} – {most} từ"
    return f"ít nhất {least} từ" if least else f"nhiều nhất {most} từ" if most else ""
