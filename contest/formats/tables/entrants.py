"""Lists of entrants as a table, one row a person: the member code is all that is needed."""

from contest.formats.drafts import EntrantDraft, Place, Problem, Reading
from contest.formats.tables.layout import Column, Layout, read_table, with_rows
from contest.formats.tables.record import Record
from contest.rules.enrolment import LONGEST_CODE
from contest.rules.refusals import Refusal
from contest.rules.text import clean

NOTE_LIMIT = 300
_LIST = Layout(
    (
        Column("code", "Mã đoàn viên", ("Số thẻ đoàn viên", "Mã số", "Mã", "Member code", "Code"), True, 16),
        Column("full_name", "Họ và tên", ("Họ tên", "Họ và tên đoàn viên", "Full name", "Name"), width=30),
        Column("unit", "Đơn vị", ("Mã đơn vị", "Tên đơn vị", "Unit"), width=30),
        Column("note", "Ghi chú", ("Chức vụ", "Lý do", "Note"), width=40),
    )
)
_BETWEEN = ",;\t"


def read_entrants(data: bytes) -> Reading[EntrantDraft]:
    """Read a list of entrants from an XLSX or CSV file. A file of one column alone needs a header too."""
    return with_rows(read_table(data, _LIST, _read_entrant))


def _read_entrant(record: Record) -> EntrantDraft:
    return EntrantDraft(
        code=record.text("code", limit=LONGEST_CODE, required=True),
        full_name=record.text("full_name", limit=120),
        note=record.text("note", limit=NOTE_LIMIT),
        place=record.place,
    )


def read_pasted(text: str) -> Reading[EntrantDraft]:
    """Read member codes as people paste them: on lines of their own, or between commas, semicolons and tabs."""
    drafts: list[EntrantDraft] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        for typed in line.translate(str.maketrans(_BETWEEN, "\n" * len(_BETWEEN))).splitlines():
            place, code = Place(line=number), clean(typed, limit=LONGEST_CODE)
            if isinstance(code, Refusal):
                problems.append(Problem(code, place, typed.strip()[:80]))
            elif code:
                drafts.append(EntrantDraft(code, place=place))
    return Reading(tuple(drafts), tuple(problems))
