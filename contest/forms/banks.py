"""Forms of banks: a bank, and a question with its options."""

from datetime import date
from typing import Any

from wtforms import Form, SelectField

from contest.forms.fields import CleanField, refuse, required
from contest.rules.refusals import Refusal
from contest.rules.terms import LABELS, Difficulty, Kind, mark
from contest.rules.text import birth_date, clean

OPTION_LIMIT, OPTIONS = 1000, 8


class DayField(CleanField):
    """A day as people write it (14/02/1987) or as browsers do; `day` is None when left empty."""

    day: date | None = None

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.data:
            found = birth_date(self.data)
            if isinstance(found, Refusal):
                raise refuse(found)
            self.day = found


class BankForm(Form):
    code = CleanField(mark("Mã ngân hàng"), [required], limit=60)
    name = CleanField(mark("Tên ngân hàng"), [required])

    def validate_code(self, field: Any) -> None:
        plain = field.data.replace("-", "")
        if not (plain.isascii() and plain.isalnum() and field.data == field.data.lower()):
            raise refuse(Refusal("bad-slug"))


class QuestionForm(Form):
    code = CleanField(mark("Mã câu"), limit=60)
    kind = SelectField(mark("Loại câu"), choices=[(k.value, LABELS[k]) for k in Kind], default=Kind.SINGLE_CHOICE)
    text = CleanField(mark("Câu hỏi"), [required], limit=4000, multiline=True)
    topic = CleanField(mark("Chủ đề"), limit=600)
    difficulty = SelectField(mark("Mức độ"), choices=[("", "–"), *((d.value, LABELS[d]) for d in Difficulty)])
    source = CleanField(mark("Căn cứ"), limit=500)
    effective_on = DayField(mark("Ngày hiệu lực"), limit=20)
    explanation = CleanField(mark("Giải thích"), limit=4000, multiline=True)
    tags = CleanField(mark("Nhãn"), limit=300)


def options_of(form: Any) -> list[tuple[str, bool]]:
    """Return the options of a filled-in form as (text, is right); empty rows are left out, order is kept."""
    right = set(form.getlist("right"))
    out = []
    for index, raw in enumerate(form.getlist("option")[:OPTIONS]):
        text = clean(raw, limit=OPTION_LIMIT)
        if isinstance(text, str) and (text or str(index) in right):
            out.append((text, str(index) in right))
    return out
