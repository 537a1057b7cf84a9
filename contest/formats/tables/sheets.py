"""Sheets as they are read: rows with their numbers, blank ones left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contest.formats.drafts import Place, Problem
from contest.formats.tables.cells import Cell
from contest.rules.refusals import Refusal

MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook, or a CSV file, which has no name and whose rows are lines."""

    name: str | None
    rows: tuple[Row, ...]

    def place(self, number: int, column: str | None = None) -> Place:
        """Return the place of a row, or of a cell in it."""
        if self.name is None:
            return Place(line=number, column=column)
        return Place(sheet=self.name, row=number, column=column)


def collect(name: str | None, numbered: Iterable[tuple[int, Sequence[Cell]]]) -> Sheet | Problem:
    """Gather the rows that are not blank; more than MOST_ROWS are refused."""
    rows: list[Row] = []
    for number, cells in numbered:
        if all(cell == "" or (isinstance(cell, str) and cell.isspace()) for cell in cells):
            continue
        if len(rows) > MOST_ROWS:  # the header is one row more
            return Problem(Refusal("too-many-rows", {"limit": MOST_ROWS}), Sheet(name, ()).place(number))
        rows.append(Row(number, cells))
    return Sheet(name, tuple(rows))
