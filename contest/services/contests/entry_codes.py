"""Entry codes: one code shared by all who may register, long in a link or QR picture, short for the fingers."""

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from contest import clock
from contest.db import db, transaction
from contest.errors import Invalid
from contest.models.entrants import EntryCode
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.registration import code_holds
from contest.rules.text import READABLE, canonical
from contest.services import audit
from contest.services.contests import entrant_lists

_TYPED_LENGTH = 8  # 39 bits: guessing is limited by the address it comes from
_SECRET_BYTES = 24  # 192 bits
LONGEST = 64


@dataclass(frozen=True, slots=True)
class CodeView:
    secret: str
    typed: str
    valid_from: datetime
    valid_until: datetime | None
    holds: bool


def find_current(contest_id: int) -> CodeView | None:
    """Return the code a contest hands out, whether or not its time has come; None without one."""
    row = db.session.scalar(_current(contest_id))
    if row is None:
        return None
    holds = code_holds(clock.now(), row.valid_from, row.valid_until, row.replaced_at)
    return CodeView(row.secret, row.typed, row.valid_from, row.valid_until, holds)


def _current(contest_id: int) -> sa.Select[tuple[EntryCode]]:
    own = sa.select(EntryCode).where(EntryCode.contest_id == contest_id, EntryCode.replaced_at.is_(None))
    return own.order_by(EntryCode.id.desc()).limit(1).execution_options(populate_existing=True)


def renew(slug: str, valid_from: datetime | None, valid_until: datetime | None, *, by: Actor) -> None:
    """Hand out a new code; whoever holds the one before gets in no more, whoever registered by it stays registered."""
    at = clock.now()
    begins = valid_from or at
    if valid_until is not None and valid_until <= max(begins, at):
        raise Invalid(Refusal("valid-ends-first", field="valid_until"))
    with transaction():
        contest = entrant_lists.get_open_contest(slug, by)
        former = sa.update(EntryCode).where(EntryCode.contest_id == contest.id, EntryCode.replaced_at.is_(None))
        db.session.execute(former.values(replaced_at=at).execution_options(synchronize_session=False))
        typed = "".join(secrets.choice(READABLE) for _ in range(_TYPED_LENGTH))
        half = _TYPED_LENGTH // 2
        code = EntryCode(contest_id=contest.id, secret=secrets.token_urlsafe(_SECRET_BYTES))
        code.typed, code.valid_from, code.valid_until = f"{typed[:half]}-{typed[half:]}", begins, valid_until
        db.session.add(code)
        audit.record("entry-code-renewed", "contest", contest.id, by=by, at=at)


def admits(contest_id: int, given: str, at: datetime) -> bool:
    """Say whether a code, as the link or the fingers give it, lets people into a contest now."""
    row = db.session.scalar(_current(contest_id))
    if row is None or not given or len(given) > LONGEST:
        return False
    fits = secrets.compare_digest(given.strip().encode(), row.secret.encode())
    typed = canonical(given).replace("-", "").upper()
    fits = secrets.compare_digest(typed.encode(), row.typed.replace("-", "").encode()) or fits
    return fits and code_holds(at, row.valid_from, row.valid_until, row.replaced_at)
