"""Seals: every submission leads to its root, nothing else does, and each batch holds the one before it."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules import seals
from contest.rules.attempts import digest_over

boxes = st.lists(st.text(), min_size=1, max_size=70).map(
    lambda texts: [seals.leaf(f"HT-{n}", "submitted", text) for n, text in enumerate(texts)]
)

T0, T1 = datetime(2026, 6, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, 1, 9, 30, tzinfo=UTC)
SAT = ([[7, ["a", "b"]]], T0, T1)


def by_the_standard(leaves):
    """The tree of RFC 6962 as it is defined there: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    at = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = by_the_standard(leaves[:at]), by_the_standard(leaves[at:])
    return hashlib.sha256(b"\1" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


@given(leaves=boxes)
def test_root_is_that_of_the_standard(leaves):
    assert seals.root(leaves) == by_the_standard(leaves)


def test_root_of_nothing_is_the_hash_of_nothing():
    assert seals.root([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(leaves=boxes, data=st.data())
def test_every_leaf_leads_to_the_root_and_no_other_does(leaves, data):
    place = data.draw(st.integers(0, len(leaves) - 1))
    way = seals.path(leaves, place)
    assert seals.climbed(leaves[place], way) == seals.root(leaves)
    assert seals.climbed(seals.leaf("HT-khac", "submitted", ""), way) != seals.root(leaves)
    assert len(way) <= (len(leaves) - 1).bit_length()


@given(leaves=boxes, data=st.data())
def test_change_or_exchange_of_leaves_changes_the_root(leaves, data):
    place = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:place], seals.leaf("HT-khac", "submitted", ""), *leaves[place + 1 :]]
    assert seals.root(changed) != seals.root(leaves)
    assert seals.root(leaves[:place] + leaves[place + 1 :]) != seals.root(leaves)
    other = data.draw(st.integers(0, len(leaves) - 1))
    if leaves[place] != leaves[other]:
        swapped = list(leaves)
        swapped[place], swapped[other] = leaves[other], leaves[place]
        assert seals.root(swapped) != seals.root(leaves)


def test_node_never_passes_for_a_leaf():
    one, two = (seals.leaf(f"HT-{n}", "submitted", "") for n in (1, 2))
    assert seals.root([seals.root([one, two])]) == seals.root([one, two])  # a tree of one is its leaf …
    assert seals.leaf(one, two, "") != seals.root([one, two])  # … but what is hashed as a leaf is no node


@pytest.mark.parametrize("changed", [("x", 2, 5, "b"), ("a", 3, 5, "b"), ("a", 2, 6, "b"), ("a", 2, 5, "c")])
def test_digest_of_a_batch_takes_in_all_that_is_said_of_it(changed):
    assert seals.chained(*changed) != seals.chained("a", 2, 5, "b")


@pytest.mark.parametrize(
    "changed",
    [
        [(1, 1, '"a"')],
        [(1, 1, '"a"'), (2, 1, '"c"')],
        [(1, 1, '"a"'), (2, 2, '"b"')],
        [(1, 1, None), (2, 1, '"b"')],
        [(1, 1, '"a"'), (3, 1, '"b"')],
    ],
)
def test_digest_of_a_submission_takes_in_every_save(changed):
    saves = [(1, 1, '"a"'), (2, 1, '"b"')]
    assert digest_over(*SAT, changed) != digest_over(*SAT, saves)
    assert digest_over(*SAT, [list(save) for save in saves]) == digest_over(*SAT, saves)


@pytest.mark.parametrize(("at", "changed"), [(0, [[7, ["b", "a"]]]), (0, [[8, ["a", "b"]]]), (1, T1), (2, T0)])
def test_digest_of_a_submission_takes_in_its_paper_and_its_times(at, changed):
    assert digest_over(*[changed if n == at else said for n, said in enumerate(SAT)], []) != digest_over(*SAT, [])


def test_digest_is_the_same_wherever_the_clock_hangs():
    there = [SAT[0], *(at.astimezone(timezone(timedelta(hours=7))) for at in SAT[1:])]
    assert digest_over(*there, []) == digest_over(*SAT, [])
