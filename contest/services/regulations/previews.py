"""What regulations would set up, laid out to be read before they do: rounds alike together, and how their days move."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from contest.formats.regulations.terms import Regulations, RoundSettings
from contest.services import organisation


@dataclass(frozen=True, slots=True)
class When:
    """A round's title and times; `windows` is how many it opens in."""

    title: str
    opens_at: datetime
    closes_at: datetime
    windows: int


@dataclass(frozen=True, slots=True)
class Alike:
    """Rounds that differ in nothing but their titles and times, with what they have in common."""

    rounds: tuple[When, ...]
    like: RoundSettings


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be set up; `days` is by how many the times of the file move."""

    found: Regulations
    groups: tuple[Alike, ...]
    days: int
    was: date
    opens_at: datetime
    closes_at: datetime

    @property
    def keeps_weekdays(self) -> bool:
        return self.days % 7 == 0

    @property
    def nearest(self) -> date:
        """The first day from the chosen one on with the weekday that the file has."""
        chosen = self.was + timedelta(days=self.days)
        return chosen + timedelta(days=-self.days % 7)

    def title_of(self, number: int | None) -> str:
        """Return the title of the round of a number, an empty one for the overall standing."""
        return "" if number is None else self.found.rounds[number - 1].title

    @property
    def counted(self) -> tuple[str, ...]:
        """The titles of the rounds that are in the overall standing."""
        return tuple(self.title_of(n) for n in self.found.overall.rounds) if self.found.overall else ()


def preview(said: Regulations, day: date | None) -> Preview:
    """Lay regulations out as they would be set up with their first round opening on a day, or on their own."""
    found = said if day is None else said.opening_on(day)
    was = said.first_opening.date()
    at = found.first_opening

    def without_times(row: RoundSettings) -> RoundSettings:
        return replace(row, title="", opens_at=at, closes_at=at, windows=(), freezes_at=None)

    groups = tuple(
        Alike(tuple(_when(r) for r in rounds), like)
        for like, rounds in ((key, list(own)) for key, own in groupby(found.rounds, without_times))
    )
    times = [w for group in groups for w in group.rounds]
    days = (at.date() - was).days
    return Preview(found, groups, days, was, min(w.opens_at for w in times), max(w.closes_at for w in times))


def _when(row: RoundSettings) -> When:
    zone = ZoneInfo(organisation.speech().zone)
    ends = [at.replace(tzinfo=zone) for span in row.windows or ((row.opens_at, row.closes_at),) for at in span]
    return When(row.title, min(ends), max(ends), len(row.windows))


def suggested(said: Regulations, today: date) -> date:
    """Return the file's own first day while it lies ahead, else the first one a week from now with the same weekday."""
    first = said.first_opening.date()
    if first > today:
        return first
    later = today + timedelta(days=7)
    return later + timedelta(days=(first - later).days % 7)
