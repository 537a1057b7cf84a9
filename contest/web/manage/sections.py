"""The sections of a round's paper as they are filled in: a title and minutes each; lines name them by their numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from contest.errors import Invalid
from contest.rules.refusals import Refusal
from contest.rules.text import clean
from contest.web import filled
from contest.web.context import speech

SPARE, LEAST = 1, 3  # rows left to fill in, and offered at least
TITLE_LIMIT = 120
MOST_MINUTES = 600


@dataclass(frozen=True, slots=True)
class Row:
    """A section as it is typed."""

    title: str = ""
    minutes: str = ""


@dataclass(frozen=True, slots=True)
class SectionsForm:
    """The rows that stand in the form, and what a line may choose: its number, and how it is called."""

    rows: tuple[Row, ...]
    choices: tuple[tuple[str, str], ...]
    is_used: bool


def laid_out(rows: Sequence[Row]) -> SectionsForm:
    offered = (*rows, *[Row()] * max(SPARE, LEAST - len(rows)))
    say = speech().text
    numbered = ((str(n), row.title or say("Phần %(number)s", number=n)) for n, row in enumerate(offered, 1))
    return SectionsForm(offered, (("", say("Không chia phần")), *numbered), bool(rows))


def stored(sections: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
    return tuple(Row(s["title"], str(s.get("minutes") or "")) for s in sections)


def typed() -> tuple[Row, ...]:
    """Return the sections as the form was sent, to the last that says something."""
    columns = zip_longest(filled.given("section-title"), filled.given("section-minutes"), fillvalue="")
    rows = [Row(title.strip(), minutes.strip()) for title, minutes in columns]
    while rows and rows[-1] == Row():
        rows.pop()
    return tuple(rows)


def read(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return sections as a round keeps them; raises Invalid naming the one that cannot be read."""
    found = []
    for number, row in enumerate(rows, 1):
        title = clean(row.title, limit=TITLE_LIMIT)
        minutes = filled.whole(row.minutes) if row.minutes else None
        if isinstance(title, Refusal):
            raise Invalid(Refusal(title.slug, title.params, "sections"))
        if row.minutes and (minutes is None or not 1 <= minutes <= MOST_MINUTES):
            raise Invalid(Refusal("section-minutes", {"number": number}, "sections"))
        found.append({"title": title} | ({} if minutes is None else {"minutes": minutes}))
    return found


def number_of(text: str) -> int:
    """Return the number of the section that a line names, 0 for none; raises Invalid for what is no number."""
    number = filled.whole(text) if text else 0
    if number is None:
        raise Invalid(Refusal("not-a-choice", field="sections"))
    return number
