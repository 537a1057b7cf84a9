"""Mutants: the program with one guard taken out, each of which the campaign has to catch, or it does not count.

A mutant is made by `mutated/sitecustomize.py`, which every process of the program loads before anything else; no line of the
program knows of it. `CAUGHT_BY` says which counts a mutant has to move; `refused` is that the program does not even start.
"""

from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parent / "mutated"
CAUGHT_BY: Mapping[str, tuple[str, ...]] = {
    "acknowledged before the commit": ("acknowledged and absent",),
    "synchronous off": ("refused",),
    "unique index dropped": ("duplicate attempts or submissions",),
    "revision ignored": ("final value is not the highest acknowledged",),
    "score incremented": ("score is not what was saved",),
    "wrong cache key": ("answers nobody should get",),
    "limiter failing open": ("passwords tried beyond the limit",),
    "chain unlinked": ("breaks in the chains",),
    "deadline ignored": ("closed early, or late answers scored",),
}
REFUSALS: Mapping[str, str] = {"synchronous off": "does not run with synchronous=FULL"}  # why such a one does not start
