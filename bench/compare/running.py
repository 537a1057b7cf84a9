"""Runs in turns: each side measured alone while the other stands still, disturbed runs made again, medians kept."""

import asyncio
import os
import statistics
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bench.load import Tally, undisturbed
from bench.participants import Participant
from bench.processes import Meter, Reading, Spent, between
from bench.sites import Side

MOST_DISTURBED = 0.05
SETTLES = 0.15  # seconds after the last answer until what it cost is all counted
COUNTS = ("errors", "lost")  # summed over all runs, the others are medians

Found = dict[str, float]


class Watch:
    """Reads what a side costs; what the other side does meanwhile is neither its cost nor foreign."""

    def __init__(self, side: Side, others: Sequence[Side]) -> None:
        idle = [pid for other in others for pids in other.groups.values() for pid in pids]
        self._meter = Meter({**side.groups, "idle": idle})

    def read(self) -> Reading:
        return self._meter.read()

    async def since(self, before: Reading) -> Spent:
        await asyncio.sleep(SETTLES)
        return between(before, self.read())


Run = Callable[[Side, Watch], Coroutine[Any, Any, Found]]


@dataclass
class Outcome:
    """What a section found on each side, and how undisturbed it was."""

    sides: dict[str, Found] = field(default_factory=dict)
    discarded: int = 0
    disturbance: float = 0.0
    failures: dict[str, dict[str, str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "sides": {name: {k: round(v, 4) for k, v in found.items()} for name, found in self.sides.items()},
            "discarded": self.discarded,
            "disturbance": round(self.disturbance, 4),
            "failures": self.failures,
        }


class Failures:
    """The first failure of each kind, kept for whoever reads the figures."""

    def __init__(self) -> None:
        self.first: dict[str, dict[str, str]] = {}

    def keep(self, side: Side, tally: Tally) -> None:
        if tally.first:
            self.first.setdefault(side.name, {}).update(tally.first)


def in_turns(sides: Sequence[Side], run: Run, failures: Failures, *, rounds: int, tries: int) -> Outcome:
    """Run each side in turn, as often as there are rounds, and return the medians of what was found."""
    outcome, kept = Outcome(), {side.name: list[Found]() for side in sides}
    for number in range(rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            found, disturbance, discarded = _undisturbed(side, [s for s in sides if s is not side], run, tries)
            kept[side.name].append(found)
            outcome.discarded += discarded
            outcome.disturbance = max(outcome.disturbance, disturbance)
    outcome.sides = {name: median(found) for name, found in kept.items()}
    outcome.failures = failures.first
    return outcome


def _undisturbed(side: Side, others: Sequence[Side], run: Run, tries: int) -> tuple[Found, float, int]:
    """Return the first run that nobody disturbed, else the least disturbed; with its disturbance, and how many were not it."""
    made: list[tuple[float, Found]] = []
    for _ in range(tries):
        watch = Watch(side, others)
        before, begun = watch.read(), time.perf_counter()
        with undisturbed():
            found = asyncio.run(run(side, watch))
        spent = between(before, watch.read())
        share = spent.disturbance((time.perf_counter() - begun) * (os.cpu_count() or 1))
        made.append((share, found))
        if share <= MOST_DISTURBED:
            break
    share, found = min(made, key=lambda one: one[0])
    return found, share, len(made) - 1


def median(runs: Sequence[Mapping[str, float]]) -> Found:
    """Return the median of each figure over the runs that have it; counts of what went wrong are summed."""
    names = dict.fromkeys(name for run in runs for name in run)
    found: Found = {}
    for name in names:
        values = [run[name] for run in runs if name in run]
        found[name] = sum(values) if name in COUNTS else statistics.median(values)
    return found


def cost(spent: Spent, count: int) -> Found:
    """Return the CPU of server and database in milliseconds, per one of so many."""
    found = {name: spent.groups[name] * 1000 / max(1, count) for name in ("server", "database")}
    return {**found, "cpu": found["server"] + found["database"]}


def under(prefix: str, found: Mapping[str, float]) -> Found:
    return {f"{prefix}.{name}": value for name, value in found.items()}


def spread(tally: Tally, what: str) -> Found:
    """Return the percentiles of what was answered, where anything was."""
    found = {f"p{percent}": tally.ms(what, percent) for percent in (50, 95, 99)}
    return {name: value for name, value in found.items() if value is not None}


async def lost_of(people: Sequence[Participant], tally: Tally) -> int:
    """Return how many acknowledged saves the server does not show; who cannot look has failed."""
    lost: list[int] = []

    async def look(person: Participant) -> None:
        lost.append(await person.lost())

    for person in people:
        if person.acknowledged:
            await tally.do("look at the saves", partial(look, person))
    return sum(lost)
