"""Load in three shapes: everybody one step after the other, journeys back to back, and arrivals at instants drawn before.

What fails is counted, never dropped: an answer that nobody should get, a connection lost, an hour-glass of a minute.
"""

import asyncio
import gc
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from bench.participants import Participant, Step
from bench.wire import Broken, Unexpected

FAILURES = (Unexpected, Broken, OSError, TimeoutError, ValueError, KeyError)  # the last two: no JSON, or not all of it


@dataclass
class Tally:
    """Seconds of what was answered, by what it was; how much failed, and the first failure of each kind."""

    waits: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    async def do(self, what: str, act: Callable[[], Awaitable[object]], due: float | None = None) -> bool:
        """Do something that was due at an instant of `time.perf_counter`, or is now; say whether it was answered."""
        begun = time.perf_counter() if due is None else due
        try:
            await act()
        except FAILURES as failure:
            self.failed[what] += 1
            self.first.setdefault(what, repr(failure)[:300])
            return False
        self.waits[what].append(time.perf_counter() - begun)
        return True

    def ms(self, what: str, percent: float) -> float | None:
        """Return a percentile of what was answered, in milliseconds."""
        found = percentile(self.waits[what], percent)
        return None if found is None else found * 1000

    @property
    def errors(self) -> int:
        return self.failed.total()


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the least value that so many percent of the values do not exceed; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


async def phase(people: Iterable[Participant], steps: Sequence[Step], at_once: int, tally: Tally) -> None:
    """Let everybody do some steps, so many people at once."""
    waiting = iter(people)

    async def work() -> None:
        for person in waiting:
            await _do_steps(person, steps, tally)

    await asyncio.gather(*(work() for _ in range(at_once)))


async def _do_steps(person: Participant, steps: Sequence[Step], tally: Tally) -> bool:
    """Do steps one after the other until one fails, which ends it for this person; say whether none did."""
    for step in steps:
        for _ in range(step.times):
            if not await tally.do(step.name, getattr(person, step.name)):
                return False
    return True


async def journeys(people: Iterable[Participant], steps: Sequence[Step], at_once: int, tally: Tally) -> int:
    """Let so many people at a time go all the way, one after the other; return how many came through."""
    waiting, through = iter(people), 0

    async def work() -> None:
        nonlocal through
        for person in waiting:
            is_through = await _do_steps(person, steps, tally)
            through += is_through  # not in one line, which would read the sum before the wait
            person.close()

    await asyncio.gather(*(work() for _ in range(at_once)))
    return through


async def repeat(people: Sequence[Participant], name: str, at_once: int, seconds: float, tally: Tally) -> None:
    """Let people do one step over and over, each in turn, so many at once."""
    until = time.perf_counter() + seconds

    async def work(mine: Sequence[Participant]) -> None:
        for person in cycle(mine):
            if time.perf_counter() >= until:
                return
            await tally.do(name, getattr(person, name))

    await asyncio.gather(*(work(people[n::at_once]) for n in range(min(at_once, len(people)))))


async def arrive(instants: Iterable[float], act: Callable[[int, float], Coroutine[Any, Any, object]]) -> None:
    """Begin `act(number, instant)` at each instant of `time.perf_counter`, whatever became of those before; wait for all."""
    loop = asyncio.get_running_loop()
    running: list[asyncio.Task[object]] = []
    for number, due in enumerate(instants):
        if (pause := due - time.perf_counter()) > 0:
            await asyncio.sleep(pause)
        running.append(loop.create_task(act(number, due)))
    await asyncio.gather(*running)


def evenly(rate: float, seconds: float, seed: int) -> Iterator[float]:
    """Yield seconds from the beginning at which people come, independently of each other, so many a second on average."""
    rng, at = random.Random(seed), 0.0
    while (at := at + rng.expovariate(rate)) < seconds:
        yield at


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the collector of this process from stopping it while it measures."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
