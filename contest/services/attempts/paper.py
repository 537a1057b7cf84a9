"""The running paper as its person sees it. It can hold no key: nothing here knows where keys lie."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import Frozen, ask, db, gathered, instant
from contest.db.editions import Kept
from contest.errors import NotFound
from contest.models.attempts import PREDICTION, Attempt, Response
from contest.models.contests import Contest, Round
from contest.models.members import Member
from contest.models.results import Settlement
from contest.rules.papers import read_paper
from contest.rules.permissions import Actor
from contest.rules.steps import may_hand_in_from
from contest.rules.terms import AttemptState, Layout, PredictionTarget
from contest.services.attempts.asked import QuestionView, open_questions
from contest.services.attempts.content import keep_shape
from contest.services.attempts.news import Announced, announced_since
from contest.services.attempts.walking import walk_of
from contest.services.attempts.ways import WayView, way_of
from contest.services.contests import shared
from contest.services.members import sessions
from contest.services.results import versions


@dataclass(frozen=True, slots=True)
class Precedent:
    """What the guess of an earlier round came to: its title, T and how many people took part."""

    round_title: str
    target: int
    participants: int


@dataclass(frozen=True, slots=True)
class PredictionView:
    target: PredictionTarget
    value: int | None
    revision: int
    question_count: int
    precedent: Precedent | None


@dataclass(frozen=True, slots=True)
class PaperView:
    """A running paper with what is saved; `revision` is that of the round, up to which everything announced is in it.

    Where one is led through it, `questions` are those that are open now, and `way` says the rest.
    """

    code: str
    round_code: str
    revision: int
    round_title: str
    contest_slug: str
    contest_title: str
    number: int
    state: AttemptState
    started_at: datetime
    ends_at: datetime
    now: datetime
    questions: tuple[QuestionView, ...]
    prediction: PredictionView | None
    announced: tuple[Announced, ...]
    saved_at: datetime | None = None
    layout: Layout = Layout.CHOICE
    hand_in_from: datetime | None = None
    way: WayView | None = None

    @property
    def is_early(self) -> bool:
        """It may not be handed in yet."""
        return self.hand_in_from is not None and self.now < self.hand_in_from

    @property
    def whole(self) -> int:
        """How many milliseconds there were at the start."""
        return int((self.ends_at - self.started_at).total_seconds() * 1000)

    @property
    def unanswered(self) -> tuple[int, ...]:
        if self.way is not None:
            return self.way.unanswered
        return tuple(q.position for q in self.questions if not q.is_answered)


_ATTEMPT = (
    sa.select(Attempt, Round, Contest.slug, Contest.title)
    .join(Round, Round.id == Attempt.round_id)
    .join(Contest, Contest.id == Round.contest_id)
    .where(Attempt.code == sa.bindparam("code"), Attempt.member_id == sa.bindparam("member"))
    .execution_options(populate_existing=True)
)


def get_own(code: str, by: Actor) -> tuple[Attempt, Round, str, str]:
    """Return the actor's own attempt with its round and the contest's slug and title; raises NotFound."""
    row = db.session.execute(_ATTEMPT, {"code": code, "member": by.member_id}).first()
    if row is None:
        raise NotFound
    return row[0], row[1], row[2], row[3]


def _running() -> Any:
    """A member's own attempt, what is saved of it, and who they are: nothing for a session that has ended."""
    member: Any = sa.bindparam("member")
    saved = (Response.position, Response.revision, Response.value, Response.saved_at)
    here = (Response.attempt_id == Attempt.id, Response.member_id == member)
    return (
        sa.select(*sessions.columns(), gathered(*saved, where=here), Attempt.__table__)
        .join(Member, Member.id == Attempt.member_id)
        .where(Attempt.code == sa.bindparam("code"), Attempt.member_id == member, *sessions.holding())
    )


_RUNNING = Frozen(_running, member="member")


def get_paper(code: str, *, by: Actor) -> PaperView:
    """Return the actor's own paper with what is saved; raises NotFound for anybody else's."""
    return open_paper(code, by=by)[1]


def open_paper(code: str, *, by: Actor) -> tuple[Actor, PaperView]:
    """Return who is signed in, by the one statement that reads their own paper, and the paper.

    Raises NotFound for a session that has ended as for anybody else's paper.
    """
    found = ask(_RUNNING, {"code": code, **sessions.held(by)})
    if not found:
        raise NotFound
    attempt, of = found[0], len(found[0]) - len(Attempt.__table__.c)
    actor = sessions.actor_of(attempt[: sessions.COLUMNS], by)
    (values, last), now = _gathered(attempt[of - 1]), clock.now()
    around = shared.round_of(attempt.round_id)
    round_row = around.row
    items, walk = read_paper(attempt.paper), walk_of(attempt, round_row)
    keep_shape(code, by.member_id or 0, attempt.id, items, has_prediction=round_row.prediction is not None)
    prediction = None
    if round_row.prediction is not None and (walk is None or walk.is_open(PREDICTION, now)):
        revision, value = values.get(PREDICTION, (0, None))
        target, precedent = PredictionTarget(round_row.prediction), _PRECEDENTS.get(round_row.id, _precedent)
        prediction = PredictionView(target, value, revision, len(attempt.paper), precedent)
    return actor, PaperView(
        attempt.code,
        round_row.code,
        round_row.revision,
        round_row.title,
        around.contest.slug,
        around.contest.title,
        attempt.number,
        AttemptState(attempt.state),
        attempt.started_at,
        attempt.ends_at,
        now,
        open_questions(items, values, code, walk, now),
        prediction,
        announced_since(round_row, attempt.started_at),
        last,
        Layout(round_row.layout),
        may_hand_in_from(attempt.started_at, attempt.ends_at, round_row.least_minutes),
        None if walk is None else way_of(walk, values, attempt.ends_at, now),
    )


_PRECEDENT = (
    sa.select(Round.title, Settlement.target, Settlement.participants)
    .join(Settlement, Settlement.round_id == Round.id)
    .where(
        Round.contest_id == sa.bindparam("contest"),
        Round.number < sa.bindparam("number"),
        Round.prediction == sa.bindparam("prediction"),
        Settlement.target.is_not(None),
        Round.shown_at.is_not(None),
        versions.is_shown(),
    )
    .order_by(Round.number.desc(), Settlement.version.desc())
    .limit(1)
)


_PRECEDENTS: Kept[int, Precedent | None] = Kept()


def _precedent(round_id: int) -> Precedent | None:
    """Return the latest settled round before this one that asked for the same guess; its result is public."""
    row = shared.round_of(round_id).row
    params = {"contest": row.contest_id, "number": row.number, "prediction": row.prediction}
    found = db.session.execute(_PRECEDENT, params).first()
    return Precedent(*found) if found else None


def _gathered(saved: Sequence[Sequence[Any]]) -> tuple[dict[int, tuple[int, Any]], datetime | None]:
    """Return position → (revision, value) of what is saved, and when the last of it was."""
    values = {p: (r, json.loads(v) if v is not None else None) for p, r, v, _ in sorted(saved, key=itemgetter(0, 1))}
    return values, max((instant(at) for *_, at in saved), default=None)
