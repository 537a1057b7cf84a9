"""Fields that answer with Refusals, whose texts the edge renders; they check shape, never meaning."""

from collections.abc import Callable
from typing import Any

from wtforms import Field, StringField
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


class CleanField(StringField):
    """A text in NFC, without control characters, at most `limit` characters long; empty becomes ""."""

    def __init__(
        self, label: str = "", validators: Any = (), *, limit: int = 200, multiline: bool = False, **more: Any
    ):
        super().__init__(label, validators, **more)
        self.limit, self.multiline = limit, multiline

    def pre_validate(self, form: Any) -> None:
        cleaned = clean(self.data or "", limit=self.limit, multiline=self.multiline)
        if isinstance(cleaned, Refusal):
            raise refuse(cleaned)
        self.data = cleaned
