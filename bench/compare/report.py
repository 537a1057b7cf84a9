"""What was measured, as a document with pictures, and in short on the terminal."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.compare import tables
from bench.compare.plan import SECTIONS
from bench.compare.tables import STORE_NAMES, Line, rows, sizes
from bench.participants import JOURNEY
from bench.pictures import Axes, Curve, Pair, Ratio, lines, number, pairs, ratios
from contest.config import ROOT

DOCS = ROOT / "docs"
Results = Mapping[str, Any]
PICTURES = {
    "journey-ratios.svg": "CPU of each step of a journey, as a multiple of the floor",
    "standings-growth.svg": "CPU of a page of standings as a round grows",
    "storm-latency.svg": "Waiting while many start",
}
_HEAD = ["", "floor", "product", "ratio"]
_INTRO = """\
# Performance

The product beside a *practical floor*, the least that takes the same journey honestly ([bench/floor.py](../bench/floor.py)):
Flask, Jinja and SQLAlchemy Core, signed cookies, argon2id at OWASP's minimum, one guarded and durable append per save, a
board from an index; no languages, audit, limits, queue or policies. Both are served by the same server with as many web
processes, each on a database of its own of the same kind, with durable commits on a disk. They are measured in turns in
the same run: a ratio says more than the milliseconds beside it. Nobody who comes has sat before, and others have been there
since the server was started, as in any minute but the first.
"""
_NOTES = """\
CPU is that of all processes of server and database, from the kernel's books, with the product's worker in the background.
The load comes from the same cores. An acknowledged save that is not there afterwards, and every status that no participant
should see, is counted as an error; after each run the papers are read again to find out. Statements are counted from
PostgreSQL's log in a pass of their own; on SQLite they are not. All figures: [performance.json](performance.json).
"""


def write(results: Results, folder: Path) -> None:
    """Write `performance.md`, `performance.json` and pictures below a folder; a picture of nothing measured stays as it is."""
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    for name, drawn in pictures(results).items():
        (folder / "pictures" / name).write_text(drawn, encoding="utf-8")
    (folder / "performance.md").write_text(document(results), encoding="utf-8")
    (folder / "performance.json").write_text(as_json(results), encoding="utf-8")


def as_json(results: Results) -> str:
    return json.dumps(results, indent=1, ensure_ascii=False) + "\n"


def faults(results: Results) -> int:
    """Return how many errors there were, and acknowledged saves lost, on the side of the product."""
    found = [section["sides"].get("product", {}) for store in results["stores"].values() for section in store.values()]
    return sum(int(side.get("errors", 0) + side.get("lost", 0)) for side in found)


def pictures(results: Results) -> dict[str, str]:
    stores: Mapping[str, Any] = results["stores"]
    lead = f"{day(results)}, {results['machine']['cores']} cores, medians of runs in turns"
    found = {}
    if bars := [
        (STORE_NAMES[s], _ratios(store["journey"]["sides"])) for s, store in stores.items() if "journey" in store
    ]:
        found["journey-ratios.svg"] = ratios(PICTURES["journey-ratios.svg"], lead, bars)
    grown = [(STORE_NAMES[s], curves) for s, store in stores.items() if (curves := _growth(store))]
    if grown:
        axes = Axes("results in the round", "ms of CPU", log_along=True, log_up=True)
        found["standings-growth.svg"] = lines(PICTURES["standings-growth.svg"], lead, grown, axes)
    if storms := [(STORE_NAMES[s], rows) for s, store in stores.items() if (rows := _storm(store))]:
        said = f"{lead}; p99 of each"
        found["storm-latency.svg"] = pairs(PICTURES["storm-latency.svg"], said, storms, "ms")
    return found


def _missing(store: Mapping[str, Any]) -> list[str]:
    had = {part.partition(".")[0] for part in store}
    return [name for name in SECTIONS if name not in had]


def _ratios(sides: Mapping[str, Any]) -> list[Ratio]:
    found = []
    for key, label in [*((f"{s.name}.cpu", s.label) for s in JOURNEY), ("journey.cpu", "whole journey")]:
        if (times := tables.ratio(sides, key)) is not None:
            floor, product = sides["floor"][key], sides["product"][key]
            found.append(Ratio(label, times, f"{number(product)} : {number(floor)} ms"))
    return found


def _growth(store: Mapping[str, Any]) -> list[Curve]:
    looks = (("product", "standings", "people", ""), ("product", "unit_board", "units", "third"),
             ("floor", "standings", "people, floor", "floor"))  # fmt: skip
    curves = []
    for side, page, label, look in looks:
        at = [(size, store[f"standings.{size}"]["sides"].get(side, {})) for size in sizes(store, "standings")]
        points = [(float(size), found[f"{page}.cpu"]) for size, found in at if found.get(f"{page}.cpu")]
        if len(points) > 1:
            curves.append(Curve(label, points, look))
    return curves


def _storm(store: Mapping[str, Any]) -> list[Pair]:
    """Return the rows of the storm that came with passwords at a rate that the machine bears, else of any."""
    names = [name for name in ("storm.passwords", "storm.signed-in", "storm.opening") if name in store]
    if not names:
        return []
    floor, product = (store[names[0]]["sides"][side] for side in ("floor", "product"))
    shown = [("saves, calm", "calm.save.p99"), ("saves, storm", "storm.save.p99"), ("sign-in", "sign_in.p99"),
             ("start", "start.p99")]  # fmt: skip
    return [Pair(label, floor.get(key), product.get(key)) for label, key in shown if key in floor or key in product]


def document(results: Results) -> str:
    parts = [_INTRO, *_about(results), _NOTES]
    if results["broken"]:
        parts.append(f"Could not be measured: {', '.join(results['broken'])}.\n")
    for store, sections in results["stores"].items():
        if missing := _missing(sections):
            parts.append(f"Not among these figures of {STORE_NAMES[store]}: {', '.join(missing)}.\n")
    drawn = pictures(results)
    parts += [f"![{alt}](pictures/{name})\n" for name, alt in PICTURES.items() if name in drawn]
    for store, sections in results["stores"].items():
        parts += _store(STORE_NAMES[store], sections)
    return "\n".join(parts)


def _about(results: Results) -> Iterator[str]:
    machine = results["machine"]
    yield (
        f"Measured on {day(results)} on {machine['cores']} cores ({machine['processor']}, {machine['memory_gb']} GB, "
        f"{machine['python']}) by `{results['command']}`.\n"
    )
    if results["is_short"]:
        yield "**These figures are of the short form, on a machine that did other work; the long form replaces them.**\n"


def _store(name: str, store: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {name}\n"
    if "journey" in store:
        yield from _section(
            "The journey, step by step: CPU of one", store["journey"], _journey_table(store["journey"]["sides"])
        )
    for key, title, shown in (
        ("save", "Saving without a pause, eight people at once", tables.SAVE_LINES),
        ("closed", "Journeys back to back, eight people at once", tables.CLOSED_LINES),
    ):
        if key in store:
            yield from _section(title, store[key], _table(store[key]["sides"], shown))
    for key, label in tables.STORMS.items():
        if f"storm.{key}" in store:
            part = store[f"storm.{key}"]
            yield from _section(f"Many start: {label}", part, _table(part["sides"], tables.STORM_LINES))
    if "steady" in store:
        table = _table(store["steady"]["sides"], tables.STEADY_LINES)
        count = number(store["steady"]["sides"]["product"]["people"])
        yield from _section(f"{count} people save for long", store["steady"], table)
    if "queue" in store:
        table = _table(store["queue"]["sides"], tables.QUEUE_LINES)
        yield from _section("A look at one's place in the queue, eight people at once", store["queue"], table)
    if "mass" in store:
        count = number(store["mass"]["sides"]["product"]["people"])
        yield from _section(
            f"{count} hand in within seconds", store["mass"], _table(store["mass"]["sides"], tables.MASS_LINES)
        )
    for page, label in tables.BOARDS.items():
        if found := sizes(store, "standings"):
            yield f"### Standings: {label}\n"
            yield _grown(store, found, tables.board_lines(page))
            yield _sound([store[f"standings.{size}"] for size in found])
    if "exchange" in store:
        yield "### Files in and out\n"
        yield _files(store["exchange"]["sides"]["product"])


def _section(title: str, part: Mapping[str, Any], table: str) -> Iterator[str]:
    yield f"### {title}\n"
    yield table
    yield _sound([part])


def _sound(parts: Sequence[Mapping[str, Any]]) -> str:
    """Say what went wrong, and how undisturbed the runs were."""
    wrong = {name: [round(sum(p["sides"].get(name, {}).get(key, 0) for p in parts)) for key in ("errors", "lost")]
             for name in ("floor", "product")}  # fmt: skip
    said = "; ".join(
        f"{name} {errors:,} errors, {lost:,} acknowledged saves lost" for name, (errors, lost) in wrong.items()
    )
    others = max(p["disturbance"] for p in parts)
    again = sum(p["discarded"] for p in parts)
    used = f"Others used {others:.1%} of the machine at most; {again} disturbed runs were made again."
    return f"{said[0].upper()}{said[1:]}. {used}\n"


def _table(sides: Mapping[str, Any], shown: Sequence[Line]) -> str:
    return markdown(_HEAD, rows(sides, shown))


def _journey_table(sides: Mapping[str, Any]) -> str:
    """Return the journey's table: below the ratio also the database's part, the wait of 99 in 100, and the statements."""
    head = [
        "step",
        "floor",
        "product",
        "ratio",
        "database, floor / product",
        "p99, floor / product",
        "statements, floor / product",
    ]
    shown = []
    for line, row in zip(tables.JOURNEY_LINES, rows(sides, tables.JOURNEY_LINES), strict=True):
        name = line.key.partition(".")[0]
        both = [
            " / ".join(tables.written(sides[side].get(f"{name}.{key}"), unit) for side in ("floor", "product"))
            for key, unit in (("database", "ms"), ("p99", "ms"), ("statements", ""))
        ]
        shown.append([*row, *both])
    keep = [n for n in range(len(head)) if n < 4 or any(row[n] not in {"– / –", "0.00 ms / 0.00 ms"} for row in shown)]
    return markdown([head[n] for n in keep], ([row[n] for n in keep] for row in shown))


def _grown(store: Mapping[str, Any], found: Sequence[int], shown: Sequence[Line]) -> str:
    table = [[f"{size:,} results", *row] for size in found for row in rows(store[f"standings.{size}"]["sides"], shown)]
    return markdown(["round", *_HEAD], table)


def _files(found: Mapping[str, float]) -> str:
    names = dict.fromkeys(key.rpartition(".")[0] for key in found if "." in key)
    said = {"members": "people taken in from Excel", "questions": "questions taken in from Excel",
            "results csv": "results given out as CSV", "results xlsx": "results given out as Excel"}  # fmt: skip
    table = []
    for name in sorted(names, key=lambda n: (list(said).index(n.rpartition(".")[0]), int(n.rpartition(".")[2]))):
        what, _, size = name.rpartition(".")
        figures = [found[f"{name}.{key}"] for key in ("file_mb", "seconds", "cpu", "mb")]
        units = ("MB", "s", "s", "MB")
        table.append(
            [f"{int(size):,} {said[what]}", *(tables.written(f, u) for f, u in zip(figures, units, strict=True))]
        )
    return markdown(["", "file", "took", "CPU of the command", "its memory at most"], table)


def markdown(head: Sequence[str], table: Iterator[list[str]] | Sequence[list[str]]) -> str:
    lines_ = [head, ["---", *["---:"] * (len(head) - 1)], *table]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines_) + "\n"


def as_text(results: Results) -> str:
    """Return the tables alone, for the terminal."""
    return "\n".join(part for store, found in results["stores"].items() for part in _store(STORE_NAMES[store], found))


def day(results: Results) -> str:
    at = datetime.fromisoformat(results["at"])
    return f"{at.day} {at:%B %Y}"
