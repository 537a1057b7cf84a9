"""Corrections of questions answered part by part or in an order, from the page to the review and the recount."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.clock import now
from contest.db import db
from contest.models.attempts import Attempt
from contest.models.banks import QuestionVersion
from contest.models.keys import Correction
from contest.rules.permissions import SYSTEM
from contest.rules.question_terms import Kind
from contest.services.attempts import closing, paper, reviews, saving
from contest.services.results import proof, settlement
from tests import people
from tests.conftest import Clock
from tests.kinds import RIGHT, response
from tests.web.test_kinds import contest_of

SLUG = "cuoc-thi"
SWAPPED = ["Cách mạng tháng Tám", "Chiến thắng Điện Biên Phủ", "Đổi mới", "Thống nhất đất nước"]


def page_of(code: str) -> str:
    return (
        f"/manage/contests/{SLUG}/results/{code}/corrections/{db.session.scalars(sa.select(QuestionVersion.id)).one()}"
    )


def settled(kind: Kind, given: object, clock: Clock) -> str:
    """Let one person answer the one question of a kind, settle, and return the code of the round."""
    code = contest_of([kind])
    who = people.member("m1")
    attempt = people.attempt(code, who)
    (q,) = paper.get_paper(attempt, by=who).questions
    at = now()
    saving.save(attempt, "1", 1, response(q, given), by=who, at=at, arrived=at)
    closing.submit(attempt, {}, by=who, arrived=at)
    row = people.round_row(code)
    clock.set(row.closes_at + timedelta(minutes=30))
    settlement.settle(row.id)
    people.publish_result(SLUG, code, 1)
    return code


@pytest.mark.parametrize(
    ("kind", "given", "typed", "right"),
    [
        (Kind.NUMERIC, {1: "2,53"}, ["2,53 ± 0,01"], [("2.53:0.01",)]),
        (Kind.SHORT_TEXT, {1: "Võ Nguyên Giáp"}, ["Võ Nguyên Giáp\nĐại tướng*"], [("Võ Nguyên Giáp", "Đại tướng*")]),
        (
            Kind.STATEMENTS,
            {1: "true", 2: "true", 3: "true", 4: "false"},
            ["true", "true", "true", "false"],
            [("true",), ("true",), ("true",), ("false",)],
        ),
        (Kind.ORDERING, SWAPPED, ["1", "2", "4", "3"], [(text,) for text in SWAPPED]),
    ],
)
def test_new_key_is_typed_on_the_page_scored_shown_and_recounted(
    app: Flask, database: str, clock: Clock, kind: Kind, given: object, typed: list[str], right: list[tuple[str, ...]]
) -> None:
    with app.app_context():
        code = settled(kind, given, clock)
        client = people.enter(app.test_client(), people.organiser("btc1"))
        page = client.get(page_of(code))
        assert page.status_code == 200
        version = db.session.scalars(sa.select(QuestionVersion)).one()
        names = [part["id"] for part in version.parts] or [o["id"] for o in version.options]
        answers = {f"answer-{name}": text for name, text in zip(names, typed, strict=True)}
        form = {"csrf_token": people.csrf(client), "remedy": "new_key", "reason": "Đáp án in sai"}
        assert client.post(page_of(code), data=form | answers).status_code == 303
        worker.run_once(app)
        people.publish_result(SLUG, code, 2)
        row, taken = people.round_row(code), db.session.scalars(sa.select(Attempt)).one()
        (seen,) = reviews.review_of(taken, row, SLUG, "Cuộc thi").questions
        assert (seen.is_correct, [part.mark for part in seen.parts]) == (True, [1] * len(right))
        assert [part.right for part in seen.parts] == right
        assert [p.differences for p in proof.verify(SLUG, None, by=SYSTEM)] == [(), ()]
        versions = client.get(f"/manage/contests/{SLUG}/results/{code}/versions").text
        assert "đáp án mới" in versions or "câu trả lời 1:" in versions


def test_page_keeps_what_was_typed_and_names_the_part_that_lacks_an_answer(
    app: Flask, database: str, clock: Clock
) -> None:
    with app.app_context():
        code = settled(Kind.CLOZE, RIGHT[Kind.CLOZE], clock)
        client = people.enter(app.test_client(), people.organiser("btc1"))
        first, second, third = (part["id"] for part in db.session.scalars(sa.select(QuestionVersion)).one().parts)
        form = {"csrf_token": people.csrf(client), "remedy": "both_keys", "reason": "Đáp án in sai"}
        shown = client.post(
            page_of(code), data={**form, f"answer-{first}": "Huế", f"answer-{second}": "mười", f"answer-{third}": "x"}
        )
        assert shown.status_code == 422
        assert "Huế" in shown.text
        assert "mười" in shown.text
        assert shown.text.count("field__error") == 2  # the number and the choice; the words are a key
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Correction)) == 0
