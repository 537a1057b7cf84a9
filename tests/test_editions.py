"""What a process keeps of what is shared is as it was, on both databases: nobody has to say what has changed."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import clock as clock_module
from contest.db import alone, db, editions, session, transaction
from contest.db.editions import LONGEST, Kept
from contest.models.contests import Contest
from contest.rules.permissions import SYSTEM
from contest.services.attempts import starting
from contest.services.contests import announcements
from tests import people
from tests.conftest import Clock


@pytest.fixture
def house(context: Flask, database: str, clock: Clock) -> str:
    people.organisation()
    return people.contest()[0]


class Titles:
    """A kept value, and how often it was read."""

    def __init__(self) -> None:
        self.kept: Kept[str, str] = Kept()
        self.read_count = 0

    def get(self) -> str:
        return self.kept.get("cuoc-thi", self._read)

    def _read(self, slug: str) -> str:
        self.read_count += 1
        return editions.apart(sa.select(Contest.title).where(Contest.slug == slug))[0][0]


def retitle(title: str) -> None:
    db.session.execute(sa.update(Contest).values(title=title))


@contextmanager
def request() -> Iterator[None]:
    session.begin_request()
    try:
        yield
    finally:
        session.end_request()


def test_value_is_read_once_in_an_edition_and_anew_in_the_next(house: str) -> None:
    titles = Titles()
    first = titles.get()
    assert (titles.get(), titles.read_count) == (first, 1)
    with transaction():
        retitle("Khác")
    assert (titles.get(), titles.read_count) == ("Khác", 2)


def test_command_that_is_undone_makes_no_edition(house: str) -> None:
    before = editions.current()
    with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012
        retitle("Khác")
        raise ZeroDivisionError
    assert editions.current() == before


def test_taking_part_makes_no_edition_and_announcing_makes_one(house: str) -> None:
    who, before = people.member("m1"), editions.current()
    starting.start(house, by=who)
    assert editions.current() == before
    announcements.announce("cuoc-thi", None, "Mời đồng chí đọc thể lệ.", by=SYSTEM)
    assert editions.current() == before + 1


def test_what_is_shared_within_makes_the_whole_command_shared(house: str) -> None:
    before = editions.current()
    with transaction(shared=False), transaction():
        pass
    assert editions.current() == before + 1


def test_command_reads_what_it_changes_and_keeps_nothing_of_it(house: str) -> None:
    titles = Titles()
    first = titles.get()
    with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012
        retitle("Khác")
        assert titles.get() == "Khác"
        raise ZeroDivisionError
    assert titles.get() == first


def test_request_asks_for_the_edition_once_and_sees_its_own_command(house: str) -> None:
    titles, asked = Titles(), []
    with request(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(alone, "observe", asked.append)
        titles.get(), titles.get()
        assert len(asked) == 1
        with transaction():
            retitle("Khác")
        assert titles.get() == "Khác"


def test_request_goes_on_by_the_edition_that_it_began_with(house: str) -> None:
    titles = Titles()
    with request():
        first = titles.get()
        with db.engine.begin() as elsewhere:
            elsewhere.execute(sa.text("UPDATE contests SET title = 'Khác'"))
            elsewhere.execute(sa.text("UPDATE editions SET number = number + 1"))
        assert titles.get() == first
        session.look_again()
        assert titles.get() == "Khác"


def change_elsewhere() -> None:
    """Change a title as another process would."""
    with db.engine.begin() as elsewhere:
        elsewhere.execute(sa.text("UPDATE contests SET title = 'Khác'"))
        elsewhere.execute(sa.text("UPDATE editions SET number = number + 1"))


def latest_known() -> int:
    with request():
        return editions.current()


@pytest.mark.parametrize("is_changed", [False, True])
def test_statement_that_says_the_edition_is_asked_with_what_is_good_in_it(house: str, is_changed: bool) -> None:
    titles, asked_with = Titles(), []
    first, known = titles.get(), latest_known()

    def ask() -> str:
        asked_with.append(titles.get())
        session.know_edition(editions.read_number())
        return asked_with[-1]

    if is_changed:
        change_elsewhere()
    with request():
        assert editions.presuming(ask) == ("Khác" if is_changed else first)
        assert editions.current() == known + is_changed
    assert asked_with == [first, *(["Khác"] if is_changed else [])]


def test_what_no_statement_has_said_is_not_known(house: str) -> None:
    titles = Titles()
    first = titles.get()
    latest_known()
    change_elsewhere()
    with request():
        assert editions.presuming(titles.get) == "Khác"  # asked anew, after asking for the edition
    with request():
        with pytest.raises(ZeroDivisionError):
            editions.presuming(lambda: 1 / 0)
        assert session.known_edition() is None
    assert first != "Khác"


def test_nothing_is_presumed_of_what_is_known(house: str) -> None:
    titles, read = Titles(), []
    titles.get()
    latest_known()
    change_elsewhere()
    with request():
        editions.current()
        assert editions.presuming(lambda: read.append(1) or titles.get()) == "Khác"
    assert read == [1]


@pytest.mark.parametrize(("later", "title"), [(LONGEST - 1, None), (LONGEST, "Khác")])
def test_change_by_other_hands_is_seen_after_a_while(
    house: str, monkeypatch: pytest.MonkeyPatch, later: float, title: str | None
) -> None:
    monkeypatch.setattr(clock_module, "ticks", lambda: 0.0)
    titles = Titles()
    first = titles.get()
    with db.engine.begin() as elsewhere:
        elsewhere.execute(sa.text("UPDATE contests SET title = 'Khác'"))
    monkeypatch.setattr(clock_module, "ticks", lambda: later)
    assert titles.get() == (title or first)


@pytest.mark.parametrize("gives_way", [False, True])
def test_background_leaves_the_one_writer_after_each_command(
    house: str, monkeypatch: pytest.MonkeyPatch, gives_way: bool
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(session, "gives_way", gives_way)
    monkeypatch.setattr(session.time, "sleep", slept.append)
    for shared in (True, False):
        with transaction(shared=shared):
            retitle("Khác")
    is_due = gives_way and session.is_sqlite()
    assert len(slept) == 2 * is_due
    assert all(session.SHORTEST_BREATH <= pause <= session.LONGEST_BREATH for pause in slept)
