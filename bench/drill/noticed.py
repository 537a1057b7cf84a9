"""What people noticed of an act, read from the journals of those who save."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AWAY = (0, 429, 502, 503, 504)  # answers after which a page repeats by itself


@dataclass(frozen=True, slots=True)
class Noticed:
    """Saves that were answered, those that were repeated, how long they took, and what nobody should have got."""

    act: str
    seconds: float
    saves: int
    repeated: int
    half: float  # milliseconds, also below
    most: float  # 95 of 100
    longest: float
    other: Counter[str]
    found: str

    def line(self) -> str:
        wrong = ", ".join(f"{n}× {what}" for what, n in self.other.most_common(3)) or "–"
        return (
            f"| {self.act} | {self.seconds:.0f} s | {self.saves} | {self.repeated} | {self.half:.0f} | {self.most:.0f} | "
            f"{self.longest:.0f} | {wrong} | {self.found or '–'} |"
        )


HEAD = (
    "| act | took | saves | repeated | half within, ms | 95 % within, ms | longest, ms | other errors | found |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def noticed(folder: Path, act: str, begun: float, over: float, found: str = "") -> Noticed:
    """Read what happened between two instants; a save counts from when it was first sent until it was acknowledged."""
    took, repeated, other = [], 0, Counter[str]()
    for lines in map(_lines, sorted(folder.glob("journal-*.jsonl"))):
        first: dict[Any, float] = {}
        sent: dict[int, Any] = {}
        for line in lines:
            if line["do"] == "save":
                key = line["attempt"], line["position"], line["revision"], json.dumps(line["value"])
                first.setdefault(key, line["at"])
                sent[line["n"]] = key
            elif line["do"] == "answer":
                key = sent.pop(line["to"])
                is_within = begun <= line["at"] <= over
                if line["status"] in AWAY:
                    repeated += is_within
                    continue
                begun_at = first.pop(key, line["at"])
                if is_within and line["status"] in (200, 409):
                    took.append((line["at"] - begun_at) * 1000)
                elif is_within:
                    other[f"save {line['status']}"] += 1
            elif line["do"] == "ask" and begun <= line["at"] <= over and line["status"] not in (*AWAY, 409):
                other[f"{line['method']} {line['status']}"] += 1
    spread = sorted(took) or [0.0]
    half, most = (spread[int((len(spread) - 1) * share)] for share in (0.5, 0.95))
    return Noticed(act, over - begun, len(took), repeated, half, most, spread[-1], other, found)


def table(rows: Iterable[Noticed]) -> str:
    return "\n".join([HEAD, *(row.line() for row in rows)])


def _lines(path: Path) -> Sequence[dict[str, Any]]:
    with path.open("rb") as file:
        return [json.loads(line) for line in file if line.endswith(b"\n")]
