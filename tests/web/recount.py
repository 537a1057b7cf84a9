"""The results of a round counted anew from raw rows: no code of rules or services takes part."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask

from contest.db import db

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def recomputed(app: Flask, code: str) -> list[dict[str, Any]]:
    """Return the rows that an export of a round must hold, in the order of their places."""
    read = lambda text, **by: [dict(r) for r in db.session.execute(sa.text(text), by).mappings()]  # noqa: E731
    with app.app_context():
        (of,) = read("SELECT * FROM rounds WHERE code = :code", code=code)
        keys = {r["version_id"]: _loaded(r["weights"]) for r in read("SELECT * FROM answer_keys")}
        people = {r["id"]: r for r in read("SELECT * FROM members")}
        units = {r["id"]: r for r in read("SELECT * FROM units")}
        found: dict[int, list[dict[str, Any]]] = {}
        closed = "SELECT * FROM attempts WHERE round_id = :r AND state <> 'open' AND void_id IS NULL ORDER BY number"
        for a in read(closed, r=of["id"]):
            saved: dict[int, tuple[int, Any]] = {}
            for r in read("SELECT * FROM responses WHERE attempt_id = :a", a=a["id"]):
                saved[r["position"]] = max(saved.get(r["position"], (0, None)), (r["revision"], r["value"]))
            paper = enumerate(_loaded(a["paper"]), 1)
            right = sum(Decimal(keys[v].get(_chosen(saved, n), "0")) == 1 for n, (v, _) in paper)
            guess = saved.get(0, (0, None))[1]
            found.setdefault(a["member_id"], []).append(
                {**a, "right": right, "guess": None if guess is None else int(guess)}
            )
    final = of["settled_at"] is not None
    target = sum(any(a["right"] == 3 for a in own) for own in found.values()) if final else None
    ranked = sorted((*_counted(own, of["counted"], target), m) for m, own in found.items())
    ranked.sort(key=lambda place: (place[0], place[2]))
    out = list[dict[str, Any]]()
    for number, (key, index, member_id) in enumerate(ranked, 1):
        a, who = found[member_id][index], people[member_id]
        unit, same = units[a["unit_id"]], number > 1 and ranked[number - 2][0] == key
        out.append({
            "round": of["title"], "place": out[-1]["place"] if same else number, "member_code": who["code"],
            "full_name": who["full_name"], "birth_date": _day(who["birth_date"]), "unit_code": unit["code"],
            "unit_name": unit["name"], "correct_count": a["right"], "points": str(a["right"]),
            "prediction": a["guess"] if final else None,
            "prediction_error": None if target is None or a["guess"] is None else abs(a["guess"] - target),
            "duration_seconds": _seconds(a), "started_at": _local(a["started_at"]),
            "submitted_at": _local(a["finished_at"]), "attempts_used": len(found[member_id]), "receipt": a["receipt"],
            "award": "",
        })  # fmt: skip
    return out


def _counted(own: list[dict[str, Any]], counted: str, target: int | None) -> tuple[tuple[int, int, int], int]:
    """Return the sortable key of the attempt that counts, and which it is: correct, then nearness, then duration."""

    def key(a: dict[str, Any]) -> tuple[int, int, int]:
        error = 0 if target is None else 2**62 if a["guess"] is None else abs(a["guess"] - target)
        return -a["right"], error, _seconds(a)

    index = len(own) - 1 if counted == "last" else min(range(len(own)), key=lambda i: (key(own[i]), i))
    return key(own[index]), index


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _chosen(saved: dict[int, tuple[int, Any]], position: int) -> str:
    return str(saved.get(position, (0, None))[1]).strip('"')


def _instant(value: Any) -> datetime:
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def _seconds(a: dict[str, Any]) -> int:
    return int((_instant(a["finished_at"]) - _instant(a["started_at"])).total_seconds())


def _local(value: Any) -> str:
    return _instant(value).astimezone(HANOI).isoformat()


def _day(value: Any) -> str | None:
    return str(value)[:10] if value else None
