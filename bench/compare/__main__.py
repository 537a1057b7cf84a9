"""The comparison as a command; see the package."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import bench.compare
from bench.compare import report
from bench.compare.measuring import measure
from bench.compare.plan import FULL, SECTIONS, SHORT
from bench.sites import STORES


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    if options.read is not None:
        results = json.loads(options.read.read_text(encoding="utf-8"))
    else:
        plan = SHORT if options.short else FULL
        onto = _former(options.onto, options.short)
        results = measure(_stores(options.store), options.only, plan, _command(options), _keeper(options.json), onto)
    print(report.as_text(results))
    is_whole = options.read is not None or (not options.short and options.only == list(SECTIONS))
    if is_whole or options.docs is not None:
        report.write(results, options.docs or report.DOCS)
    return 1 if results["broken"] or report.faults(results) else 0


def _former(path: Path | None, is_short: bool) -> Mapping[str, Any]:
    """Return the figures of an earlier run; raises SystemExit for one of the other form."""
    found: dict[str, Any] = {} if path is None or not path.exists() else json.loads(path.read_text(encoding="utf-8"))
    if found and found["is_short"] != is_short:
        raise SystemExit(f"{path} holds figures of the {'short' if found['is_short'] else 'long'} form.")
    return found


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.compare", description=(bench.compare.__doc__ or "").partition("\n")[0])
    parser.add_argument("--store", choices=[*STORES, "both"], default="both")
    parser.add_argument("--short", action="store_true", help="little of everything, to see that it works")
    parser.add_argument("--only", type=_sections, default=list(SECTIONS), help=", ".join(SECTIONS))
    parser.add_argument("--json", type=Path, help="a file for all figures")
    parser.add_argument("--onto", type=Path, help="figures of an earlier run that these come to: a long run in parts")
    parser.add_argument("--from", dest="read", type=Path, help="figures of an earlier run, to be written again")
    parser.add_argument(
        "--docs", type=Path, help="a folder for document and pictures, also of a part or of the short form"
    )
    return parser.parse_args(arguments)


def _sections(text: str) -> list[str]:
    """Return names of sections, or of parts of one as `storm.opening` and `standings.1000`."""
    names, known = text.split(","), FULL.parts | SHORT.parts
    if unknown := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"no section {', '.join(unknown)}")
    return names


def _keeper(path: Path | None) -> Callable[[Mapping[str, Any]], None]:
    """Return what writes figures down as they come, so that a long run that is broken off leaves what it found."""

    def keep(results: Mapping[str, Any]) -> None:
        if path is not None:
            path.write_text(report.as_json(results), encoding="utf-8")

    return keep


def _stores(chosen: str) -> Sequence[str]:
    return STORES if chosen == "both" else (chosen,)


def _command(options: argparse.Namespace) -> str:
    """Return the command by which these figures come again, wherever they are written."""
    said = [".venv/bin/python -m bench.compare"]
    if options.onto is not None:
        return f"{said[0]} --onto {options.onto.name} --store … --only …"  # in parts, one after the other
    if options.store != "both":
        said.append(f"--store {options.store}")
    if options.short:
        said.append("--short")
    if options.only != list(SECTIONS):
        said.append(f"--only {','.join(options.only)}")
    return " ".join(said)


if __name__ == "__main__":
    sys.exit(main())
