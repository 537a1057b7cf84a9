"""The field of points for prizes: a table with a line a prize, in which lines without points say nothing."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from wtforms import Field
from wtforms.utils import unset_value

from contest.forms.fields import refuse
from contest.rules.refusals import Refusal
from contest.rules.text import clean

LETTERS, MOST = 120, 1000


class PrizePointsField(Field):
    """Lines of a prize and its points as typed, from the columns `points-prize` and `points-value`; `points` are read.

    Points are written as people write them, with a comma or a point, from 0 to 1000.
    """

    data: list[tuple[str, str]]
    points: dict[str, Decimal]

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        self.process_errors = []
        self.points = {}
        self.data = [] if data is unset_value else list(data or [])
        if formdata is not None:
            columns = (formdata.getlist(f"points-{name}") for name in ("prize", "value"))
            self.data = [(prize[:LETTERS], value[:20]) for prize, value in zip(*columns, strict=False)]

    def lines(self, prizes: Iterable[str], key: Any, more: int = 2) -> list[tuple[str, str]]:
        """Return what was typed, a line for each of the `prizes` that has none yet, and `more` empty ones."""
        typed = [(prize, value) for prize, value in self.data if prize.strip() or value.strip()]
        known = {key(prize) for prize, _ in typed}
        return [*typed, *((prize, "") for prize in prizes if key(prize) not in known), *[("", "")] * more]

    def pre_validate(self, form: Any) -> None:
        self.points = {}
        for number, (typed, value) in enumerate(self.data, 1):
            prize = clean(typed, limit=LETTERS)
            if isinstance(prize, Refusal):
                raise refuse(prize)
            if not value.strip():
                continue
            try:
                points = Decimal(value.strip().replace(",", "."))
            except InvalidOperation:
                raise refuse(Refusal("prize-points-line", {"line": number})) from None
            if not prize or not points.is_finite() or not 0 <= points <= MOST or points != round(points, 6):
                raise refuse(Refusal("prize-points-line", {"line": number}))
            if prize in self.points:
                raise refuse(Refusal("prize-twice"))
            self.points[prize] = points
