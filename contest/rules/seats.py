"""The places of a paper's lines: who can be seated, and which groups, seated whole, leave a paper that can be filled.

What can be seated together is a matroid, so that single questions may be taken one by one in any order. Whole groups are
no matroid: which of them fill a paper is a search, which ends after so many looks. It goes by nothing but what the
groups are made of, so that whoever asks whether a bank is rich enough and whoever draws from it find the same.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Protocol

Cell = (
    tuple[int | None, str | None] | tuple[int | None, str | None, int] | tuple[int | None, str | None, int | None, str]
)  # topic, difficulty, a question that is fixed or MARKED, and the section that a passage is for
MARKED = 0  # stands where a fixed question would: the questions that people mark, which a line has to ask for
Group = tuple[Cell, ...]  # of questions that are drawn together or not at all
LOOKS = 300  # at what could still be seated, before a search gives up


class Taking(Protocol):
    """What a line of a blueprint is to its places."""

    @property
    def count(self) -> int: ...

    def takes(
        self, topic: int | None, difficulty: str | None, question: int | None = None, section: str | None = None
    ) -> bool: ...


class Seats:
    """The places of a paper's lines, given out one question at a time; `seated` says line by line what sits there."""

    def __init__(self, lines: Sequence[Taking]) -> None:
        self._lines = lines
        self.room = [line.count for line in lines]
        self._takers: dict[Cell, tuple[int, ...]] = {}
        self.seated: list[Counter[Cell]] = [Counter() for _ in lines]

    def copy(self) -> "Seats":
        other = Seats(self._lines)
        other.room, other.seated, other._takers = list(self.room), [Counter(own) for own in self.seated], self._takers
        return other

    @property
    def are_full(self) -> bool:
        return not any(self.room)

    def _takers_of(self, cell: Cell) -> tuple[int, ...]:
        if cell not in self._takers:
            self._takers[cell] = tuple(i for i, line in enumerate(self._lines) if line.takes(*cell))
        return self._takers[cell]

    def seat(self, cell: Cell) -> bool:
        """Seat one more question of a cell, moving others where that makes room; False where nothing does."""
        came_from: dict[int, tuple[int | None, Cell]] = dict.fromkeys(self._takers_of(cell), (None, cell))
        queue = list(came_from)
        for i in queue:
            if self.room[i]:
                self.room[i] -= 1
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

    def seat_together(self, group: Group) -> bool:
        """Seat all of a group or none of it; once it cannot be seated it never can, whoever is seated after it."""
        trial = self.copy()
        if not all(map(trial.seat, group)):
            return False
        self.room, self.seated = trial.room, trial.seated
        return True

    def filled(self, supply: Mapping[Cell, int]) -> "Seats":
        """Return these places with as many more questions seated as there are and can be."""
        found = self.copy()
        for cell, count in supply.items():
            for _ in range(count):
                if found.are_full or not found.seat(cell):
                    break
        return found


def together(lines: Sequence[Taking], supply: Mapping[Cell, int], groups: Sequence[Group]) -> tuple[int, ...]:
    """Return which groups, by their numbers, are seated whole in the fullest paper found; the rest of it is of `supply`.

    Of groups made of the same cells those that come first are taken. The large ones are tried first.
    """
    return _Search(lines, supply, groups).best


class _Search:
    def __init__(self, lines: Sequence[Taking], supply: Mapping[Cell, int], groups: Sequence[Group]) -> None:
        self._supply, self._groups = supply, groups
        self._shapes: list[Hashable] = [tuple(sorted(map(repr, group))) for group in groups]
        self._order = sorted(range(len(groups)), key=lambda g: (-len(groups[g]), self._shapes[g]))
        self._looks = LOOKS
        self.best: tuple[int, ...] = ()
        self._fewest = sum(Seats(lines).filled(supply).room)
        if self._fewest:
            self._go(Seats(lines), 0, (), frozenset())

    def _go(self, seats: Seats, at: int, taken: tuple[int, ...], passed: frozenset[Hashable]) -> None:
        """Try the groups from `at` on, first with each of them, then without it and all others like it."""
        for place in range(at, len(self._order)):
            group = self._order[place]
            if self._shapes[group] in passed:
                continue
            if not self._has_hope(seats, place, passed):
                return
            trial = seats.copy()
            if trial.seat_together(self._groups[group]):
                self._look(trial, (*taken, group))
                self._go(trial, place + 1, (*taken, group), passed)
            passed |= {self._shapes[group]}

    def _look(self, seats: Seats, taken: tuple[int, ...]) -> None:
        missing = sum(seats.filled(self._supply).room)
        if missing < self._fewest:
            self._fewest, self.best = missing, taken

    def _has_hope(self, seats: Seats, at: int, passed: frozenset[Hashable]) -> bool:
        """Say whether what is left would do better than the best, were each question of a group one by itself."""
        self._looks -= 1
        if not self._fewest or self._looks < 0:
            return False
        left = Counter(self._supply)
        for group in self._order[at:]:
            if self._shapes[group] not in passed:
                left.update(self._groups[group])
        return sum(seats.filled(left).room) < self._fewest
