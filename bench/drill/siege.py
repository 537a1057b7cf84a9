"""A siege: people take papers while strangers hold on to the server, before nginx and, to know what nginx is for, without it."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.drill.installation import Installation
from bench.drill.noticed import Noticed, noticed
from bench.faults import campaign
from bench.faults.site import ROOT

ALLOWED = 1000.0  # milliseconds for 95 of 100 saves


@dataclass(frozen=True, slots=True)
class Storm:
    """Who comes at once and for how long; `is_bare` is without nginx."""

    name: str
    seconds: float
    counts: Mapping[str, int]
    is_bare: bool = False


_SLOW = {"heads": 2000, "bodies": 500, "silent": 300, "readers": 50}
SHORT = (Storm("slow heads, bodies and readers, idle connections, a flood", 15, {**_SLOW, "idle": 1000, "flood": 2}),)
LONG = (
    Storm("nothing", 30, {}),
    Storm("2,000 slow heads", 300, {"heads": 2000}),
    Storm("1,000 bodies without end", 60, {"bodies": 1000}),
    Storm("200 readers who do not read", 60, {"readers": 200}),
    Storm("8,000 idle connections, 2,000 silent ones", 60, {"idle": 8000, "silent": 2000}),
    Storm("a flood from the address of everybody", 60, {"flood": 8}),
    Storm("all at once", 60, {**_SLOW, "idle": 2000, "flood": 4}),
    Storm("bare: nothing", 20, {}, is_bare=True),
    Storm("bare: 2,000 slow heads", 40, {"heads": 2000}, is_bare=True),
    Storm("bare: 500 bodies without end", 40, {"bodies": 500}, is_bare=True),
    Storm("bare: 50 readers who do not read", 40, {"readers": 50}, is_bare=True),
    Storm("bare: 8,000 idle connections", 40, {"idle": 8000}, is_bare=True),
)


def play(storms: Sequence[Storm], *, takers: int, store: str = "sqlite", keep: Path | None = None) -> list[Noticed]:
    """Let storms pass over an installation with nginx, and those that are bare over one without."""
    rows = []
    for is_bare in (False, True):
        if wanted := [storm for storm in storms if storm.is_bare is is_bare]:
            rows += _pass_over(wanted, takers, store, is_bare, keep)
    return rows


def _pass_over(storms: Sequence[Storm], takers: int, store: str, is_bare: bool, keep: Path | None) -> list[Noticed]:
    with tempfile.TemporaryDirectory(prefix="hoi-thi-siege-") as name:
        folder, left = Path(name), Path(name) / "left"
        left.mkdir()
        site = Installation(folder, store=store, is_bare=is_bare)
        plan = campaign.Plan(store, faults=0, saves=0, takers=takers, minutes=30)
        try:
            site.set_up()
            code = site.run("bench.faults.stage", "prepare", str(takers), str(plan.minutes))
            site.open()
            with campaign.takers(site, plan, code, left, left / "stop"):
                time.sleep(6)
                times = []
                for storm in storms:
                    begun = time.time()
                    with _strangers(site.address, storm) as told:
                        pass
                    times.append((storm.name, begun, time.time(), told["said"]))
        finally:
            site.close()
            if keep is not None:
                campaign.copy(folder, keep)
        return [noticed(left, *told) for told in times]


@contextmanager
def _strangers(address: str, storm: Storm) -> Any:
    """Run a storm in a process of its own, and wait until it is over."""
    told = {"said": ""}
    if not storm.counts:
        time.sleep(storm.seconds)
        yield told
        return
    numbers = [word for name, count in storm.counts.items() for word in (f"--{name}", str(count))]
    command = [sys.executable, "-m", "bench.strangers", address, "--seconds", str(storm.seconds), *numbers]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        yield told
        said, _ = process.communicate(timeout=storm.seconds + 60)
    told["said"] = said.strip().strip("{}").replace('"', "")
