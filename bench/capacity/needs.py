"""What a contest needs: cores, memory, disk, connections and bandwidth, from measured costs and stated assumptions. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.capacity.opening import Costs, Installation
from bench.participants import JOURNEY
from contest.rules.queueing import LATEST, SOONEST

MOST_BUSY = 0.6  # of a core in the busiest minute: what is left is for pages, results, exports, and one machine lost
ATTEMPTS = 1.3  # of a person, where two are allowed
PAGES = 6  # standings and the like that somebody looks at beside a journey, each as dear as the standings
MINUTE_OVER_HOUR = 2.0  # the busiest minute of an hour, over its mean
KEPT_TWICE = 2.0  # on the disk: the data, and as much for indexes that grow, logs and room to work
FIRST_VISIT_KB = 97.0  # style, scripts and letters once a person, as `python -m bench.first_visit` measures
WEB_MACHINE, DATABASE_MACHINE = 8, 16  # cores
BASE_GB, DATABASE_GB = 1.0, 4.0  # of the system and the worker; of a database before its data
CONNECTIONS = 15  # at most, of one web process
TRUST = 2 / 3  # of the cores, for starts and looks at one's place; the rest is for saves and sign-ins


@dataclass(frozen=True, slots=True)
class Measured:
    """What one of each costs: seconds of a web process and of the database; kB over the wire and on the disk; MB of a process."""

    seconds: Mapping[str, tuple[float, float]]
    look: tuple[float, float]  # at one's place in the queue
    password: float
    received_kb: float
    disk_kb: float
    process_mb: float

    @property
    def start(self) -> tuple[float, float]:
        return self.seconds["start"]

    @property
    def journey(self) -> tuple[float, float]:
        """Return the seconds of a whole journey, with the pages beside it."""
        times = {step.name: step.times for step in JOURNEY} | {"standings": 1 + PAGES}
        web = sum(self.seconds[name][0] * n for name, n in times.items())
        return web, sum(self.seconds[name][1] * n for name, n in times.items())

    @property
    def costs(self) -> Costs:
        """Return what the simulation needs."""
        web, database = self.seconds["sign_in"]
        page = self.seconds["sign_in_page"]
        sign_in = max(0.0, web - self.password) + page[0], database + page[1]
        return Costs(self.password, sign_in, self.start, self.look, self.seconds["save"])


@dataclass(frozen=True, slots=True)
class Contest:
    """So many people in so many days; of all that they do, the busiest day has a share, and its busiest hour one of that."""

    name: str
    people: int
    days: int
    day_share: float
    hour_share: float

    @property
    def journeys_a_second(self) -> float:
        """Return the journeys of the busiest minute, a second."""
        return self.people * ATTEMPTS * self.day_share * self.hour_share / 3600 * MINUTE_OVER_HOUR


@dataclass(frozen=True, slots=True)
class Need:
    """What bears a contest: cores and machines, GB, connections, Mbit/s."""

    journeys: float
    saves: float
    web_cores: int
    database_cores: int
    web_machines: int
    database_machines: int
    web_gb: int
    database_gb: int
    disk_gb: int
    connections: int
    megabits: float


WEEK = Contest("85,000 people in a week", 85_000, 7, day_share=0.3, hour_share=0.15)
THREE_WEEKS = Contest("1,000,000 people in three weeks", 1_000_000, 21, day_share=0.12, hour_share=0.15)


def need(contest: Contest, measured: Measured) -> Need:
    """Return what a contest needs in its busiest minute, and to keep."""
    rate = contest.journeys_a_second
    web, database = (cores(rate * seconds) for seconds in measured.journey)
    saves = sum(step.times for step in JOURNEY if step.name in {"save", "predict"})
    attempts = contest.people * ATTEMPTS
    wire_kb = measured.received_kb + FIRST_VISIT_KB / ATTEMPTS
    return _need(rate, rate * saves, web, database, attempts, rate * wire_kb, measured)


def need_at_once(people: int, within: float, installation: Installation, measured: Measured) -> Need:
    """Return what an installation is that takes an opening: its wire has to bring everybody's files within the time."""
    rate = installation.starts_per_minute / 60
    wire_kb = people / within * FIRST_VISIT_KB + rate * measured.received_kb
    web = installation.web + installation.passwords
    return _need(rate, 0.0, web, installation.database, people * ATTEMPTS, wire_kb, measured)


def _need(
    rate: float, saves: float, web: int, database: int, attempts: float, wire_kb: float, measured: Measured
) -> Need:
    disk = attempts * measured.disk_kb * KEPT_TWICE / 1e6
    return Need(
        journeys=rate,
        saves=saves,
        web_cores=web,
        database_cores=database,
        web_machines=machines(web, WEB_MACHINE) + 1,
        database_machines=machines(database, DATABASE_MACHINE) + 1,
        web_gb=math.ceil(BASE_GB + min(web, WEB_MACHINE) * measured.process_mb / 1000),
        database_gb=math.ceil(DATABASE_GB + disk / KEPT_TWICE),
        disk_gb=max(1, math.ceil(disk)),
        connections=web * CONNECTIONS,
        megabits=wire_kb * 8 / 1000,
    )


def cores(seconds_a_second: float) -> int:
    """Return how many cores are busy no more than they may be with so much work; one at least."""
    return max(1, math.ceil(seconds_a_second / MOST_BUSY - 1e-9))


def machines(wanted: int, size: int) -> int:
    return -(-wanted // size)


def starts_per_minute(web: int, database: int, people: int, measured: Measured) -> int:
    """Return the rate of starts that so many cores bear while so many people wait and look at their places; one at least."""
    bears = (
        bearable(cores * TRUST, people, start, look)
        for cores, start, look in zip((web, database), measured.start, measured.look, strict=True)
    )
    return max(1, int(min(bears) * 60 + 1e-6))


def bearable(cores: float, people: int, start: float, look: float) -> float:
    """Return how many starts a second keep so many cores busy, with all looks of those who wait; a quarter is for starts."""
    if start == 0:
        return math.inf
    low, high, least = 0.0, cores / start, cores / start / 4
    for _ in range(60):
        rate = (low + high) / 2
        if rate * (start + looks_of(people / rate) * look) > cores:
            high = rate
        else:
            low = rate
    return max(least, low)


def looks_of(wait: float) -> float:
    """Return how often somebody looks at their place in a wait of so many seconds, by the product's rule."""
    often, seldom = SOONEST.total_seconds(), LATEST.total_seconds()
    near, far = often * 10, seldom * 10
    looks = min(wait, near) / often
    if wait > near:
        looks += 10 * math.log(min(wait, far) / near)
    return looks + max(0.0, wait - far) / seldom


def read(results: Mapping[str, Any]) -> Measured:
    """Return what a comparison found of the product, on PostgreSQL where it was measured; raises KeyError for what it lacks."""
    stores = results["stores"]
    store = stores.get("postgresql") or stores["sqlite"]
    journey, closed = (store[name]["sides"]["product"] for name in ("journey", "closed"))
    seconds = {s.name: (journey[f"{s.name}.server"] / 1000, journey[f"{s.name}.database"] / 1000) for s in JOURNEY}
    floor = store["journey"]["sides"]["floor"]
    password = (floor["sign_in.server"] - floor["sign_in_page.server"]) / 1000  # the floor's sign-in is little else
    queue = store["queue"]["sides"]["product"]
    look = queue["server"] / 1000, queue["database"] / 1000
    return Measured(seconds, look, password, closed["received_kb"], max(closed["disk_kb"], 1.0), closed["pss"])
