"""The campaign as a command; see the package."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import bench.faults
from bench.faults import campaign
from bench.faults.mutants import CAUGHT_BY, REFUSALS

MUTANT_FAULTS, MUTANT_SAVES = 10, 800


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.faults", description=(bench.faults.__doc__ or "").partition("\n")[0])
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--saves", type=int, default=100_000)
    parser.add_argument("--takers", type=int, default=60)
    parser.add_argument("--minutes", type=int, default=3, help="of a paper")
    parser.add_argument("--seed", type=int, default=19300203)
    parser.add_argument("--mutants", action="store_true", help="try every mutant instead: each must be caught")
    parser.add_argument("--mutant", action="append", choices=list(CAUGHT_BY), help="try these mutants alone")
    parser.add_argument("--keep", type=Path, help="a folder for logs, journals and the dump")
    options = parser.parse_args()
    plan = campaign.Plan(options.store, options.faults, options.saves, options.takers, options.minutes, options.seed)
    if options.mutants or options.mutant:
        return _try_mutants(plan, options.mutant or list(CAUGHT_BY))
    outcome = campaign.run(plan, keep=options.keep)
    print(campaign.as_json(outcome), flush=True)
    return 0 if outcome.is_clean else 1


def _try_mutants(plan: campaign.Plan, names: list[str]) -> int:
    """Run a small campaign with every mutant; each must move one of the counts that are said to catch it."""
    missed = 0
    for name in names:
        small = replace(plan, mutant=name, faults=MUTANT_FAULTS, saves=MUTANT_SAVES, minutes=1, is_small=True)
        outcome = campaign.run(small)
        is_refused = name in REFUSALS and REFUSALS[name] in outcome.refused
        moved = (
            ["refused"] * is_refused if outcome.refused else [count for count, found in outcome.counts.items() if found]
        )
        is_caught = bool(set(moved) & set(CAUGHT_BY[name]))
        missed += not is_caught
        print(f"{name}: {'caught' if is_caught else 'MISSED'} by {', '.join(moved) or 'nothing'}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
