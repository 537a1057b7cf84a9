"""Questions of a bank that are alike: found among all of them, kept until the bank changes, told apart by people."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from contest import clock
from contest.db import db, insert, put, rowcount, rows, transaction
from contest.errors import NotFound
from contest.formats.drafts import QuestionDraft
from contest.models.banks import Question, QuestionVersion
from contest.models.likenesses import AlikePair, DistinctPair, PairSearch
from contest.models.members import Member
from contest.rules.import_terms import Alikeness
from contest.rules.likeness import fingerprint, near_pairs
from contest.rules.permissions import Actor, see_bank
from contest.rules.question_terms import VersionState
from contest.services import audit
from contest.services.banks import browsing, comparing
from contest.services.banks.comparing import Comparison
from contest.services.banks.exchange import key_of, words_of
from contest.services.banks.shelf import get_bank, may

PAGE = 20
MOST = 5_000  # pairs that a search keeps
AT_ONCE = 300  # questions that are searched through while somebody waits; more are a job
_COLUMNS = ("first_id", "second_id", "bank_id", "place", "alikeness", "percent", "digest")
_ORDER = list(Alikeness)


@dataclass(frozen=True, slots=True)
class Search:
    """The last search: when, whether the bank is still what it was, whether all was kept, how many pairs are left to look at."""

    at: datetime | None
    is_current: bool
    is_whole: bool
    count: int
    is_small: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions that are alike, the first as it is and what differs in the second."""

    first: QuestionDraft
    second: QuestionDraft
    alikeness: Alikeness
    percent: int
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Distinct:
    """Two questions of which somebody said that they are not the same."""

    first_code: str
    second_code: str
    by: str
    at: datetime


def get_search(bank_code: str, *, by: Actor) -> Search:
    """Return what the last search found; `at` is None before the first."""
    bank = get_bank(bank_code, by=by)
    last = db.session.get(PairSearch, bank.id, populate_existing=True)
    signature, size = _signature(bank.id)
    return Search(
        last.at if last else None,
        last is not None and last.signature == signature,
        last is None or last.is_whole,
        count_pairs(bank.id),
        size <= AT_ONCE,
    )


def count_pairs(bank_id: int) -> int:
    """Return how many pairs of the last search are left to look at."""
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(_open(bank_id).subquery())) or 0)


def _signature(bank_id: int) -> tuple[str, int]:
    """Return what moves with every question that is written, changed or retired, and how many there are."""
    query = sa.select(
        sa.func.count(Question.current_id),
        sa.func.count(Question.approved_id),
        sa.func.sum(Question.current_id),
        sa.func.max(Question.changed_at),
    )
    n, *moving = rows(query.where(Question.bank_id == bank_id))[0]
    return hashlib.sha256(f"{n}|{moving}".encode()).hexdigest(), n


def _open(bank_id: int) -> sa.Select[tuple[AlikePair]]:
    """Return the query for pairs that nobody told apart and of which no question was retired since."""
    first, second = aliased(QuestionVersion), aliased(QuestionVersion)
    left, right = aliased(Question), aliased(Question)
    apart = sa.exists().where(
        DistinctPair.first_id == AlikePair.first_id,
        DistinctPair.second_id == AlikePair.second_id,
        DistinctPair.digest == AlikePair.digest,
    )
    return (
        sa.select(AlikePair)
        .join(left, left.id == AlikePair.first_id)
        .join(right, right.id == AlikePair.second_id)
        .join(first, first.id == left.current_id)
        .join(second, second.id == right.current_id)
        .where(AlikePair.bank_id == bank_id, ~apart)
        .where(first.state != VersionState.RETIRED, second.state != VersionState.RETIRED)
    )


def search(bank_code: str, *, by: Actor, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Find all pairs of alike questions among the current ones of a bank, keep them, and return how many there are.

    The gravest come first: those that contradict each other, then the same ones, then by how much they share. Beyond MOST
    pairs the search ends.
    """
    may(see_bank, by)
    at = clock.now()
    bank = get_bank(bank_code, by=by)
    signature, _ = _signature(bank.id)
    ids, known = _current(bank.id)
    found: list[tuple[int, Fraction, str, str]] = []
    for number, (code, near) in enumerate(near_pairs({c: words_of(d) for c, d in known.items()}), start=1):
        progress(number, len(known))
        found += [(_ORDER.index(_alikeness(known[o], known[code])), -how, o, code) for how, o in near]
        if len(found) > MOST:
            break
    pairs = sorted(found)[:MOST]
    with transaction():
        db.session.execute(sa.delete(AlikePair).where(AlikePair.bank_id == bank.id))
        values = {"signature": signature, "is_whole": len(found) <= MOST, "at": at}
        new = insert(PairSearch).values(bank_id=bank.id, **values)
        db.session.execute(new.on_conflict_do_update(index_elements=["bank_id"], set_=values))
        put(AlikePair, _COLUMNS, (_row(n, bank.id, ids, known, pair) for n, pair in enumerate(pairs)))
        audit.record("likeness-searched", "bank", bank.id, by=by, at=at, pairs=len(pairs))
    return len(pairs)


def _current(bank_id: int) -> tuple[dict[str, int], dict[str, QuestionDraft]]:
    """Return code → id, and code → draft, of the questions that are not retired."""
    query = (
        sa.select(Question.code, Question.id)
        .join(QuestionVersion, QuestionVersion.id == Question.current_id)
        .where(Question.bank_id == bank_id, QuestionVersion.state != VersionState.RETIRED)
    )
    ids = {row[0]: row[1] for row in rows(query)}
    return ids, {d.code: d for d in browsing.drafts_of(bank_id) if d.code and d.code in ids}


def _alikeness(first: QuestionDraft, second: QuestionDraft) -> Alikeness:
    if fingerprint(words_of(first)) != fingerprint(words_of(second)):
        return Alikeness.NEAR
    return Alikeness.SAME if key_of(first) == key_of(second) else Alikeness.CONTRADICTING


def _row(
    place: int,
    bank_id: int,
    ids: Mapping[str, int],
    known: Mapping[str, QuestionDraft],
    pair: tuple[int, Fraction, str, str],
) -> tuple[int, int, int, int, str, int, str]:
    how, share, first, second = pair
    words = [(fingerprint(words_of(known[c])), sorted(key_of(known[c]))) for c in (first, second)]
    digest = hashlib.sha256(repr(words).encode()).hexdigest()
    return ids[first], ids[second], bank_id, place, _ORDER[how].value, int(-share * 100), digest


def list_pairs(bank_code: str, number: int, *, by: Actor) -> list[Pair]:
    """Return a page of the pairs that are left to look at, the first being 1."""
    bank = get_bank(bank_code, by=by)
    query = _open(bank.id).order_by(AlikePair.place).limit(PAGE).offset((number - 1) * PAGE)
    found = list(db.session.scalars(query))
    if not found:
        return []
    ids = {i for pair in found for i in (pair.first_id, pair.second_id)}
    codes = {row[1]: row[0] for row in rows(sa.select(Question.code, Question.id).where(Question.id.in_(ids)))}
    known = {d.code: d for d in browsing.drafts_of(bank.id, sorted(codes.values()))}
    return [_pair(pair, known[codes[pair.first_id]], known[codes[pair.second_id]]) for pair in found]


def _pair(pair: AlikePair, first: QuestionDraft, second: QuestionDraft) -> Pair:
    return Pair(first, second, Alikeness(pair.alikeness), pair.percent, comparing.between_drafts(first, second))


def tell_apart(bank_code: str, first: str, second: str, *, by: Actor) -> None:
    """Say of two alike questions that they are not the same, so that they are not shown again as they are.

    Saying it twice is saying it once. Raises NotFound for a pair that was not found alike.
    """
    may(see_bank, by)
    at = clock.now()
    with transaction():
        bank = get_bank(bank_code, by=by)
        left, right = aliased(Question), aliased(Question)
        pair = db.session.scalar(
            sa.select(AlikePair)
            .join(left, left.id == AlikePair.first_id)
            .join(right, right.id == AlikePair.second_id)
            .where(AlikePair.bank_id == bank.id, left.code == first, right.code == second)
        )
        if pair is None:
            raise NotFound
        new = insert(DistinctPair).values(
            first_id=pair.first_id, second_id=pair.second_id, digest=pair.digest, by_id=by.member_id, at=at
        )
        if rowcount(new.on_conflict_do_nothing()):
            audit.record("questions-told-apart", "bank", bank.id, by=by, at=at, first=first, second=second)


def list_distinct(bank_code: str, *, by: Actor) -> list[Distinct]:
    """Return the pairs that somebody told apart, the latest first."""
    bank = get_bank(bank_code, by=by)
    return [Distinct(first, second, name or "", at) for first, second, name, at in rows(_told(bank.id))]


def _told(bank_id: int) -> sa.Select[tuple[str, str, str, datetime]]:
    left, right = aliased(Question), aliased(Question)
    return (
        sa.select(left.code, right.code.label("second"), Member.full_name, DistinctPair.at)
        .join(left, left.id == DistinctPair.first_id)
        .join(right, right.id == DistinctPair.second_id)
        .outerjoin(Member, Member.id == DistinctPair.by_id)
        .where(left.bank_id == bank_id)
        .order_by(DistinctPair.at.desc())
        .limit(200)
    )
