"""What one participant costs: CPU of server and database, step by step, on a server of its own.

.venv/bin/python -m bench.journey [--database sqlite|postgresql] [--people 200] [--rounds 3]

Everybody does one step before anybody does the next. The yardstick is one password check (argon2id with the product's
parameters) in the same run: it moves with the machine as all the rest does.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench.processes import cpu_of
from bench.visitor import PASSWORD, STEPS, Visitor
from contest import config
from contest.gateways import assets
from contest.services.members.entry import hasher
from tests import servers

AT_ONCE = 8
WARM_UP = 20  # participants before the measured ones: what a process does once in its life is not theirs
GROUPS = {"server": "contest.serve", "database": "postgres"}


@contextmanager
def site(kind: str, members: int, **more: str) -> Iterator[str]:
    """Serve the demonstration, its current round open without limit, and yield the address; `more` are settings."""
    with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url:
        instance = Path(folder) / "instance"
        config.prepare_instance(instance, development=True)
        assets.build(config.ROOT / "static", instance / "assets")
        environ = {**os.environ, "APP_ENV": "development", "INSTANCE_PATH": str(instance), "DATABASE_URL": url, **more}
        demo = ["demo", "load", "--bench", "--members", str(members), "--password", PASSWORD]
        for command in (["db", "upgrade"], demo):
            flask = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
            subprocess.run(flask, cwd=config.ROOT, env=environ, check=True, capture_output=True)
        with servers.application(environ, Path(folder)) as address:
            yield address


@contextmanager
def database(kind: str, folder: Path, **settings: str) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'contest.db'}"
        return
    with servers.postgres(**settings) as cluster:
        yield cluster.url(cluster.create())


def measure(address: str, first: int, people: int) -> dict[str, tuple[dict[str, float], float]]:
    """Return per step the CPU milliseconds of each group and the median waiting time in milliseconds."""
    visitors = [Visitor(address, first + n) for n in range(people)]
    out = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for name, step in STEPS.items():
            before = {group: cpu_of(word) for group, word in GROUPS.items()}
            waits = list(pool.map(lambda visitor, step=step: _timed(step, visitor), visitors))
            spent = {group: (cpu_of(word) - before[group]) * 1000 / people for group, word in GROUPS.items()}
            out[name] = (spent, statistics.median(waits) * 1000)
    for visitor in visitors:
        visitor.close()
    return out


def _timed(step: object, visitor: Visitor) -> float:
    begun = time.perf_counter()
    step(visitor)  # type: ignore[operator]
    return time.perf_counter() - begun


def password_check() -> float:
    """Return the CPU milliseconds of one password check here."""
    hashed = hasher.hash(PASSWORD)
    begun = time.process_time()
    for _ in range(50):
        hasher.verify(hashed, PASSWORD)
    return (time.process_time() - begun) * 20


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.journey", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="postgresql")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with site(args.database, WARM_UP + args.people * args.rounds) as address:
        measure(address, args.people * args.rounds + 1, WARM_UP)
        found = [measure(address, 1 + args.people * n, args.people) for n in range(args.rounds)]
    check, total = password_check(), 0.0
    print(f"{'step':<14}{'server':>10}{'database':>10}{'waited':>10}   ms, median of {args.rounds} rounds")
    for name in STEPS:
        server, base = (statistics.median(f[name][0][group] for f in found) for group in GROUPS)
        total += server + base
        print(f"{name:<14}{server:>10.2f}{base:>10.2f}{statistics.median(f[name][1] for f in found):>10.1f}")
    print(f"a journey takes {total:.1f} ms of CPU, {total / check:.1f} times a password check ({check:.1f} ms)")


if __name__ == "__main__":
    main()
