"""What of a contest is its reader's own, apart from the rest: thousands who stand alike share a page."""

from dataclasses import replace
from typing import Any

from contest.services.contests.round_views import RoundView
from contest.services.contests.views import ContestView
from contest.web.context import speech
from contest.web.slots import slot

_CODES = ("open_attempt", "last_attempt", "voided_attempt")


def apart(contest: ContestView) -> tuple[ContestView, dict[str, str]]:
    """Return the contest with slots where its reader's places and attempts stand, and what belongs there."""
    values: dict[str, str] = {}
    rounds = tuple(_apart(one, values) for one in contest.rounds)
    return (replace(contest, rounds=rounds) if values else contest), values


def _apart(one: RoundView, values: dict[str, str]) -> RoundView:
    own: dict[str, Any] = {name: code for name in _CODES if (code := getattr(one, name))}
    if one.mine is not None:
        own |= {"correct": speech().points(one.mine.correct), "place": speech().number(one.mine.place)}
    if not own:
        return one
    slots = {name: slot(f"{name}_{one.number}") for name in own}
    values |= {f"{name}_{one.number}": value for name, value in own.items()}
    codes: dict[str, Any] = {name: slots[name] for name in _CODES if name in slots}
    if one.mine is not None:
        shown: dict[str, Any] = {name: slots[name] for name in ("correct", "place")}
        codes["mine"] = replace(one.mine, **shown)
    return replace(one, **codes)
