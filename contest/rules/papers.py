"""Drawing a paper with a given random source; the drawn paper is stored, so it need not be drawn again.

Questions are called up one after the other by chance, and one is taken whenever the lines can seat it, if need be by
moving others between lines that overlap. What can be seated together is a matroid, so that taking greedily fills as many
places as can be filled, prefers whom `rank` calls up earlier as far as the lines allow, and gives equals equal chances.

The questions of a passage are called up as one, and all of them are left out where the lines cannot seat them all.
Whoever was seated so far, single questions then fill the rest whenever they would fill the whole. Where they do not, the
groups are searched for those that leave no place empty (`seats.together`), by chance among groups that are alike.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import Any, Protocol, TypeVar

from contest.rules.blueprints import MARKED, Cell, Line, at_home, carved, fixed_in
from contest.rules.seats import Group, Seats, together
from contest.rules.worth import PLAIN_WORTH, Worth

T = TypeVar("T")


class Chance(Protocol):
    """What a draw needs of a random source; `random.Random` and `secrets.SystemRandom` have it."""

    def sample(self, population: Sequence[T], k: int) -> list[T]: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """An approved version that may be drawn, with the ids of its options in the author's order, and its question.

    `passage` is the approved version of the passage that it belongs to, 0 for none, and `place` its place among those.
    """

    version_id: int
    options: tuple[str, ...]
    shuffle_options: bool = True
    question_id: int = 0
    passage: int = 0
    place: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a drawn paper with its options in the order of this attempt, and what it is worth.

    The first of the questions of a passage says which versions are shown `before` it, and how many questions, itself
    among them, stand `together`; `section` is the title of the part of the paper that it stands in, "" for none. Kept as
    [version id, [option ids]], with a third element that says what is not plain.
    """

    version_id: int
    options: tuple[str, ...]
    worth: Worth = PLAIN_WORTH
    before: tuple[int, ...] = ()
    together: int = 1
    section: str = ""

    @classmethod
    def read(cls, stored: Sequence[Any]) -> "Item":
        said = stored[2] if len(stored) > 2 else {}
        before, count = tuple(said.get("before", ())), said.get("together", 1)
        return cls(stored[0], tuple(stored[1]), Worth.read(said), before, count, said.get("section", ""))

    def stored(self) -> list[Any]:
        said = self.worth.stored()
        if self.before:
            said |= {"before": list(self.before)}
        if self.together > 1:
            said |= {"together": self.together}
        if self.section:
            said |= {"section": self.section}
        return [self.version_id, list(self.options), *([said] if said else [])]


Rank = Callable[[Candidate], int]


def read_paper(stored: Sequence[Sequence[Any]]) -> tuple[Item, ...]:
    """Return the items of a paper as it is kept."""
    return tuple(map(Item.read, stored))


def blocks_of(items: Sequence[Item]) -> list[Sequence[Item]]:
    """Return the items of a paper in pieces that stay together: each question alone, those of a passage as one."""
    out, at = [], 0
    while at < len(items):
        out.append(items[at : at + items[at].together])
        at += items[at].together
    return out


def shown_before(items: Sequence[Item]) -> list[tuple[int, ...]]:
    """Return per question which versions it is read with: those before the first of the questions it stands with."""
    return [block[0].before for block in blocks_of(items) for _ in block]


def versions_shown(items: Sequence[Item]) -> list[int]:
    """Return the versions of all that a paper shows: its questions, and what stands before them."""
    return [v for item in items for v in (*item.before, item.version_id)]


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
    """Draw a paper: no question twice, every line filled, in the lines' order unless shuffled, each section together.

    Of two questions that would fit alike the one of the lower rank is taken. Raises BankTooPoor when the lines cannot
    be filled.
    """
    drawing = _Drawing(lines, carved(pool, fixed_in(lines), lambda c: c.question_id), rank, chance)
    blocks = _blocks(drawing.dealt())
    if shuffle_questions:
        blocks = _mixed(blocks, lambda block: block[0][1].section, chance)
    return tuple(item for block in blocks for item in _items(block, chance, shuffle_options))


def _mixed(blocks: Sequence[T], section_of: Callable[[T], str], chance: Chance) -> list[T]:
    """Return blocks in an order by chance inside each section, the sections in theirs."""
    found: list[T] = []
    for _, run in groupby(blocks, section_of):
        own = list(run)
        found += chance.sample(own, len(own))
    return found


def versions_of(
    items: Sequence[Item], count: int, chance: Chance, *, keeps: Set[int] = frozenset(), mixes_questions: bool = True
) -> list[tuple[Item, ...]]:
    """Return a paper in `count` orders, the first as it was drawn; versions in `keeps` have their options as they stand."""

    def options(item: Item) -> tuple[str, ...]:
        stays = item.version_id in keeps
        return item.options if stays else tuple(chance.sample(item.options, len(item.options)))

    def one() -> tuple[Item, ...]:
        blocks = blocks_of(items)
        order = _mixed(blocks, lambda block: block[0].section, chance) if mixes_questions else blocks
        return tuple(replace(item, options=options(item)) for block in order for item in block)

    return [tuple(items), *(one() for _ in range(count - 1))]


def _called(left: Mapping[T, int], chance: Chance) -> T:
    """Return whose is one question by chance, so many as there are left of each."""
    (at,) = chance.sample(range(sum(left.values())), 1)
    ends = list(accumulate(left.values()))
    return list(left)[bisect_right(ends, at)]


Dealt = tuple[Candidate, Line]  # a question and the line that it was seated on
Deck = tuple[Cell, int]  # single questions of a cell and a rank


class _Drawing:
    """Who is seated in a paper: of each deck so many, and of the questions of passages those that came whole."""

    def __init__(
        self, lines: Sequence[Line], pool: Mapping[Cell, Sequence[Candidate]], rank: Rank | None, chance: Chance
    ) -> None:
        self._lines, self._chance, self._rank = lines, chance, rank or (lambda candidate: 0)
        self._decks: dict[Deck, list[Candidate]] = {}
        self._passages: dict[int, list[tuple[Cell, Candidate]]] = {}
        for cell, own in pool.items():
            for candidate in own:
                if candidate.passage:
                    self._passages.setdefault(candidate.passage, []).append((cell, candidate))
                else:
                    self._decks.setdefault((cell, self._rank(candidate)), []).append(candidate)
        for passage, questions in self._passages.items():
            (home,) = at_home(lines, [self._group(passage)])
            self._passages[passage] = [(cell, candidate) for cell, (_, candidate) in zip(home, questions, strict=True)]
        self._seats, self._taken, self._whole = Seats(lines), Counter[Deck](), list[int]()

    def dealt(self) -> list[Dealt]:
        """Return who sits where, line by line; raises BankTooPoor."""
        self._seat(self._passages)
        if not self._seats.are_full and self._passages:
            self._begin_with(self._search())
        if not self._seats.are_full:
            raise BankTooPoor
        return self._deal()

    def _group(self, passage: int) -> Group:
        return tuple(cell for cell, _ in self._passages[passage])

    def _search(self) -> list[int]:
        """Return the passages to begin with where chance left places empty, by chance among those that are alike."""
        order = self._chance.sample(list(self._passages), len(self._passages))
        supply = Counter[Cell]()
        for (cell, _), own in self._decks.items():
            supply[cell] += len(own)
        return [order[n] for n in together(self._lines, supply, [self._group(passage) for passage in order])]

    def _begin_with(self, passages: Sequence[int]) -> None:
        self._seats, self._taken, self._whole = Seats(self._lines), Counter(), list(passages)
        for passage in passages:
            self._seats.seat_together(self._group(passage))
        self._seat(())

    def _seat(self, passages: Collection[int]) -> None:
        """Call up questions tier by tier; a passage has the tier of the one of its questions that comes last.

        Passages of fixed questions come first: their places are for nobody else.
        """
        fixed = {p for p in passages if any((*cell, None)[2] not in (None, MARKED) for cell in self._group(p))}
        tiers: dict[int, dict[Deck | int, int]] = {}
        for deck, own in self._decks.items():
            tiers.setdefault(deck[1], {})[deck] = len(own)
        for passage in passages:
            tier = -1 if passage in fixed else max(self._rank(c) for _, c in self._passages[passage])
            tiers.setdefault(tier, {})[passage] = 1
        for tier in sorted(tiers):
            self._fill(tiers[tier])

    def _fill(self, left: dict[Deck | int, int]) -> None:
        """Call up questions by chance, each as likely as any other, until the lines can seat none of them.

        A passage is called up as one, so that its questions come about as often as those that stand alone. A cell of
        which none can be seated stays so, whoever is seated after it, and so does a passage.
        """
        while left and not self._seats.are_full:
            who = _called(left, self._chance)
            if isinstance(who, int):
                del left[who]
                if self._seats.seat_together(self._group(who)):
                    self._whole.append(who)
                continue
            if not self._seats.seat(who[0]):
                del left[who]
                continue
            self._taken[who] += 1
            left[who] -= 1
            if not left[who]:
                del left[who]

    def _deal(self) -> list[Dealt]:
        """Return of each deck so many by chance, with the questions of passages, then by chance to the lines."""
        chance = self._chance
        hands: dict[Cell, list[Candidate]] = {}
        for deck, count in self._taken.items():
            hands.setdefault(deck[0], []).extend(chance.sample(self._decks[deck], count))
        for passage in self._whole:
            for cell, candidate in self._passages[passage]:
                hands.setdefault(cell, []).append(candidate)
        hands = {cell: chance.sample(own, len(own)) for cell, own in hands.items()}
        return [
            (hands[cell].pop(), line)
            for line, own in zip(self._lines, self._seats.seated, strict=True)
            for cell, count in own.items()
            for _ in range(count)
        ]


def _blocks(dealt: Sequence[Dealt]) -> list[list[Dealt]]:
    """Return what is dealt in pieces that stay together: the questions of a passage where its first one came."""
    blocks: dict[tuple[int, int], list[Dealt]] = {}
    for one in dealt:
        blocks.setdefault((one[0].passage, 0 if one[0].passage else one[0].version_id), []).append(one)
    return [sorted(block, key=lambda one: one[0].place) for block in blocks.values()]


def _items(block: Sequence[Dealt], chance: Chance, shuffle_options: bool) -> list[Item]:
    items = [
        Item(c.version_id, _ordered(c, chance, shuffle_options), line.worth, section=line.section) for c, line in block
    ]
    passage = block[0][0].passage
    return [replace(items[0], before=(passage,), together=len(items)), *items[1:]] if passage else items


def _ordered(candidate: Candidate, chance: Chance, shuffle_options: bool) -> tuple[str, ...]:
    options = candidate.options
    return tuple(chance.sample(options, len(options))) if shuffle_options and candidate.shuffle_options else options
