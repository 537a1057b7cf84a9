"""Formulas as drawings, for print, where nothing knows MathML."""

from dataclasses import dataclass
from functools import lru_cache

from ziamath.config import config
from ziamath.zmath import Math

from contest.formats.rich.maths import BadFormula, mathml

config.svg2 = (
    False  # each letter where it stands: who reads signs drawn elsewhere and referred to takes four times as long
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG without text or font in it; measures are those of its `size`, `depth` is what lies below the line."""

    svg: str
    width: float
    height: float
    depth: float


@lru_cache(maxsize=512)  # versions of a paper show the same formulas, each measured before it is drawn
def drawn(tex: str, *, size: float = 24, is_display: bool = False) -> Drawing:
    """Return a formula as a drawing with letters of a height; raises BadFormula, also where there is nothing to draw."""
    formula = Math(mathml(tex, is_display=is_display), size=size)
    width, height = formula.getsize()
    if width <= 0 or height <= 0:
        raise BadFormula("formula-unreadable", tex)
    return Drawing(formula.svg(), width, height, max(0.0, -formula.getyofst()))
