"""XLSX: judged as an archive first, then read; visible sheets only."""

from collections.abc import Sequence
from io import BytesIO

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from contest.formats import zipsafe
from contest.formats.drafts import Place, Problem
from contest.formats.tables.delimited import read_delimited
from contest.formats.tables.sheets import Sheet, collect
from contest.rules.refusals import Refusal

_ZIP = (b"PK\3\4", b"PK\5\6")


def read_sheets(data: bytes) -> Sequence[Sheet] | Problem:
    """Return the sheets of an XLSX or CSV file, or why it is refused as a whole."""
    if data.startswith(zipsafe.OLD_OFFICE):
        return _refused("old-workbook")
    if data.startswith(_ZIP):
        return _read_workbook(data)
    sheet = read_delimited(data)
    return sheet if isinstance(sheet, Problem) else [sheet]


def _read_workbook(data: bytes) -> Sequence[Sheet] | Problem:
    if refusal := zipsafe.refuse(data):
        return Problem(refusal, Place())
    if b"xl/workbook.xml" not in data:
        return _refused("not-a-workbook")
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as workbook:
            return _visible_sheets(workbook)
    except (CalamineError, OSError, ValueError, OverflowError):
        return _refused("not-a-workbook")


def _visible_sheets(workbook: CalamineWorkbook) -> Sequence[Sheet] | Problem:
    sheets = []
    for about in workbook.sheets_metadata:
        if about.typ is not SheetTypeEnum.WorkSheet or about.visible is not SheetVisibleEnum.Visible:
            continue
        rows = workbook.get_sheet_by_name(about.name).iter_rows()
        sheet = collect(about.name, enumerate(rows, start=1))
        if isinstance(sheet, Problem):
            return sheet
        sheets.append(sheet)
    return sheets


def _refused(slug: str) -> Problem:
    return Problem(Refusal(slug), Place())
