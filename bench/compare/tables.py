"""Which figures are shown, in which order, and how: the rows and columns of every section."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.compare.plan import FULL, SHORT
from bench.participants import JOURNEY
from bench.pictures import number

Found = Mapping[str, float]
STORE_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
STORMS = {storm.name: storm.label for storm in (*SHORT.storms, *FULL.storms)}
BOARDS = {"standings": "page of people with one's own place", "unit_board": "board of units"}
BYTES = ("csv", "xlsx")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: what it is, its figure, its unit; whether less is better, which a ratio presupposes."""

    label: str
    key: str
    unit: str
    has_ratio: bool = True


def waits(label: str, key: str, *percents: int) -> list[Line]:
    return [Line(f"{label}, p{percent}", f"{key}.p{percent}" if key else f"p{percent}", "ms") for percent in percents]


JOURNEY_LINES = [
    *(Line(step.label, f"{step.name}.cpu", "ms") for step in JOURNEY),
    Line("**a journey, with 20 saves**", "journey.cpu", "ms"),
]
SAVE_LINES = [
    Line("CPU of server and database", "cpu", "ms"),
    Line("of it the database", "database", "ms"),
    *waits("wait", "", 50, 95, 99),
    Line("saves a second", "rate", "", has_ratio=False),
]
CLOSED_LINES = [
    Line("journeys a second", "rate", "", has_ratio=False),
    Line("CPU of a journey", "cpu", "ms"),
    *waits("a request", "request", 50, 99),
    *waits("a save among all others", "save", 50, 99),
    Line("web processes", "processes", "", has_ratio=False),
    Line("memory of a web process (PSS)", "pss", "MB"),
    Line("on the disk, of a journey", "disk_kb", "kB"),
    Line("over the wire, of a journey, not compressed", "received_kb", "kB"),
]
STORM_LINES = [
    *waits("a save in calm", "calm.save", 50, 99),
    *waits("a save in the storm", "storm.save", 50, 99),
    *waits("sign-in", "sign_in", 50, 99),
    Line("asked to come again", "again", "", has_ratio=False),
    *waits("pressing the button until a paper, or a place in the queue", "press", 50, 99),
    *waits("pressing the button until the paper", "start", 50, 95, 99),
    *waits("from coming to the paper", "whole", 50, 99),
    Line("who had to queue", "queued", "", has_ratio=False),
    *waits("in the queue", "queue", 50, 99),
    Line("still in the queue two minutes after the last had come", "left", "", has_ratio=False),
    Line("CPU of one arrival, with the saves meanwhile", "cpu", "ms"),
]
STEADY_LINES = [
    Line("CPU of server and database, of a save", "cpu", "ms"),
    *waits("wait", "", 50, 95, 99),
    Line("saves", "saves", "", has_ratio=False),
]
QUEUE_LINES = [Line("CPU of server and database", "cpu", "ms"), *waits("wait", "", 50, 99)]
MASS_LINES = [
    *waits("handing in", "", 50, 95, 99),
    Line("CPU of one", "cpu", "ms"),
    Line("until all had", "took", "s", has_ratio=False),
]


def board_lines(page: str) -> list[Line]:
    return [
        Line("CPU", f"{page}.cpu", "ms"),
        *waits("four at once without a pause", page, 50, 99),
        *waits("now and then, while many hand in", f"{page}.busy", 50, 95, 99),
    ]


def value(found: Found, line: Line) -> str:
    """Return a figure as it is written, a dash where there is none."""
    return written(found.get(line.key), line.unit)


def written(figure: float | None, unit: str) -> str:
    if figure is None:
        return "–"
    if unit == "ms" and figure >= 1000:
        return f"{figure / 1000:.1f} s"
    if unit == "":
        return number(figure) if figure != int(figure) or figure >= 1e6 else f"{int(figure):,}"
    return f"{figure:,.2f} {unit}" if figure < 10 else f"{figure:,.0f} {unit}"


def ratio(sides: Mapping[str, Found], key: str) -> float | None:
    """Return how many times the floor's figure the product's is."""
    floor, product = (sides.get(name, {}).get(key) for name in ("floor", "product"))
    return product / floor if floor and product is not None else None


def rows(sides: Mapping[str, Found], lines: Sequence[Line]) -> Iterator[list[str]]:
    """Yield a table's rows; what neither side has is left out."""
    for line in lines:
        if any(line.key in found for found in sides.values()):
            times = ratio(sides, line.key) if line.has_ratio else None
            shown = [value(sides.get(name, {}), line) for name in ("floor", "product")]
            yield [line.label, *shown, f"{times:.2f}" if times is not None else "–"]


def sizes(store: Mapping[str, object], prefix: str) -> list[int]:
    """Return the sizes of a section that was measured at several, the smallest first."""
    return sorted(int(name.rpartition(".")[2]) for name in store if name.startswith(f"{prefix}."))
