"""All sections on all stores, one after the other: what cannot be measured is said, and the rest is measured."""

import asyncio
import os
import platform
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bench.compare import boards, crowds, exchange, journeys
from bench.compare.plan import AT_ONCE, PACE, SHORT, Plan
from bench.compare.running import Failures, Outcome, Run, in_turns
from bench.sites import Side, floor, load_demonstration, product

ONCE = {"steady", "storm.opening"}  # too long to be made three times, and long enough to be made once
Keep = Callable[[str, Outcome], None]
Task = Callable[[Keep], None]
Make = Callable[[Failures], Run]


def measure(
    stores: Sequence[str],
    sections: Sequence[str],
    plan: Plan,
    command: str,
    keep: Callable[[Mapping[str, Any]], None],
    onto: Mapping[str, Any] = {},  # read only
) -> dict[str, Any]:
    """Measure sections on stores; return, and keep after each, all figures, with when, on what and by which command.

    They come onto those of an earlier run, if there was one. A section that fails leaves its reason under `broken`.
    """
    results: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine()}
    before = {store: dict(found) for store, found in onto.get("stores", {}).items()}
    broken = {name: why for name, why in onto.get("broken", {}).items() if not _is_among(name, stores, sections)}
    results |= {"command": command, "is_short": plan is SHORT, "stores": before, "broken": broken}
    for store in stores:
        found = results["stores"].setdefault(store, {})

        def put(name: str, outcome: Outcome, store: str = store, found: dict[str, Any] = found) -> None:
            found[name] = outcome.as_json()
            _say(f"{store} {name}: disturbed by {outcome.disturbance:.0%}, {outcome.discarded} runs made again")
            keep(results)

        for name, task in _tasks(store, sections, plan):
            try:
                task(put)
            except (Exception, pytest.fail.Exception) as failure:  # noqa: BLE001  (hours of the others are not lost over it)
                results["broken"][f"{store} {name}"] = repr(failure)[:300]
                _say(f"{store} {name} is broken: {failure!r}")
                keep(results)
    return results


def _is_among(name: str, stores: Sequence[str], sections: Sequence[str]) -> bool:
    store, _, part = name.partition(" ")
    return store in stores and bool({part, part.partition(".")[0]} & set(sections))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def machine() -> dict[str, Any]:
    """Return what the figures depend on: processor, cores, memory, versions."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {"processor": model, "cores": os.cpu_count(), "memory_gb": round(memory), "python": python}


def _tasks(store: str, sections: Sequence[str], plan: Plan) -> Iterator[tuple[str, Task]]:
    """Yield each section, or the part of one that is named, with what measures it; standings size by size."""
    served = _served(plan)
    for name in sections:
        section, _, only = name.partition(".")
        if section in served:
            parts = {part: make for part, make in served[section].items() if not only or part == name}
            yield name, partial(_measure_served, store, parts, plan)
        elif section == "queue":
            yield name, partial(_measure_queue, store, plan)
        elif section == "standings":
            sizes = [size for size in plan.boards if not only or str(size) == only]
            yield from ((f"{section}.{size}", partial(_measure_board, store, plan, size)) for size in sizes)
        else:
            yield name, partial(_measure_exchange, store, plan)


def _measure_served(store: str, parts: Mapping[str, Make], plan: Plan, keep: Keep) -> None:
    is_storm = any(part.startswith("storm.") for part in parts)
    with _both(store, _people(parts, plan), plan.results, PACE if is_storm else None) as sides:
        for side in sides:
            asyncio.run(journeys.warm_up(side, plan.warm_up))
        for part, make in parts.items():
            outcome = _in_turns(sides, make, _long_enough(part, plan))
            if part == "journey":
                for side in sides:
                    outcome.sides[side.name] |= asyncio.run(journeys.statements(side))
            keep(part, outcome)


def _long_enough(part: str, plan: Plan) -> Plan:
    return replace(plan, rounds=1, tries=1) if part in ONCE else plan


def _measure_queue(store: str, plan: Plan, keep: Keep) -> None:
    with product(store, 2 * AT_ONCE * plan.spare + plan.warm_up, STARTS_PER_MINUTE="1") as side:
        keep("queue", _in_turns([side], partial(crowds.queue, plan), plan))


def _measure_board(store: str, plan: Plan, size: int, keep: Keep) -> None:
    with boards.sides(store, plan, size) as sides:
        keep(f"standings.{size}", _in_turns(sides, partial(boards.standings, plan), plan))


def _measure_exchange(store: str, plan: Plan, keep: Keep) -> None:
    keep("exchange", Outcome({"product": exchange.exchange(store, plan)}))


def _in_turns(sides: Sequence[Side], make: Make, plan: Plan) -> Outcome:
    failures = Failures()
    return in_turns(sides, make(failures), failures, rounds=plan.rounds, tries=plan.tries)


def _served(plan: Plan) -> dict[str, dict[str, Make]]:
    """Return the sections that the demonstration serves, with the parts of each."""
    return {
        "journey": {"journey": partial(journeys.journey, plan)},
        "save": {"save": partial(journeys.save, plan)},
        "closed": {"closed": partial(journeys.closed, plan)},
        "storm": {f"storm.{weather.name}": partial(crowds.storm, plan, weather) for weather in plan.storms},
        "steady": {"steady": partial(crowds.steady, plan)},
        "mass": {"mass": partial(crowds.mass, plan)},
    }


def _people(parts: Collection[str], plan: Plan) -> int:
    """Return how many people parts of a section need on each side at most."""
    each = {"journey": plan.people, "save": 2 * AT_ONCE, "closed": plan.journeys, "steady": plan.takers,
            "mass": plan.submissions}  # fmt: skip
    each |= {f"storm.{w.name}": int(w.rate * w.seconds * 1.2) + 100 + plan.savers for w in plan.storms}
    return plan.warm_up + journeys.COUNTED + sum(each[part] * _long_enough(part, plan).spare for part in parts)


@contextmanager
def _both(store: str, people: int, results: int, pace: int | None) -> Iterator[list[Side]]:
    fill = partial(load_demonstration, results=results)
    serve = partial(product, STARTS_PER_MINUTE=str(pace)) if pace else product
    with ExitStack() as stack:
        yield [
            stack.enter_context(floor(store, people, results=results)),
            stack.enter_context(serve(store, people, fill=fill)),
        ]
