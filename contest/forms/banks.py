"""Forms of banks: a bank, and a question with its options."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import BooleanField, Form, IntegerField, SelectField
from wtforms.validators import Optional

from contest.forms.fields import CleanField, between, refuse, required
from contest.rules.labels import LABELS
from contest.rules.question_terms import COMMENT_LIMIT, Difficulty, Kind, SourceChange
from contest.rules.questions.essay import MOST_WORDS
from contest.rules.refusals import Refusal
from contest.rules.terms import mark
from contest.rules.text import birth_date, clean

OPTION_LIMIT, AREA_LIMIT = 1000, 60


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


class RichField(CleanField):
    """A text that keeps how its lines are indented where the form says that it is rich: lists within lists need it."""

    def pre_validate(self, form: Any) -> None:
        self.indented = bool(form["rich"].data)
        super().pre_validate(form)


class BankForm(Form):
    code = CleanField(mark("Mã ngân hàng"), [required], limit=60)
    name = CleanField(mark("Tên ngân hàng"), [required])

    def validate_code(self, field: Any) -> None:
        plain = field.data.replace("-", "")
        if not (plain.isascii() and plain.isalnum() and field.data == field.data.lower()):
            raise refuse(Refusal("bad-bank-code"))


class QuestionForm(Form):
    code = CleanField(mark("Mã câu"), limit=60)
    kind = SelectField(mark("Loại câu"), choices=[(k.value, LABELS[k]) for k in Kind], default=Kind.SINGLE_CHOICE)
    rich = BooleanField(mark("Định dạng"))
    text = RichField(mark("Câu hỏi"), [required], limit=4000, multiline=True)
    topic = CleanField(mark("Chủ đề"), limit=600)
    difficulty = SelectField(mark("Mức độ"), choices=[("", "–"), *((d.value, LABELS[d]) for d in Difficulty)])
    source = CleanField(mark("Căn cứ"), limit=500)
    effective_on = DayField(mark("Ngày hiệu lực"), limit=20)
    explanation = RichField(mark("Giải thích"), limit=4000, multiline=True)
    tags = CleanField(mark("Nhãn"), limit=300)
    passage = CleanField(mark("Thuộc đoạn dẫn"), limit=60)
    least_words = IntegerField(mark("Ít nhất (từ)"), [Optional(), between(0, MOST_WORDS)])
    most_words = IntegerField(mark("Nhiều nhất (từ)"), [Optional(), between(0, MOST_WORDS)])


class CommentForm(Form):
    comment = CleanField(mark("Nhận xét"), [required], limit=COMMENT_LIMIT, multiline=True)


class SourceForm(Form):
    change = SelectField(mark("Thay đổi"), choices=[(c.value, LABELS[c]) for c in SourceChange])
    changed_on = DayField(mark("Từ ngày"), limit=20)
    note = CleanField(mark("Ghi chú"), limit=500)


@dataclass(frozen=True, slots=True)
class OptionRow:
    """An option as it was filled in; `error` says why its text cannot be kept."""

    text: str
    is_right: bool
    error: Refusal | None = None
    area: str = ""


def options_of(form: Any) -> list[OptionRow]:
    """Return the options of a filled-in form in their order; empty rows are left out, what cannot be kept stays typed."""
    right, rich = set(form.getlist("right")), bool(form.get("rich"))
    out = []
    areas = [area[:AREA_LIMIT] for area in form.getlist("area")]
    for index, raw in enumerate(form.getlist("option")):
        area = areas[index].strip() if index < len(areas) and areas[index].isprintable() else ""
        text, is_right = clean(raw, limit=OPTION_LIMIT, multiline=rich, indented=rich), str(index) in right
        if isinstance(text, Refusal):
            out.append(OptionRow(raw, is_right, text, area))
        elif text:
            out.append(OptionRow(text, is_right, area=area))
        elif is_right:  # only statements, whose options have words of their own, are ticked without any
            out.append(OptionRow("", True, None if form.get("kind") == Kind.TRUE_FALSE else Refusal("required")))
    return out
