"""The demonstration: one for a seed and a day, its results recounted from raw rows, its people like people."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from statistics import fmean, median, mode, pstdev
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import clock as clock_module
from contest.db import Base, db
from contest.errors import Conflict
from contest.rules.permissions import SYSTEM
from contest.rules.refusals import Refusal
from contest.rules.terms import Role
from contest.services import exchange, seals
from contest.services.banks import exchange as bank_exchange
from contest.services.demo import loading
from contest.services.members import entry
from contest.services.members import people as service
from contest.services.results import proof, recount, settlement, unit_boards, unit_scopes, versions
from tests import people, servers
from tests.conftest import Clock, _forget, forget_kept
from tests.services.raw import instant, plain, read
from tests.tables import snapshot

MEMBERS, ATTEMPTS, SEED = 500, 400, 7
MORNING, EVENING = (datetime(2026, 5, 20, hour, 20, tzinfo=UTC) for hour in (0, 15))  # 07:20 and 22:20 in Hà Nội
WEEK = timedelta(days=7)


def load(members: int = MEMBERS, attempts: int = ATTEMPTS, seed: int = SEED, bench: bool = False) -> loading.Loaded:
    forget_kept()  # of another database, whose versions have the same numbers
    return loading.load(members=members, attempts=attempts, seed=seed, password=people.PASSWORD, bench=bench)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, settings_for: Callable[..., Any]
) -> Iterator[Flask]:
    """Load the demonstration once for all tests that only look at it."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("demo") / "contest.db"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        url = f"sqlite:///{path}"
    else:
        cluster: servers.Postgres = request.getfixturevalue("postgres")
        url = cluster.url(cluster.create(template=request.getfixturevalue("postgres_template")))
    app = loading_app(settings_for(url))
    with app.app_context():
        clock_module.set_source(Clock(EVENING))
        load()
        clock_module.set_source(None)
    yield app
    _forget(app)


def loading_app(settings: Any) -> Flask:
    from contest import create_app

    return create_app(settings)


@pytest.fixture
def inside(demo: Flask, clock: Clock) -> Iterator[Flask]:
    clock.set(EVENING)
    with demo.app_context():
        yield demo


# The same


def everything(*, timeless: bool = False) -> dict[str, list[str]]:
    """Return all rows but what is a secret of one loading, codes of rounds and salts of passwords, and what is sealed later."""
    leave = {"members": {"password_hash"}, "rounds": {"code"}, "attempts": {"is_sealed"}}
    out = {}
    for name, table in ((n, t) for n, t in Base.metadata.tables.items() if n != "editions"):
        if name in {"submission_seals", "sealed_submissions"}:
            continue
        columns = [c for c in table.c if c.name not in leave.get(name, set())]
        if timeless:
            columns = [c for c in columns if c.name not in LOADED_AT]
        out[name] = sorted(map(repr, db.session.execute(sa.select(*columns))))
    return out


LOADED_AT = {
    "at", "created_at", "changed_at", "approved_at", "published_at", "settled_at", "shown_at", "graded_at", "valid_from",
    "given_at",
}  # fmt: skip


def test_both_databases_hold_the_same(inside: Flask, make_app: Callable[..., Flask], sqlite_url: str) -> None:
    other = make_app(sqlite_url)
    with other.app_context():
        load()
        again = everything()
    assert everything() == again


def test_day_and_seed_decide(inside: Flask, make_app: Callable[..., Flask], sqlite_url: str, clock: Clock) -> None:
    with make_app(sqlite_url).app_context():
        clock.set(MORNING)
        load()
        morning = everything(timeless=True)
    assert everything(timeless=True) == morning


def test_another_seed_gives_another_crowd(make_app: Callable[..., Flask], sqlite_url: str, inside: Flask) -> None:
    with make_app(sqlite_url).app_context():
        load(seed=SEED + 1)
        other = everything()
    same = {name for name, rows in everything().items() if rows == other[name]}
    assert not same & {"members", "attempts", "responses", "results", "standings", "settlements"}
    assert {"units", "topics", "contest_units", "blueprint_lines", "role_grants"} <= same


# Recounted


def test_every_round_equals_its_recount(inside: Flask) -> None:
    proofs = proof.verify(loading.SLUG, None, by=SYSTEM)
    assert [(p.version, p.attempts, p.differences) for p in proofs] == [
        (1, ATTEMPTS, ()), (None, ATTEMPTS // 2, ()), (None, 0, ()), (None, proofs[0].people, ()),
    ]  # fmt: skip
    assert (versions.shown(1) or pytest.fail("not settled")).target > 3  # type: ignore[operator]


@pytest.mark.parametrize("number", [1, 2])
def test_participants_of_each_unit_equal_their_recount(inside: Flask, number: int) -> None:
    code = read("SELECT code FROM rounds WHERE number = :n", n=number)[0][0]
    shown = unit_boards.board(unit_scopes.of_round(code), actor=None, cache=inside.extensions["cache"])
    assert len(shown.rows) == 61
    parents = {r[0]: r[1] for r in read("SELECT id, parent_id FROM units")}
    codes = {r[0]: r[1] for r in read("SELECT id, code FROM units")}
    own = recount.by_person(recount.sittings(number))
    under = recount.under_units(recount.people(people.round_row(code), own, settled_at=None), parents)
    counted = {codes[unit]: len(scores) for unit, scores in under.items()}
    assert {row.code: row.participants for row in shown.rows} == {
        row.code: counted.get(row.code, 0) for row in shown.rows
    }
    with_ratio = [(row.participants / row.headcount, row.place) for row in shown.rows if row.headcount]
    assert [place for _, place in with_ratio] == [
        1 + sum(other > ratio for other, _ in with_ratio) for ratio, _ in with_ratio
    ]
    inside.extensions["cache"].clear()


def test_settling_again_changes_nothing(inside: Flask) -> None:
    before = everything()
    assert settlement.settle(1).version == 1
    assert everything() == before


# Like people


def test_every_submission_is_as_it_was_sealed(inside: Flask, clock: Clock) -> None:
    while seals.seal(clock.at):
        pass
    assert seals.verify() == ()


def test_scores_lean_to_the_right_answers(inside: Flask) -> None:
    scores = [s.correct for s in list(recount.sittings(1))]
    assert mode(scores) > fmean(scores)
    assert median(scores) > fmean(scores)  # a tail of those who know little
    assert 10 < fmean(scores) < 18
    assert 2 < pstdev(scores) < 6.06  # of a uniform one: √((21² − 1) / 12)
    assert len(set(scores)) > 10
    assert max(scores) == 20
    assert min(scores) < 8


def test_harder_questions_are_missed_more(inside: Flask) -> None:
    level = {r[0]: r[1] for r in read("SELECT approved_id, difficulty FROM questions")}
    tried: Counter[str] = Counter()
    right: Counter[str] = Counter()
    weights = {v: plain(w) for v, w in read("SELECT version_id, weights FROM answer_keys")}
    papers = {a: plain(p) for a, p in read("SELECT id, paper FROM attempts WHERE round_id = 1")}
    query = "SELECT attempt_id, position, value FROM responses WHERE position > 0 ORDER BY revision"
    last = {(a, p): plain(v) for a, p, v in read(query) if a in papers}
    for (attempt, position), given in last.items():
        version = papers[attempt][position - 1][0]
        chosen = set(given) if isinstance(given, list) else {given}
        tried[level[version]] += 1
        right[level[version]] += chosen == {o for o, w in weights[version].items() if float(w) > 0}
    share = [right[d] / tried[d] for d in ("recall", "understanding", "application", "high_application")]
    assert share == sorted(share, reverse=True)
    assert share[0] - share[-1] > 0.2


def test_second_attempts_are_some_and_better(inside: Flask) -> None:
    sittings = list(recount.sittings(1))
    first = {s.member_id: s.correct for s in sittings if s.number == 1}
    second = {s.member_id: s.correct for s in sittings if s.number == 2}
    assert 0.25 < len(second) / len(first) < 0.5
    assert {s.number for s in sittings} == {1, 2}
    assert fmean(second.values()) > fmean(first[m] for m in second)


def test_people_take_their_time_at_hours_when_people_have_time(inside: Flask) -> None:
    rounds = {r[0]: (instant(r[1]), instant(r[2])) for r in read("SELECT id, opens_at, closes_at FROM rounds")}
    found = read("SELECT round_id, member_id, started_at, finished_at, ends_at FROM attempts ORDER BY started_at")
    hours: Counter[int] = Counter()
    free: dict[tuple[int, int], datetime] = {}
    for round_id, member, started, finished, ends in found:
        opens, closes = rounds[round_id]
        begun, done = instant(started), instant(finished)
        assert opens <= begun < done <= instant(ends) <= min(begun + timedelta(minutes=20), closes)
        assert free.get((round_id, member), opens) <= begun  # one paper at a time
        assert done <= EVENING
        free[round_id, member] = done
        hours[(begun.hour + 7) % 24] += 1
    assert sum(hours[h] for h in range(1, 5)) < 0.02 * sum(hours.values())
    assert hours[12] > hours[8] > hours[6]
    seconds = [s.seconds for s in list(recount.sittings(1))]
    assert median(seconds) < fmean(seconds)  # a few take very long
    assert len(set(seconds)) > ATTEMPTS / 3


def test_saves_lie_inside_their_attempt_and_some_think_again(inside: Flask) -> None:
    outside = read(
        "SELECT count(*) FROM responses r JOIN attempts a ON a.id = r.attempt_id "
        "WHERE r.saved_at < a.started_at OR r.saved_at > a.ends_at OR r.saved_at > a.finished_at"
    )
    assert outside[0][0] == 0
    revised, saved = (read(f"SELECT count(*) FROM responses WHERE revision {r}")[0][0] for r in ("= 2", "= 1"))
    assert 0.02 < revised / saved < 0.12


def test_predictions_are_guesses(inside: Flask) -> None:
    sittings = list(recount.sittings(1))
    target = read("SELECT target FROM settlements")[0][0]
    guesses = [s.prediction for s in sittings if s.prediction is not None]
    assert 0.9 < len(guesses) / len(sittings) < 1
    assert len(set(guesses)) > 15
    assert sum(g == target for g in guesses) < len(guesses) / 10
    assert sum(g % 10 == 0 for g in guesses) > len(guesses) / 4  # many like round figures


# The bank, the accounts, the units


def test_every_question_has_a_source_and_an_explanation(inside: Flask) -> None:
    found = bank_exchange.drafts(loading.BANK, by=SYSTEM)
    assert len(found) >= 120
    assert [d.code for d in found if not d.source.strip() or not d.explanation.strip()] == []
    assert read("SELECT count(*) FROM questions WHERE approved_id IS NULL OR approved_id <> current_id") == [(0,)]
    assert len({d.code for d in found}) == len({d.text for d in found}) == len(found)
    reading = exchange.read_questions((loading.people.FOLDER / "bank.xlsx").read_bytes())
    assert exchange.bank_exchange.plan(1, reading).new == ()
    needed = dict(loading.QUOTAS)
    held = Counter(d.difficulty for d in found)
    assert all(held[level] >= 2 * count for level, count in needed.items())  # papers differ


def test_one_account_for_each_role(inside: Flask) -> None:
    grants = read("SELECT m.code, g.role, u.code, g.contest_id, g.bank_id FROM role_grants g JOIN members m ON "
                  "m.id = g.member_id LEFT JOIN units u ON u.id = g.unit_id ORDER BY m.code")  # fmt: skip
    assert [tuple(g) for g in grants] == [
        ("bantochuc", "organiser", None, None, None),
        ("donvi", "organiser", "CDVC-QNI", None, None),
        ("duyetcauhoi", "reviewer", None, None, None),
        ("giamkhao", "judge", None, None, None),
        ("kiemtra", "auditor", None, None, None),
        ("quantri", "administrator", None, None, None),
        ("soancauhoi", "author", None, None, None),
    ]
    assert {g[1] for g in grants} == set(Role) - {Role.MEMBER}
    for code in ("m000001", *(g[0] for g in grants)):
        assert entry.sign_in(code, people.PASSWORD, address="127.0.0.1").member_id == service.get_actor(code).member_id


def test_sixty_one_affiliated_units_take_part(inside: Flask) -> None:
    query = "SELECT u.code FROM units u JOIN units r ON r.id = u.parent_id WHERE r.parent_id IS NULL ORDER BY u.code"
    affiliated = [r[0] for r in read(query)]
    assert len(affiliated) == 61
    taking_part = read("SELECT u.code FROM contest_units c JOIN units u ON u.id = c.unit_id ORDER BY u.code")
    assert [r[0] for r in taking_part] == affiliated
    assert read("SELECT count(*) FROM members WHERE code LIKE 'm0%'") == [(MEMBERS,)]


# Loading again


@pytest.fixture
def small(app: Flask, database: str, clock: Clock) -> Flask:
    clock.set(EVENING)
    with app.app_context():
        assert load(40, 30).is_new
    return app


def test_loaded_already_nothing_changes(small: Flask, clock: Clock) -> None:
    before = snapshot(small)
    clock.advance(days=1)
    with small.app_context():
        again = load(40, 30, SEED + 1)
    assert (again.is_new, again.password) == (False, None)
    assert snapshot(small) == before


def test_other_organisation_is_left_alone(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    before = snapshot(context)
    with pytest.raises(Conflict) as refused:
        load(40, 30)
    assert refused.value.refusals == (Refusal("demo-not-empty"),)
    assert snapshot(context) == before


def sit(small: Flask, round_code: str) -> list[str]:
    """Take the current round three times and return the receipts' pages."""
    client = small.test_client()
    with small.app_context():
        people.enter(client, service.get_actor("m000001"))
    token, receipts = people.csrf(client), []
    for _ in range(3):
        url = client.post(f"/rounds/{round_code}/attempts", data={"csrf_token": token}).headers["location"]
        answer = client.get(url)
        page = answer.text
        assert answer.status_code == 200, (url, answer.status, re.findall(r"<h1.*?</h1>", page, re.S))
        assert len(re.findall(r'<fieldset[^>]*data-position="\d+"', page)) == 20
        assert 'name="prediction"' in page
        client.post(f"{url}/submission", data={"csrf_token": token})
        receipts.append(client.get(f"{url}/receipt").text)
    return receipts


@pytest.mark.parametrize("days", [0, 5])
def test_bench_opens_the_current_round_for_a_week(small: Flask, clock: Clock, days: int) -> None:
    clock.advance(days=days)
    with small.app_context():
        if days:
            assert settlement.due(clock.at) == [2]
            settlement.settle(2)  # as the worker has done meanwhile
        clock.advance(hours=1)
        before = snapshot(small, without=frozenset({"rounds", "contests"}))
        assert load(40, 30, bench=True).is_new is False
    assert snapshot(small, without=frozenset({"rounds", "contests"})) == before
    with small.app_context():
        row = people.round_row(read("SELECT code FROM rounds WHERE number = 2")[0][0])
        assert (row.closes_at - clock.at, row.opens_at < clock.at, row.attempts_allowed) == (WEEK, True, None)
    receipts = sit(small, row.code)
    assert [re.findall(r'<data class="score" value="(\d+)"', page) for page in receipts] == [["0"]] * 3
    board = small.test_client().get(f"/rounds/{row.code}/standings", headers={"Accept": "application/json"}).json
    assert board is not None
    assert datetime.fromisoformat(board["as_of"]) == clock.at
    with small.app_context():
        code = read("SELECT count(*) FROM attempts WHERE round_id = 2 AND member_id = :m",
                    m=service.get_actor("m000001").member_id)[0][0]  # fmt: skip
        assert code >= 3


def test_production_refuses_the_demonstration(make_app: Callable[..., Flask], database: str) -> None:
    secret = "f3Yk-9qLx_Zt7wVb2nRs8mHc4pDg6jAe"
    app = make_app(database, APP_ENV="production", SECRET_KEY=secret, BASE_URL="https://hoithi.example")
    before = snapshot(app)
    for arguments in (["demo", "load"], ["demo", "load", "--bench", "--json"]):
        done = app.test_cli_runner().invoke(args=arguments)
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr == "Lệnh này chỉ dùng khi phát triển, không dùng trên máy chủ thật.\n"
    assert snapshot(app) == before
