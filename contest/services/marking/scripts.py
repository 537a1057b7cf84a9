"""What waits to be marked, as its markers see it: a question, a blind code, what was written, and the mark so far."""

import hashlib
import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows
from contest.errors import NotFound
from contest.models.attempts import Attempt, Response
from contest.models.banks import Question, QuestionVersion
from contest.models.contests import Contest, Round
from contest.models.keys import AnswerKey
from contest.models.marking import Mark, Script
from contest.models.members import Member
from contest.models.results import Result
from contest.rules.papers import Item, read_paper, shown_before
from contest.rules.permissions import Actor
from contest.rules.question_terms import Kind
from contest.rules.questions.bodies import Limits
from contest.rules.questions.essay import word_count
from contest.rules.terms import Role
from contest.services.attempts import handed
from contest.services.attempts.content import Content, contents_of
from contest.services.attempts.handed import BlindFile
from contest.services.banks.showing import on_screen
from contest.services.contests import rounds, setup

PAGE = 100


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question of a round that people mark, with how many responses to it the reader may still mark, and has marked."""

    version_id: int
    code: str
    words: str
    kind: Kind
    waiting: int
    marked: int


@dataclass(frozen=True, slots=True)
class ScriptRow:
    """A response by its blind code; `points` is None while nobody has marked it."""

    code: str
    points: Decimal | None
    marker: str


@dataclass(frozen=True, slots=True)
class Given:
    """The mark of a response so far: version 0 is none."""

    version: int = 0
    points: Decimal | None = None
    comment: str = ""
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was handed in, as its marker reads it: of an essay the text, its words and how many were asked for; or files."""

    kind: Kind
    text: str
    words: int
    limits: Limits
    files: tuple[BlindFile, ...] = ()


@dataclass(frozen=True, slots=True)
class ScriptView:
    """A response to be marked, out of `most` points; nothing here says whose it is."""

    version_id: int
    code: str
    question: str
    passages: tuple[str, ...]
    guidance: str
    explanation: str
    answer: Answer
    most: Decimal
    given: Given


@dataclass(frozen=True, slots=True)
class Found:
    """A script with its attempt and how many marks of that have not been taken into its result; for services alone."""

    script: Script
    attempt: Attempt
    unmarked: int

    @property
    def item(self) -> Item:
        return read_paper(self.attempt.paper)[self.script.position - 1]


def find_round(slug: str, code: str, *, by: Actor) -> tuple[Contest, Round]:
    """Return a round whose responses are the actor's to mark; raises NotFound.

    They are those of judges and of the contest's own organisers: who organises a unit alone marks nothing.
    """
    contest = setup.get_contest(slug, by=_without_units(by), roles=(Role.ORGANISER, Role.JUDGE))
    return contest, rounds.get_round(contest.id, code)


def organises(contest: Contest, *, by: Actor) -> bool:
    """Say whether the actor is one of the contest's own organisers, who take marks into its results."""
    theirs = sa.select(Contest.id).where(
        Contest.id == contest.id, setup.contests_of(_without_units(by), Role.ORGANISER)
    )
    return db.session.scalar(theirs) is not None


def _without_units(by: Actor) -> Actor:
    return replace(by, grants=tuple(g for g in by.grants if g.role is not Role.ORGANISER or g.unit_id is None))


def _is_marked() -> sa.ColumnElement[bool]:
    return sa.exists().where(Mark.attempt_id == Script.attempt_id, Mark.position == Script.position)


def is_latest() -> sa.ColumnElement[bool]:
    """Return the condition under which a mark is the one that counts of its script."""
    last = sa.select(sa.func.max(Mark.version)).where(
        Mark.attempt_id == Script.attempt_id, Mark.position == Script.position
    )
    mine = sa.and_(Mark.attempt_id == Script.attempt_id, Mark.position == Script.position)
    return sa.and_(mine, Mark.version == last.correlate(Script).scalar_subquery())


def markable(row: Round, by: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions under which a script (joined with its attempt) is the actor's to mark: not void, not their own."""
    own = sa.true() if by.member_id is None else Attempt.member_id != by.member_id
    return Script.round_id == row.id, Attempt.void_id.is_(None), own


def list_questions(row: Round, *, by: Actor) -> list[QuestionRow]:
    """Return the questions of a round to which somebody has handed in something that people mark."""
    marked = sa.func.count(sa.case((_is_marked(), 1)))
    query = (
        sa.select(Script.version_id, Question.code, sa.func.count(), marked)
        .join(Attempt, Attempt.id == Script.attempt_id)
        .join(QuestionVersion, QuestionVersion.id == Script.version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(*markable(row, by))
        .group_by(Script.version_id, Question.code)
        .order_by(Question.code, Script.version_id)
    )
    found = rows(query)
    shown = contents_of([r[0] for r in found])
    return [QuestionRow(v, c, shown[v].words, shown[v].kind, n - done, done) for v, c, n, done in found]


def get_question(row: Round, version_id: int, *, by: Actor) -> QuestionRow:
    """Return a question of a round that people mark; raises NotFound for one to which there is nothing the actor may mark."""
    found = next((q for q in list_questions(row, by=by) if q.version_id == version_id), None)
    if found is None:
        raise NotFound
    return found


def list_scripts(row: Round, version_id: int, *, after: str = "", by: Actor) -> tuple[list[ScriptRow], str | None]:
    """Return a page of the responses to a question by their blind codes, and after which code the next one begins."""
    query = (
        sa.select(Script.code, Mark.points, Member.full_name)
        .join(Attempt, Attempt.id == Script.attempt_id)
        .outerjoin(Mark, is_latest())
        .outerjoin(Member, Member.id == Mark.marker_id)
        .where(*markable(row, by), Script.version_id == version_id, Script.code > after)
        .order_by(Script.code)
        .limit(PAGE + 1)
    )
    found = [ScriptRow(code, points, name or "") for code, points, name in rows(query)]
    return found[:PAGE], found[PAGE - 1].code if len(found) > PAGE else None


def find(row: Round, version_id: int, code: str, *, by: Actor) -> Found:
    """Return a script that is the actor's to mark; raises NotFound for any other as for one there is not."""
    found = db.session.execute(
        sa.select(Script, Attempt, Result.unmarked)
        .join(Attempt, Attempt.id == Script.attempt_id)
        .join(Result, Result.attempt_id == Script.attempt_id)
        .where(*markable(row, by), Script.version_id == version_id, Script.code == code)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound
    return Found(*found)


def given_to(script: Script) -> Given:
    """Return the mark of a script so far."""
    query = (
        sa.select(Mark.version, Mark.points, Mark.comment, Member.full_name)
        .outerjoin(Member, Member.id == Mark.marker_id)
        .where(Mark.attempt_id == script.attempt_id, Mark.position == script.position)
        .order_by(Mark.version.desc())
        .limit(1)
    )
    found = rows(query)
    return next((Given(version, points, comment, name or "") for version, points, comment, name in found), Given())


def view(found: Found) -> ScriptView:
    """Return a script as its marker sees it."""
    script, item = found.script, found.item
    before = shown_before(read_paper(found.attempt.paper))[script.position - 1]
    shown = contents_of([script.version_id, *before])
    content = shown[script.version_id]
    key = db.session.get_one(AnswerKey, script.version_id)
    rich = db.session.get_one(QuestionVersion, script.version_id).rich
    value = db.session.scalar(
        sa.select(Response.value)
        .where(Response.attempt_id == script.attempt_id, Response.position == script.position)
        .order_by(Response.revision.desc())
        .limit(1)
    )
    return ScriptView(
        script.version_id,
        script.code,
        content.body.text,
        tuple(shown[v].body.text for v in before),
        on_screen(key.guidance, rich=rich),
        on_screen(key.explanation, rich=rich),
        answer_of(content, None if value is None else json.loads(value), found),
        item.worth.points,
        given_to(script),
    )


def answer_of(content: Content, value: Any, found: Found) -> Answer:
    """Return a response as its marker reads it: the one place that knows what each kind hands in."""
    if content.kind is Kind.UPLOAD:
        files = handed.blind_files(found.attempt.code, found.script.position, value)
        return Answer(content.kind, "", 0, content.body.limits, files)
    text = value if isinstance(value, str) else ""
    return Answer(content.kind, text, word_count(text), content.body.limits)


def next_waiting(row: Round, version_id: int, after: str | None, *, by: Actor) -> str | None:
    """Return the code of the next response to a question that nobody has marked, behind a code and then from the start.

    Without a code everybody begins elsewhere, so that several who mark at once seldom meet.
    """
    behind = after if after is not None else _begin(version_id, by)
    waiting = (
        sa.select(Script.code)
        .join(Attempt, Attempt.id == Script.attempt_id)
        .where(*markable(row, by), Script.version_id == version_id, ~_is_marked(), Script.code != (after or ""))
        .order_by(sa.case((Script.code > behind, 0), else_=1), Script.code)
    )
    return db.session.scalar(waiting.limit(1))


def _begin(version_id: int, by: Actor) -> str:
    return hashlib.sha256(f"{by.member_id}:{version_id}".encode()).hexdigest()[:4].upper()


def waiting_count(row: Round) -> int:
    """Return how many responses of attempts that count nobody has marked yet, whoever may mark them."""
    query = sa.select(sa.func.count()).select_from(Script).join(Attempt, Attempt.id == Script.attempt_id)
    return int(db.session.scalar(query.where(*markable(row, Actor(None)), ~_is_marked())) or 0)
