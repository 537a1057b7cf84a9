"""People, units, banks and contests for tests, made through the services as far as these go.

Every factory wants an application context. Passwords are hashed once and for all: PASSWORD opens every account.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from contest import clock
from contest.db import db, transaction
from contest.formats.drafts import OptionDraft, QuestionDraft, Reading, UnitDraft
from contest.models.attempts import Attempt
from contest.models.banks import Bank
from contest.models.contests import Contest, Round
from contest.models.members import Member, RoleGrant
from contest.models.organisation import HeadcountDeclaration, Unit, UnitAncestor
from contest.models.results import Result
from contest.rules.entry_terms import ConsentPurpose, EntrantMark, EntrantReason
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.terms import Board, Counted, Criterion, LimitPer, PredictionTarget, Reveal, Role
from contest.services import organisation as organisations
from contest.services import seals
from contest.services.attempts import starting
from contest.services.banks import editing, reviewing, shelf
from contest.services.contests import consents, entrant_lists, publishing, setup
from contest.services.contests import rounds as round_setup
from contest.services.members import lists, people
from contest.services.results import approval

PASSWORD = "mot hai ba bon"
PASSWORD_HASH = "$argon2id$v=19$m=19456,t=2,p=1$OY9CxjOCFENlwk2VcYOPzQ$id1tNbe0UcP4GVUtiMRNDn2k+OWSoIqC3P41egsXtLE"
SETTINGS = {
    "name_vi": "Công đoàn Thử nghiệm",
    "name_en": "Trial Union",
    "short_name": "CĐTN",
    "anniversary": "",
    "time_zone": "Asia/Ho_Chi_Minh",
    "address": "ban",
}
CONSENT = {
    "collected": "Họ tên, đơn vị, bài làm và kết quả.",
    "why": "Tổ chức cuộc thi.",
    "seen_by": "Ban Tổ chức.",
    "kept_for": "12 tháng.",
    "rights": "Xem, sửa, rút lại, xóa.",
}
# The tree: code, name, parent. Two branches, each with one below.
UNITS = (
    ("GOC", "Công đoàn Thử nghiệm", None),
    ("A", "Công đoàn Sở An", "GOC"),
    ("A1", "Công đoàn phòng An Một", "A"),
    ("B", "Công đoàn Sở Bình", "GOC"),
    ("B1", "Công đoàn phòng Bình Một", "B"),
)


def organisation(**settings: Any) -> None:
    """Found the organisation with its tree of units."""
    organisations.found({**SETTINGS, **settings}, logo=None, by=SYSTEM, at=clock.now())
    drafts = tuple(UnitDraft(code, name, parent=parent, headcount=10) for code, name, parent in UNITS)
    lists.apply(lists.plan(Reading(drafts, ()), Reading((), ()), by=SYSTEM), by=SYSTEM)
    long_ago(clock.now() - timedelta(days=100))


def long_ago(at: datetime) -> None:
    """Let the tree have stood, and its headcounts have been declared, since an instant: contests of tests are under way."""
    with transaction():
        for table, column in ((Unit, "valid_from"), (UnitAncestor, "valid_from"), (HeadcountDeclaration, "at")):
            db.session.execute(sa.update(table).values({column: at}))


def unit_id(code: str) -> int:
    return db.session.scalars(sa.select(Unit.id).where(Unit.code == code)).one()


def member(code: str = "m1", unit: str = "A1", **values: Any) -> Actor:
    """Enter a person who may sign in by PASSWORD and return them as an actor."""
    people.enter({"code": code, "full_name": f"Nguyễn Thị {code.upper()}", **values}, unit=unit, by=SYSTEM)
    with transaction():
        db.session.execute(sa.update(Member).where(Member.code == code).values(password_hash=PASSWORD_HASH))
    return actor(code)


def actor(code: str) -> Actor:
    """Return a member with the roles held now."""
    return people.get_actor(code)


def staff(
    code: str, role: Role, *, unit: str | None = None, contest_id: int | None = None, bank_id: int | None = None
) -> Actor:
    """Enter a person with a role: over a unit with all below it, a contest, a bank, or the whole organisation."""
    member(code, unit or "GOC")
    if bank_id is None:
        people.give_role(code, role, by=SYSTEM, unit_id=unit_id(unit) if unit else None, contest_id=contest_id)
    else:
        with transaction():
            owner = db.session.scalars(sa.select(Member.id).where(Member.code == code)).one()
            db.session.add(RoleGrant(member_id=owner, role=role, bank_id=bank_id))
    return actor(code)


def administrator(code: str = "quantri") -> Actor:
    return staff(code, Role.ADMINISTRATOR)


def organiser(code: str = "bantochuc", unit: str | None = None) -> Actor:
    """Enter an organiser, of one unit with all below it or of the whole organisation."""
    return staff(code, Role.ORGANISER, unit=unit)


def judge(code: str = "giamkhao") -> Actor:
    return staff(code, Role.JUDGE)


def author(code: str = "soanthao") -> Actor:
    return staff(code, Role.AUTHOR)


def reviewer(code: str = "duyet") -> Actor:
    return staff(code, Role.REVIEWER)


def auditor(code: str = "kiemtra") -> Actor:
    return staff(code, Role.AUDITOR)


def question(number: int, kind: Kind = Kind.SINGLE_CHOICE, **values: Any) -> QuestionDraft:
    """Return a well-formed draft; the first option is right (of multiple choice, the first two)."""
    texts = ("Đúng", "Sai") if kind is Kind.TRUE_FALSE else tuple(f"Phương án {n} của câu {number}" for n in "ABCD")
    share = Decimal("0.5") if kind is Kind.MULTIPLE_CHOICE else Decimal(1)
    right = 2 if kind is Kind.MULTIPLE_CHOICE else 1
    options = tuple(OptionDraft(text, share if i < right else Decimal(0)) for i, text in enumerate(texts))
    given: dict[str, Any] = {"difficulty": Difficulty.RECALL, "explanation": f"Vì sao câu {number}", **values}
    return QuestionDraft(f"C-{number:04d}", kind, f"Nội dung của câu hỏi số {number}?", options, **given)


def bank(code: str = "ngan-hang", drafts: Sequence[QuestionDraft] | None = None) -> int:
    """Make a bank of approved questions, four unless given, and return its id."""
    shelf.create_bank(code, f"Ngân hàng {code}", by=SYSTEM)
    codes = [
        editing.save(code, draft, submit=True, by=SYSTEM) for draft in drafts or [question(n) for n in range(1, 5)]
    ]
    reviewing.approve(code, codes, by=SYSTEM)
    return db.session.scalars(sa.select(Bank.id).where(Bank.code == code)).one()


def round_values(bank_id: int | None, **values: Any) -> dict[str, Any]:
    """Return the set-up of a round that opened an hour ago and closes in two, 20 minutes and 2 attempts a person."""
    at = clock.now()
    return {
        "title": "Tuần 1",
        "opens_at": at - timedelta(hours=1),
        "closes_at": at + timedelta(hours=2),
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
        **values,
    }


def draft_contest(
    slug: str = "cuoc-thi",
    *,
    bank_id: int | None = None,
    organiser: str = "GOC",
    units: Sequence[str] = ("GOC",),
    lines: Sequence[Mapping[str, Any]] = ({"topic_id": None, "difficulty": None, "count": 3},),
    rounds: Sequence[Mapping[str, Any]] = ({},),
) -> list[str]:
    """Set up a contest that could be published and return the codes of its rounds; `rounds` differ as they say.

    Among the values of a round may stand its `windows`.
    """
    facts = {"slug": slug, "title": f"Cuộc thi {slug}", "theme": "Tìm hiểu", "regulations": "## Điều 1\n\nDự thi."}
    setup.create(facts, organiser=organiser, by=SYSTEM)
    setup.choose_units(slug, list(units), seen=1, by=SYSTEM)
    consents.write(slug, CONSENT, seen=0, by=SYSTEM)
    bank_id = bank_id if bank_id is not None else bank(f"{slug}-bank")
    codes = []
    for seen, given in enumerate(rounds, 2):
        values = {"windows": (), **given}
        windows = values.pop("windows")
        values = round_values(bank_id, **values)
        codes.append(round_setup.add_round(slug, values, list(lines), windows, seen=seen, by=SYSTEM))
    return codes


def contest(slug: str = "cuoc-thi", **more: Any) -> list[str]:
    """Set up and publish a contest and return the codes of its rounds; the one round is open."""
    codes = draft_contest(slug, **more)
    publishing.publish(slug, seen=2 + len(codes), by=SYSTEM)
    return codes


def contest_id(slug: str = "cuoc-thi") -> int:
    return db.session.scalars(sa.select(Contest.id).where(Contest.slug == slug)).one()


def round_row(code: str) -> Round:
    query = sa.select(Round).where(Round.code == code).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def publish_result(slug: str, round_code: str, number: int = 1) -> None:
    """Let the system check, approve and publish a version of a round's result."""
    assert approval.check(slug, round_code, number, by=SYSTEM) == []
    approval.approve(slug, round_code, number, by=SYSTEM)
    approval.publish(slug, round_code, number, by=SYSTEM)


def attempt(round_code: str, by: Actor) -> str:
    """Let somebody who agrees to be named start an attempt, and return its code."""
    name_publicly(round_row(round_code).contest_id, by)
    return starting.start(round_code, by=by)


def mark(slug: str, who: Actor, said: EntrantMark, reason: EntrantReason = EntrantReason.COMMITTEE) -> None:
    """Let a contest say something of one person."""
    code = db.session.scalars(sa.select(Member.code).where(Member.id == who.member_id)).one()
    told = entrant_lists.Said(said, reason)
    found = entrant_lists.plan(slug, entrant_lists.read(code.encode(), pasted=True), told, by=SYSTEM)
    entrant_lists.apply(slug, found, told, by=SYSTEM)


def name_publicly(of: int, by: Actor) -> None:
    """Let somebody consent to their name on the boards of a contest."""
    text = consents.find_text(of)
    if text is not None and by.member_id is not None:
        with transaction():
            consents.give(text, by.member_id, [ConsentPurpose.PUBLICATION], way="form", at=clock.now())


def csrf(client: FlaskClient, path: str = "/help") -> str:
    """Return the token of this client's session, read from a page as a browser has it."""
    found = re.search(r'<meta name="csrf-token" content="([^"]+)"', client.get(path).get_data(as_text=True))
    assert found, f"{path} carries no token"
    return found[1]


def sign_in(client: FlaskClient, identifier: str, password: str = PASSWORD) -> Any:
    """Sign in by the form and return the response."""
    form = {"identifier": identifier, "password": password, "csrf_token": csrf(client)}
    return client.post("/sign-in", data=form)


def enter(client: FlaskClient, who: Actor) -> FlaskClient:
    """Put the client's session into someone's hands, without the form and its hashing."""
    with client.session_transaction() as session:
        session["_user_id"] = f"{who.member_id}.{who.epoch}.{who.session_id or 'test-session'}"
        session["_fresh"] = True
    return client


def at(text: str) -> datetime:
    """Return an instant of the contest's day written as people there say it: "21:00:05"."""
    hour, minute, second = (int(part) for part in f"{text}:00".split(":")[:3])
    local_midnight = datetime.fromisoformat("2026-05-20T00:00:00+07:00")
    return local_midnight + timedelta(hours=hour, minutes=minute, seconds=second)


def stored_digest(attempt: Attempt) -> str | None:
    """Return the digest that was stored over an attempt when it was closed."""
    return db.session.scalar(sa.select(Result.digest).where(Result.attempt_id == attempt.id))


def digest_now(attempt: Attempt) -> str:
    """Return the digest over an attempt as it is stored now."""
    return seals.digests_of([attempt.id])[attempt.id]
