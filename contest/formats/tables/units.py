"""Units as a table, one row a unit."""

from collections.abc import Iterable
from typing import Literal

from contest.formats.drafts import Place, Reading, UnitDraft
from contest.formats.tables import people_columns
from contest.formats.tables.layout import read_table
from contest.formats.tables.record import Record
from contest.formats.tables.spreadsheet import Page, Value, write_pages
from contest.rules.refusals import Refusal
from contest.rules.text import canonical

_MOST_MEMBERS = 100_000_000


def read_units(data: bytes) -> Reading[UnitDraft]:
    """Read units from an XLSX or CSV file; a file of members alone has none."""
    seen: dict[str, Place] = {}
    return read_table(
        data, people_columns.UNITS, lambda record: _read_unit(record, seen), beside=[people_columns.MEMBERS]
    )


def write_units(drafts: Iterable[UnitDraft], *, format: Literal["xlsx", "csv"]) -> bytes:  # noqa: A002
    """Write units so that reading them gives the same drafts again."""
    return write_pages([unit_page(drafts)], format=format)


def unit_page(drafts: Iterable[UnitDraft]) -> Page:
    """Return the table of units."""
    return Page("Đơn vị", people_columns.UNITS.columns, map(_cells, drafts))


def _read_unit(record: Record, seen: dict[str, Place]) -> UnitDraft:
    code = record.text("code", limit=40, required=True)
    if code and (first := seen.setdefault(canonical(code), record.place)) != record.place:
        record.refuse("code", Refusal("code-twice", {"code": code, "first": first.row or first.line or 0}))
    return UnitDraft(
        code=code,
        name=record.text("name", limit=200, required=True),
        short_name=record.text("short_name", limit=100),
        level=record.text("level", limit=100),
        parent=record.text("parent", limit=40) or None,
        headcount=record.count("headcount", most=_MOST_MEMBERS),
        place=record.place,
    )


def _cells(draft: UnitDraft) -> list[Value]:
    return [draft.code, draft.name, draft.short_name, draft.level, draft.parent, draft.headcount]
