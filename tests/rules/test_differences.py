"""Differences: the pieces make up both texts, whatever they are, and options keep their places' story."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.differences import Change, between, joined, pair_options
from tests import timing

KEPT, OUT, IN = Change.KEPT, Change.TAKEN_OUT, Change.PUT_IN
# Texts that share much, so that there is something to keep; and any text at all.
_TEXTS = st.lists(st.sampled_from(["Đảng", "công", "đoàn", " ", "  ", "\n", ",", "là", "gì", "?", "1930"])).map("".join)
_TEXTS = _TEXTS | st.text()
_OPTIONS = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from([Decimal(0), Decimal(1)])), max_size=6)


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "", []),
        ("Ai?", "Ai?", [(KEPT, "Ai?")]),
        ("", "Ai?", [(IN, "Ai?")]),
        ("Ai?", "", [(OUT, "Ai?")]),
        ("Năm 1930 ở đâu?", "Năm 1945 ở đâu?", [(KEPT, "Năm "), (OUT, "1930"), (IN, "1945"), (KEPT, " ở đâu?")]),
        ("cờ đỏ tươi bay", "cờ xanh lam bay", [(KEPT, "cờ "), (OUT, "đỏ tươi"), (IN, "xanh lam"), (KEPT, " bay")]),
        ("Luật số 50", "Luật số 50/2024", [(KEPT, "Luật số 50"), (IN, "/2024")]),
    ],
)
def test_difference_is_told_by_whole_words(before: str, after: str, pieces: list[tuple[Change, str]]) -> None:
    assert [(p.change, p.text) for p in between(before, after)] == pieces


@given(_TEXTS, _TEXTS)
def test_difference_applied_to_a_text_gives_the_other(before: str, after: str) -> None:
    pieces = between(before, after)
    assert (joined(pieces, IN), joined(pieces, OUT)) == (before, after)
    assert all(p.text for p in pieces)
    assert {p.change for p in between(before, before)} <= {KEPT}


def test_long_texts_of_one_word_are_told_apart_at_once() -> None:
    before, after = "! " * 2000, "! " * 1999 + "?"
    with timing.at_most(1):
        pieces = between(before, after)
    assert (joined(pieces, IN), joined(pieces, OUT)) == (before, after)


def test_options_with_the_same_words_are_the_same_wherever_they_stand() -> None:
    one, none = Decimal(1), Decimal(0)
    before = [("Hà Nội", one), ("Huế", none), ("Vinh", none), ("Đà Lạt", none)]
    after = [("Huế", one), ("Hà Nội", none), ("Vinh, Nghệ An", none)]
    found = pair_options(before, after)
    assert [(o.before, o.after, o.weight_before, o.weight_after, o.is_changed) for o in found] == [
        (1, 0, none, one, True),
        (0, 1, one, none, True),
        (2, 2, none, none, True),
        (3, None, none, None, True),
    ]
    assert [(p.change, p.text) for p in found[2].pieces] == [(KEPT, "Vinh"), (IN, ", Nghệ An")]
    assert [o.is_changed for o in pair_options(before, before)] == [False] * 4


@given(_OPTIONS, _OPTIONS)
def test_pairs_hold_every_option_of_both_lists_once(
    before: list[tuple[str, Decimal]], after: list[tuple[str, Decimal]]
) -> None:
    found = pair_options(before, after)
    assert sorted(o.before for o in found if o.before is not None) == list(range(len(before)))
    assert [o.after for o in found if o.after is not None] == list(range(len(after)))
    for o in found:
        assert joined(o.pieces, IN) == (before[o.before][0] if o.before is not None else "")
        assert joined(o.pieces, OUT) == (after[o.after][0] if o.after is not None else "")
