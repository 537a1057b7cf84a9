"""Lots drawn anew from what was published, by a computation of their own; no rule takes part."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Hashable, Mapping
from datetime import datetime

import sqlalchemy as sa

from contest.db import rows
from contest.models.awards import Draw, DrawOutcome


def orders(round_id: int, until: datetime) -> list[dict[int, int]]:
    """Return person → how early they are drawn, for each draw of a round up to an instant, the newest first."""
    query = sa.select(Draw, DrawOutcome).join(DrawOutcome, DrawOutcome.draw_id == Draw.id)
    found = []
    for draw, outcome in rows(query.where(Draw.round_id == round_id).order_by(Draw.id.desc())):
        if outcome.drawn_at > until:
            continue
        seed = hashlib.sha256((draw.secret + "\n" + outcome.randomness).encode()).digest()
        numbers = {
            member_id: hmac.new(seed, code.encode(), hashlib.sha256).hexdigest()
            for code, member_id in zip(draw.codes, draw.subjects, strict=True)
        }
        found.append({m: n for n, (_, m) in enumerate(sorted((number, m) for m, number in numbers.items()), 1)})
    return found


def positions(strengths: Mapping[int, Hashable], round_id: int, until: datetime) -> dict[int, int]:
    """Return person → lot, of those who are equal and have all drawn against each other."""
    known = orders(round_id, until)
    alike: dict[Hashable, list[int]] = defaultdict(list)
    for member_id, strength in strengths.items():
        alike[strength].append(member_id)
    found: dict[int, int] = {}
    for group in alike.values():
        order = next((o for o in known if all(m in o for m in group)), None)
        if len(group) > 1 and order is not None:
            found.update((m, order[m]) for m in group)
    return found
