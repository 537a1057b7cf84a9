"""CPU time and memory of processes this one has started, from /proc (Linux)."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Reading:
    """Seconds of CPU used so far: by each group, by this process (`own`), by the whole machine, and stolen from it."""

    groups: Mapping[str, float]
    own: float
    machine: float
    stolen: float


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds used between two readings: by the groups, this process, everybody else, and stolen by the hypervisor."""

    groups: Mapping[str, float]
    own: float
    foreign: float
    stolen: float

    def disturbance(self, capacity: float) -> float:
        """Return the share of so many seconds of all cores that went to others or was stolen, whichever is more."""
        return max(self.foreign, self.stolen) / capacity


class Meter:
    """Reads the CPU of named groups: each a list of processes, with all below them and those of them that have ended."""

    def __init__(self, groups: Mapping[str, Iterable[int]]) -> None:
        self._groups = {name: tuple(pids) for name, pids in groups.items()}

    def read(self) -> Reading:
        table = _table()
        groups = {name: sum(table[pid][1] for pid in below(pids, table)) for name, pids in self._groups.items()}
        busy, stolen = _machine()
        return Reading(groups, sum(os.times()[:2]), busy, stolen)


def between(before: Reading, after: Reading) -> Spent:
    """Return what was used between two readings of one meter."""
    groups = {name: after.groups[name] - before.groups[name] for name in after.groups}
    own, busy = after.own - before.own, after.machine - before.machine
    foreign = max(0.0, busy - own - sum(groups.values()))
    return Spent(groups, own, foreign, after.stolen - before.stolen)


def below(pids: Iterable[int], table: Mapping[int, tuple[int, float]] | None = None) -> list[int]:
    """Return the processes with all their descendants; those that have ended are left out."""
    table = table if table is not None else _table()
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in table.items():
        children.setdefault(parent, []).append(pid)
    found, waiting = [], list(pids)
    while waiting:
        if (pid := waiting.pop()) in table:
            found.append(pid)
            waiting += children.get(pid, [])
    return found


def pss_mb(pid: int) -> float:
    """Return the proportional set size of one process in MB: its own memory and its share of what it shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _table() -> dict[int, tuple[int, float]]:
    """Return of each process its parent and its CPU seconds, with those of children that have ended."""
    found = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                fields = (path / "stat").read_text(encoding="latin-1").rpartition(")")[2].split()
            except OSError:
                continue
            found[int(path.name)] = int(fields[1]), sum(map(int, fields[11:15])) / _TICKS
    return found


def _machine() -> tuple[float, float]:
    """Return the seconds that processes have used, and those the hypervisor took; interrupts are nobody's."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    return sum(map(int, fields[:3])) / _TICKS, int(fields[7]) / _TICKS
