"""The floor's tables, its statements, and how they are filled; `bench.floor` says what it is."""

import os
import random
from typing import Any

import argon2
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

PASSWORD = "demo-password"
URL = os.environ.get("DATABASE_URL", "sqlite://")
IS_SQLITE = URL.startswith("sqlite")

engine = sa.create_engine(URL, connect_args={"timeout": 10} if IS_SQLITE else {})
if IS_SQLITE:

    @sa.event.listens_for(engine, "connect")
    def _be_durable(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")


tables = sa.MetaData()
people = sa.Table(
    "people",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50), unique=True),
    sa.Column("password", sa.String(200)),
)
questions = sa.Table(
    "questions",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text),
    sa.Column("right_choice", sa.Integer),
)
attempts = sa.Table(
    "attempts",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("person_id", sa.Integer, unique=True),
    sa.Column("paper", sa.Text),
    sa.Column("started", sa.Float),
    sa.Column("ends", sa.Float),
    sa.Column("finished", sa.Float),
    sa.Column("score", sa.Integer),
)
_is_scored = attempts.c.score.is_not(None)
board_index = sa.Index(
    "board", attempts.c.score.desc(), attempts.c.finished, sqlite_where=_is_scored, postgresql_where=_is_scored
)
saves = sa.Table(
    "saves",
    tables,
    sa.Column("attempt_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("choice", sa.Integer),
    sa.Column("at", sa.Float),
    sqlite_with_rowid=False,
)

_running = sa.select(
    attempts.c.id,
    *(sa.bindparam(name, type_=sa.Integer) for name in ("position", "revision", "choice")),
    sa.bindparam("at", type_=sa.Float),
).where(
    attempts.c.id == sa.bindparam("attempt"),
    attempts.c.person_id == sa.bindparam("person"),
    attempts.c.score.is_(None),
    attempts.c.ends >= sa.bindparam("now", type_=sa.Float),
)
SAVE = (
    (sqlite if IS_SQLITE else postgresql)
    .insert(saves)
    .from_select(["attempt_id", "position", "revision", "choice", "at"], _running)
    .on_conflict_do_nothing()
    .inline()
    .execution_options(preserve_rowcount=True)
)
PERSON = sa.select(people.c.id, people.c.password).where(people.c.name == sa.bindparam("name"))
ATTEMPT = sa.select(attempts).where(attempts.c.person_id == sa.bindparam("person"))
SAVED = sa.select(saves.c.position, saves.c.choice, saves.c.revision).where(
    saves.c.attempt_id == sa.bindparam("attempt")
)
FINISH = (
    sa.update(attempts)
    .where(attempts.c.id == sa.bindparam("attempt"), attempts.c.score.is_(None))
    .values(score=sa.bindparam("scored"), finished=sa.bindparam("at"))
)
TOP = (
    sa.select(people.c.name, attempts.c.score, attempts.c.finished - attempts.c.started)
    .join(people, people.c.id == attempts.c.person_id)
    .where(attempts.c.score.is_not(None))
    .order_by(attempts.c.score.desc(), attempts.c.finished)
    .limit(50)
)
PLACE = sa.select(sa.func.count()).select_from(attempts).where(attempts.c.score > sa.bindparam("score"))

hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)

_UP_TO = "WITH RECURSIVE up_to(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up_to WHERE n < :most) INSERT INTO "
FILL = (
    (_UP_TO + "people (id, name, password) SELECT n, 'u' || n, :password FROM up_to", "people"),
    (
        _UP_TO + "attempts (id, person_id, paper, started, ends, finished, score) "
        "SELECT n, n, '[]', 0, 0, 60 + n * 7919 % 3541, (n * 31 % 7 + n * 17 % 8 + n * 13 % 8) FROM up_to",
        "results",
    ),
)


def fill(persons: int, results: int) -> None:
    """Make the tables anew: people with one password, the first of them with a result, and 100 questions."""
    rng = random.Random(1)
    text = "which is right? " + "Lorem ipsum dolor sit amet. " * 6
    asked = [{"id": n, "text": f"Question {n}: {text}", "right_choice": rng.randrange(4)} for n in range(1, 101)]
    counts = {"people": persons, "results": results}
    tables.drop_all(engine)
    tables.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(questions), asked)
        for statement, of in FILL:
            if counts[of]:
                values = {"most": counts[of]} | ({"password": hasher.hash(PASSWORD)} if of == "people" else {})
                connection.execute(sa.text(statement), values)
        if not IS_SQLITE:
            after = f"SELECT setval(pg_get_serial_sequence('attempts', 'id'), {max(1, results)})"
            connection.execute(sa.text(after))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))
