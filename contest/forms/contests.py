"""Forms of setting up a contest: its facts, and a round with its paper."""

from datetime import datetime
from typing import Any

from wtforms import BooleanField, Form, IntegerField, RadioField, SelectField
from wtforms.fields import Field

from contest.forms.fields import CleanField, PointsField, between, refuse, required
from contest.forms.prize_points import PrizePointsField
from contest.rules.labels import LABELS
from contest.rules.marking import Way
from contest.rules.refusals import Refusal
from contest.rules.result_terms import Publication
from contest.rules.steps import QUESTION_SECONDS
from contest.rules.terms import Board, Counted, Layout, LimitPer, Navigation, PredictionTarget, Reveal, mark
from contest.rules.text import FIRST_YEAR, LAST_YEAR
from contest.rules.unit_orders import OFFERED
from contest.rules.unit_terms import ComparedUnits
from contest.rules.worth import Negative


def bare_slug(_: Any, field: Field) -> None:
    """Refuse what cannot stand in an address."""
    plain = field.data.replace("-", "")
    if not (plain.isascii() and plain.isalnum() and field.data == field.data.lower()):
        raise refuse(Refusal("bad-slug"))


class MomentField(CleanField):
    """A local moment as browsers send it (2026-05-18T07:00); `moment` is naive, in the organisation's zone."""

    moment: datetime | None = None

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if not self.data:
            return
        try:
            moment = datetime.fromisoformat(self.data)
        except ValueError:
            raise refuse(Refusal("not-a-time")) from None
        if moment.tzinfo is not None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise refuse(Refusal("not-a-time"))
        self.moment = moment


class WholeField(IntegerField):
    """A whole number; whatever else was typed is refused in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = int(valuelist[0])
        except ValueError:
            raise ValueError(Refusal("not-a-number")) from None


class Details(Form):
    title = CleanField(mark("Tên cuộc thi"), [required])
    theme = CleanField(mark("Giới thiệu"), limit=1000, multiline=True)
    regulations = CleanField(mark("Thể lệ"), limit=50_000, multiline=True)
    publication = RadioField(mark("Kết quả mỗi vòng"), choices=[(p.value, LABELS[p]) for p in Publication])


class UnitRanking(Form):
    criterion = SelectField(mark("Xếp hạng đơn vị theo"), choices=[(c.value, LABELS[c]) for c in OFFERED])
    least_score = PointsField(mark("Mức điểm cần đạt"), limit=20)
    best = WholeField(mark("Số người cao nhất được tính"))
    prize_points = PrizePointsField(mark("Điểm cho mỗi giải"))
    compared = SelectField(mark("So sánh"), choices=[(c.value, LABELS[c]) for c in ComparedUnits])
    unit = SelectField(mark("Ngay dưới đơn vị"), validate_choice=False)
    level = SelectField(mark("Cấp"), validate_choice=False)

    def validate_best(self, field: Field) -> None:
        if field.data is not None:
            between(1, 100_000)(self, field)


class NewContest(Form):
    title = CleanField(mark("Tên cuộc thi"), [required])
    slug = CleanField(mark("Địa chỉ trang"), [required, bare_slug], limit=80)
    organiser = SelectField(mark("Đơn vị tổ chức"))  # the units in one's scope, which the page says
    theme = CleanField(mark("Giới thiệu"), limit=1000, multiline=True)


def _choices(kind: Any, none: str | None = None) -> list[tuple[str, str]]:
    return ([("", none)] if none else []) + [(m.value, LABELS[m]) for m in kind]


WAYS = [
    (Way.AS_KIND.value, mark("Cách của từng loại câu")),
    (Way.ALL_OR_NOTHING.value, mark("Đúng tất cả mới được điểm")),
    (Way.BY_SHARE.value, mark("Đúng phần nào được điểm phần ấy")),
    (Way.LADDER.value, mark("Thang điểm theo số ý đúng")),
]
NEGATIVE = [
    (Negative.NONE.value, mark("Không bị trừ điểm")),
    (Negative.FLOORED.value, mark("Bị trừ điểm, nhưng tổng điểm không dưới 0")),
    (Negative.OPEN.value, mark("Bị trừ điểm, tổng điểm có thể âm")),
]


class RoundForm(Form):
    title = CleanField(mark("Tên vòng"), [required], limit=120)
    opens_at = MomentField(mark("Mở lúc"), [required], limit=30)
    closes_at = MomentField(mark("Đóng lúc"), [required], limit=30)
    minutes = WholeField(mark("Số phút làm bài"), [required, between(1, 600)])
    attempts_allowed = WholeField(mark("Số lượt mỗi người"))
    attempts_per = SelectField(mark("Tính số lượt theo"), choices=_choices(LimitPer), default=LimitPer.ROUND)
    counted = SelectField(mark("Lượt được tính"), choices=_choices(Counted))
    bank = SelectField(mark("Ngân hàng câu hỏi"), validate_choice=False)
    shuffle_questions = BooleanField(mark("Trộn thứ tự câu hỏi"))
    shuffle_options = BooleanField(mark("Trộn thứ tự phương án"))
    no_repeat = BooleanField(mark("Lượt sau không gặp lại câu đã gặp, khi ngân hàng còn câu khác"))
    least_used = BooleanField(mark("Ưu tiên những câu ít ra hơn ở vòng này"))
    way = SelectField(mark("Câu có nhiều ý chấm theo"), choices=WAYS, default=Way.AS_KIND)
    ladder = CleanField(mark("Thang điểm"), limit=200)
    negative = SelectField(mark("Câu trả lời sai"), choices=NEGATIVE, default=Negative.NONE)
    penalty = CleanField(mark("Phần điểm bị trừ"), limit=20)
    navigation = SelectField(mark("Thứ tự làm bài"), choices=_choices(Navigation), default=Navigation.FREE)
    question_seconds = WholeField(mark("Số giây cho mỗi câu"))
    least_minutes = WholeField(mark("Nộp bài sớm nhất sau"))
    layout = SelectField(mark("Cách hiện câu hỏi"), choices=_choices(Layout), default=Layout.CHOICE)
    prediction = SelectField(mark("Câu dự đoán"), choices=_choices(PredictionTarget, mark("Không có")))
    reveal = SelectField(mark("Nộp bài xong thấy ngay"), choices=[c for c in _choices(Reveal) if c[0] != "review"])
    reveal_after_close = SelectField(mark("Sau khi có kết quả thấy"), choices=_choices(Reveal))
    board = SelectField(mark("Bảng xếp hạng khi vòng đang mở"), choices=_choices(Board))
    freezes_at = MomentField(mark("Khóa bảng lúc"), limit=30)
    names_public = BooleanField(mark("Người chưa đăng nhập cũng thấy họ tên"))
    network_allowance = WholeField(mark("Thời gian bù đường truyền (giây)"), [required, between(0, 60)])

    def validate_bank(self, field: Any) -> None:
        """Refuse a bank that is not offered; which ones are, the page says."""
        if field.data and field.data not in {value for value, _ in field.choices}:
            raise refuse(Refusal("not-a-choice"))

    def validate_attempts_allowed(self, field: Field) -> None:
        if field.data is not None and not 1 <= field.data <= 1000:
            raise refuse(Refusal("out-of-range", {"low": 1, "high": 1000}))

    def validate_question_seconds(self, field: Field) -> None:
        if field.data is not None:
            between(*QUESTION_SECONDS)(self, field)

    def validate_least_minutes(self, field: Field) -> None:
        if field.data is not None:
            between(1, 600)(self, field)
