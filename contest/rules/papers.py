"""Drawing a paper with a given random source; the drawn paper is stored, so it need not be drawn again.

Questions are called up one after the other by chance, and one is taken whenever the lines can seat it, if need be by
moving others between lines that overlap. What can be seated together is a matroid, so that taking greedily fills as many
places as can be filled, prefers whom `rank` calls up earlier as far as the lines allow, and gives equals equal chances.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Protocol, TypeVar

from contest.rules.blueprints import Cell, Line, carved, fixed_in
from contest.rules.worth import PLAIN_WORTH, Worth

T = TypeVar("T")


class Chance(Protocol):
    """What a draw needs of a random source; `random.Random` and `secrets.SystemRandom` have it."""

    def sample(self, population: Sequence[T], k: int) -> list[T]: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """An approved version that may be drawn, with the ids of its options in the author's order, and its question."""

    version_id: int
    options: tuple[str, ...]
    shuffle_options: bool = True
    question_id: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a drawn paper with its options in the order of this attempt, and what it is worth.

    Kept as [version id, [option ids]], with a third element that says what is not plain about it.
    """

    version_id: int
    options: tuple[str, ...]
    worth: Worth = PLAIN_WORTH

    @classmethod
    def read(cls, stored: Sequence[Any]) -> "Item":
        return cls(stored[0], tuple(stored[1]), Worth.read(stored[2]) if len(stored) > 2 else PLAIN_WORTH)

    def stored(self) -> list[Any]:
        said = self.worth.stored()
        return [self.version_id, list(self.options), *([said] if said else [])]


Rank = Callable[[Candidate], int]


def read_paper(stored: Sequence[Sequence[Any]]) -> tuple[Item, ...]:
    """Return the items of a paper as it is kept."""
    return tuple(map(Item.read, stored))


def overdrawn(pool: Mapping[Cell, Sequence[Candidate]], counts: Mapping[int, int]) -> frozenset[int]:
    """Return the questions that were drawn more often than the middle one of their cell; of equals, none.

    Half of a cell is always left to chance, so that knowing what was drawn tells nobody what will be.
    """
    found: set[int] = set()
    for own in pool.values():
        drawn = {c.question_id: counts.get(c.question_id, 0) for c in own}
        middle = sorted(drawn.values())[(len(drawn) - 1) // 2]
        found |= {question for question, count in drawn.items() if count > middle}
    return frozenset(found)


def ranking(had: Mapping[int, int], much: Collection[int]) -> Rank | None:
    """Return how to prefer questions: first what the person had least often, then what was not drawn much; None for no way."""
    if not had and not much:
        return None
    return lambda c: 2 * had.get(c.question_id, 0) + (c.question_id in much)


class BankTooPoor(ValueError):
    """The bank no longer fills the blueprint."""


def draw(
    lines: Sequence[Line],
    pool: Mapping[Cell, Sequence[Candidate]],
    chance: Chance,
    *,
    shuffle_questions: bool = True,
    shuffle_options: bool = True,
    rank: Rank | None = None,
) -> tuple[Item, ...]:
    """Draw a paper: no question twice, every line filled, in the lines' order unless shuffled.

    Of two questions that would fit alike the one of the lower rank is taken. Raises BankTooPoor when the lines cannot
    be filled.
    """
    decks = _decks(carved(pool, fixed_in(lines), lambda c: c.question_id), rank)
    seats = Seats(lines)
    taken: Counter[tuple[Cell, int]] = Counter()
    for tier in sorted({tier for _, tier in decks}):
        _fill(seats, {cell: len(own) for (cell, t), own in decks.items() if t == tier}, tier, taken, chance)
    if not seats.are_full:
        raise BankTooPoor
    drawn = _dealt(lines, seats, decks, taken, chance)
    if shuffle_questions:
        drawn = chance.sample(drawn, len(drawn))
    return tuple(Item(c.version_id, _ordered(c, chance, shuffle_options), worth) for c, worth in drawn)


def versions_of(
    items: Sequence[Item], count: int, chance: Chance, *, keeps: Set[int] = frozenset(), mixes_questions: bool = True
) -> list[tuple[Item, ...]]:
    """Return a paper in `count` orders, the first as it was drawn; versions in `keeps` have their options as they stand."""

    def options(item: Item) -> tuple[str, ...]:
        stays = item.version_id in keeps
        return item.options if stays else tuple(chance.sample(item.options, len(item.options)))

    def one() -> tuple[Item, ...]:
        order = chance.sample(items, len(items)) if mixes_questions else list(items)
        return tuple(replace(item, options=options(item)) for item in order)

    return [tuple(items), *(one() for _ in range(count - 1))]


def _decks(pool: Mapping[Cell, Sequence[Candidate]], rank: Rank | None) -> dict[tuple[Cell, int], list[Candidate]]:
    """Return the candidates by cell and rank."""
    if rank is None:
        return {(cell, 0): list(own) for cell, own in pool.items()}
    decks: dict[tuple[Cell, int], list[Candidate]] = {}
    for cell, own in pool.items():
        for candidate in own:
            decks.setdefault((cell, rank(candidate)), []).append(candidate)
    return decks


def _fill(seats: "Seats", left: dict[Cell, int], tier: int, taken: Counter[tuple[Cell, int]], chance: Chance) -> None:
    """Call up questions of one tier by chance, each as likely as any other, until the lines can seat none of them.

    A cell of which none can be seated stays so, whoever is seated after it.
    """
    while left and not seats.are_full:
        cell = _called(left, chance)
        if not seats.seat(cell):
            del left[cell]
            continue
        taken[cell, tier] += 1
        left[cell] -= 1
        if not left[cell]:
            del left[cell]


def _called(left: Mapping[Cell, int], chance: Chance) -> Cell:
    """Return the cell of one question by chance, so many as there are left of each."""
    (at,) = chance.sample(range(sum(left.values())), 1)
    ends = list(accumulate(left.values()))
    return list(left)[bisect_right(ends, at)]


def _dealt(
    lines: Sequence[Line],
    seats: "Seats",
    decks: Mapping[tuple[Cell, int], Sequence[Candidate]],
    taken: Mapping[tuple[Cell, int], int],
    chance: Chance,
) -> list[tuple[Candidate, Worth]]:
    """Return who sits where, line by line: of each cell and rank so many by chance, then by chance to its lines."""
    hands: dict[Cell, list[Candidate]] = {}
    for (cell, tier), count in taken.items():
        hands.setdefault(cell, []).extend(chance.sample(decks[cell, tier], count))
    hands = {cell: chance.sample(own, len(own)) for cell, own in hands.items()}
    return [
        (hands[cell].pop(), line.worth)
        for line, own in zip(lines, seats.seated, strict=True)
        for cell, count in own.items()
        for _ in range(count)
    ]


class Seats:
    """The places of a paper's lines, given out one question at a time; `seated` says line by line what sits there."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._room = [line.count for line in lines]
        self._takers: dict[Cell, tuple[int, ...]] = {}
        self.seated: list[Counter[Cell]] = [Counter() for _ in lines]

    @property
    def are_full(self) -> bool:
        return not any(self._room)

    def _takers_of(self, cell: Cell) -> tuple[int, ...]:
        if cell not in self._takers:
            self._takers[cell] = tuple(i for i, line in enumerate(self._lines) if line.takes(*cell))
        return self._takers[cell]

    def seat(self, cell: Cell) -> bool:
        """Seat one more question of a cell, moving others where that makes room; False where nothing does."""
        came_from: dict[int, tuple[int | None, Cell]] = dict.fromkeys(self._takers_of(cell), (None, cell))
        queue = list(came_from)
        for i in queue:
            if self._room[i]:
                self._room[i] -= 1
                self._move(i, came_from)
                return True
            for other in self.seated[i]:
                for j in self._takers_of(other):
                    if j not in came_from:
                        came_from[j] = (i, other)
                        queue.append(j)
        return False

    def _move(self, end: int, came_from: Mapping[int, tuple[int | None, Cell]]) -> None:
        """Let each line of the path take what the one before it gives up."""
        line: int | None = end
        while line is not None:
            before, cell = came_from[line]
            self.seated[line][cell] += 1
            if before is not None:
                self.seated[before][cell] -= 1
                if not self.seated[before][cell]:
                    del self.seated[before][cell]
            line = before


def _ordered(candidate: Candidate, chance: Chance, shuffle_options: bool) -> tuple[str, ...]:
    options = candidate.options
    return tuple(chance.sample(options, len(options))) if shuffle_options and candidate.shuffle_options else options
