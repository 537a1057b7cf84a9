"""The way through a running paper as its person sees it: what is done, open and to come, and the clock of the step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contest.rules.steps import PREDICTION, Standing, Walk, standing_of


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A position of the paper, the prediction's is 0: how it stands towards the open step, and if anything is given."""

    position: int
    standing: Standing
    is_answered: bool


@dataclass(frozen=True, slots=True)
class WayView:
    """Where one stands: the step, numbered from 0; `part` of `parts` counts the sections, from 1.

    `ends_at` is when the step's time is over, None where it has none; `whole` is how many milliseconds it has in all.
    `next_part` says that another section comes next, which has
    `next_seconds` if it has a limit; `is_last` that nothing does.
    """

    step: int
    is_sequential: bool
    titles: tuple[str, ...]
    part: int
    parts: int
    ends_at: datetime | None
    whole: int
    is_over: bool
    is_last: bool
    next_position: int | None
    next_part: bool
    next_seconds: int | None
    places: tuple[PlaceView, ...]

    @property
    def question_count(self) -> int:
        return sum(place.position != PREDICTION for place in self.places)

    @property
    def unanswered(self) -> tuple[int, ...]:
        return tuple(p.position for p in self.places if p.position != PREDICTION and not p.is_answered)

    @property
    def ahead(self) -> int:
        """How many questions nobody has seen yet."""
        return sum(p.standing is Standing.AHEAD for p in self.places if p.position != PREDICTION)


def way_of(walk: Walk, values: Mapping[int, tuple[int, Any]], paper_ends_at: datetime, now: datetime) -> WayView:
    """Return where one stands on the way through a paper, with what is saved; a step ends with the paper at the latest."""
    step, number = walk.step, walk.current
    ends_at, began_at = walk.ends_at(number), walk.entered[number]
    ends_at = None if ends_at is None else min(ends_at, paper_ends_at)
    following = walk.following(now)
    after = None if following is None else walk.steps[following]
    asked = {s.section for s in walk.steps if not s.is_prediction}
    return WayView(
        number,
        all(s.first == s.last for s in walk.steps),
        step.titles,
        step.section + 1,
        len(asked),
        ends_at,
        0 if ends_at is None else int((ends_at - began_at).total_seconds() * 1000),
        walk.is_over(now),
        after is None,
        None if after is None else after.first,
        after is not None and after.section != step.section,
        None if after is None else walk.seconds_of(after),
        tuple(
            PlaceView(p, standing_of(p, step.first, step.last), values.get(p, (0, None))[1] is not None)
            for s in walk.steps
            for p in s.positions
        ),
    )
