"""Members as a table, one row a person. Numbers that a workbook holds without their leading zeros get them back."""

from collections.abc import Iterable
from typing import Literal

from contest.formats.drafts import MemberDraft, Reading, UnitDraft
from contest.formats.tables import people_columns
from contest.formats.tables.cells import as_text
from contest.formats.tables.layout import read_table, with_rows
from contest.formats.tables.record import Record
from contest.formats.tables.spreadsheet import Page, Value, write_pages
from contest.rules import text
from contest.rules.refusals import Refusal

_PHONE_WITHOUT_ZERO = (9, 10)  # digits of a mobile number and of a fixed line
_OLD_IDENTITY, _IDENTITY = 9, 12  # digits of an identity card and of a citizen's number


def read_members(data: bytes) -> Reading[MemberDraft]:
    """Read members from an XLSX or CSV file; a file of units alone has none."""
    return read_table(data, people_columns.MEMBERS, _read_member, beside=[people_columns.UNITS])


def beside_units(members: Reading[MemberDraft], units: Reading[UnitDraft]) -> Reading[MemberDraft]:
    """Return the members of a file that holds units too: what is wrong with the file is said once, also that it has neither."""
    rest = Reading(members.drafts, tuple(p for p in members.problems if p not in units.problems))
    return rest if units.drafts or units.problems else with_rows(rest)


def write_members(drafts: Iterable[MemberDraft], *, format: Literal["xlsx", "csv"]) -> bytes:  # noqa: A002
    """Write members so that reading them gives the same drafts again."""
    return write_pages([member_page(drafts)], format=format)


def member_page(drafts: Iterable[MemberDraft]) -> Page:
    """Return the table of members."""
    return Page("Đoàn viên", people_columns.MEMBERS.columns, map(_cells, drafts))


def _read_member(record: Record) -> MemberDraft:
    return MemberDraft(
        code=record.text("code", limit=40) or None,
        full_name=record.text("full_name", limit=120, required=True),
        birth_date=record.day("birth_date"),
        phone=_read_phone(record),
        email=_read_email(record),
        identity_number=_read_identity(record),
        unit=record.text("unit", limit=40, required=True),
        place=record.place,
    )


def _read_phone(record: Record) -> str | None:
    typed = record.text("phone", limit=40)
    if _is_number(record, "phone") and len(typed) in _PHONE_WITHOUT_ZERO:
        typed = f"0{typed}"
    if typed and isinstance(refusal := text.phone(typed), Refusal):
        record.refuse("phone", refusal)
    return typed or None


def _read_email(record: Record) -> str | None:
    typed = record.text("email", limit=254)
    if typed and isinstance(refusal := text.email(typed), Refusal):
        record.refuse("email", refusal)
    return typed or None


def _read_identity(record: Record) -> str | None:
    typed = record.text("identity_number", limit=20)
    if _is_number(record, "identity_number"):
        typed = typed.zfill(_OLD_IDENTITY if len(typed) <= _OLD_IDENTITY else _IDENTITY)
    return typed or None


def _is_number(record: Record, key: str) -> bool:
    cell = record.cells.get(key)
    return isinstance(cell, int | float) and as_text(cell).isdigit()


def _cells(draft: MemberDraft) -> list[Value]:
    return [
        draft.code,
        draft.full_name,
        draft.birth_date,
        draft.phone,
        draft.email,
        draft.identity_number,
        draft.unit,
    ]
