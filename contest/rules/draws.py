"""Drawing lots: the ordered list and a commitment to the seed come first, then one draw, which anyone can recompute.

Only ever the last key of a ranking, or what settles a tie at the edge of a quota. The order of the lot is that of
HMAC-SHA256(seed, code of the drawn), smallest first; the seed is joined from the secret that was committed to and from
public randomness that nobody knew at the commitment.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from contest.rules.refusals import Refusal

SECRET_BYTES = 32
ALGORITHM = "HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Commitment:
    """What is published before the draw: the codes in order, and a digest that binds them to a secret."""

    codes: tuple[str, ...]
    digest: str


def check_list(codes: Sequence[str]) -> Refusal | None:
    """Refuse to draw among fewer than two, or from a list that names somebody twice."""
    if len(codes) < 2:
        return Refusal("draw-too-few", {"low": 2})
    return Refusal("draw-twice", field="codes") if len(set(codes)) < len(codes) else None


def commit(codes: Sequence[str], secret: bytes) -> Commitment:
    """Bind a list to a secret without telling the secret; the list is put into its one order first."""
    ordered = tuple(sorted(codes))
    return Commitment(ordered, _digest(ordered, secret))


def _digest(ordered: Sequence[str], secret: bytes) -> str:
    return hashlib.sha256(b"\n".join([secret.hex().encode(), *(code.encode() for code in ordered)])).hexdigest()


def seed_of(secret: bytes, randomness: str) -> bytes:
    """Join the committed secret and the public randomness (text as published) into the seed of the draw."""
    return hashlib.sha256(secret.hex().encode() + b"\n" + randomness.strip().encode()).digest()


def lot(codes: Sequence[str], seed: bytes) -> tuple[str, ...]:
    """Return the codes in the order in which they are drawn; the order they are given in does not matter."""
    return tuple(sorted(codes, key=lambda code: (hmac.digest(seed, code.encode(), "sha256"), code)))


def holds(commitment: Commitment, secret: bytes, randomness: str, drawn: Sequence[str]) -> bool:
    """Say whether a published draw is what its commitment, its secret and the randomness give."""
    honest = hmac.compare_digest(commitment.digest, _digest(commitment.codes, secret))
    return honest and tuple(drawn) == lot(commitment.codes, seed_of(secret, randomness))
