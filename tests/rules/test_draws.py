"""Lots: bound before they are drawn, the same for everybody who recomputes them, and equal chances for all."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.draws import Commitment, check_list, commit, holds, lot, seed_of

SECRET = bytes(range(32))
CODES = ("HT-A", "HT-B", "HT-C", "HT-D")
codes = st.lists(st.text("ABCDEFGH", min_size=1, max_size=4), min_size=2, max_size=20, unique=True)


@pytest.mark.parametrize(
    ("given_codes", "slug"),
    [(("A",), "draw-too-few"), ((), "draw-too-few"), (("A", "A"), "draw-twice"), (("A", "B"), None)],
)
def test_list_is_checked(given_codes: tuple[str, ...], slug: str | None) -> None:
    refusal = check_list(given_codes)
    assert (refusal.slug if refusal else None) == slug


@given(codes, st.binary(min_size=32, max_size=32), st.text(max_size=40), st.randoms())
def test_anyone_who_recomputes_the_draw_finds_the_same(listed, secret, randomness, rng) -> None:  # type: ignore[no-untyped-def]
    published = commit(listed, secret)
    drawn = lot(listed, seed_of(secret, randomness))
    shuffled = list(listed)
    rng.shuffle(shuffled)
    assert commit(shuffled, secret) == published
    assert lot(shuffled, seed_of(secret, randomness)) == drawn
    assert sorted(drawn) == sorted(listed)
    assert holds(published, secret, randomness, drawn)


def test_nothing_can_be_changed_after_the_commitment() -> None:
    published = commit(CODES, SECRET)
    drawn = lot(CODES, seed_of(SECRET, "drand 123"))
    assert holds(published, SECRET, "drand 123", drawn)
    assert holds(published, SECRET, " drand 123\n", drawn)
    assert not holds(published, SECRET[::-1], "drand 123", lot(CODES, seed_of(SECRET[::-1], "drand 123")))
    assert not holds(published, SECRET, "drand 123", drawn[::-1])
    assert not holds(Commitment((*CODES[:3], "HT-E"), published.digest), SECRET, "drand 123", drawn)


def test_everybody_is_drawn_first_equally_often() -> None:
    first = Counter(lot(CODES, seed_of(SECRET, str(n)))[0] for n in range(4000))
    assert set(first) == set(CODES)
    assert all(880 < count < 1120 for count in first.values())  # 1,000 each, within four standard deviations
