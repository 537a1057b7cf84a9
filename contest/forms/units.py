"""Forms of the life of units: renaming, moving, merging, splitting; accepting a headcount; divisions."""

from typing import Any

from wtforms import Form, SelectField

from contest.forms.contests import MomentField, WholeField
from contest.forms.fields import CleanField, between, refuse, required
from contest.rules.refusals import Refusal
from contest.rules.terms import mark


class Dated(Form):
    effective = MomentField(mark("Có hiệu lực từ"), limit=30)


class Renaming(Dated):
    new_name = CleanField(mark("Tên mới"), [required])


class Moving(Dated):
    target = SelectField(mark("Đơn vị cấp trên mới"), validate_choice=False)


class Merging(Dated):
    target = SelectField(mark("Sáp nhập vào"), validate_choice=False)
    people_to = SelectField(mark("Đoàn viên chuyển về"), validate_choice=False)


class Splitting(Dated):
    new_code = CleanField(mark("Mã đơn vị mới"), limit=40)
    new_name = CleanField(mark("Tên đơn vị mới"))
    target = SelectField(mark("Đơn vị cấp trên của đơn vị mới"), validate_choice=False)
    people = CleanField(mark("Mã đoàn viên chuyển sang"), limit=200_000, multiline=True)


class Acceptance(Form):
    unit = SelectField(mark("Đơn vị"), validate_choice=False)
    figure = WholeField(mark("Số đoàn viên"), [required])
    reason = CleanField(mark("Lý do"), [required], limit=500, multiline=True)

    def validate_figure(self, field: Any) -> None:
        if field.data is None:
            raise refuse(Refusal("required"))
        between(1, 10_000_000)(self, field)


class Divisions(Form):
    pasted = CleanField(mark("Dán danh sách"), limit=100_000, multiline=True)
