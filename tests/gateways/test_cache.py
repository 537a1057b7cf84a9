"""What takes long to count: counted by one, seen by all others as it was before, and nobody else waits meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from contest import clock
from contest.errors import Crowded
from contest.gateways import cache, turns
from contest.gateways.cache import Cache


class Ticks:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> Ticks:
    found = Ticks()
    monkeypatch.setattr(clock, "ticks", found)
    monkeypatch.setattr(clock, "now", lambda: datetime.fromtimestamp(found.now, UTC))
    return found


class Slow:
    """Counts when it is let go on; `takes` is how long that seems to be."""

    def __init__(self, ticks: Ticks, takes: float = 0.0) -> None:
        self.ticks, self.takes = ticks, takes
        self.begun, self.goes = threading.Event(), threading.Event()
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        self.begun.set()
        assert self.goes.wait(30)
        self.ticks.now += self.takes
        return self.times


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as found:
        yield found


@pytest.mark.parametrize(
    ("takes", "lasts"), [(0.0, 5.0), (0.25, 5.0), (1.0, 20.0), (2.9, 58.0), (3.0, 60.0), (30.0, 60.0)]
)
def test_count_is_kept_twenty_times_as_long_as_it_took_between_bounds(ticks: Ticks, takes: float, lasts: float) -> None:
    kept, slow = Cache(), Slow(ticks, takes)
    slow.goes.set()
    assert kept.counted("key", 5.0, slow) == 1
    ticks.now += lasts - 0.01
    assert kept.counted("key", 5.0, slow) == 1
    ticks.now += 0.02
    assert kept.counted("key", 5.0, slow) == 2


def test_while_one_counts_others_see_what_was_counted_before(ticks: Ticks, pool: ThreadPoolExecutor) -> None:
    kept, slow = Cache(), Slow(ticks)
    slow.goes.set()
    assert kept.counted("key", 5.0, slow) == 1
    slow.goes.clear()
    slow.begun.clear()
    ticks.now += 6
    counting = pool.submit(kept.counted, "key", 5.0, slow)
    assert slow.begun.wait(30)
    assert [kept.counted("key", 5.0, slow) for _ in range(5)] == [1] * 5
    assert kept.counted("other", 5.0, lambda: 7) == 7
    slow.goes.set()
    assert counting.result(30) == 2
    assert (kept.counted("key", 5.0, slow), slow.times) == (2, 2)


def counted_once(ticks: Ticks, takes: float) -> tuple[Cache, Slow, list[Callable[[], object]]]:
    """Return what has counted, at once as there was nothing to show, and has just stopped being good; and what it leaves."""
    kept, slow, left = Cache(), Slow(ticks, takes=takes), list[Callable[[], object]]()
    kept.beside = left.append
    slow.goes.set()
    assert (kept.counted("key", 5.0, slow), left) == (1, [])
    ticks.now += max(5.0, 20 * takes) + 0.1
    return kept, slow, left


def test_what_takes_long_is_counted_beside_those_who_look(ticks: Ticks) -> None:
    kept, slow, left = counted_once(ticks, takes=1.0)
    assert [kept.counted("key", 5.0, slow) for _ in range(3)] == [1] * 3
    (count,) = left
    count()
    assert (kept.counted("key", 5.0, slow), slow.times) == (2, 2)
    ticks.now += 40.1  # nobody looked for a while: that is too old to be shown
    assert (kept.counted("key", 5.0, slow), len(left)) == (3, 1)


def test_what_is_counted_soon_is_counted_by_who_looks(ticks: Ticks) -> None:
    kept, slow, left = counted_once(ticks, takes=0.04)
    assert (kept.counted("key", 5.0, slow), left) == (2, [])


def test_what_could_not_be_counted_beside_is_counted_by_the_next(ticks: Ticks) -> None:
    kept, slow, left = counted_once(ticks, takes=1.0)
    assert kept.counted("key", 5.0, lambda: 1 // 0) == 1
    with pytest.raises(ZeroDivisionError):
        left.pop()()
    assert kept.counted("key", 5.0, slow) == 1
    left.pop()()
    assert kept.counted("key", 5.0, slow) == 2


def test_former_count_is_not_shown_for_ever(ticks: Ticks) -> None:
    kept, slow = Cache(), Slow(ticks)
    slow.goes.set()
    kept.counted("key", 5.0, slow)
    ticks.now += 5 + cache._FORMER - 0.01
    assert kept._get("counted:key") is not None
    ticks.now += 0.02
    assert kept._get("counted:key") is None


def test_those_who_come_first_wait_for_one_count(ticks: Ticks, pool: ThreadPoolExecutor) -> None:
    """No more of them than may wait; all others are asked to come again, and nobody waits for nothing."""
    kept, slow = Cache(), Slow(ticks)
    first = pool.submit(kept.counted, "key", 5.0, slow)
    assert slow.begun.wait(30)
    waiting = [pool.submit(kept.counted, "key", 5.0, slow) for _ in range(cache._WAITING)]
    until = time.monotonic() + 30
    while kept._waiting._value:
        assert time.monotonic() < until
        time.sleep(0.001)
    with pytest.raises(Crowded) as refused:
        kept.counted("key", 5.0, slow)
    assert (refused.value.refusal.slug, refused.value.refusal.params) == ("count-crowded", {"seconds": 3})
    slow.goes.set()
    assert [f.result(30) for f in (first, *waiting)] == [1] * (cache._WAITING + 1)
    assert slow.times == 1
    assert (kept._waiting._value, kept._counting) == (cache._WAITING, {})


def test_count_that_fails_leaves_the_next_to_count(ticks: Ticks) -> None:
    kept = Cache()
    with pytest.raises(ZeroDivisionError):
        kept.counted("key", 5.0, lambda: 1 // 0)
    assert kept.counted("key", 5.0, lambda: 3) == 3


def test_whoever_counts_holds_nobody_up(ticks: Ticks, pool: ThreadPoolExecutor) -> None:
    kept, slow = Cache(), Slow(ticks)

    def app(environ: dict[str, str], _: object) -> list[bytes]:
        return [str(kept.counted("key", 5.0, slow)).encode() if environ["PATH_INFO"] == "/board" else b"saved"]

    served = turns.Turns(app)
    counting = pool.submit(served, {"PATH_INFO": "/board"}, None)
    assert slow.begun.wait(30)
    assert pool.submit(served, {"PATH_INFO": "/save"}, None).result(10) == [b"saved"]
    slow.goes.set()
    assert counting.result(30) == [b"1"]
    assert pool.submit(served, {"PATH_INFO": "/save"}, None).result(10) == [b"saved"]
