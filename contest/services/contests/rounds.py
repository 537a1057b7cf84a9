"""The rounds of a contest's set-up; what somebody has started stays as it is."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, transaction
from contest.errors import Invalid, NotFound
from contest.models.advancement import AdvancedPerson, Advancement
from contest.models.attempts import Attempt
from contest.models.contests import Announcement, BlueprintLine, ExtraMinutes, Round, RoundWindow, Void
from contest.models.handed import HandedFile
from contest.models.overall import OverallRound
from contest.models.printing import PaperSet
from contest.models.tryouts import Tryout
from contest.rules.permissions import Actor
from contest.rules.ranking import check_criteria
from contest.rules.refusals import Refusal
from contest.rules.terms import Board, Criterion, Reveal
from contest.rules.windows import Window, check_window, check_windows
from contest.services import audit
from contest.services.contests import blueprint_lines, courses, schedules, setup

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
    *courses.FIELDS,
)


def list_rounds(contest_id: int) -> list[Round]:
    query = sa.select(Round).where(Round.contest_id == contest_id).order_by(Round.number)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def of_number(contest_id: int, number: int | None) -> list[Round]:
    """Return a contest's rounds, or the one of a number; raises NotFound for a number that is not there."""
    found = [r for r in list_rounds(contest_id) if number in (None, r.number)]
    if number is not None and not found:
        raise NotFound
    return found


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
    _check_round(values, lines)
    lines = courses.in_order(lines)
    with transaction():
        row = setup.begin(slug, seen, by)
        last = db.session.scalar(sa.select(sa.func.max(Round.number)).where(Round.contest_id == row.id)) or 0
        added = Round(code=secrets.token_urlsafe(6), contest_id=row.id, number=last + 1, **values)
        db.session.add(added)
        db.session.flush()
        blueprint_lines.check(added, lines)
        blueprint_lines.store(added, lines)
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
    """Change a round; once somebody has started, its paper, what counts and the windows begun stay as they are.

    Papers that are being tried are gone with another paper: they were drawn by what holds no more.
    """
    at = clock.now()
    values = _hulled(values, windows)
    _check_round(values, lines)
    lines = courses.in_order(lines)
    with transaction():
        row = setup.begin(slug, seen, by)
        changed = schedules.lock(get_round(row.id, code))
        is_other = any(name in values and getattr(changed, name) != values[name] for name in _PAPER)
        has_other_lines = blueprint_lines.lines_of(changed.id) != list(map(blueprint_lines.whole_line, lines))
        _refuse_frozen(changed, values, at, is_other=is_other or has_other_lines)
        before = schedules.several(changed)
        _refuse_begun(changed, before, windows, at)
        fields = {k: [str(getattr(changed, k)), str(v)] for k, v in values.items() if getattr(changed, k) != v}
        for name, value in values.items():
            setattr(changed, name, value)
        blueprint_lines.check(changed, lines)  # the bank, or what wrong responses may cost, is another perhaps
        if is_other or has_other_lines:
            drop_tries(Tryout.round_id == changed.id)
        if has_other_lines:
            db.session.execute(sa.delete(BlueprintLine).where(BlueprintLine.round_id == changed.id))
            blueprint_lines.store(changed, lines)
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


def drop_tries(*which: sa.ColumnElement[bool]) -> None:
    """Remove papers that are being tried, with the files handed in for them, inside the caller's transaction."""
    codes = sa.select(Tryout.code).where(*which)
    db.session.execute(sa.delete(HandedFile).where(HandedFile.is_try, HandedFile.paper_code.in_(codes)))
    db.session.execute(sa.delete(Tryout).where(*which))


def _refuse_frozen(row: Round, values: Mapping[str, Any], at: datetime, *, is_other: bool) -> None:
    started = db.session.scalar(sa.select(sa.exists().where(Attempt.round_id == row.id)))
    if started and is_other:
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


def _check_round(values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> None:
    """Refuse what no round could be, naming every field at once."""
    refusals = [*courses.check(values, lines), check_window(values["opens_at"], values["closes_at"])]
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
        drop_tries(Tryout.round_id == removed.id)
        for table in (
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
