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
    def put(name: str, value: str) -> Any:
        values[f"{name}_{one.number}"] = value
        return slot(f"{name}_{one.number}")

    own: dict[str, Any] = {name: put(name, code) for name in _CODES if (code := getattr(one, name))}
    if one.mine is not None:
        correct, place = speech().points(one.mine.correct), speech().number(one.mine.place)
        own["mine"] = replace(one.mine, correct=put("correct", correct), place=put("place", place))
    return replace(one, **own) if own else one
