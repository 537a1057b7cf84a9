"""What a contest needs: on both sides of each core and machine, and what a comparison has to say for it."""

from dataclasses import replace
from math import log

import pytest

from bench.capacity import needs
from bench.capacity.needs import (
    THREE_WEEKS,
    WEEK,
    Contest,
    bearable,
    cores,
    looks_of,
    machines,
    need,
    need_at_once,
    read,
    starts_per_minute,
)
from bench.capacity.opening import Installation, look_again
from tests.bench.recorded import RESULTS

MEASURED = read(RESULTS)


@pytest.mark.parametrize("work, wanted", [(0.0, 1), (0.6, 1), (0.61, 2), (6.0, 10), (6.01, 11)])
def test_a_core_is_busy_for_no_more_than_it_may_be(work: float, wanted: int) -> None:
    assert cores(work) == wanted


@pytest.mark.parametrize("wanted, count", [(1, 1), (8, 1), (9, 2), (16, 2), (17, 3)])
def test_machines_of_eight(wanted: int, count: int) -> None:
    assert machines(wanted, 8) == count


def test_the_busiest_minute_has_its_share_of_all() -> None:
    contest = Contest("", 36_000, 1, day_share=0.5, hour_share=0.2)
    assert contest.journeys_a_second == pytest.approx(36_000 * 1.3 * 0.5 * 0.2 / 3600 * 2)


def test_what_is_measured_is_read() -> None:
    assert MEASURED.start == (0.05, 0.01)
    assert MEASURED.look == (0.004, 0.001)
    assert MEASURED.password == pytest.approx(0.02)
    assert (MEASURED.received_kb, MEASURED.disk_kb, MEASURED.process_mb) == (400.0, 12.0, 120.0)
    web, database = MEASURED.journey
    assert web == pytest.approx(0.002 + 0.032 + 0.05 + 20 * 0.001 + 0.001 + 0.01 + 0.006 + 7 * 0.015)
    assert database == pytest.approx(0.0 + 0.002 + 0.01 + 20 * 0.0005 + 0.0005 + 0.002 + 0.001 + 7 * 0.004)


def test_a_password_is_counted_once() -> None:
    assert MEASURED.costs.sign_in == (pytest.approx(0.032 - 0.02 + 0.002), 0.002)


@pytest.mark.parametrize("lack", ["journey", "closed", "queue"])
def test_a_comparison_that_lacks_a_section_is_refused(lack: str) -> None:
    store = {name: part for name, part in RESULTS["stores"]["postgresql"].items() if name != lack}
    with pytest.raises(KeyError, match=lack):
        read({**RESULTS, "stores": {"postgresql": store}})


def test_a_contest_needs_more_the_more_come() -> None:
    week, weeks = need(WEEK, MEASURED), need(THREE_WEEKS, MEASURED)
    assert week.web_cores == cores(WEEK.journeys_a_second * MEASURED.journey[0])
    assert week.saves == week.journeys * 21
    assert week.web_machines == machines(week.web_cores, needs.WEB_MACHINE) + 1
    assert week.connections == week.web_cores * needs.CONNECTIONS
    assert week.disk_gb == 3  # 85,000 × 1.3 × 12 kB × 2, in whole GB
    for name in ("web_cores", "disk_gb", "connections", "megabits", "journeys"):
        assert getattr(weeks, name) > getattr(week, name)


@pytest.mark.parametrize(
    "wait, looks", [(0, 0), (30, 10), (31, 10 + 10 * log(31 / 30)), (300, 10 + 10 * log(10)), (330, 11 + 10 * log(10))]
)
def test_looks_of_a_wait(wait: float, looks: float) -> None:
    assert looks_of(wait) == pytest.approx(looks)


def test_looks_are_those_of_the_simulated_opening() -> None:
    wait, at, count = 250.0, 0.0, 0
    while (at := at + look_again(wait - at)) < wait:
        count += 1
    assert looks_of(wait) == pytest.approx(count, rel=0.1)


def test_rate_of_starts_leaves_room_for_those_who_look() -> None:
    alone = starts_per_minute(8, 8, 0, MEASURED)
    assert alone == 6400
    rate = bearable(8 * 2 / 3, 5_000, 0.05, 0.004)
    assert rate * (0.05 + looks_of(5_000 / rate) * 0.004) == pytest.approx(8 * 2 / 3)
    assert starts_per_minute(8, 8, 5_000, MEASURED) == int(rate * 60) < alone


def test_a_quarter_is_for_starts_however_many_look() -> None:
    assert bearable(4.0, 10**6, 0.05, 0.004) == pytest.approx(4 / 0.05 / 4)


def test_the_narrower_of_web_and_database_rules() -> None:
    assert starts_per_minute(8, 1, 0, MEASURED) == 4000
    assert starts_per_minute(8, 8, 0, MEASURED) == 6400


def test_rate_of_starts_without_a_database_of_its_own() -> None:
    seconds = {name: (web, 0.0) for name, (web, _) in MEASURED.seconds.items()}
    assert starts_per_minute(8, 1, 0, replace(MEASURED, seconds=seconds, look=(0.004, 0.0))) == 6400


def test_an_opening_needs_the_wire_for_everybodys_files() -> None:
    found = need_at_once(6000, 60.0, Installation(8, 2, 4, 600), MEASURED)
    assert found.megabits == pytest.approx((100 * needs.FIRST_VISIT_KB + 10 * 400.0) * 8 / 1000)
    assert (found.web_cores, found.web_machines, found.database_cores) == (10, 3, 4)
