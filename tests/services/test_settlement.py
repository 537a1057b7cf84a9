"""A final settlement of a crowd: places and digests stay what they have always been, whatever makes them faster."""

import pytest
import sqlalchemy as sa
from flask import Flask

from bench import crowd
from contest.db import db, transaction
from contest.models.contests import Round
from contest.rules.permissions import SYSTEM
from contest.services.results import proof, settlement
from tests.conftest import Clock

# What the first settlement that took a person at a time made of the same crowd.
DIGESTS = {
    ("best", "correct,prediction,submitted_at"): "2b031cb957b964eb7d03364e5340c4263f0ab781349acfe8e63d189677871a43",
    ("best", "points,duration,prediction,started_at,attempts_used"): (
        "eb96dd33dba1aa834b4250e3bb4389a2f09bed45b906582208598799c1a9c5cc"
    ),
    ("average", "correct,prediction,duration"): "9093d0d4a4c5bfa974a54e3f2f2bac197a8c56d02c5c2837f9e16cfad80758a0",
    ("last", "points,prediction,full_marks,registered_at"): (
        "2643a12443667a0381e95c32820f58bde715cd1be918694847873e0a3c1139be"
    ),
    ("first", "correct,attempts_used,duration,lot"): "815f9c698cac243efb1af9f19c171f58467bc4213d77b7b76fb73ab4d2b5a83f",
}


@pytest.mark.parametrize(("counted", "criteria"), DIGESTS)
def test_digest_of_a_crowd_stays_what_it_was(
    context: Flask, database: str, clock: Clock, counted: str, criteria: str
) -> None:
    crowd.load(900, 600, clock.at, tree=(2, 2, 2))
    with transaction():
        db.session.execute(sa.update(Round).values(counted=counted, criteria=criteria.split(",")))
    clock.advance(days=8)
    found = settlement.settle(1, by=SYSTEM)
    assert (found.participants, found.attempts) == (600, 900)
    assert found.digest == DIGESTS[counted, criteria]
    assert proof.verify(crowd.SLUG, 1, by=SYSTEM)[0].differences == ()
