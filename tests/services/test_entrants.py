"""Who takes part and who may win, as contests keep it: units, those taken out, people by their codes."""

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.formats.drafts import EntrantDraft, Place, Reading
from contest.models.audit import AuditEntry
from contest.models.entrants import ContestPerson
from contest.rules.entrants import Marks
from contest.rules.entry_terms import EntrantMark, EntrantReason
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.terms import Role
from contest.services.attempts import starting
from contest.services.contests import entrant_lists, entrant_people, entrants, publishing, setup
from contest.services.contests.entrant_lists import Said
from tests import people
from tests.conftest import Clock

CONTEST = "cuoc-thi"


@pytest.fixture
def code(context: Flask, database: str, clock: Clock) -> str:
    people.organisation()
    return people.contest()[0]


def contest_row():
    return setup.get_contest(CONTEST, by=SYSTEM)


def choose(codes, *, alone=(), excluded=()) -> None:
    setup.choose_units(CONTEST, codes, alone=alone, excluded=excluded, seen=contest_row().version, by=SYSTEM)


def why_not(code: str, who: Actor) -> str | None:
    """Start an attempt and return the slug by which it was refused, or None."""
    try:
        starting.start(code, by=who)
    except Forbidden as refused:
        return refused.refusal.slug
    return None


def planned(*codes: str, mark: EntrantMark = EntrantMark.NO_PRIZE, by: Actor = SYSTEM) -> entrant_lists.Plan:
    reading = entrant_lists.read("\n".join(codes).encode(), pasted=True)
    return entrant_lists.plan(CONTEST, reading, Said(mark, EntrantReason.COMMITTEE), by=by)


# Units


@pytest.mark.parametrize(
    ("codes", "alone", "excluded", "taking_part"),
    [
        (["GOC"], (), (), {"GOC", "A", "A1", "B", "B1"}),
        (["A"], (), (), {"A", "A1"}),
        ([], ("A",), (), {"A"}),  # the unit alone: nobody below it
        (["GOC"], (), ("A",), {"GOC", "B", "B1"}),  # taken out with all below
        (["GOC", "A1"], (), ("A",), {"GOC", "B", "B1", "A1"}),  # and one below taken in again
        (["GOC"], ("A1",), ("A",), {"GOC", "B", "B1", "A1"}),
        (["B"], ("GOC",), ("B1",), {"GOC", "B"}),
    ],
)
def test_units_that_take_part(code: str, codes, alone, excluded, taking_part) -> None:
    choose(codes, alone=alone, excluded=excluded)
    found = {unit for unit, *_ in people.UNITS if why_not(code, people.member(f"m-{unit.lower()}", unit)) is None}
    assert found == taking_part


@pytest.mark.parametrize(
    ("codes", "alone", "excluded", "refusal"),
    [
        (["GOC"], (), ("KHONG",), ("unit-unknown", "excluded")),
        (["GOC"], ("KHONG",), (), ("unit-unknown", "alone")),
        (["A"], ("A",), (), ("unit-both-ways", "alone")),
        (["A"], (), ("A",), ("unit-both-ways", "excluded")),
        (["A"], (), ("B1",), ("exclusion-outside", "excluded")),
        ([], ("A",), ("A1",), ("exclusion-outside", "excluded")),
    ],
)
def test_units_said_two_ways_are_refused_and_nothing_changes(code: str, codes, alone, excluded, refusal) -> None:
    before = setup.unit_choice(contest_row().id)
    with pytest.raises(Invalid) as refused:
        choose(codes, alone=alone, excluded=excluded)
    assert (refused.value.refusal.slug, refused.value.refusal.field) == refusal
    assert setup.unit_choice(contest_row().id) == before


# People


def test_own_mark_goes_before_the_unit_at_the_start(code: str) -> None:
    choose(["A"])
    inside, outside = people.member("m1", "A1"), people.member("m2", "B1")
    assert (why_not(code, inside), why_not(code, outside)) == (None, "unit-not-taking-part")
    people.mark(CONTEST, people.member("m3", "A1"), EntrantMark.STAYS_OUT)
    people.mark(CONTEST, outside, EntrantMark.TAKES_PART)
    assert (why_not(code, people.actor("m3")), why_not(code, outside)) == ("person-not-taking-part", None)


def test_who_wins_nothing_plays_all_the_same(code: str) -> None:
    who, other = people.member("m1"), people.member("m2")
    people.mark(CONTEST, who, EntrantMark.NO_PRIZE)
    assert why_not(code, who) is None
    ids = [who.member_id or 0, other.member_id or 0]
    assert entrants.may_win_of(people.contest_id(), ids) == {who.member_id: EntrantReason.COMMITTEE}
    assert entrants.may_win_of(people.contest_id(), []) == {}


def test_mandatory_people_are_those_marked_so(code: str) -> None:
    who = people.member("m1")
    people.mark(CONTEST, who, EntrantMark.MANDATORY)
    people.mark(CONTEST, people.member("m2"), EntrantMark.NO_PRIZE)
    assert entrants.mandatory_of(people.contest_id()) == {who.member_id}


def test_list_names_each_problem_by_its_line(code: str) -> None:
    people.member("BD0001"), people.member("m2")
    found = planned("bd0001, m2", "", "khong-co;  M2", "x" * 60)
    assert [p.code for p in found.changed] == ["BD0001", "m2"]
    told = [(p.refusal.slug, p.place.line, p.severity) for p in found.problems]
    assert sorted(told) == [
        ("member-out-of-reach", 3, "error"),
        ("member-twice-in-list", 3, "warning"),
        ("too-long", 4, "error"),
    ]
    assert found.counts() == {"marked_people": 2, "unchanged": 0, "errors": 2}


def test_list_that_says_nothing_new_changes_nothing(code: str) -> None:
    people.mark(CONTEST, people.member("m1"), EntrantMark.NO_PRIZE)
    found = planned("m1")
    assert (found.changed, found.unchanged) == ((), 1)
    with pytest.raises(Invalid) as refused:
        planned(" ", ",;")
    assert refused.value.refusal.slug == "list-empty"


def test_name_that_differs_is_a_warning_and_is_taken(code: str) -> None:
    people.member("m1", full_name="Đặng Thị Ánh")
    drafts = (EntrantDraft("m1", "Đặng Thị Anh", "Thư ký", Place("Trang", 2)),)
    said = Said(EntrantMark.NO_PRIZE, EntrantReason.COMMITTEE)
    same = entrant_lists.plan(CONTEST, Reading(drafts, ()), said, by=SYSTEM)
    assert (same.problems, same.changed[0].note) == ((), "Thư ký")  # without diacritics it is the same name
    other = (EntrantDraft("m1", "Đặng Thị Bình", "", Place("Trang", 2)),)
    found = entrant_lists.plan(CONTEST, Reading(other, ()), said, by=SYSTEM)
    assert [(p.refusal.slug, p.place.row, p.severity) for p in found.problems] == [("name-differs", 2, "warning")]
    assert len(found.changed) == 1


def test_marks_add_up_and_are_on_record(code: str) -> None:
    who = people.member("m1")
    people.mark(CONTEST, who, EntrantMark.NO_PRIZE)
    people.mark(CONTEST, who, EntrantMark.MANDATORY)
    row = db.session.scalars(sa.select(ContestPerson).execution_options(populate_existing=True)).one()
    assert (row.takes_part, row.may_win, row.is_mandatory) == (None, False, True)
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.details) == ("entrants-marked", {"mark": "mandatory", "count": 1})


def test_person_without_marks_has_no_row(code: str) -> None:
    people.mark(CONTEST, people.member("m1"), EntrantMark.NO_PRIZE)
    entrant_people.change(CONTEST, "M1", Marks(), None, "", by=SYSTEM)
    assert list(db.session.scalars(sa.select(ContestPerson))) == []
    with pytest.raises(NotFound):
        entrant_people.get_person(CONTEST, "m1", by=SYSTEM)


@pytest.mark.parametrize("marks", [Marks(takes_part=False), Marks(may_win=False)])
def test_whoever_stays_out_or_wins_nothing_is_given_a_reason(code: str, marks: Marks) -> None:
    people.mark(CONTEST, people.member("m1"), EntrantMark.MANDATORY)
    with pytest.raises(Invalid) as refused:
        entrant_people.change(CONTEST, "m1", marks, None, "", by=SYSTEM)
    assert (refused.value.refusal.slug, refused.value.refusal.field) == ("reason-missing", "reason")
    entrant_people.change(CONTEST, "m1", marks, EntrantReason.RELATIVE, "vợ", by=SYSTEM)
    assert entrant_people.get_person(CONTEST, "m1", by=SYSTEM).marks == marks


def test_archived_contest_is_left_as_it_is(code: str) -> None:
    people.member("m1")
    publishing.archive(CONTEST, seen=contest_row().version, by=SYSTEM)
    with pytest.raises(Conflict):
        planned("m1")


# Pages and suggestions


def test_people_are_searched_paged_and_counted(code: str) -> None:
    for n in range(entrant_people.PAGE + 3):
        people.mark(CONTEST, people.member(f"p{n:02d}"), EntrantMark.NO_PRIZE if n % 2 else EntrantMark.MANDATORY)
    row = contest_row()
    first = entrant_people.list_people(row)
    rest = entrant_people.list_people(row, after=first.next or "")
    codes = [p.code for p in (*first.people, *rest.people)]
    assert (len(codes), len(set(codes)), rest.next, first.total) == (53, 53, None, 53)
    assert first.counts[EntrantMark.NO_PRIZE] == 26
    assert {p.marks.may_win for p in entrant_people.list_people(row, mark=EntrantMark.NO_PRIZE).people} == {False}
    assert [p.code for p in entrant_people.list_people(row, search="nguyen thi p07").people] == ["p07"]


def test_writers_and_organisers_are_suggested_and_never_marked_by_themselves(code: str) -> None:
    writer = people.author()
    from contest.services.banks import editing

    editing.save(f"{CONTEST}-bank", people.question(9), submit=True, by=writer)
    people.organiser("btc"), people.staff("rieng", Role.ORGANISER, contest_id=people.contest_id())
    people.organiser("tob", unit="B"), people.member("m1")
    found = {s.code: s.reason for s in entrant_people.suggest(contest_row(), by=SYSTEM)}
    assert found == {
        "soanthao": EntrantReason.QUESTIONS,
        "btc": EntrantReason.COMMITTEE,
        "rieng": EntrantReason.COMMITTEE,
    }
    assert list(db.session.scalars(sa.select(ContestPerson))) == []
    entrant_people.accept(CONTEST, "soanthao", by=SYSTEM)
    assert entrants.may_win_of(people.contest_id(), [writer.member_id or 0]) == {
        writer.member_id: EntrantReason.QUESTIONS
    }
    assert "soanthao" not in {s.code for s in entrant_people.suggest(contest_row(), by=SYSTEM)}
    for nobody in ("soanthao", "m1", "khong-co"):
        with pytest.raises(NotFound):
            entrant_people.accept(CONTEST, nobody, by=SYSTEM)


# Scope


def test_organiser_of_a_unit_reaches_own_people_and_those_of_units_that_take_part(code: str) -> None:
    people.draft_contest("cua-a", organiser="A", units=("A",), bank_id=None)
    own, foreign = people.member("m1", "A1"), people.member("m2", "B1", full_name="Zqten Khac")
    assert None not in {own.member_id, foreign.member_id}
    toa = people.organiser("toa", unit="A")

    def reached() -> list[str]:
        reading = entrant_lists.read(b"m1 , m2", pasted=True)
        found = entrant_lists.plan("cua-a", reading, Said(EntrantMark.NO_PRIZE, EntrantReason.RELATIVE), by=toa)
        assert [p for p in found.problems if "Zqten" in str(p)] == []
        return [p.code for p in found.changed]

    assert reached() == ["m1"]
    setup.choose_units("cua-a", ["A", "B"], seen=setup.get_contest("cua-a", by=SYSTEM).version, by=toa)
    assert reached() == ["m1", "m2"]
    with pytest.raises(NotFound):
        planned("m1", by=toa)  # the contest of the whole is not theirs
