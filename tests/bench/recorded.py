"""A small result of a comparison, as it is written down."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from bench.participants import JOURNEY

_PRODUCT = {
    "sign_in_page": (2.0, 0.0), "sign_in": (32.0, 2.0), "start": (50.0, 10.0), "save": (1.0, 0.5), "predict": (1.0, 0.5),
    "submit": (10.0, 2.0), "receipt": (6.0, 1.0), "standings": (15.0, 4.0),
}  # fmt: skip
_FLOOR = {
    "sign_in_page": (0.5, 0.0), "sign_in": (20.5, 0.5), "start": (5.0, 1.0), "save": (0.6, 0.3), "predict": (0.6, 0.3),
    "submit": (1.2, 0.3), "receipt": (1.8, 0.2), "standings": (3.0, 0.7),
}  # fmt: skip
_CLEAN = {"errors": 0, "lost": 0}


def _journey(steps: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for step in JOURNEY:
        server, database = steps[step.name]
        each = {"server": server, "database": database, "cpu": server + database, "p50": 9.0, "p95": 20.0, "p99": 30.0}
        found |= {f"{step.name}.{key}": value for key, value in {**each, "statements": 2.0}.items()}
    total = sum((steps[s.name][0] + steps[s.name][1]) * s.times for s in JOURNEY)
    return {**found, "journey.cpu": total, **_CLEAN}


def _part(floor: Mapping[str, float] | None, product: Mapping[str, float]) -> dict[str, Any]:
    sides = {"floor": floor, "product": product} if floor is not None else {"product": product}
    return {
        "sides": {name: {**_CLEAN, **side} for name, side in sides.items()},
        "discarded": 1,
        "disturbance": 0.012,
        "failures": {},
    }


def _board(people: float, units: float, floor: float) -> dict[str, Any]:
    of_people = {"standings.cpu": people, "standings.p50": people, "standings.p99": people * 2}
    busy = {"standings.busy.p50": people * 2, "standings.busy.p99": people * 5}
    of_units = {"unit_board.cpu": units, "unit_board.p50": units, "unit_board.p99": units * 2}
    return _part({"standings.cpu": floor, "standings.p50": floor}, {**of_people, **busy, **of_units})


_WAITS = {"calm.save.p50": 2.0, "calm.save.p99": 8.0, "storm.save.p50": 3.0, "sign_in.p99": 90.0, "start.p99": 80.0}
_CLOSED = {"rate": 12.5, "cpu": 160.0, "pss": 120.0, "processes": 2, "disk_kb": 12.0, "received_kb": 400.0}
_NAMES = ("members.1000", "results csv.10000")
_FILES = {"seconds": 3.0, "cpu": 2.5, "mb": 180.0, "file_mb": 1.5}
STORE = {
    "journey": _part(_journey(_FLOOR), _journey(_PRODUCT)),
    "save": _part({"cpu": 0.9, "p50": 4.0, "p99": 9.0, "rate": 900.0}, {"cpu": 1.5, "p50": 6.0, "p99": 14.0, "rate": 600.0}),
    "closed": _part({**_CLOSED, "rate": 30.0, "pss": 70.0}, _CLOSED),
    "storm.passwords": _part({**_WAITS, "storm.save.p99": 1200.0}, {**_WAITS, "storm.save.p99": 40.0, "queued": 12}),
    "queue": _part(None, {"server": 4.0, "database": 1.0, "cpu": 5.0, "p50": 10.0, "p99": 30.0}),
    "mass": _part({"p50": 4.0, "p99": 9.0, "people": 100, "cpu": 1.5}, {"p50": 30.0, "p99": 90.0, "people": 100, "cpu": 12.0}),
    "standings.1000": _board(12.0, 8.0, 3.0),
    "standings.10000": _board(12.5, 9.0, 3.5),
    "exchange": _part(None, {f"{name}.{key}": value for name in _NAMES for key, value in _FILES.items()}),
}  # fmt: skip
RESULTS: Mapping[str, Any] = {
    "at": "2026-11-27T06:00:00+00:00",
    "machine": {"processor": "A processor", "cores": 2, "memory_gb": 24, "python": "CPython 3.11.7"},
    "command": ".venv/bin/python -m bench.compare",
    "is_short": False,
    "broken": {},
    "stores": {"sqlite": STORE, "postgresql": deepcopy(STORE)},
}
