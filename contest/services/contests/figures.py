"""What the views of rounds are made of: what of a contest is the same for all, and what one person has of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from contest.db import Frozen, Row, ask
from contest.models.attempts import Attempt
from contest.models.contests import BlueprintLine, Contest, Round
from contest.models.members import Member
from contest.models.results import Result, Settlement, SettlementStep, Standing
from contest.rules.permissions import Actor
from contest.rules.result_terms import Step
from contest.rules.terms import AttemptState, ContestState
from contest.rules.windows import extra_time
from contest.services.contests import entrants
from contest.services.contests.advanced import advanced_columns, is_confirmed
from contest.services.contests.extra import extra_columns
from contest.services.members import sessions

LISTED = (ContestState.PUBLISHED, ContestState.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Figures:
    """Beside a round itself: how many questions a paper has, if a result was published.

    Then, whether the round is for those alone who advanced, and the list of them is confirmed.
    """

    question_count: int
    is_published: bool
    is_restricted: bool = False
    is_confirmed: bool = False


def rounds_query() -> sa.Select[Any]:
    """Return the query of rounds with the columns of their Figures."""
    questions = (
        sa.select(sa.func.coalesce(sa.func.sum(BlueprintLine.count), 0))
        .where(BlueprintLine.round_id == Round.id)
        .correlate(Round)
        .scalar_subquery()
    )
    published = sa.exists().where(
        Settlement.round_id == Round.id,
        SettlementStep.settlement_id == Settlement.id,
        SettlementStep.step == Step.PUBLISHED,
    )
    restricted, _ = advanced_columns(Round.id, None)
    return sa.select(Round, questions, published, restricted, is_confirmed(Round.id))


def figures_of(questions: int, *flags: bool) -> Figures:
    """Return the figures of a row of `rounds_query`, without the round."""
    return Figures(int(questions), *map(bool, flags))


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt of a person, as far as the page of its contest goes."""

    code: str
    is_open: bool
    is_void: bool
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Mine:
    """What one person has of a round: their attempts, their extra time, whether they advanced, and where they stand."""

    tries: tuple[Try, ...]
    extra: timedelta
    has_advanced: bool
    place: int | None
    correct: Decimal | None
    question_count: int | None
    counted: str | None

    @property
    def open_code(self) -> str | None:
        return max((t.code for t in self.tries if t.is_open), default=None)

    @property
    def voided_code(self) -> str | None:
        return max((t.code for t in self.tries if t.is_void), default=None)

    def used_since(self, since: datetime) -> int:
        """Return how many attempts count against a limit since an instant; the try of a voided one is given back."""
        return sum(not t.is_void and t.started_at >= since for t in self.tries)


def _statement() -> sa.Select[Any]:
    """One row a contest and round: the person's attempts as a text, their standing, extra time, and what entrants are.

    Last come the columns that say who is signed in: nothing is found for a session that has ended.
    """
    member: Any = sa.bindparam("member")
    unit = Member.unit_id
    flags = (
        sa.case((Attempt.state == AttemptState.OPEN, "o"), else_="c"),
        sa.case((Attempt.void_id.is_(None), "-"), else_="v"),
    )
    said = Attempt.code.concat("|").concat(flags[0]).concat(flags[1]).concat(sa.cast(Attempt.started_at, sa.Text))
    tries = sa.select(sa.func.aggregate_strings(said, ",")).where(
        Attempt.member_id == member, Attempt.round_id == Round.id
    )
    counted = aliased(Attempt)
    extra = extra_columns(Round.id, member, unit, sa.bindparam("today", type_=sa.Date))
    _, inside = advanced_columns(Round.id, member)
    own = (tries.correlate(Round).scalar_subquery().label("tries"), Standing.place, Standing.correct)
    found = entrants.statement(
        member, unit, Contest.id, Round.id, Round.minutes, *own, Result.question_count, counted.code, *extra, inside
    )
    return (
        found.add_columns(*sessions.columns())
        .join(Member, sa.and_(*sessions.holding()))
        .outerjoin(Round, Round.contest_id == Contest.id)
        .outerjoin(Standing, sa.and_(Standing.round_id == Round.id, Standing.member_id == member))
        .outerjoin(Result, Result.attempt_id == Standing.attempt_id)
        .outerjoin(counted, sa.and_(counted.id == Standing.attempt_id, counted.member_id == member))
    )


_OF_ONE = Frozen(lambda: _statement().where(Contest.id == sa.bindparam("contest")), member="member")
_OF_LISTED = Frozen(
    lambda: _statement().where(sa.or_(*(Contest.state == state.value for state in LISTED))), member="member"
)
_COLUMNS = 12  # of each row, before what makes an entrant, and at last who is signed in


@dataclass(frozen=True, slots=True)
class Own:
    """What one person has of a contest: what it knows of them, and what they have of its rounds."""

    known: entrants.Known
    rounds: Mapping[int, Mine]


NOTHING = Own(entrants.NOBODY, {})


def own_listed(by: Actor, today: date) -> Mapping[int, Own]:
    """Return contest → what somebody has of it, of all that are listed, with one statement."""
    by_contest: dict[int, list[Row]] = {}
    for row in ask(_OF_LISTED, {**sessions.held(by), "today": today}):
        by_contest.setdefault(row[0], []).append(row)
    return {contest_id: _own(found) for contest_id, found in by_contest.items()}


def own_in(contest_id: int, by: Actor, today: date) -> tuple[Actor | None, Own]:
    """Return who is signed in, by the one statement that reads what they have of a contest; nobody if the session is over."""
    found = ask(_OF_ONE, {**sessions.held(by), "today": today, "contest": contest_id})
    if not found:
        return None, NOTHING
    return sessions.actor_of(found[0][-sessions.COLUMNS :], by), _own(found)


def _own(found: Sequence[Row]) -> Own:
    return Own(entrants.known_by(found[0][_COLUMNS : -sessions.COLUMNS]), _rounds(found))


def _rounds(found: Iterable[Row]) -> dict[int, Mine]:
    return {row[1]: _mine(row) for row in found if row[1] is not None}


def _mine(row: Row) -> Mine:
    _, _, round_minutes, tries, place, correct, questions, counted, minutes, percent, granted, inside = row[:_COLUMNS]
    extra = extra_time(timedelta(minutes=round_minutes), minutes=minutes, percent=percent, granted=int(granted))
    return Mine(_tries(tries), extra, bool(inside), place, correct, questions, counted)


def _tries(said: str | None) -> tuple[Try, ...]:
    return tuple(map(_try, said.split(","))) if said else ()


def _try(said: str) -> Try:
    code, _, rest = said.partition("|")
    at = datetime.fromisoformat(rest[2:])
    return Try(code, rest[0] == "o", rest[1] == "v", at if at.tzinfo else at.replace(tzinfo=UTC))


NOBODY = Mine((), timedelta(), False, None, None, None, None)  # what somebody has of a round who is not signed in
