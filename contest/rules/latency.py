"""How long answers took, as counts in buckets: small enough to keep by the minute, exact enough to see when it hurts."""

from collections.abc import Sequence

BOUNDS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000)  # milliseconds; the last bucket holds what took longer
BUCKETS = len(BOUNDS) + 1


def bucket_of(milliseconds: float) -> int:
    """Return the bucket of a duration: that of the first bound which it does not exceed."""
    return next((n for n, bound in enumerate(BOUNDS) if milliseconds <= bound), len(BOUNDS))


def added(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """Return the counts of two series of buckets together."""
    return [a + b for a, b in zip(one, other, strict=True)]


def within(counts: Sequence[int], share: float) -> int | None:
    """Return the bound within which such a share of the answers came, from 0 to 1.

    None without answers, and where that many took longer than every bound.
    """
    whole, so_far = sum(counts), 0
    for bound, count in zip(BOUNDS, counts, strict=False):
        so_far += count
        if whole and so_far >= share * whole:
            return bound
    return None
