"""The limiter of sign-in: it counts in the database, so that it holds when Redis is away and across processes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from contest import clock
from contest.db import Frozen, append, autocommit, db, insert
from contest.errors import TooMany
from contest.models.members import RateWindow
from contest.rules.refusals import Refusal

MINUTES = 15
PER_ACCOUNT = RateLimitItemPerMinute(10, MINUTES)
PER_DEVICE = RateLimitItemPerMinute(10, MINUTES)
PER_ADDRESS = RateLimitItemPerMinute(200, MINUTES)  # failures only: a whole office sits behind one address
FILES = RateLimitItemPerMinute(30, 5)  # of a person: each costs a process of its own while it is looked at
CODES = RateLimitItemPerMinute(60, MINUTES)  # activation, reset, set-up


def _increment() -> Any:
    """Begin a window, or count on in the one that is running; one atomic statement."""
    amount = sa.bindparam("amount", type_=sa.Integer)
    expires_at = sa.bindparam("expires_at", type_=RateWindow.expires_at.type)
    is_over = RateWindow.expires_at <= sa.bindparam("now", type_=RateWindow.expires_at.type)
    statement = insert(RateWindow).values(key=sa.bindparam("key"), count=amount, expires_at=expires_at)
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": sa.case((is_over, amount), else_=RateWindow.count + amount),
            "expires_at": sa.case((is_over, expires_at), else_=RateWindow.expires_at),
        },
    ).returning(RateWindow.count)


_INCREMENT = Frozen(_increment)
_CLEAR = Frozen(lambda: sa.delete(RateWindow.__table__).where(RateWindow.key == sa.bindparam("key")))  # type: ignore[arg-type]


class DatabaseStorage(Storage):
    """Fixed windows of `limits` in a table, each step one atomic statement."""

    STORAGE_SCHEME = ["database"]

    def __init__(self) -> None:
        super().__init__("database://", wrap_exceptions=False)

    @property
    def base_exceptions(self) -> type[Exception]:
        return sa.exc.SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = clock.now()
        params = {"key": key[:200], "amount": amount, "now": now, "expires_at": now + timedelta(seconds=expiry)}
        return int(append(_INCREMENT, params)[0][0])

    def get(self, key: str) -> int:
        current = sa.select(RateWindow.count).where(RateWindow.key == key[:200], RateWindow.expires_at > clock.now())
        return int(db.session.scalar(current) or 0)

    def get_expiry(self, key: str) -> float:
        expires = db.session.scalar(sa.select(RateWindow.expires_at).where(RateWindow.key == key[:200]))
        return (expires or datetime(1970, 1, 1, tzinfo=UTC)).timestamp()

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        return None

    def clear(self, key: str) -> None:
        append(_CLEAR, {"key": key[:200]})


def _limiter() -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(DatabaseStorage())


def failures() -> sa.ScalarSelect[int]:
    """Return, for a statement that is asked anyway, how often the address of `:address_key` has failed until `:now`."""
    running = RateWindow.expires_at > sa.bindparam("now", type_=RateWindow.expires_at.type)
    return sa.select(RateWindow.count).where(RateWindow.key == sa.bindparam("address_key"), running).scalar_subquery()


def asked_of(address: str, at: datetime) -> dict[str, Any]:
    """Return what `failures` is asked with."""
    return {"address_key": PER_ADDRESS.key_for("address", address)[:200], "now": at}


def admit(account: str, address: str, device: str | None, *, failed_before: int | None = None) -> None:
    """Count a try before it is evaluated; raises TooMany. A known device has a bucket of its own.

    `failed_before` are the failures of the address, where they are known.
    """
    limiter = _limiter()
    if device is not None:
        if not limiter.hit(PER_DEVICE, "device", device):
            raise _too_many(limiter, PER_DEVICE, "device", device)
        return
    may_try = (
        limiter.test(PER_ADDRESS, "address", address) if failed_before is None else failed_before < PER_ADDRESS.amount
    )
    if not may_try:
        raise _too_many(limiter, PER_ADDRESS, "address", address)
    if not limiter.hit(PER_ACCOUNT, "account", account):
        raise _too_many(limiter, PER_ACCOUNT, "account", account)


def admit_code(address: str) -> None:
    """Count a try of a code (activation, reset, set-up) from an address; raises TooMany."""
    limiter = _limiter()
    if not limiter.hit(CODES, "code", address):
        raise _too_many(limiter, CODES, "code", address)


def code_accepted(address: str) -> None:
    """Give back the try of a code that was right: a whole office opens its accounts from one address."""
    _limiter().hit(CODES, "code", address, cost=-1)


def admit_file(member_id: int) -> None:
    """Count a file that somebody hands in before it is looked at; raises TooMany."""
    limiter = _limiter()
    if not limiter.hit(FILES, "file", str(member_id)):
        raise _too_many(limiter, FILES, "file", str(member_id))


def failed(address: str) -> None:
    """Count a failure against the address it came from."""
    _limiter().hit(PER_ADDRESS, "address", address)


def succeeded(account: str, device: str | None) -> None:
    """Forget the failures of whoever has now signed in."""
    if device is None:
        _limiter().clear(PER_ACCOUNT, "account", account)
    else:
        _limiter().clear(PER_DEVICE, "device", device)


def _too_many(limiter: FixedWindowRateLimiter, item: Any, *names: str) -> TooMany:
    seconds = max(1, int(limiter.get_window_stats(item, *names).reset_time - clock.now().timestamp()))
    return TooMany(Refusal("too-many", {"minutes": -(-seconds // 60), "seconds": seconds}))


def sweep() -> None:
    """Forget windows that are over."""
    with autocommit(db.engine).connect() as connection:
        connection.execute(sa.delete(RateWindow).where(RateWindow.expires_at < clock.now()))
