"""Seals over what was handed in: a Merkle tree a batch, the batches of a round in a chain; pure, hexadecimal in and out.

The tree is that of RFC 6962: a leaf is hashed with 0x00 before it, a node with 0x01, so that no node can pass for a leaf;
a tree splits at the largest power of two below its size. Whoever holds a receipt needs the few hashes of its path to know
that it is in the box.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

NOTHING_BEFORE = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """A hash on the way from a leaf to the root, and the side on which it stands."""

    hash: str
    is_left: bool


def leaf(receipt: str | None, state: str, digest: str | None) -> str:
    """Return the leaf of a submission: its receipt, how it ended, and the digest over its paper, times and saves."""
    return _hash(b"\0", f"{receipt or ''}\n{state}\n{digest or ''}".encode())


def root(leaves: Sequence[str]) -> str:
    """Return the root over leaves in their order; of none it is the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    level = list(leaves)
    while len(level) > 1:
        level = [_node(*level[at : at + 2]) if at + 1 < len(level) else level[at] for at in range(0, len(level), 2)]
    return level[0]


def path(leaves: Sequence[str], place: int) -> tuple[Beside, ...]:
    """Return what stands beside the way from a leaf (counted from 0) to the root, from below."""
    found, level = [], list(leaves)
    while len(level) > 1:
        other = place ^ 1
        if other < len(level):
            found.append(Beside(level[other], is_left=other < place))
        level = [_node(*level[at : at + 2]) if at + 1 < len(level) else level[at] for at in range(0, len(level), 2)]
        place //= 2
    return tuple(found)


def climbed(start: str, beside: Sequence[Beside]) -> str:
    """Return the root to which a leaf leads by its path."""
    here = start
    for other in beside:
        here = _node(other.hash, here) if other.is_left else _node(here, other.hash)
    return here


def chained(before: str, number: int, count: int, tree: str) -> str:
    """Return the digest of a batch, which takes in that of the batch before it."""
    return _hash(b"\2", f"{before}\n{number}\n{count}\n{tree}".encode())


def _node(left: str, right: str) -> str:
    return _hash(b"\1", bytes.fromhex(left) + bytes.fromhex(right))


def _hash(kind: bytes, content: bytes) -> str:
    return hashlib.sha256(kind + content).hexdigest()
