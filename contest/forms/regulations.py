"""The form of setting a contest up from regulations: what they leave to the organiser."""

from datetime import date

from wtforms import Form, SelectField, TextAreaField
from wtforms.fields import Field

from contest.forms.contests import bare_slug
from contest.forms.fields import CleanField, refuse, required
from contest.rules.refusals import Refusal
from contest.rules.terms import mark


class FromRegulations(Form):
    settings = TextAreaField(mark("Nội dung tệp"))
    first_day = CleanField(mark("Ngày mở vòng đầu"), [required], limit=10)
    title = CleanField(mark("Tên cuộc thi"), [required])
    slug = CleanField(mark("Địa chỉ trang"), [required, bare_slug], limit=80)
    organiser = SelectField(mark("Đơn vị tổ chức"), validate_choice=True)
    bank = SelectField(mark("Ngân hàng câu hỏi"), [required])
    day: date | None = None

    def validate_first_day(self, field: Field) -> None:
        self.day = day_of(field.data)
        if self.day is None:
            raise refuse(Refusal("not-a-date"))


def day_of(typed: str | None) -> date | None:
    """Return a day as browsers send it, of a year in which a contest may be; None for anything else."""
    try:
        found = date.fromisoformat(typed or "")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2100 else None
