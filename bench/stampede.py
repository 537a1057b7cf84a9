"""A stampede of starts: within a minute everybody presses the button, and what each of them waits for.

.venv/bin/python -m bench.stampede [--database sqlite|postgresql] [--people 3000] [--seconds 60] [--rate 6000]

Each person comes at an instant drawn before, whatever the server does meanwhile, and is timed from that instant: a server
that falls behind is seen to. Beyond `--rate` starts a minute they queue, look at their place as often as they are told to,
and start when it is their turn.
"""

import argparse
import heapq
import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from bench.journey import AT_ONCE, site
from bench.processes import cpu_of
from bench.visitor import Unexpected, Visitor

THREADS = 64
SEED = 1930


@dataclass
class Person:
    """One who comes at an instant of the monotonic clock; `told` is the wait they were told at first, in seconds."""

    visitor: Visitor
    comes_at: float
    waits: dict[str, list[float]] = field(default_factory=dict)
    told: float | None = None
    is_let_in: bool = False
    waited: float = 0.0
    fault: str = ""

    def timed(self, what: str, due: float, step: Callable[[], object]) -> object:
        """Do a step that was due at an instant, and note how long after it the answer was there."""
        found = step()
        self.waits.setdefault(what, []).append(time.monotonic() - due)
        return found

    def go_on(self, due: float) -> float | None:
        """Do what is due now and return when the next thing is; None at the end."""
        try:
            return self._go_on(due)
        except (Unexpected, OSError) as fault:
            self.fault = f"{self.visitor.member}: {fault!r}"
            return None
        finally:
            self.visitor.close()

    def _go_on(self, due: float) -> float | None:
        if self.told is None or self.is_let_in:
            if self.timed("start", due, self.visitor.ask_to_start):
                self.waited = due - self.comes_at
                self.timed("paper", time.monotonic(), self.visitor.read_paper)
                return None
            self.is_let_in = False
        place = self.visitor.look_at_place()
        if self.told is None:
            self.told = float(place["seconds"])
        self.is_let_in = place["stage"] == "admitted"
        return time.monotonic() + (0 if self.is_let_in else float(place["again"]))


def crowd(address: str, people: int, seconds: float) -> list[Person]:
    """Sign everybody in, let them read the page with the button, and draw when each presses it."""
    rng, visitors = random.Random(SEED), [Visitor(address, n + 1) for n in range(people)]

    def arrive(visitor: Visitor) -> None:
        for step in (visitor.sign_in_page, visitor.sign_in, visitor.come, visitor.close):
            step()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(arrive, visitors))
    begin = time.monotonic() + 1
    return [Person(visitor, begin + rng.uniform(0, seconds)) for visitor in visitors]


def play(persons: list[Person]) -> None:
    """Let everybody do what is due when it is due."""
    due = [(person.comes_at, n) for n, person in enumerate(persons)]
    heapq.heapify(due)
    running: dict[Future[float | None], int] = {}
    with ThreadPoolExecutor(THREADS) as pool:
        while due or running:
            while due and due[0][0] <= time.monotonic():
                at, n = heapq.heappop(due)
                running[pool.submit(persons[n].go_on, at)] = n
            pause = min(0.05, max(0.0, due[0][0] - time.monotonic())) if due else 0.05
            if not running:
                time.sleep(pause)
                continue
            for future in wait(running, pause, FIRST_COMPLETED).done:
                n = running.pop(future)
                if (again := future.result()) is not None:
                    heapq.heappush(due, (again, n))


def lines(persons: list[Person]) -> Iterator[str]:
    """Yield what is told of it."""
    for what in ("start", "paper"):
        took = [t * 1000 for person in persons for t in person.waits.get(what, [])]
        yield f"{what}: {len(took)} answers, {_spread(took)} ms" if took else f"{what}: none"
    queued = [person for person in persons if person.told is not None and not person.fault]
    if queued:
        longer = [person.waited - (person.told or 0) for person in queued]
        yield f"queue: {len(queued)} people, {_spread([person.waited for person in queued])} s"
        yield f"than they were told at first it took {_spread(longer)} s longer"


def _spread(values: list[float]) -> str:
    found, last = sorted(values), len(values) - 1
    return f"half up to {found[last // 2]:.0f}, 95 % up to {found[int(last * 0.95)]:.0f}, all up to {found[last]:.0f}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.stampede", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="postgresql")
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=int, default=6000, help="starts a minute")
    options = parser.parse_args()
    with site(options.database, options.people, STARTS_PER_MINUTE=str(options.rate)) as address:
        persons = crowd(address, options.people, options.seconds)
        before = cpu_of("contest.serve")
        play(persons)
        spent = cpu_of("contest.serve") - before
    faults = [person.fault for person in persons if person.fault]
    print(*lines(persons), sep="\n")
    print(f"server {spent * 1000 / options.people:.1f} ms of CPU a person; {len(faults)} faults", *faults[:5], sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
