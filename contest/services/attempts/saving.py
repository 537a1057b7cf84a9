"""Saving a response: one guarded statement that commits by itself; whatever it does not take is explained afterwards."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest.db import Frozen, append_together, db, insert, transaction
from contest.errors import Invalid, NotFound, Unauthenticated
from contest.models.attempts import PREDICTION, Attempt, Response
from contest.models.members import EndedSession, Member
from contest.rules.attempts import MAX_REVISION, Saved, Verdict, is_revision, judge_save
from contest.rules.permissions import Actor
from contest.rules.questions import KINDS
from contest.rules.ranking import MAX_PREDICTION
from contest.rules.refusals import Refusal
from contest.rules.terms import AttemptState
from contest.services.attempts import missing, walking
from contest.services.attempts.content import PaperShape, find_shape
from contest.services.members import sessions


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a save. `value` is the stored one where it differs from what was sent."""

    verdict: Verdict
    revision: int
    value: Any
    saved_at: datetime | None
    ends_at: datetime


_typed = {"pos": sa.Integer, "rev": sa.Integer, "value": sa.Text, "at": Response.saved_at.type}
_bind = {name: sa.bindparam(name, type_=kind) for name, kind in _typed.items()}


def _statement() -> Any:
    """The save: owner, epoch, suspension, session, state, deadlines, step and revision all stand in its WHERE."""
    member = sa.bindparam("member", type_=sa.Integer)
    here = (Response.attempt_id == Attempt.id, Response.member_id == member, Response.position == _bind["pos"])
    newer = sa.exists().where(*here, Response.revision >= _bind["rev"])
    arrived = sa.bindparam("arrived", type_=Attempt.accepts_until.type)
    guarded = (
        sa.select(Attempt.id, _bind["pos"], _bind["rev"], _bind["value"], _bind["at"], Attempt.member_id)
        .join(Member, Member.id == Attempt.member_id)
        .where(
            Attempt.code == sa.bindparam("code"),
            Attempt.member_id == member,
            Attempt.state == AttemptState.OPEN.value,
            Attempt.accepts_until >= arrived,
            _bind["pos"].between(Attempt.first_open, Attempt.last_open),
            sa.or_(Attempt.step_accepts_until.is_(None), Attempt.step_accepts_until >= arrived),
            *sessions.holding(),
            ~newer,
        )
        .with_for_update(read=True, of=Attempt)  # a submission waits for this save, or this save sees the submission
    )
    own = sa.literal_column("responses.attempt_id", sa.Integer)  # in RETURNING, a table would be joined, not meant
    mine = sa.select(Attempt.ends_at).where(Attempt.id == own, Attempt.member_id == member)
    ends_at = mine.scalar_subquery().label("ends_at")
    names = ["attempt_id", "position", "revision", "value", "saved_at", "member_id"]
    return insert(Response).from_select(names, guarded).on_conflict_do_nothing().returning(ends_at)


_SAVE = Frozen(_statement, member="member")


def save(
    code: str, position: str, revision: object, raw: object, *, by: Actor, at: datetime, arrived: datetime
) -> Outcome:
    """Save one response and return what became of it; it is committed when this returns.

    Raises NotFound for an attempt that is not the actor's, Invalid for what no paper could hold.
    """
    shape = find_shape(code, by.member_id or 0)
    if shape is None:
        raise NotFound
    place = parse_position(shape, position)
    if not is_revision(revision):
        raise Invalid(Refusal("bad-revision", {"limit": MAX_REVISION}, "revision"))
    value = parse_value(shape, place, raw)
    params = {
        "code": code,
        **sessions.held(by),
        "pos": place,
        "rev": revision,
        "value": value,
        "at": at,
        "arrived": arrived,
    }
    done = append_together(_SAVE, params)
    if done:
        return Outcome(Verdict.SAVED, int(str(revision)), raw, at, done[0][0])
    return _explain(code, place, int(str(revision)), value, by=by, at=at, arrived=arrived)


def parse_position(shape: PaperShape, position: str) -> int:
    """Return the number of a position of this paper; the prediction's is 0."""
    if position == "prediction" and shape.has_prediction:
        return PREDICTION
    if position.isascii() and position.isdigit() and len(position) < 5 and 1 <= int(position) <= len(shape.questions):
        return int(position)
    raise Invalid(Refusal("bad-position", field="position"))


def parse_value(shape: PaperShape, position: int, raw: object) -> str | None:
    """Return a response as it is stored (JSON, None for cleared); raises Invalid naming the field."""
    if position == PREDICTION:
        value: Any = parse_prediction(raw)
    else:
        asked = shape.questions[position - 1]
        value = KINDS[asked.kind].parse(asked.body, raw)
    if isinstance(value, Refusal):
        raise Invalid(Refusal(value.slug, value.params, "value"))
    return None if value is None else json.dumps(value)


def parse_prediction(raw: object) -> int | None | Refusal:
    """Return a guess: a whole number from 0 to a milliard, None for none; digits with separators are understood."""
    if raw is None or raw == "":
        return None
    if isinstance(raw, str):
        digits = raw.strip().replace(".", "").replace(" ", "").replace("\u00a0", "")
        raw = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 10 else -1
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= MAX_PREDICTION:
        return Refusal("bad-prediction")
    return raw


def _explain(
    code: str, position: int, revision: int, value: str | None, *, by: Actor, at: datetime, arrived: datetime
) -> Outcome:
    """Say why the statement took nothing, keeping what must be kept: what came too late, and a lower revision not yet seen."""
    with transaction(shared=False):
        attempt = _own_attempt(code, by)
        stored = _stored(attempt, position)
        verdict = judge_save(
            submitted=attempt.state == AttemptState.SUBMITTED,
            accepts_until=attempt.accepts_until,
            arrived_at=arrived,
            revision=revision,
            value=value,
            stored=Saved(stored.revision, stored.value) if stored else None,
            standing=walking.standing_in(attempt, position, arrived),
        )
        if attempt.state == AttemptState.EXPIRED and verdict is not Verdict.CLOSED:
            verdict = Verdict.LATE  # in time by its stamp, but the attempt is already scored: kept as evidence
        if verdict in {Verdict.LATE, Verdict.LEFT}:
            missing.keep(attempt, verdict, [(position, revision, value)], arrived)
        elif verdict in {Verdict.STALE, Verdict.SAVED}:
            own = {"attempt_id": attempt.id, "member_id": attempt.member_id, "saved_at": at}
            row = {**own, "position": position, "revision": revision, "value": value}
            db.session.execute(insert(Response).on_conflict_do_nothing(), row)
    if verdict is Verdict.SAVED or stored is None:
        return Outcome(verdict, revision, _loaded(value), at, attempt.ends_at)
    return Outcome(verdict, stored.revision, _loaded(stored.value), stored.saved_at, attempt.ends_at)


def _own_attempt(code: str, by: Actor) -> Attempt:
    """Return the attempt locked for the transaction; raises Unauthenticated when the session has ended meanwhile."""
    row = db.session.execute(
        sa.select(Attempt, Member.epoch, Member.suspended_at)
        .join(Member, Member.id == Attempt.member_id)
        .where(Attempt.code == code, Attempt.member_id == by.member_id)
        .with_for_update(of=Attempt)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound
    ended = db.session.scalar(sa.select(sa.exists().where(EndedSession.session_id == by.session_id)))
    if row.epoch != by.epoch or row.suspended_at is not None or ended:
        raise Unauthenticated(Refusal("sign-in-needed"))
    attempt: Attempt = row[0]
    return attempt


def _stored(attempt: Attempt, position: int) -> Response | None:
    return db.session.scalar(
        sa.select(Response)
        .where(Response.attempt_id == attempt.id, Response.member_id == attempt.member_id)
        .where(Response.position == position)
        .order_by(Response.revision.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def _loaded(value: str | None) -> Any:
    return None if value is None else json.loads(value)


def _in_parts(form: Mapping[str, list[str]], position: int) -> object:
    """Return what a plain form carries for a question answered part by part: {part: value}; a list of nothing without any."""
    start = f"response-{position}-"
    found = {name.removeprefix(start): values[0] for name, values in form.items() if name.startswith(start) and values}
    return found or []


def read_form(shape: PaperShape, form: Mapping[str, list[str]]) -> list[tuple[int, int, str | None]]:
    """Return the responses that a plain form carries as (position, revision, value); what is absent is unchanged.

    A question with no box ticked is absent unless its revision stands beside it, which means that it was cleared.
    """
    out = []
    for position in [*range(1, len(shape.questions) + 1), *([PREDICTION] if shape.has_prediction else [])]:
        name = "prediction" if position == PREDICTION else str(position)
        known = form.get(f"revision-{name}")
        if not known:
            continue
        values = form.get("prediction" if position == PREDICTION else f"response-{position}", [])
        raw: object = (values[0] if values else None) if position == PREDICTION else values or _in_parts(form, position)
        revision = int(known[0]) + 1 if known[0].isascii() and known[0].isdigit() and len(known[0]) < 7 else 0
        if not is_revision(revision):
            raise Invalid(Refusal("bad-revision", {"limit": MAX_REVISION}, f"revision-{name}"))
        out.append((position, revision, parse_value(shape, position, raw)))
    return out
