"""Trying a paper: drawn, saved and reviewed as a member's, kept apart from everything that counts."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.errors import Forbidden, Invalid, NotFound, Refused
from contest.models.attempts import Attempt, Response
from contest.models.handed import HandedFile
from contest.models.results import Result
from contest.models.tryouts import Tryout
from contest.rules.attempts import Verdict
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.terms import AttemptState
from contest.services import tryouts
from contest.services.contests import rounds, setup
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


@pytest.mark.parametrize(
    ("change", "count", "stays"),
    [
        ({"title": "Tuần thi khác"}, 3, True),
        ({"navigation": "free", "question_seconds": None}, 3, False),
        ({"minutes": 21}, 3, False),
        ({}, 2, False),
    ],
)
def test_try_of_a_round_that_has_another_paper_by_now_is_gone(
    who: Actor, change: dict[str, Any], count: int, stays: bool
) -> None:
    course = {"navigation": "sequential", "question_seconds": 30}
    line = {"topic_id": None, "difficulty": None, "count": 3}
    (round_code,) = people.draft_contest(SLUG, rounds=[course], lines=(line,))
    code = tryouts.start(SLUG, round_code, by=who)
    for step in range(3):
        tryouts.go_on(code, step, by=who)
    db.session.add(handed_file(code))
    row = people.round_row(round_code)
    values = {name: getattr(row, name) for name in people.round_values(row.bank_id, **course)} | change
    seen = setup.get_contest(SLUG, by=SYSTEM).version
    rounds.change_round(SLUG, round_code, values, [{**line, "count": count}], seen=seen, by=SYSTEM)
    files = db.session.scalar(sa.select(sa.func.count()).select_from(HandedFile))
    if stays:
        assert tryouts.get_paper(code, by=who).way is not None
        assert files == 1
        return
    with pytest.raises(NotFound) as gone:
        tryouts.get_paper(code, by=who)
    assert (gone.value.refusal.slug, files) == ("tryout-gone", 0)


def handed_file(code: str) -> HandedFile:
    given = {"name": f"x-{code}", "title": "", "media_type": "text/plain", "sha256": "0" * 64, "content": b""}
    return HandedFile(paper_code=code, is_try=True, position=1, size=0, at=people.at("12:00"), **given)


def test_round_is_removed_with_its_tries(who: Actor) -> None:
    round_code = drafted()
    tryouts.start(SLUG, round_code, by=who)
    db.session.add(handed_file(db.session.scalars(sa.select(Tryout.code)).one()))
    rounds.remove_round(SLUG, round_code, seen=3, by=who)
    for table in (Tryout, HandedFile):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
