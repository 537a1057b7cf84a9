"""Single cells: what a cell says as text, and the apostrophe that keeps a formula from running."""

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

Cell = str | int | float | bool | date | datetime | time | timedelta

_FORMULA = "=+\\-@\t\r\n＝＋－＠"
_NEEDS_SHIELD = re.compile(f"'*[{_FORMULA}]")
_HAS_SHIELD = re.compile(f"'+[{_FORMULA}]")


def as_text(cell: Cell) -> str:
    """Return what a cell says, a whole number without its decimal point and a date as day/month/year."""
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case int() | float():
            return _number(cell)
        case datetime():
            return date_text(cell) if cell.time() == time() else f"{date_text(cell)} {cell:%H:%M}"
        case date():
            return date_text(cell)
        case time():
            return f"{cell:%H:%M}" if cell.second == 0 else f"{cell:%H:%M:%S}"
    return str(cell)


def date_text(day: date) -> str:
    """Return a date as Vietnamese tables write it."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def shield(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula; `unshield` takes it away."""
    return f"'{text}" if _NEEDS_SHIELD.match(text) else text


def unshield(text: str) -> str:
    """Take away the apostrophe that `shield` has put."""
    return text[1:] if _HAS_SHIELD.match(text) else text


def _number(value: float) -> str:
    if not math.isfinite(value):
        return str(value)
    return str(int(value)) if value == int(value) else f"{Decimal(repr(value)):f}"
