"""Forms of the day: extend a window, grant extra time, void, announce; and a person's own extra time."""

from typing import Any

from wtforms import Form, HiddenField, SelectField

from contest.forms.banks import DayField
from contest.forms.contests import MomentField, WholeField
from contest.forms.fields import CleanField, between, refuse, required
from contest.rules.refusals import Refusal
from contest.rules.terms import mark

REASON = 500
ANNOUNCEMENT = 1000
MOST_MINUTES = 240


class Act(Form):
    """What every act has: a reason on record, and the words in which it is announced."""

    reason = CleanField(mark("Lý do"), [required], limit=REASON)
    announcement = CleanField(mark("Thông báo"), limit=ANNOUNCEMENT, multiline=True)


class Extension(Act):
    window = HiddenField()
    closes_at = MomentField(mark("Đóng lúc"), [required], limit=30)


class ExtraTime(Act):
    minutes = WholeField(mark("Số phút cộng thêm"), [required, between(1, MOST_MINUTES)])
    whom = SelectField(
        mark("Cho ai"),
        choices=[
            ("all", mark("Mọi người dự thi")),
            ("unit", mark("Một đơn vị và mọi cấp bên dưới")),
            ("member", mark("Một người")),
        ],
    )
    target = CleanField(mark("Mã đơn vị hoặc mã đoàn viên"), limit=40)

    def validate_target(self, field: Any) -> None:
        if self.whom.data != "all" and not field.data:
            raise refuse(Refusal("required"))


class Voiding(Act):
    span = SelectField(mark("Khung giờ hoặc ngày cần hủy"), validate_choice=False)
    receipt = CleanField(mark("Hoặc mã biên nhận của một lượt thi"), limit=40)


class Restoration(Form):
    void = HiddenField()
    announcement = CleanField(mark("Thông báo"), limit=ANNOUNCEMENT, multiline=True)


class Announcement(Form):
    text = CleanField(mark("Nội dung thông báo"), [required], limit=ANNOUNCEMENT, multiline=True)
    whole = SelectField(mark("Hiện ở"), choices=[("", mark("Vòng này")), ("1", mark("Cả cuộc thi"))])


class OwnExtraTime(Form):
    amount = WholeField(mark("Cộng thêm"), [required, between(1, MOST_MINUTES)])
    unit = SelectField(
        mark("Tính theo"), choices=[("minutes", mark("phút")), ("percent", mark("phần trăm thời gian làm bài"))]
    )
    reason = CleanField(mark("Lý do"), [required], limit=REASON)
    valid_until = DayField(mark("Đến hết ngày"), limit=20)
