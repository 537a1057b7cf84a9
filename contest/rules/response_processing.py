"""What the standard templates of QTI for processing responses mean: match_correct, map_response and map_response_point.

Laws alone, on values as they are written: what a question keeps of them is decided where a file is read.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

Response = Sequence[str]  # the values given, one where one may be given; empty for no response


class Cardinality(StrEnum):
    """How many values a response has, and whether their order counts."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    ORDERED = "ordered"


class Shape(StrEnum):
    """The shapes of areas; their coordinates are those of HTML image maps."""

    DEFAULT = "default"  # everywhere
    RECT = "rect"  # left, top, right, bottom
    CIRCLE = "circle"  # centre x, centre y, radius
    ELLIPSE = "ellipse"  # centre x, centre y, radius across, radius down
    POLY = "poly"  # x and y of each corner


@dataclass(frozen=True, slots=True)
class Entry:
    """What one value brings; capitals matter unless the entry says that they do not."""

    key: str
    value: Decimal
    with_case: bool = True

    def holds(self, given: str) -> bool:
        return self.key == given if self.with_case else self.key.casefold() == given.casefold()


@dataclass(frozen=True, slots=True)
class ValueMap:
    """What values bring: `default` those that no entry holds; the sum lies within the bounds that are given."""

    entries: tuple[Entry, ...]
    default: Decimal = Decimal(0)
    lower: Decimal | None = None
    upper: Decimal | None = None

    def value(self, given: str) -> Decimal:
        """Return what one value brings before the bounds: by the first entry that holds it."""
        return next((entry.value for entry in self.entries if entry.holds(given)), self.default)

    def bounded(self, total: Decimal) -> Decimal:
        return _bounded(total, self.lower, self.upper)


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a picture and what a point in it brings."""

    shape: Shape
    coords: tuple[Decimal, ...]
    value: Decimal


@dataclass(frozen=True, slots=True)
class AreaMap:
    """What points bring, as a `ValueMap` says it of values; of areas that overlap the first counts."""

    areas: tuple[Area, ...]
    default: Decimal = Decimal(0)
    lower: Decimal | None = None
    upper: Decimal | None = None


def match_correct(correct: Response, response: Response, cardinality: Cardinality) -> Decimal:
    """Return 1 if the response equals the correct one, else 0; several values match in any order unless they are ordered.

    No response is never the correct one.
    """
    if not response:
        return Decimal(0)
    if cardinality is Cardinality.MULTIPLE:
        return Decimal(Counter(correct) == Counter(response))
    return Decimal(tuple(correct) == tuple(response))


def map_response(mapping: ValueMap, response: Response) -> Decimal:
    """Return 0 for no response, else the bounded sum of what its values bring, one that is repeated counted once.

    Two values are the same where one entry holds both, or where they are spelt alike.
    """
    if not response:
        return Decimal(0)
    met: dict[object, Decimal] = {}
    for given in response:
        entry = next((n for n, entry in enumerate(mapping.entries) if entry.holds(given)), None)
        met[given if entry is None else entry] = mapping.value(given)
    return mapping.bounded(sum(met.values(), Decimal(0)))


def map_response_point(mapping: AreaMap, points: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """Return 0 for no point, else the bounded sum: each area counts once, and the default once for all points outside."""
    met: dict[int | None, Decimal] = {}
    for point in points:
        at = next((n for n, area in enumerate(mapping.areas) if holds(area, point)), None)
        met[at] = mapping.default if at is None else mapping.areas[at].value
    return _bounded(sum(met.values(), Decimal(0)), mapping.lower, mapping.upper) if met else Decimal(0)


def holds(area: Area, point: tuple[Decimal, Decimal]) -> bool:
    """Say whether an area holds a point; its edge belongs to it."""
    x, y = point
    match area.shape, area.coords:
        case Shape.DEFAULT, _:
            return True
        case Shape.RECT, (left, top, right, bottom):
            return left <= x <= right and top <= y <= bottom
        case Shape.CIRCLE, (cx, cy, radius):
            return (x - cx) ** 2 + (y - cy) ** 2 <= radius**2
        case Shape.ELLIPSE, (cx, cy, across, down):
            return ((x - cx) * down) ** 2 + ((y - cy) * across) ** 2 <= (across * down) ** 2
        case Shape.POLY, coords if len(coords) >= 6 and len(coords) % 2 == 0:
            corners = list(zip(coords[::2], coords[1::2], strict=True))
            return _is_within(corners, x, y)
    return False


def _is_within(corners: Sequence[tuple[Decimal, Decimal]], x: Decimal, y: Decimal) -> bool:
    """Say whether a point is on the edge of a polygon, or a ray from it crosses the edge an odd number of times."""
    is_inside = False
    for (ax, ay), (bx, by) in zip(corners, (*corners[1:], corners[0]), strict=True):
        cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if cross == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return True
        if (ay > y) != (by > y) and (cross > 0) == (by > ay):
            is_inside = not is_inside
    return is_inside


def _bounded(total: Decimal, lower: Decimal | None, upper: Decimal | None) -> Decimal:
    if lower is not None:
        total = max(total, lower)
    return total if upper is None else min(total, upper)
