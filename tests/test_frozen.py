"""Statements given to the driver as they are: their values and rows are what SQLAlchemy would make of them."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import Frozen, alone, append, ask, db, gathered, insertion, instant, release, tell, transaction
from contest.models.members import RateWindow
from contest.models.results import Standing
from tests import people

AT = datetime(2026, 5, 1, 8, 30, 15, 123456, UTC)
WINDOWS = insertion(RateWindow, "key", "count", "expires_at")
READ = Frozen(lambda: sa.select(RateWindow).where(RateWindow.key == sa.bindparam("key")))


@pytest.fixture(autouse=True)
def house(context: Flask, database: str) -> None:
    people.organisation()


def write(key: str, at: datetime = AT) -> None:
    with transaction():
        assert tell(WINDOWS, {"key": key, "count": 3, "expires_at": at}) == 1


def test_instant_comes_back_as_it_went_whatever_its_zone(database: str) -> None:
    write("a", AT.astimezone(timezone(timedelta(hours=7))))
    (row,) = ask(READ, {"key": "a"})
    assert tuple(row) == ("a", 3, AT)


def test_naive_instant_is_refused(database: str) -> None:
    with pytest.raises(ValueError, match="naive"):
        write("a", AT.replace(tzinfo=None))


def test_points_come_exact_and_bytes_as_bytes(database: str) -> None:
    columns = sa.literal(Decimal("1.25"), Standing.points.type), sa.literal(b"\0\xff", sa.LargeBinary)
    (row,) = ask(Frozen(lambda: sa.select(*columns)))
    assert (row[0], bytes(row[1])) == (Decimal("1.25"), b"\0\xff")


def test_missing_value_is_named(database: str) -> None:
    with pytest.raises(KeyError, match="key"):
        ask(READ, {})


def test_list_that_varies_is_refused(database: str) -> None:
    with pytest.raises(TypeError, match="lists"):
        ask(Frozen(lambda: sa.select(RateWindow.key).where(RateWindow.key.in_(sa.bindparam("keys", expanding=True)))))


def test_refusal_of_the_database_is_sqlalchemys(database: str) -> None:
    write("a")
    with pytest.raises(sa.exc.IntegrityError):
        append(WINDOWS, {"key": "a", "count": 1, "expires_at": AT})
    assert [tuple(r) for r in ask(READ, {"key": "a"})] == [("a", 3, AT)]


def test_statement_inside_a_transaction_sees_it_and_goes_with_it(database: str) -> None:
    with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012
        tell(WINDOWS, {"key": "a", "count": 3, "expires_at": AT})
        assert len(ask(READ, {"key": "a"})) == 1
        raise ZeroDivisionError
    assert ask(READ, {"key": "a"}) == []


def test_rows_gathered_into_one_column_are_all_there(database: str) -> None:
    for key in ("a", "b"):
        write(key)
    both = sa.orm.aliased(RateWindow)
    statement = Frozen(lambda: sa.select(gathered(both.key, both.count, both.expires_at, where=[both.count == 3])))
    found: list[Any] = ask(statement)[0][0]
    assert sorted((key, count, instant(at)) for key, count, at in found) == [("a", 3, AT), ("b", 3, AT)]
    none = Frozen(lambda: sa.select(gathered(both.key, where=[both.count == 4])))
    assert ask(none)[0][0] == []


def test_connection_that_is_gone_is_replaced_without_anybody_hearing_of_it(database: str) -> None:
    write("a")
    assert len(ask(READ, {"key": "a"})) == 1
    (kept,) = alone._kept[db.engine]
    if db.engine.dialect.name == "sqlite":
        release()  # SQLite's is never gone by itself
    else:
        kept.connection.dbapi_connection.close()  # type: ignore[union-attr]
    assert len(ask(READ, {"key": "a"})) == 1
