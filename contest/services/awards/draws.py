"""Drawing lots: the list and the commitment are public first, one draw follows, and anyone can recompute it.

Lots settle a tie for a prize, or order the equals of a round whose last criterion they are.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, insert, rowcount, rows, transaction
from contest.errors import Conflict, Invalid, NotFound
from contest.models.awards import Draw, DrawOutcome
from contest.models.contests import Contest, Round
from contest.rules import draws as rules
from contest.rules.draws import commit
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.result_terms import AwardState
from contest.rules.terms import ContestState
from contest.services import audit
from contest.services.awards import rankings, winners
from contest.services.awards.lists import get_list, lock
from contest.services.contests import rounds, setup
from contest.services.results import lots, settlement


@dataclass(frozen=True, slots=True)
class DrawView:
    """A draw as everybody sees it; the secret is there only once lots were drawn.

    A draw that orders the equals of a round has no prize and a count of 0; `groups` then says which codes are equal.
    """

    code: str
    title: str
    contest_title: str
    contest_slug: str
    prize: str
    count: int
    codes: tuple[str, ...]
    groups: tuple[int, ...]
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
    round_code: str | None

    @property
    def is_of_round(self) -> bool:
        return self.round_code is not None

    @property
    def grouped(self) -> tuple[tuple[str, ...], ...]:
        """Return the codes group by group, each in the order in which it was drawn, or in that of the list before."""
        group = dict(zip(self.codes, self.groups or (1,) * len(self.codes), strict=True))
        order = self.drawn or self.codes
        return tuple(tuple(c for c in order if group[c] == n) for n in sorted(set(group.values())))


def prepare(slug: str, list_id: int, randomness_from: str, *, by: Actor) -> str:
    """Publish the list of the present tie with a commitment to a secret, and return the draw's code.

    `randomness_from` names public randomness that nobody knows yet, as a lottery's result of a coming day or words that
    witnesses say. Raises Conflict where there is no tie, a draw for it is waiting, or the result is not shown yet.
    """
    at = clock.now()
    if not randomness_from.strip():
        raise Invalid(Refusal("randomness-missing", field="randomness_from"))
    with transaction():
        setup.get_contest(slug, by=by)
        lock(list_id)
        contest, found = get_list(slug, list_id, by=by)
        if not rankings.is_shown(found):  # who reads that their code is among the equals would know where they stand
            raise Conflict(Refusal("draw-before-result"))
        tie = winners.outcome(contest, found).tie if found.state is not AwardState.ANNOUNCED else None
        if tie is None or tie.draw_code is not None:
            raise Conflict(Refusal("draw-not-needed"))
        row = Draw(contest_id=contest.id, list_id=list_id, title=found.title, prize=tie.prize, count=tie.left)
        row.prize_number = tie.number
        by_code = {s.receipt or s.code: s.id for s in tie.subjects}
        return _commit(row, by_code, randomness_from, by, at)


def prepare_for_round(slug: str, round_code: str, randomness_from: str, *, by: Actor) -> str:
    """Publish the list of all whom nothing tells apart in the result of a round, and return the draw's code.

    Raises Conflict where nobody is left equal, lots do not decide, or a draw for the round is waiting.
    """
    at = clock.now()
    if not randomness_from.strip():
        raise Invalid(Refusal("randomness-missing", field="randomness_from"))
    with transaction():
        contest = setup.get_contest(slug, by=by)
        found = rounds.get_round(contest.id, round_code)
        db.session.execute(sa.select(Round.id).where(Round.id == found.id).with_for_update())
        equals = lots.open_equals(found)
        if not equals or lots.waiting_draw(found.id) is not None:
            raise Conflict(Refusal("draw-not-needed"))
        row = Draw(contest_id=contest.id, round_id=found.id, title=found.title, prize="", count=0)
        by_code = {e.receipt: e.member_id for e in equals}
        place = {e.receipt: e.place for e in equals}
        # Numbered by the codes alone: who reads the list does not learn from it who stands higher.
        number = {p: n for n, p in enumerate(dict.fromkeys(place[code] for code in sorted(by_code)), 1)}
        row.groups = [number[place[code]] for code in sorted(by_code)]
        return _commit(row, by_code, randomness_from, by, at)


def _commit(row: Draw, by_code: Mapping[str, int], randomness_from: str, by: Actor, at: datetime) -> str:
    refusal = rules.check_list(list(by_code))
    if refusal is not None:
        raise Conflict(refusal)
    secret = secrets.token_bytes(rules.SECRET_BYTES)
    commitment = commit(list(by_code), secret)
    row.code, row.codes = secrets.token_urlsafe(9), list(commitment.codes)
    row.subjects = [by_code[code] for code in commitment.codes]
    row.secret, row.digest, row.randomness_from = secret.hex(), commitment.digest, randomness_from.strip()
    row.committed_at, row.by_id = at, by.member_id
    db.session.add(row)
    details = {"draw": row.code, "digest": row.digest, "codes": len(row.codes)}
    audit.record("draw-prepared", "contest", row.contest_id, by=by, at=at, **details)
    return row.code


def draw(slug: str, code: str, randomness: str, witnesses: str, *, by: Actor, reason: str = "") -> None:
    """Draw the lots, once; raises Conflict for a second time, whatever it would bring.

    Lots of a round make a new version of its result, for a `reason` that everybody reads.
    """
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
        if row.round_id is not None:
            settlement.settle(row.round_id, by=by, reason=reason)


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
        sa.select(Draw, DrawOutcome, Contest, Round.code)
        .join(Contest, Contest.id == Draw.contest_id)
        .outerjoin(DrawOutcome, DrawOutcome.draw_id == Draw.id)
        .outerjoin(Round, Round.id == Draw.round_id)
        .where(*conditions)
        .order_by(Draw.id.desc())
    )
    return [_view(*row) for row in rows(query)]


def _view(row: Draw, outcome: DrawOutcome | None, contest: Contest, round_code: str | None) -> DrawView:
    return DrawView(
        row.code,
        row.title,
        contest.title,
        contest.slug,
        row.prize,
        row.count,
        tuple(row.codes),
        tuple(row.groups or ()),
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
        round_code,
    )


def _holds(row: Draw, outcome: DrawOutcome) -> bool:
    commitment = rules.Commitment(tuple(row.codes), row.digest)
    return rules.holds(commitment, bytes.fromhex(row.secret), outcome.randomness, outcome.drawn)
