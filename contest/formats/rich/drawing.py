"""Formulas as drawings, for print, where nothing knows MathML."""

from dataclasses import dataclass

from ziamath.zmath import Math

from contest.formats.rich.maths import mathml


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG without text or font in it; measures are those of its `size`, `depth` is what lies below the line."""

    svg: str
    width: float
    height: float
    depth: float


def drawn(tex: str, *, size: float = 24, is_display: bool = False) -> Drawing:
    """Return a formula as a drawing with letters of a height; raises BadFormula."""
    formula = Math(mathml(tex, is_display=is_display), size=size)
    width, height = formula.getsize()
    return Drawing(formula.svg(), width, height, max(0.0, -formula.getyofst()))
