"""Tables inside sheets: the header row in Vietnamese or English, in any order, and the rows under it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from contest.formats.drafts import Place, Problem, Reading
from contest.formats.tables.cells import Cell, as_text
from contest.formats.tables.record import Record
from contest.formats.tables.sheets import Row, Sheet
from contest.formats.tables.workbook import read_sheets
from contest.rules.refusals import Refusal
from contest.rules.text import fold

T = TypeVar("T")

_GUIDES = {"huong dan", "guide", "instructions"}
_NUMBERING = {"stt", "tt", "no", "so thu tu"}
_EXCERPT = 80
NO_ROWS = Refusal("no-rows")
HEADER_WITHIN = 30  # rows; above it stand the organisation's name and the title of the list
_PASSED_BY = re.compile(r"\(.*?\)|\*")
_PUNCTUATION = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the name it is written by, the others it is recognised by, and how wide it is written."""

    key: str
    name: str
    also: tuple[str, ...] = ()
    required: bool = False
    width: int = 16


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one kind of table."""

    columns: tuple[Column, ...]
    keys: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", {plain(n): c.key for c in self.columns for n in (c.name, *c.also)})

    def required_names(self) -> str:
        return ", ".join(column.name for column in self.columns if column.required)

    def named(self, cells: Sequence[Cell]) -> set[str]:
        """Return the keys of the columns that a row names."""
        return {self.keys[header] for cell in cells if (header := plain(as_text(cell))) in self.keys}


def plain(header: str) -> str:
    """Return a header without case, diacritics, punctuation and what stands in brackets."""
    return _PUNCTUATION.sub(" ", _PASSED_BY.sub(" ", fold(header))).strip()


def read_table(
    data: bytes,
    wanted: Layout,
    parse: Callable[[Record], T | None],
    *,
    beside: Sequence[Layout] = (),
    letters: Callable[[Sequence[Sheet]], Sequence[Sheet] | Problem] = lambda sheets: sheets,
) -> Reading[T]:
    """Read every table of the wanted layout in a file; `beside` are the layouts of tables that may stand next to it.

    `letters` judges the sheets before they are read, and may hand back others in their place.
    """
    sheets = read_sheets(data)
    sheets = sheets if isinstance(sheets, Problem) else letters(sheets)
    if isinstance(sheets, Problem):
        return Reading((), (sheets,))
    drafts: list[T] = []
    problems: list[Problem] = []
    recognised = False
    for sheet in sheets:
        layout, header = _find_header(sheet, (wanted, *beside))
        recognised = recognised or layout is not None
        if layout is wanted:
            drafts += _read_rows(sheet, wanted, header, parse, problems)
        elif layout is None and sheet.rows and plain(sheet.name or "") not in _GUIDES:
            problems.append(
                Problem(Refusal("sheet-passed-over"), sheet.place(sheet.rows[0].number), severity="warning")
            )
    if not recognised:
        return Reading((), (_no_table(sheets, wanted),))
    return Reading(tuple(drafts), tuple(problems))


def with_rows(reading: Reading[T], refusal: Refusal = NO_ROWS) -> Reading[T]:
    """Return a reading; one with nothing under its header, of which nothing else is wrong, is refused."""
    return reading if reading.drafts or reading.problems else Reading((), (Problem(refusal, Place()),))


def _find_header(sheet: Sheet, layouts: Sequence[Layout]) -> tuple[Layout | None, int]:
    """Return the layout and the index of the row that names most of its columns, two at least."""
    best: tuple[int, Layout | None, int] = (1, None, 0)
    for index, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        for layout in layouts:
            count = len(layout.named(row.cells))
            if count > best[0]:
                best = (count, layout, index)
    return best[1], best[2]


def _read_rows(
    sheet: Sheet, layout: Layout, header: int, parse: Callable[[Record], T | None], problems: list[Problem]
) -> Iterator[T]:
    row = sheet.rows[header]
    columns, complaints = _columns_of(sheet, layout, row)
    problems += complaints
    if any(problem.severity == "error" for problem in complaints):
        return
    headers = {key: as_text(row.cells[index]).strip() for key, index in columns.items()}
    for following in sheet.rows[header + 1 :]:
        record = Record(sheet, following.number, _cells_of(following, columns), headers)
        draft = parse(record)
        problems += record.problems
        if draft is not None and not record.has_errors():
            yield draft


def _columns_of(sheet: Sheet, layout: Layout, header: Row) -> tuple[dict[str, int], list[Problem]]:
    """Return which column is which, and what is wrong. A column's own name goes before its other names."""
    columns: dict[str, int] = {}
    problems: list[Problem] = []
    headers = [(plain(as_text(cell)), index) for index, cell in enumerate(header.cells)]
    own_names = {plain(column.name) for column in layout.columns}
    for name, index in sorted(headers, key=lambda found: found[0] not in own_names):
        typed = as_text(header.cells[index]).strip()[:_EXCERPT]
        key, place = layout.keys.get(name), sheet.place(header.number, typed)
        if key is not None and key not in columns:
            columns[key] = index
        elif key is not None and name == headers[columns[key]][0]:
            problems.append(Problem(Refusal("column-twice", {"column": typed}), place))
        elif name and name not in _NUMBERING:
            problems.append(Problem(Refusal("column-unknown"), place, typed, "warning"))
    for column in layout.columns:
        if column.required and column.key not in columns:
            problems.append(Problem(Refusal("column-missing", {"column": column.name}), sheet.place(header.number)))
    return columns, problems


def _cells_of(row: Row, columns: Mapping[str, int]) -> dict[str, Cell]:
    return {
        key: row.cells[index] for key, index in columns.items() if index < len(row.cells) and row.cells[index] != ""
    }


def _no_table(sheets: Sequence[Sheet], wanted: Layout) -> Problem:
    place = next((sheet.place(sheet.rows[0].number) for sheet in sheets if sheet.rows), Sheet(None, ()).place(1))
    return Problem(Refusal("no-table", {"columns": wanted.required_names()}), place)
