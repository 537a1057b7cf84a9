import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.refusals import TEXTS, Refusal
from contest.rules.text import birth_date, canonical, clean, email, fold, name_key, phone, phone_as_said
from tests import timing

texts = st.text(max_size=200)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Nguye\u0302\u0303n Va\u0306n A\u0301nh", "Nguyễn Văn Ánh"),  # NFD
        ("  Trần \u00a0 Thị\tBình\r\n", "Trần Thị Bình"),
        ("Lê\u202eVăn\u2066 C\u200b\ufeff", "LêVăn C"),  # overrides and zero width go
        ("e\u200b\u0301", "é"),  # what they held apart is joined
        ("{{7*7}} ${7*7} {user.__class__}", "{{7*7}} ${7*7} {user.__class__}"),
        ("Câu\x0bhai", "Câu hai"),  # a soft line break of a word processor
        ("", ""),
    ],
)
def test_clean_keeps_what_was_meant(typed, kept):
    assert clean(typed, limit=100) == kept


@pytest.mark.parametrize("bad", ["\x00", "\x01", "\x1b", "\x1f", "\x7f", "\x9f", "\ud800", "\uffff", "\ufdd0"])
def test_clean_refuses_control_characters_and_half_characters(bad):
    assert clean(f"a{bad}b", limit=100) == Refusal("bad-text")
    assert clean(f"a{bad}b", limit=100, multiline=True) == Refusal("bad-text")


@pytest.mark.parametrize(("length", "fits"), [(120, True), (121, False), (10_000, False)])
def test_clean_counts_characters_after_folding(length, fits):
    name = "Ấ" * length
    assert clean(unicodedata.normalize("NFD", name), limit=120) == (
        name if fits else Refusal("too-long", {"limit": 120})
    )


@pytest.mark.parametrize(("marks", "kept"), [(30, True), (31, False)])
def test_clean_refuses_towers_of_marks(marks, kept):
    tower = "a" + "\u0330" * marks
    assert clean(tower, limit=100) == (unicodedata.normalize("NFC", tower) if kept else Refusal("bad-text"))


def test_clean_judges_a_long_tower_of_marks_at_once():
    with timing.at_most(1):
        assert clean("a" + "\u0301\u0327" * 40_000, limit=20_000) == Refusal("bad-text")


def test_clean_keeps_lines_where_lines_are_meant():
    assert clean("\n một \r\n\r\n\r\n\r\nhai\u2028ba  \n", limit=100, multiline=True) == "một\n\nhai\nba"
    assert clean("👩\u200d👧", limit=100, multiline=True) == "👩\u200d👧"
    assert clean("A\u200dn", limit=100) == "An"


@given(texts, st.booleans())
def test_clean_of_clean_changes_nothing(typed, multiline):
    kept = clean(typed, limit=1000, multiline=multiline)
    if isinstance(kept, str):
        assert clean(kept, limit=1000, multiline=multiline) == kept
        assert unicodedata.is_normalized("NFC", kept)


@pytest.mark.parametrize(
    "twin", [" admin", "ADMIN", "ᴬdmin", "admin\u200b", "ａｄｍｉｎ", "ad\u00admin", "a d m i n", "admin\x00"]
)
def test_look_alikes_of_an_identifier_are_the_same(twin):
    assert canonical(twin) == "admin"


def test_canonical_joins_nfd_with_nfc_but_keeps_diacritics():
    assert canonical(unicodedata.normalize("NFD", "Nguyễn")) == canonical("nguyễn") == "nguyễn"
    assert canonical("nguyen") != canonical("nguyễn")


@pytest.mark.parametrize("twice", ["a\u00a8", "\u00df\u0301", "a\u02d8", "\u03d2"])
def test_what_one_pass_leaves_unsettled_is_settled(twice):
    assert canonical(canonical(twice)) == canonical(twice)
    assert fold(fold(twice)) == fold(twice)


@given(texts)
def test_canonical_of_canonical_changes_nothing(identifier):
    assert canonical(canonical(identifier)) == canonical(identifier)


@given(texts)
def test_canonical_is_the_same_for_composed_and_decomposed(identifier):
    assert canonical(unicodedata.normalize("NFD", identifier)) == canonical(identifier)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Hòa", "hoa"),
        ("Hoà", "hoa"),
        ("ĐẶNG Đình Đức", "dang dinh duc"),
        ("  Thúy \u00a0 Thuý ", "thuy thuy"),
        ("Nguye\u0302\u0303n", "nguyen"),
        ("ｍ０１", "m01"),
    ],
)
def test_fold_drops_case_and_diacritics(text, folded):
    assert fold(text) == folded


@given(texts)
def test_fold_of_fold_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


def test_names_sort_by_the_given_name_in_vietnamese_order():
    in_order = [
        "Lê An",
        "Nguyễn An",
        "Trần Văn Ánh",
        "Lê Thị Ân",
        "Phạm Bình",
        "Trần Cường",
        "Bùi Dương",
        "An Đạt",
        "Lê Hoa",
        "Lê Hòa",
        "Vũ Yến",
    ]
    assert sorted(sorted(in_order), key=name_key) == in_order


def test_name_key_of_one_word_or_none():
    assert sorted(["Bình", "", "An"], key=name_key) == ["", "An", "Bình"]


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("0912345678", "+84912345678"),
        ("912345678", "+84912345678"),
        ("0912 345 678", "+84912345678"),
        ("(091) 234-5678", "+84912345678"),
        ("+84 912.345.678", "+84912345678"),
        ("84912345678", "+84912345678"),
        ("0084912345678", "+84912345678"),
        ("０９１２３４５６７８", "+84912345678"),
        ("024 3825 1234", "+842438251234"),
        ("+85620 55 123 456", "+8562055123456"),
    ],
)
def test_phone_in_e164(typed, e164):
    assert phone(typed) == e164
    assert phone(e164) == e164


@pytest.mark.parametrize(
    ("number", "said"),
    [("+84912345678", "0912 345 678"), ("+842438250000", "024 3825 0000"), ("+12015550123", "+1 201-555-0123")],
)
def test_phone_is_shown_as_people_write_it_and_read_back_the_same(number, said):
    assert phone_as_said(number) == said
    assert phone(said) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "113",
        "091234567",
        "09123456789",
        "0012345678",
        "1800-FLOWERS",
        "0912345678 ext 3",
        "0912345678" + " " * 50 + "x",
        "9" * 40,
    ],
)
def test_what_is_no_phone_is_refused(typed):
    assert phone(typed) == Refusal("bad-phone")


@pytest.mark.parametrize(
    ("typed", "normal"), [(" An.Nguyen@VIDU.vn ", "An.Nguyen@vidu.vn"), ("a@example.com", "a@example.com")]
)
def test_email_in_its_normal_form(typed, normal):
    assert email(typed) == normal


@pytest.mark.parametrize(
    "typed", ["", "a", "a@", "@b.vn", "a b@c.vn", "a@b@c.vn", "a@b.vn\r\nBcc: c@d.vn", "a" * 300 + "@b.vn"]
)
def test_what_is_no_email_is_refused(typed):
    assert email(typed) == Refusal("bad-email")


@pytest.mark.parametrize(
    ("typed", "born"),
    [
        ("14/02/1987", date(1987, 2, 14)),
        ("4/2/1987", date(1987, 2, 4)),
        ("14-02-1987", date(1987, 2, 14)),
        ("14.2.1987", date(1987, 2, 14)),
        ("14 / 02 / 1987", date(1987, 2, 14)),
        ("1987-02-14", date(1987, 2, 14)),
        ("1987-02-14 00:00:00", date(1987, 2, 14)),
        ("29/02/2000", date(2000, 2, 29)),
        ("01/01/1900", date(1900, 1, 1)),
        ("31/12/2100", date(2100, 12, 31)),
    ],
)
def test_birth_date_is_read_day_first(typed, born):
    assert birth_date(typed) == born


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "31/02/1987",
        "29/02/1900",
        "02/14/1987",
        "31/12/1899",
        "01/01/2101",
        "14/02/87",
        "14/02-1987",
        "1987",
        "14021987",
        "x",
        "1/1/1990" + " " * 60,
    ],
)
def test_day_that_does_not_exist_is_refused(typed):
    assert birth_date(typed) == Refusal("not-a-date")


def test_every_refusal_has_its_text():
    slugs = {
        clean("\x00", limit=1).slug,
        clean("ab", limit=1).slug,
        phone("").slug,
        email("").slug,
        birth_date("").slug,
    }
    assert slugs <= set(TEXTS)
