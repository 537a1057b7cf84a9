"""Loading the demonstration: through the same imports, reviews and publication as an organiser's own contest."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Conflict
from contest.formats.drafts import Reading
from contest.formats.tables import read_questions
from contest.models.attempts import Attempt
from contest.models.banks import Bank
from contest.models.contests import Contest, Round
from contest.models.entrants import Consent
from contest.models.members import Member, RoleGrant
from contest.models.organisation import HeadcountDeclaration, Organisation, Unit, UnitAncestor
from contest.rules.entry_terms import ConsentPurpose
from contest.rules.permissions import SYSTEM, Actor, Grant
from contest.rules.question_terms import Difficulty
from contest.rules.refusals import Refusal
from contest.rules.terms import Board, Counted, Criterion, LimitPer, PredictionTarget, Reveal, Role
from contest.services import organisation
from contest.services.banks import exchange, imports, reviewing
from contest.services.contests import consents, publishing, rounds, setup
from contest.services.demo import people
from contest.services.demo.regulations import CONSENT, REGULATIONS
from contest.services.demo.rounds import take_round
from contest.services.members import entry, lists
from contest.services.results import approval

SLUG = BANK = "nghi-quyet"
PAST = timedelta(days=30)  # for how long the tree has stood
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
Say = Callable[[str], None]

SETTINGS: dict[str, Any] = {
    "name_vi": "Công đoàn Viên chức Việt Nam",
    "name_en": "Vietnam Public Sector Union",
    "short_name": "CĐ",
    "anniversary": "Chào mừng 97 năm Ngày thành lập Công đoàn Việt Nam (28/7/1929 – 28/7/2026)",
    "time_zone": "Asia/Ho_Chi_Minh",
    "address": "ban",
}
# Of each paper of 20: questions by difficulty from the whole bank, so that every topic may come up.
QUOTAS = (
    (Difficulty.RECALL, 8),
    (Difficulty.UNDERSTANDING, 7),
    (Difficulty.APPLICATION, 4),
    (Difficulty.HIGH_APPLICATION, 1),
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What `demo load` prints: whether anything was done, and the accounts with their one password."""

    is_new: bool
    password: str | None
    accounts: tuple[tuple[str, Role, str | None], ...]


def load(
    *, members: int, attempts: int, seed: int, password: str | None, bench: bool, say: Say = lambda line: None
) -> Loaded:
    """Load the demonstration into an empty database; loaded already, it changes nothing but for `bench`."""
    found = db.session.scalar(sa.select(Contest.id).where(Contest.slug == SLUG))
    if found is None:
        if db.session.get(Organisation, 1) is not None:
            raise Conflict(Refusal("demo-not-empty"))
        password = password or secrets.token_urlsafe(9)
        _build(members, attempts, Random(seed), password, say)  # noqa: S311 (a crowd, not a secret)
    if bench:
        _open_for_bench()
    accounts = tuple((code, role, unit) for code, _, role, unit in people.ACCOUNTS)
    return Loaded(found is None, password if found is None else None, (("m000001", Role.MEMBER, None), *accounts))


def _build(members: int, attempts: int, rng: Random, password: str, say: Say) -> None:
    at = clock.now()
    today = at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    organisation.found(SETTINGS, logo=None, by=SYSTEM, at=at)
    say(f"Nhập {members} đoàn viên của 61 đơn vị …")
    _bring_in(members, rng, password)
    say("Nhập và duyệt ngân hàng câu hỏi …")
    _bring_in_bank(rng)
    slug = _set_up(today)
    say(f"Dựng {attempts} lượt thi …")
    codes = [r.code for r in rounds.list_rounds(_contest_id(slug))]
    take_round(codes[0], attempts, rng, until=None)
    _make_official(slug, codes[0])
    take_round(codes[1], attempts // 2, rng, until=today)  # not to this minute: a day gives one demonstration
    _name(_contest_id(slug), today)


def _bring_in(count: int, rng: Random, password: str) -> None:
    units = people.units()
    tree = lists.plan(units, Reading((), ()), by=SYSTEM)
    lists.apply(tree, by=SYSTEM)
    _stood_since(clock.now() - PAST)
    lists.apply(lists.plan(Reading((), ()), people.members(count, units, rng), by=SYSTEM), by=SYSTEM)
    with transaction():
        db.session.execute(sa.update(Member).values(password_hash=entry.hash_password(password)))
        ids = {r[0]: r[1] for r in rows(sa.select(Member.code, Member.id).where(Member.code.not_like("m0%")))}
        unit_ids = {r[0]: r[1] for r in rows(sa.select(Unit.code, Unit.id))}
        for code, _, role, unit in people.ACCOUNTS:
            db.session.add(RoleGrant(member_id=ids[code], role=role, unit_id=unit_ids[unit] if unit else None))


def _stood_since(at: datetime) -> None:
    """Let the tree have stood, and its headcounts have been declared, before the first of the past rounds."""
    with transaction():
        for table, column in ((Unit, "valid_from"), (UnitAncestor, "valid_from"), (HeadcountDeclaration, "at")):
            db.session.execute(sa.update(table).values({column: at}))


def _actor(code: str, role: Role) -> Actor:
    member = db.session.scalars(sa.select(Member).where(Member.code == code)).one()
    return Actor(member.id, member.full_name, member.unit_id, member.epoch, "", (Grant(role),))


def _bring_in_bank(rng: Random) -> None:
    author, reviewer = _actor("soancauhoi", Role.AUTHOR), _actor("duyetcauhoi", Role.REVIEWER)
    reading = read_questions((people.FOLDER / "bank.xlsx").read_bytes())
    name = "Nghị quyết của Đảng và hành động của chúng ta"
    plan = exchange.plan(None, reading)
    imports.apply(
        BANK, plan.items, by=author, file="bank.xlsx", name=name, option_id=lambda: f"{rng.getrandbits(32):08x}"
    )
    reviewing.approve(BANK, [d.code or "" for d in plan.new], by=reviewer)


def _set_up(today: datetime) -> str:
    """Set the contest up: a week finished, a week open now, a week to come, each from 07:00 to 21:00 of its last day."""
    organiser = _actor("bantochuc", Role.ORGANISER)
    values = {
        "slug": SLUG,
        "title": "Nghị quyết của Đảng và hành động của chúng ta",
        "theme": "Cuộc thi trực tuyến ba tuần dành cho đoàn viên các công đoàn trực thuộc, "
        "tìm hiểu văn kiện Đại hội XIII của Đảng, luật, điều lệ và lịch sử Công đoàn.",
        "regulations": REGULATIONS,
    }
    slug = setup.create(values, organiser=people.ROOT, by=organiser)
    affiliated = [u.code for u in organisation.list_units(by=SYSTEM) if u.parent_code == people.ROOT]
    setup.choose_units(slug, affiliated, seen=1, by=organiser)
    bank_id = db.session.scalars(sa.select(Bank.id).where(Bank.code == BANK)).one()
    for number, first in enumerate((-10, -3, 4), 1):
        opens = today + timedelta(days=first, hours=7)
        _add_week(slug, number, opens, today + timedelta(days=first + 6, hours=21), bank_id, organiser)
    consents.write(slug, CONSENT, seen=0, by=organiser)
    publishing.publish(slug, seen=5, by=organiser)
    return slug


def _add_week(slug: str, number: int, opens: datetime, closes: datetime, bank_id: int, by: Actor) -> None:
    rounds.add_round(
        slug,
        {
            "title": f"Tuần {number}",
            "opens_at": opens,
            "closes_at": closes,
            "minutes": 20,
            "attempts_allowed": 2,
            "attempts_per": LimitPer.ROUND,
            "counted": Counted.BEST,
            "bank_id": bank_id,
            "shuffle_questions": True,
            "shuffle_options": True,
            "prediction": PredictionTarget.ALL_CORRECT,
            "criteria": [Criterion.CORRECT, Criterion.PREDICTION, Criterion.DURATION],
            "reveal": Reveal.SCORE,
            "reveal_after_close": Reveal.REVIEW,
            "board": Board.LIVE,
            "freezes_at": None,
            "names_public": True,
            "network_allowance": 5,
        },
        [{"topic_id": None, "difficulty": difficulty, "count": count} for difficulty, count in QUOTAS],
        seen=number + 1,
        by=by,
    )


def _make_official(slug: str, code: str) -> None:
    """Check, approve and publish the result of the finished week, two people taking part."""
    organiser, administrator = _actor("bantochuc", Role.ORGANISER), _actor("quantri", Role.ADMINISTRATOR)
    approval.check(slug, code, 1, by=organiser)
    approval.approve(slug, code, 1, by=administrator)
    approval.publish(slug, code, 1, by=organiser)


def _name(contest_id: int, at: datetime) -> None:
    """Let everybody who took part be named on the boards: invented people have nothing to lose."""
    text = consents.find_text(contest_id)
    assert text is not None, "written before the contest was published"
    of_rounds = sa.select(Round.id).where(Round.contest_id == contest_id)
    given = (text.id, contest_id, ConsentPurpose.PUBLICATION.value, "form")
    takers = (
        sa.select(*map(sa.literal, given), sa.literal(at, Consent.given_at.type), Attempt.member_id)
        .where(Attempt.round_id.in_(of_rounds))
        .distinct()
        .order_by(Attempt.member_id)
    )
    names = ["text_id", "contest_id", "purpose", "way", "given_at", "member_id"]
    with transaction():
        db.session.execute(sa.insert(Consent).from_select(names, takers))


def _contest_id(slug: str) -> int:
    return db.session.scalars(sa.select(Contest.id).where(Contest.slug == slug)).one()


def _open_for_bench() -> None:
    """Open the current round for a week with unlimited attempts, a live board and the score on the receipt."""
    at = clock.now()
    with transaction():
        row = db.session.scalars(sa.select(Round).where(Round.contest_id == _contest_id(SLUG), Round.number == 2)).one()
        row.opens_at, row.closes_at = min(row.opens_at, at - timedelta(minutes=1)), at + timedelta(days=7)
        row.attempts_allowed, row.board, row.reveal = None, Board.LIVE, Reveal.SCORE
        row.settled_at = row.shown_at = None
        db.session.execute(sa.update(Contest).where(Contest.slug == SLUG).values(version=Contest.version + 1))
