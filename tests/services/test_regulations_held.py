"""The ready regulations, held: attempts, targets, places, prizes, units, overall standings and finals come out as written."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.config import ROOT
from contest.db import db, transaction
from contest.errors import Forbidden
from contest.formats.drafts import Reading, UnitDraft
from contest.models.attempts import Attempt
from contest.models.contests import Contest, Round
from contest.models.keys import AnswerKey
from contest.models.members import Member
from contest.models.organisation import HeadcountDeclaration
from contest.models.overall import OverallStanding
from contest.models.results import Standing
from contest.rules.entry_terms import EntrantMark
from contest.rules.papers import read_paper
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.result_terms import AwardState, Verification
from contest.rules.units import Turnout, measure
from contest.services.attempts import closing, starting
from contest.services.awards import lists, verification, winners
from contest.services.contests import blueprint_lines, comparison, consents, publishing, rounds, setup
from contest.services.members import lists as member_lists
from contest.services.regulations import loading
from contest.services.results import advancement, overall, settlement, unit_boards, versions
from tests import people
from tests.conftest import Clock

FOLDER = ROOT / "docs" / "regulations"
MEMBERS = {"A": 10, "B": 4, "C": 3, "D": 30, "E": 1, "F": 2}
# Who takes a first round, in which unit, and each attempt as (wrong answers, guess, seconds); a second one is a day later.
Tries = Sequence[tuple[int, int | None, int]]
CAST: dict[str, tuple[str, Tries]] = {
    "a1": ("A1", [(1, 3, 300), (0, 12, 500)]),  # the second is the better
    "a2": ("A1", [(0, 4, 600), (2, 3, 100)]),  # the first is
    "b1": ("B1", [(0, 6, 400)]),
    "b2": ("B1", [(1, 3, 250)]),
    "a4": ("A1", [(2, None, 350)]),
    "c1": ("C", [(6, None, 150)]),
    "a3": ("A1", [(7, None, 200)]),
}
NO_PRIZE = ("a1", "a3", "a4")
BORN = {"a3": date(2006, 1, 1), "b2": date(2001, 1, 1), "c1": date(1950, 1, 1), "b1": date(1980, 1, 1)}
# Three people have everything right: by closeness to their number, by closeness to that of all seven, and by time alone.
ALL_CORRECT, PARTICIPANTS, NONE = (3, "a2 b1 a1"), (7, "b1 a2 a1"), (None, "b1 a1 a2")
HELD = {
    "bac-giang-2021": NONE,
    "bo-tu-phap-2021": ALL_CORRECT,
    "btgtw-2019": ALL_CORRECT,
    "cdvcvn-2021": ALL_CORRECT,
    "dak-lak-2022": NONE,
    "dak-lak-2025": PARTICIPANTS,
    "giai-ca-nhan": NONE,
    "phu-yen-2021": (3, NONE[1]),
    "quang-nam-2022": PARTICIPANTS,
    "tap-the-diem-giai": NONE,
    "tap-the-dieu-kien": NONE,
    "tap-the-hon-hop": NONE,
    "tap-the-so-giai": NONE,
    "tap-the-tu-diem": NONE,
    "tap-the-ty-le": NONE,
    "tld-2020": ALL_CORRECT,
    "tld-2023": NONE,
    "tld-2024": NONE,
    "tphcm-2023": NONE,
    "tphcm-2025": ALL_CORRECT,
    "vinh-phuc-2021": NONE,
}
# Which unit stands first and with what, where it is not the one with most people; everybody had to come from b9 on.
UNITS = {
    "tap-the-diem-giai": ("B", Fraction(50 + 10 + 8)),
    "tap-the-dieu-kien": ("A", Fraction(4, 10)),
    "tap-the-so-giai": ("B", Fraction(2)),
    "tap-the-tu-diem": ("A", Fraction(3)),
    "tap-the-ty-le": ("B", Fraction(2, 4)),
}
LADDER = ["Giải Nhất b1", "Giải Nhì a2", "Giải Nhì b2", "Giải Ba c1"]
PRIZES = {
    "giai-ca-nhan": [
        *LADDER[:3],  # half of seven people
        "Người dự thi cao tuổi nhất c1",
        "Người dự thi trẻ tuổi nhất b2",
        "Đơn vị lan tỏa A",
    ],
    "tap-the-diem-giai": LADDER,
    "tap-the-dieu-kien": LADDER,
    "tap-the-so-giai": LADDER,
}


@pytest.fixture
def house(context: Flask, database: str, clock: Clock) -> None:
    clock.set(datetime(2019, 1, 1, tzinfo=UTC))
    people.organisation()
    drafts = tuple(UnitDraft(code, f"Công đoàn {code}", parent="GOC", headcount=1) for code in "CDEF")
    member_lists.apply(member_lists.plan(Reading(drafts, ()), Reading((), ()), by=SYSTEM), by=SYSTEM)
    people.long_ago(clock.at - timedelta(days=100))
    with transaction():
        for code, figure in MEMBERS.items():
            mine = HeadcountDeclaration.unit_id == people.unit_id(code)
            db.session.execute(sa.update(HeadcountDeclaration).where(mine).values(figure=figure))
    people.bank("ngan-hang", [people.question(n) for n in range(1, 37)])


def opened(name: str) -> list[Round]:
    """Set a contest up from its file, publish it, and return its rounds."""
    loading.load(loading.read((FOLDER / f"{name}.toml").read_bytes()), bank="ngan-hang", organiser="GOC", by=SYSTEM)
    consents.write(name, people.CONSENT, seen=0, by=SYSTEM)
    publishing.publish(name, seen=contest(name).version, by=SYSTEM)
    return rounds.list_rounds(people.contest_id(name))


def contest(name: str) -> Contest:
    return setup.get_contest(name, by=SYSTEM)


def take(row: Round, who: Actor, clock: Clock, wrong: int, guess: int | None, seconds: int) -> None:
    """Hand in a paper with so many wrong answers, as a plain form carries it."""
    code = starting.start(row.code, by=who)
    paper = read_paper(db.session.scalars(sa.select(Attempt.paper).where(Attempt.code == code)).one())
    asked = [item.version_id for item in paper]
    weighed = sa.select(AnswerKey.version_id, AnswerKey.weights).where(AnswerKey.version_id.in_(asked))
    keys = dict(db.session.execute(weighed).all())
    form = {"prediction": [str(guess)], "revision-prediction": ["0"]} if guess is not None else {}
    for position, item in enumerate(paper, 1):
        fits = [o for o in item.options if (Decimal(keys[item.version_id][o]) > 0) == (position > wrong)]
        form |= {f"response-{position}": [fits[0]], f"revision-{position}": ["0"]}
    clock.advance(seconds=seconds)
    closing.submit(code, form, by=who, arrived=clock.at)


def take_all(row: Round, cast: dict[str, tuple[str, Tries]], clock: Clock) -> None:
    """Let everybody take a round, second attempts on its second day, and settle it."""
    for day in (0, 1):
        for code, (unit, tries) in cast.items():
            if day < len(tries):
                known = db.session.scalar(sa.select(Member.id).where(Member.code == code))
                who = people.actor(code) if known else people.member(code, unit, birth_date=BORN.get(code))
                clock.at = max(clock.at, row.opens_at + timedelta(days=day))
                take(row, who, clock, *tries[day])
    clock.at = row.closes_at + timedelta(minutes=30)
    settlement.settle(row.id)
    overall.compute_due()


def places(table: type[Standing] | type[OverallStanding], *where: sa.ColumnElement[bool]) -> list[str]:
    query = sa.select(Member.code).join(table, table.member_id == Member.id).where(*where)
    return list(db.session.scalars(query.order_by(table.place, table.member_id)))


def won(name: str) -> list[str]:
    """Return who would have which prize, list by list."""
    found = [winners.outcome(*lists.get_list(name, x.id, by=SYSTEM)) for x in lists.list_lists(contest(name))]
    assert all(o.tie is None for o in found)
    return [f"{w.prize} {w.subject.code}" for o in found for w in o.winners]


def recognise(name: str) -> None:
    for found in lists.list_lists(contest(name)):
        verification.proceed(name, found.id, to=AwardState.VERIFICATION, by=SYSTEM)
        for w in winners.outcome(*lists.get_list(name, found.id, by=SYSTEM)).winners:
            verification.judge(name, found.id, w.subject.id, Verification.VERIFIED, "", by=SYSTEM)
        verification.proceed(name, found.id, to=AwardState.OFFICIAL, by=SYSTEM)


def test_every_file_is_held() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(HELD)


@pytest.mark.parametrize("name", sorted(HELD))
def test_a_round_comes_out_as_written(house: None, clock: Clock, name: str) -> None:
    target, first = HELD[name]
    row = opened(name)[0]
    for code in NO_PRIZE:
        people.mark(name, people.member(code, CAST[code][0], birth_date=BORN.get(code)), EntrantMark.NO_PRIZE)
    people.mark(name, people.member("b9", "B1"), EntrantMark.MANDATORY)
    take_all(row, CAST, clock)
    shown = versions.shown(row.id)
    assert shown is not None
    assert shown.target == target
    assert places(Standing, Standing.round_id == row.id) == [*first.split(), "b2", "a4", "c1", "a3"]
    questions = sum(line.count for line in blueprint_lines.list_lines(row.id))
    used = sa.select(Member.code, Standing.correct, Standing.attempts_used).join(
        Member, Member.id == Standing.member_id
    )
    best = {r[0]: r[1:] for r in db.session.execute(used.where(Member.code.in_(["a1", "a2"])))}
    assert best == {"a1": (questions, 2), "a2": (questions, 2)}  # the best counts, be it the first or the last
    if name in PRIZES:
        assert won(name) == PRIZES[name]
    if name in UNITS:
        recognise(name)
    board = unit_boards.compare(contest(name), row, setup.formula_of(contest(name)))
    assert (board[0].turnout.unit, board[0].measure) == UNITS.get(name, ("A", Fraction(4)))


def test_a_whole_paper_is_three_hundred_points(house: None, clock: Clock) -> None:
    row = opened("quang-nam-2022")[0]
    assert row.possible == 300
    take_all(row, CAST, clock)
    points = sa.select(Member.code, Standing.points).join(Standing, Standing.member_id == Member.id)
    held = dict(db.session.execute(points.where(Standing.round_id == row.id)).all())
    assert held == {"a1": 300, "a2": 300, "b1": 300, "b2": 285, "a4": 270, "c1": 210, "a3": 195}


def test_percent_and_prizes_are_the_example_of_the_regulations() -> None:
    found = loading.read((FOLDER / "tap-the-diem-giai.toml").read_bytes())
    assert measure(Turnout("A", 7, 10, winners={"Giải nhất": 1, "Giải ba": 1}), found.units.formula) == 86


def test_mixed_slots_go_to_the_best_of_those_who_are_left(house: None, clock: Clock) -> None:
    row = opened("tap-the-hon-hop")[0]
    more = {f"{unit.lower()}{n}": (unit, [(0, None, 60 + n)]) for unit, n in zip("DDDEF", (1, 2, 3, 1, 1), strict=True)}
    take_all(row, {**CAST, **more}, clock)
    # By number: A 4, D 3, B 2. By ratio: E 1 of 1, F 1 of 2 as B 2 of 4, C 1 of 3.
    assert won("tap-the-hon-hop") == ["Giải Nhất A", "Giải Nhì D", "Giải Nhì E", "Giải Ba B", "Giải Ba F"]


def weekly(count: int, *, more: bool = False) -> list[dict[str, tuple[str, Tries]]]:
    """Return who takes each of several rounds: x1 and x2 every one, the others one alone."""
    found: list[dict[str, tuple[str, Tries]]] = [
        {"x1": ("A1", [(1, 1, 300)]), "x2": ("A1", [(2, 1, 100)])} for _ in range(count)
    ]
    found[0]["y1"] = ("B1", [(0, 1, 100)])
    found[1]["y2"] = ("B1", [(1, 1, 200)])
    found[-1]["y3"] = ("B1", [(1, 1, 250)])
    if more:
        found[-1] |= {f"z{n}": ("A1", [(3 + n, None, 100)]) for n in range(1, 10)}
    return found


@pytest.mark.parametrize(
    ("name", "count", "prizes"),
    [
        ("phu-yen-2021", 7, []),
        ("tphcm-2023", 4, ["Giải đơn vị B"]),
        ("tphcm-2025", 2, ["Đơn vị có nhiều người dự thi nhất B", "Đơn vị có nhiều người dự thi nhất A"]),
    ],
)
def test_rounds_add_up_and_units_count_everybody_once(
    house: None, clock: Clock, name: str, count: int, prizes: list[str]
) -> None:
    own = opened(name)
    assert len(own) == count
    for row, cast in zip(own, weekly(count), strict=True):
        take_all(row, cast, clock)
    # The best single round is y1's; the sum of all is x1's. No round has more people of B than of A, all of them have.
    assert places(OverallStanding)[:3] == ["x1", "x2", "y1"]
    assert won(name) == prizes


def test_ten_advance_to_the_final(house: None, clock: Clock) -> None:
    own = opened("vinh-phuc-2021")
    for row, cast in zip(own[:3], weekly(3, more=True), strict=True):
        take_all(row, cast, clock)
    ranked = ["x1", "x2", "y1", "y2", "y3", *(f"z{n}" for n in range(1, 10))]
    assert places(OverallStanding) == ranked
    final = own[3]
    advancement.propose("vinh-phuc-2021", final.code, by=SYSTEM)
    advancement.confirm("vinh-phuc-2021", final.code, by=SYSTEM)
    clock.at = final.opens_at
    assert starting.start(final.code, by=people.actor("z5"))
    with pytest.raises(Forbidden, match="not-advanced"):
        starting.start(final.code, by=people.actor("z6"))


def test_units_are_ranked_within_four_divisions(house: None, clock: Clock) -> None:
    row = opened("tphcm-2025")[0]
    said = loading.read((FOLDER / "tphcm-2025.toml").read_bytes())
    names = said.empty_divisions
    assert len(names) == 4
    assert all(f"- {name}" in contest("tphcm-2025").regulations for name in names)
    chosen = dict(zip("ABCD", names, strict=True))
    comparison.choose_divisions("tphcm-2025", chosen, seen=contest("tphcm-2025").version, by=SYSTEM)
    take_all(row, CAST, clock)
    board = unit_boards.compare(contest("tphcm-2025"), row, setup.formula_of(contest("tphcm-2025")))
    placed = {p.turnout.division: (p.turnout.unit, p.place) for p in board if p.turnout.division}
    assert placed == {name: (unit, 1) for unit, name in chosen.items()}
