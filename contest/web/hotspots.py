"""Areas drawn over the picture of a question: letters in frames, by which the options are found."""

import re
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup, escape

from contest.rules.questions.hotspot import read_area

_PICTURE = re.compile(r'<img [^>]*?src="[^"]*"[^>]*>')
_SIZE = re.compile(r'\b(width|height)="(\d+)"')
_UNKNOWN = {"width": 400, "height": 300}  # of a picture that is not stored yet


def overlaid(text: Any, options: Iterable[Any]) -> Markup:
    """Return a rich text with frames over its first picture; `options` have letter, id and area."""
    found = _PICTURE.search(str(text))
    if found is None:
        return Markup(escape(text))  # noqa: S704
    size = {**_UNKNOWN, **{name: int(value) for name, value in _SIZE.findall(found[0])}}
    frames = "".join(_frame(o, size) for o in options)
    drawing = (
        f'<svg class="hotspot__areas" viewBox="0 0 {size["width"]} {size["height"]}" preserveAspectRatio="none" '
        f'aria-hidden="true" data-behaviour="hotspot">{frames}</svg>'
    )
    whole = str(text)
    picture = f'<span class="hotspot">{found[0]}{drawing}</span>'
    return Markup(whole[: found.start()] + picture + whole[found.end() :])  # noqa: S704  (made of numbers and one letter)


def _frame(option: Any, size: dict[str, int]) -> str:
    area = read_area(option.area)
    if area is None:
        return ""
    x, wide = (float(side) * size["width"] / 100 for side in (area.left, area.width))
    y, tall = (float(side) * size["height"] / 100 for side in (area.top, area.height))
    letters = max(12.0, max(size.values()) / 22)
    return (
        f'<g class="hotspot__area" data-option="{escape(option.id)}">'
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}" vector-effect="non-scaling-stroke"/>'
        f'<text x="{x + letters * 0.3:.1f}" y="{y + letters:.1f}" font-size="{letters:.1f}">{escape(option.letter)}</text></g>'
    )
