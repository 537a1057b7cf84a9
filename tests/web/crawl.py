"""Going wherever the links of a site lead, for tests that look for what must stand nowhere."""

import html
import re
import zipfile
from collections.abc import Iterable
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient

MOST = 400  # pages; a crawl that finds more has lost its way


def crawl(client: FlaskClient, *starts: str) -> dict[str, Any]:
    """Read every page that the starts lead to, one after the other, and return the answers by their addresses."""
    waiting, found = list(dict.fromkeys(starts)), dict[str, Any]()
    for path in waiting:
        assert len(found) < MOST, "the crawl does not end"
        found[path] = client.get(path)
        waiting += [link for link in dict.fromkeys(links(path, found[path])) if link not in waiting]
    return found


def links(path: str, answer: Any) -> list[str]:
    """Return where a page leads on this site: its links, and its filters with each of their choices."""
    if "Location" in answer.headers:
        return [answer.headers["Location"]]
    if answer.mimetype != "text/html":
        return []
    hrefs = [html.unescape(h) for h in re.findall(r'href="([^"#]+)', answer.text)]
    for name, choices in re.findall(
        r'<select class="[^"]*filter[^"]*" name="(\w+)".*?>(.*?)</select>', answer.text, re.S
    ):
        hrefs += [f"{urlsplit(path).path}?{name}={value}" for value in re.findall(r'value="([^"]+)"', choices)]
    joined = [urlsplit(urljoin(path, href)) for href in hrefs]
    return [f"{u.path}?{u.query}".rstrip("?") for u in joined if not u.netloc and not u.path.startswith("/static/")]


def endpoints(app: Flask, paths: Iterable[str]) -> set[str]:
    """Return the endpoints behind the addresses."""
    urls = app.url_map.bind("localhost")
    return {str(urls.match(urlsplit(path).path)[0]) for path in paths}


def everything(answer: Any) -> str:
    """Return all that an answer carries as one text: its headers, its body, and what is packed inside a workbook."""
    named = answer.headers.items()
    head = "\n".join(f"{name}: {value}" for name, value in named if name != "X-Request-ID")  # drawn anew each time
    if not answer.data.startswith(b"PK"):
        return f"{head}\n{html.unescape(answer.data.decode(errors='replace'))}"
    with zipfile.ZipFile(BytesIO(answer.data)) as packed:
        parts = [packed.read(name).decode(errors="replace") for name in packed.namelist()]
    return "\n".join([head, *packed.namelist(), *map(html.unescape, parts)])


def leaks(answers: dict[str, Any], canaries: Iterable[str]) -> list[tuple[str, str]]:
    """Return which canary sings on which page; that a page repeats the words it was asked for is none."""
    return [
        (path, canary)
        for path, answer in answers.items()
        for canary in canaries
        if canary.lower() in everything(answer).lower() and canary.lower() not in path.lower()
    ]
