"""A crowd whose round is still open: newcomers sign in, start, and get numbers that nobody has."""

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from bench import crowd
from contest.db import db
from contest.models.attempts import Attempt
from contest.models.contests import Round
from tests import people
from tests.conftest import Clock


def test_newcomers_take_part_beside_a_crowd(context: Flask, database: str, clock: Clock, client: FlaskClient) -> None:
    crowd.load(40, 30, clock.at - crowd.LENGTH, tree=(1, 1, 2), stays_open=timedelta(days=1))
    crowd.newcomers(2, people.PASSWORD)
    crowd.count_on()
    assert people.sign_in(client, "k000002").status_code == 303
    code = db.session.scalars(sa.select(Round.code)).one()
    people.attempt(code, people.actor("k000002"))
    people.member("m1", "GOC")
    assert db.session.scalar(sa.select(sa.func.max(Attempt.id))) == 41
