"""A table of a file of settings, read key by key: what is missing, of another shape or unknown is written down."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from contest.formats.regulations.terms import Span
from contest.rules.refusals import Refusal
from contest.rules.text import LAST_YEAR, clean
from contest.rules.windows import MOST_WINDOWS
from contest.rules.worth import read_fraction

MISSING: Any = object()


class Table:
    """One table; `where` stands before its keys in what is written down, `shared` are those that [round] said."""

    def __init__(
        self, given: Any, where: str, problems: list[Refusal], shared: frozenset[str] | set[str] = frozenset()
    ) -> None:
        self._given: dict[str, Any] = dict(given) if isinstance(given, dict) else {}
        self._where, self._problems, self._shared, self._known = where, problems, shared, set[str]()

    def take(self, key: str, default: Any, holds: Callable[[Any], bool], wanted: str) -> Any:
        """Return a value that holds; None, with the problem written down, for any other."""
        self._known.add(key)
        if key not in self._given:
            if default is MISSING:
                self.refuse("settings-missing", key)
                return None
            return default
        value = self._given[key]
        if not holds(value):
            self.refuse("settings-wrong", key, wanted=wanted)
            return None
        return value

    def refuse(self, slug: str, key: str, **params: object) -> None:
        """Write a problem down, once where it is one of [round] that every round would have."""
        refusal = Refusal(slug, {"key": f"{'round.' if key in self._shared else self._where}{key}", **params})
        if refusal not in self._problems:
            self._problems.append(refusal)

    def table(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] | None = self.take(key, {}, lambda v: isinstance(v, dict), f"[{key}]")
        return found or {}

    def sub(self, key: str) -> "Table":
        return Table(self.table(key), f"{self._where}{key}.", self._problems)

    def has(self, key: str) -> bool:
        return key in self._given

    def tables(self, key: str, default: Any = MISSING) -> list[dict[str, Any]]:
        """Return the tables of an array of them, at most a hundred."""

        def holds(value: Any) -> bool:
            return isinstance(value, list) and len(value) <= 100 and all(isinstance(v, dict) for v in value)

        return self.take(key, default, holds, f"[[{key}]]") or []

    def subs(self, key: str, default: Any = MISSING) -> list["Table"]:
        where = f"{self._where}{key}"
        return [Table(v, f"{where}[{n}].", self._problems) for n, v in enumerate(self.tables(key, default), 1)]

    def text(self, key: str, default: Any = MISSING, *, limit: int = 200, multiline: bool = False) -> Any:
        """Return a text as a form would keep it; one that has to be there is not empty."""
        found = self.take(key, default, lambda v: isinstance(v, str) and (default == "" or bool(v.strip())), '"…"')
        if not isinstance(found, str):
            return found
        cleaned = clean(found, limit=limit, multiline=multiline)
        if isinstance(cleaned, Refusal):
            self.refuse("settings-too-long" if cleaned.params else "settings-bad-text", key, **cleaned.params)
            return None
        return cleaned

    def whole(self, key: str, default: Any = MISSING, word: str | None = None, low: int = 1, high: int = 9999) -> Any:
        def holds(value: Any) -> bool:
            return (type(value) is int and low <= value <= high) or (word is not None and value == word)

        wanted = f"{low} … {high}" if word is None else f'{low} … {high}, "{word}"'
        found = self.take(key, default, holds, wanted)
        return None if found == word else found

    def amount(self, key: str, default: Any = MISSING) -> Decimal | None:
        """Return an exact number: a whole one, or a text such as "12.5", for the format's own fractions are not exact."""
        found = self.take(key, default, _is_amount, '10, "12.5"')
        return found if found is None or found is default else Decimal(found)

    def amounts(self, key: str) -> dict[str, Decimal]:
        """Return the exact numbers of a table, by their names."""
        own = self.sub(key)
        found = {own.name(name): own.amount(name) for name in self.table(key)}
        return {name: value for name, value in found.items() if name and value is not None}

    def name(self, key: str, limit: int = 120) -> str:
        """Return a key that is a name in itself as a form would keep it."""
        cleaned = clean(key, limit=limit)
        if isinstance(cleaned, Refusal) or not cleaned:
            self.refuse("settings-bad-text", key)
            return ""
        return cleaned

    def wholes(self, key: str, default: Any, high: int) -> tuple[int, ...]:
        def holds(value: Any) -> bool:
            return isinstance(value, list) and all(type(v) is int and 1 <= v <= high for v in value)

        return tuple(self.take(key, default, holds, f"[1, … {high}]") or ())

    def fraction(self, key: str, default: Any = MISSING) -> Fraction | None:
        """Return an exact fraction: "1/4", "0.25", 1."""
        found = self.take(key, default, _is_fraction, '"1/4", "0.25", 1')
        return found if found is None or found is default else read_fraction(str(found))

    def fractions(self, key: str) -> tuple[Fraction, ...]:
        def holds(value: Any) -> bool:
            return isinstance(value, list) and all(map(_is_fraction, value))

        found = self.take(key, [], holds, '["0.1", "0.25", "0.5", 1]') or []
        return tuple(read_fraction(str(v)) or Fraction() for v in found)

    def flag(self, key: str, default: bool) -> bool:
        return bool(self.take(key, default, lambda v: isinstance(v, bool), "true, false"))

    def moment(self, key: str, default: Any = MISSING) -> Any:
        return self.take(key, default, _is_local, "2026-05-18T07:00:00")

    def word(self, key: str, kind: type[StrEnum], default: Any = MISSING, none: str | None = None) -> Any:
        words = [*(w.value for w in kind), *([none] if none else [])]
        found = self.take(key, default, lambda v: isinstance(v, str) and v in words, ", ".join(words))
        return None if found in (None, none) else kind(found)

    def words(self, key: str, kind: type[StrEnum]) -> tuple[Any, ...]:
        known = [w.value for w in kind]

        def holds(value: Any) -> bool:
            return isinstance(value, list) and all(isinstance(v, str) and v in known for v in value)

        return tuple(map(kind, self.take(key, MISSING, holds, ", ".join(known)) or ()))

    def windows(self, opens_at: datetime | None, closes_at: datetime | None) -> tuple[Span, ...]:
        """Read several windows: listed, or each day from an hour to another; the round cuts those at its ends."""

        def are_spans(value: Any) -> bool:
            return isinstance(value, list) and all(
                isinstance(v, list) and len(v) == 2 and all(map(_is_local, v)) for v in value
            )

        listed = self.take("windows", [], are_spans, "[[2026-05-18T07:00:00, 2026-05-18T17:30:00], …]") or []
        hours = self.take("every_day", None, _are_hours, "[06:00:00, 17:30:00]")
        if hours is not None and opens_at is not None and closes_at is not None:
            return tuple(_daily(hours[0], hours[1], opens_at, closes_at))
        return tuple((a, b) for a, b in listed)

    def end(self) -> None:
        """Name the keys that nobody asked for."""
        for key in sorted(self._given.keys() - self._known):
            self.refuse("settings-unknown", key)


def merged(common: Mapping[str, Any], own: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """Return what a round says with what [round] says for it, and which keys are of the latter."""
    return {**common, **own}, common.keys() - own.keys()


def _is_amount(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", value) is not None
    return type(value) is int and 0 <= value <= 999_999


def _is_fraction(value: Any) -> bool:
    return type(value) in (int, str) and read_fraction(str(value)) is not None


def _is_local(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is None and 2000 <= value.year <= LAST_YEAR


def _are_hours(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(v, time) for v in value)


def _daily(first: time, last: time, opens_at: datetime, closes_at: datetime) -> Iterator[Span]:
    """Yield each day's window, as far as a round may have so many; 00:00 as its end is the midnight that ends the day."""
    day: date = opens_at.date()
    for _ in range(MOST_WINDOWS + 1):
        if day > closes_at.date():
            return
        until = datetime.combine(day + timedelta(days=last == time()), last)
        span = max(datetime.combine(day, first), opens_at), min(until, closes_at)
        if span[0] < span[1]:
            yield span
        day += timedelta(days=1)
