"""Drawing lots: the list and the commitment are public first, one draw follows, and anyone can recompute it."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, insert, rowcount, rows, transaction
from contest.errors import Conflict, Invalid, NotFound
from contest.models.awards import Draw, DrawOutcome
from contest.models.contests import Contest
from contest.rules import draws as rules
from contest.rules.draws import commit
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import AwardState, ContestState
from contest.services import audit
from contest.services.awards import winners
from contest.services.awards.lists import get_list, lock
from contest.services.contests import setup


@dataclass(frozen=True, slots=True)
class DrawView:
    """A draw as everybody sees it; the secret is there only once lots were drawn."""

    code: str
    title: str
    contest_title: str
    contest_slug: str
    prize: str
    count: int
    codes: tuple[str, ...]
    digest: str
    algorithm: str
    randomness_from: str
    committed_at: datetime
    secret: str | None
    randomness: str | None
    drawn: tuple[str, ...]
    witnesses: str
    drawn_at: datetime | None
    holds: bool | None


def prepare(slug: str, list_id: int, randomness_from: str, *, by: Actor) -> str:
    """Publish the list of the present tie with a commitment to a secret, and return the draw's code.

    `randomness_from` names public randomness that nobody knows yet, as a lottery's result of a coming day or words that
    witnesses say. Raises Conflict where there is no tie or a draw for it is waiting.
    """
    at = clock.now()
    if not randomness_from.strip():
        raise Invalid(Refusal("randomness-missing", field="randomness_from"))
    with transaction():
        setup.get_contest(slug, by=by)
        lock(list_id)
        contest, found = get_list(slug, list_id, by=by)
        tie = winners.outcome(contest, found).tie if found.state is not AwardState.ANNOUNCED else None
        if tie is None or tie.draw_code is not None:
            raise Conflict(Refusal("draw-not-needed"))
        by_code = {s.receipt or s.code: s.id for s in tie.subjects}
        refusal = rules.check_list(list(by_code))
        if refusal is not None:
            raise Conflict(refusal)
        secret = secrets.token_bytes(rules.SECRET_BYTES)
        commitment = commit(list(by_code), secret)
        row = Draw(code=secrets.token_urlsafe(9), contest_id=contest.id, list_id=list_id, title=found.title)
        row.prize, row.count, row.codes = tie.prize, tie.left, list(commitment.codes)
        row.subjects = [by_code[code] for code in commitment.codes]
        row.secret, row.digest, row.randomness_from = secret.hex(), commitment.digest, randomness_from.strip()
        row.committed_at, row.by_id = at, by.member_id
        db.session.add(row)
        details = {"draw": row.code, "digest": row.digest, "codes": len(row.codes)}
        audit.record("draw-prepared", "contest", contest.id, by=by, at=at, **details)
    return row.code


def draw(slug: str, code: str, randomness: str, witnesses: str, *, by: Actor) -> None:
    """Draw the lots, once; raises Conflict for a second time, whatever it would bring."""
    at = clock.now()
    if not randomness.strip():
        raise Invalid(Refusal("randomness-missing", field="randomness"))
    if not witnesses.strip():
        raise Invalid(Refusal("witnesses-missing", field="witnesses"))
    with transaction():
        contest = setup.get_contest(slug, by=by)
        row = _get(contest.id, code)
        drawn = rules.lot(row.codes, rules.seed_of(bytes.fromhex(row.secret), randomness))
        values = {"draw_id": row.id, "randomness": randomness.strip(), "drawn": list(drawn)}
        values |= {"witnesses": witnesses.strip(), "drawn_at": at, "by_id": by.member_id}
        if not rowcount(insert(DrawOutcome).values(**values).on_conflict_do_nothing()):
            raise Conflict(Refusal("already-drawn"))
        audit.record("lots-drawn", "contest", contest.id, by=by, at=at, draw=code, drawn=list(drawn))


def _get(contest_id: int, code: str) -> Draw:
    found = db.session.scalar(sa.select(Draw).where(Draw.contest_id == contest_id, Draw.code == code))
    if found is None:
        raise NotFound
    return found


def get_draw(code: str) -> DrawView:
    """Return a draw as everybody may see it; raises NotFound, for a draw of a draft too."""
    found = _views(Draw.code == code, Contest.state != ContestState.DRAFT)
    if not found:
        raise NotFound
    return found[0]


def get_own(slug: str, code: str, *, by: Actor) -> DrawView:
    """Return a draw of a contest in the actor's scope; raises NotFound."""
    found = [d for d in list_draws(slug, by=by) if d.code == code]
    if not found:
        raise NotFound
    return found[0]


def list_draws(slug: str, *, by: Actor) -> list[DrawView]:
    """Return the draws of a contest in the actor's scope, the newest first."""
    return _views(Draw.contest_id == setup.get_contest(slug, by=by).id)


def draws_of(slug: str) -> list[DrawView]:
    """Return the draws of a contest as everybody may see them."""
    return _views(Contest.slug == slug, Contest.state != ContestState.DRAFT)


def _views(*conditions: Any) -> list[DrawView]:
    query = (
        sa.select(Draw, DrawOutcome, Contest)
        .join(Contest, Contest.id == Draw.contest_id)
        .outerjoin(DrawOutcome, DrawOutcome.draw_id == Draw.id)
        .where(*conditions)
        .order_by(Draw.id.desc())
    )
    return [_view(*row) for row in rows(query)]


def _view(row: Draw, outcome: DrawOutcome | None, contest: Contest) -> DrawView:
    return DrawView(
        row.code,
        row.title,
        contest.title,
        contest.slug,
        row.prize,
        row.count,
        tuple(row.codes),
        row.digest,
        rules.ALGORITHM,
        row.randomness_from,
        row.committed_at,
        row.secret if outcome else None,
        outcome.randomness if outcome else None,
        tuple(outcome.drawn) if outcome else (),
        outcome.witnesses if outcome else "",
        outcome.drawn_at if outcome else None,
        _holds(row, outcome) if outcome else None,
    )


def _holds(row: Draw, outcome: DrawOutcome) -> bool:
    commitment = rules.Commitment(tuple(row.codes), row.digest)
    return rules.holds(commitment, bytes.fromhex(row.secret), outcome.randomness, outcome.drawn)
