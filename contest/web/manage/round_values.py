"""What a round's form begins with: a first round, one more like the last, or the round as it is stored."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from contest import clock
from contest.web.context import speech
from contest.web.manage.windows import local

# What a form and a round call alike.
PLAIN = (
    "title", "minutes", "attempts_allowed", "attempts_per", "counted", "shuffle_questions", "shuffle_options", "reveal",
    "reveal_after_close", "board", "names_public", "network_allowance", "no_repeat", "least_used", "negative",
    "navigation", "question_seconds", "least_minutes", "layout",
)  # fmt: skip


def following(earlier: Sequence[Any]) -> dict[str, Any]:
    """Return what a further round begins with: the time after the last one, set up alike."""
    last = earlier[-1]
    span = last.closes_at - last.opens_at
    opens = last.closes_at + (timedelta(hours=10) if span > timedelta(days=2) else timedelta())
    numbered = re.fullmatch(r"(.*?)(\d{1,4})", last.title)
    title = (
        f"{numbered[1]}{int(numbered[2]) + 1}"
        if numbered
        else speech().text("Vòng %(number)s", number=len(earlier) + 1)
    )
    times = {"opens_at": local(opens), "closes_at": local(opens + span), "freezes_at": ""}
    return {**stored(last), "title": title, **times}


def first() -> dict[str, Any]:
    """Return what a contest's first round begins with: a week from tomorrow 07:00 to 21:00 of the seventh day."""
    tomorrow = speech().local(clock.now()).replace(hour=7, minute=0) + timedelta(days=1)
    return {
        "title": speech().text("Tuần %(number)s", number=1),
        "opens_at": f"{tomorrow:%Y-%m-%dT%H:%M}",
        "closes_at": f"{tomorrow + timedelta(days=6, hours=14):%Y-%m-%dT%H:%M}",
        "minutes": 20,
        "attempts_allowed": 2,
        "attempts_per": "round",
        "counted": "best",
        "shuffle_questions": True,
        "shuffle_options": True,
        "no_repeat": True,
        "prediction": "all_correct",
        "reveal": "score",
        "reveal_after_close": "review",
        "board": "live",
        "network_allowance": 5,
    }


def stored(r: Any) -> dict[str, Any]:
    return {
        **{name: getattr(r, name) for name in PLAIN},
        "prediction": r.prediction or "",
        "bank": str(r.bank_id or ""),
        "opens_at": local(r.opens_at),
        "closes_at": local(r.closes_at),
        "freezes_at": local(r.freezes_at),
    }
