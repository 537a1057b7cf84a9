"""Blueprints of papers: is the bank rich enough for the paper asked for?

A line asks for a number of questions of a topic (with the topics below it) and a difficulty; either may be left open,
so lines overlap, and counting each alone is not enough: the lines are matched with the bank as a whole. A line may
name one question instead, which then is in every paper; it is a cell of its own, from which no other line takes.
Questions that people mark are cells of their own too: only a line that asks for them takes them, so that no paper has
more to be marked than another.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from contest.rules.question_terms import Difficulty
from contest.rules.refusals import Refusal
from contest.rules.seats import MARKED as MARKED
from contest.rules.seats import Cell as Cell
from contest.rules.seats import Group, Seats, together
from contest.rules.worth import PLAIN_WORTH, Worth

T = TypeVar("T")
MAX_QUESTIONS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """`topics` holds the ids of the topic and of all below it; None asks for any topic, as `difficulty` for any.

    `question` is the id of the one question that the line is for, `worth` what each of its questions is worth; a line
    that is `marked` takes questions that people mark, and any other none of them. Its questions stand in the part of the
    paper that `section` names, "" for none.
    """

    count: int
    topics: frozenset[int] | None = None
    difficulty: Difficulty | None = None
    worth: Worth = PLAIN_WORTH
    question: int | None = None
    marked: bool = False
    section: str = ""

    def takes(
        self, topic: int | None, difficulty: str | None, question: int | None = None, section: str | None = None
    ) -> bool:
        if section is not None and section != self.section:
            return False
        if self.question is not None or question not in (None, MARKED):
            return self.question == question
        return (
            self.marked == (question == MARKED)
            and (self.topics is None or topic in self.topics)
            and (self.difficulty is None or difficulty == self.difficulty)
        )


def question_count(lines: Sequence[Line]) -> int:
    return sum(line.count for line in lines)


def fixed_in(lines: Sequence[Line]) -> frozenset[int]:
    """Return the ids of the questions that stand in every paper."""
    return frozenset(line.question for line in lines if line.question is not None)


def carved(
    pool: Mapping[Cell, Sequence[T]], fixed: Collection[int], question_of: Callable[[T], int]
) -> Mapping[Cell, Sequence[T]]:
    """Return what there is by cell with each fixed question in a cell of its own."""
    if not fixed:
        return pool
    found: dict[Cell, list[T]] = {}
    for cell, own in pool.items():
        for one in own:
            question = question_of(one)
            place: Cell = (*cell[:2], question) if question in fixed else cell
            found.setdefault(place, []).append(one)
    return found


def at_home(lines: Sequence[Line], groups: Sequence[Group]) -> Sequence[Group]:
    """Return groups with the section each is drawn for, so that none is torn: the first whose lines can seat all of it.

    A paper without sections takes them wherever there is room. What no section can seat whole is never drawn.
    """
    sections = tuple(dict.fromkeys(line.section for line in lines))
    return [_for(_home(lines, sections, group), group) for group in groups] if len(sections) > 1 else groups


def _home(lines: Sequence[Line], sections: Sequence[str], group: Group) -> str:
    homes = (s for s in sections if Seats([x for x in lines if x.section == s]).seat_together(group))
    return next(homes, _NOWHERE)


def _for(section: str, group: Group) -> Group:
    return tuple((cell[0], cell[1], cell[2] if len(cell) > 2 else None, section) for cell in group)


_NOWHERE = "\0"  # no section is called so


def shortfalls(lines: Sequence[Line], supply: Mapping[Cell, int], groups: Sequence[Group] = ()) -> tuple[int, ...]:
    """Return per line how many questions are missing when the bank is shared out as well as it can be.

    `supply` counts the approved questions of each (topic, difficulty) that stand alone, `groups` are those that come
    together or not at all. All zeros means that the paper can be drawn.
    """
    groups = at_home(lines, groups)
    flow = share_out(lines, supply)
    missing = tuple(line.count - sum(flow[i].values()) for i, line in enumerate(lines))
    if not any(missing) or not (whole := together(lines, supply, groups)):
        return missing
    seats = Seats(lines)
    for number in whole:
        seats.seat_together(groups[number])
    return tuple(seats.filled(supply).room)


def share_out(lines: Sequence[Line], supply: Mapping[Cell, int]) -> list[dict[Cell, int]]:
    """Return per line how many questions it takes from each cell: a largest sharing, by augmenting paths."""
    left = dict(supply)
    flow: list[dict[Cell, int]] = [{} for _ in lines]
    for i, line in enumerate(lines):
        for _ in range(line.count):
            if not _augment(i, lines, left, flow):
                break
    return flow


def _augment(start: int, lines: Sequence[Line], left: dict[Cell, int], flow: list[dict[Cell, int]]) -> bool:
    """Give one more question to the line, if need be by moving other lines to cells that still have some."""
    came_from: dict[int, tuple[int, Cell] | None] = {start: None}
    queue = [start]
    for i in queue:
        for cell in left:
            if not lines[i].takes(*cell):
                continue
            if left[cell] > 0:
                left[cell] -= 1
                _shift(i, cell, came_from, flow)
                return True
            for j, taken in enumerate(flow):
                if j not in came_from and taken.get(cell, 0):
                    came_from[j] = (i, cell)
                    queue.append(j)
    return False


def _shift(
    end: int,
    cell: Cell,
    came_from: Mapping[int, tuple[int, Cell] | None],
    flow: list[dict[Cell, int]],
) -> None:
    line = end
    while True:
        flow[line][cell] = flow[line].get(cell, 0) + 1
        step = came_from[line]
        if step is None:
            return
        taker, freed = step
        flow[line][freed] -= 1
        line, cell = taker, freed


def check_blueprint(
    lines: Sequence[Line], supply: Mapping[Cell, int], groups: Sequence[Group] = ()
) -> tuple[Refusal, ...]:
    """Refuse an empty or oversized blueprint, and each line that the approved bank cannot fill."""
    asked = question_count(lines)
    if asked == 0:
        return (Refusal("blueprint-empty", field="blueprint"),)
    if asked > MAX_QUESTIONS:
        return (Refusal("blueprint-too-long", {"limit": MAX_QUESTIONS}, "blueprint"),)
    named = [line.question for line in lines if line.question is not None]
    if len(set(named)) < len(named):
        return (Refusal("question-fixed-twice", field="blueprint"),)
    missing = shortfalls(lines, supply, groups)
    return tuple(
        Refusal("blueprint-short", {"line": i, "missing": n, "asked": lines[i - 1].count}, f"line-{i}")
        for i, n in enumerate(missing, 1)
        if n
    )
