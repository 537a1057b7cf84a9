"""Durations in buckets: each in the first that holds it, and a share of all within the bound it is said to be within."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules import latency

times = st.lists(st.floats(0, 10_000), max_size=60)


def counted(found):
    counts = [0] * latency.BUCKETS
    for one in found:
        counts[latency.bucket_of(one)] += 1
    return counts


@pytest.mark.parametrize(("took", "bucket"), [(0, 0), (5, 0), (5.1, 1), (5000, 9), (5000.1, 10)])
def test_bound_belongs_to_its_bucket(took, bucket):
    assert latency.bucket_of(took) == bucket


@given(found=times, share=st.sampled_from([0.5, 0.95, 1.0]))
def test_share_lies_within_the_bound_and_not_within_the_one_before(found, share):
    bound = latency.within(counted(found), share)
    if bound is None:
        assert not found or sum(t <= latency.BOUNDS[-1] for t in found) < share * len(found)
        return
    before = [b for b in latency.BOUNDS if b < bound]
    assert sum(t <= bound for t in found) >= share * len(found)
    assert not before or sum(t <= before[-1] for t in found) < share * len(found)


@given(one=times, other=times)
def test_counts_of_two_processes_add_up(one, other):
    assert latency.added(counted(one), counted(other)) == counted([*one, *other])
