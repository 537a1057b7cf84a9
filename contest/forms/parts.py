"""The parts of a question as an editor sends them: one group of inputs a kind, a list of values a column."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from types import MappingProxyType
from typing import Any

from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions.lines import WrittenPart
from contest.rules.refusals import Refusal
from contest.rules.text import clean

TEXT_LIMIT, LINES_LIMIT, UNIT_LIMIT = 1000, 4000, 30
PART_OF: Mapping[Kind, PartKind] = MappingProxyType(
    {
        Kind.STATEMENTS: PartKind.STATEMENT,
        Kind.MATCHING: PartKind.STEM,
        Kind.NUMERIC: PartKind.NUMBER,
        Kind.SHORT_TEXT: PartKind.TEXT,
        Kind.CLOZE: PartKind.TEXT,
        Kind.DROPDOWN: PartKind.CHOICE,
    }
)


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part as it was filled in; `error` says why it cannot be kept."""

    part: WrittenPart
    error: Refusal | None = None


def parts_of(form: Any, kind: Kind) -> list[PartRow]:
    """Return the parts of a filled-in form in their order; empty rows are left out, what cannot be kept stays typed."""
    if kind not in PART_OF:
        return []
    columns = [form.getlist(f"{kind}-{name}") for name in ("type", "text", "right", "wrong", "unit")]
    with_case, with_accents = f"{kind}-case" in form, f"{kind}-any-accents" not in form
    rows = zip_longest(*columns, fillvalue="")
    return [_row(kind, row, with_case, with_accents) for row in rows if any(cell.strip() for cell in row[1:])]


def distractors_of(form: Any) -> str:
    """Return the options of a matching question that belong to nothing, one a line."""
    found = clean(form.get("distractors", ""), limit=LINES_LIMIT, multiline=True)
    return "" if isinstance(found, Refusal) else found


def _row(kind: Kind, row: tuple[str, ...], with_case: bool, with_accents: bool) -> PartRow:
    typed, *cells = row
    part = PartKind(typed) if kind is Kind.CLOZE and typed in set(PartKind) else PART_OF[kind]
    limits = ((TEXT_LIMIT, True), (LINES_LIMIT, True), (LINES_LIMIT, True), (UNIT_LIMIT, False))
    kept = [clean(cell, limit=limit, multiline=lines) for cell, (limit, lines) in zip(cells, limits, strict=True)]
    error = next((cell for cell in kept if isinstance(cell, Refusal)), None)
    texts = [raw if isinstance(cell, Refusal) else cell for raw, cell in zip(cells, kept, strict=True)]
    return PartRow(WrittenPart(part, texts[0], texts[1], texts[2], texts[3], with_case, with_accents), error)
