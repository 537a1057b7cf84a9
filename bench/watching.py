"""Work in a child that can be lost: it is watched from outside, so that neither a crash nor a hang ends the whole."""

import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

T = TypeVar("T")

_CONTEXT = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What became of one piece of work: what it gave, or how the child was lost over it; and the seconds that it took."""

    number: int
    found: T | None
    lost: str
    took: float


def each(work: Callable[[int], T], count: int, *, seconds: float, memory_mb: int) -> Iterator[Outcome[T]]:
    """Yield what `work` gives for every number below `count`, in order, from one child until it is lost, then from another.

    A child that takes longer than `seconds` over one number is killed; what lies beyond `memory_mb` it does not get.
    """
    number = 0
    while number < count:
        for outcome in _life(work, number, count, seconds, memory_mb):
            yield outcome
            number = outcome.number + 1


def _life(work: Callable[[int], T], start: int, count: int, seconds: float, memory_mb: int) -> Iterator[Outcome[T]]:
    ours, theirs = _CONTEXT.Pipe(duplex=False)
    child = _CONTEXT.Process(target=_work, args=(work, range(start, count), theirs, memory_mb), daemon=True)
    child.start()
    theirs.close()
    for number in range(start, count):
        begun = time.perf_counter()
        try:
            if not ours.poll(seconds):
                os.kill(child.pid or 0, signal.SIGKILL)
                lost = f"took longer than {seconds:.0f} s"
            else:
                yield Outcome(number, *ours.recv())
                continue
        except EOFError:
            child.join()
            lost = f"the reader ended with {child.exitcode}"
        yield Outcome(number, None, lost, time.perf_counter() - begun)
        break
    ours.close()
    child.join()


def _work(work: Callable[[int], T], numbers: range, pipe: Connection, memory_mb: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in numbers:
        begun = time.perf_counter()
        found = work(number)
        pipe.send((found, "", time.perf_counter() - begun))
