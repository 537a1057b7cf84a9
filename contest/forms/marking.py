"""The form of a mark; how much it may be, the question's points decide."""

from wtforms import Form, HiddenField

from contest.forms.fields import CleanField, required
from contest.rules.marks import COMMENT_LIMIT
from contest.rules.terms import mark


class MarkForm(Form):
    points = CleanField(mark("Điểm"), [required], limit=12)
    comment = CleanField(mark("Nhận xét cho người làm bài"), limit=COMMENT_LIMIT, multiline=True)
    seen = HiddenField()
