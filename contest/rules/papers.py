"""Drawing a paper with a given random source; the drawn paper is stored, so it need not be drawn again."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Protocol, TypeVar

from contest.rules.blueprints import Cell, Line, share_out

T = TypeVar("T")


class Chance(Protocol):
    """What a draw needs of a random source; `random.Random` and `secrets.SystemRandom` have it."""

    def sample(self, population: Sequence[T], k: int) -> list[T]: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """An approved version that may be drawn, with the ids of its options in the author's order."""

    version_id: int
    options: tuple[str, ...]
    shuffle_options: bool = True


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a drawn paper with its options in the order of this attempt."""

    version_id: int
    options: tuple[str, ...]


class BankTooPoor(ValueError):
    """The bank no longer fills the blueprint."""


def draw(
    lines: Sequence[Line],
    pool: Mapping[Cell, Sequence[Candidate]],
    chance: Chance,
    *,
    shuffle_questions: bool = True,
    shuffle_options: bool = True,
) -> tuple[Item, ...]:
    """Draw a paper: no question twice, every line filled, in the lines' order unless shuffled.

    Raises BankTooPoor when the lines cannot be filled.
    """
    cells = chance.sample(sorted(pool, key=repr), len(pool))  # which cell an open line takes from is chance too
    flow = share_out(lines, {cell: len(pool[cell]) for cell in cells})
    decks = {cell: chance.sample(pool[cell], sum(taken.get(cell, 0) for taken in flow)) for cell in cells}
    drawn: list[Candidate] = []
    for line, taken in zip(lines, flow, strict=True):
        if sum(taken.values()) < line.count:
            raise BankTooPoor
        for cell, count in taken.items():
            drawn += [decks[cell].pop() for _ in range(count)]
    if shuffle_questions:
        drawn = chance.sample(drawn, len(drawn))
    return tuple(
        Item(c.version_id, tuple(chance.sample(c.options, len(c.options))) if _mixes(c, shuffle_options) else c.options)
        for c in drawn
    )


def versions_of(
    items: Sequence[Item], count: int, chance: Chance, *, keeps: Set[int] = frozenset(), mixes_questions: bool = True
) -> list[tuple[Item, ...]]:
    """Return a paper in `count` orders, the first as it was drawn; versions in `keeps` have their options as they stand."""

    def options(item: Item) -> tuple[str, ...]:
        stays = item.version_id in keeps
        return item.options if stays else tuple(chance.sample(item.options, len(item.options)))

    def one() -> tuple[Item, ...]:
        order = chance.sample(items, len(items)) if mixes_questions else list(items)
        return tuple(Item(item.version_id, options(item)) for item in order)

    return [tuple(items), *(one() for _ in range(count - 1))]


def _mixes(candidate: Candidate, shuffle_options: bool) -> bool:
    return shuffle_options and candidate.shuffle_options
