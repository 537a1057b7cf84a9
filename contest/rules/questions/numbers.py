"""Numbers as people write them, and the spans that a numeric answer may lie in."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

LONGEST = 40  # letters of a number; more is no answer to a question
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:[.\u00a0\u202f ][0-9]{3})+(?:,[0-9]+)?")
_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,2})?")


def read_number(text: str, unit: str = "") -> Decimal | None:
    """Return the number that a text writes the Vietnamese way, or None: 1.234,5 and 1 234,5, or plainly 0.5 and 0,5.

    A point with exactly three digits after it parts thousands, as everywhere in Vietnam. The unit may follow.
    """
    typed = text.strip().replace("\u2212", "-")
    if unit and typed.endswith(unit):
        typed = typed[: -len(unit)].rstrip()
    if len(typed) > LONGEST:
        return None
    if _GROUPED.fullmatch(typed):
        whole, _, decimals = typed.partition(",")
        return as_number(f"{re.sub('[^0-9+-]', '', whole)}.{decimals or 0}")
    return as_number(typed.replace(",", ".")) if _PLAIN.fullmatch(typed) else None


def as_number(text: str) -> Decimal | None:
    """Return a number in the form in which keys and responses are kept: decimals after a point, nothing else."""
    try:
        value = Decimal(text) if len(text) <= LONGEST else None
    except InvalidOperation:
        return None
    if value is None or not value.is_finite() or abs(value.adjusted()) > LONGEST:
        return None
    return value + 0  # minus nought is nought


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers from `low` to `high`, both included."""

    low: Decimal
    high: Decimal

    def holds(self, value: Decimal) -> bool:
        return self.low <= value <= self.high


def read_span(text: str) -> Span | None:
    """Return what a key's value means: `12.5`, `12.5:0.1` (a tolerance, not below nought) or `10..12`; None for neither."""
    if ".." in text:
        low, _, high = text.partition("..")
        ends = as_number(low), as_number(high)
        if ends[0] is None or ends[1] is None or ends[0] > ends[1]:
            return None
        return Span(ends[0], ends[1])
    middle, _, tolerance = text.partition(":")
    value, width = as_number(middle), as_number(tolerance or "0")
    if value is None or width is None or width < 0:
        return None
    return Span(value - width, value + width)


def plain(value: Decimal) -> str:
    """Write a number as keys and responses keep it: no exponent, no zeros that say nothing."""
    digits = f"{value:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def said(value: str) -> str:
    """Return a key's span, or a response, as people read it: 12,5; 12,5 ± 0,1; 10 – 12."""
    return " – ".join(end.replace(".", ",").replace(":", " ± ") for end in value.split(".."))
