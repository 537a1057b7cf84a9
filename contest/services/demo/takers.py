"""How the demonstration's people take papers: able to differing degrees, at hours when people have time.

Everything is drawn from one seeded source; papers are drawn, scored and ranked by `rules/` like anybody's.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from random import Random
from typing import Any

from contest.models.attempts import PREDICTION
from contest.rules.papers import Item
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.questions.bodies import Key

_HARDNESS = {
    Difficulty.RECALL: -1.6,
    Difficulty.UNDERSTANDING: -0.8,
    Difficulty.APPLICATION: 0.0,
    Difficulty.HIGH_APPLICATION: 0.7,
    None: -0.8,
}
# Weight of each hour of the day, 0 to 23: the morning tea, the lunch break, the evening.
_HOURS = (1, 0, 0, 0, 0, 2, 6, 14, 22, 20, 18, 30, 42, 26, 18, 16, 14, 12, 14, 24, 30, 22, 10, 3)
_FROM_UTC = timedelta(hours=7)
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Taker:
    member_id: int
    unit_id: int
    ability: float
    pace: float  # seconds a question


@dataclass(frozen=True, slots=True)
class Question:
    kind: Kind
    difficulty: Difficulty | None
    key: Key


def taker(member_id: int, unit_id: int, rng: Random) -> Taker:
    return Taker(member_id, unit_id, rng.gauss(0.9, 1.1), min(50.0, max(6.0, rng.lognormvariate(3.0, 0.45))))


def moment(opens_at: datetime, until: datetime, rng: Random) -> datetime:
    """Return when somebody starts: more on the first and last days, and at the hours of the day that people have."""
    days = max(1, (until - opens_at).days + 1)
    day = rng.choices(range(days), [3 if d in (0, days - 1) else 2 if d == 1 else 1 for d in range(days)])[0]
    for _ in range(50):
        hour = rng.choices(range(24), _HOURS)[0]
        local_midnight = opens_at + timedelta(hours=17 - opens_at.hour) - timedelta(days=1)  # 00:00 at +07:00
        at = local_midnight + timedelta(days=day, hours=hour, seconds=rng.uniform(0, 3600))
        if opens_at <= at < until:
            return at
    return opens_at + (until - opens_at) * rng.random()


def again(finished_at: datetime, rng: Random) -> datetime:
    """Return when somebody sits a second time: within about a day, and not in the middle of the night."""
    while True:
        at = finished_at + timedelta(minutes=rng.uniform(2, 1500))
        if rng.random() * max(_HOURS) < _HOURS[(at + _FROM_UTC).hour]:
            return at


def responses(
    who: Taker,
    paper: Sequence[Item],
    questions: Mapping[int, Question],
    started_at: datetime,
    rng: Random,
    *,
    practice: float,
    guess_around: int,
) -> tuple[list[dict[str, Any]], datetime]:
    """Return the rows somebody saves, without the attempt's id, and when they finish."""
    at, out = started_at, []
    for position, item in enumerate(paper, 1):
        at += timedelta(seconds=who.pace * rng.uniform(0.4, 1.7))
        if rng.random() < 0.012:
            continue  # left empty
        question = questions[item.version_id]
        revision = 1
        if rng.random() < 0.06:  # thought better of it
            out.append(_row(position, revision, _wrong(question, item, rng), at))
            at, revision = at + timedelta(seconds=rng.uniform(2, 20)), 2
        knows = 1 / (1 + exp(-(who.ability + practice - _HARDNESS[question.difficulty]) * 1.3))
        value = _right(question, item) if rng.random() < knows else _wrong(question, item, rng)
        out.append(_row(position, revision, value, at))
    at += timedelta(seconds=rng.uniform(4, 40))
    if rng.random() < 0.96:
        guess = max(0, int(rng.lognormvariate(0, 0.9) * guess_around))
        out.append(_row(PREDICTION, 1, guess if rng.random() < 0.6 else round(guess, -1), at))
    return out, at + timedelta(seconds=rng.uniform(3, 30))


def _row(position: int, revision: int, value: Any, at: datetime) -> dict[str, Any]:
    return {"position": position, "revision": revision, "value": json.dumps(value), "saved_at": at}


def _right(question: Question, item: Item) -> Any:
    right = [o for o in item.options if question.key.weights[o] > 0]
    return sorted(right) if question.kind is Kind.MULTIPLE_CHOICE else right[0]


def _wrong(question: Question, item: Item, rng: Random) -> Any:
    if question.kind is not Kind.MULTIPLE_CHOICE:
        return rng.choice([o for o in item.options if question.key.weights[o] <= 0])
    chosen = sorted(rng.sample(item.options, rng.randrange(1, len(item.options))))
    return chosen if chosen != _right(question, item) else chosen[:-1] or [item.options[0]]


def code(rng: Random, length: int = 16) -> str:
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=length))


def receipt(rng: Random) -> str:
    letters = "".join(rng.choices(_LETTERS, k=12))
    return "HT-" + "-".join(letters[i : i + 4] for i in range(0, 12, 4))
