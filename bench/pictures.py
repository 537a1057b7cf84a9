"""Small charts as SVG, readable on light and dark: bars of ratios, pairs of bars on a scale of decades, and lines.

The floor is an outline or dashes, the product is solid: what is what rests on no colour.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from xml.sax.saxutils import escape

T = TypeVar("T")

PANEL, GAP, EDGE = 430, 24, 24  # of a panel's width, between panels, around them; pixels
HEAD, LEAD, ROW = 34, 22, 26
_LIGHT = "--page: #fff; --ink: #1c1917; --ink-2: #57514b; --edge: #857e76; --line: #e4dfd8; --accent: #9b1c20"
_DARK = "--page: #161413; --ink: #f4f0eb; --ink-2: #bab2a9; --edge: #8f877e; --line: #3a3531; --accent: #f0958d"
_STYLE = f"""
    svg {{ color-scheme: light dark; {_LIGHT}; }}
    @media (prefers-color-scheme: dark) {{ svg {{ {_DARK}; }} }}
    text {{ font: 13px "Be Vietnam Pro", system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--ink); }}
    .title {{ font-size: 17px; font-weight: 600; }} .name {{ font-weight: 600; }} .quiet {{ fill: var(--ink-2); }}
    .small {{ font-size: 12px; fill: var(--ink-2); }} .end {{ text-anchor: end; }} .middle {{ text-anchor: middle; }}
    .page {{ fill: var(--page); }} .grid {{ stroke: var(--line); }}
    .floor-mark {{ stroke: var(--accent); stroke-width: 1.5; }}
    .bar, .dot {{ fill: var(--ink-2); }}
    .bar-floor, .dot-floor {{ fill: var(--page); stroke: var(--edge); stroke-width: 1.5; }}
    .curve {{ fill: none; stroke: var(--ink-2); stroke-width: 2.5; }}
    .curve-floor {{ stroke: var(--edge); stroke-dasharray: 5 4; }}
    .curve-third {{ stroke: var(--accent); stroke-dasharray: 1.5 4; stroke-linecap: round; }}
    .dot-third {{ fill: var(--accent); }}
"""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A bar of how many times the floor something is, with what stands behind it."""

    label: str
    times: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """The floor's value and the product's of one thing; None where a side has none."""

    label: str
    floor: float | None
    product: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points; its look is `""` for the product, `floor`, or `third`."""

    label: str
    points: Sequence[tuple[float, float]]
    look: str = ""


@dataclass(frozen=True, slots=True)
class Axes:
    """What is along and up, and whether in decades."""

    along: str
    up: str
    log_along: bool = False
    log_up: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """Values between two ends on so many pixels from the first one; both ends above 0 where it is in decades."""

    low: float
    high: float
    at: float
    length: float
    is_log: bool = False

    def __call__(self, value: float) -> float:
        if self.is_log:
            value, low, high = (math.log10(max(v, self.low)) for v in (value, self.low, self.high))
        else:
            low, high = self.low, self.high
        return self.at + self.length * (value - low) / (high - low)

    @property
    def ticks(self) -> list[float]:
        return decades(self.low, self.high) if self.is_log else steps(self.high)


def decades(low: float, high: float) -> list[float]:
    """Return the powers of ten from one value to the other, both included."""
    return [10.0**n for n in range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)]


def around(values: Sequence[float]) -> tuple[float, float]:
    """Return the powers of ten that hold all values above 0 between them; a decade at least."""
    found = [value for value in values if value > 0] or [1.0]
    low, high = math.floor(math.log10(min(found)) + 1e-9), math.ceil(math.log10(max(found)) - 1e-9)
    return 10.0**low, 10.0 ** max(high, low + 1)


def steps(high: float) -> list[float]:
    """Return round values from 0 up to a value, three to six of them."""
    rough = 10.0 ** math.floor(math.log10(high / 3))
    step = next(rough * n for n in (1, 2, 5, 10) if high / (rough * n) <= 5)
    return [step * n for n in range(int(high / step + 1e-9) + 1)]


def number(value: float) -> str:
    """Return a value as briefly as a chart needs it: 0.31, 3.4, 34, 1,200, 1 M."""
    if value >= 999_500:
        return f"{value / 1e6:.3g} M"
    if value >= 99.5:
        return f"{round(value):,}"
    return f"{value:.2g}"


def ratios(title: str, lead: str, panels: Sequence[tuple[str, Sequence[Ratio]]]) -> str:
    """Return bars of ratios, one panel beside the other; the floor is a line at 1."""
    most = max(bar.times for _, bars in panels for bar in bars)
    rows = max(len(bars) for _, bars in panels)

    def draw(left: float, top: float, bars: Sequence[Ratio]) -> Iterator[str]:
        scale = Scale(0, max(most, 1.0) * 1.02, left + 96, PANEL - 96 - 150)
        bottom = top + rows * ROW
        for n, bar in enumerate(bars):
            y = top + n * ROW
            yield _text(left + 88, y + 17, bar.label, "end")
            yield _rect("bar", scale(0), y + 5, scale(bar.times) - scale(0), 16)
            said = f"× {bar.times:.1f}"
            yield _text(scale(bar.times) + 8, y + 17, said, "name")
            yield _text(scale(bar.times) + 20 + 8 * len(said), y + 17, bar.note, "small")
        yield f'<line class="floor-mark" x1="{scale(1):.1f}" x2="{scale(1):.1f}" y1="{top - 2}" y2="{bottom + 2}"/>'
        yield _text(scale(1), bottom + 18, "floor", "small middle")

    return _picture(title, lead, panels, rows * ROW + 26, draw)


def pairs(title: str, lead: str, panels: Sequence[tuple[str, Sequence[Pair]]], unit: str) -> str:
    """Return pairs of bars on a scale of decades: the floor's an outline, the product's solid."""
    values = [v for _, rows in panels for row in rows for v in (row.floor, row.product) if v]
    low, high = around(values)
    most, height = max(len(rows) for _, rows in panels), 40

    def draw(left: float, top: float, rows: Sequence[Pair]) -> Iterator[str]:
        scale = Scale(low, high, left + 110, PANEL - 110 - 62, is_log=True)
        bottom = top + most * height
        for tick in scale.ticks:
            yield f'<line class="grid" x1="{scale(tick):.1f}" x2="{scale(tick):.1f}" y1="{top}" y2="{bottom}"/>'
            yield _text(scale(tick), bottom + 16, _short_ms(tick) if unit == "ms" else number(tick), "small middle")
        for n, row in enumerate(rows):
            y = top + n * height
            yield _text(left + 102, y + 22, row.label, "end")
            for offset, value, look in ((5, row.floor, "bar-floor"), (19, row.product, "bar")):
                if value:
                    width = max(1.5, scale(value) - scale(low))
                    yield _rect(look, scale(low), y + offset, width, 11)
                    yield _text(scale(low) + width + 6, y + offset + 10, _short_ms(value), "small")

    legend = [("bar-floor", "floor"), ("bar", "product")]
    return _picture(title, lead, panels, most * height + 22, draw, legend)


def lines(title: str, lead: str, panels: Sequence[tuple[str, Sequence[Curve]]], axes: Axes, height: int = 240) -> str:
    """Return curves, each with its name at its last point."""
    points = [p for _, curves in panels for curve in curves for p in curve.points]
    along = around([x for x, _ in points]) if axes.log_along else (0.0, max(x for x, _ in points))
    up = around([y for _, y in points]) if axes.log_up else (0.0, max(y for _, y in points) * 1.05)

    def draw(left: float, top: float, curves: Sequence[Curve]) -> Iterator[str]:
        x = Scale(*along, left + 46, PANEL - 46 - 116, axes.log_along)
        y = Scale(*up, top + height - 36, -(height - 56), axes.log_up)
        yield _text(left, top + 8, axes.up, "small")
        for tick in y.ticks:
            yield f'<line class="grid" x1="{x.at}" x2="{x.at + x.length}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>'
            yield _text(left + 40, y(tick) + 4, number(tick), "small end")
        for tick in x.ticks:
            yield _text(x(tick), y.at + 18, number(tick), "small middle")
        yield _text(x.at + x.length / 2, y.at + 34, axes.along, "small middle")
        last = [y(curve.points[-1][1]) for curve in curves]
        for curve, label_y in zip(curves, apart(last, 15), strict=True):
            look = f"-{curve.look}" if curve.look else ""
            path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in curve.points)
            yield f'<polyline class="curve{f" curve{look}" if look else ""}" points="{path}"/>'
            if len(curve.points) < 10:
                yield from (
                    f'<circle class="dot{look}" cx="{x(a):.1f}" cy="{y(b):.1f}" r="3.5"/>' for a, b in curve.points
                )
            yield _text(x(curve.points[-1][0]) + 9, label_y + 4, curve.label, "small")

    return _picture(title, lead, panels, height, draw)


def apart(wanted: Sequence[float], least: float) -> list[float]:
    """Return places near those wanted, in their order, so far apart at least."""
    found = list(wanted)
    for before, after in zip(order := sorted(range(len(wanted)), key=lambda n: wanted[n]), order[1:], strict=False):
        found[after] = max(found[after], found[before] + least)
    return found


def _picture(
    title: str,
    lead: str,
    panels: Sequence[tuple[str, Sequence[T]]],
    height: float,
    draw: Callable[[float, float, Sequence[T]], Iterable[str]],
    legend: Sequence[tuple[str, str]] = (),
) -> str:
    """Lay panels side by side below a title."""
    width = 2 * EDGE + len(panels) * PANEL + (len(panels) - 1) * GAP
    top = EDGE + HEAD + LEAD * bool(lead) + (LEAD + 6) * bool(legend)
    whole = top + 24 + height + EDGE
    parts = [_text(EDGE, EDGE + 16, title, "title")]
    if lead:
        parts.append(_text(EDGE, EDGE + 40, lead, "quiet"))
    for n, (look, label) in enumerate(legend):
        x, y = EDGE + n * 84, top - 20
        parts += [_rect(look, x, y, 14, 11), _text(x + 20, y + 10, label, "small")]
    for n, (name, rows) in enumerate(panels):
        left = EDGE + n * (PANEL + GAP)
        parts.append(_text(left, top + 12, name, "name"))
        parts += draw(left, top + 24, rows)
    body = "\n".join(f"  {part}" for part in parts)
    size = f'viewBox="0 0 {width} {whole:.0f}" width="{width}" height="{whole:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n'
        f"  <title>{escape(title)}</title>\n  <style>{_STYLE}  </style>\n"
        f'  <rect class="page" width="100%" height="100%" rx="12"/>\n{body}\n</svg>\n'
    )


def _rect(look: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{look}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" rx="2"/>'


def _text(x: float, y: float, text: str, look: str = "") -> str:
    chosen = f' class="{look}"' if look else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{chosen}>{escape(text)}</text>'


def _short_ms(value: float) -> str:
    """Return milliseconds, from a second on seconds."""
    return f"{number(value / 1000)} s" if value >= 1000 else f"{number(value)} ms"
