"""Rows to XLSX and CSV. A text is a text in both: no cell is ever taken for a formula, a link or a number."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, TextIOWrapper
from itertools import chain, count, islice
from typing import Any, BinaryIO, Literal

import xlsxwriter

from contest.formats.tables.cells import date_text, shield
from contest.formats.tables.layout import Column

Value = str | int | Decimal | date | None

ROWS_PER_SHEET = 1_000_000
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001  (the same rows make the same bytes)
_CHOICE_ROWS = 1_000
_NAME_LIMIT = 25  # of 31, so that a number fits after it
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True, slots=True)
class Page:
    """One table to be written; `choices` are the drop-down lists of columns, by key."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)


def write_pages(pages: Sequence[Page], *, format: Literal["xlsx", "csv"]) -> bytes:  # noqa: A002
    """Write tables as a workbook, or the only one as CSV."""
    if format == "xlsx":
        return write_workbook(pages)
    (page,) = pages
    return write_csv(page)


def write_sheet(title: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """Write any list as a workbook of one sheet."""
    columns = [Column(heading, heading, width=24) for heading in headings]
    return write_workbook([Page(sheet_name(title), columns, rows)])


def sheet_name(title: str) -> str:
    """Return a title as the name of a sheet, which is short and has no brackets, slashes, colons or quotes."""
    return " ".join(title.translate(_NOT_IN_NAMES).split())[:_NAME_LIMIT].strip() or "1"


def write_csv(page: Page) -> bytes:
    """Return a table as `csv_into` writes it."""
    out = BytesIO()
    csv_into(page, out)
    return out.getvalue()


def csv_into(page: Page, out: BinaryIO) -> None:
    """Write a table as CSV for Excel: UTF-8 with its mark, dates as day/month/year, formulas shielded."""
    text = TextIOWrapper(out, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([shield(column.name) for column in page.columns])
    writer.writerows([_as_csv(value) for value in row] for row in page.rows)
    text.detach()


def write_workbook(pages: Sequence[Page], guide: Sequence[str] = ()) -> bytes:
    """Return tables as `workbook_into` writes them."""
    out = BytesIO()
    workbook_into(pages, out, guide)
    return out.getvalue()


def workbook_into(pages: Sequence[Page], out: BinaryIO, guide: Sequence[str] = ()) -> None:
    """Write tables as a workbook, each with a frozen bold header, and a guide of plain lines after them."""
    with xlsxwriter.Workbook(out, _OPTIONS) as workbook:
        workbook.set_properties({"created": _MADE})
        formats = {
            "header": workbook.add_format({"bold": True, "bg_color": "#E8EDF3", "text_wrap": True, "valign": "top"}),
            "text": workbook.add_format({"text_wrap": True, "valign": "top"}),
            "date": workbook.add_format({"num_format": "dd/mm/yyyy", "valign": "top"}),
        }
        for page in pages:
            _write_page(workbook, page, formats)
        if guide:
            _write_guide(workbook, guide, formats)


def _write_page(workbook: Any, page: Page, formats: Mapping[str, Any]) -> None:
    """Write a table, on as many sheets as its rows need."""
    rows = iter(page.rows)
    for number in count(1):
        first = next(rows, None)
        if first is None and number > 1:
            return
        sheet = workbook.add_worksheet(page.name if number == 1 else f"{page.name} ({number})")
        _write_head(sheet, page, formats)
        block = islice(chain([first], rows), ROWS_PER_SHEET) if first is not None else ()
        for index, row in enumerate(block, start=1):
            for column, value in enumerate(row):
                _write_cell(sheet, index, column, value, formats)


def _write_head(sheet: Any, page: Page, formats: Mapping[str, Any]) -> None:
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(page.columns):
        sheet.set_column(index, index, column.width)
        _write_cell(sheet, 0, index, column.name, {"text": formats["header"]})
        if column.key in page.choices:
            choices = {"validate": "list", "source": list(page.choices[column.key]), "error_type": "warning"}
            sheet.data_validation(1, index, _CHOICE_ROWS, index, choices)


def _write_guide(workbook: Any, guide: Sequence[str], formats: Mapping[str, Any]) -> None:
    sheet = workbook.add_worksheet("Hướng dẫn")
    sheet.set_column(0, 0, 110)
    for index, line in enumerate(guide):
        _write_cell(sheet, index, 0, line, {"text": formats["header"] if index == 0 else formats["text"]})


def _write_cell(sheet: Any, row: int, column: int, value: Value, formats: Mapping[str, Any]) -> None:
    """Write one cell by its type. Raises ValueError when a sheet cannot hold it, rather than lose it."""
    if value is None or value == "":
        return
    if isinstance(value, str):
        outcome = sheet.write_string(row, column, value, formats["text"])
    elif isinstance(value, date):
        outcome = sheet.write_datetime(row, column, value, formats["date"])
    else:
        outcome = sheet.write_number(row, column, value)
    if outcome:
        raise ValueError(f"cell {row}:{column} does not fit")


def _as_csv(value: Value) -> str:
    if isinstance(value, str):
        return shield(value)
    if isinstance(value, date):
        return date_text(value)
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
