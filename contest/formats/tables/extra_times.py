"""Extra time of people as a table, one row a person: their code, minutes or percent, why, and until when."""

from contest.formats.drafts import ExtraTimeDraft, Place, Reading
from contest.formats.tables.layout import Column, Layout, read_table, with_rows
from contest.formats.tables.record import Record
from contest.formats.tables.spreadsheet import Page, write_workbook
from contest.rules.refusals import Refusal
from contest.rules.text import canonical

MOST = 240  # minutes, or percent
EXTRA_TIMES = Layout(
    (
        Column("code", "Mã đoàn viên", ("Số thẻ đoàn viên", "Mã số", "Member code", "Code"), True, 16),
        Column("minutes", "Số phút", ("Phút", "Minutes"), width=12),
        Column("percent", "Phần trăm", ("Tỷ lệ", "Percent"), width=12),
        Column("reason", "Lý do", ("Reason",), True, 40),
        Column("valid_until", "Đến hết ngày", ("Đến ngày", "Valid until"), width=16),
    )
)
_GUIDE = (
    "Cách điền thời gian cộng thêm",
    "Mỗi dòng là một người, cần có Mã đoàn viên và Lý do.",
    "Ghi Số phút, hoặc Phần trăm của thời gian làm bài; không ghi cả hai.",
    "Để trống Đến hết ngày là không thời hạn. Ngày: ngày/tháng/năm.",
    "Lý do chỉ cán bộ quản lý người đó đọc được.",
)


def read_extra_times(data: bytes) -> Reading[ExtraTimeDraft]:
    """Read extra times from an XLSX or CSV file."""
    seen: dict[str, Place] = {}
    return with_rows(read_table(data, EXTRA_TIMES, lambda record: _read(record, seen)))


def extra_times_template() -> bytes:
    """Return a workbook to fill in, without an example: a made-up person would be one too many."""
    return write_workbook([Page("Thời gian cộng thêm", EXTRA_TIMES.columns, ())], _GUIDE)


def _read(record: Record, seen: dict[str, Place]) -> ExtraTimeDraft:
    code = record.text("code", limit=40, required=True)
    if code and (first := seen.setdefault(canonical(code), record.place)) != record.place:
        record.refuse("code", Refusal("code-twice", {"code": code, "first": first.row or first.line or 0}))
    minutes, percent = record.count("minutes", most=MOST) or 0, record.count("percent", most=MOST) or 0
    if not record.has_errors() and (minutes > 0) == (percent > 0):
        record.refuse("percent" if minutes else "minutes", Refusal("minutes-or-percent"))
    return ExtraTimeDraft(
        code=code,
        minutes=minutes,
        percent=percent,
        reason=record.text("reason", limit=500, required=True),
        valid_until=record.day("valid_until"),
        place=record.place,
    )
