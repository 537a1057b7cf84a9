"""Forms of people and units."""

from typing import Any

from wtforms import Form, SelectField

from contest.forms.banks import DayField
from contest.forms.contests import WholeField
from contest.forms.fields import CleanField, between, refuse, required
from contest.rules.labels import LABELS
from contest.rules.refusals import Refusal
from contest.rules.terms import Role, mark
from contest.rules.text import mailbox, phone


class PhoneField(CleanField):
    """A phone in any spelling; `number` is the canonical form, None when left empty."""

    number: str | None = None

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        self.number = _canonical(phone, self.data)


class MailField(CleanField):
    address: str | None = None

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        self.address = _canonical(mailbox, self.data)


def _canonical(read: Any, typed: str | None) -> str | None:
    if not typed:
        return None
    found = read(typed)
    if isinstance(found, Refusal):
        raise refuse(found)
    return str(found)


class MemberForm(Form):
    code = CleanField(mark("Mã đoàn viên"), limit=40)
    full_name = CleanField(mark("Họ và tên"), [required], limit=120)
    birth_date = DayField(mark("Ngày sinh"), limit=20)
    phone = PhoneField(mark("Điện thoại"), limit=20)
    email = MailField(mark("Email"), limit=254)
    identity_number = CleanField(mark("Số định danh"), limit=20)
    unit = CleanField(mark("Mã đơn vị"), [required], limit=40)


class UnitForm(Form):
    name = CleanField(mark("Tên đơn vị"), [required])
    short_name = CleanField(mark("Tên gọn"), limit=100)
    level = CleanField(mark("Cấp"), limit=100)
    headcount = WholeField(mark("Số đoàn viên"))

    def validate_headcount(self, field: Any) -> None:
        if field.data is not None:
            between(0, 10_000_000)(self, field)


class RoleForm(Form):
    code = CleanField(mark("Mã đoàn viên"), [required], limit=40)
    role = SelectField(
        mark("Vai trò"),
        [required],
        choices=[("", mark("Chọn vai trò")), *((r.value, LABELS[r]) for r in Role if r is not Role.MEMBER)],
    )
    unit = CleanField(mark("Chỉ trong đơn vị (mã)"), limit=40)
    contest = CleanField(mark("Chỉ trong cuộc thi (địa chỉ trang)"), limit=80)
