"""How one goes through a paper: freely, one question after the other, part by part, with limits of time, with a least time.

A paper is a list of steps, each a span of positions. One goes from step to step, forward only, and inside a step one is
free. The time of a step runs from when it is entered, that of a part from when its first step is; what nobody has seen
does not run. Whoever has extra time has more for each of them, in proportion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from typing import Any

from contest.rules.refusals import Refusal
from contest.rules.terms import Layout, Navigation

PREDICTION = 0  # its position; questions count from 1
EVERYTHING = (0, 9999)  # the positions that are open in a paper of one step
MOST_SECTIONS = 20
QUESTION_SECONDS = (5, 3600)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a paper (Phần I. Kiến thức chung), with so many minutes of its own, or None for none."""

    title: str
    minutes: int | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Section":
        return cls(stored["title"], stored.get("minutes"))

    def stored(self) -> dict[str, Any]:
        return {"title": self.title} | ({} if self.minutes is None else {"minutes": self.minutes})


@dataclass(frozen=True, slots=True)
class Course:
    """How a round lets one go through its papers; `least_minutes` are those before which no paper is handed in."""

    navigation: Navigation = Navigation.FREE
    sections: tuple[Section, ...] = ()
    question_seconds: int | None = None
    least_minutes: int | None = None
    layout: Layout = Layout.CHOICE

    @property
    def is_sequential(self) -> bool:
        return self.navigation is Navigation.SEQUENTIAL

    @property
    def has_limits(self) -> bool:
        """Some part has minutes of its own."""
        return any(section.minutes for section in self.sections)

    @property
    def is_walked(self) -> bool:
        """One is led through its papers; in any other everything is open all the time."""
        return self.is_sequential or self.has_limits


FREE_COURSE = Course()


def check_course(course: Course, minutes: int, lines: Sequence[int]) -> tuple[Refusal, ...]:
    """Refuse what contradicts itself; `lines` says of each line of the blueprint in which section it is, 0 for none."""
    found = []
    if course.question_seconds is not None and not course.is_sequential:
        found.append(Refusal("seconds-without-sequence", field="question_seconds"))
    if course.least_minutes is not None and course.least_minutes >= minutes:
        found.append(Refusal("least-minutes-too-many", {"minutes": minutes}, "least_minutes"))
    if course.layout is Layout.ALL and course.is_sequential:
        found.append(Refusal("layout-against-sequence", field="layout"))
    return (*found, *_check_sections(course.sections, minutes, lines))


def _check_sections(sections: Sequence[Section], minutes: int, lines: Sequence[int]) -> list[Refusal]:
    found = []
    if len(sections) > MOST_SECTIONS:
        return [Refusal("sections-too-many", {"limit": MOST_SECTIONS}, "sections")]
    titles = [section.title for section in sections]
    for number, title in enumerate(titles, 1):
        if not title:
            found.append(Refusal("section-unnamed", {"number": number}, "sections"))
        elif title in titles[: number - 1]:
            found.append(Refusal("section-named-twice", {"title": title}, "sections"))
        elif number not in lines:
            found.append(Refusal("section-empty", {"title": title}, "sections"))
    for number, section in enumerate(lines, 1):
        if section > len(sections) or (sections and section < 1):
            found.append(Refusal("line-without-section", {"line": number}, "sections"))
    total = sum(section.minutes or 0 for section in sections)
    if total > minutes:
        found.append(Refusal("sections-too-long", {"total": total, "minutes": minutes}, "sections"))
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """The positions from `first` to `last`; the prediction's own step is from 0 to 0.

    `seconds` limit the step, `section_seconds` all steps of its section together; `section` counts from 0.
    """

    first: int
    last: int
    seconds: int | None = None
    section: int = 0
    section_seconds: int | None = None
    titles: tuple[str, ...] = ()

    @property
    def is_prediction(self) -> bool:
        return self.last == PREDICTION

    @property
    def positions(self) -> range:
        return range(self.first, self.last + 1)


def steps_of(course: Course, titles: Sequence[str], has_prediction: bool) -> tuple[Step, ...]:
    """Return the steps of a paper; `titles` says of each of its questions in which section it stands, "" for none.

    A free paper is one step with its prediction. Otherwise the prediction is a step of its own, the last, without limit.
    """
    if not course.is_walked:
        return (Step(PREDICTION if has_prediction else 1, len(titles)),)
    steps: list[Step] = []
    runs = _runs(course, titles)
    for number, (named, first, last, minutes) in enumerate(runs):
        whole = Step(first, last, None, number, None if minutes is None else minutes * 60, named)
        if course.is_sequential:
            steps += [replace(whole, first=n, last=n, seconds=course.question_seconds) for n in whole.positions]
        else:
            steps.append(whole)
    return (*steps, *([Step(PREDICTION, PREDICTION, section=len(runs))] if has_prediction else []))


def _runs(course: Course, titles: Sequence[str]) -> list[tuple[tuple[str, ...], int, int, int | None]]:
    """Return (titles, first, last, minutes) of each section; those without minutes are one where one is free."""
    limits = {section.title: section.minutes for section in course.sections}

    def together(number: int) -> object:
        title = titles[number]
        return title if course.is_sequential or limits.get(title) is not None else None

    found = []
    for _, run in groupby(range(len(titles)), together):
        places = list(run)
        named = tuple(dict.fromkeys(titles[n] for n in places if titles[n]))
        found.append((named, places[0] + 1, places[-1] + 1, limits.get(titles[places[0]])))
    return found


def is_walked(steps: Sequence[Step]) -> bool:
    """Say whether one goes through the steps one by one, or within a limit; a free paper is not walked through."""
    return len(steps) > 1 or steps[0].section_seconds is not None or steps[0].seconds is not None


class Standing(StrEnum):
    """How a position stands towards the step that is open."""

    OPEN = "open"
    AHEAD = "ahead"
    LEFT = "left"


def standing_of(position: int, first_open: int, last_open: int) -> Standing:
    """Return how a position stands towards those that are open; the prediction comes after all others."""
    if first_open <= position <= last_open:
        return Standing.OPEN
    if position == PREDICTION or last_open == PREDICTION:
        return Standing.AHEAD if position == PREDICTION else Standing.LEFT
    return Standing.AHEAD if position > last_open else Standing.LEFT


def scale_of(limit: timedelta, extra: timedelta) -> Fraction:
    """Return by how much extra time lengthens each limit inside a paper: as it lengthens the whole."""
    return 1 + Fraction(int(extra.total_seconds()), int(limit.total_seconds()))


@dataclass(frozen=True, slots=True)
class Walk:
    """A way through the steps of a paper: when each was entered, always the lower before the higher, some perhaps never."""

    steps: tuple[Step, ...]
    entered: Mapping[int, datetime]
    scale: Fraction = Fraction(1)

    @property
    def current(self) -> int:
        """The step that was entered last."""
        return max(self.entered)

    @property
    def step(self) -> Step:
        return self.steps[self.current]

    def ends_at(self, number: int) -> datetime | None:
        """Return when an entered step ends, by its own limit or its section's; None where neither has one."""
        ends = [self._after(self.entered[number], self.steps[number].seconds), self.section_ends_at(number)]
        return min((end for end in ends if end is not None), default=None)

    def section_ends_at(self, number: int) -> datetime | None:
        """Return when the section of an entered step ends."""
        section = self.steps[number].section
        began = min(at for n, at in self.entered.items() if self.steps[n].section == section)
        return self._after(began, self.steps[number].section_seconds)

    def _after(self, began: datetime, seconds: int | None) -> datetime | None:
        return None if seconds is None else began + timedelta(seconds=-(-seconds * self.scale // 1))

    def seconds_of(self, step: Step) -> int | None:
        """Return how many seconds a step has that is still to come, with its extra time; None for no limit."""
        limits = [n for n in (step.seconds, step.section_seconds) if n is not None]
        return -(-min(limits) * self.scale // 1) if limits else None

    def is_over(self, at: datetime) -> bool:
        """Say whether the time of the current step is over."""
        end = self.ends_at(self.current)
        return end is not None and at >= end

    def is_open(self, position: int, at: datetime) -> bool:
        """Say whether a position may be answered now."""
        return position in self.step.positions and not self.is_over(at)

    def following(self, at: datetime) -> int | None:
        """Return which step comes after the current one: the next, or where the time of the section is over that of the
        next section. None after the last."""
        section_end = self.section_ends_at(self.current)
        is_section_over = section_end is not None and at >= section_end
        later = range(self.current + 1, len(self.steps))
        return next((n for n in later if not is_section_over or self.steps[n].section != self.step.section), None)

    def entering(self, number: int, at: datetime) -> "Walk":
        """Return the way with one more step."""
        return replace(self, entered={**self.entered, number: at})

    @property
    def closes_at(self) -> datetime | None:
        """When nothing can be answered any more, whatever the whole paper's time: the last step's end, or section's."""
        if self.current == len(self.steps) - 1:
            return self.ends_at(self.current)
        return self.section_ends_at(self.current) if self.steps[-1].section == self.step.section else None

    def in_time(self, position: int, arrived: datetime, allowance: timedelta) -> bool:
        """Say whether a save had arrived before its step was left, and before its time with the allowance was over."""
        number = next((n for n, step in enumerate(self.steps) if position in step.positions), None)
        if number is None or number not in self.entered:
            return False
        left_at = min((at for n, at in self.entered.items() if n > number), default=None)
        end = self.ends_at(number)
        return (left_at is None or arrived <= left_at) and (end is None or arrived <= end + allowance)


def may_hand_in_from(started_at: datetime, ends_at: datetime, least_minutes: int | None) -> datetime:
    """Return from when a paper may be handed in: after the least minutes, and at its end in any case."""
    return min(started_at + timedelta(minutes=least_minutes or 0), ends_at)
