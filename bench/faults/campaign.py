"""One campaign: a site is opened, people take papers on it, faults are done to it, and what is left is counted."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

from bench.faults import checker
from bench.faults.faults import faults_of
from bench.faults.journal import Journal
from bench.faults.site import ROOT, Site
from bench.faults.takers import Browser

CALM = (1.0, 3.0)  # seconds between a fault that is over and the next
QUIET = (checker.FORGIVEN + 2, checker.FORGIVEN + 8)  # after every fifth: long enough for an error to have no excuse
TRIES, ALLOWED = 30, 10  # wrong passwords at once, and how many of them may be looked at
ENOUGH_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a campaign is: it ends once there were so many faults and so many acknowledged saves."""

    store: str
    faults: int
    saves: int
    takers: int
    minutes: int = 3  # of a paper
    seed: int = 19300203
    mutant: str = ""
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a campaign came to; `refused` is why the program would not even start."""

    counts: Mapping[str, int]
    first: list[str]
    looked_at: Mapping[str, int]
    seconds: float
    refused: str = ""

    @property
    def is_clean(self) -> bool:
        return not self.refused and not any(self.counts.values())


def run(plan: Plan, *, keep: Path | None = None) -> Outcome:
    """Carry out a campaign and return its outcome; what it leaves behind goes to `keep`."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hoi-thi-faults-") as name:
        folder, left = Path(name), Path(name) / "left"
        left.mkdir()
        site = Site(plan.store, folder, mutant=plan.mutant, is_small=plan.is_small)
        try:
            try:
                site.set_up()
                code = _prepared(site, plan)
                site.open()
            except RuntimeError as refused:
                logs = "".join(path.read_text(errors="replace")[-2000:] for path in folder.glob("node-*.log"))
                return Outcome({}, [], {}, time.monotonic() - begun, f"{refused}\n{logs}")
            _play(site, plan, code, left)
            finish(site, plan, left)
        finally:
            site.close()
            if keep is not None:
                copy(folder, keep)
        counts, first, looked_at = checker.check(left)
    return Outcome(counts, first, looked_at, time.monotonic() - begun)


def copy(folder: Path, keep: Path) -> None:
    """Keep logs, journals and tables, but not the disk."""
    shutil.copytree(folder, keep, dirs_exist_ok=True, ignore=shutil.ignore_patterns("disk"))


def _prepared(site: Site, plan: Plan) -> str:
    code = site.run("bench.faults.stage", "prepare", str(plan.takers), str(plan.minutes))
    if plan.mutant == "unique index dropped":
        site.run("bench.faults.stage", "unguard")
    return code


def _play(site: Site, plan: Plan, code: str, left: Path) -> None:
    """Let people take papers and do faults until there were enough of both."""
    stop, chance, log = left / "stop", Random(plan.seed), Journal(left / "faults.jsonl")
    with takers(site, plan, code, left, stop):
        time.sleep(3)
        names, until, done = list(faults_of(site)), time.monotonic() + ENOUGH_MINUTES * 60, 0
        order: list[str] = []
        while time.monotonic() < until and (done < plan.faults or _acknowledged(left) < plan.saves):
            if done < plan.faults:
                order = order or chance.sample(names, len(names))  # each kind as often as any other
                name = order.pop()
                log.note(do="fault", name=name)
                faults_of(site)[name](site, chance)
                log.note(do="fault over", name=name)
                done += 1
            time.sleep(chance.uniform(*(CALM if done % 5 else QUIET)))
        site.wait_ready()
        log.note(do="probe", tried=_wrong_passwords(site), limit=ALLOWED)


@contextmanager
def takers(site: Site, plan: Plan, code: str, left: Path, stop: Path) -> Any:
    """Run the people in processes of their own; at the end each finishes what it waits for."""
    halves = (plan.takers // 2, plan.takers - plan.takers // 2)
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.faults.takers", site.address, code, str(left / f"journal-{n}.jsonl"), str(stop),
             str(n * halves[0]), str(count), str(plan.seed)], cwd=ROOT,
        )
        for n, count in enumerate(halves)
    ]  # fmt: skip
    try:
        yield
    finally:
        stop.touch()
        for process in running:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)


def _acknowledged(left: Path) -> int:
    """Count the saves that were taken, as the checker counts them."""
    found = 0
    for path in left.glob("journal-*.jsonl"):
        with path.open("rb") as file:
            found += sum(
                b'"do": "answer"' in line and b'"ok": true' in line and b'"stale"' not in line for line in file
            )
    return found


def _wrong_passwords(site: Site) -> int:
    """Try wrong passwords for one name, many at once, and return how many were looked at."""
    browser = Browser(site.address)
    page = browser.ask("GET", "/sign-in")[1]
    token = page.partition('<meta name="csrf-token" content="')[2].partition('"')[0]

    def attempt(_: int) -> int:
        form = urlencode({"csrf_token": token, "identifier": "t0000", "password": "khong phai"})
        return browser.twin().ask("POST", "/sign-in", form, **{"Content-Type": "application/x-www-form-urlencoded"})[0]

    with ThreadPoolExecutor(8) as pool:
        return sum(status not in (0, 429) and status < 500 for status in pool.map(attempt, range(TRIES)))


def finish(site: Site, plan: Plan, left: Path) -> None:
    """Wait until every paper is over, settle the round, correct it, and write everything down."""
    site.run("bench.faults.stage", "wait", timeout=plan.minutes * 60 + 60)
    site.run("bench.faults.stage", "finish")
    site.run("bench.faults.stage", "dump", str(left))


def as_json(outcome: Outcome) -> str:
    told = {
        "counts": outcome.counts,
        "first": outcome.first,
        "looked at": outcome.looked_at,
        "seconds": outcome.seconds,
    }
    return json.dumps({**told, "refused": outcome.refused}, ensure_ascii=False, indent=1)
