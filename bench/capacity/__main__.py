"""Capacity as a command; see the package."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import bench.capacity
from bench.capacity import needs, report
from bench.capacity.opening import Course, Installation, Opening, play
from bench.compare.report import DOCS

SEED = 1930
OPENING = Opening(50_000)
SIZES = ((16, 4, 8), (32, 8, 16), (64, 16, 32))  # cores of web, of passwords, of the database


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="bench.capacity", description=(bench.capacity.__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--from", dest="read", type=Path, default=DOCS / "performance.json", help="measured figures")
    parser.add_argument("--docs", type=Path, default=DOCS, help="the folder of document and picture")
    options = parser.parse_args(arguments)
    try:
        results = json.loads(options.read.read_text(encoding="utf-8"))
        measured = needs.read(results)
    except (OSError, KeyError) as lack:
        print(f"{options.read}: {lack!r} is missing; measure with python -m bench.compare first", file=sys.stderr)
        return 1
    print(write(results, measured, options.docs, OPENING))
    return 0


def write(results: Mapping[str, Any], measured: needs.Measured, folder: Path, opening: Opening) -> str:
    """Play the opening on every size, write `capacity.md` with its picture below a folder, and return the document."""
    played = [
        (installation, play_on(installation, opening, measured)) for installation in installations(opening, measured)
    ]
    text = report.document(results, measured, opening, played)
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    (folder / "pictures" / report.PICTURE).write_text(report.picture(opening, played), encoding="utf-8")
    (folder / "capacity.md").write_text(text, encoding="utf-8")
    return text


def installations(opening: Opening, measured: needs.Measured) -> list[Installation]:
    """Return installations of several sizes, each letting in as many as it bears."""
    return [
        Installation(web, passwords, database, needs.starts_per_minute(web, database, opening.people, measured))
        for web, passwords, database in SIZES
    ]


def play_on(installation: Installation, opening: Opening, measured: needs.Measured) -> Course:
    return play(opening, installation, measured.costs, Random(SEED))


if __name__ == "__main__":
    sys.exit(main())
