"""A start at which all come at once, a long time of saving, and an end at which all hand in."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from bench import load
from bench.compare.journeys import close, steps
from bench.compare.plan import AT_ONCE, QUEUES_FOR, Plan, Storm
from bench.compare.running import Failures, Found, Run, Watch, cost, lost_of, spread, under
from bench.load import Tally, evenly
from bench.participants import SIGNED_IN, STARTED, Participant, Step
from bench.sites import Side
from bench.wire import Later

Act = Callable[[], Awaitable[object]]
SEED = 1930
LOOK_FORWARD = 0.5  # seconds until the first is due
SAVES_BEFORE = 5


def storm(plan: Plan, weather: Storm, failures: Failures) -> Run:
    """Some save steadily, first alone and then while many start; every wait counts from when it was due."""

    async def run(side: Side, watch: Watch) -> Found:
        instants = list(evenly(weather.rate, weather.seconds, SEED))
        savers, starters = side.take(plan.savers), side.take(len(instants))
        prepared, calm, stormy = Tally(), Tally(), Tally()
        await load.phase(savers, steps(*STARTED), AT_ONCE, prepared)
        late = set(range(0, len(starters), round(1 / weather.passwords))) if weather.passwords else set()
        early = [person for n, person in enumerate(starters) if n not in late]
        there = [*steps(*SIGNED_IN), *([Step("come", "come")] if weather.wait else [])]
        await load.phase(early, there, AT_ONCE, prepared)
        close(early)
        await _save_steadily(savers, plan.save_rate, plan.calm_seconds, calm)
        begin = time.perf_counter() + LOOK_FORWARD
        leaves_at = begin + weather.seconds + QUEUES_FOR
        before = watch.read()
        await asyncio.gather(
            _save_steadily(savers, plan.save_rate, weather.seconds + LOOK_FORWARD, stormy),
            load.arrive(
                (begin + at for at in instants),
                lambda n, due: _come_and_start(
                    starters[n], due, n in late, weather.wait and n not in late, leaves_at, stormy
                ),
            ),
        )
        took = time.perf_counter() - begin
        spent = cost(await watch.since(before), len(instants))
        lost = await lost_of(savers, stormy)
        close(savers)
        found = {**under("calm.save", spread(calm, "save")), **under("storm.save", spread(stormy, "save"))}
        for what in ("sign_in", "press", "start", "whole", "queue"):
            found |= under(what, spread(stormy, what))
        for tally in (prepared, calm, stormy):
            failures.keep(side, tally)
        again = {"again": len(stormy.waits["again"])}
        queued, left = len(stormy.waits["queue"]), len(stormy.waits["left"])
        counted = {"arrivals": len(instants), "queued": queued + left, "left": left, "took": took, "cpu": spent["cpu"]}
        errors = prepared.errors + calm.errors + stormy.errors
        return {**found, **counted, **again, "errors": errors, "lost": lost}

    return run


async def _save_steadily(people: Sequence[Participant], rate: float, seconds: float, tally: Tally) -> None:
    """Let people save at so many a second, each in turn; one browser sends one save after the other, as the page does."""
    locks = [asyncio.Lock() for _ in people]
    begin = time.perf_counter()

    async def act(number: int, due: float) -> None:
        person = number % len(people)
        async with locks[person]:
            await tally.do("save", people[person].save, due)

    await load.arrive((begin + at for at in evenly(rate, seconds, SEED + 1)), act)


async def _come_and_start(
    person: Participant, due: float, signs_in: bool, is_there: bool, leaves_at: float, tally: Tally
) -> None:
    """Let somebody come when they are due, sign in unless they have, press the button, wait their turn, read the paper.

    `start` is a press with the paper it leads to, `whole` all of it from when they were due, `queue` included. Whoever
    still queues when it is time to leave is noted under `left`.
    """

    async def do(what: str, act: Act, since: float | None = None) -> bool:
        return await tally.do(what, lambda: _patiently(act, leaves_at, tally), since)

    if signs_in and not (await do("sign_in_page", person.sign_in_page, due) and await do("sign_in", person.sign_in)):
        return person.close()
    if is_there or await do("come", person.come, None if signs_in else due):
        is_in = await _press(person, leaves_at, tally, due if is_there else None)
        if is_in is False:
            is_in = await _queue_and_press(person, leaves_at, tally)
        if is_in:
            tally.waits["whole"].append(time.perf_counter() - due)
    return person.close()


async def _patiently(act: Act, leaves_at: float, tally: Tally) -> None:
    """Do something, and come again for as long as one is asked to."""
    while True:
        try:
            await act()
            return
        except Later as later:
            if time.perf_counter() > leaves_at:
                raise
            tally.waits["again"].append(later.seconds)
            await asyncio.sleep(later.seconds)


async def _queue_and_press(person: Participant, leaves_at: float, tally: Tally) -> bool | None:
    has_turn = False
    asked = time.perf_counter()

    async def wait() -> None:
        nonlocal has_turn
        has_turn = await _wait_for_turn(person, leaves_at)

    if not await tally.do("look", wait):
        return None
    tally.waits["queue" if has_turn else "left"].append(time.perf_counter() - asked)
    if not has_turn:
        return None
    is_in = await _press(person, leaves_at, tally)
    tally.failed["press"] += is_in is False  # a second place for whoever had their turn
    return is_in


async def _press(person: Participant, leaves_at: float, tally: Tally, due: float | None = None) -> bool | None:
    """Press the button and read the paper; false for a place in the queue, None for a failure.

    A press that led into the queue is noted as `press`, one with the paper that it led to as `start` too.
    """
    is_in = False

    async def press() -> None:
        nonlocal is_in
        is_in = await person.ask_to_start()

    begun = time.perf_counter() if due is None else due
    if not await tally.do("press", lambda: _patiently(press, leaves_at, tally), begun):
        return None
    if is_in and not await tally.do("paper", lambda: _patiently(person.read_paper, leaves_at, tally)):
        return None
    if is_in:
        tally.waits["start"].append(time.perf_counter() - begun)
    return is_in


async def _wait_for_turn(person: Participant, until: float) -> bool:
    """Look at one's place as often as one is told to, until it is one's turn; false when it is not by then."""
    while True:
        try:
            place = await person.look_at_place()
        except Later as later:
            again = later.seconds
        else:
            if place["stage"] == "admitted":
                return True
            again = float(place["again"])
        person.close()  # as nobody keeps a connection that long
        if time.perf_counter() > until:
            return False
        await asyncio.sleep(again)


def steady(plan: Plan, failures: Failures) -> Run:
    """Many have a paper open and save now and then, for long."""

    async def run(side: Side, watch: Watch) -> Found:
        people, prepared, tally = side.take(plan.takers), Tally(), Tally()
        await load.phase(people, steps(*STARTED), AT_ONCE, prepared)
        before = watch.read()
        await _save_steadily(people, plan.take_rate, plan.take_seconds, tally)
        count = len(tally.waits["save"])
        found = {**cost(await watch.since(before), count), **spread(tally, "save"), "saves": count}
        lost = await lost_of(people, tally)
        close(people)
        failures.keep(side, prepared)
        failures.keep(side, tally)
        return {**found, "people": len(people), "errors": prepared.errors + tally.errors, "lost": lost}

    return run


def queue(plan: Plan, failures: Failures) -> Run:
    """People who wait for their turn look at their places without a pause."""

    async def run(side: Side, watch: Watch) -> Found:
        people, prepared, tally = side.take(2 * AT_ONCE), Tally(), Tally()
        await load.phase(people, [*steps(*SIGNED_IN), Step("come", "come"), Step("ask_to_start", "ask")], 1, prepared)
        waiting = people[1:]  # the first of all was let in
        before = watch.read()
        await load.repeat(waiting, "look_at_place", AT_ONCE, plan.save_seconds, tally)
        count = len(tally.waits["look_at_place"])
        found = {**cost(await watch.since(before), count), **spread(tally, "look_at_place"), "looks": count}
        close(people)
        failures.keep(side, prepared)
        failures.keep(side, tally)
        return {**found, "errors": tally.errors + prepared.errors, "lost": 0}

    return run


def mass(plan: Plan, failures: Failures) -> Run:
    """Many hand in within some seconds, as at the close of a round."""

    async def run(side: Side, watch: Watch) -> Found:
        people, prepared, tally = side.take(plan.submissions), Tally(), Tally()
        await load.phase(people, steps(*STARTED), AT_ONCE, prepared)
        await load.phase(people, [Step("save", "save", SAVES_BEFORE)], AT_ONCE, prepared)
        close(people)
        begin = time.perf_counter() + LOOK_FORWARD
        rate = plan.submissions / plan.submission_seconds
        before = watch.read()
        await load.arrive(
            (begin + n / rate for n in range(len(people))),
            lambda n, due: tally.do("submit", people[n].submit, due),
        )
        took = time.perf_counter() - begin
        spent = cost(await watch.since(before), len(people))
        lost = await lost_of(people, tally)
        close(people)
        failures.keep(side, prepared)
        failures.keep(side, tally)
        errors = prepared.errors + tally.errors
        return {**spread(tally, "submit"), **spent, "took": took, "people": len(people), "errors": errors, "lost": lost}

    return run
