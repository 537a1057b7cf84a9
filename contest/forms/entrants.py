"""Forms of who takes part: a list of people, and one person of it."""

from wtforms import BooleanField, FileField, Form, RadioField, SelectField, TextAreaField

from contest.forms.fields import CleanField, required
from contest.rules.entry_terms import EntrantMark, EntrantReason
from contest.rules.labels import LABELS
from contest.rules.terms import mark

_REASONS = [("", mark("Chọn lý do")), *((r.value, LABELS[r]) for r in EntrantReason)]


class EntrantList(Form):
    said = RadioField(
        mark("Những người trong danh sách này"),
        [required],
        choices=[(m.value, LABELS[m]) for m in EntrantMark],
        default=EntrantMark.NO_PRIZE.value,
    )
    reason = SelectField(mark("Lý do"), choices=_REASONS)
    note = CleanField(mark("Ghi chú của Ban Tổ chức"), limit=300)
    codes = TextAreaField(mark("Mã đoàn viên"))
    file = FileField(mark("Hoặc tệp danh sách"))


class EntrantPerson(Form):
    takes_part = SelectField(
        mark("Dự thi"),
        choices=[("", mark("Theo đơn vị")), ("yes", mark("Được dự thi")), ("no", mark("Không dự thi"))],
    )
    no_prize = BooleanField(mark("Không xét giải"))
    is_mandatory = BooleanField(mark("Bắt buộc dự thi"))
    reason = SelectField(mark("Lý do"), choices=_REASONS)
    note = CleanField(mark("Ghi chú của Ban Tổ chức"), limit=300)
