"""Near-duplicates of questions."""

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contest.rules.likeness import NEAR, Likeness, fingerprint, near_pairs, pairs_of, share

TEXT = "Luật Công đoàn số 50/2024/QH15 có hiệu lực thi hành từ ngày nào?"
# Few words, so that texts meet often; lengths on both sides of where one pair more or less decides.
TEXTS = st.lists(
    st.lists(st.sampled_from("một hai ba bốn năm sáu bảy tám".split()), max_size=14).map(" ".join), max_size=30
)


def test_fingerprint_forgets_marks_case_and_punctuation() -> None:
    assert fingerprint(TEXT) == fingerprint(TEXT.upper().replace("?", " …"))


def test_near_duplicate_is_found_and_a_different_question_is_not() -> None:
    known = Likeness({"C-1": TEXT, "C-2": "Đại hội XIII của Đảng họp trong những ngày nào?"})
    assert known.nearest(TEXT + " Chọn một.") == "C-1"
    assert known.nearest(TEXT, but="C-1") is None
    assert known.nearest("Công đoàn Việt Nam được thành lập ngày nào?") is None


@pytest.mark.parametrize(("own", "is_near"), [("a b c d e f", True), ("a b c d e g h", False), ("a b c d e", True)])
def test_four_fifths_are_near_and_less_is_not(own: str, is_near: bool) -> None:
    """Five pairs of which five, four of six, and four of five are shared."""
    assert (Likeness({"C-1": "a b c d e f"}).nearest(own) == "C-1") is is_near


@given(TEXTS)
@example(["", "", "một", "một"])
def test_index_finds_what_comparing_all_pairs_finds(texts: list[str]) -> None:
    named = {f"C-{n}": text for n, text in enumerate(texts)}
    found = [(other, key, how) for key, near in near_pairs(named) for how, other in near]
    shares = {(a, b): share(pairs_of(named[a]), pairs_of(named[b])) for a, b in combinations(named, 2)}
    assert sorted(found) == sorted((a, b, how) for (a, b), how in shares.items() if how >= NEAR)


@given(TEXTS, TEXTS)
def test_nearest_is_the_one_that_comparing_with_all_finds(known: list[str], asked: list[str]) -> None:
    named = {f"C-{n:02}": text for n, text in enumerate(known)}
    index = Likeness(named)
    for text in asked:
        best = max(((share(pairs_of(text), pairs_of(other)), key) for key, other in named.items()), default=None)
        assert index.nearest(text) == (best[1] if best and best[0] >= NEAR else None)
        assert all(isinstance(how, Fraction) for how, _ in index.near(text))
