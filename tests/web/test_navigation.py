"""Where one is sent next: a path of ours, whatever was asked for."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from contest.web.navigation import safe_next
from tests import people
from tests.web.doors import post

SAFE = ["/", "/rounds/abc", "/rounds/abc?after=1&unit=A", "/results?q=Nguy%E1%BB%85n", "/a//b", "/x:y", "/@evil"]
HOSTS = [
    "evil.example",
    "evil.example/x",
    "evil.example:80",
    "user@evil.example",
    "localhost@evil.example",
    "[::1]",
    "[",
]
LEADS = [
    "//{}", "///{}", "////{}", "/\\{}", "\\/{}", "\\\\{}", "/\t/{}", "/\n/{}", "/\r/{}", "\t//{}", " //{}", "/ /{}",
    "http://{}", "https://{}", "HtTpS://{}", "https:{}", "https:/{}", "https:///{}", "http:\\\\{}", "ftp://{}", "ws://{}",
    "javascript://{}/%0aalert(1)", "data:text/html,{}", "{}", "x/{}", "?next={}", "#{}", "\u2028//{}", "//\u2100{}",
]  # fmt: skip
HOSTILE = sorted({lead.format(host) for lead in LEADS for host in HOSTS})


def leads_home(target: str) -> bool:
    """Say whether every browser would stay: backslashes count as slashes, white space inside is dropped."""
    seen = re.sub(r"[\t\r\n]", "", target).replace("\\", "/").strip()
    return seen.startswith("/") and not seen.startswith("//")


@pytest.mark.parametrize("target", SAFE)
def test_own_paths_are_followed(target: str) -> None:
    assert safe_next(target) == target


def test_two_hundred_ways_out_lead_home() -> None:
    assert len(HOSTILE) >= 200
    assert [target for target in HOSTILE if not leads_home(safe_next(target))] == []


@given(st.text(alphabet="/\\:@?#.[]%\t\n hteps\u2100\u3002xa1", max_size=12))
def test_next_never_leaves_the_site(target: str) -> None:
    going = safe_next(target)
    assert leads_home(going)
    assert urlsplit(urljoin("http://localhost/sign-in", going)).netloc == "localhost"


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https:evil.example", "//[", "/rounds/x"])
def test_signing_in_leads_to_our_own_pages(house: Flask, target: str) -> None:
    expected = target if target == "/rounds/x" else "/"
    client = house.test_client()
    entered = post(client, "/sign-in", identifier="m1", password=people.PASSWORD, next=target)
    assert (entered.status_code, entered.headers["Location"]) == (303, expected)
    assert client.get("/sign-in", query_string={"next": target}).headers["Location"] == expected
    assert post(client, "/language", locale="vi", next=target).headers["Location"] == expected
