"""What an item declares: its responses with what is right and what values bring, and its outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from contest.formats.qti.document import Element
from contest.formats.taking import NotTaken
from contest.rules.questions.numbers import as_number
from contest.rules.refusals import Refusal
from contest.rules.response_processing import Cardinality, Entry, ValueMap

NUMBERS = {"float", "integer"}


@dataclass(frozen=True, slots=True)
class Declared:
    """A response as it is declared; `mapping` says what its values bring, where anything does."""

    identifier: str
    cardinality: Cardinality
    base_type: str
    correct: tuple[str, ...] = ()
    mapping: ValueMap | None = None


def responses(item: Element) -> Mapping[str, Declared]:
    """Return the responses of an item by their names. Raises NotTaken for one that cannot be understood."""
    return {told.identifier: told for told in map(_response, item.findall("responseDeclaration"))}


def starting_values(item: Element) -> Mapping[str, str]:
    """Return the outcomes that have a value before anything is answered."""
    found = ((o.get("identifier", ""), o.findtext("defaultValue/value")) for o in item.findall("outcomeDeclaration"))
    return {name: value.strip() for name, value in found if value is not None}


def number(written: str | None) -> Decimal:
    """Return a number as QTI writes it. Raises NotTaken for anything else."""
    value = as_number((written or "").strip())
    if value is None or abs(value.adjusted()) > 9 or -int(value.as_tuple().exponent) > 20:
        raise NotTaken(Refusal("qti-number", {"written": (written or "")[:40]}))
    return value


def _response(element: Element) -> Declared:
    written = element.get("cardinality", "single")
    if written not in set(Cardinality):
        raise NotTaken(Refusal("qti-cardinality", {"cardinality": written[:40]}))
    correct = tuple(_value(value) for value in element.findall("correctResponse/value"))
    mapping = element.find("mapping")
    return Declared(
        element.get("identifier", ""),
        Cardinality(written),
        element.get("baseType", "identifier"),
        correct,
        None if mapping is None else _mapping(mapping),
    )


def _mapping(element: Element) -> ValueMap:
    entries = tuple(
        Entry(
            " ".join(entry.get("mapKey", "").split()),
            number(entry.get("mappedValue")),
            entry.get("caseSensitive", "true").strip() in {"true", "1"},
        )
        for entry in element.findall("mapEntry")
    )
    lower, upper = (None if element.get(b) is None else number(element.get(b)) for b in ("lowerBound", "upperBound"))
    return ValueMap(entries, number(element.get("defaultValue", "0")), lower, upper)


def _value(element: Element) -> str:
    return " ".join((element.text or "").split())
