"""Pages that are rendered once: the same for all but for what is a reader's own, and nothing of one in another's."""

import re

import pytest
from flask import Flask, g, session

from contest.rules.permissions import SYSTEM
from contest.services.attempts import closing
from contest.services.contests import announcements
from contest.services.results import settlement
from contest.web import pages, slots
from tests import people
from tests.conftest import Clock
from tests.web.doors import without_token
from tests.web.test_people import Desk

NAME = 'Lê <b>"Ba"</b> & zQ'
PATHS = ("/contests/cuoc-thi", "/rounds/{code}", "/rounds/{code}/standings", "/", "/results", "/me")


@pytest.fixture
def house(app: Flask, sqlite_url: str, clock: Clock) -> str:
    with app.app_context():
        people.organisation()
        (code,) = people.contest(rounds=[{"attempts_allowed": None}])
        people.member("m1", full_name=NAME)
        people.member("m2", full_name="Trần Thị Hai")
    return code


def desk(app: Flask, code: str) -> Desk:
    with app.app_context():
        return Desk(app, people.actor(code))


def kept(app: Flask) -> int:
    return len(app.extensions["kept_pages"])


@pytest.mark.parametrize("path", PATHS)
def test_page_after_anothers_has_ones_own_name_and_token_alone(app: Flask, house: str, path: str) -> None:
    one, two = desk(app, "m1"), desk(app, "m2")
    first, second = (d.get(path.format(code=house)).text for d in (one, two))
    assert ("Lê &lt;b&gt;&#34;Ba&#34;&lt;/b&gt; &amp; zQ" in first, "Trần Thị Hai" in first) == (True, False)
    assert ("Trần Thị Hai" in second, "&#34;Ba&#34;" in second) == (True, False)
    for text, own, other in ((first, one, two), (second, two, one)):
        found = set(re.findall(r'(?:content|value)="([\w.-]{60,})"', text))
        assert found == {own.token}
        assert other.token not in text
    assert slots.SECRET not in first + second


def test_page_of_a_second_reader_is_the_one_that_was_kept(app: Flask, house: str) -> None:
    one, two = desk(app, "m1"), desk(app, "m2")
    first, known = one.get(f"/rounds/{house}").text, kept(app)
    second = two.get(f"/rounds/{house}").text
    assert kept(app) == known
    told = without_token(first).replace("Lê &lt;b&gt;&#34;Ba&#34;&lt;/b&gt; &amp; zQ", "Trần Thị Hai")
    assert told == without_token(second)


def test_whoever_manages_and_whoever_does_not_have_pages_of_their_own(app: Flask, house: str) -> None:
    with app.app_context():
        manager = Desk(app, people.organiser("btc"))
    seen = [who.get("/contests/cuoc-thi").text for who in (desk(app, "m1"), manager, desk(app, "m2"))]
    assert ['href="/manage"' in text for text in seen] == [False, True, False]
    assert 'href="/manage"' not in app.test_client().get("/contests/cuoc-thi").text


def test_each_language_has_its_own_page(app: Flask, house: str) -> None:
    one = desk(app, "m1")
    before = one.get("/contests/cuoc-thi").text
    one.client.set_cookie("lang", "en")
    assert ('<html lang="vi">' in before, '<html lang="en">' in one.get("/contests/cuoc-thi").text) == (True, True)


def test_what_is_told_to_one_is_told_to_nobody_else(app: Flask, house: str) -> None:
    one, two = desk(app, "m1"), desk(app, "m2")
    two.get(f"/rounds/{house}")
    with one.client.session_transaction() as own:
        own["_flashes"] = [("ok", "Lời nhắn riêng")]
    assert "Lời nhắn riêng" in one.get(f"/rounds/{house}").text
    assert "Lời nhắn riêng" not in one.get(f"/rounds/{house}").text + two.get(f"/rounds/{house}").text


def test_fresh_papers_differ_in_what_is_their_own_and_are_told_a_message_too(app: Flask, house: str) -> None:
    one, two = desk(app, "m1"), desk(app, "m2")
    addresses = [d.post(f"/rounds/{house}/attempts").headers["Location"] for d in (one, two)]
    codes = [address.rpartition("/")[2] for address in addresses]
    with two.client.session_transaction() as own:
        own["_flashes"] = [("ok", "Lời nhắn riêng")]
    first, second = one.get(addresses[0]).text, two.get(addresses[1]).text
    for text, mine, other in ((first, *codes), (second, *reversed(codes))):
        assert (f'data-code="{mine}"' in text, other in text) == (True, False)
        assert re.findall(r'data-position="(\d)"', text) == ["1", "2", "3"]
    assert first.count(one.token) == second.count(two.token) >= 2
    assert slots.SECRET not in first + second


def test_fresh_paper_and_one_that_is_opened_again_ask_the_same(app: Flask, house: str) -> None:
    """What is put together from kept pieces is what the template makes of the whole."""
    one = desk(app, "m1")
    address = one.post(f"/rounds/{house}/attempts").headers["Location"]
    fresh = one.get(address).text
    chosen = re.findall(r'name="response-1" value="([^"]+)"', fresh)[0]
    headers = {"X-CSRFToken": one.token}
    body = {"revision": 1, "value": chosen}
    assert one.client.put(f"{address}/responses/1", json=body, headers=headers).status_code == 200
    again = one.get(address).text
    fields = [re.findall(r"<fieldset.*?</fieldset>", text, re.S) for text in (fresh, again)]
    plain = [re.sub(r"\s+", " ", "".join(found)) for found in fields]
    now = plain[1].replace(f'value="{chosen}" checked', f'value="{chosen}"').replace(" data-current", "")
    now = now.replace('name="revision-1" value="1"', 'name="revision-1" value="0"')
    assert now == plain[0].replace(" data-current", "")


@pytest.mark.parametrize("path", ["/contests/cuoc-thi", "/rounds/{code}"])
def test_paper_that_is_open_is_gone_on_with_by_its_owner_from_a_page_that_is_shared(
    app: Flask, house: str, path: str
) -> None:
    one, two = desk(app, "m1"), desk(app, "m2")
    codes = [d.post(f"/rounds/{house}/attempts").headers["Location"].rpartition("/")[2] for d in (one, two)]
    first, known = one.get(path.format(code=house)).text, kept(app)
    second = two.get(path.format(code=house)).text
    assert kept(app) == known
    for text, mine, other in ((first, *codes), (second, *reversed(codes))):
        assert (f'href="/attempts/{mine}"' in text, other in text) == (True, False)
    assert slots.SECRET not in first + second


@pytest.mark.parametrize("path", ["/contests/cuoc-thi", "/rounds/{code}"])
def test_place_of_a_reader_stands_on_a_page_that_is_shared(app: Flask, house: str, clock: Clock, path: str) -> None:
    with app.app_context():
        codes = []
        for name in ("m1", "m2"):
            who = people.actor(name)
            codes.append(people.attempt(house, who))
            clock.advance(seconds=30 + len(codes))
            closing.submit(codes[-1], {}, by=who, arrived=clock.at)
        clock.set(people.round_row(house).closes_at)
        clock.advance(seconds=1)
        settlement.settle(people.round_row(house).id)
    one, two = desk(app, "m1"), desk(app, "m2")
    first, known = one.get(path.format(code=house)).text, kept(app)
    second = two.get(path.format(code=house)).text
    assert kept(app) == known
    for text, place, mine, other in ((first, 1, *codes), (second, 2, *reversed(codes))):
        told = " ".join(re.sub(r"<[^>]+>", "", text).split())
        assert f"hạng {place}" in told
        assert (f'href="/attempts/{mine}/receipt"' in text, other in text) == (True, False)
    assert slots.SECRET not in first + second


def test_command_is_seen_at_the_next_look(app: Flask, house: str) -> None:
    one = desk(app, "m1")
    assert "Mời xem lịch mới" not in one.get(f"/rounds/{house}").text
    with app.app_context():
        announcements.announce("cuoc-thi", None, "Mời xem lịch mới", by=SYSTEM)
    assert "Mời xem lịch mới" in one.get(f"/rounds/{house}").text


def test_template_that_asks_for_more_of_its_reader_fails_and_leaks_nothing(app: Flask, house: str) -> None:
    app.jinja_env.loader = None
    app.jinja_env.get_or_select_template = lambda *_, **__: app.jinja_env.from_string("{{ actor.unit_id }}")  # type: ignore[method-assign]
    with app.test_request_context("/contests/cuoc-thi"):
        g.known_actor = people.actor("m1")
        session["csrf_token"] = "x"
        with pytest.raises(Exception, match="unit_id"):
            pages.fragment("any.html")


def test_no_more_is_kept_than_there_is_room_for(app: Flask, house: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_MOST", 3)
    one = desk(app, "m1")
    for path in ("/", "/results", "/me", "/contests/cuoc-thi", f"/rounds/{house}"):
        assert one.get(path).status_code == 200
    assert kept(app) == 3
