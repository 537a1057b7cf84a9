"""Many rows at once, as the driver takes them fastest."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from contest.db.session import db


def put(table: Any, names: Sequence[str], given: Iterable[Sequence[Any]]) -> None:
    """Insert many rows inside the transaction, each a sequence of the named columns' values, as the driver is fastest."""
    dialect, columns = db.engine.dialect, table.__table__.c
    binds = [(i, columns[name].type.dialect_impl(dialect).bind_processor(dialect)) for i, name in enumerate(names)]
    own = [(i, bind) for i, bind in binds if bind is not None]

    def plain() -> Iterator[list[Any]]:
        for row in given:
            values = list(row)
            for i, bind in own:
                values[i] = bind(values[i])
            yield values

    into = f"{table.__tablename__} ({', '.join(names)})"
    driver: Any = db.session.connection().connection.driver_connection
    if dialect.name == "sqlite":
        driver.executemany(f"INSERT INTO {into} VALUES ({', '.join('?' * len(names))})", plain())  # noqa: S608 – our own names
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in plain():
            copy.write_row(row)
