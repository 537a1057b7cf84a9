"""Generated sequences of what people, organisers and the clock do to attempts; every invariant holds after each, on both stores.

SEQUENCES=10000 .venv/bin/python -m pytest tests/faults/test_sequences.py   for the long form: so many sequences on each database.
"""

import os
import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db, transaction
from contest.errors import Refused
from contest.models.attempts import Attempt, LateResponse, Response
from contest.models.contests import Void
from contest.models.results import Result, Standing
from contest.rules.attempts import Verdict
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.terms import AttemptState
from contest.services import grading
from contest.services.attempts import closing, extending, saving, starting, voiding
from tests import people
from tests.conftest import Clock

pytestmark = pytest.mark.slow

SEQUENCES = int(os.environ.get("SEQUENCES", "40"))
LONGEST, LIMIT, QUESTIONS = 24, 3, 3
WEIGHTS = {"start": 4, "save": 9, "again": 3, "older": 2, "submit": 2, "wait": 4, "sweep": 3, "extend": 1, "grant": 1,
           "void": 1, "restore": 1}  # fmt: skip


class Play:
    """One sequence in a round of its own; `acknowledged` holds what was said to be saved."""

    def __init__(self, code: str, slug: str, persons: list[Actor], clock: Clock, chance: random.Random) -> None:
        self.code, self.slug, self.persons, self.clock, self.chance = code, slug, persons, clock, chance
        self.acknowledged: dict[tuple[str, int], dict[int, Any]] = defaultdict(dict)
        self.sent: list[tuple[Actor, str, str, int, Any]] = []
        self.late: Counter[str] = Counter()
        self.ends: dict[str, datetime] = {}
        self.finished: dict[str, tuple[Any, ...]] = {}

    def step(self) -> None:
        name = self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        getattr(self, f"_{name}")(self.chance.choice(self.persons))

    def attempts(self) -> list[Attempt]:
        query = sa.select(Attempt).where(Attempt.round_id == people.round_row(self.code).id).order_by(Attempt.id)
        return list(db.session.scalars(query.execution_options(populate_existing=True)))

    def _own(self, who: Actor) -> Attempt | None:
        own = [a for a in self.attempts() if a.member_id == who.member_id]
        return self.chance.choice(own) if own else None

    def _start(self, who: Actor) -> None:
        try:
            starting.start(self.code, by=who)
        except Refused:
            return

    def _save(self, who: Actor) -> None:
        attempt = self._own(who)
        if attempt is None:
            return
        position = self.chance.randint(1, QUESTIONS)
        known = self.acknowledged[attempt.code, position]
        value = self.chance.choice([*attempt.paper[position - 1][1], None])
        self._put(who, attempt.code, str(position), max(known, default=0) + self.chance.randint(1, 2), value)

    def _again(self, who: Actor) -> None:
        """Send again what was sent before, whatever became of it."""
        own = [sent for sent in self.sent if sent[0] is who]
        if own:
            self._put(*self.chance.choice(own))

    def _older(self, who: Actor) -> None:
        attempt = self._own(who)
        if attempt is not None:
            self._put(who, attempt.code, "1", 1, self.chance.choice(attempt.paper[0][1]))

    def _put(self, who: Actor, code: str, position: str, revision: int, value: Any) -> None:
        self.sent.append((who, code, position, revision, value))
        at = self.clock.at
        outcome = saving.save(code, position, revision, value, by=who, at=at, arrived=at)
        if outcome.verdict in (Verdict.SAVED, Verdict.SAME):
            known = self.acknowledged[code, int(position)]
            assert known.setdefault(revision, value) == value
        self.late[code] += outcome.verdict is Verdict.LATE

    def _submit(self, who: Actor) -> None:
        attempt = self._own(who)
        if attempt is not None:
            closing.submit(attempt.code, {}, by=who, arrived=self.clock.at)

    def _wait(self, _: Actor) -> None:
        self.clock.advance(seconds=self.chance.choice([1, 4, 5, 6, 14, 16, 59, 60, 300]))

    def _sweep(self, _: Actor) -> None:
        closing.close_due()

    def _extend(self, _: Actor) -> None:
        later = people.round_row(self.code).closes_at + timedelta(minutes=self.chance.randint(1, 5))
        try:
            extending.extend(self.slug, self.code, 1, later, reason="Mất điện", announcement="", by=SYSTEM)
        except Refused:
            return

    def _grant(self, _: Actor) -> None:
        extending.grant(self.slug, self.code, self.chance.randint(1, 3), reason="Mạng chậm", by=SYSTEM)

    def _void(self, who: Actor) -> None:
        attempt = self._own(who)
        if attempt is None or attempt.receipt is None or attempt.void_id is not None:
            return
        voiding.void(self.slug, self.code, receipt=attempt.receipt, reason="Thi hộ", by=SYSTEM)

    def _restore(self, _: Actor) -> None:
        query = sa.select(Void.id).where(Void.round_id == people.round_row(self.code).id, Void.restored_at.is_(None))
        for void_id in db.session.scalars(query.limit(1)).all():
            voiding.restore(self.slug, self.code, void_id, by=SYSTEM)

    # What holds whatever happened

    def watch(self) -> None:
        """After every step: nobody's end comes nearer, what is finished stays as it was, one paper is open at most."""
        found = self.attempts()
        for attempt in found:
            assert attempt.ends_at >= self.ends.get(attempt.code, attempt.ends_at)
            self.ends[attempt.code] = attempt.ends_at
            if attempt.state != AttemptState.OPEN:
                said = (
                    attempt.state,
                    attempt.finished_at,
                    attempt.receipt,
                    people.stored_digest(attempt),
                    attempt.ends_at,
                )
                assert self.finished.setdefault(attempt.code, said) == said
        at_it = [a.member_id for a in found if a.state == AttemptState.OPEN]
        assert len(at_it) == len(set(at_it))

    def check(self) -> None:
        """At the end: everything that is stored is what was acknowledged, and nothing follows from anything else."""
        found = self.attempts()
        by_person = defaultdict(list)
        for attempt in found:
            by_person[attempt.member_id].append(attempt)
            self._check_times(attempt)
            self._check_responses(attempt)
            self._check_result(attempt)
        for own in by_person.values():
            assert [a.number for a in own] == list(range(1, len(own) + 1))
            assert sum(a.void_id is None for a in own) <= LIMIT
        counting = {a.member_id for a in found if a.state != AttemptState.OPEN and a.void_id is None}
        standing = sa.select(Standing.member_id).where(Standing.round_id == people.round_row(self.code).id)
        assert set(db.session.scalars(standing)) == counting

    def _check_times(self, attempt: Attempt) -> None:
        if attempt.state != AttemptState.OPEN:
            assert attempt.finished_at is not None
            assert attempt.finished_at <= attempt.ends_at
            assert people.digest_now(attempt) == people.stored_digest(attempt)

    def _check_responses(self, attempt: Attempt) -> None:
        query = sa.select(Response).where(Response.attempt_id == attempt.id)
        stored: dict[int, dict[int, Any]] = defaultdict(dict)
        for row in db.session.scalars(query.execution_options(populate_existing=True)):
            stored[row.position][row.revision] = saving._loaded(row.value)
            assert row.saved_at <= attempt.accepts_until
        for (code, position), known in self.acknowledged.items():
            if code == attempt.code and known:
                assert known.items() <= stored[position].items()
                assert max(stored[position]) == max(known)
        late = sa.select(sa.func.count()).where(LateResponse.attempt_id == attempt.id)
        assert db.session.scalar(late) == self.late[attempt.code]

    def _check_result(self, attempt: Attempt) -> None:
        """There is one result exactly where the attempt is over, and it is what was saved."""
        query = sa.select(Result).where(Result.attempt_id == attempt.id).execution_options(populate_existing=True)
        results = list(db.session.scalars(query))
        assert len(results) == (attempt.state != AttemptState.OPEN)
        for result in results:
            score = grading.score_of(attempt.paper, grading.current_values(attempt.id, attempt.member_id))
            assert (result.correct_count, result.question_count, result.points) == (
                score.correct,
                score.questions,
                score.points,
            )
            assert result.finished_at == attempt.finished_at


def test_sequences_of_all_that_may_happen_keep_every_invariant(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    bank = people.bank("kho")
    persons = [people.member(name) for name in ("m1", "m2")]
    for number in range(SEQUENCES):
        chance = random.Random(f"19300203 {number}")
        slug = f"day-{number}"
        values = {
            "attempts_allowed": LIMIT,
            "minutes": 5,
            "closes_at": clock.at + timedelta(minutes=chance.choice([4, 30])),
        }
        (code,) = people.contest(slug, bank_id=bank, rounds=(values,))
        play = Play(code, slug, persons, clock, chance)
        try:
            for _ in range(chance.randint(6, LONGEST)):
                play.step()
                play.watch()
            play.check()
        except AssertionError as broken:
            raise AssertionError(f"sequence {number}") from broken
        with transaction():
            db.session.expunge_all()
