"""CPU time of the processes this one has started, from /proc (Linux)."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(word: str) -> float:
    """Return the CPU seconds used so far by our descendants whose command line, or an ancestor's of it, has the word."""
    table = {int(p.name): _stat(p) for p in Path("/proc").iterdir() if p.name.isdigit()}
    seconds = 0.0
    for pid, stat in table.items():
        line = _ancestry(pid, table)
        if os.getpid() in line[1:] and any(word in _command(ancestor) for ancestor in line[: line.index(os.getpid())]):
            seconds += stat[1]
    return seconds


def _stat(path: Path) -> tuple[int, float]:
    """Return a process's parent and its CPU seconds, with those of children that have ended."""
    try:
        fields = (path / "stat").read_text(encoding="latin-1").rpartition(")")[2].split()
    except OSError:
        return 0, 0.0
    return int(fields[1]), sum(map(int, fields[11:15])) / _TICKS


def _ancestry(pid: int, table: dict[int, tuple[int, float]]) -> list[int]:
    line = []
    while pid in table:
        line.append(pid)
        pid = table[pid][0]
    return line


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
