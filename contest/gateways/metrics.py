"""What a process counts of itself, and how all processes of a server say it together, in the words of Prometheus.

A process counts in its own memory, which costs a request a microsecond. Where the server has a folder for it, each writes
down now and then what it has counted since it began; whoever is asked writes its own and adds up all there is. What a
process that has ended left behind still counts, so that no sum ever falls; what it was just doing does not.
"""

import json
import os
import threading
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
REQUESTS = "hoithi_request_seconds"
COUNTERS = {  # what is counted one by one, each with the name of its label
    "hoithi_saves": ("Saves of one response, by what became of them.", "verdict"),
    "hoithi_sign_ins": ("Tries to sign in with a password, by how they ended.", "outcome"),
    "hoithi_readings": ("What is shown to many, by where it was read, where there is a replica.", "at"),
    "hoithi_actions": ("What was done and committed, as the audit log names it.", "action"),
}
_CLASSES = {digit: f"{digit}xx" for digit in "12345"}
Request = tuple[str, str, str]  # route, method, class of the status


@dataclass(slots=True)
class Counts:
    """What was counted: requests as counts by `BOUNDS` with the seconds they took behind, events by name and label."""

    requests: dict[Request, list[float]] = field(default_factory=dict)
    events: dict[tuple[str, str], float] = field(default_factory=dict)
    gauges: dict[tuple[str, str], float] = field(default_factory=dict)

    def add(self, other: "Counts") -> None:
        for key, row in other.requests.items():
            own = self.requests.setdefault(key, [0.0] * len(row))
            own[:] = [a + b for a, b in zip(own, row, strict=True)]
        for mine, theirs in ((self.events, other.events), (self.gauges, other.gauges)):
            for name, number in theirs.items():
                mine[name] = mine.get(name, 0) + number


_counts = Counts()
_lock = threading.Lock()


def count_request(route: str | None, method: str, status: str, seconds: float) -> None:
    """Count one answer; a route that is none of ours and a method that is none at all each have one name."""
    key = (route or "none", method if method in METHODS else "other", _CLASSES[status[0]])
    place = bisect_left(BOUNDS, seconds)
    with _lock:
        row = _counts.requests.get(key)
        if row is None:
            row = _counts.requests[key] = [0.0] * (len(BOUNDS) + 2)
        row[place] += 1
        row[-1] += seconds


def count(name: str, label: str) -> None:
    """Count one event of `COUNTERS`; labels are words of the program, never of people."""
    with _lock:
        _counts.events[name, label] = _counts.events.get((name, label), 0) + 1


def forget() -> None:
    """Begin anew; for tests."""
    with _lock:
        for known in (_counts.requests, _counts.events):
            known.clear()


def _own(gauges: Mapping[tuple[str, str], float]) -> Counts:
    with _lock:
        return Counts({k: list(row) for k, row in _counts.requests.items()}, dict(_counts.events), dict(gauges))


class Shelf:
    """The folder in which the processes of a server leave what they have counted; without one a process has its own alone."""

    def __init__(self, folder: Path | None, name: str) -> None:
        self._folder, self._name = folder, name

    @property
    def _path(self) -> Path | None:  # asked each time, since a process may have been forked meanwhile
        return self._folder / f"{os.getpid()}-{self._name}.json" if self._folder else None

    def write(self, gauges: Mapping[tuple[str, str], float]) -> None:
        """Leave what this process has counted; raises OSError."""
        if (path := self._path) is not None:
            fresh = path.with_suffix(".new")
            fresh.write_text(_dumped(_own(gauges)), encoding="utf-8")
            fresh.replace(path)

    def read(self, gauges: Mapping[tuple[str, str], float]) -> tuple[Counts, int]:
        """Return all there is together, this process's as of now, and how many processes live."""
        together, living, own = _own(gauges), 1, self._path
        for path in self._folder.glob("*.json") if self._folder else ():
            if path != own:
                found = _loaded(path.read_text(encoding="utf-8"))
                is_living = Path("/proc", path.name.partition("-")[0]).exists()
                living += is_living
                found.gauges = found.gauges if is_living else {}
                together.add(found)
        return together, living


def _dumped(counts: Counts) -> str:
    parts = (counts.requests, counts.events, counts.gauges)
    return json.dumps([[[*key, value] for key, value in part.items()] for part in parts])


def _loaded(text: str) -> Counts:
    requests, events, gauges = ({tuple(key): value for *key, value in part} for part in json.loads(text))
    return Counts(requests, events, gauges)


def exposition(counts: Counts, gauges: Iterable[Metric]) -> bytes:
    """Return all of it as Prometheus reads it."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once([*_families(counts), *gauges]))
    return generate_latest(registry)


class _Once:
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(counts: Counts) -> Iterable[Metric]:
    answers = HistogramMetricFamily(
        REQUESTS,
        "How long answers took from when the request came to this process.",
        labels=["route", "method", "status"],
    )
    for key, row in sorted(counts.requests.items()):
        answers.add_metric(key, *_cumulative(row))
    yield answers
    for name, (text, label) in COUNTERS.items():
        family = CounterMetricFamily(name, text, labels=[label])
        for (counted, value), number in sorted(counts.events.items()):
            if counted == name:
                family.add_metric([value], number)
        yield family


def _cumulative(row: list[float]) -> tuple[list[tuple[str, float]], float]:
    so_far, buckets = 0.0, []
    for bound, number in zip((*map(str, BOUNDS), "+Inf"), row, strict=False):
        so_far += number
        buckets.append((bound, so_far))
    return buckets, row[-1]


def gauge(name: str, text: str, values: Mapping[Any, float] | float, *labels: str) -> Metric:
    """Return one gauge: a number, or numbers by the values of its labels."""
    family: Any = GaugeMetricFamily(name, text, labels=labels)
    for key, number in values.items() if isinstance(values, Mapping) else [((), values)]:
        family.add_metric(list(key), number)
    return family  # type: ignore[no-any-return]
