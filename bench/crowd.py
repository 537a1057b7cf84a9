"""A crowd that has taken part, written straight into the tables: units, people, papers, answers and results that agree."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, put, transaction
from contest.formats.drafts import Reading, UnitDraft
from contest.models.attempts import PREDICTION, Attempt, Response
from contest.models.contests import Round
from contest.models.keys import AnswerKey
from contest.models.members import Member, SignInName
from contest.models.organisation import Unit
from contest.models.results import Result
from contest.rules.permissions import SYSTEM
from contest.rules.terms import Criterion
from contest.rules.text import canonical
from contest.services.members import entry, lists
from tests import people

SLUG = "trieu-luot"
TREE = (63, 10, 5)  # provinces, upper-level unions of each, grassroots unions of each of these
QUESTIONS = 5  # and a prediction: the paper of the national contest of 2019
AT_A_TIME = 20_000
PAPERS = 50  # orders of questions and options; who gets which is drawn
LENGTH = timedelta(days=7)
NEWCOMER = "k{:06d}"  # the code of somebody who has not sat


def load(
    results: int,
    persons: int,
    opens_at: datetime,
    tree: tuple[int, int, int] = TREE,
    seed: int = 2021,
    stays_open: timedelta = timedelta(),
) -> None:
    """Make the contest with its tree of units and let people sit once, and again until there are so many results.

    They sit within the week that begins at `opens_at`; the round may stay open for longer. The clock has to say an instant
    before its close: a contest is published before that.
    """
    rng = Random(seed)
    people.organisation()
    _units(*tree)
    drafts = [people.question(n) for n in range(1, 41)]
    criteria = [Criterion.CORRECT, Criterion.PREDICTION, Criterion.SUBMITTED_AT]
    (code,) = people.contest(
        SLUG,
        bank_id=people.bank("trieu-luot", drafts),
        lines=[{"topic_id": None, "difficulty": None, "count": QUESTIONS}],
        rounds=[{"opens_at": opens_at, "closes_at": opens_at + LENGTH + stays_open, "criteria": criteria}],
    )
    people.long_ago(opens_at - timedelta(days=100))
    leaves = list(db.session.scalars(sa.select(Unit.id).where(Unit.level == "Cơ sở").order_by(Unit.id)))
    homes = [leaves[min(rng.randrange(len(leaves)), rng.randrange(len(leaves)))] for _ in range(persons)]
    crowd = _Crowd(people.round_row(code), _papers(rng), rng)
    with transaction():
        first = (db.session.scalar(sa.select(sa.func.max(Member.id))) or 0) + 1
        numbered = [(first + n, unit) for n, unit in enumerate(homes)]
        put(Member, ("id", *_MEMBER), ((n, *_member(f"n{n:07d}", n, unit, opens_at)) for n, unit in numbered))
        for start in range(0, results, AT_A_TIME):
            who = [(i, i % persons, i // persons + 1) for i in range(start, min(results, start + AT_A_TIME))]
            crowd.sit((i, first + n, homes[n], number) for i, n, number in who)
    analyse()


def analyse() -> None:
    """Let the planner know how much there is of what: by what it knew before a load, or sealing, it would go over everything."""
    with db.engine.connect() as connection:
        connection.execute(sa.text("ANALYZE"))
        connection.commit()


def count_on() -> None:
    """Let the next member and attempt get a number that nobody has: PostgreSQL does not see the numbers written here."""
    if db.engine.dialect.name == "postgresql":
        with transaction():
            for table in (Member, Attempt):
                last = sa.select(sa.func.max(table.id)).scalar_subquery()
                sequence = sa.func.pg_get_serial_sequence(table.__tablename__, "id")
                db.session.execute(sa.select(sa.func.setval(sequence, last)))


def newcomers(count: int, password: str, code: str = NEWCOMER) -> None:
    """Enter people who have not sat, at home in a unit with few; they sign in by the code and `password`."""
    at = clock.now()
    home = db.session.scalars(sa.select(Unit.id).where(Unit.level == "Cơ sở").order_by(Unit.id)).first() or 0
    hashed = entry.hash_password(password)
    with transaction():
        first = (db.session.scalar(sa.select(sa.func.max(Member.id))) or 0) + 1
        numbered = [(first + n, code.format(n + 1)) for n in range(count)]
        columns = ("id", "password_hash", *_MEMBER)
        put(Member, columns, ((n, hashed, *_member(c, n, home, at)) for n, c in numbered))
        put(SignInName, ("name", "member_id", "kind"), ((canonical(c), n, "code") for n, c in numbered))


def _units(provinces: int, upper: int, grassroots: int) -> None:
    drafts = []
    for p in range(provinces):
        drafts.append(UnitDraft(f"T{p:02d}", f"Liên đoàn Lao động tỉnh {p + 1}", level="Tỉnh", parent="GOC"))
        for d in range(upper):
            drafts.append(
                UnitDraft(f"T{p:02d}H{d}", f"Công đoàn cấp trên {d + 1}", level="Cấp trên", parent=f"T{p:02d}")
            )
            drafts += [
                UnitDraft(
                    f"T{p:02d}H{d}C{c}",
                    f"Công đoàn cơ sở {c + 1}",
                    level="Cơ sở",
                    parent=f"T{p:02d}H{d}",
                    headcount=2000,
                )
                for c in range(grassroots)
            ]
    lists.apply(lists.plan(Reading(tuple(drafts), ()), Reading((), ()), by=SYSTEM), by=SYSTEM)


_MEMBER = ("code", "code_key", "full_name", "name_key", "search", "unit_id", "epoch", "created_at")
_ATTEMPT = (
    "id", "code", "round_id", "member_id", "unit_id", "number", "state", "started_at", "ends_at", "accepts_until",
    "finished_at", "closed_at", "receipt", "paper", "extra_seconds",
)  # fmt: skip
_RESULT = (
    "attempt_id", "round_id", "member_id", "number", "correct_count", "question_count", "points", "prediction",
    "duration_seconds", "started_at", "finished_at", "graded_at",
)  # fmt: skip
_RESPONSE = ("attempt_id", "position", "revision", "value", "saved_at", "member_id")


def _member(code: str, number: int, unit_id: int, at: datetime) -> tuple[Any, ...]:
    return code, canonical(code), f"Người thứ {number}", code.encode(), code, unit_id, 1, at


def _papers(rng: Random) -> list[tuple[list[Any], list[tuple[str, list[str]]]]]:
    """Return papers as they are stored, with each question's right option and its wrong ones, as answers are stored."""
    keys = list(db.session.execute(sa.select(AnswerKey.version_id, AnswerKey.weights).order_by(AnswerKey.version_id)))
    papers = []
    for _ in range(PAPERS):
        paper, answers = [], []
        for version_id, weights in rng.sample(keys, QUESTIONS):
            paper.append([version_id, rng.sample(sorted(weights), len(weights))])
            right = [json.dumps(o) for o in weights if Decimal(weights[o]) > 0]
            answers.append((right[0], [json.dumps(o) for o in weights if Decimal(weights[o]) == 0]))
        papers.append((paper, answers))
    return papers


class _Crowd:
    """People who sit: able to differing degrees, at any time of the week."""

    def __init__(self, row: Round, papers: Sequence[Any], rng: Random) -> None:
        self._row, self._papers, self._rng = row, papers, rng

    def sit(self, sittings: Iterable[tuple[int, int, int, int]]) -> None:
        """Write down (number of the result, member, unit, number of the attempt) with everything below it."""
        attempts, results, responses = [], [], []
        for i, member_id, unit_id, number in sittings:
            attempt_id, seconds = i + 1, self._rng.randrange(40, 600)
            started = self._row.opens_at + timedelta(seconds=self._rng.randrange(int(LENGTH.total_seconds()) - 1200))
            finished = started + timedelta(seconds=seconds)
            ends = started + timedelta(minutes=self._row.minutes)
            paper, answers = self._rng.choice(self._papers)
            right = min(QUESTIONS, int(self._rng.betavariate(3, 1.5) * (QUESTIONS + 1)))
            guess = None if self._rng.random() < 0.02 else self._rng.randrange(400_000)
            attempts.append((
                attempt_id, f"L{i}", self._row.id, member_id, unit_id, number, "submitted", started, ends, ends,
                finished, finished, f"B{i}", paper, 0,
            ))  # fmt: skip
            results.append((
                attempt_id, self._row.id, member_id, number, right, QUESTIONS, Decimal(right), guess, seconds, started,
                finished, finished,
            ))  # fmt: skip
            for position, (good, bad) in enumerate(answers, 1):
                value = good if position <= right else self._rng.choice(bad)
                responses.append((attempt_id, position, 1, value, finished, member_id))
            if guess is not None:
                responses.append((attempt_id, PREDICTION, 1, json.dumps(guess), finished, member_id))
        put(Attempt, _ATTEMPT, attempts)
        put(Result, _RESULT, results)
        put(Response, _RESPONSE, responses)
