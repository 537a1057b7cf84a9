"""What may happen to units in the tree: renamed, moved, merged, split, each since an instant; what is refused, and why.

A unit keeps its identity and its history, and what was achieved for it stays with it. A unit merged into another is closed
and counts for its successor from then on. `parents` maps every living unit to the one it stands under.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from contest.rules.refusals import Refusal

Parents = Mapping[int, int | None]


def is_below(unit: int, other: int, parents: Parents) -> bool:
    """Say whether a unit stands below another, at whatever depth; no unit stands below itself."""
    above = parents.get(unit)
    while above is not None and above != other:
        above = parents.get(above)
    return above is not None


def check_move(unit: int, under: int, parents: Parents) -> Refusal | None:
    """Refuse to move the top unit, a unit under itself or what is below it, or to where it stands already."""
    if parents[unit] is None:
        return Refusal("unit-on-top")
    if unit == under or is_below(under, unit, parents):
        return Refusal("move-under-itself", field="target")
    return Refusal("move-to-same", field="target") if parents[unit] == under else None


def check_merger(unit: int, into: int, people_to: int | None, parents: Parents) -> Refusal | None:
    """Refuse to merge the top unit, a unit into itself or into one below it; its people go to the successor or below that."""
    if unit == into:
        return Refusal("merge-into-itself", field="target")
    if is_below(into, unit, parents):
        return Refusal("merge-into-own-child", field="target")
    if parents[unit] is None:
        return Refusal("unit-on-top")
    if people_to is None or people_to == into:
        return None
    goes_along = is_below(people_to, unit, parents)  # what is below the merged unit comes to stand below the successor
    if people_to == unit or not (goes_along or is_below(people_to, into, parents)):
        return Refusal("people-not-below", field="people_to")
    return None


def check_split(unit: int, people: int, units: Collection[int], parents: Parents) -> Refusal | None:
    """Refuse to split the top unit, to split off nobody and nothing, or a unit that is not right below."""
    if parents[unit] is None:
        return Refusal("unit-on-top")
    if any(parents.get(below) != unit for below in units):
        return Refusal("split-not-below", field="units")
    return None if people or units else Refusal("split-empty", field="people")


def check_effective(effective: datetime, at: datetime, latest: datetime) -> Refusal | None:
    """Refuse a change that would hold from later than now, or from before what is fixed already.

    Fixed are earlier changes of the units concerned, and the close of every round whose result stands.
    """
    if effective > at:
        return Refusal("effective-in-future", field="effective")
    return Refusal("effective-too-early", {"since": latest}, "effective") if effective < latest else None
