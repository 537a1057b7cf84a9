"""Results as judges and organisers see them: the whole table inside their scope, one result with its paper, the export."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest.db import db, read_cursor, rows
from contest.errors import NotFound
from contest.models.attempts import Attempt, of_attempt
from contest.models.awards import Award, Prize, PrizeList
from contest.models.contests import Contest, ContestUnit, Round
from contest.models.members import Member
from contest.models.organisation import Unit, UnitAncestor
from contest.models.results import Result, Standing
from contest.rules.permissions import Actor
from contest.rules.ranking import places
from contest.rules.scoring import whole
from contest.rules.terms import Role
from contest.rules.text import fold
from contest.services import organisation
from contest.services.contests import rounds, setup

PAGE = 50
ROLES = (Role.ORGANISER, Role.JUDGE, Role.AUDITOR)
CHUNK = 2000
SORTED = 50_000  # who stands in a round, read at once in order: each time all are looked at


@dataclass(frozen=True, slots=True)
class ResultRow:
    place: int | None
    member_code: str
    full_name: str
    birth_date: date | None
    unit: str
    correct: Decimal
    total: int
    points: Decimal
    prediction: int | None
    prediction_error: int | None
    duration: timedelta
    submitted_at: datetime
    attempts_used: int
    receipt: str
    attempt_code: str


@dataclass(frozen=True, slots=True)
class ResultPage:
    rows: tuple[ResultRow, ...]
    next: str | None
    total: int


def get_contest(slug: str, *, by: Actor) -> Contest:
    """Return a contest whose results are the actor's to see; raises NotFound."""
    return setup.get_contest(slug, by=by, roles=ROLES)


def list_contests(*, by: Actor) -> list[setup.ContestRow]:
    return setup.list_contests(by=by, roles=ROLES)


def units_seen(contest: Contest, by: Actor) -> sa.Select[tuple[int]] | None:
    """Return the units whose people's results the actor may see in a contest; None means all of them.

    Whoever holds a role for the contest, for the whole organisation, or over the organising unit sees all; an organiser
    of another subtree would see that subtree only, and none of the contest's pages unless the contest is theirs.
    """
    return None if by.holds_whole(Role.ADMINISTRATOR, *ROLES) or _owns(contest, by) else organisation.units_of(by)


def _owns(contest: Contest, by: Actor) -> bool:
    grants = by.scopes(*ROLES)
    if any(g.contest_id == contest.id for g in grants):
        return True
    roots = [g.unit_id for g in grants if g.unit_id is not None]
    owned = sa.select(Unit.id).where(Unit.id == contest.organiser_id, Unit.id.in_(organisation.below(roots)))
    return db.session.scalar(owned) is not None


def list_results(
    slug: str, round_code: str, *, unit: str = "", search: str = "", after: str = "", by: Actor
) -> ResultPage:
    """Return a page of a round's results in order of places, filtered by unit and name."""
    contest = get_contest(slug, by=by)
    row = rounds.get_round(contest.id, round_code)
    where: list[Any] = [Standing.round_id == row.id]
    scope = units_seen(contest, by)
    if scope is not None:
        where.append(Standing.unit_id.in_(scope))
    if unit:
        where.append(Standing.unit_id.in_(organisation.below([_taking_part(contest, unit)])))
    if search:
        where.append(
            sa.or_(Member.search.contains(fold(search), autoescape=True), Attempt.receipt == search.strip().upper())
        )
    base = _table().where(*where)
    total = int(
        db.session.scalar(sa.select(sa.func.count()).select_from(base.with_only_columns(Member.id).subquery())) or 0
    )
    if after:
        cursor = read_cursor(after)
        if cursor is None:
            raise NotFound
        key, last = sa.literal(cursor[0], sa.LargeBinary), sa.literal(cursor[1])
        base = base.where(sa.tuple_(Standing.key, Standing.member_id) > sa.tuple_(key, last))
    found = rows(base.order_by(Standing.key, Standing.member_id).limit(PAGE + 1))
    page = tuple(_row(r, row.settled_at is not None) for r in found[:PAGE])
    final = found[PAGE - 1].Standing if len(found) > PAGE else None
    return ResultPage(page, f"{final.key.hex()}.{final.member_id}" if final else None, total)


def _taking_part(contest: Contest, code: str) -> int:
    """Return the id of a unit that takes part, itself or by one above it; raises NotFound for any other as for none."""
    listed = list(db.session.scalars(sa.select(ContestUnit.unit_id).where(ContestUnit.contest_id == contest.id)))
    inside = sa.select(Unit.id).where(Unit.code == code, Unit.id.in_(organisation.below(listed)))
    unit_id = db.session.scalar(inside)
    if unit_id is None:
        raise NotFound
    return unit_id


def _table() -> sa.Select[Any]:
    name = sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name).label("unit_name")
    return (
        sa.select(
            Standing,
            Result,
            Member.code,
            Member.full_name,
            Member.birth_date,
            Unit.code.label("unit_code"),
            name,
            Attempt.receipt,
            Attempt.code.label("attempt_code"),
        )
        .join(Result, Result.attempt_id == Standing.attempt_id)
        .join(Attempt, of_attempt(Standing))
        .join(Member, Member.id == Standing.member_id)
        .join(Unit, Unit.id == Standing.unit_id)
        .execution_options(populate_existing=True)
    )


def _row(r: Any, is_final: bool) -> ResultRow:
    """Return a line of the table; predictions are sealed until the round is settled, for organisers too."""
    return ResultRow(
        r.Standing.place,
        r.code,
        r.full_name,
        r.birth_date,
        r.unit_name,
        r.Standing.correct,
        r.Result.question_count,
        r.Standing.points,
        r.Result.prediction if is_final else None,
        r.Standing.prediction_error,
        timedelta(seconds=r.Result.duration_seconds),
        r.Result.finished_at,
        r.Standing.attempts_used,
        r.receipt or "",
        r.attempt_code,
    )


def unit_choices(contest: Contest, *, by: Actor) -> list[tuple[str, str]]:
    """Return the units one may filter by: those under the participating ones, two levels deep, inside the scope."""
    name = sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name)
    query = (
        sa.select(Unit.code, name)
        .join(UnitAncestor, sa.and_(UnitAncestor.unit_id == Unit.id, UnitAncestor.valid_to.is_(None)))
        .join(ContestUnit, ContestUnit.unit_id == UnitAncestor.ancestor_id)
        .where(ContestUnit.contest_id == contest.id, UnitAncestor.depth <= 1)
        .distinct()
        .order_by(Unit.code)
    )
    scope = units_seen(contest, by)
    return [(r[0], r[1]) for r in rows(query if scope is None else query.where(Unit.id.in_(scope)))]


def find_attempt(slug: str, attempt_code: str, *, by: Actor) -> tuple[Attempt, Round, Contest, Member]:
    """Return a closed attempt of a settled round inside the actor's scope; raises NotFound."""
    contest = get_contest(slug, by=by)
    found = db.session.execute(
        sa.select(Attempt, Round, Member)
        .join(Round, Round.id == Attempt.round_id)
        .join(Member, Member.id == Attempt.member_id)
        .where(Attempt.code == attempt_code, Round.contest_id == contest.id, Round.settled_at.is_not(None))
    ).first()
    scope = units_seen(contest, by)
    if found is None or (scope is not None and found[0].unit_id not in set(db.session.scalars(scope))):
        raise NotFound
    return found[0], found[1], contest, found[2]


def export_rows(contest: Contest, round_code: str | None, *, by: Actor) -> Iterator[dict[str, Any]]:
    """Yield the rows of an export, round by round in order of places, inside the actor's scope.

    Before the settlement places are those of the moment and predictions are left out.
    """
    scope = units_seen(contest, by)
    seen = None if scope is None else set(db.session.scalars(scope))
    for row in rounds.list_rounds(contest.id):
        if round_code is not None and row.code != round_code:
            continue
        final = row.settled_at is not None
        (members, shown), won = _order(row.id), _awards(row.id)
        for start in range(0, len(members), CHUNK):
            place_of = dict(zip(members[start : start + CHUNK], shown[start : start + CHUNK], strict=True))
            query = _table().where(Standing.round_id == row.id, Standing.member_id.in_(list(place_of)))
            for r in rows(query.order_by(Standing.key, Standing.member_id)):
                if seen is None or r.Standing.unit_id in seen:
                    member_id = r.Standing.member_id
                    yield _export(r, row, place_of[member_id], final, won.get(member_id, ""))


def _order(round_id: int) -> tuple[Sequence[int], Sequence[int]]:
    """Return who stands in a round, in order, and the place of each: eight bytes a number, since there may be a million."""
    query = sa.select(Standing.key, Standing.member_id).where(Standing.round_id == round_id)
    query = query.order_by(Standing.key, Standing.member_id).limit(SORTED)
    members = array("q")

    def keys() -> Iterator[bytes]:
        found = rows(query)
        while found:
            for key, member_id in found:
                members.append(member_id)
                yield key
            last = sa.tuple_(sa.literal(found[-1].key), sa.literal(found[-1].member_id))
            found = (
                rows(query.where(sa.tuple_(Standing.key, Standing.member_id) > last)) if len(found) == SORTED else []
            )

    shown = array("q", places(keys()))
    return members, shown


def _awards(round_id: int) -> dict[int, str]:
    """Return member → the prizes that were recognised as theirs in a round."""
    query = (
        sa.select(Award.subject_id, Prize.name)
        .join(PrizeList, PrizeList.id == Award.list_id)
        .join(Prize, sa.and_(Prize.list_id == Award.list_id, Prize.number == Award.prize_number))
        .where(PrizeList.round_id == round_id, PrizeList.for_units.is_(False))
        .order_by(Award.list_id, Award.prize_number)
    )
    found: dict[int, list[str]] = {}
    for member_id, name in db.session.execute(query):
        found.setdefault(member_id, []).append(name)
    return {member_id: "; ".join(names) for member_id, names in found.items()}


def _export(r: Any, row: Round, place: int, is_final: bool, award: str) -> dict[str, Any]:
    return {
        "round": row.title,
        "place": place,
        "member_code": r.code,
        "full_name": r.full_name,
        "birth_date": r.birth_date,
        "unit_code": r.unit_code,
        "unit_name": r.unit_name,
        "correct_count": whole(r.Standing.correct),
        "points": r.Standing.points,
        "prediction": r.Result.prediction if is_final else None,
        "prediction_error": r.Standing.prediction_error,
        "duration_seconds": r.Result.duration_seconds,
        "started_at": r.Result.started_at,
        "submitted_at": r.Result.finished_at,
        "attempts_used": r.Standing.attempts_used,
        "receipt": r.receipt or "",
        "award": award,
    }


def round_code(slug: str, number: int, *, by: Actor) -> str:
    """Return the code of a contest's round by its number; raises NotFound."""
    contest = get_contest(slug, by=by)
    return rounds.of_number(contest.id, number)[0].code
