"""The share of the mark that an answer brings, in percent."""

import re
from decimal import Decimal

from lxml import etree

from contest.formats.taking import NotTaken
from contest.rules.refusals import Refusal

_FRACTION = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{0,9})?")


def weight_of(answer: etree._Element) -> Decimal:
    """Return what an answer brings, 1 for all. Raises NotTaken."""
    written = answer.get("fraction", "0").strip()
    if not _FRACTION.fullmatch(written):
        raise NotTaken(Refusal("moodle-fraction", {"fraction": written[:40]}))
    return Decimal(written).scaleb(-2)


def percent(weight: Decimal) -> str:
    """Write a weight as Moodle does."""
    return f"{weight.scaleb(2).normalize():f}"
