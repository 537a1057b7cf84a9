"""Results of people and units for other programs and for office work: the same columns everywhere, points exact."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import BinaryIO, Literal

from contest.formats.tables.layout import Column
from contest.formats.tables.spreadsheet import Page, Value, csv_into, sheet_name, workbook_into
from contest.rules.scoring import as_text

RESULTS = {
    "round": 24,
    "place": 8,
    "member_code": 16,
    "full_name": 30,
    "birth_date": 12,
    "unit_code": 14,
    "unit_name": 44,
    "correct_count": 12,
    "points": 10,
    "prediction": 12,
    "prediction_error": 12,
    "duration_seconds": 14,
    "started_at": 27,
    "submitted_at": 27,
    "attempts_used": 12,
    "receipt": 24,
    "award": 20,
}
COMPARISON = {
    "round": 24,
    "division": 20,
    "place": 8,
    "unit_code": 14,
    "unit_name": 44,
    "headcount": 12,
    "participants": 12,
    "ratio": 12,
    "compared_by": 30,
    "measure": 14,
    "over_headcount": 14,
    "why_none": 40,
}
ADVANCED = {
    "round": 24,
    "state": 14,
    "place": 8,
    "member_code": 16,
    "full_name": 30,
    "unit_code": 14,
    "unit_name": 44,
    "points": 10,
    "was_called": 14,
    "reason": 40,
}
MARKS = {"question": 16, "blind_code": 14, "points": 10, "out_of": 10, "marker": 30, "comment": 60}
RESULT_COLUMNS = tuple(RESULTS)


def write_results(
    rows: Iterable[Mapping[str, object]],
    out: BinaryIO,
    *,
    columns: Mapping[str, int] = RESULTS,
    format: Literal["xlsx", "csv", "json"],  # noqa: A002
    labels: Mapping[str, str],
    zone: tzinfo,
    title: str,
) -> None:
    """Write rows in columns with their widths: RESULTS, COMPARISON, ADVANCED or MARKS; `labels` head them in the office formats.

    Rows are taken one by one, and none is held: a file may be of a million.
    Times are ISO 8601 with the zone's offset. Points are exact decimals: strings in JSON, numbers in a workbook.
    """
    if format == "json":
        _write_json(rows, out, tuple(columns), zone)
        return
    heads = [Column(key, labels[key], width=width) for key, width in columns.items()]
    values = ([_value(row.get(key), zone) for key in columns] for row in rows)
    page = Page(sheet_name(title), heads, values)
    if format == "csv":
        csv_into(page, out)
    else:
        workbook_into([page], out)


def _write_json(rows: Iterable[Mapping[str, object]], out: BinaryIO, keys: Sequence[str], zone: tzinfo) -> None:
    between = ""
    out.write(b"[\n")
    for row in rows:
        line = json.dumps({key: _json(row.get(key), zone) for key in keys}, ensure_ascii=False)
        out.write(f"{between}{line}".encode())
        between = ",\n"
    out.write(b"\n]\n")


def _value(value: object, zone: tzinfo) -> Value:
    """Return a value as a sheet holds it."""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    if isinstance(value, Decimal):
        return Decimal(as_text(value))
    if value is None or isinstance(value, str | int | date):
        return value
    raise TypeError(f"no cell for {type(value).__name__}")


def _json(value: object, zone: tzinfo) -> str | int | None:
    if isinstance(value, Decimal):
        return as_text(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    cell = _value(value, zone)
    return cell if cell is None or isinstance(cell, str | int) else str(cell)
