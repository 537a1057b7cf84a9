"""Registration: what an identity number is, what may be left out, when an entry code holds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.entry_terms import RegistrationField, RegistrationWay
from contest.rules.refusals import Refusal
from contest.rules.registration import (
    PROVINCES,
    Asked,
    birth_year,
    check_full_name,
    check_identity_number,
    code_holds,
    masked,
    missing,
    names_newcomers,
)
from tests.people import at

F = RegistrationField


@pytest.mark.parametrize(
    ("text", "born", "found"),
    [
        ("001187009871", None, "001187009871"),
        ("001 187 009 871", None, "001187009871"),
        ("001187009871", date(1987, 2, 14), "001187009871"),
        ("096399000001", date(2099, 1, 1), "096399000001"),
        ("01187009871", None, "bad-identity-number"),  # eleven: the leading zero was lost
        ("0011870098711", None, "bad-identity-number"),
        ("00118700987a", None, "bad-identity-number"),
        ("٠٠١١٨٧٠٠٩٨٧١", None, "bad-identity-number"),  # figures of another script
        ("000187009871", None, "identity-number-unreal"),  # no such province
        ("097187009871", None, "identity-number-unreal"),
        ("001399009871", None, "001399009871"),  # the last figure of a century with people in it
        ("001487009871", None, "identity-number-unreal"),
        ("001187009871", date(1988, 2, 14), "identity-birth-differs"),
        ("001387009871", date(1987, 2, 14), "identity-birth-differs"),  # another century
    ],
)
def test_identity_number(text, born, found):
    checked = check_identity_number(text, born)
    assert (checked.slug if isinstance(checked, Refusal) else checked) == found


@pytest.mark.parametrize(
    ("number", "year"), [("001087009871", 1987), ("001187009871", 1987), ("001205000001", 2005), ("001399000001", 2099)]
)
def test_year_of_birth_in_an_identity_number(number, year):
    assert birth_year(number) == year


@given(st.sampled_from(sorted(PROVINCES)), st.integers(0, 3), st.integers(0, 99), st.integers(0, 999_999))
def test_every_well_formed_number_is_kept_figure_by_figure(province, century, year, rest):
    number = f"{province}{century}{year:02}{rest:06}"
    assert check_identity_number(number) == number
    assert check_identity_number(number, date(birth_year(number), 1, 1)) == number
    assert masked(number) == "•••••••" + number[-4:]
    assert len(set(masked(number)) & set("0123456789")) <= 4


def test_nothing_known_is_nothing_masked():
    assert masked(None) == ""


@pytest.mark.parametrize(("name", "slug"), [("Ánh", "name-one-word"), ("Đặng Ánh", None), ("Đặng Thị Ánh", None)])
def test_full_name_has_two_words(name, slug):
    refusal = check_full_name(name)
    assert (refusal.slug if refusal else None) == slug


def test_required_fields_are_missed_unless_known():
    asked = Asked(
        RegistrationWay.MEMBERS, (F.PHONE, F.ADDRESS, F.IDENTITY_NUMBER), frozenset({F.PHONE, F.IDENTITY_NUMBER})
    )
    assert [r.field for r in missing(asked, {})] == ["phone", "identity_number"]
    assert [r.field for r in missing(asked, {F.PHONE: "x"}, [F.IDENTITY_NUMBER])] == []
    assert [r.field for r in missing(asked, {F.PHONE: ""}, [F.IDENTITY_NUMBER])] == ["phone"]


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("instant", "holds"),
    [
        (at("07:00") - SECOND, False),
        (at("07:00"), True),
        (at("21:00") - SECOND, True),
        (at("21:00"), False),
    ],
)
def test_entry_code_holds_from_until(instant, holds):
    assert code_holds(instant, at("07:00"), at("21:00"), None) is holds
    assert code_holds(instant, at("07:00"), None, None) is (instant >= at("07:00"))
    assert not code_holds(instant, at("07:00"), at("21:00"), at("08:00"))


@pytest.mark.parametrize("way", list(RegistrationWay))
def test_newcomers_come_by_a_code_or_where_everybody_may(way):
    assert names_newcomers(way) is (way in {RegistrationWay.CODE, RegistrationWay.OPEN})
