"""Results recounted from raw rows, by SQL alone: no code of rules or services takes part."""

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from contest.db import db


def read(sql: str, **params: Any) -> list[Any]:
    return list(db.session.execute(sa.text(sql), params).all())


def instant(value: Any) -> datetime:
    """Return an instant that a raw row holds: SQLite gives text, PostgreSQL a moment with its zone."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def plain(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


class Sitting(NamedTuple):
    """An attempt as it is recounted."""

    attempt: int
    member: int
    unit: int
    number: int
    correct: int
    guess: int | None
    seconds: int


def recount(round_number: int) -> list[Sitting]:
    """Score every closed attempt of a round from raw rows; no code of rules or services takes part."""
    weights = {v: plain(w) for v, w in read("SELECT version_id, weights FROM answer_keys")}
    latest: dict[int, dict[int, tuple[int, Any]]] = {}
    for attempt, position, revision, value in read("SELECT attempt_id, position, revision, value FROM responses"):
        known = latest.setdefault(attempt, {}).get(position)
        if known is None or revision > known[0]:
            latest[attempt][position] = (revision, plain(value))
    found = read(
        "SELECT a.id, a.member_id, a.unit_id, a.number, a.paper, a.started_at, a.finished_at, a.ends_at FROM attempts a "
        "JOIN rounds r ON r.id = a.round_id WHERE r.number = :n AND a.state <> 'open' ORDER BY a.id", n=round_number,
    )  # fmt: skip
    out = []
    for attempt, member, unit, number, paper, started, finished, ends in found:
        correct = 0
        for position, (version, options) in enumerate(plain(paper), 1):
            given = latest.get(attempt, {}).get(position, (0, None))[1]
            chosen = set(given) if isinstance(given, list) else {given} - {None}
            assert chosen <= set(options)
            right = {o for o in options if float(weights[version][o]) > 0}
            correct += chosen == right
        guess = latest.get(attempt, {}).get(0, (0, None))[1]
        seconds = int((min(instant(finished), instant(ends)) - instant(started)).total_seconds())
        out.append(Sitting(attempt, member, unit, number, correct, guess, seconds))
    return out


def ranked(sittings: list[Sitting]) -> tuple[int, list[tuple[int, int, int]]]:
    """Return the target, and (place, member, attempt that counts) in order."""
    target = len({s.member for s in sittings if s.correct == 20})
    own: dict[int, list[Sitting]] = {}
    for s in sittings:
        own.setdefault(s.member, []).append(s)

    def strength(s: Sitting) -> tuple[int, float, int]:
        return -s.correct, float("inf") if s.guess is None else abs(s.guess - target), s.seconds

    best = [min(tries, key=lambda s: (strength(s), s.number)) for tries in own.values()]
    best.sort(key=lambda s: (strength(s), s.member))
    places = [1 + sum(strength(o) < strength(s) for o in best) for s in best]
    return target, [(place, s.member, s.attempt) for place, s in zip(places, best, strict=True)]


def participants_by_unit(round_number: int) -> dict[str, int]:
    """Count distinct people under each affiliated unit, walking up the tree by its parents."""
    parent = {r[0]: r[1] for r in read("SELECT id, parent_id FROM units")}
    code = {r[0]: r[1] for r in read("SELECT id, code FROM units")}
    root = next(unit for unit, above in parent.items() if above is None)
    people_of: dict[str, set[int]] = {code[u]: set() for u, above in parent.items() if above == root}
    for s in recount(round_number):
        unit = s.unit
        while parent[unit] != root:
            unit = parent[unit]
        people_of[code[unit]].add(s.member)
    return {unit: len(found) for unit, found in people_of.items()}
