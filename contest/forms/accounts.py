"""Forms of accounts: signing in, opening an account, passwords, and the first visit."""

from typing import Any

from wtforms import FileField, Form, PasswordField, SelectField
from wtforms.fields import Field

from contest.forms.fields import CleanField, refuse, required
from contest.rules.labels import LABELS
from contest.rules.refusals import Refusal
from contest.rules.terms import Address, mark


def _same_as_password(form: Any, field: Field) -> None:
    if field.data != form.password.data:
        raise refuse(Refusal("password-mismatch"))


class SignIn(Form):
    identifier = CleanField(mark("Số điện thoại, email hoặc mã đoàn viên"), [required], limit=254)
    password = PasswordField(mark("Mật khẩu"), [required])


class Activate(Form):
    code = CleanField(mark("Mã kích hoạt"), [required], limit=60)
    password = PasswordField(mark("Mật khẩu mới"), [required])
    repeat = PasswordField(mark("Nhập lại mật khẩu mới"), [required, _same_as_password])


class Forgotten(Form):
    identifier = CleanField(mark("Số điện thoại, email hoặc mã đoàn viên"), [required], limit=254)


class Reset(Form):
    password = PasswordField(mark("Mật khẩu mới"), [required])
    repeat = PasswordField(mark("Nhập lại mật khẩu mới"), [required, _same_as_password])


class ChangePassword(Reset):
    current = PasswordField(mark("Mật khẩu hiện tại"), [required])


class OrganisationSettings(Form):
    name_vi = CleanField(mark("Tên tổ chức"), [required])
    name_en = CleanField(mark("Tên tiếng Anh"))
    short_name = CleanField(mark("Tên gọn"), limit=60)
    logo = FileField(mark("Logo"))
    anniversary = CleanField(mark("Dòng kỷ niệm"))
    time_zone = CleanField(mark("Múi giờ"), [required], limit=60, default="Asia/Ho_Chi_Minh")
    address = SelectField(mark("Cách xưng hô"), choices=[(a.value, LABELS[a]) for a in Address], default=Address.FRIEND)


class Setup(OrganisationSettings):
    code = CleanField(mark("Mã thiết lập"), [required], limit=60)
    full_name = CleanField(mark("Họ và tên người quản trị"), [required], limit=120)
    member_code = CleanField(mark("Mã đoàn viên"), [required], limit=40)
    email = CleanField(mark("Email"), limit=254)
    phone = CleanField(mark("Điện thoại"), limit=20)
    password = PasswordField(mark("Mật khẩu"), [required])
    repeat = PasswordField(mark("Nhập lại mật khẩu"), [required, _same_as_password])
