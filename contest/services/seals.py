"""Sealing what was handed in: by the worker in batches, so that no submission waits; and proving it to whoever asks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import NotFound
from contest.models.attempts import Attempt, Response, of_attempt
from contest.models.contests import Contest, Round
from contest.models.results import Result
from contest.models.seals import SealedSubmission, SubmissionSeal
from contest.rules import seals
from contest.rules.attempts import digest_over
from contest.rules.terms import AttemptState, ContestState

BATCH = 1024  # few enough that no save waits long for them where there is one writer
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
    """Return the condition of the index of what waits; a state that is bound to a parameter would not find it."""
    is_closed = Attempt.state != sa.literal_column(f"'{AttemptState.OPEN.value}'")
    return sa.and_(is_closed, ~Attempt.is_sealed)


def rounds_waiting() -> list[int]:
    """Return the rounds of which submissions wait for their seal."""
    waiting = sa.select(Attempt.round_id).where(_unsealed()).distinct()
    return sorted(db.session.scalars(waiting))


def seal(at: datetime, *, batch: int = BATCH, of: int | None = None) -> int:
    """Seal the next submissions of one round under one root, chained to the batch before, and return how many there were.

    It is the round given, or the first of which some wait.
    """
    waiting = sa.select(Attempt.round_id).where(_unsealed(), *(() if of is None else (Attempt.round_id == of,)))
    round_id = db.session.scalar(waiting.order_by(Attempt.round_id, Attempt.id).limit(1))
    if round_id is None:
        return 0
    with transaction(shared=False):
        query = sa.select(Attempt.id, Attempt.receipt, Attempt.state, Result.digest)
        query = (
            query.outerjoin(Result, of_attempt(Result))
            .where(_unsealed(), Attempt.round_id == round_id)
            .order_by(Attempt.id)
            .limit(batch)
        )
        leaves = {row[0]: seals.leaf(*row[1:]) for row in rows(query)}
        tree, last = seals.root(list(leaves.values())), _last(round_id)
        number, before = (last.number + 1, last.digest) if last else (1, seals.NOTHING_BEFORE)
        digest = seals.chained(before, number, len(leaves), tree)
        said = {"number": number, "count": len(leaves), "root": tree, "digest": digest, "sealed_at": at}
        made = SubmissionSeal(round_id=round_id, **said)
        db.session.add(made)
        db.session.flush()
        sealed = [{"attempt_id": own, "seal_id": made.id, "leaf": leaf} for own, leaf in leaves.items()]
        db.session.execute(sa.insert(SealedSubmission), sealed)
        done = sa.update(Attempt).where(Attempt.id.in_(leaves)).values(is_sealed=True)
        db.session.execute(done.execution_options(synchronize_session=False))
    return len(leaves)


def _last(round_id: int) -> SubmissionSeal | None:
    query = sa.select(SubmissionSeal).where(SubmissionSeal.round_id == round_id)
    return db.session.scalar(query.order_by(SubmissionSeal.number.desc()).limit(1))


def get_round(code: str) -> RoundSeals:
    """Return the seals of a round, none before it has closed; raises NotFound for one of a draft."""
    found = db.session.execute(
        sa.select(Round.id, Round.title, Round.closes_at, Contest.slug, Contest.title.label("contest_title"))
        .join(Contest, Contest.id == Round.contest_id)
        .where(Round.code == code, Contest.state != ContestState.DRAFT)
    ).first()
    if found is None:
        raise NotFound
    is_closed = clock.now() >= found.closes_at
    batches: tuple[Batch, ...] = ()
    waiting = 0
    if is_closed:
        query = sa.select(SubmissionSeal).where(SubmissionSeal.round_id == found.id).order_by(SubmissionSeal.number)
        batches = tuple(map(_batch, db.session.scalars(query)))
        counting = sa.select(sa.func.count()).select_from(Attempt).where(_unsealed(), Attempt.round_id == found.id)
        waiting = db.session.scalar(counting) or 0
    return RoundSeals(found.slug, found.contest_title, code, found.title, is_closed, batches, waiting)


def _batch(row: SubmissionSeal) -> Batch:
    return Batch(row.number, row.count, row.root, row.digest, row.sealed_at)


def leaves_of(code: str, number: int) -> tuple[Batch, tuple[str, ...]]:
    """Return a batch of a closed round with its leaves in order, from which anybody recomputes its root."""
    batch = next((b for b in get_round(code).batches if b.number == number), None)
    if batch is None:
        raise NotFound
    own = sa.select(SubmissionSeal.id).join(Round, Round.id == SubmissionSeal.round_id)
    seal_id = own.where(Round.code == code, SubmissionSeal.number == number).scalar_subquery()
    return batch, tuple(_leaves(seal_id).values())


def _leaves(seal_id: int | sa.ScalarSelect[int]) -> dict[int, str]:
    """Return attempt → leaf of a batch, in their order."""
    query = sa.select(SealedSubmission.attempt_id, SealedSubmission.leaf).where(SealedSubmission.seal_id == seal_id)
    return dict(map(tuple, rows(query.order_by(SealedSubmission.attempt_id))))


def find(within: RoundSeals, receipt: str) -> Proof | None:
    """Return where a receipt is among the seals of a round that has closed; None where it is in none of its batches."""
    row = db.session.execute(
        sa.select(Attempt, Result.digest, SealedSubmission.leaf, SubmissionSeal)
        .outerjoin(Result, of_attempt(Result))
        .join(SealedSubmission, SealedSubmission.attempt_id == Attempt.id)
        .join(SubmissionSeal, SubmissionSeal.id == SealedSubmission.seal_id)
        .join(Round, Round.id == SubmissionSeal.round_id)
        .where(Round.code == within.round_code, Attempt.receipt == receipt.strip().upper())
    ).first()
    if row is None or not within.is_closed:
        return None
    attempt, digest, leaf, box = row
    leaves = _leaves(box.id)
    place, named = list(leaves).index(attempt.id), attempt.receipt or ""
    way = seals.path(list(leaves.values()), place)
    return Proof(named, attempt.state, digest or "", _batch(box), place + 1, leaf, way)


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
        leaves = list(_leaves(box.id).values())
        if len(leaves) != box.count:
            yield f"{where}: {box.count} submissions were sealed, {len(leaves)} are there"
        if seals.root(leaves) != box.root or seals.chained(before, box.number, box.count, box.root) != box.digest:
            yield f"{where}: the seal itself was changed"
        yield from (f"{where}: {problem}" for problem in _changed_in(box.id))
        before = box.digest


def _changed_in(seal_id: int) -> Iterable[str]:
    """Yield what of the submissions of a batch is no more what was sealed."""
    query = (
        sa.select(Attempt.id, Attempt.receipt, Attempt.state, Result.digest, SealedSubmission.leaf)
        .outerjoin(Result, of_attempt(Result))
        .join(SealedSubmission, SealedSubmission.attempt_id == Attempt.id)
        .where(SealedSubmission.seal_id == seal_id)
        .order_by(SealedSubmission.attempt_id)
    )
    found = rows(query)
    for start in range(0, len(found), _CHUNK):
        some = found[start : start + _CHUNK]
        digests = digests_of([row[0] for row in some])
        for attempt_id, receipt, state, digest, leaf in some:
            if leaf != seals.leaf(receipt, state, digest):
                yield f"submission {receipt} was changed"
            elif digests[attempt_id] != digest:
                yield f"the paper, the times or the responses of submission {receipt} were changed"


def digests_of(attempt_ids: Sequence[int]) -> dict[int, str]:
    """Return attempt → the digest over its paper, times and saves as they are stored now."""
    own = sa.select(Attempt.id, Attempt.paper, Attempt.started_at, Attempt.finished_at)
    sat = rows(own.where(Attempt.id.in_(attempt_ids)))
    saved: dict[int, list[list[object]]] = defaultdict(list)
    columns = (Response.attempt_id, Response.position, Response.revision, Response.value)
    query = sa.select(*columns).where(Response.attempt_id.in_(attempt_ids))
    for attempt_id, *row in rows(query.order_by(Response.attempt_id, Response.position, Response.revision)):
        saved[attempt_id].append(row)
    return {own_id: digest_over(paper, started, finished, saved[own_id]) for own_id, paper, started, finished in sat}
