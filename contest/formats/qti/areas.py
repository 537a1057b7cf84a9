"""Areas of a picture: here four numbers in percent, in QTI the corners of a rectangle in points of the picture."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from contest.formats.qti.content import classes
from contest.formats.qti.declared import number
from contest.formats.qti.document import Element
from contest.formats.taking import NotTaken
from contest.rules.questions.hotspot import read_area
from contest.rules.questions.numbers import plain
from contest.rules.refusals import Refusal

RECTANGLE = "rect"
_EXACT = "area-"  # begins the class by which our own files name the four numbers as they are
_WHOLE, _FINEST = Decimal(100), Decimal("0.0001")

Size = tuple[int, int]


def as_class(area: str) -> str:
    return _EXACT + "_".join(area.replace(",", ".").split())


def coords(area: str, size: Size) -> str:
    """Return the corners of an area as whole points of a picture: left, top, right, bottom."""
    found = read_area(area)
    if found is None:
        raise ValueError(area)
    corners = (found.left, found.top, found.left + found.width, found.top + found.height)
    points = (side * size[n % 2] / _WHOLE for n, side in enumerate(corners))
    return ",".join(f"{point.quantize(Decimal(1), ROUND_HALF_UP)}" for point in points)


def read(choice: Element, size: Size | None) -> str:
    """Return the area of a choice. Raises NotTaken for what is no rectangle, or where nothing tells how large the picture is."""
    shape = choice.get("shape", "")
    if shape != RECTANGLE:
        raise NotTaken(Refusal("qti-shape", {"shape": shape[:40]}))
    exact = next((name.removeprefix(_EXACT) for name in classes(choice) if name.startswith(_EXACT)), None)
    if exact is not None and read_area(exact.replace("_", " ")):
        return exact.replace("_", " ")
    left, top, right, bottom = _percents(choice.get("coords", ""), size)
    return " ".join(map(plain, (left, top, right - left, bottom - top)))


def _percents(written: str, size: Size | None) -> Sequence[Decimal]:
    sides = written.replace(",", " ").split()
    if len(sides) != 4:
        raise NotTaken(Refusal("qti-shape", {"shape": written[:40]}))
    return [_percent(side, size and size[n % 2]) for n, side in enumerate(sides)]


def _percent(side: str, whole: int | None) -> Decimal:
    if side.endswith("%"):
        return number(side[:-1])
    if not whole:
        raise NotTaken(Refusal("qti-picture-size"))
    return (number(side) * _WHOLE / whole).quantize(_FINEST).normalize() + 0
