"""A contest, and a crowd that has taken part in it."""

import random
from collections.abc import Iterator

import pytest
from flask import Flask

from contest.rules.permissions import Actor
from tests import people
from tests.conftest import Clock
from tests.services.crowd import CROWD, take


@pytest.fixture
def contest(app: Flask, database: str, clock: Clock) -> Iterator[str]:
    with app.app_context():
        people.organisation()
        yield people.contest()[0]


@pytest.fixture
def crowd(contest: str, clock: Clock) -> list[Actor]:
    """Let twelve people of two units take one or two attempts each, unlike each other."""
    rng = random.Random(5)
    found = [people.member(f"p{n:02d}", "A1" if n % 3 else "B1") for n in range(CROWD)]
    for who in found:
        for _ in range(rng.choice([1, 1, 2])):
            take(
                contest,
                who,
                clock,
                rng.choice([1, 2, 3, 3]),
                rng.choice([None, 2, 3, 5, 9]),
                rng.randrange(30, 400, 30),
            )
    return found
