"""The drill as a command; see the package."""

import argparse
import sys
from pathlib import Path

import bench.drill
from bench.drill import acts, drill, siege
from bench.drill.noticed import table


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.drill", description=(bench.drill.__doc__ or "").partition("\n")[0])
    parser.add_argument("--siege", action="store_true", help="strangers instead of operators")
    parser.add_argument("--short", action="store_true", help="smaller and quicker, as in the tests")
    parser.add_argument("--takers", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="a folder for logs and journals")
    options = parser.parse_args()
    if options.siege:
        rows = siege.play(siege.SHORT if options.short else siege.LONG, takers=options.takers, keep=options.keep)
        print(table(rows), flush=True)
        return 0 if all(row.most < siege.ALLOWED for row in rows if not row.act.startswith("bare")) else 1
    patience = 5 if options.short else 20
    outcome = drill.play(acts.ACTS, takers=options.takers, patience=patience, keep=options.keep)
    print(
        table(outcome.rows), *outcome.restored.split("; "), outcome.looked_at, outcome.counts, *outcome.first, sep="\n"
    )
    return 0 if outcome.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
