"""The form of who may take a round, and of moving somebody on its list."""

from wtforms import Form, RadioField, SelectField
from wtforms.fields import Field

from contest.forms.contests import WholeField
from contest.forms.fields import CleanField, PointsField, refuse
from contest.rules.advancement_terms import AdvanceBy
from contest.rules.labels import LABELS
from contest.rules.refusals import Refusal
from contest.rules.terms import mark


class AdvanceForm(Form):
    rule = RadioField(
        mark("Ai được vào vòng này"),
        choices=[("", mark("Mọi người được dự thi")), *((b.value, LABELS[b]) for b in AdvanceBy)],
        default="",
    )
    source = SelectField(mark("Theo bảng xếp hạng của"), choices=[], validate_choice=False)
    count = WholeField(mark("Số người được vào"))
    least_score = PointsField(mark("Mức điểm cần đạt"), limit=20)
    quotas = CleanField(mark("Chỉ tiêu từng đơn vị"), limit=20_000, multiline=True)
    units = RadioField(
        mark("Đơn vị được tính"),
        choices=[("compared", mark("Đơn vị mà cuộc thi so sánh")), ("own", mark("Đơn vị trực tiếp của người dự thi"))],
        default="compared",
    )
    reserve = WholeField(mark("Số người dự bị"))
    numbers: dict[str, int]

    def validate_quotas(self, field: Field) -> None:
        """Read lines of a unit's code, an equals sign and how many."""
        self.numbers = {}
        for number, line in enumerate((field.data or "").splitlines(), 1):
            code, _, count = (part.strip() for part in line.partition("="))
            if not line.strip():
                continue
            if not code or not (count.isascii() and count.isdigit() and len(count) < 7) or code in self.numbers:
                raise refuse(Refusal("advance-quotas-line", {"line": number}))
            self.numbers[code] = int(count)
