"""Whose CPU is whose: a group with all below it, and what is nobody's of ours."""

import subprocess
import sys

import pytest

from bench.processes import Meter, Reading, below, between, pss_mb

TABLE = {1: (0, 1.0), 2: (1, 2.0), 3: (2, 4.0), 4: (1, 8.0)}


def test_below_are_all_descendants_and_none_that_have_ended() -> None:
    assert sorted(below([2, 9], TABLE)) == [2, 3]
    assert sorted(below([1], TABLE)) == [1, 2, 3, 4]


def test_what_is_nobodys_of_ours_is_foreign() -> None:
    before = Reading({"server": 1.0, "database": 1.0}, own=1.0, machine=10.0, stolen=0.5)
    after = Reading({"server": 4.0, "database": 2.0}, own=3.0, machine=20.0, stolen=0.7)
    spent = between(before, after)
    assert (dict(spent.groups), spent.own) == ({"server": 3.0, "database": 1.0}, 2.0)
    assert (spent.foreign, spent.stolen) == (4.0, pytest.approx(0.2))
    assert spent.disturbance(80.0) == 0.05


def test_a_child_that_works_is_read() -> None:
    burn = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass\nprint(); input()"
    process = subprocess.Popen([sys.executable, "-c", burn], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        meter = Meter({"child": [process.pid]})
        assert process.stdout is not None
        process.stdout.readline()
        assert meter.read().groups["child"] == pytest.approx(0.3, abs=0.15)
        assert 1 < pss_mb(process.pid) < 100
    finally:
        process.communicate(b"\n")
