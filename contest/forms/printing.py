"""The form of a set of papers to be printed."""

from wtforms import Form, IntegerField

from contest.forms.fields import required
from contest.rules.terms import mark


class PrintingForm(Form):
    versions = IntegerField(mark("Số mã đề"), [required], default=4)
    first = IntegerField(mark("Mã đề đầu tiên"), [required], default=101)
