"""The opening minute, played through event by event: who comes, signs in, queues, starts and saves, and how long each waits.

Web processes serve in the order of asking, one at a time each, and wait meanwhile for the database, which serves as many at
once as it has cores; passwords have places of their own. Beyond a rate people queue by the product's own rules: its bucket,
and how soon whoever waits looks at their place again. Nothing here reads a clock or draws by itself; all times are seconds
from the opening.
"""

import heapq
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

from bench.load import percentile
from contest.rules.queueing import BURST, LATEST, SOONEST

EARLY, LATE = SOONEST.total_seconds(), LATEST.total_seconds()


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds that a web process and then the database are busy over one of each; a password is part of neither."""

    password: float
    sign_in: tuple[float, float]
    start: tuple[float, float]
    look: tuple[float, float]
    save: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Installation:
    """How many at once: web processes, passwords, cores of the database; and how many may start within a minute."""

    web: int
    passwords: int
    database: int
    starts_per_minute: int


@dataclass(frozen=True, slots=True)
class Opening:
    """Who comes: so many people within so many seconds, most at first; some of them signed in before."""

    people: int
    within: float = 60.0
    signed_in: float = 0.6
    saves: int = 20
    between_saves: tuple[float, float] = (20.0, 70.0)
    until: float = 600.0  # it is looked no further


@dataclass(slots=True)
class Course:
    """What came of it: waits in seconds, and how many had come, and had their paper, by each second."""

    arrived: int = 0
    started: int = 0
    waiting: Counter[str] = field(default_factory=Counter)  # those without a paper, by what they wait for
    saved: int = 0
    unsaved: int = 0  # saves that were sent and not answered
    start_waits: list[float] = field(default_factory=list)
    queue_waits: list[float] = field(default_factory=list)
    save_waits: list[float] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    papers: list[float] = field(default_factory=list)
    busy: dict[str, float] = field(default_factory=dict)

    def by(self, instants: Sequence[float]) -> Iterator[tuple[float, int, int]]:
        """Yield of each instant how many had come, and how many of them were still without a paper."""
        papers = sorted(self.papers)
        for at in instants:
            come, have = (bisect_right(times, at) for times in (self.arrivals, papers))
            yield at, come, come - have

    def waited(self, percent: float) -> float | None:
        """Return within how many seconds so many percent of those who have a paper had it."""
        return percentile(self.start_waits, percent)

    def saves_waited(self, percent: float) -> float | None:
        return percentile(self.save_waits, percent)


class Station:
    """So many places that serve in the order of asking; whoever asks later must be told later."""

    def __init__(self, places: int) -> None:
        self._free = [0.0] * places
        self.busy = 0.0

    def begin(self, at: float) -> float:
        """Take the place that is free first, and return when; it is given back by `end`."""
        return max(at, heapq.heappop(self._free))

    def end(self, begun: float, at: float) -> float:
        heapq.heappush(self._free, at)
        self.busy += at - begun
        return at

    def serve(self, at: float, takes: float) -> float:
        """Return when somebody who asks now is done."""
        begun = self.begin(at)
        return self.end(begun, begun + takes)


class Gate:
    """The bucket of starts: a rate, of which a twelfth of a minute's may come at once after a rest."""

    def __init__(self, per_minute: int) -> None:
        self._step = 60 / per_minute
        self._slack = (max(1, per_minute // BURST) - 1) * self._step
        self._free_at = 0.0

    def turn(self, at: float) -> float:
        """Give the next turn away, to somebody who asks now, and return when it is."""
        turn = max(at, self._free_at - self._slack)
        self._free_at = max(self._free_at, turn) + self._step
        return turn


def look_again(wait: float) -> float:
    """Return after how many seconds somebody looks again who has so long to wait."""
    return min(max(wait / 10, EARLY), LATE)


def arrivals(opening: Opening, rng: Random) -> list[float]:
    """Return when people come, the earliest first: as many in each span as its share of a falling line down to nothing."""
    drawn = (opening.within * (1 - (1 - rng.random()) ** 0.5) for _ in range(opening.people))
    return sorted(drawn)


def play(opening: Opening, installation: Installation, costs: Costs, rng: Random) -> Course:
    """Return how an opening goes until it is looked no further; everyone who came is then served or still waiting."""
    return _Play(opening, installation, costs, rng).run()


class _Play:
    """One run: a heap of (when, order, what, who) and what each of them leads to."""

    def __init__(self, opening: Opening, installation: Installation, costs: Costs, rng: Random) -> None:
        self._opening, self._costs, self._rng = opening, costs, rng
        self._web, self._database = Station(installation.web), Station(installation.database)
        self._passwords, self._gate = Station(installation.passwords), Gate(installation.starts_per_minute)
        self._events: list[tuple[float, int, str, int]] = []
        self._order = count()
        self._came: list[float] = []
        self._turns: dict[int, float] = {}
        self._asked: dict[int, float] = {}
        self._stages: dict[int, str] = {}
        self.course = Course()

    def run(self) -> Course:
        acts = {
            "come": self._come, "sign in": self._sign_in, "ask": self._ask, "look": self._look, "begin": self._begin,
            "save": self._save,
        }  # fmt: skip
        self._came = arrivals(self._opening, self._rng)
        for person, at in enumerate(self._came):
            self._later(at, "come", person)
        while self._events and self._events[0][0] <= self._opening.until:
            at, _, what, person = heapq.heappop(self._events)
            acts[what](at, person)
        self.course.waiting = Counter(self._stages.values())
        stations = (("web", self._web), ("database", self._database), ("passwords", self._passwords))
        self.course.busy = {name: station.busy for name, station in stations}
        return self.course

    def _later(self, at: float, what: str, person: int) -> None:
        heapq.heappush(self._events, (at, next(self._order), what, person))

    def _served(self, at: float, takes: tuple[float, float]) -> float:
        """Return when a request is answered: a web process keeps its place until the database is done."""
        begun = self._web.begin(at)
        return self._web.end(begun, self._database.serve(begun + takes[0], takes[1]))

    def _come(self, at: float, person: int) -> None:
        self.course.arrived += 1
        self.course.arrivals.append(at)
        if self._rng.random() < self._opening.signed_in:
            self._ask(at, person)
        else:
            self._stages[person] = "password"
            self._later(self._passwords.serve(at, self._costs.password), "sign in", person)

    def _sign_in(self, at: float, person: int) -> None:
        self._later(self._served(at, self._costs.sign_in), "ask", person)

    def _ask(self, at: float, person: int) -> None:
        """Start at once where the rate allows it; else take a place and look."""
        self._stages[person] = "turn"
        self._turns[person] = turn = self._gate.turn(at)
        if turn <= at:
            self._begin(at, person)
        else:
            self._asked[person] = at
            self._later(at + look_again(turn - at), "look", person)

    def _look(self, at: float, person: int) -> None:
        seen = self._served(at, self._costs.look)
        if (wait := self._turns[person] - at) <= 0:
            self.course.queue_waits.append(seen - self._asked[person])
            self._later(seen, "begin", person)
        else:
            self._later(seen + look_again(wait), "look", person)

    def _begin(self, at: float, person: int) -> None:
        self._stages[person] = "paper"
        paper = self._served(at, self._costs.start)
        if paper > self._opening.until:
            return
        del self._stages[person]
        self.course.started += 1
        self.course.papers.append(paper)
        self.course.start_waits.append(paper - self._came[person])
        when = paper
        for _ in range(self._opening.saves):
            when += self._rng.uniform(*self._opening.between_saves)
            self._later(when, "save", person)

    def _save(self, at: float, _person: int) -> None:
        done = self._served(at, self._costs.save)
        if done <= self._opening.until:
            self.course.saved += 1
            self.course.save_waits.append(done - at)
        else:
            self.course.unsaved += 1
