"""Standings of growing rounds: a page with one's own place, and the board of units, calm and while people hand in."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

from bench import crowd, load
from bench.compare.crowds import LOOK_FORWARD, SEED
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
    people = 20 + plan.spare * (BOARD_READERS + 2 + int(plan.board_submissions * plan.board_seconds))
    sized = SIZED if store == "postgresql" else {}

    def fill(environ: Mapping[str, str], newcomers: int) -> Sequence[int]:
        flask(environ, "db", "upgrade")
        command = [sys.executable, "-m", "bench.compare.filling", str(size), str(newcomers)]
        subprocess.run(command, cwd=config.ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)
        return range(1, newcomers + 1)

    with ExitStack() as stack:
        yield [
            stack.enter_context(floor(store, people, results=size, sized=sized)),
            stack.enter_context(product(store, people, fill=fill, person=_person, sized=sized)),
        ]


def standings(plan: Plan, failures: Failures) -> Run:
    """People with a result read boards, first without a pause, then now and then while many hand in."""

    async def run(side: Side, watch: Watch) -> Found:
        prepared, found, errors = Tally(), Found(), 0
        readers = side.take(BOARD_READERS)
        await _sit(readers, prepared)
        await load.phase(readers, steps("submit"), BOARD_AT_ONCE, prepared)
        pages = [name for name in PAGES if hasattr(readers[0], name)]
        for page in pages:
            calm = Tally()
            await load.phase(readers, [Step(page, page)], BOARD_AT_ONCE, Tally())  # what is cached for all is made once
            before = watch.read()
            await load.repeat(readers, page, BOARD_AT_ONCE, plan.board_seconds, calm)
            found |= under(page, cost(await watch.since(before), len(calm.waits[page])) | spread(calm, page))
            errors += calm.errors
            failures.keep(side, calm)
        busy = await _busy(side, readers, pages, plan, prepared)
        for what in (*pages, "submit"):
            found |= under(f"{what}.busy", spread(busy, what))
        errors += busy.errors
        failures.keep(side, busy)
        lost = await lost_of(readers, prepared)
        close(readers)
        failures.keep(side, prepared)
        return {**found, "errors": errors + prepared.errors, "lost": lost}

    return run


async def _busy(side: Side, readers: list[Participant], pages: list[str], plan: Plan, prepared: Tally) -> Tally:
    """Let people hand in at a rate and others look at each board at a lower one, all counted from when they were due."""
    others = side.take(int(plan.board_submissions * plan.board_seconds))
    await _sit(others, prepared)
    tally = Tally()
    locks = [asyncio.Lock() for _ in readers]  # one browser asks for one page after the other

    async def look(number: int, due: float) -> None:
        page = pages[number % len(pages)]
        async with locks[number % len(readers)]:
            await tally.do(page, getattr(readers[number % len(readers)], page), due)

    async def hand_in(number: int, due: float) -> None:
        await tally.do("submit", others[number].submit, due)
        others[number].close()

    begin = time.perf_counter() + LOOK_FORWARD
    looks = load.evenly(plan.board_looks * len(pages), plan.board_seconds, SEED)
    await asyncio.gather(
        load.arrive((begin + n / plan.board_submissions for n in range(len(others))), hand_in),
        load.arrive((begin + at for at in looks), look),
    )
    return tally


async def _sit(people: list[Participant], tally: Tally) -> None:
    await load.phase(people, [*steps(*STARTED), Step("save", "save", ANSWERED)], BOARD_AT_ONCE, tally)
