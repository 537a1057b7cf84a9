"""The rounds of a contest's set-up and the blueprints of their papers; what somebody has started stays as it is."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Invalid, NotFound
from contest.models.advancement import AdvancedPerson, Advancement
from contest.models.attempts import Attempt
from contest.models.banks import Bank, Question, Topic
from contest.models.contests import Announcement, BlueprintLine, ExtraMinutes, Round, RoundWindow, Void
from contest.models.overall import OverallRound
from contest.models.printing import PaperSet
from contest.models.tryouts import Tryout
from contest.rules.permissions import Actor
from contest.rules.ranking import check_criteria
from contest.rules.refusals import Refusal
from contest.rules.terms import Board, Criterion, Reveal
from contest.rules.windows import Window, check_window, check_windows
from contest.rules.worth import PLAIN_WORTH, Negative, Worth, check_worth, most_points
from contest.services import audit
from contest.services.contests import schedules, setup

_PAPER = (
    "bank_id",
    "minutes",
    "attempts_allowed",
    "attempts_per",
    "counted",
    "shuffle_questions",
    "shuffle_options",
    "no_repeat",
    "least_used",
    "negative",
    "prediction",
)


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a blueprint; `question` is the code of the one question it is for, empty where it draws."""

    topic_id: int | None
    topic: str
    difficulty: str | None
    count: int
    worth: Worth = PLAIN_WORTH
    question_id: int | None = None
    question: str = ""


def list_rounds(contest_id: int) -> list[Round]:
    query = sa.select(Round).where(Round.contest_id == contest_id).order_by(Round.number)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def of_number(contest_id: int, number: int | None) -> list[Round]:
    """Return a contest's rounds, or the one of a number; raises NotFound for a number that is not there."""
    found = [r for r in list_rounds(contest_id) if number in (None, r.number)]
    if number is not None and not found:
        raise NotFound
    return found


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
        LineView(x.topic_id, path or "", x.difficulty, x.count, Worth.read(x.worth), x.question_id, code or "")
        for x, path, code in rows(query)
    ]


def add_round(
    slug: str,
    values: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    windows: Sequence[Window] = (),
    *,
    seen: int,
    by: Actor,
) -> str:
    """Add a round behind the others and return its code; `windows` are several, or none for one long window."""
    at = clock.now()
    values = _hulled(values, windows)
    _check_round(values)
    with transaction():
        row = setup.begin(slug, seen, by)
        last = db.session.scalar(sa.select(sa.func.max(Round.number)).where(Round.contest_id == row.id)) or 0
        added = Round(code=secrets.token_urlsafe(6), contest_id=row.id, number=last + 1, **values)
        db.session.add(added)
        db.session.flush()
        _check_lines(added, lines)
        _store_lines(added, lines)
        schedules.store(added, windows)
        audit.record("round-added", "round", added.id, by=by, at=at, number=added.number)
    return added.code


def change_round(
    slug: str,
    code: str,
    values: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    windows: Sequence[Window] = (),
    *,
    seen: int,
    by: Actor,
) -> None:
    """Change a round; once somebody has started, its paper, what counts and the windows begun stay as they are."""
    at = clock.now()
    values = _hulled(values, windows)
    _check_round(values)
    with transaction():
        row = setup.begin(slug, seen, by)
        changed = schedules.lock(get_round(row.id, code))
        _refuse_frozen(changed, values, lines, at)
        before = schedules.several(changed)
        _refuse_begun(changed, before, windows, at)
        fields = {k: [str(getattr(changed, k)), str(v)] for k, v in values.items() if getattr(changed, k) != v}
        for name, value in values.items():
            setattr(changed, name, value)
        _check_lines(changed, lines)  # the bank, or what wrong responses may cost, is another perhaps
        if lines_of(changed.id) != list(map(whole_line, lines)):
            db.session.execute(sa.delete(BlueprintLine).where(BlueprintLine.round_id == changed.id))
            _store_lines(changed, lines)
        if before != tuple(windows):
            schedules.store(changed, windows)
            fields["windows"] = [str(len(before) or 1), str(len(windows) or 1)]
        audit.record("round-changed", "round", changed.id, by=by, at=at, fields=fields)


def get_round(contest_id: int, code: str) -> Round:
    found = db.session.scalar(
        sa.select(Round)
        .where(Round.contest_id == contest_id, Round.code == code)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def lines_of(round_id: int) -> list[dict[str, Any]]:
    """Return the blueprint as it is stored: topic, difficulty, count, worth, and the one question of a line."""
    names = ("topic_id", "difficulty", "count", "question_id")
    return [{**{name: getattr(x, name) for name in names}, "worth": x.worth.stored()} for x in list_lines(round_id)]


def whole_line(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line as it is stored; what it does not say is plain."""
    return {"worth": {}, "question_id": None, **line}


def _refuse_frozen(row: Round, values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], at: datetime) -> None:
    started = db.session.scalar(sa.select(sa.exists().where(Attempt.round_id == row.id)))
    differs = any(name in values and getattr(row, name) != values[name] for name in _PAPER)
    if started and (differs or lines_of(row.id) != list(map(whole_line, lines))):
        raise Invalid(Refusal("round-has-attempts", field="blueprint"))
    if row.settled_at is not None and any(getattr(row, k) != values[k] for k in ("opens_at", "closes_at", "criteria")):
        raise Invalid(Refusal("round-settled", field="closes_at"))
    if started and row.opens_at != values["opens_at"]:
        raise Invalid(Refusal("round-started", field="opens_at"))
    if row.closes_at != values["closes_at"] and values["closes_at"] <= at:
        raise Invalid(Refusal("closes-in-past", field="closes_at"))


def _hulled(values: Mapping[str, Any], windows: Sequence[Window]) -> Mapping[str, Any]:
    """Return the values with the round from its first opening to its last close, where it has several windows."""
    if not windows:
        return values
    refusals = check_windows(windows, Window(values["opens_at"], values["closes_at"]))
    if refusals:
        raise Invalid(*refusals)
    return {**values, "opens_at": min(w.opens_at for w in windows), "closes_at": max(w.closes_at for w in windows)}


def _refuse_begun(row: Round, before: Sequence[Window], windows: Sequence[Window], at: datetime) -> None:
    """Refuse to change a window that has opened once somebody has started; extending one is a command of its own."""
    if not before and not windows:
        return
    begun = [w for w in before or (Window(row.opens_at, row.closes_at),) if w.opens_at <= at]
    kept = windows or (Window(row.opens_at, row.closes_at),)
    started = sa.select(sa.exists().where(Attempt.round_id == row.id))
    if any(w not in kept for w in begun) and db.session.scalar(started):
        raise Invalid(Refusal("window-begun", field="windows"))


def _check_round(values: Mapping[str, Any]) -> None:
    """Refuse what no round could be, naming every field at once."""
    refusals = [check_window(values["opens_at"], values["closes_at"])]
    criteria = [Criterion(c) for c in values["criteria"]]
    refusals.append(check_criteria(criteria, has_prediction=values["prediction"] is not None))
    if values["reveal"] == Reveal.NOTHING and values["board"] != Board.HIDDEN:
        refusals.append(Refusal("board-tells-scores", field="board"))
    if values["board"] == Board.FROZEN:
        freezes_at = values.get("freezes_at")
        if freezes_at is None or not values["opens_at"] <= freezes_at <= values["closes_at"]:
            refusals.append(Refusal("freeze-outside-window", field="freezes_at"))
    found = [r for r in refusals if r is not None]
    if found:
        raise Invalid(*found)


def find_question(bank_id: int | None, code: str) -> int | None:
    """Return the id of a question of a bank, None for no code; raises Invalid for one that is not there."""
    if not code:
        return None
    found = db.session.scalar(sa.select(Question.id).where(Question.bank_id == bank_id, Question.code == code))
    if found is None:
        raise Invalid(Refusal("question-fixed-unknown", {"code": code}, "blueprint"))
    return found


def _store_lines(row: Round, lines: Sequence[Mapping[str, Any]]) -> None:
    known = sa.select(Topic.id).where(Topic.bank_id == row.bank_id)
    topics = set(db.session.scalars(known))
    for line in lines:
        if line["topic_id"] is not None and line["topic_id"] not in topics:
            raise Invalid(Refusal("not-a-choice", field="blueprint"))
    stored = [{"round_id": row.id, "number": i, **whole_line(line)} for i, line in enumerate(lines, 1)]
    worths = [(line["count"], Worth.read(line["worth"])) for line in stored]
    row.possible = most_points(worths) if any(worth != PLAIN_WORTH for _, worth in worths) else None
    if stored:
        db.session.execute(sa.insert(BlueprintLine), stored)


def _check_lines(row: Round, lines: Sequence[Mapping[str, Any]]) -> None:
    """Refuse what no line could be worth, and a question that is not the bank's or is named twice."""
    whole = list(map(whole_line, lines))
    for number, line in enumerate(whole, 1):
        refusal = check_worth(Worth.read(line["worth"]), Negative(row.negative))
        if refusal is not None:
            raise Invalid(Refusal("line-refused", {"line": number, "why": refusal}, "blueprint"))
    named = [line["question_id"] for line in whole if line["question_id"] is not None]
    known = sa.select(sa.func.count()).select_from(Question).where(Question.id.in_(named))
    if named and db.session.scalar(known.where(Question.bank_id == row.bank_id)) != len(set(named)):
        raise Invalid(Refusal("not-a-choice", field="blueprint"))
    if len(set(named)) < len(named):
        raise Invalid(Refusal("question-fixed-twice", field="blueprint"))


def remove_round(slug: str, code: str, *, seen: int, by: Actor) -> None:
    """Remove a round in which nobody has started."""
    at = clock.now()
    with transaction():
        row = setup.begin(slug, seen, by)
        removed = get_round(row.id, code)
        if db.session.scalar(sa.select(sa.exists().where(Attempt.round_id == removed.id))):
            raise Invalid(Refusal("round-has-attempts"))
        if db.session.scalar(sa.select(sa.exists().where(OverallRound.round_id == removed.id))):
            raise Invalid(Refusal("round-counts-overall"))
        if db.session.scalar(sa.select(sa.exists().where(Advancement.source_id == removed.id))):
            raise Invalid(Refusal("round-is-source"))
        if db.session.scalar(sa.select(sa.exists().where(PaperSet.round_id == removed.id))):
            raise Invalid(Refusal("round-has-papers"))
        for table in (
            Tryout,
            BlueprintLine,
            RoundWindow,
            ExtraMinutes,
            Void,
            Announcement,
            AdvancedPerson,
            Advancement,
        ):
            db.session.execute(sa.delete(table).where(table.round_id == removed.id))
        db.session.delete(removed)
        audit.record("round-removed", "round", removed.id, by=by, at=at, number=removed.number)


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
