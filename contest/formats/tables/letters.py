"""The letters of sheets: Unicode, or an old code page that is refused or, where that is wanted, converted."""

from collections.abc import Sequence

from contest.formats.drafts import Problem
from contest.formats.old_codes import OldCode, old_code_of, refusal_of
from contest.formats.old_codes import convert as converted
from contest.formats.tables.cells import Cell
from contest.formats.tables.sheets import Row, Sheet


def in_unicode(sheets: Sequence[Sheet], convert: OldCode | None) -> Sequence[Sheet] | Problem:
    """Return sheets whose letters are Unicode, or the problem that they are not and nobody asked to convert them."""
    if convert is not None:
        return [
            Sheet(s.name, tuple(Row(r.number, [_cell(c, convert) for c in r.cells]) for r in s.rows)) for s in sheets
        ]
    for sheet in sheets:
        text = "\n".join(cell for row in sheet.rows for cell in row.cells if isinstance(cell, str))
        if (code := old_code_of(text)) is not None:
            return Problem(refusal_of(text, code), sheet.place(sheet.rows[0].number))
    return sheets


def _cell(cell: Cell, code: OldCode) -> Cell:
    return converted(cell, code) if isinstance(cell, str) else cell
