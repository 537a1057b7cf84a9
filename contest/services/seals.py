"""Sealing what was handed in: by the worker in batches, so that no submission waits; and proving it to whoever asks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import NotFound
from contest.models.attempts import Attempt, Response
from contest.models.contests import Contest, Round
from contest.models.seals import SealedSubmission, SubmissionSeal
from contest.rules import seals
from contest.rules.attempts import digest_over
from contest.rules.permissions import Actor
from contest.rules.terms import AttemptState
from contest.services.contests import views

BATCH = 4096
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of a round, as everybody may see it."""

    number: int
    count: int
    root: str
    digest: str
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a receipt is: its batch, its place from 1, its leaf, and the way to the root."""

    receipt: str
    state: str
    responses: str
    batch: Batch
    place: int
    leaf: str
    path: tuple[seals.Beside, ...]

    @property
    def holds(self) -> bool:
        """Say whether the leaf is that of the receipt and leads to the root of its batch."""
        return self.leaf == seals.leaf(self.receipt, self.state, self.responses) and (
            seals.climbed(self.leaf, self.path) == self.batch.root
        )


@dataclass(frozen=True, slots=True)
class RoundSeals:
    """The seals of a round that has closed; `waiting` submissions are in none yet."""

    contest_slug: str
    contest_title: str
    round_code: str
    round_title: str
    is_closed: bool
    batches: tuple[Batch, ...]
    waiting: int

    @property
    def count(self) -> int:
        return sum(batch.count for batch in self.batches)


def _unsealed() -> sa.ColumnElement[bool]:
    is_closed = Attempt.state != AttemptState.OPEN.value
    return sa.and_(is_closed, ~sa.exists().where(SealedSubmission.attempt_id == Attempt.id))


def seal(at: datetime, *, batch: int = BATCH) -> int:
    """Seal the next submissions of one round under one root, chained to the batch before, and return how many there were."""
    with transaction():
        round_id = db.session.scalar(sa.select(Attempt.round_id).where(_unsealed()).order_by(Attempt.id).limit(1))
        if round_id is None:
            return 0
        query = sa.select(Attempt.id, Attempt.receipt, Attempt.state, Attempt.digest).where(
            _unsealed(), Attempt.round_id == round_id
        )
        found = rows(query.order_by(Attempt.id).limit(batch))
        leaves = [seals.leaf(receipt, state, digest) for _, receipt, state, digest in found]
        last = db.session.scalar(
            sa.select(SubmissionSeal)
            .where(SubmissionSeal.round_id == round_id)
            .order_by(SubmissionSeal.number.desc())
            .limit(1)
        )
        number, before = (last.number + 1, last.digest) if last else (1, seals.NOTHING_BEFORE)
        tree = seals.root(leaves)
        digest = seals.chained(before, number, len(leaves), tree)
        made = SubmissionSeal(
            round_id=round_id, number=number, count=len(leaves), root=tree, digest=digest, sealed_at=at
        )
        db.session.add(made)
        db.session.flush()
        places = [
            {"attempt_id": row[0], "seal_id": made.id, "place": place, "leaf": leaf}
            for place, (row, leaf) in enumerate(zip(found, leaves, strict=True))
        ]
        db.session.execute(sa.insert(SealedSubmission), places)
    return len(found)


def get_round(code: str, *, by: Actor | None) -> RoundSeals:
    """Return the seals of a round, none before it has closed; raises NotFound for one of a draft."""
    contest, shown = views.get_round(code, actor=by)
    row = db.session.execute(sa.select(Round.id, Round.closes_at).where(Round.code == code)).one()
    is_closed = clock.now() >= row.closes_at
    batches: tuple[Batch, ...] = ()
    waiting = 0
    if is_closed:
        query = sa.select(SubmissionSeal).where(SubmissionSeal.round_id == row.id).order_by(SubmissionSeal.number)
        batches = tuple(map(_batch, db.session.scalars(query)))
        counting = sa.select(sa.func.count()).select_from(Attempt).where(Attempt.round_id == row.id, _unsealed())
        waiting = db.session.scalar(counting) or 0
    return RoundSeals(contest.slug, contest.title, code, shown.title, is_closed, batches, waiting)


def _batch(row: SubmissionSeal) -> Batch:
    return Batch(row.number, row.count, row.root, row.digest, row.sealed_at)


def leaves_of(code: str, number: int, *, by: Actor | None) -> tuple[Batch, tuple[str, ...]]:
    """Return a batch of a closed round with its leaves in order, from which anybody recomputes its root."""
    batch = next((b for b in get_round(code, by=by).batches if b.number == number), None)
    if batch is None:
        raise NotFound
    own = sa.select(SubmissionSeal.id).join(Round, Round.id == SubmissionSeal.round_id)
    seal_id = own.where(Round.code == code, SubmissionSeal.number == number).scalar_subquery()
    return batch, _leaves(seal_id)


def _leaves(seal_id: int | sa.ScalarSelect[int]) -> tuple[str, ...]:
    query = sa.select(SealedSubmission.leaf).where(SealedSubmission.seal_id == seal_id)
    return tuple(db.session.scalars(query.order_by(SealedSubmission.place)))


def find(code: str, receipt: str, *, by: Actor | None) -> Proof | None:
    """Return where a receipt is in the box of a closed round; None where it is in none of its batches."""
    if not get_round(code, by=by).is_closed:
        return None
    row = db.session.execute(
        sa.select(Attempt, SealedSubmission, SubmissionSeal)
        .join(SealedSubmission, SealedSubmission.attempt_id == Attempt.id)
        .join(SubmissionSeal, SubmissionSeal.id == SealedSubmission.seal_id)
        .join(Round, Round.id == SubmissionSeal.round_id)
        .where(Round.code == code, Attempt.receipt == receipt.strip().upper())
    ).first()
    if row is None:
        return None
    attempt, sealed, box = row
    way = seals.path(_leaves(box.id), sealed.place)
    digest, named = attempt.digest or "", attempt.receipt or ""
    return Proof(named, attempt.state, digest, _batch(box), sealed.place + 1, sealed.leaf, way)


def verify(slug: str | None = None) -> tuple[str, ...]:
    """Recompute every seal from what is stored now and name what was changed; nothing means intact."""
    chosen = sa.select(Round.id, Round.code).join(Contest, Contest.id == Round.contest_id).order_by(Round.id)
    if slug is not None:
        chosen = chosen.where(Contest.slug == slug)
    return tuple(problem for round_id, code in rows(chosen) for problem in _wrong_in(round_id, code))


def _wrong_in(round_id: int, code: str) -> Iterable[str]:
    before = seals.NOTHING_BEFORE
    query = sa.select(SubmissionSeal).where(SubmissionSeal.round_id == round_id).order_by(SubmissionSeal.number)
    boxes = list(db.session.scalars(query.execution_options(populate_existing=True)))
    for number, box in enumerate(boxes, 1):
        where = f"round {code}, batch {box.number}"
        if box.number != number:
            yield f"{where}: batch {number} is missing"
        leaves = _leaves(box.id)
        if len(leaves) != box.count:
            yield f"{where}: {box.count} submissions were sealed, {len(leaves)} are there"
        if seals.root(leaves) != box.root or seals.chained(before, box.number, box.count, box.root) != box.digest:
            yield f"{where}: the seal itself was changed"
        yield from (f"{where}: {problem}" for problem in _changed_in(box.id))
        before = box.digest


def _changed_in(seal_id: int) -> Iterable[str]:
    """Yield what of the submissions of a batch is no more what was sealed."""
    query = (
        sa.select(Attempt.id, Attempt.receipt, Attempt.state, Attempt.digest, SealedSubmission.leaf)
        .join(SealedSubmission, SealedSubmission.attempt_id == Attempt.id)
        .where(SealedSubmission.seal_id == seal_id)
        .order_by(SealedSubmission.place)
    )
    found = rows(query)
    for start in range(0, len(found), _CHUNK):
        some = found[start : start + _CHUNK]
        digests = _digests([row[0] for row in some])
        for attempt_id, receipt, state, digest, leaf in some:
            if leaf != seals.leaf(receipt or "", state, digest or ""):
                yield f"submission {receipt} was changed"
            elif digests[attempt_id] != digest:
                yield f"the responses of submission {receipt} were changed"


def _digests(attempt_ids: Sequence[int]) -> dict[int, str]:
    """Return attempt → the digest over its saves as they are stored now."""
    saved: dict[int, list[list[object]]] = defaultdict(list)
    columns = (Response.attempt_id, Response.position, Response.revision, Response.value)
    query = sa.select(*columns).where(Response.attempt_id.in_(attempt_ids))
    for attempt_id, *row in rows(query.order_by(Response.attempt_id, Response.position, Response.revision)):
        saved[attempt_id].append(row)
    return {attempt_id: digest_over(saved[attempt_id]) for attempt_id in attempt_ids}
