"""The journey step by step, one save over and over, and journeys back to back."""

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import load
from bench.compare.plan import AT_ONCE, Plan
from bench.compare.running import Failures, Found, Run, Watch, cost, lost_of, spread, under
from bench.load import Tally, percentile
from bench.participants import JOURNEY, STARTED, Participant, Step
from bench.processes import pss_mb
from bench.sites import Side

COUNTED = 3  # people whose statements are counted
_STATEMENT = re.compile(
    r"LOG:  (?:statement|execute [^:]*): (?!BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)", re.IGNORECASE
)


def steps(*names: str) -> list[Step]:
    return [step for step in JOURNEY if step.name in names]


async def warm_up(side: Side, people: int) -> None:
    """Let a few people go all the way, so that every process has done what it does once in its life."""
    await load.journeys(side.take(people), JOURNEY, AT_ONCE, Tally())


def journey(plan: Plan, failures: Failures) -> Run:
    """Everybody does one step before anybody does the next: the CPU of each step, and its waiting."""

    async def run(side: Side, watch: Watch) -> Found:
        people, tally, total = side.take(plan.people), Tally(), {"server": 0.0, "database": 0.0, "cpu": 0.0}
        found: Found = {}
        lost = 0
        for step in JOURNEY:
            before = watch.read()
            await load.phase(people, [step], AT_ONCE, tally)
            spent = cost(await watch.since(before), plan.people * step.times)
            found |= under(step.name, {**spent, **spread(tally, step.name)})
            total = {name: value + spent[name] * step.times for name, value in total.items()}
            if step.name == "predict":
                lost = await lost_of(people, tally)
        lost += await lost_of(people, tally)
        close(people)
        failures.keep(side, tally)
        return {**found, **under("journey", total), "errors": tally.errors, "lost": lost}

    return run


async def statements(side: Side) -> Found:
    """Return how many statements each step sends, from the log of PostgreSQL, in a pass of its own that nobody times."""
    if side.cluster is None:
        return {}
    people, tally, found = side.take(COUNTED), Tally(), {}
    with standing_still(side.background), _logged(side):
        for step in JOURNEY:
            at = side.cluster.log.stat().st_size
            await load.phase(people, [step], 1, tally)
            with side.cluster.log.open(encoding="utf-8", errors="replace") as log:
                log.seek(at)
                sent = sum(bool(_STATEMENT.search(line)) for line in log)
            found[f"{step.name}.statements"] = sent / COUNTED / step.times
    close(people)
    return found


@contextmanager
def _logged(side: Side) -> Iterator[None]:
    """Let PostgreSQL write down every statement meanwhile."""
    assert side.cluster is not None
    for statement in ("ALTER SYSTEM SET log_statement = 'all'", "SELECT pg_reload_conf()"):
        side.cluster.run(statement)
    time.sleep(0.5)
    try:
        yield
    finally:
        for statement in ("ALTER SYSTEM RESET log_statement", "SELECT pg_reload_conf()"):
            side.cluster.run(statement)
        time.sleep(0.5)


@contextmanager
def standing_still(pids: list[int]) -> Iterator[None]:
    """Stop processes meanwhile."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def save(plan: Plan, failures: Failures) -> Run:
    """A few people save without a pause: what one save costs, and how long it takes."""

    async def run(side: Side, watch: Watch) -> Found:
        people, tally, prepared = side.take(2 * AT_ONCE), Tally(), Tally()
        await load.phase(people, steps(*STARTED), AT_ONCE, prepared)
        before, begun = watch.read(), time.perf_counter()
        await load.repeat(people, "save", AT_ONCE, plan.save_seconds, tally)
        took, count = time.perf_counter() - begun, len(tally.waits["save"])
        found = {**cost(await watch.since(before), count), **spread(tally, "save"), "rate": count / took}
        lost = await lost_of(people, tally)
        close(people)
        failures.keep(side, prepared)
        failures.keep(side, tally)
        return {**found, "errors": tally.errors + prepared.errors, "lost": lost}

    return run


def closed(plan: Plan, failures: Failures) -> Run:
    """Whole journeys back to back: how many a second, and what they leave in memory and on the disk."""

    async def run(side: Side, watch: Watch) -> Found:
        people, tally, size = side.take(plan.journeys), Tally(), side.data_mb()
        before, begun = watch.read(), time.perf_counter()
        through = await load.journeys(people, JOURNEY, AT_ONCE, tally)
        took = time.perf_counter() - begun
        found = {"rate": through / took, **cost(await watch.since(before), through)}
        waits = [wait for step in JOURNEY for wait in tally.waits[step.name]]
        found |= {f"request.p{p}": (percentile(waits, p) or 0) * 1000 for p in (50, 99)}
        found |= under("save", spread(tally, "save"))
        found |= {"disk_kb": (side.data_mb() - size) * 1000 / plan.journeys}
        found |= {"received_kb": sum(person.browser.received for person in people) / 1000 / plan.journeys}
        lost = await lost_of(people, tally)
        close(people)
        failures.keep(side, tally)
        sizes = [pss_mb(pid) for pid in side.web_processes]
        found |= {"processes": len(sizes), "pss": sum(sizes) / max(1, len(sizes))}
        return {**found, "errors": tally.errors, "lost": lost}

    return run


def close(people: list[Participant]) -> None:
    for person in people:
        person.close()
