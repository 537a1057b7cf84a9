"""Results as files of their owner: people round by round, units as they are compared, and who advances to a round."""

from collections.abc import Mapping
from enum import StrEnum
from tempfile import TemporaryFile
from typing import IO, Any
from zoneinfo import ZoneInfo

from contest.errors import Invalid
from contest.formats import tables
from contest.formats.tables.results import RESULTS
from contest.i18n import Speech
from contest.models.jobs import Job
from contest.rules.labels import LABELS
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import mark
from contest.services import evidence, organisation
from contest.services.contests import rounds, setup
from contest.services.exchange import filed
from contest.services.jobs import Done, up_to_now
from contest.services.marking import marks, scripts
from contest.services.results import advancement_list, unit_tables
from contest.services.results import tables as results

RESULT_LABELS: dict[str, str] = {
    "round": mark("Vòng thi"),
    "place": mark("Hạng"),
    "member_code": mark("Mã đoàn viên"),
    "full_name": mark("Họ và tên"),
    "birth_date": mark("Ngày sinh"),
    "unit_code": mark("Mã đơn vị"),
    "unit_name": mark("Đơn vị"),
    "correct_count": mark("Số câu đúng"),
    "points": mark("Điểm"),
    "prediction": mark("Dự đoán"),
    "prediction_error": mark("Độ lệch dự đoán"),
    "duration_seconds": mark("Thời gian làm bài (giây)"),
    "started_at": mark("Bắt đầu lúc"),
    "submitted_at": mark("Nộp lúc"),
    "attempts_used": mark("Số lượt đã dùng"),
    "receipt": mark("Mã biên nhận"),
    "award": mark("Giải thưởng"),
}
UNIT_LABELS: dict[str, str] = {
    "round": mark("Vòng thi"),
    "division": mark("Bảng"),
    "place": mark("Hạng"),
    "unit_code": mark("Mã đơn vị"),
    "unit_name": mark("Đơn vị"),
    "headcount": mark("Số đoàn viên"),
    "participants": mark("Số người tham gia"),
    "ratio": mark("Tỷ lệ tham gia (%)"),
    "compared_by": mark("Cách xếp"),
    "measure": mark("Kết quả so sánh"),
    "over_headcount": mark("Vượt 100%"),
    "why_none": mark("Lý do chưa có hạng"),
}
ADVANCED_LABELS: dict[str, str] = {
    "round": mark("Vòng thi"),
    "state": mark("Danh sách"),
    "place": mark("Hạng"),
    "member_code": mark("Mã đoàn viên"),
    "full_name": mark("Họ và tên"),
    "unit_code": mark("Mã đơn vị"),
    "unit_name": mark("Đơn vị"),
    "points": mark("Điểm"),
    "was_called": mark("Gọi từ dự bị"),
    "reason": mark("Lý do"),
}
MARK_LABELS: dict[str, str] = {
    "question": mark("Mã câu hỏi"),
    "blind_code": mark("Số phách"),
    "points": mark("Điểm"),
    "out_of": mark("Trên"),
    "marker": mark("Người chấm"),
    "comment": mark("Nhận xét"),
}


def export_results(job: Job, by: Actor) -> Done:
    """Carry out the job `results-export`."""
    p = job.payload
    data = up_to_now(lambda: results_file(p["contest"], p["round"], p["format"], locale=p["locale"], by=by))
    return filed(data, f"ket-qua-{p['contest']}.{p['format']}", p["format"], by)


def results_file(slug: str, round_code: str | None, form: str, *, locale: str = "vi", by: Actor) -> IO[bytes]:
    """Return the export of a contest's results, of one round or of all."""
    contest = results.get_contest(slug, by=by)
    found = results.export_rows(contest, round_code, by=by)
    return _written(found, RESULTS, RESULT_LABELS, mark("Kết quả"), form, locale)


def export_units(job: Job, by: Actor) -> Done:
    """Carry out the job `units-export`."""
    p = job.payload
    told = {"today": p["today"], "locale": p["locale"]}
    data = up_to_now(lambda: units_file(p["contest"], p["round"], p["format"], **told, by=by))
    return filed(data, f"don-vi-{p['contest']}.{p['format']}", p["format"], by)


def units_file(
    slug: str, round_code: str | None, form: str, *, today: bool = False, locale: str = "vi", by: Actor
) -> IO[bytes]:
    """Return the comparison of a contest's units, of one round or over all, by the tree of the close or of today."""
    found = unit_tables.export_rows(results.get_contest(slug, by=by), round_code, today=today, by=by)
    return _written(found, tables.COMPARISON, UNIT_LABELS, mark("Đơn vị"), form, locale)


def export_advanced(job: Job, by: Actor) -> Done:
    """Carry out the job `advanced-export`."""
    p = job.payload
    data = up_to_now(lambda: advanced_file(p["contest"], p["round"], p["format"], locale=p["locale"], by=by))
    return filed(data, f"duoc-vao-{p['contest']}.{p['format']}", p["format"], by)


def advanced_file(slug: str, round_code: str, form: str, *, locale: str = "vi", by: Actor) -> IO[bytes]:
    """Return the confirmed list of those who advance to a round, with its reserve and who withdrew.

    Raises NotFound for a round that is not there or is open to everybody, Conflict while the list is not confirmed.
    """
    row = rounds.get_round(setup.get_contest(slug, by=by).id, round_code)
    return _written(
        advancement_list.export_rows(row), tables.ADVANCED, ADVANCED_LABELS, mark("Được vào vòng"), form, locale
    )


def export_marks(job: Job, by: Actor) -> Done:
    """Carry out the job `marks-export`."""
    p = job.payload
    data = up_to_now(lambda: marks_file(p["contest"], p["round"], p["format"], locale=p["locale"], by=by))
    return filed(data, f"diem-cham-{p['contest']}.{p['format']}", p["format"], by)


def marks_file(slug: str, round_code: str, form: str, *, locale: str = "vi", by: Actor) -> IO[bytes]:
    """Return the responses of a round that the actor may mark, by blind code, with their marks; raises NotFound."""
    found = marks.export_rows(scripts.find_round(slug, round_code, by=by)[1], by=by)
    return _written(found, tables.MARKS, MARK_LABELS, mark("Điểm chấm"), form, locale)


def export_evidence(job: Job, by: Actor) -> Done:
    """Carry out the job `results-evidence`."""
    p = job.payload
    data = up_to_now(lambda: evidence.bundle(p["contest"], p["round"], by=by))
    return filed(data, f"bang-chung-{p['round']}.zip", "zip", by)


def _written(
    found: Any, columns: Mapping[str, int], names: Mapping[str, str], title: str, form: str, locale: str
) -> IO[bytes]:
    if form not in {"xlsx", "csv", "json"}:
        raise Invalid(Refusal("not-a-choice", field="format"))
    speech = organisation.speech(locale)
    told = found if form == "json" else ({k: _told(v, speech) for k, v in row.items()} for row in found)
    labels = {name: speech.text(label) for name, label in names.items()}
    chosen: Any = form
    out = TemporaryFile()  # noqa: SIM115  (it is whoever asked that closes it, and with that it is gone)
    tables.write_results(
        told, out, columns=columns, format=chosen, labels=labels, zone=ZoneInfo(speech.zone), title=speech.text(title)
    )
    out.seek(0)
    return out


def _told(value: object, speech: Speech) -> object:
    """Return a value as an office reads it: words for what a program reads as a code or as yes and no."""
    if isinstance(value, bool):
        return speech.text(mark("Có")) if value else ""
    return speech.text(LABELS[value]) if isinstance(value, StrEnum) else value
