"""The load: what fails is counted, arrivals keep their instants, and the browser reads answers as they come."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bench import load
from bench.compare.running import Failures, Watch, in_turns, median
from bench.load import Tally, evenly, percentile
from bench.participants import Guest, Member, Participant, Step
from bench.processes import Spent
from bench.sites import Side
from bench.wire import Answer, Broken, Browser, Unexpected

STEPS = (Step("first", "first"), Step("second", "second", 2))


def aside(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call in a thread of its own: in that of the tests a browser's event loop may be running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *arguments).result()


class Person:
    """Somebody whose second step may fail."""

    def __init__(self, fails: bool = False) -> None:
        self.fails, self.did = fails, list[str]()

    async def first(self) -> None:
        await asyncio.sleep(0)
        self.did.append("first")

    async def second(self) -> None:
        await asyncio.sleep(0)
        self.did.append("second")
        if self.fails:
            raise Unexpected("500")

    def close(self) -> None:
        self.did.append("close")


@pytest.mark.parametrize("percent, value", [(1, 1), (50, 2), (51, 3), (75, 3), (76, 4), (100, 4)])
def test_percentile(percent: float, value: float) -> None:
    assert percentile([4, 2, 1, 3], percent) == value
    assert percentile([], percent) is None


def test_median_of_runs_sums_what_went_wrong() -> None:
    runs = [{"cpu": 1.0, "errors": 1}, {"cpu": 9.0, "errors": 2}, {"cpu": 2.0, "errors": 0, "extra": 4.0}]
    assert median(runs) == {"cpu": 2.0, "errors": 3, "extra": 4.0}


def test_evenly_is_the_same_for_a_seed_and_keeps_the_rate() -> None:
    found = list(evenly(100, 20, 1))
    assert found == list(evenly(100, 20, 1))
    assert len(found) == pytest.approx(2000, rel=0.1)
    assert 0 < found[0] < found[-1] < 20


def test_journeys_count_whoever_came_through_and_what_failed() -> None:
    people: Any = [Person(), Person(fails=True), Person(), Person()]
    tally = Tally()
    assert aside(asyncio.run, load.journeys(people, STEPS, 2, tally)) == 3
    assert (tally.errors, dict(tally.failed)) == (1, {"second": 1})
    assert tally.first == {"second": "Unexpected('500')"}
    assert (len(tally.waits["first"]), len(tally.waits["second"])) == (4, 6)
    assert people[1].did == ["first", "second", "close"]


def test_arrivals_begin_at_their_instants_whatever_those_before_do() -> None:
    begun: list[float] = []

    async def act(_number: int, due: float) -> None:
        begun.append(time.perf_counter() - due)
        await asyncio.sleep(0.05)

    async def run() -> None:
        now = time.perf_counter()
        await load.arrive([now + 0.01 * n for n in range(5)], act)

    aside(asyncio.run, run())
    assert len(begun) == 5
    assert all(0 <= late < 0.04 for late in begun)  # none waited for the one before, which takes longer


def test_a_wait_counts_from_when_it_was_due() -> None:
    tally = Tally()
    aside(asyncio.run, tally.do("x", lambda: asyncio.sleep(0), time.perf_counter() - 1))
    assert tally.ms("x", 50) == pytest.approx(1000, abs=100)


def runs_of(shares: dict[str, list[float]], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[str]]:
    """Run two sides whose runs are disturbed by given shares, one after the other."""
    order: list[str] = []
    left = {name: iter(values) for name, values in shares.items()}

    async def run(side: Side, _watch: Watch) -> dict[str, float]:
        order.append(side.name)
        return {"run": float(order.count(side.name)), "errors": 0}

    def spent(*_: object) -> Spent:
        return Spent({}, 0.0, 0.0, 0.0)

    monkeypatch.setattr("bench.compare.running.between", spent)
    monkeypatch.setattr(Spent, "disturbance", lambda _self, _capacity: next(left[order[-1]]))
    sides = [Side(name, "", {}, Guest, range(1, 10), {}) for name in shares]
    return aside(lambda: in_turns(sides, run, Failures(), rounds=2, tries=3)), order


def test_disturbed_runs_are_made_again_and_sides_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, order = runs_of({"floor": [0.01, 0.05], "product": [0.06, 0.0, 0.0]}, monkeypatch)
    assert order == ["floor", "product", "product", "product", "floor"]
    assert (outcome.discarded, outcome.disturbance) == (1, 0.05)
    assert outcome.sides["product"]["run"] == 2.5  # the second and the third


def test_the_least_disturbed_run_is_kept_where_none_was_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, _ = runs_of({"floor": [0.3, 0.1, 0.2, 0.0]}, monkeypatch)
    assert (outcome.discarded, outcome.disturbance) == (2, 0.1)
    assert outcome.sides["floor"]["run"] == 3.0  # the second and the fourth


def served(*answers: bytes, then_close: bool = False) -> Callable[[Callable[[Browser], Coroutine[Any, Any, Any]]], Any]:
    """Let a browser ask a server that gives each answer in turn, a few bytes at a time."""
    waiting = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while waiting:
            await reader.readuntil(b"\r\n\r\n")
            answer = waiting.pop(0)
            for n in range(0, len(answer), 7):
                writer.write(answer[n : n + 7])
                await writer.drain()
                await asyncio.sleep(0)
            if then_close:
                break
        writer.close()

    async def run(ask: Callable[[Browser], Coroutine[Any, Any, Any]]) -> Any:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            browser = Browser(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
            found = await ask(browser)
            browser.close()
        return found

    return lambda ask: aside(asyncio.run, run(ask))


PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: s=1; Path=/\r\nset-cookie: b=2\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"


def test_browser_reads_plain_and_chunked_answers_on_one_connection() -> None:
    async def ask(browser: Browser) -> Any:
        return [await browser.get("/a"), await browser.get("/b"), browser.cookies, browser.received]

    plain, chunked, cookies, received = served(PLAIN, CHUNKED)(ask)
    assert (plain.status, plain.body, plain.text) == (200, b"hello", "hello")
    assert (chunked.status, chunked.body) == (404, b"abcde")
    assert cookies == {"s": "1", "b": "2"}
    assert received == len(PLAIN) + len(CHUNKED)


def test_a_kept_connection_that_was_closed_is_opened_again() -> None:
    async def ask(browser: Browser) -> list[int]:
        return [(await browser.get("/a")).status, (await browser.get("/b")).status]

    assert served(PLAIN, CHUNKED, then_close=True)(ask) == [200, 404]


def test_an_answer_that_ends_within_is_a_failure() -> None:
    async def ask(browser: Browser) -> Tally:
        tally = Tally()
        await tally.do("x", lambda: browser.get("/"))
        return tally

    tally = served(PLAIN[:-2], then_close=True)(ask)
    assert tally.first == {"x": repr(Broken("the connection ended"))}


class Scripted(Browser):
    """A browser that shows one page whatever it is asked for."""

    def __init__(self, page: str) -> None:
        super().__init__("http://127.0.0.1:1")
        self._page = page

    async def ask(self, *_: Any) -> Answer:
        return Answer(200, {}, self._page.encode())


def lost(person: Participant, page: str) -> int:
    person.browser = Scripted(page)
    return aside(asyncio.run, person.lost())


SHOWN = '<input type="hidden" name="revision-1" value="{}"><input type="radio" name="response-1" value="{}" checked>'


@pytest.mark.parametrize("revision, value, count", [(2, "b", 0), (1, "b", 1), (2, "a", 1)])
def test_a_save_that_the_paper_shows_otherwise_is_lost(revision: int, value: str, count: int) -> None:
    member = Member("http://127.0.0.1:1", 1)
    member.acknowledged = {"1": (2, "b")}
    assert lost(member, SHOWN.format(revision, value)) == count


@pytest.mark.parametrize("counting, count", [(2, 0), (1, 1)])
def test_a_save_that_a_paper_handed_in_does_not_count_is_lost(counting: int, count: int) -> None:
    member = Member("http://127.0.0.1:1", 1)
    member.acknowledged, member.is_closed = {"1": (2, "b"), "prediction": (1, 7)}, True
    assert lost(member, "<td>Được tính</td>" * counting) == count


@pytest.mark.parametrize("revision, value, count", [(2, 3, 0), (1, 3, 1), (2, 0, 1)])
def test_a_save_that_the_floor_shows_otherwise_is_lost(revision: int, value: int, count: int) -> None:
    guest = Guest("http://127.0.0.1:1", 1)
    guest.acknowledged = {"1": (2, 3)}
    assert lost(guest, f'<section data-position=1 data-revision="{revision}" data-saved="{value}">') == count


def test_nobody_comes_twice() -> None:
    side = Side("floor", "http://127.0.0.1:1", {}, Guest, range(1, 4), {})
    assert [p.number for p in [*side.take(2), *side.take(1)]] == [1, 2, 3]
    with pytest.raises(ValueError, match="floor has no 1 people left"):
        side.take(1)
