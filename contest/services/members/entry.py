"""Ways in: signing in by password, opening an account by an activation code, and a password forgotten."""

import hashlib
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from contest import clock
from contest.db import Frozen, ask, db, rowcount, transaction
from contest.errors import Gone, Invalid
from contest.gateways import hashing
from contest.models.members import Member, SignInName, Token
from contest.rules.passwords import LONGEST, check_password
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import mark
from contest.rules.text import READABLE, canonical, phone
from contest.services import audit, jobs, messaging, organisation
from contest.services.members import limiter, sessions

ACTIVATION_LIFE = timedelta(days=30)
RESET_LIFE = timedelta(hours=1)
CODE_LENGTH = 12

hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)  # OWASP's minimum for argon2id
place = hashing.Place()
_nobody = hasher.hash(secrets.token_urlsafe(16))  # verified for unknown names, so that they take as long

_NOTHING = sa.select(sa.literal(1).label("one")).subquery()
# One row always: who has the name, if anybody, and how often this address has failed.
_BY_NAME = Frozen(
    lambda: (
        sa.select(
            Member.id,
            Member.full_name,
            Member.unit_id,
            Member.epoch,
            Member.password_hash,
            Member.suspended_at,
            limiter.failures().label("failures"),
        )
        .select_from(_NOTHING)
        .outerjoin(SignInName, SignInName.name == sa.bindparam("name"))
        .outerjoin(Member, Member.id == SignInName.member_id)
    )
)


def hash_password(password: str) -> str:
    return place.run(hasher.hash, _password(password))


def _password(password: str) -> str:
    """Return a password as it is hashed; cut first, because normalising a long run of marks takes minutes."""
    return unicodedata.normalize("NFC", password[: LONGEST * 8])[: LONGEST * 2]


def sign_in_name(identifier: str) -> str:
    """Return the canonical name to sign in by that someone typed: a code, an e-mail, or a phone in any spelling."""
    typed = canonical(identifier[:254])
    digits = typed.translate(str.maketrans("", "", " .-()"))
    if digits.lstrip("+").isdigit() and 9 <= len(digits) <= 15:
        number = phone(digits)
        if isinstance(number, str):
            return number
    return typed


def sign_in(identifier: str, password: str, *, address: str, known_device: tuple[str, int] | None = None) -> Actor:
    """Return who signs in; raises TooMany, or Invalid without saying which of the two was wrong.

    `known_device` is a device's id and the member who signed in from it before, both from a signed cookie.
    """
    place.refuse_crowd()
    name = sign_in_name(identifier)
    found = ask(_BY_NAME, {"name": name, **limiter.asked_of(address, clock.now())})[0]
    row = found if found.id is not None else None
    device = known_device[0] if row is not None and known_device is not None and known_device[1] == row.id else None
    account = f"member:{row.id}" if row else f"name:{name}"  # one count for all the names of a person
    limiter.admit(account, address, device, failed_before=found.failures or 0)
    if not _verify(row.password_hash if row else None, password) or row is None or row.suspended_at is not None:
        limiter.failed(address)
        raise Invalid(Refusal("wrong-credentials"))
    limiter.succeeded(account, device)
    actor = Actor(row.id, row.full_name, row.unit_id, row.epoch, sessions.new_session_id())
    if hasher.check_needs_rehash(row.password_hash):
        _store(row.id, password)
    return actor


def _verify(stored: str | None, password: str) -> bool:
    try:
        return place.run(hasher.verify, stored or _nobody, _password(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def _store(member_id: int, password: str) -> None:
    with transaction(shared=False):
        hashed = hash_password(password)
        db.session.execute(sa.update(Member).where(Member.id == member_id).values(password_hash=hashed))


def new_activation_code() -> str:
    """Return a code of 12 characters (58 bits) in groups of four."""
    return in_groups(secrets.choice(READABLE) for _ in range(CODE_LENGTH))


def in_groups(characters: Iterable[str]) -> str:
    """Return a code as it is read aloud: four by four."""
    code = "".join(characters)
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def digest(purpose: str, secret: str) -> str:
    """Return what is stored of a secret: codes are compared without hyphens, spaces and case."""
    plain = canonical(secret).replace("-", "").upper() if purpose != "reset" else secret
    return hashlib.sha256(f"{purpose}:{plain}".encode()).hexdigest()


def issue(
    purpose: str, members: Sequence[tuple[int, int]], secrets_: Iterable[str], life: timedelta, at: datetime
) -> None:
    """Store new tokens for (member, epoch) pairs inside the caller's transaction; earlier ones lose their worth."""
    ids = [member_id for member_id, _ in members]
    for start in range(0, len(ids), 500):
        withdraw(purpose, ids[start : start + 500], at)
    values = [
        {"digest": digest(purpose, secret), "purpose": purpose, "member_id": m, "epoch": e, "expires_at": at + life}
        for (m, e), secret in zip(members, secrets_, strict=True)
    ]
    if values:
        db.session.execute(sa.insert(Token), values)


def withdraw(purpose: str, member_ids: Sequence[int], at: datetime) -> None:
    """Make the open tokens of a purpose worthless inside the caller's transaction."""
    unused = sa.update(Token).where(Token.purpose == purpose, Token.member_id.in_(member_ids), Token.used_at.is_(None))
    db.session.execute(unused.values(used_at=at).execution_options(synchronize_session=False))


def find_token(purpose: str, secret: str) -> Member:
    """Return whose a token is; raises Gone for one that is unknown, used, expired, or of another purpose."""
    at = clock.now()
    member = db.session.scalar(
        sa.select(Member)
        .join(Token, Token.member_id == Member.id)
        .where(
            Token.digest == digest(purpose, secret),
            Token.purpose == purpose,
            Token.used_at.is_(None),
            Token.expires_at > at,
            Token.epoch == Member.epoch,
            Member.suspended_at.is_(None),
        )
    )
    if member is None:
        raise Gone(Refusal("token-invalid", field="code"))
    return member


def open_account(code: str, password: str, *, address: str) -> Actor:
    """Set the first password with an activation code and return the member signed in."""
    limiter.admit_code(address)
    return _redeem("activation", code, password, "account-opened", address)


def reset_password(secret: str, password: str, *, address: str) -> Actor:
    """Set a new password with a token from an e-mail; all sessions end."""
    limiter.admit_code(address)
    return _redeem("reset", secret, password, "password-reset", address)


def _redeem(purpose: str, secret: str, password: str, action: str, address: str) -> Actor:
    at = clock.now()
    member = find_token(purpose, secret)
    limiter.code_accepted(address)
    _check_new(member, password)
    hashed = hash_password(password)  # outside the transaction: it is slow on purpose
    with transaction(shared=False):
        mine = sa.update(Token).where(Token.digest == digest(purpose, secret), Token.used_at.is_(None))
        if not rowcount(mine.values(used_at=at)):
            raise Gone(Refusal("token-invalid", field="code"))
        db.session.execute(sa.update(Member).where(Member.id == member.id).values(password_hash=hashed))
        epoch = sessions.end_all(member.id)
        audit.record(action, "member", member.id, by=SYSTEM, at=at)
    return Actor(member.id, member.full_name, member.unit_id, epoch, sessions.new_session_id())


def _check_new(member: Member, password: str) -> None:
    refusal = check_password(_password(password), [k for k in (member.code, member.phone, member.email) if k])
    if refusal:
        raise Invalid(refusal)


def change_password(actor: Actor, current: str, password: str) -> Actor:
    """Change one's own password; every other session ends, the one asking goes on under the returned actor."""
    at = clock.now()
    member = db.session.get_one(Member, actor.member_id, populate_existing=True)
    limiter.admit(f"member:{member.id}", "", None)
    if not _verify(member.password_hash, current):
        raise Invalid(Refusal("wrong-password", field="current"))
    limiter.succeeded(f"member:{member.id}", None)
    _check_new(member, password)
    hashed = hash_password(password)
    with transaction(shared=False):
        db.session.execute(sa.update(Member).where(Member.id == member.id).values(password_hash=hashed))
        epoch = sessions.end_all(member.id)
        audit.record("password-changed", "member", member.id, by=actor, at=at)
    return Actor(member.id, member.full_name, member.unit_id, epoch, sessions.new_session_id(), actor.grants)


def forget_password(identifier: str, *, locale: str, address: str) -> None:
    """Take note that someone forgot a password: the same work whether the name is known or not."""
    limiter.admit_code(address)
    payload = {"name": sign_in_name(identifier), "locale": locale}
    with transaction(shared=False):
        jobs.ask("forgotten-password", payload, by=SYSTEM, at=clock.now())


def send_reset(name: str, *, locale: str, base_url: str) -> int:
    """Send a link to the stored address of whoever has this name to sign in by; called by the worker."""
    at, secret = clock.now(), secrets.token_urlsafe(32)
    with transaction(shared=False):
        member = db.session.scalar(
            sa.select(Member)
            .join(SignInName, SignInName.member_id == Member.id)
            .where(SignInName.name == name, Member.suspended_at.is_(None), Member.email.is_not(None))
        )
        if member is None or member.email is None:
            return 0
        issue("reset", [(member.id, member.epoch)], [secret], RESET_LIFE, at)
        subject, body = _reset_texts(f"{base_url}/reset/{secret}", locale)
        messaging.post(member.email, subject, body, at=at)
        audit.record("reset-sent", "member", member.id, by=SYSTEM, at=at)
    return 1


def _reset_texts(link: str, locale: str) -> tuple[str, str]:
    settings = organisation.find_organisation()
    speech = organisation.speech(locale)
    name = (settings.name_vi if locale == "vi" else settings.name_en) if settings else ""
    body = speech.text(
        mark(
            "Có người, có lẽ là %(address)s, vừa yêu cầu đặt lại mật khẩu. "
            "Mời mở liên kết sau trong vòng 1 giờ để đặt mật khẩu mới:\n\n%(link)s\n\n"
            "Nếu không phải %(address)s yêu cầu, mời bỏ qua thư này; mật khẩu vẫn như cũ.\n\n%(name)s\n"
        ),
        link=link,
        name=name,
    )
    return speech.text(mark("Đặt lại mật khẩu")), body
