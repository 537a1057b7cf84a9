"""What is kept of a replica, and what a file that is made there has in it."""

from unittest.mock import patch

import pytest
import sqlalchemy as sa

from contest import worker
from contest.db import behind, db, editions, elsewhere, reading, session, transaction
from contest.db.editions import Kept, apart
from contest.models.contests import Contest
from contest.models.files import FilePart
from contest.services import exchange
from tests import people
from tests.conftest import Clock
from tests.replica.conftest import Replicated
from tests.replica.test_moments import late

pytestmark = pytest.mark.postgres
TITLE = sa.select(Contest.title)


def retitle(title: str) -> None:
    with transaction():
        db.session.execute(sa.update(Contest).values(title=title))


class Titles:
    """What is kept of a contest."""

    def __init__(self) -> None:
        self.kept: Kept[str, str] = Kept()
        self.read: list[bool] = []

    def get(self) -> str:
        return self.kept.get("x", self._read)

    def _read(self, _: str) -> str:
        self.read.append(reading.elsewhere() is not None)
        return apart(TITLE)[0][0]


def test_what_is_read_there_is_kept_by_the_number_that_stands_there(house: Replicated, clock: Clock) -> None:
    """It is kept for whoever knows that number, and is not taken for newer by anybody."""
    titles = Titles()
    with house.app.app_context():
        session.begin_request()
        number = editions.current()
        house.standby.hold_back()
        retitle("Khác")  # after this request has learnt its number, by another
        session.know_edition(number)
        assert elsewhere(titles.get) == "Cuộc thi cuoc-thi"
        assert titles.kept._values["x"][0] == number
        assert elsewhere(titles.get) == titles.get()  # which is of the number by which this request reads
        assert titles.read == [True]
        session.end_request()
        assert titles.get() == elsewhere(titles.get) == "Khác"
        assert titles.read == [True, False]
        house.standby.let_on()
        house.catch_up()
        assert elsewhere(titles.get) == "Khác"
        assert titles.read == [True, False]


def test_request_of_before_may_read_there_what_is_newer_and_keeps_it_as_that(house: Replicated) -> None:
    titles = Titles()
    with house.app.app_context():
        session.begin_request()
        number = editions.current()
        retitle("Khác")
        session.know_edition(number)
        house.catch_up()
        assert elsewhere(titles.get) == "Khác"
        assert titles.kept._values["x"][0] == number + 1
        session.end_request()
        assert titles.get() == "Khác"
        assert titles.read == [True]


def ask_for_results(house: Replicated) -> None:
    with house.app.app_context():
        boss = people.administrator()
        payload = {"contest": "cuoc-thi", "round": None, "format": "json", "locale": "vi"}
        exchange.ask_export("results-export", payload, by=boss)


def file_of(house: Replicated) -> str:
    with house.app.app_context():
        return db.session.scalars(sa.select(FilePart.content)).one().decode()


def test_file_has_everything_until_it_was_made_and_waits_for_that(house: Replicated, clock: Clock) -> None:
    ask_for_results(house)
    with house.app.app_context():
        late(house, clock)
    looked = []

    def look() -> None:
        looked.append(True)
        if len(looked) == 3:
            house.standby.let_on()
            house.standby.catch_up()
        house.look()

    with patch.object(house.own.wanted, "set", look):
        worker.run_once(house.app)
    assert "Nguyễn Thị P9" in file_of(house)
    assert len(looked) == 3
    assert house.counts() == {"replica": 1}


def test_file_is_made_by_the_primary_when_that_takes_too_long(
    house: Replicated, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contest.services.jobs.CATCHING_UP", 0.3)
    ask_for_results(house)
    with house.app.app_context():
        late(house, clock)
    with patch.object(house.own.wanted, "set", house.look):
        worker.run_once(house.app)
    assert "Nguyễn Thị P9" in file_of(house)
    assert house.counts() == {"primary": 1}


def test_behind_is_nothing_on_the_primary(house: Replicated) -> None:
    with house.app.app_context():
        assert elsewhere(behind) > 0
        house.own.is_kept = False
        assert elsewhere(behind) == 0.0
