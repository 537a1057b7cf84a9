"""Standings of growing rounds: a page with one's own place, and the board of units, calm and while people hand in."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial

from bench import crowd, load
from bench.compare.journeys import close, steps
from bench.compare.plan import BOARD_AT_ONCE, BOARD_READERS, Plan
from bench.compare.running import Failures, Found, Run, Watch, cost, lost_of, spread, under
from bench.load import Tally
from bench.participants import STARTED, Member, Participant, Step
from bench.sites import SIZED, Side, flask, floor, product
from contest import config

ANSWERED = 5  # questions, before somebody hands in
PAGES = ("standings", "unit_board")
_person = partial(Member, contest=crowd.SLUG, code=crowd.NEWCOMER, questions=crowd.QUESTIONS)


@contextmanager
def sides(store: str, plan: Plan, size: int) -> Iterator[list[Side]]:
    """Serve both sides with so many results, and as many people as will hand in and look."""
    people = 20 + plan.spare * (BOARD_READERS + 2 + int(plan.board_submissions * plan.board_seconds * 2 * len(PAGES)))
    sized = SIZED if store == "postgresql" else {}

    def fill(environ: Mapping[str, str], newcomers: int) -> None:
        flask(environ, "db", "upgrade")
        command = [sys.executable, "-m", "bench.compare.filling", str(size), str(newcomers)]
        subprocess.run(command, cwd=config.ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)

    with ExitStack() as stack:
        yield [
            stack.enter_context(floor(store, people, results=size, sized=sized)),
            stack.enter_context(product(store, people, fill=fill, person=_person, sized=sized)),
        ]


def standings(plan: Plan, failures: Failures) -> Run:
    """People with a result read boards without a pause; then the same while others hand in."""

    async def run(side: Side, watch: Watch) -> Found:
        prepared, found, errors = Tally(), Found(), 0
        readers = side.take(BOARD_READERS)
        await _sit(readers, prepared)
        await load.phase(readers, steps("submit"), BOARD_AT_ONCE, prepared)
        for page in (name for name in PAGES if hasattr(readers[0], name)):
            calm, busy = Tally(), Tally()
            await load.phase(readers, [Step(page, page)], BOARD_AT_ONCE, Tally())  # what is cached for all is made once
            before = watch.read()
            await load.repeat(readers, page, BOARD_AT_ONCE, plan.board_seconds, calm)
            found |= under(page, cost(await watch.since(before), len(calm.waits[page])) | spread(calm, page))
            rate = plan.board_submissions
            others = side.take(int(rate * plan.board_seconds))
            await _sit(others, prepared)
            begin = time.perf_counter()
            await asyncio.gather(
                load.repeat(readers, page, BOARD_AT_ONCE, plan.board_seconds, busy),
                _hand_in(others, [begin + n / rate for n in range(len(others))], busy),
            )
            found |= under(f"{page}.busy", spread(busy, page)) | under("submit.busy", spread(busy, "submit"))
            errors += calm.errors + busy.errors
            for tally in (calm, busy):
                failures.keep(side, tally)
        lost = await lost_of(readers, prepared)
        close(readers)
        failures.keep(side, prepared)
        return {**found, "errors": errors + prepared.errors, "lost": lost}

    return run


async def _sit(people: list[Participant], tally: Tally) -> None:
    await load.phase(people, [*steps(*STARTED), Step("save", "save", ANSWERED)], BOARD_AT_ONCE, tally)


async def _hand_in(people: list[Participant], instants: list[float], tally: Tally) -> None:
    async def act(number: int, due: float) -> None:
        await tally.do("submit", people[number].submit, due)
        people[number].close()

    await load.arrive(instants, act)
