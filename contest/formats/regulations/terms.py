"""What a file of settings says of a contest, as plain values; times are local, in the organisation's zone."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from contest.rules.advancement import Plan
from contest.rules.overall import Rule
from contest.rules.question_terms import Difficulty
from contest.rules.result_terms import EdgeTie, Publication, Special
from contest.rules.steps import FREE_COURSE, Course
from contest.rules.terms import Board, Counted, Criterion, LimitPer, PredictionTarget, Reveal
from contest.rules.unit_terms import ComparedUnits, UnitCriterion
from contest.rules.units import Formula
from contest.rules.worth import PLAIN_WORTH, Negative, Worth, most_points

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class PaperLine:
    """So many questions of a topic of the bank, by its path, and a difficulty; without them, of any. Or one, by its code.

    People mark those of a line that is `marked`, and no others. `section` is the number of the round's section that
    they stand in, 0 for none.
    """

    count: int
    topic: str = ""
    difficulty: Difficulty | None = None
    worth: Worth = PLAIN_WORTH
    question: str = ""
    marked: bool = False
    section: int = 0


@dataclass(frozen=True, slots=True)
class AdvanceSettings:
    """Who comes into a round: by a plan, from the ranking of the round of a number, or None for the overall standing."""

    source: int | None
    plan: Plan
    compared_units: bool = True


@dataclass(frozen=True, slots=True)
class RoundSettings:
    """A round as regulations have it; no `windows` is one long window, no `attempts` is no limit.

    What regulations rarely say is as the page of a new round chooses it.
    """

    title: str
    opens_at: datetime
    closes_at: datetime
    questions: tuple[PaperLine, ...]
    minutes: int
    attempts: int | None
    attempts_per: LimitPer
    counted: Counted
    prediction: PredictionTarget | None
    criteria: tuple[Criterion, ...]
    windows: tuple[Span, ...] = ()
    shuffle_questions: bool = True
    shuffle_options: bool = True
    reveal: Reveal = Reveal.SCORE
    reveal_after_close: Reveal = Reveal.REVIEW
    board: Board = Board.LIVE
    freezes_at: datetime | None = None
    names_public: bool = False
    network_allowance: int = 5
    advance: AdvanceSettings | None = None
    no_repeat: bool = True
    least_used: bool = False
    negative: Negative = Negative.NONE
    course: Course = FREE_COURSE

    @property
    def possible(self) -> Decimal:
        """What a paper is worth."""
        return most_points((line.count, line.worth) for line in self.questions)

    @property
    def question_count(self) -> int:
        return sum(line.count for line in self.questions)

    def moved(self, by: timedelta) -> "RoundSettings":
        """Return the round with all its times moved."""
        return replace(
            self,
            opens_at=self.opens_at + by,
            closes_at=self.closes_at + by,
            windows=tuple((a + by, b + by) for a, b in self.windows),
            freezes_at=None if self.freezes_at is None else self.freezes_at + by,
        )


@dataclass(frozen=True, slots=True)
class UnitSettings:
    """How units are compared; `below` and `level` go with their choice, `divisions` maps a name to codes of units.

    A division of no unit is one into which the organiser has yet to put units.
    """

    formula: Formula
    compared: ComparedUnits = ComparedUnits.TAKING_PART
    below: str = ""
    level: str = ""
    divisions: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class OverallSettings:
    """How the rounds of these numbers make one standing."""

    rule: Rule
    rounds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PrizeLine:
    """So many of a prize; `special` stands beside the ranking, `by` is a criterion of its own."""

    name: str
    count: int
    special: Special | None = None
    by: UnitCriterion | None = None


@dataclass(frozen=True, slots=True)
class PrizeSettings:
    """A list of prizes over the ranking of the round of a number, or None for the overall standing."""

    title: str
    over: int | None
    for_units: bool
    edge: EdgeTie
    cap: Decimal | None
    lines: tuple[PrizeLine, ...]


@dataclass(frozen=True, slots=True)
class Later:
    """A part of a contest that is not held on this software, with how it is held."""

    title: str
    note: str


@dataclass(frozen=True, slots=True)
class Regulations:
    """Everything that a file of settings says; `text` is the printed regulations."""

    slug: str
    title: str
    theme: str
    text: str
    publication: Publication
    units: UnitSettings
    rounds: tuple[RoundSettings, ...]
    overall: OverallSettings | None = None
    prizes: tuple[PrizeSettings, ...] = ()
    later: tuple[Later, ...] = ()

    @property
    def empty_divisions(self) -> tuple[str, ...]:
        """The divisions into which units have yet to be put."""
        return tuple(name for name, units in self.units.divisions.items() if not units)

    @property
    def whole_text(self) -> str:
        """The printed regulations; what no setting can hold comes last: divisions without units, parts held elsewhere."""
        parts = [self.text]
        if self.empty_divisions:
            names = "\n".join(f"- {name}" for name in self.empty_divisions)
            parts.append(f"## Các bảng\n\nĐơn vị được xếp hạng trong bảng của mình:\n\n{names}")
        if self.later:
            lines = "\n".join(f"- {x.title}: {x.note}" for x in self.later)
            parts.append(f"## Phần thi ngoài phần mềm\n\n{lines}")
        return "\n\n".join(part for part in parts if part)

    @property
    def summary(self) -> str:
        """The regulations in a line: the last paragraph of their text."""
        return self.text.rpartition("\n")[2]

    @property
    def is_of_a_contest(self) -> bool:
        """They are those of a contest of some year, not a single rule of several."""
        return self.slug[-4:].isdigit()

    @property
    def first_opening(self) -> datetime:
        return min(r.opens_at for r in self.rounds)

    def named(self, title: str, slug: str) -> "Regulations":
        """Return the same contest under a title and an address of its own."""
        return replace(self, title=title, slug=slug)

    def opening_on(self, day: date) -> "Regulations":
        """Return the same contest with all its times moved by whole days, so that its first round opens on a day."""
        by = timedelta(days=(day - self.first_opening.date()).days)
        return replace(self, rounds=tuple(r.moved(by) for r in self.rounds))
