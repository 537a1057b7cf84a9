"""Lists of units and people: what a plan finds, what it would not touch, and what carrying it out leaves."""

import time
from contextlib import closing
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from pysqlite3 import dbapi2 as sqlite3

from contest.db import db, is_sqlite, rows, session
from contest.formats.drafts import MemberDraft, Place, Reading, UnitDraft
from contest.formats.tables import write_members
from contest.models.audit import AuditEntry
from contest.models.members import Member, SignInName
from contest.models.organisation import Unit, UnitAncestor
from contest.rules.permissions import SYSTEM, Actor
from contest.services import exchange, organisation
from contest.services.members import lists
from tests import people
from tests.conftest import Clock


@pytest.fixture
def house(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()


def person(code: str | None, name: str = "Trần Văn Hai", unit: str = "B1", row: int = 2, **contact: str) -> MemberDraft:
    where = Place(sheet="Đoàn viên", row=row)
    return MemberDraft(
        code, name, None, contact.get("phone"), contact.get("email"), contact.get("identity"), unit, where
    )


def plan(*drafts: MemberDraft | UnitDraft, by: Actor = SYSTEM) -> lists.Plan:
    units = tuple(d for d in drafts if isinstance(d, UnitDraft))
    members = tuple(d for d in drafts if isinstance(d, MemberDraft))
    return lists.plan(Reading(units, ()), Reading(members, ()), by=by)


def carry_out(*drafts: MemberDraft | UnitDraft, by: Actor = SYSTEM) -> dict[str, int]:
    found = plan(*drafts, by=by)
    lists.apply(found, by=by)
    return exchange.people_counts(found)


def said(found: lists.Plan) -> list[tuple[str, int | None]]:
    return [(p.refusal.slug, p.place.row) for p in found.problems]


def counted(**figures: int) -> dict[str, int]:
    names = ("new_units", "changed_units", "new_people", "changed_people", "unchanged", "errors")
    return {name: figures.get(name, 0) for name in names}


def parents() -> dict[str, str | None]:
    upper = sa.orm.aliased(Unit)
    found = db.session.execute(sa.select(Unit.code, upper.code).outerjoin(upper, upper.id == Unit.parent_id))
    return {row[0]: row[1] for row in found}


def test_second_import_of_the_same_list_changes_nothing(house: None) -> None:
    drafts = (UnitDraft("C", "Sở Cẩm", parent="GOC"), person("m1"), person("m2", unit="C", phone="0912345678"))
    assert carry_out(*drafts) == counted(new_units=1, new_people=2)
    before = [tuple(r) for r in db.session.execute(sa.select(Member.__table__).order_by(Member.id))]
    assert carry_out(*drafts) == counted(unchanged=3)
    assert [tuple(r) for r in db.session.execute(sa.select(Member.__table__).order_by(Member.id))] == before


def test_changed_rows_change_and_missing_values_stay(house: None) -> None:
    carry_out(person("m1", phone="0912345678", email="hai@don-vi.vn"))
    assert carry_out(person("M1", "Trần Văn Hải", "A1")) == counted(changed_people=1)
    row = db.session.execute(sa.select(Member.code, Member.full_name, Member.phone, Member.email)).one()
    assert tuple(row) == ("M1", "Trần Văn Hải", "+84912345678", "hai@don-vi.vn")


def test_people_without_a_code_get_one_and_are_recognised_by_their_contact(house: None) -> None:
    drafts = (person(None, phone="0912345678"), person(None, "Lê Ba", email="ba@don-vi.vn"), person("dv000002"))
    assert carry_out(*drafts) == counted(new_people=3)
    assert set(db.session.scalars(sa.select(Member.code))) == {"dv000001", "dv000002", "dv000003"}
    assert carry_out(*drafts[:2]) == counted(unchanged=2)


def test_shared_phone_is_contact_and_no_name_to_sign_in_by(house: None) -> None:
    assert carry_out(
        person("m1", phone="0912345678"), person("m2", phone="+84 912 345 678", email="HAI@don-vi.vn")
    ) == counted(new_people=2)
    assert db.session.scalars(sa.select(Member.phone)).all() == ["+84912345678"] * 2
    assert set(db.session.scalars(sa.select(SignInName.name))) == {"m1", "m2", "hai@don-vi.vn"}


def test_every_problem_names_its_row(house: None) -> None:
    carry_out(person("m1", "Lê Ba", phone="0912345678", identity="001"))
    found = plan(
        person("x1", row=2),
        person("X1", row=3),
        person("m3", unit="KHONG-CO", row=4),
        person("m4", phone="123", row=5),
        person("m5", identity="001", row=6),
        person(None, row=7),
        person(None, "Phạm Bốn", phone="0912345678", row=8),
        person("m9", email="a@@b", row=9),
        person("m10", row=10),
    )
    assert sorted(said(found), key=lambda p: p[1] or 0) == [
        ("code-twice-in-file", 2),
        ("code-twice-in-file", 3),
        ("unit-unknown", 4),
        ("bad-phone", 5),
        ("identity-of-another", 6),
        ("no-identifier", 7),
        ("contact-of-another", 8),
        ("bad-email", 9),
    ]
    assert [p.values["code"] for p in found.new_people] == ["m10"]


def test_units_come_parents_first_and_move_with_all_below(house: None, clock: Clock) -> None:
    deep = [UnitDraft(f"D{n}", f"Tổ {n}", parent=f"D{n - 1}" if n else "B") for n in reversed(range(5))]
    assert carry_out(*deep) == counted(new_units=5)
    clock.advance(days=1)
    assert carry_out(UnitDraft("D0", "Tổ 0", parent="A")) == counted(changed_units=1)
    ids = {code: people.unit_id(code) for code in ("A", "B", "D4")}
    above = sa.select(UnitAncestor.ancestor_id).where(
        UnitAncestor.unit_id == ids["D4"], UnitAncestor.valid_to.is_(None)
    )
    found = set(db.session.scalars(above))
    assert (ids["A"] in found, ids["B"] in found, len(found)) == (True, False, 7)


def test_unit_without_a_parent_stands_below_the_top_and_stays_where_it_is(house: None) -> None:
    carry_out(UnitDraft("N", "Công đoàn Nam"), UnitDraft("N1", "Phòng Nam Một", parent="N"))
    assert (parents()["N"], parents()["N1"]) == ("GOC", "N")
    assert carry_out(UnitDraft("N1", "Phòng Nam Một"), UnitDraft("GOC", "Tên mới")) == counted(
        changed_units=1, unchanged=1
    )
    assert (parents()["N1"], parents()["GOC"]) == ("N", None)


def test_organiser_renames_a_unit_without_naming_its_parent(house: None) -> None:
    by = people.organiser("toa_b", unit="B")
    assert carry_out(UnitDraft("B1", "Phòng Bình Mới"), by=by) == counted(changed_units=1)
    assert parents()["B1"] == "B"


def test_unit_under_itself_changes_nothing(house: None) -> None:
    before = parents()
    with pytest.raises(Exception, match="unit-cycle"):
        carry_out(UnitDraft("A", "Công đoàn Sở An", parent="A1", headcount=10))
    db.session.rollback()
    assert parents() == before


@pytest.mark.parametrize(
    ("drafts", "refused"),
    [
        ([("X", "X")], ["unit-cycle"]),
        ([("X", "KHONG-CO")], ["parent-unknown"]),
        ([("X", "Y"), ("Y", "X")], ["parent-unknown", "parent-unknown"]),
        ([("X", "KHONG-CO"), ("Y", "X"), ("Z", "Y")], ["parent-unknown"] * 3),
        ([("X", "GOC"), ("X", "A")], ["unit-twice-in-file"] * 2),
        ([("X", "GOC"), ("X", "GOC"), ("A", "X")], ["unit-twice-in-file"] * 2 + ["parent-unknown"]),
    ],
)
def test_no_unit_hangs_on_what_is_refused(house: None, drafts: list[tuple[str, str]], refused: list[str]) -> None:
    before = parents()
    found = plan(*(UnitDraft(code, f"Đơn vị {code}", parent=parent) for code, parent in drafts))
    assert [p.refusal.slug for p in found.problems] == refused
    lists.apply(found, by=SYSTEM)
    assert parents() == before


# The scope of an organiser of B


@pytest.fixture
def toa_b(house: None) -> Actor:
    carry_out(person("a1", "Người của A", "A1", phone="0912345678", identity="001"))
    return people.organiser("toa", unit="B")


def rows_of_a() -> list[object]:
    inside = organisation.below([people.unit_id("A")])
    return [tuple(r) for r in db.session.execute(sa.select(Member.__table__).where(Member.unit_id.in_(inside)))]


@pytest.mark.parametrize(
    ("draft", "slug"),
    [
        (person("m1", unit="A1"), "unit-unknown"),
        (person("m1", unit="GOC"), "unit-unknown"),
        (person("a1", unit="B1"), "code-taken"),
        (person("A1", "Người của A", "B1"), "code-taken"),
        (person(None, "Người của A", "B1", phone="0912345678"), "code-taken"),
        (person(None, "Người của A", "B1", identity="001"), "code-taken"),
    ],
)
def test_organiser_of_b_neither_enters_nor_fetches_people_of_a(toa_b: Actor, draft: MemberDraft, slug: str) -> None:
    before = rows_of_a()
    found = plan(draft, by=toa_b)
    assert [p.refusal.slug for p in found.problems] == [slug]
    lists.apply(found, by=toa_b)
    assert rows_of_a() == before


@pytest.mark.parametrize(
    ("drafts", "refused"),
    [
        ([("A1", "B")], ["unit-out-of-scope"]),
        ([("X", None)], ["unit-out-of-scope"]),
        ([("X", "A")], ["parent-unknown"]),
        ([("B", "GOC")], ["parent-unknown"]),
        ([("B", None)], ["unit-out-of-scope"]),
        ([("P", None), ("X", "P")], ["unit-out-of-scope", "parent-unknown"]),
        ([("X", "Y"), ("Y", "X")], ["parent-unknown", "parent-unknown"]),
        ([("P", None), ("B1", "P")], ["unit-out-of-scope", "parent-unknown"]),
    ],
)
def test_organiser_of_b_builds_below_b_alone(
    toa_b: Actor, drafts: list[tuple[str, str | None]], refused: list[str]
) -> None:
    before = parents()
    found = plan(*(UnitDraft(code, f"Đơn vị {code}", parent=parent) for code, parent in drafts), by=toa_b)
    assert [p.refusal.slug for p in found.problems] == refused
    lists.apply(found, by=toa_b)
    assert parents() == before
    assert carry_out(UnitDraft("B2", "Phòng Hai", parent="B"), person("m1", unit="B2"), by=toa_b) == counted(
        new_units=1, new_people=1
    )


def test_import_is_on_record_with_its_figures(toa_b: Actor) -> None:
    carry_out(person("m1"), by=toa_b)
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.actor_id, entry.details["new_people"]) == ("people-imported", toa_b.member_id, 1)


@pytest.mark.slow
def test_ten_thousand_people_come_in(context: Flask, clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    people.organisation()
    drafts = [
        MemberDraft(
            f"dv{n:05d}",
            f"Nguyễn Văn {n}",
            date(1980, 1, 1 + n % 28),
            f"091{2_000_000 + n}",
            f"dv{n}@don-vi.vn",
            None,
            "B1",
        )
        for n in range(10_000)
    ]
    data = write_members(drafts, format="xlsx")
    begun = time.monotonic()
    found = exchange.read_people(data, by=SYSTEM)
    lists.apply(found, by=SYSTEM)
    spent = time.monotonic() - begun
    with capsys.disabled():
        print(f"\n10,000 people read and stored in {spent:.1f} s")
    assert (found.problems, len(found.new_people)) == ((), 10_000)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Member)) == 10_000
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SignInName)) == 30_000
    begun = time.monotonic()
    assert exchange.people_counts(exchange.read_people(data, by=SYSTEM)) == counted(unchanged=10_000)
    with capsys.disabled():
        print(f"and compared again in {time.monotonic() - begun:.1f} s")


RECORDS = sa.select(sa.func.count()).where(AuditEntry.action == "people-imported")


def signs_in(code: str) -> bool:
    return db.session.get(SignInName, code) is not None


def crowd(size: int) -> list[MemberDraft]:
    return [person(f"p{n:02d}") for n in range(size)]


def test_others_write_between_the_parts_of_a_long_list(
    context: Flask, sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.organisation()
    monkeypatch.setattr(lists, "CHUNK", 10)
    seen: list[int] = []

    def write(_: float) -> None:
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=0)) as other, other:
            other.execute("UPDATE units SET name = name")
            seen.append(other.execute("SELECT count(*) FROM members WHERE code LIKE 'p%'").fetchone()[0])

    monkeypatch.setattr(session.time, "sleep", write)
    carry_out(*crowd(25))
    assert seen == [10, 20, 25]


@pytest.mark.parametrize("after", [10, 20])
def test_list_that_breaks_off_is_given_again(house: None, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    monkeypatch.setattr(lists, "CHUNK", 10)

    def stop(done: int, _: int | None) -> None:
        if done == after:
            raise OSError("stopped")

    drafts, before = crowd(25), rows(RECORDS)[0][0]
    with pytest.raises(OSError, match="stopped"):
        lists.apply(plan(*drafts), by=SYSTEM, progress=stop)
    there = db.session.scalars(sa.select(Member.code).where(Member.code.like("p%"))).all()
    records = rows(RECORDS)[0][0] - before
    if is_sqlite():
        assert len(there) == after - 10
        assert all(signs_in(code) for code in there)
        assert records == (after > 10)
    else:
        assert (list(there), records) == ([], 0)
    assert carry_out(*drafts) == counted(new_people=25 - len(there), unchanged=len(there))
    assert all(signs_in(f"p{n:02d}") for n in range(25))
    assert carry_out(*drafts) == counted(unchanged=25)
