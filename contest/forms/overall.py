"""The form of an overall standing: how the rounds count together, and which are in."""

from wtforms import Form, RadioField, SelectField

from contest.forms.contests import WholeField
from contest.forms.registration import Checks
from contest.rules.labels import LABELS
from contest.rules.overall_terms import OverallWay
from contest.rules.terms import mark

NONE = ""


class OverallForm(Form):
    way = RadioField(
        mark("Các vòng tính chung thế nào"),
        choices=[(NONE, mark("Không xếp hạng chung cuộc")), *((w.value, LABELS[w]) for w in OverallWay)],
        default=NONE,
    )
    rounds = Checks(mark("Các vòng được tính"), choices=[], validate_choice=False)
    best = WholeField(mark("Số vòng tốt nhất được cộng"))
    chosen = SelectField(mark("Vòng được lấy"), choices=[], validate_choice=False)
