"""What an attempt allows, in the order in which it is judged."""

import pytest

from contest.rules.attempts import Saved, Verdict, is_revision, judge_save, may_start, missed
from contest.rules.refusals import Refusal
from contest.rules.windows import Window
from tests.people import at

DAY = Window(at("07:00"), at("21:00"))


@pytest.mark.parametrize(
    ("instant", "used", "allowed", "has_open", "takes_part", "slug"),
    [
        ("06:59:59", 0, 2, False, True, "round-not-open"),
        ("07:00:00", 0, 2, False, True, None),
        ("20:59:59", 1, 2, False, True, None),
        ("21:00:00", 0, 2, False, True, "round-closed"),
        ("21:00:00", 1, 2, True, True, None),  # the open one is always led back to
        ("12:00:00", 2, 2, False, True, "attempts-used-up"),
        ("12:00:00", 99, None, False, True, None),
        ("12:00:00", 0, 2, False, False, "unit-not-taking-part"),
    ],
)
def test_who_may_start(
    instant: str, used: int, allowed: int | None, has_open: bool, takes_part: bool, slug: str | None
) -> None:
    barred = None if takes_part else Refusal("unit-not-taking-part")
    refusal = may_start(DAY, at(instant), used=used, allowed=allowed, has_open=has_open, barred=barred)
    assert (refusal.slug if refusal else None) == slug


@pytest.mark.parametrize(
    ("submitted", "arrived", "revision", "value", "stored", "verdict"),
    [
        (True, "08:00:00", 1, "a", None, Verdict.CLOSED),
        (True, "08:30:00", 1, "a", None, Verdict.CLOSED),  # submitted comes before late
        (False, "08:15:05", 1, "a", None, Verdict.SAVED),
        (False, "08:15:06", 1, "a", None, Verdict.LATE),
        (False, "08:00:00", 2, "a", Saved(3, "a"), Verdict.STALE),  # whatever its value
        (False, "08:00:00", 3, "a", Saved(3, "a"), Verdict.SAME),
        (False, "08:00:00", 3, "b", Saved(3, "a"), Verdict.CONFLICT),
        (False, "08:00:00", 4, "b", Saved(3, "a"), Verdict.SAVED),
        (False, "08:00:00", 3, None, Saved(3, "a"), Verdict.CONFLICT),
    ],
)
def test_saves_are_judged_in_order(
    submitted: bool, arrived: str, revision: int, value: str | None, stored: Saved | None, verdict: Verdict
) -> None:
    judged = judge_save(
        submitted=submitted,
        accepts_until=at("08:15:05"),
        arrived_at=at(arrived),
        revision=revision,
        value=value,
        stored=stored,
    )
    assert judged is verdict


@pytest.mark.parametrize(
    ("arrived", "closed", "verdict"),
    [
        ("08:15:06", None, Verdict.LATE),
        ("08:15:06", "08:15:06", Verdict.LATE),  # closed after the time was over, when nothing was taken anyway
        ("08:15:06", "08:15:05", Verdict.CLOSED),  # handed in at the last moment
        ("08:30:00", "08:05:00", Verdict.CLOSED),  # handed in or stopped long before
        ("08:15:05", "08:15:20", Verdict.CLOSED),  # in time, and judged when it had been closed meanwhile
    ],
)
def test_response_is_late_only_where_the_time_was_over(arrived: str, closed: str | None, verdict: Verdict) -> None:
    closed_at = at(closed) if closed else None
    assert missed(arrived_at=at(arrived), accepts_until=at("08:15:05"), closed_at=closed_at) is verdict


@pytest.mark.parametrize(
    ("revision", "valid"),
    [(0, False), (1, True), (100_000, True), (100_001, False), (True, False), ("1", False), (1.0, False)],
)
def test_revisions_are_whole_numbers_from_1_to_100000(revision: object, valid: bool) -> None:
    assert is_revision(revision) is valid
