"""Hotspot: areas of a picture are the options; one of them is right, another may bring part of the mark."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from contest.rules.questions import single_choice
from contest.rules.questions.bodies import Body, Key
from contest.rules.questions.choices import one_right, option_field, shape
from contest.rules.questions.numbers import as_number
from contest.rules.refusals import Refusal

SHARES = single_choice.SHARES
_WHOLE = Decimal(100)

parse, marks, is_correct = single_choice.parse, single_choice.marks, single_choice.is_correct


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a picture, in percent of its width and height from the upper left corner."""

    left: Decimal
    top: Decimal
    width: Decimal
    height: Decimal


def read_area(text: str) -> Area | None:
    """Return the area that `left top width height` names, within the picture and not empty; None for anything else."""
    numbers = [as_number(word) for word in text.replace(",", ".").split()]
    if len(numbers) != 4 or any(number is None or number < 0 for number in numbers):
        return None
    area = Area(*(number for number in numbers if number is not None))
    is_within = area.left + area.width <= _WHOLE and area.top + area.height <= _WHOLE
    return area if is_within and area.width > 0 and area.height > 0 else None


def well_formed(body: Body, key: Key) -> tuple[Refusal, ...]:
    """Return what is wrong with the question; nothing means that it may be asked, if its text shows a picture."""
    return (*shape(body, key), *_areas(body), *one_right(key.weights))


def _areas(body: Body) -> Iterator[Refusal]:
    for number, (option_id, _) in enumerate(body.options, start=1):
        if read_area(body.areas.get(option_id, "")) is None:
            yield Refusal("bad-area", field=option_field(number))
