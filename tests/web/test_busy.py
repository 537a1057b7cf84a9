"""What is said to whoever finds too many waiting: rendered once, with the headers of every page, and a way back."""

import json
import secrets
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask import Flask

from contest.web import busy, slots


@pytest.fixture
def asked(app: Flask, sqlite_url: str) -> Any:
    inner = busy.of(app)

    def ask(path: str = "/rounds/abc", method: str = "GET", **more: str) -> tuple[str, dict[str, str], str]:
        told: list[Any] = []
        environ = {"PATH_INFO": path, "REQUEST_METHOD": method, "contest.again": 7, "contest.began": 0.0, **more}

        def begin(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            told.extend((status, dict(headers)))

        body: Iterable[bytes] = inner(environ, begin)
        return told[0], told[1], b"".join(body).decode()

    return ask


def test_page_says_so_and_asks_again_by_itself(asked: Any) -> None:
    status, headers, page = asked()
    assert status.startswith("503")
    assert "Đang có rất nhiều người vào cùng lúc. Mời bạn chờ vài giây rồi thử lại; bài đang làm vẫn được lưu." in page
    assert (headers["Retry-After"], headers["Refresh"], headers["Cache-Control"]) == ("7", "7", "no-store")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert int(headers["Content-Length"]) == len(page.encode())
    assert 'href="/rounds/abc"' in page
    assert slots.SECRET not in page


def test_page_leads_back_to_what_was_asked_for_and_carries_nothing_in(asked: Any) -> None:
    _, _, page = asked('/tìm"><b>'.encode().decode("latin-1"), QUERY_STRING='q=1&unit="><script>')
    assert 'href="/t%C3%ACm%22%3E%3Cb%3E?q=1&amp;unit=&#34;&gt;&lt;script&gt;"' in page
    assert "<script>" not in page.replace("<script ", "")


def test_command_is_not_sent_again_by_itself(asked: Any) -> None:
    _, headers, page = asked("/rounds/abc/attempts", "POST")
    assert ("Refresh" in headers, headers["Retry-After"]) == (False, "7")
    assert "/rounds/abc/attempts" not in page


def test_program_is_told_in_its_own_way(asked: Any) -> None:
    status, headers, body = asked(HTTP_ACCEPT="application/json")
    assert (status[:3], headers["Content-Type"], "Refresh" in headers) == (
        "503",
        "application/json; charset=utf-8",
        False,
    )
    assert json.loads(body)["code"] == "busy"


def test_english_is_spoken_to_whoever_has_chosen_it(asked: Any) -> None:
    assert '<html lang="en">' in asked(HTTP_COOKIE="a=b; lang=en")[2]
    assert '<html lang="vi">' in asked(HTTP_COOKIE="a=b; lang=vi")[2]


def test_page_is_ready_where_no_other_host_is_served(make_app: Callable[..., Flask], sqlite_url: str) -> None:
    """An installation in production builds no link for a host that is not its own: it would not start."""
    settings = {"APP_ENV": "production", "SECRET_KEY": secrets.token_hex(32), "BASE_URL": "https://hoithi.example"}
    page, _ = busy._rendered(make_app(sqlite_url, **settings), "vi")
    assert "Đang có rất nhiều người" in page.filled({"place": ""})
