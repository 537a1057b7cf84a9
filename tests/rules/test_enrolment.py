"""Recognising people in a list: never by name, never by what two people share."""

from datetime import date, timedelta

from contest.rules.enrolment import LONGEST_CODE, Identity, Known, Match, check_birth, check_code, recognise
from contest.rules.refusals import Refusal


def known() -> Known:
    people = Known()
    people.add(1, Identity("tran thi lan", "m1", "001", "+84912000001", "lan@x.vn"))
    people.add(2, Identity("le van hung", "m2", None, "+84912000002"))
    people.add(3, Identity("le van hung", "m3", None, "+84912000003"))
    people.add(4, Identity("vu thi mai", "m4", None, "+84912000003"))
    return people


def outcome(*rows: Identity) -> list[int | str | None]:
    return [m.refusal.slug if m.refusal else m.member_id for m in recognise(rows, known())]


def test_code_or_identity_number_names_one_person() -> None:
    assert outcome(Identity("ai do", "m1"), Identity("ai do", None, "001x"), Identity("khac", "m9")) == [1, None, None]
    assert outcome(Identity("ai do", None, "001")) == [1]


def test_identity_number_of_another_is_a_problem() -> None:
    assert outcome(Identity("ai do", "m2", "001")) == ["identity-of-another"]
    assert outcome(Identity("ai do", "m9", "001")) == ["identity-of-another"]
    assert outcome(Identity("ai do", "m1", "001")) == [1]


def test_the_same_name_is_not_the_same_person() -> None:
    assert outcome(Identity("le van hung")) == ["no-identifier"]
    assert outcome(Identity("le van hung", None, None, "+84999999999")) == [None]


def test_a_phone_names_its_one_owner_only_under_the_owners_name() -> None:
    assert outcome(Identity("le van hung", None, None, "+84912000002")) == [2]
    assert outcome(Identity("tran van ba", None, None, "+84912000002")) == ["contact-of-another"]
    assert outcome(Identity("le van hung", None, None, "+84912000003")) == ["contact-of-another"]  # two share it


def test_a_phone_that_rows_share_names_nobody() -> None:
    shared = "+84900000000"
    assert (
        outcome(Identity("a", None, None, shared), Identity("b", None, None, shared)) == ["contact-shared-in-file"] * 2
    )
    assert outcome(Identity("a", "m8", None, shared), Identity("b", "m9", None, shared)) == [None, None]


def test_contacts_of_two_people_are_a_problem() -> None:
    people = known()
    people.add(5, Identity("le van hung", "m5", None, None, "hung@x.vn"))
    rows = [Identity("le van hung", None, None, "+84912000002", "hung@x.vn")]
    assert [m.refusal and m.refusal.slug for m in recognise(rows, people)] == ["contacts-of-two-people"]


def test_rows_that_repeat_a_code_or_mean_one_person_are_problems() -> None:
    assert outcome(Identity("a", "m7"), Identity("b", "m7")) == ["code-twice-in-file"] * 2
    assert outcome(Identity("a", None, "77"), Identity("b", None, "77")) == ["identity-twice-in-file"] * 2
    assert outcome(Identity("a", "m1"), Identity("a", None, "001")) == [1, "person-twice"]


def test_nothing_known_means_everybody_is_new() -> None:
    assert recognise([Identity("a", "m1"), Identity("b", None, None, None, "b@x.vn")], Known()) == (Match(), Match())


def test_nobody_is_born_after_today() -> None:
    today = date(2026, 5, 24)
    assert check_birth(None, today) is None
    assert check_birth(today, today) is None
    assert check_birth(today + timedelta(days=1), today) == Refusal("born-later", field="birth_date")


def test_code_fits_by_its_key() -> None:
    assert check_code("M" * LONGEST_CODE) is None
    assert check_code("ß" * 20) is None  # twenty letters of the list are forty of the key
    assert check_code("ß" * 21) == Refusal("too-long", {"limit": LONGEST_CODE}, "code")
