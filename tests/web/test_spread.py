"""Whoever takes part is served from one partition: each statement about their attempt says whose it is.

On PostgreSQL the plans of all statements of a journey are looked at; on both databases, their texts.
"""

import random
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import PARTITIONS, SPREAD, db, is_partition, transaction
from contest.db.spreading import partition_of
from contest.models.attempts import Attempt, Response
from contest.services.attempts import closing
from contest.services.results import settlement
from tests import people
from tests.conftest import Clock, forget_kept
from tests.counting import Asked, recorded
from tests.web.test_attempts import Taker, round_code  # noqa: F401

# What is asked of everybody: how many attempts are on a board, kept for seconds, and for the worker, whose time is over.
OF_EVERYBODY = (
    "SELECT CASE WHEN (EXISTS (SELECT * \nFROM voids \nWHERE voids.round_id = ",
    "SELECT attempts.id, attempts.member_id \nFROM attempts \nWHERE attempts.state = ",
)
_TABLE = rf"\s+({'|'.join(SPREAD)})(?:_\d\d)?\b"
_READ = re.compile(rf"\b(?:FROM|JOIN|UPDATE){_TABLE}(?:\s+AS\s+(\w+))?")
_PUT = re.compile(rf"\bINTO{_TABLE}\s+\(([^)]*)\)")
_NAMED = re.compile(rf"{_READ.pattern}|{_PUT.pattern}")


def unsaid(sql: str) -> list[str]:
    """Name the tables of a statement, as it calls them, that it does not say the member of: as often as it does not."""
    plain = re.sub(rf"\b({'|'.join(SPREAD)})_\d\d\b", r"\1", sql)
    found = [table for table, columns in _PUT.findall(plain) if "member_id" not in columns]
    named = [other or table for table, other in _READ.findall(plain)]
    for name in sorted(set(named)):
        said_of = len(re.findall(rf"\b{name}\.member_id = |= {name}\.member_id\b", plain))
        found += [name] * max(0, named.count(name) - said_of)
    return found


def relations(plan: Any) -> Iterator[str]:
    """Yield the tables of a plan, and where rows go that are inserted into all partitions as it seems, nothing."""
    goes_on_by_key = plan.get("Node Type") == "ModifyTable" and plan.get("Operation") == "Insert"
    if "Relation Name" in plan and not (goes_on_by_key and plan["Relation Name"] in SPREAD):
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from relations(part)


def touched(url: str, asked: Asked) -> set[str]:
    """Return the partitions that a statement's plan would look into, as PostgreSQL says."""
    sql, values = asked
    with psycopg.connect(url.replace("+psycopg", ""), cursor_factory=psycopg.ClientCursor) as connection:
        one = values[0] if isinstance(values, list) else values
        ((plan,),) = connection.execute(f"EXPLAIN (FORMAT JSON) {sql}", one).fetchall()
        found = plan[0] if isinstance(plan, list) else plan
        return {name for name in relations(found["Plan"]) if is_partition(name)}


def wide(database: str, found: list[Asked], member: int) -> list[str]:
    """Return the statements over attempts or responses that do not keep to the member's partition, or do not say so."""
    out = []
    for sql, values in found:
        if _NAMED.search(sql) is None or sql.startswith(OF_EVERYBODY):
            continue
        own = {f"{table}_{partition_of(member):02d}" for table in SPREAD}
        if unsaid(sql) or (database.startswith("postgresql") and not touched(database, (sql, values)) <= own):
            out.append(sql)
    return out


def journey(app: Flask, taker: Taker, clock: Clock, *, walks: bool) -> None:
    """Take part as somebody does in a paper that one is led through, and in everything that can be asked around it."""
    options: dict[str, str] = {"Accept": "application/json"}
    read = ["/contests/cuoc-thi", "/", f"/rounds/{taker.round}"]
    assert {taker.client.get(path).status_code for path in read} <= {200}
    assert taker.start().status_code == 303
    values = taker.paper()
    assert taker.save(1, values[0][0]).status_code == 200
    forget_kept()  # another process knows nothing of the paper
    assert taker.save(1, values[0][1], 2).status_code == 200
    assert taker.save(1, values[0][0], 1).status_code == 200  # late, and explained
    assert taker.client.get(f"{taker.url}/responses", headers=options).status_code == 200
    assert taker.client.get(f"{taker.url}/news", headers=options).status_code == 200
    form = {"csrf_token": taker.token, "step": "0", "revision-1": "2", "response-1": values[0][2]}
    assert taker.client.post(f"{taker.url}/{'step' if walks else 'responses'}", data=form).status_code == 303
    assert taker.client.get(f"{taker.url}/submission").status_code == 200
    assert taker.submit().status_code == 303
    assert taker.save(1, values[0][0], 5).status_code == 409
    assert look(taker, "receipt", "saves") == {200}
    taker.start()
    assert taker.submit(**{"revision-1": "0", "response-1": taker.paper()[0][0]}).status_code == 303
    taker.start()
    clock.advance(minutes=21)
    with app.app_context():
        closing.close_due()


def look(taker: Taker, *paths: str) -> set[int]:
    """Look at one's closed attempt, at the board and at why one stands there, and return how that was answered."""
    addresses = [
        *(f"{taker.url}/{path}" for path in paths),
        *(f"/rounds/{taker.round}/standings{p}" for p in ("", "/why")),
    ]
    return {taker.client.get(address).status_code for address in addresses}


@pytest.mark.parametrize("navigation", ["free", "sequential"])
def test_every_statement_of_a_journey_keeps_to_the_members_partition(
    app: Flask, database: str, clock: Clock, navigation: str
) -> None:
    with app.app_context():
        people.organisation()
        (code,) = people.contest(rounds=[{"attempts_allowed": None, "navigation": navigation}])
        other = people.member("p0")
        closing.submit(people.attempt(code, other), {}, by=other, arrived=clock.at)
    taker = Taker(app, "m1", code)
    with app.app_context():
        member = people.actor("m1").member_id or 0
        people.name_publicly(people.contest_id(), people.actor("m1"))
    with recorded(app) as found:
        journey(app, taker, clock, walks=navigation == "sequential")
    with app.app_context():
        clock.advance(hours=3)
        settlement.settle(people.round_row(code).id)
    with recorded(app) as afterwards:
        assert look(taker, "receipt", "saves", "review") == {200}
    found += afterwards
    about = [sql for sql, _ in found if _NAMED.search(sql)]
    verbs = {sql.split()[0] for sql in about}
    assert (len(about) > 25, verbs - {"WITH"}) == (True, {"SELECT", "INSERT", "UPDATE"})
    assert ("WITH" in verbs) is ("postgres" in database)  # where a start leaves its entry by the same statement
    assert wide(database, found, member) == []


WIDE = {
    "responses of an attempt": sa.select(Response.value).where(Response.attempt_id == 1),
    "responses of a member's attempts": sa.select(Response.value)
    .join(Attempt, Attempt.id == Response.attempt_id)
    .where(Attempt.member_id == 1),
    "an attempt by its code": sa.select(Attempt.id).where(Attempt.code == "x"),
    "an attempt whose responses alone say it": sa.select(Attempt.id).where(
        Attempt.id.in_(sa.select(Response.attempt_id).where(Response.member_id == 1))
    ),
    "an attempt that is closed": sa.update(Attempt).values(state="x").where(Attempt.id == 1),
}


@pytest.mark.parametrize("name", WIDE)
def test_statement_that_does_not_say_the_member_is_found(app: Flask, database: str, name: str) -> None:
    with recorded(app) as found, app.app_context(), transaction():
        db.session.execute(WIDE[name])
    found = [asked for asked in found if _NAMED.search(asked[0])]
    assert len(found) == 1
    assert wide(database, found, 1) == [found[0][0]]
    assert unsaid(found[0][0]) != []
    if database.startswith("postgresql"):
        assert len(touched(database, found[0])) >= PARTITIONS


@pytest.mark.postgres
def test_partition_is_the_one_that_postgresql_chooses(app: Flask, postgres_url: str) -> None:
    members = [*range(1, 2000), *(random.Random(7).randrange(2**31) for _ in range(2000)), 2**31 - 1]
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        chosen = "SELECT m FROM unnest(%s::int[], %s::int[]) t (m, n) WHERE NOT satisfies_hash_partition(%s::regclass, %s, n, m)"
        for table in SPREAD:
            values = (members, [partition_of(m) for m in members], table, PARTITIONS)
            assert connection.execute(chosen, values).fetchall() == []
