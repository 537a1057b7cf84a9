"""The answers of a part as they are written in an editor or a cell: one a line, `50%: …` for part of the mark."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from contest.rules.question_terms import PartKind
from contest.rules.questions.numbers import plain, read_number, said

Weighed = tuple[str, Decimal]
_WEIGHT = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,5})?) ?% ?: ?")
_BETWEEN = re.compile(r"\s*(?:\.\.+|–|—|\bđến\b)\s*")
_AROUND = re.compile(r"\s*(?:±|\+/?-|\+−)\s*")


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """A part as it stands in an editor: what is right, one answer a line, and what else a choice offers."""

    kind: PartKind
    text: str = ""
    right: str = ""
    wrong: str = ""
    unit: str = ""
    with_case: bool = False
    with_accents: bool = True


def read_answers(part: WrittenPart) -> tuple[Weighed, ...]:
    """Return the answers of a part with their weights; a line without one is wholly right, or wrong where it stands there."""
    found = [read_line(line, Decimal(1)) for line in _lines(part.right)]
    found += [read_line(line, Decimal(0)) for line in _lines(part.wrong)]
    if part.kind is PartKind.NUMBER:
        return tuple((read_typed_span(text), weight) for text, weight in found)
    return tuple(found)


def write_answers(kind: PartKind, answers: Sequence[Weighed]) -> tuple[str, str]:
    """Return what is right and what is wrong as lines, so that reading them gives the same answers again."""
    texts = [(said(text) if kind is PartKind.NUMBER else text, weight) for text, weight in answers]
    right = [write_line(text, weight, Decimal(1)) for text, weight in texts if weight > 0]
    wrong = [write_line(text, weight, Decimal(0)) for text, weight in texts if weight <= 0]
    return "\n".join(right), "\n".join(wrong)


def read_typed_span(text: str) -> str:
    """Return `12.5`, `12.5:0.1` or `10..12` for 12,5, for 12,5 ± 0,1 and for 10 – 12; anything else as it stands."""
    for pattern, sign in ((_BETWEEN, ".."), (_AROUND, ":")):
        ends = [read_number(end) for end in pattern.split(text)]
        if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
            return f"{plain(ends[0])}{sign}{plain(ends[1])}"
    number = read_number(text)
    return text if number is None else plain(number)


def is_weighed(line: str) -> bool:
    """Say whether a line tells the weight of its answer."""
    return _WEIGHT.match(line) is not None


def read_line(line: str, otherwise: Decimal) -> Weighed:
    """Return an answer and its weight; a line that tells none has the other."""
    found = _WEIGHT.match(line)
    if found is None:
        return line, otherwise
    return line[found.end() :], Decimal(found[1].replace(",", ".")).scaleb(-2)


def write_line(text: str, weight: Decimal, otherwise: Decimal | None = None) -> str:
    """Return the line that reads as an answer with its weight, which is told unless it is the one that goes without saying."""
    if weight == otherwise and not is_weighed(text):
        return text
    return f"{plain(weight.scaleb(2)).replace('.', ',')}%: {text}"


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
