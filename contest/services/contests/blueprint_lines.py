"""The blueprints of rounds as they are set up: lines of topic, difficulty, count and worth, and questions fixed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows
from contest.errors import Invalid
from contest.models.banks import Bank, Question, Topic
from contest.models.contests import BlueprintLine, Round
from contest.rules.refusals import Refusal
from contest.rules.worth import PLAIN_WORTH, Negative, Worth, check_worth, most_points
from contest.services.banks.shelf import marked_among


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a blueprint; `question` is the code of the one question it is for, empty where it draws.

    `marked` says that it draws questions that people mark, `section` in which section of the round it is, 0 for none.
    """

    topic_id: int | None
    topic: str
    difficulty: str | None
    count: int
    worth: Worth = PLAIN_WORTH
    question_id: int | None = None
    question: str = ""
    marked: bool = False
    section: int = 0


def list_lines(round_id: int) -> list[LineView]:
    """Return the lines of a round's blueprint with their topics' names and their questions' codes."""
    query = (
        sa.select(BlueprintLine, Topic.path, Question.code)
        .outerjoin(Topic, Topic.id == BlueprintLine.topic_id)
        .outerjoin(Question, Question.id == BlueprintLine.question_id)
        .where(BlueprintLine.round_id == round_id)
        .order_by(BlueprintLine.number)
        .execution_options(populate_existing=True)
    )
    return [
        LineView(
            x.topic_id,
            path or "",
            x.difficulty,
            x.count,
            Worth.read(x.worth),
            x.question_id,
            code or "",
            x.marked,
            x.section,
        )
        for x, path, code in rows(query)
    ]


def lines_of(round_id: int) -> list[dict[str, Any]]:
    """Return the blueprint as it is stored: topic, difficulty, count, worth, the one question, if people mark, section."""
    names = ("topic_id", "difficulty", "count", "question_id", "marked", "section")
    return [{**{name: getattr(x, name) for name in names}, "worth": x.worth.stored()} for x in list_lines(round_id)]


def whole_line(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line as it is stored; what it does not say is plain."""
    return {"worth": {}, "question_id": None, "marked": False, "section": 0, **line}


def find_question(bank_id: int | None, code: str) -> int | None:
    """Return the id of a question of a bank, None for no code; raises Invalid for one that is not there."""
    if not code:
        return None
    found = db.session.scalar(sa.select(Question.id).where(Question.bank_id == bank_id, Question.code == code))
    if found is None:
        raise Invalid(Refusal("question-fixed-unknown", {"code": code}, "blueprint"))
    return found


def store(row: Round, lines: Sequence[Mapping[str, Any]]) -> None:
    """Store a blueprint of a round that has none, and what its papers are worth at most."""
    known = sa.select(Topic.id).where(Topic.bank_id == row.bank_id)
    topics = set(db.session.scalars(known))
    for line in lines:
        if line["topic_id"] is not None and line["topic_id"] not in topics:
            raise Invalid(Refusal("not-a-choice", field="blueprint"))
    stored = [{"round_id": row.id, "number": i, **whole_line(line)} for i, line in enumerate(lines, 1)]
    worths = [(line["count"], Worth.read(line["worth"])) for line in stored]
    named = [line["question_id"] for line in stored if line["question_id"] is not None]
    row.marked = any(line["marked"] for line in stored) or bool(marked_among(named))
    is_plain = not row.marked and all(worth == PLAIN_WORTH for _, worth in worths)
    row.possible = None if is_plain else most_points(worths)
    if stored:
        db.session.execute(sa.insert(BlueprintLine), stored)


def check(row: Round, lines: Sequence[Mapping[str, Any]]) -> None:
    """Refuse what no line could be worth, and a question that is not the bank's or is named twice."""
    whole = list(map(whole_line, lines))
    for number, line in enumerate(whole, 1):
        refusal = check_worth(Worth.read(line["worth"]), Negative(row.negative), marked=line["marked"])
        if refusal is not None:
            raise Invalid(Refusal("line-refused", {"line": number, "why": refusal}, "blueprint"))
    named = [line["question_id"] for line in whole if line["question_id"] is not None]
    known = sa.select(sa.func.count()).select_from(Question).where(Question.id.in_(named))
    if named and db.session.scalar(known.where(Question.bank_id == row.bank_id)) != len(set(named)):
        raise Invalid(Refusal("not-a-choice", field="blueprint"))
    if len(set(named)) < len(named):
        raise Invalid(Refusal("question-fixed-twice", field="blueprint"))


def list_banks() -> list[tuple[int, str, str]]:
    """Return the banks papers may be drawn from as (id, code, name): names alone, no content."""
    return [(r[0], r[1], r[2]) for r in rows(sa.select(Bank.id, Bank.code, Bank.name).order_by(Bank.name))]


def topics_of(bank_id: int | None) -> list[tuple[int, str]]:
    """Return the topics of a bank as (id, path), in the order of their tree; none without a bank."""
    query = sa.select(Topic.id, Topic.path).where(Topic.bank_id == bank_id)
    return [] if bank_id is None else sorted(((r[0], r[1]) for r in rows(query)), key=lambda t: t[1].split("/"))


def code_of(question_id: int) -> str:
    return db.session.get_one(Question, question_id).code


def list_topics() -> list[tuple[str, list[tuple[int, str]]]]:
    """Return the topics of every bank: (bank's name, [(id, path)]), so that a bank may be chosen without asking again."""
    query = sa.select(Bank.name, Topic.id, Topic.path).join(Topic, Topic.bank_id == Bank.id)
    found: dict[str, list[tuple[int, str]]] = {}
    for name, topic_id, path in rows(query.order_by(Bank.name, Topic.path)):
        found.setdefault(name, []).append((topic_id, path))
    return list(found.items())
