"""What a contest needs, as a document with a picture."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.capacity import needs
from bench.capacity.needs import Measured, Need
from bench.capacity.opening import Course, Installation, Opening
from bench.compare.report import day, markdown
from bench.pictures import Axes, Curve, lines, number

PICTURE = "opening-minute.svg"
Played = Sequence[tuple[Installation, Course]]
TITLE = "An opening at which {people:,} come within a minute"


def document(results: Mapping[str, Any], measured: Measured, opening: Opening, played: Played) -> str:
    title = TITLE.format(people=opening.people)
    return "\n".join([
        "# Capacity\n",
        _about(results),
        "## What it is computed from\n",
        _figures(measured),
        _assumptions(opening),
        "## Contests of days\n",
        _contests(measured),
        f"## {title}\n",
        _opening_text(opening),
        f"![{title}](pictures/{PICTURE})\n",
        _played(opening, measured, played),
    ])  # fmt: skip


def _about(results: Mapping[str, Any]) -> str:
    store = "PostgreSQL" if "postgresql" in results["stores"] else "SQLite"
    machine = results["machine"]
    said = (
        "What a contest needs in machines, computed by `.venv/bin/python -m bench.capacity` from what `python -m bench.compare`\n"
        f"measured of the product on {store} on {day(results)} ([performance.md](performance.md)). A core is one of\n"
        f"{machine['processor']}, of which there were {machine['cores']}.\n"
    )
    return said + (
        "\n**The figures are of the short form; the long form replaces them.**\n" if results["is_short"] else ""
    )


def _figures(measured: Measured) -> str:
    web, database = measured.journey
    ms = {name: f"{a * 1000:.1f} ms and {b * 1000:.1f} ms" for name, (a, b) in measured.seconds.items()}
    table = [
        ["a journey with 20 saves, and the pages beside it", f"{web * 1000:.0f} ms and {database * 1000:.0f} ms"],
        ["a start with the pages before it and the paper", ms["start"]],
        ["a save", ms["save"]],
        [
            "a look at one's place in the queue",
            f"{measured.look[0] * 1000:.1f} ms and {measured.look[1] * 1000:.1f} ms",
        ],
        ["a password", f"{measured.password * 1000:.0f} ms, web alone"],
        ["a web process in memory", f"{measured.process_mb:.0f} MB"],
        ["an attempt on the disk", f"{measured.disk_kb:.0f} kB"],
        ["a journey over the wire, not compressed", f"{measured.received_kb:.0f} kB"],
    ]
    return markdown(["measured", "web and database"], table)


def _assumptions(opening: Opening) -> str:
    return f"""\
Assumed, because no measurement says it:

- A person makes {needs.ATTEMPTS} attempts and looks, beside each, at {needs.PAGES} more pages as dear as the standings.
- The busiest minute of an hour has {needs.MINUTE_OVER_HOUR:g} times its mean, and no core is busy for more than
  {needs.MOST_BUSY:.0%} of it.
- A web machine has {needs.WEB_MACHINE} cores and as many web processes, a database machine {needs.DATABASE_MACHINE}; of
  each there is one more than needed, so that one may be lost.
- A web process opens up to {needs.CONNECTIONS} connections.
- The disk keeps {needs.KEPT_TWICE:g} times the data; the database's memory holds all of one contest.
- A first visit brings {needs.FIRST_VISIT_KB:.0f} kB of style, scripts and letters (`python -m bench.first_visit`).
- At the opening {opening.signed_in:.0%} have signed in before, while they waited on the page that counts down. The
  passwords of the others are checked in a bounded number of places.
"""


def _contests(measured: Measured) -> str:
    contests = (needs.WEEK, needs.THREE_WEEKS)
    head = ["", *(c.name for c in contests)]
    shares = [
        "of all, the busiest day and its busiest hour",
        *(f"{c.day_share:.0%}, {c.hour_share:.0%}" for c in contests),
    ]
    return markdown(head, [shares, *_rows([needs.need(c, measured) for c in contests])])


def _rows(found: Sequence[Need]) -> list[list[str]]:
    return [
        ["journeys a second, in the busiest minute", *(number(n.journeys) for n in found)],
        ["saves a second", *(number(n.saves) if n.saves else "–" for n in found)],
        ["web cores, in machines with one to spare", *(f"{n.web_cores}, {n.web_machines}" for n in found)],
        ["database cores, in machines with one to spare", *(f"{n.database_cores}, {n.database_machines}" for n in found)],
        ["memory of a web machine; of a database machine", *(f"{n.web_gb} GB; {n.database_gb} GB" for n in found)],
        ["disk", *(f"{n.disk_gb} GB" for n in found)],
        ["connections at most", *(f"{n.connections:,}" for n in found)],
        ["bandwidth in the busiest minute", *(f"{number(n.megabits)} Mbit/s" for n in found)],
    ]  # fmt: skip


def _opening_text(opening: Opening) -> str:
    soonest, latest = opening.between_saves
    return f"""\
{opening.people:,} people come within {opening.within:.0f} seconds, most of them at first: a line that falls to nothing.
Starts beyond the rate that an installation bears queue, in the order of asking, and nobody's time limit runs meanwhile. That
rate (`STARTS_PER_MINUTE`) is such that starts, and the looks of all who wait at their places, keep two thirds of the cores
busy. The opening is played through event by event, with the product's own rules of the queue and a fixed seed: passwords,
looks, starts, and {opening.saves} saves of everybody who has a paper, one every {soonest:.0f} to {latest:.0f} seconds. It is
looked no further than {opening.until / 60:.0f} minutes. An installation on which saves wait for a second is too small.
"""


def _played(opening: Opening, measured: Measured, played: Played) -> str:
    found = [needs.need_at_once(opening.people, opening.within, installation, measured) for installation, _ in played]
    head = ["cores for pages + passwords + database", *(f"{i.web} + {i.passwords} + {i.database}" for i, _ in played)]
    courses = [course for _, course in played]
    table = [
        ["`STARTS_PER_MINUTE`", *(f"{i.starts_per_minute:,}" for i, _ in played)],
        ["half had their paper within", *(_seconds(c.waited(50)) for c in courses)],
        ["95 % of those who had it, within", *(_seconds(c.waited(95)) for c in courses)],
        [f"without a paper after {opening.until / 60:.0f} minutes", *(f"{c.waiting.total():,}" for c in courses)],
        ["99 % of saves answered within", *(_seconds(c.saves_waited(99)) for c in courses)],
        ["web processes busy", *(_busy(c.busy["web"], i.web, opening) for i, c in played)],
        ["database busy", *(_busy(c.busy["database"], i.database, opening) for i, c in played)],
        *_rows(found)[2:],
    ]
    return markdown(head, table)


def _seconds(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.0f} s" if value < 120 else f"{value / 60:.1f} min"


def _busy(seconds: float, places: int, opening: Opening) -> str:
    return f"{min(1.0, seconds / places / opening.until):.0%}"


def picture(opening: Opening, played: Played) -> str:
    """Return who had come, and who of them was still without a paper, on the smallest and the largest installation."""
    instants = [opening.until * n / 150 for n in range(151)]
    panels = []
    for installation, course in (played[0], played[-1]):
        points = list(course.by(instants))
        cores = installation.web + installation.passwords
        panels.append((
            f"{cores} web cores, {installation.starts_per_minute:,} starts a minute",
            [
                Curve("have come", [(at, come) for at, come, _ in points], "floor"),
                Curve("have a paper", [(at, come - without) for at, come, without in points]),
                Curve("without one", [(at, without) for at, _, without in points], "third"),
            ],
        ))  # fmt: skip
    return lines(TITLE.format(people=opening.people), "Simulated", panels, Axes("seconds after the opening", "people"))
