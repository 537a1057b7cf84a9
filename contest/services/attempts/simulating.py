"""Trying a round's blueprint out on ten thousand papers that nobody takes: long work, the same for the same seed.

What it tells speaks of questions by their codes alone, and of how hard they proved in rounds that are settled.
"""

from collections.abc import Mapping
from fractions import Fraction
from random import Random
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Forbidden, Invalid
from contest.models.attempts import Attempt
from contest.models.banks import Bank, Question, Topic
from contest.models.contests import Round
from contest.models.jobs import Job
from contest.rules.blueprints import Line, fixed_in
from contest.rules.papers import BankTooPoor, read_paper
from contest.rules.permissions import Actor, manage_contests
from contest.rules.refusals import Refusal
from contest.rules.simulation import (
    EDGES,
    LEVELS,
    OFTEN,
    SHARED,
    UNEVEN_LEVEL,
    UNEVEN_SCORE,
    Spread,
    Tally,
    exposure_bars,
    narrowest,
    papers,
    spread,
)
from contest.rules.terms import AttemptState
from contest.services import audit, grading, jobs
from contest.services.attempts.content import pool_of
from contest.services.banks.blueprints import lines_of
from contest.services.contests import publishing, rounds, setup
from contest.services.jobs import Done

PAPERS = 10_000
TOLD_EVERY = 500
ANSWERS = 30  # of a question, below which nothing is known of it
LOOKED_AT = 5000  # attempts of settled rounds, the latest ones
CHUNK = 500
NAMED = 10  # questions at either end


def ask(slug: str, round_code: str, seed: int, *, by: Actor) -> str:
    """Ask for the papers of a round to be tried out; raises Invalid while the bank cannot fill one."""
    row = rounds.get_round(setup.get_contest(slug, by=by).id, round_code)
    refusals = publishing.paper_refusals(row)
    if refusals:
        raise Invalid(*refusals)
    at = clock.now()
    with transaction():
        audit.record("papers-tried", "round", row.id, by=by, at=at, seed=seed)
        return jobs.ask("papers-preview", {"contest": slug, "round": round_code, "seed": seed}, by=by, at=at)


def run(job: Job, by: Actor) -> Done:
    """Carry out the job `papers-preview`; the right is judged again, it may have been taken away meanwhile."""
    if not manage_contests(by):
        raise Forbidden
    asked = job.payload
    row = rounds.get_round(setup.get_contest(asked["contest"], by=by).id, asked["round"])
    bank = db.session.get(Bank, row.bank_id) if row.bank_id is not None else None
    if bank is None:
        raise Invalid(Refusal("no-bank"))
    lines, pool = lines_of(row.id), pool_of(bank.id, bank.revision)
    tally = Tally(_levels(bank.id), facilities(bank.id))
    chance = Random(asked["seed"])  # noqa: S311 -- a trial that anybody may repeat
    try:
        for number, paper in enumerate(papers(lines, pool, chance, PAPERS, least_used=row.least_used)):
            tally.add(paper)
            if number % TOLD_EVERY == 0:
                jobs.progress(job.id, number, PAPERS)
    except BankTooPoor:
        raise Invalid(Refusal("paper-unavailable")) from None
    return Done({"name": row.title, **told(tally, lines, pool)})


def _levels(bank_id: int) -> dict[int, int]:
    """Return question → its level, the easiest being 1."""
    found = rows(sa.select(Question.id, Question.difficulty).where(Question.bank_id == bank_id))
    numbers = {level.value: n for n, level in enumerate(LEVELS, 1)}
    return {question: numbers[level] for question, level in found if level is not None}


def facilities(bank_id: int) -> dict[int, Fraction]:
    """Return question → how much of its mark it earned on the average, of those with answers enough."""
    earned: dict[int, list[Fraction]] = {}
    closed = sa.select(Attempt.id, Attempt.paper).join(Round, Round.id == Attempt.round_id)
    closed = closed.where(Round.bank_id == bank_id, Round.settled_at.is_not(None), Attempt.void_id.is_(None))
    closed = closed.where(Attempt.state != AttemptState.OPEN).order_by(Attempt.id.desc()).limit(LOOKED_AT)
    found = rows(closed)
    for start in range(0, len(found), CHUNK):
        part = found[start : start + CHUNK]
        ids = [attempt_id for attempt_id, _ in part]
        values, marks = grading.values_of(ids), grading.marks_of(ids)
        for attempt_id, paper in part:
            items = read_paper(paper)
            fractions = grading.fractions(items, values[attempt_id], marks=marks[attempt_id])
            for item, fraction in zip(items, fractions, strict=True):
                earned.setdefault(item.version_id, []).append(max(fraction or Fraction(), Fraction()))
    current = rows(sa.select(Question.id, Question.approved_id).where(Question.bank_id == bank_id))
    known = {question: earned[version] for question, version in current if len(earned.get(version, ())) >= ANSWERS}
    return {question: sum(own, Fraction()) / len(own) for question, own in known.items()}


def told(tally: Tally, lines: tuple[Line, ...], pool: Mapping[Any, Any]) -> dict[str, Any]:
    """Return what came of it as plain data: shares as decimals of four places, other figures of two."""
    questions = [c.question_id for own in pool.values() for c in own]
    fixed, size = fixed_in(lines), sum(line.count for line in lines)
    ranked = sorted(questions, key=lambda q: (-tally.exposure[q], q))
    names = _codes([*ranked[:NAMED], *ranked[-NAMED:]])
    overlap = spread(tally.overlaps)
    out: dict[str, Any] = {
        "papers": tally.count,
        "size": size,
        "edges": [_plain(edge) for edge in EDGES],
        "exposure": list(exposure_bars(tally, questions)),
        "most": [[names[q], _plain(tally.rate(q)), q in fixed] for q in ranked[:NAMED]],
        "never": sum(tally.exposure[q] == 0 for q in questions),
        "overlap": _series(overlap, tally.overlaps),
        "levels": _series(spread(tally.levels), tally.levels) if tally.levels else None,
        "scores": _series(spread(tally.scores), tally.scores) if tally.scores else None,
    }
    often = [q for q in ranked if tally.rate(q) >= OFTEN and q not in fixed]
    out["often"], out["often_count"] = [[names[q], _plain(tally.rate(q))] for q in often[:NAMED]], len(often)
    out["narrow"] = _narrow(lines, pool) if overlap.mean >= SHARED * size or often else None
    levels, scores = out["levels"], out["scores"]
    out["uneven_levels"] = levels is not None and Fraction(levels["high"]) - Fraction(levels["low"]) >= UNEVEN_LEVEL
    out["uneven_scores"] = (
        scores is not None and Fraction(scores["high"]) - Fraction(scores["low"]) >= UNEVEN_SCORE * size
    )
    out["shared"] = overlap.mean >= SHARED * size
    return out


def _plain(value: Fraction, places: int = 4) -> str:
    return f"{float(value):.{places}f}".rstrip("0").rstrip(".")


def _series(found: Spread, counts: Mapping[Fraction, int]) -> dict[str, Any]:
    """Return a spread with its histogram of ten bars at most, each [from, to, papers]."""
    ends = {name: _plain(getattr(found, name), 2) for name in ("mean", "low", "high", "least", "most")}
    return {**ends, "bars": _bars(found, counts)}


def _bars(found: Spread, counts: Mapping[Fraction, int]) -> list[list[Any]]:
    values = sorted(counts)
    if len(values) <= NAMED:
        return [[_plain(v, 2), _plain(v, 2), counts[v]] for v in values]
    width = (found.most - found.least) / NAMED
    heights = [0] * NAMED
    for value, count in counts.items():
        heights[min(NAMED - 1, int((value - found.least) / width))] += count
    ends = [_plain(found.least + n * width, 2) for n in range(NAMED + 1)]
    return [list(bar) for bar in zip(ends, ends[1:], heights, strict=False)]


def _codes(ids: list[int]) -> dict[int, str]:
    return {r[0]: r[1] for r in rows(sa.select(Question.id, Question.code).where(Question.id.in_(ids)))}


def _narrow(lines: tuple[Line, ...], pool: Mapping[Any, Any]) -> dict[str, Any] | None:
    """Return the line of which more questions would help most, by its topics' first path and its level."""
    found = narrowest(lines, pool)
    if found is None:
        return None
    line = lines[found.line]
    paths = list(db.session.scalars(sa.select(Topic.path).where(Topic.id.in_(line.topics or ()))))
    topic = min(paths, key=len, default="")
    return {"topic": topic, "level": line.difficulty, "count": found.count, "available": found.available}
