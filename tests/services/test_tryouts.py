"""Trying a paper: drawn, saved and reviewed as a member's, kept apart from everything that counts."""

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.errors import Forbidden, Invalid, NotFound, Refused
from contest.models.attempts import Attempt, Response
from contest.models.results import Result
from contest.models.tryouts import Tryout
from contest.rules.attempts import Verdict
from contest.rules.permissions import Actor
from contest.rules.terms import AttemptState
from contest.services import tryouts
from contest.services.contests import rounds
from tests import people
from tests.conftest import Clock
from tests.kinds import AUTOMATIC, RIGHT, response, sample

SLUG = "cuoc-thi"


@pytest.fixture
def who(context: Flask, clock: Clock) -> Actor:
    people.organisation()
    return people.organiser()


def drafted() -> str:
    bank = people.bank("loai-cau", [sample(kind) for kind in AUTOMATIC])
    line = {"topic_id": None, "difficulty": None, "count": len(AUTOMATIC)}
    return people.draft_contest(SLUG, bank_id=bank, lines=(line,))[0]


def test_draft_is_tried_reviewed_and_leaves_no_trace_that_counts(who: Actor) -> None:
    code = tryouts.start(SLUG, drafted(), by=who)
    view = tryouts.get_paper(code, by=who)
    assert view.state is AttemptState.OPEN
    for q in view.questions:
        assert tryouts.save(code, str(q.position), 1, response(q, RIGHT[q.kind]), by=who).verdict is Verdict.SAVED
    assert tryouts.get_paper(code, by=who).unanswered == ()
    with pytest.raises(Invalid):
        tryouts.get_review(code, by=who)
    assert tryouts.save_form(code, {}, by=who, finish=True) is Verdict.SAVED
    found = tryouts.get_review(code, by=who)
    assert (found.correct, found.total) == (len(AUTOMATIC), len(AUTOMATIC))
    assert all(q.is_correct for q in found.questions)
    for table in (Attempt, Response, Result):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_new_try_takes_the_place_of_the_one_before(who: Actor) -> None:
    round_code = drafted()
    first = tryouts.start(SLUG, round_code, by=who)
    second = tryouts.start(SLUG, round_code, by=who)
    assert db.session.scalars(sa.select(Tryout.code)).all() == [second]
    with pytest.raises(NotFound):
        tryouts.get_paper(first, by=who)


def test_try_is_its_persons_alone_and_needs_the_right_to_keys(who: Actor) -> None:
    round_code = drafted()
    code = tryouts.start(SLUG, round_code, by=who)
    with pytest.raises(NotFound):
        tryouts.get_paper(code, by=people.administrator())
    with pytest.raises(Forbidden):
        tryouts.start(SLUG, round_code, by=people.organiser("goc", "GOC"))


def test_revisions_and_the_end_are_judged_as_in_attempts(who: Actor, clock: Clock) -> None:
    code = tryouts.start(SLUG, drafted(), by=who)
    (q, *_) = tryouts.get_paper(code, by=who).questions
    given = response(q, RIGHT[q.kind])
    assert tryouts.save(code, "1", 2, given, by=who).verdict is Verdict.SAVED
    assert tryouts.save(code, "1", 2, given, by=who).verdict is Verdict.SAME
    assert tryouts.save(code, "1", 1, None, by=who).verdict is Verdict.STALE
    with pytest.raises(Invalid):
        tryouts.save(code, "1", 0, given, by=who)
    clock.set(tryouts.get_paper(code, by=who).ends_at)
    assert tryouts.get_paper(code, by=who).state is AttemptState.SUBMITTED
    clock.advance(seconds=1)
    assert tryouts.save(code, "1", 3, None, by=who).verdict is Verdict.LATE
    assert tryouts.save_form(code, {"revision-1": ["5"]}, by=who) is Verdict.LATE
    assert tryouts.get_review(code, by=who).questions[0].is_correct


def test_bank_too_poor_is_told(who: Actor) -> None:
    (poor,) = people.draft_contest("ngheo", lines=({"topic_id": None, "difficulty": None, "count": 9},))
    with pytest.raises(Refused):
        tryouts.start("ngheo", poor, by=who)


def test_round_is_removed_with_its_tries(who: Actor) -> None:
    round_code = drafted()
    tryouts.start(SLUG, round_code, by=who)
    rounds.remove_round(SLUG, round_code, seen=3, by=who)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Tryout)) == 0
