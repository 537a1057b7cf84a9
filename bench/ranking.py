"""A million results: how long a final settlement takes, how much memory, and whether the recount agrees.

.venv/bin/python -m bench.ranking [--database sqlite|postgresql] [--results 1000000] [--no-recount]

The crowd is written straight into the tables. Settling and recounting run in processes of their own, so that the peak
of memory is theirs alone; of PostgreSQL's own memory nothing is counted.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask_migrate

from bench import crowd
from bench.sites import SIZED, database, environment
from contest import clock, config, create_app
from contest.rules.permissions import SYSTEM
from contest.rules.unit_terms import UnitCriterion
from contest.rules.units import Formula
from contest.services.contests import rounds, setup
from contest.services.results import proof, settlement, unit_boards

SITTINGS = 10  # of so many results
PERSONS = 7  # are so many people's: three of them sat twice


def load(results: int) -> dict[str, Any]:
    flask_migrate.upgrade()
    opens_at = clock.now().replace(microsecond=0) - crowd.LENGTH - timedelta(hours=1)
    clock.set_source(lambda: opens_at)
    crowd.load(results, results * PERSONS // SITTINGS, opens_at)
    return {}


def settle() -> dict[str, Any]:
    """Settle the round finally, and compare its units by people and by mean score."""
    contest = setup.get_contest(crowd.SLUG, by=SYSTEM)
    row = rounds.of_number(contest.id, 1)[0]
    begun = time.perf_counter()
    found = settlement.settle(row.id, by=SYSTEM)
    settled = time.perf_counter()
    for criterion in (UnitCriterion.PARTICIPANTS, UnitCriterion.MEAN):
        units = unit_boards.compare(contest, row, Formula(criterion))
    compared = time.perf_counter()
    figures = {"results": found.attempts, "people": found.participants, "target": found.target, "units": len(units)}
    return figures | {"settle s": settled - begun, "units s": compared - settled, "digest": found.digest}


def recount() -> dict[str, Any]:
    """Recount the whole round from papers, answers and keys, and compare every figure."""
    found = proof.verify(crowd.SLUG, 1, by=SYSTEM)[0]
    return {"recounted": found.attempts, "differences": len(found.differences)}


def step(name: str, results: int) -> None:
    """Carry out one step on the database of the environment and print what it found, its seconds and its peak of memory."""
    app = create_app(config.load(dict(os.environ)))
    begun, spent = time.perf_counter(), time.process_time()
    with app.app_context():
        found = load(results) if name == "load" else {"settle": settle, "recount": recount}[name]()
    found["seconds"], found["of CPU"] = time.perf_counter() - begun, time.process_time() - spent
    found["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(found), file=sys.__stdout__)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.ranking", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--results", type=int, default=1_000_000)
    parser.add_argument("--no-recount", action="store_true")
    parser.add_argument("--step", choices=["load", "settle", "recount"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.step:
        step(args.step, args.results)
        return
    with tempfile.TemporaryDirectory() as folder, database(args.database, Path(folder), **SIZED) as url:
        environ = environment(Path(folder), url)
        for name in ("load", "settle") if args.no_recount else ("load", "settle", "recount"):
            command = [sys.executable, "-m", "bench.ranking", "--step", name, "--results", str(args.results)]
            out = subprocess.run(command, cwd=config.ROOT, env=environ, check=True, stdout=subprocess.PIPE, text=True)
            found = json.loads(out.stdout.splitlines()[-1])
            told = (f"{k} {v:.1f}" if isinstance(v, float) else f"{k} {v}" for k, v in found.items())
            print(f"{name}: {', '.join(told)}", flush=True)


if __name__ == "__main__":
    main()
