"""One person a name: what looks like another's code, e-mail or phone is that person's, or nobody's."""

import unicodedata

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from contest.errors import Invalid
from contest.rules.permissions import SYSTEM, Actor
from contest.services.members import entry
from contest.services.members import people as service
from tests import people
from tests.conftest import Clock

HERE = "127.0.0.1"
ALIKE = [
    " admin", "admin ", "ADMIN", "aDmIn", "\u1d2cdmin", "\uff41\uff44\uff4d\uff49\uff4e", "admin\u200b", "ad\u00admin",
    "\u202eadmin", "ad min", "admin\ufe0f", "\u24d0dmin", "ad\u2060min",
]  # fmt: skip


@pytest.fixture
def admin(context: Flask, database: str, clock: Clock) -> Actor:
    people.organisation()
    return people.member("admin", email="Quan.Tri@Don-Vi.vn", phone="+84912345678")


@pytest.mark.parametrize("code", ALIKE)
def test_code_that_looks_like_anothers_is_taken(admin: Actor, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        service.enter({"code": code, "full_name": "Kẻ Mạo Danh"}, unit="A1", by=SYSTEM)
    assert [(r.slug, r.field) for r in refused.value.refusals] == [("code-taken", "code")]


@pytest.mark.parametrize("code", ALIKE)
def test_whoever_types_a_name_otherwise_is_the_same_person(admin: Actor, code: str) -> None:
    assert entry.sign_in(code, people.PASSWORD, address=HERE).member_id == admin.member_id


def test_composed_and_decomposed_codes_are_one(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    first = people.member(unicodedata.normalize("NFC", "nguyễn"))
    twin = unicodedata.normalize("NFD", "Nguyễn")
    with pytest.raises(Invalid, match="code-taken"):
        service.enter({"code": twin, "full_name": "Người Sau"}, unit="A1", by=SYSTEM)
    assert entry.sign_in(twin, people.PASSWORD, address=HERE).member_id == first.member_id


@pytest.mark.parametrize(
    "typed",
    [
        "0912345678",
        "0912 345 678",
        "0912.345.678",
        "(0912) 345-678",
        "+84 912 345 678",
        "84912345678",
        "\uff10912345678",
    ],
)
def test_phone_is_known_in_every_spelling(admin: Actor, typed: str) -> None:
    assert entry.sign_in(typed, people.PASSWORD, address=HERE).member_id == admin.member_id


@pytest.mark.parametrize(
    "typed", ["", " ", "0912345679", "admin2", "admi", "quan.tri@don-vi.vn.evil.vn", "%", "' OR 1=1"]
)
def test_what_nobody_has_signs_nobody_in(admin: Actor, typed: str) -> None:
    with pytest.raises(Invalid, match="wrong-credentials"):
        entry.sign_in(typed, people.PASSWORD, address=HERE)


@given(st.text(max_size=40))
def test_a_name_to_sign_in_by_is_its_own_canonical_form(typed: str) -> None:
    name = entry.sign_in_name(typed)
    assert entry.sign_in_name(name) == name


@given(st.text(max_size=400))
def test_a_password_is_normalised_once(password: str) -> None:
    plain = entry._password(password)
    assert entry._password(plain) == plain
    assert len(plain) <= 256
