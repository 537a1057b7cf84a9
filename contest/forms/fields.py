"""Fields that answer with Refusals, whose texts the edge renders; they check shape, never meaning."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from wtforms import Field, SelectMultipleField, StringField, widgets
from wtforms.validators import StopValidation

from contest.rules.refusals import Refusal
from contest.rules.text import clean

Check = Callable[[Any, Field], None]


def refuse(refusal: Refusal) -> StopValidation:
    """Return the exception by which a validator refuses; the refusal becomes the field's error."""
    return StopValidation(refusal)  # type: ignore[arg-type]


def required(_: Any, field: Field) -> None:
    if field.data is None or (isinstance(field.data, str) and not field.data.strip()):
        raise refuse(Refusal("required"))


def between(low: int, high: int) -> Check:
    def check(_: Any, field: Field) -> None:
        if field.data is None or not low <= field.data <= high:
            raise refuse(Refusal("out-of-range", {"low": low, "high": high}))

    return check


class Checks(SelectMultipleField):
    """Several of a few choices, each a box to tick."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class CleanField(StringField):
    """A text in NFC, without control characters, at most `limit` characters long; empty becomes ""."""

    indented = False

    def __init__(
        self, label: str = "", validators: Any = (), *, limit: int = 200, multiline: bool = False, **more: Any
    ):
        super().__init__(label, validators, **more)
        self.limit, self.multiline = limit, multiline

    def pre_validate(self, form: Any) -> None:
        cleaned = clean(self.data or "", limit=self.limit, multiline=self.multiline, indented=self.indented)
        if isinstance(cleaned, Refusal):
            raise refuse(cleaned)
        self.data = cleaned


class PointsField(CleanField):
    """Points as people write them, with a comma or a point, from 0 to a million; empty is no points."""

    MOST = 1_000_000
    points: Decimal = Decimal()

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if not self.data:
            return
        try:
            self.points = Decimal(self.data.replace(",", "."))
        except InvalidOperation:
            raise refuse(Refusal("not-a-number")) from None
        if not (self.points.is_finite() and 0 <= self.points <= self.MOST and self.points == round(self.points, 6)):
            raise refuse(Refusal("out-of-range", {"low": 0, "high": self.MOST}))
