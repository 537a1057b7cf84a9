"""Lots as the last criterion of a ranking: they order those whom no criterion tells apart, and nobody else."""

from collections.abc import Collection, Iterable, Mapping, Sequence


def equals_of(keys: Mapping[int, bytes]) -> list[list[int]]:
    """Return the groups of people whose keys are the same, two or more in each, the best group first."""
    found: dict[bytes, list[int]] = {}
    for person, key in keys.items():
        found.setdefault(key, []).append(person)
    return [sorted(found[key]) for key in sorted(found) if len(found[key]) > 1]


def lots_of(equals: Iterable[Collection[int]], draws: Sequence[Sequence[int]]) -> dict[int, int]:
    """Return person → their lot, for each group of equals among all of whom lots were drawn; the last such draw counts.

    `draws` hold people in the order in which they were drawn, the oldest draw first. A group that somebody has joined
    since has no lots: they would have drawn against nobody.
    """
    known = [{person: lot for lot, person in enumerate(drawn, 1)} for drawn in reversed(draws)]
    lots: dict[int, int] = {}
    for group in equals:
        order = next((own for own in known if all(person in own for person in group)), None)
        if order is not None:
            lots |= {person: order[person] for person in group}
    return lots
