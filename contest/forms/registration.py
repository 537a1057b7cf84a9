"""Forms of registration: what a contest asks, its consent text, its entry code, and the form people fill in."""

from typing import Any

from wtforms import BooleanField, Form, RadioField, SelectField, SelectMultipleField, widgets

from contest.forms.banks import DayField
from contest.forms.contests import MomentField
from contest.forms.fields import CleanField, required
from contest.forms.people import MailField, PhoneField
from contest.rules.entry_terms import RegistrationField, RegistrationWay
from contest.rules.labels import LABELS
from contest.rules.terms import mark

_FIELDS = [(f.value, LABELS[f]) for f in RegistrationField]


class Checks(SelectMultipleField):
    """Several of a few choices, each a box to tick."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class RegistrationSetup(Form):
    registers = BooleanField(mark("Người dự thi phải đăng ký trước"))
    way = RadioField(
        mark("Ai đăng ký được"),
        choices=[(w.value, LABELS[w]) for w in RegistrationWay],
        default=RegistrationWay.MEMBERS.value,
    )
    fields = Checks(mark("Hỏi những gì"), choices=_FIELDS)
    needed = Checks(mark("Trong đó bắt buộc"), choices=_FIELDS)


class ConsentTexts(Form):
    collected = CleanField(mark("Thu thập những gì"), [required], limit=2000, multiline=True)
    why = CleanField(mark("Để làm gì"), [required], limit=2000, multiline=True)
    seen_by = CleanField(mark("Ai xem được"), [required], limit=2000, multiline=True)
    kept_for = CleanField(mark("Giữ trong bao lâu"), [required], limit=2000, multiline=True)
    rights = CleanField(mark("Quyền của người dự thi"), [required], limit=2000, multiline=True)


class EntryCodeForm(Form):
    valid_from = MomentField(mark("Dùng được từ"), limit=30)
    valid_until = MomentField(mark("Đến"), limit=30)


class Registration(Form):
    """Everything a contest may ask; a page leaves out what its contest does not."""

    full_name = CleanField(LABELS[RegistrationField.FULL_NAME], limit=120)
    birth_date = DayField(LABELS[RegistrationField.BIRTH_DATE], limit=20)
    identity_number = CleanField(LABELS[RegistrationField.IDENTITY_NUMBER], limit=20)
    phone = PhoneField(LABELS[RegistrationField.PHONE], limit=20)
    email = MailField(LABELS[RegistrationField.EMAIL], limit=254)
    address = CleanField(LABELS[RegistrationField.ADDRESS], limit=300)
    unit = SelectField(LABELS[RegistrationField.UNIT], choices=[])
    entry = CleanField(mark("Mã dự thi"), limit=64)
    participation = BooleanField(mark("Đồng ý cho việc dự thi"))
    publication = BooleanField(mark("Đồng ý công khai họ tên"))

    def values(self) -> dict[RegistrationField, Any]:
        """Return what was given in its canonical form, by field; what was left empty is left out."""
        plain = {"birth_date": "day", "phone": "number", "email": "address"}
        found: dict[RegistrationField, Any] = {}
        for name in RegistrationField:
            if name.value in self:
                value = getattr(self[name.value], plain.get(name.value, "data"))
                found |= {name: value} if value else {}
        return found
