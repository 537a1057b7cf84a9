"""Regulations of a contest as a file of settings (TOML): read with every problem named by its line or key, and written.

Times are local, in the organisation's zone. What `round` says holds for each of `rounds` that does not say otherwise.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from contest.rules.refusals import Refusal
from contest.rules.terms import Counted, Criterion, LimitPer, PredictionTarget
from contest.rules.unit_terms import UnitCriterion

UNLIMITED = "unlimited"
NO_PREDICTION = "none"
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class RoundSettings:
    """A round as regulations have it; no `windows` is one long window, no `attempts` is no limit."""

    title: str
    opens_at: datetime
    closes_at: datetime
    questions: int
    minutes: int
    attempts: int | None
    attempts_per: LimitPer
    counted: Counted
    prediction: PredictionTarget | None
    criteria: tuple[Criterion, ...]
    windows: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Later:
    """A part of a contest that is not held on this software, with how it is held."""

    title: str
    note: str


@dataclass(frozen=True, slots=True)
class Regulations:
    """Everything that a file of settings says; `text` is the printed regulations, `least_score` and `best` go with units."""

    slug: str
    title: str
    theme: str
    text: str
    units: UnitCriterion
    least_score: Decimal | None
    best: int | None
    rounds: tuple[RoundSettings, ...]
    later: tuple[Later, ...] = ()

    @property
    def whole_text(self) -> str:
        """The printed regulations, with the parts that are not held here as their last section."""
        if not self.later:
            return self.text
        lines = "\n".join(f"- {x.title}: {x.note}" for x in self.later)
        return f"{self.text.rstrip()}\n\n## Phần thi ngoài phần mềm\n\n{lines}\n"


class Broken(Exception):
    """What is wrong with a file, each by its line or key."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(*(r.slug for r in refusals))
        self.refusals = refusals


def read(data: bytes) -> Regulations:
    """Read a file; raises Broken naming everything that is wrong in it."""
    try:
        found = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Broken(Refusal("not-utf8", {"position": error.start + 1})) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise Broken(Refusal("settings-broken", {"line": int(line[1]) if line else data.count(b"\n") + 1})) from None
    problems: list[Refusal] = []
    top = _Table(found, "", problems)
    units = _Table(top.table("units"), "units.", problems)
    common = top.table("round")
    own = [_round({**common, **given}, f"rounds[{n}].", problems) for n, given in enumerate(top.tables("rounds"), 1)]
    later = [_later(given, f"later[{n}].", problems) for n, given in enumerate(top.tables("later", []), 1)]
    values: dict[str, Any] = {name: top.text(name) for name in ("slug", "title")}
    values |= {name: top.text(name, "") for name in ("theme", "text")}
    values |= {"units": units.word("criterion", UnitCriterion), "best": units.whole("best", None)}
    least = units.text("least_score", None)
    values["least_score"] = None if least is None else units.decimal("least_score", least)
    for table in (units, top):
        table.end()
    if problems:
        raise Broken(*problems)
    return Regulations(**values, rounds=tuple(own), later=tuple(later))


def _round(given: Mapping[str, Any], where: str, problems: list[Refusal]) -> Any:
    own = _Table(given, where, problems)
    attempts = own.whole("attempts", None, word=UNLIMITED)
    prediction = own.word("prediction", PredictionTarget, NO_PREDICTION)
    values = {
        "title": own.text("title"),
        "opens_at": own.moment("opens_at"),
        "closes_at": own.moment("closes_at"),
        "questions": own.whole("questions"),
        "minutes": own.whole("minutes"),
        "attempts": attempts,
        "attempts_per": own.word("attempts_per", LimitPer),
        "counted": own.word("counted", Counted),
        "prediction": prediction,
        "criteria": own.words("criteria", Criterion),
    }
    values["windows"] = own.windows(values["opens_at"], values["closes_at"])
    own.end()
    return RoundSettings(**values) if not problems else None


def _later(given: Mapping[str, Any], where: str, problems: list[Refusal]) -> Later:
    own = _Table(given, where, problems)
    found = Later(own.text("title") or "", own.text("note") or "")
    own.end()
    return found


_MISSING: Any = object()


class _Table:
    """A table of the file, read key by key; what is missing, of another shape or unknown is written down."""

    def __init__(self, given: Any, where: str, problems: list[Refusal]) -> None:
        self._given: dict[str, Any] = dict(given) if isinstance(given, dict) else {}
        self._where, self._problems, self._known = where, problems, set[str]()

    def _take(self, key: str, default: Any, holds: Callable[[Any], bool], wanted: str) -> Any:
        self._known.add(key)
        if key not in self._given:
            if default is _MISSING:
                self._refuse("settings-missing", key)
                return None
            return default
        value = self._given[key]
        if not holds(value):
            self._refuse("settings-wrong", key, wanted=wanted)
            return None
        return value

    def _refuse(self, slug: str, key: str, **params: object) -> None:
        self._problems.append(Refusal(slug, {"key": f"{self._where}{key}", **params}))

    def table(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] | None = self._take(key, {}, lambda v: isinstance(v, dict), f"[{key}]")
        return found or {}

    def tables(self, key: str, default: Any = _MISSING) -> list[Any]:
        def holds(value: Any) -> bool:
            return isinstance(value, list) and all(isinstance(v, dict) for v in value)

        return self._take(key, default, holds, f"[[{key}]]") or []

    def text(self, key: str, default: Any = _MISSING) -> Any:
        return self._take(key, default, lambda v: isinstance(v, str), '"…"')

    def whole(self, key: str, default: Any = _MISSING, word: str | None = None) -> int | None:
        def holds(value: Any) -> bool:
            return (type(value) is int and 0 < value < 10_000) or (word is not None and value == word)

        must = _MISSING if word is not None else default
        found = self._take(key, must, holds, "1, 2, 3 …" + (f', "{word}"' if word else ""))
        return None if found == word else found

    def decimal(self, key: str, text: str) -> Decimal | None:
        if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text):
            return Decimal(text)
        self._refuse("settings-wrong", key, wanted='"12.5"')
        return None

    def moment(self, key: str) -> Any:
        return self._take(key, _MISSING, _is_local, "2026-05-18T07:00:00")

    def word(self, key: str, kind: type[StrEnum], none: str | None = None) -> Any:
        words = [*(w.value for w in kind), *([none] if none else [])]
        found = self._take(key, _MISSING, lambda v: isinstance(v, str) and v in words, ", ".join(words))
        return None if found in (None, none) else kind(found)

    def words(self, key: str, kind: type[StrEnum]) -> tuple[Any, ...]:
        known = [w.value for w in kind]

        def holds(value: Any) -> bool:
            return isinstance(value, list) and all(isinstance(v, str) and v in known for v in value)

        return tuple(map(kind, self._take(key, _MISSING, holds, ", ".join(known)) or ()))

    def windows(self, opens_at: datetime | None, closes_at: datetime | None) -> tuple[Span, ...]:
        """Read several windows: listed, or each day from an hour to another; the round cuts those at its ends."""

        def are_spans(value: Any) -> bool:
            return isinstance(value, list) and all(
                isinstance(v, list) and len(v) == 2 and all(map(_is_local, v)) for v in value
            )

        listed = self._take("windows", [], are_spans, "[[2026-05-18T07:00:00, 2026-05-18T17:30:00], …]") or []
        hours = self._take("every_day", None, _are_hours, "[06:00:00, 17:30:00]")
        if hours is not None and opens_at is not None and closes_at is not None:
            return tuple(_daily(hours[0], hours[1], opens_at, closes_at))
        return tuple((a, b) for a, b in listed)

    def end(self) -> None:
        """Name the keys that nobody asked for."""
        for key in self._given.keys() - self._known:
            self._refuse("settings-unknown", key)


def _is_local(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is None and value.year >= 2000


def _are_hours(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(v, time) for v in value)


def _daily(first: time, last: time, opens_at: datetime, closes_at: datetime) -> Iterator[Span]:
    """Yield each day's window; 00:00 as its end is the midnight that ends the day."""
    day: date = opens_at.date()
    while day <= closes_at.date():
        until = datetime.combine(day + timedelta(days=last == time()), last)
        span = max(datetime.combine(day, first), opens_at), min(until, closes_at)
        if span[0] < span[1]:
            yield span
        day += timedelta(days=1)


def write(found: Regulations) -> bytes:
    """Write a file that reads as the same settings."""
    lines = [f"{name} = {_toml(getattr(found, name))}" for name in ("slug", "title", "theme", "text")]
    lines += ["", "[units]", f"criterion = {_toml(found.units)}"]
    if found.least_score is not None:
        lines.append(f'least_score = "{found.least_score:f}"')
    if found.best is not None:
        lines.append(f"best = {found.best}")
    for row in found.rounds:
        lines += ["", "[[rounds]]"]
        for field in fields(row):
            value = getattr(row, field.name)
            if field.name == "windows" and not value:
                continue
            lines.append(f"{field.name} = {_toml(value, _NOTHING.get(field.name))}")
    for part in found.later:
        lines += ["", "[[later]]", f"title = {_toml(part.title)}", f"note = {_toml(part.note)}"]
    return ("\n".join(lines) + "\n").encode()


_NOTHING = {"attempts": UNLIMITED, "prediction": NO_PREDICTION}


def _toml(value: Any, nothing: str | None = None) -> str:
    if value is None:
        return _toml(nothing)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(v) for v in value)}]"
    return (
        str(value) if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    )
