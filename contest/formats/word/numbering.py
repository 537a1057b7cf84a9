"""Automatic numbering: the words that Word shows before a paragraph and that are in none of its runs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from contest.formats.ooxml import Element, attribute, child, children, number, value_of

_LEVEL = re.compile("%([1-9])")
_ITEM = re.compile("[\u2060]?[0-9]{1,9}[.)]?")  # what stands before an item that is a number alone
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_MOST_ROMAN, _DEEPEST = 399, 9


@dataclass(frozen=True, slots=True)
class Level:
    """A level of lists; it begins again behind the levels above `resets`, by default all that are above it."""

    form: str
    text: str
    start: int
    style: str | None
    resets: int


@dataclass(frozen=True, slots=True)
class List:
    """A list: the definition by which it counts, its levels, and where those start that begin anew in it."""

    definition: str
    levels: Mapping[int, Level]
    starts: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Counted:
    """A numbered paragraph: what Word shows before it, how deep it lies, and its number; None for a bullet.

    It is no item where what stands before it is more than a number.
    """

    label: str = ""
    depth: int = 0
    number: int | None = None
    is_item: bool = False


_NO_LIST = List("", {}, {})


@dataclass(slots=True)
class Numbering:
    """The lists of a document and how far each has counted; lists of one definition count on together."""

    lists: Mapping[str, List] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)

    def count(self, list_id: str, level: int, style: str | None = None) -> Counted:
        """Count a paragraph and return what stands before it: "Câu 3.", "B.", or nothing for a bullet."""
        found = self.lists.get(list_id, _NO_LIST)
        levels = found.levels
        level = next((at for at, told in levels.items() if style and told.style == style), level)
        if level not in levels:
            return Counted()
        counts = self._counts.setdefault(found.definition, {})
        if level in found.starts and (list_id, level) not in self._begun:
            self._begun.add((list_id, level))
            counts[level] = found.starts[level] - 1
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [at for at in counts if at > level and (at not in levels or level < levels[at].resets)]:
            del counts[deeper]
        form = levels[level].form
        if form in {"bullet", "none"}:
            return Counted(depth=level + 1, is_item=form == "bullet")

        def shown(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            return _written(counts.get(at, levels[at].start), levels[at].form) if at in levels else ""

        label = _LEVEL.sub(shown, levels[level].text)
        return Counted(label, level + 1, counts[level], form == "decimal" and _ITEM.fullmatch(label) is not None)


def read_numbering(root: Element | None) -> Numbering:
    """Return the lists of a document, none where it has no such part."""
    if root is None:
        return Numbering()
    definitions = {attribute(found, "abstractNumId") or "": found for found in children(root, "abstractNum")}
    by_style = {link: told for told, found in definitions.items() if (link := value_of(found, "styleLink"))}
    levels = {told: _levels(found) for told, found in definitions.items()}

    def read(found: Element) -> List:
        told = value_of(found, "abstractNumId") or ""
        told = by_style.get(value_of(definitions.get(told), "numStyleLink") or "", told)
        return _list(found, told, levels.get(told, {}))

    return Numbering({attribute(found, "numId") or "": read(found) for found in children(root, "num")})


def _levels(parent: Element) -> Mapping[int, Level]:
    return {number(attribute(level, "ilvl")): _level(level) for level in children(parent, "lvl")}


def _level(level: Element) -> Level:
    text = value_of(level, "lvlText") or ""
    start, resets = number(value_of(level, "start"), 1), number(value_of(level, "lvlRestart"), _DEEPEST)
    return Level(value_of(level, "numFmt") or "decimal", text, start, value_of(level, "pStyle"), resets)


def _list(found: Element, definition: str, levels: Mapping[int, Level]) -> List:
    """Return a list with what it changes of its definition."""
    changes = list(children(found, "lvlOverride"))
    starts = {
        number(attribute(change, "ilvl")): number(value_of(change, "startOverride"), 1, digits=9)
        for change in changes
        if child(change, "startOverride") is not None
    }
    own = {at: level for change in changes for at, level in _levels(change).items()}
    return List(definition, {**levels, **own}, starts)


def _written(value: int, form: str) -> str:
    match form:
        case "upperLetter" | "lowerLetter":
            letter = chr(ord("A") + (value - 1) % 26) * ((value - 1) // 26 + 1)
            return letter[:5] if form == "upperLetter" else letter[:5].lower()
        case "upperRoman" | "lowerRoman":
            roman = _roman(value)
            return roman.upper() if form == "upperRoman" else roman
        case "decimalZero":
            return f"{value:02}"
    return str(value)


def _roman(value: int) -> str:
    if not 0 < value <= _MOST_ROMAN:
        return str(value)
    out = ""
    for worth, letters in _ROMAN:
        out += letters * (value // worth)
        value %= worth
    return out
