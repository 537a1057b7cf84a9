"""What stands in a text and is no text: equations, pictures, tables."""

from dataclasses import dataclass

from contest.formats.drafts import FileDraft
from contest.formats.rich.nodes import Align
from contest.formats.word.rich import Rich


@dataclass(frozen=True, slots=True)
class Equation:
    """An equation in LaTeX, a formula for each of its lines; `usual` is it without a bold that all of it is set in."""

    lines: tuple[str, ...]
    usual: tuple[str, ...]
    is_display: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture with the words that stand for it."""

    file: FileDraft
    alt: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its rows of cells, each the lines in it; how the cells of each row stand; whether the first is its head."""

    rows: tuple[tuple[tuple[Rich, ...], ...], ...]
    aligns: tuple[tuple[Align | None, ...], ...]
    has_head: bool


Thing = Equation | Shown | Grid
