"""A participant's browser for load: one kept connection, cookies, no redirects followed; and the steps of a journey."""

import json
import random
import re
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

PASSWORD = "demo-password"
_TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')
_ROUND = re.compile(r'href="/rounds/([^/"?#]+)"')
_QUESTION = re.compile(r'<fieldset[^>]*data-position="(\d+)"[^>]*>(.*?)</fieldset>', re.S)
_CHOICE = re.compile(r'type="(?:radio|checkbox)"[^>]*value="([^"]+)"')


class Unexpected(Exception):
    """An answer that no participant should get."""


class Visitor:
    """One member of the demonstration, from the sign-in page to the standings; each step may be timed apart."""

    def __init__(self, base: str, number: int) -> None:
        self._connection = HTTPConnection(urlsplit(base).netloc, timeout=60)
        self._cookies: dict[str, str] = {}
        self._rng = random.Random(number)
        self.member = f"m{number:06d}"
        self._token = self._round = self._attempt = ""
        self._paper: list[tuple[str, list[str]]] = []

    def sign_in_page(self) -> None:
        self._keep_token(self._get("/sign-in"))

    def sign_in(self) -> None:
        self._post("/sign-in", identifier=self.member, password=PASSWORD)

    def start(self) -> None:
        """Read the contest's page and the one before the start, start, and read the paper."""
        self.come()
        if not self.ask_to_start():
            raise Unexpected("a queue before the start")
        self.read_paper()

    def come(self) -> None:
        """Read the contest's page and the one before the start of the round that can be started."""
        codes = _ROUND.findall(self._get("/contests/nghi-quyet"))
        for code in dict.fromkeys(codes):
            before = self._get(f"/rounds/{code}")
            if f'action="/rounds/{code}/attempts"' in before:
                break
        else:
            raise Unexpected("no round can be started")
        self._keep_token(before)
        self._round = code

    def ask_to_start(self) -> bool:
        """Press the button; false leaves a place in the queue."""
        path = self._post(f"/rounds/{self._round}/attempts")
        self._attempt = path.rpartition("/")[2]
        return path.startswith("/attempts/")

    def look_at_place(self) -> dict[str, Any]:
        """Return one's place in the queue as the page asks for it."""
        headers = {"Accept": "application/json"}
        return dict(json.loads(self._ask("GET", f"/rounds/{self._round}/queue/place", 200, None, headers)[1]))

    def read_paper(self) -> None:
        paper = self._get(f"/attempts/{self._attempt}")
        self._keep_token(paper)
        found = [(n, _CHOICE.findall(body)) for n, body in _QUESTION.findall(paper)]
        self._paper = [(n, choices) for n, choices in found if choices]
        if len(self._paper) != 20:
            raise Unexpected(f"{len(self._paper)} questions on the paper")

    def save(self) -> None:
        """Answer all twenty questions, one request each."""
        for position, choices in self._paper:
            self._put(position, self._rng.choice(choices))

    def predict(self) -> None:
        self._put("prediction", self._rng.randrange(1000))

    def submit(self) -> None:
        self._post(f"/attempts/{self._attempt}/submission")

    def receipt(self) -> None:
        if 'class="score"' not in self._get(f"/attempts/{self._attempt}/receipt"):
            raise Unexpected("no score on the receipt")

    def standings(self) -> None:
        if "data-place=" not in self._get(f"/rounds/{self._round}/standings"):
            raise Unexpected("no rows in the standings")

    def close(self) -> None:
        self._connection.close()

    def _keep_token(self, page: str) -> None:
        found = _TOKEN.search(page)
        if found is None:
            raise Unexpected("no token on the page")
        self._token = found[1]

    def _get(self, path: str) -> str:
        return self._ask("GET", path, 200)[1]

    def _post(self, path: str, **form: str) -> str:
        """Post a form and return where the answer leads."""
        body = urlencode({"csrf_token": self._token, **form})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return str(self._ask("POST", path, 303, body, headers)[0].headers["Location"])

    def _put(self, position: str, value: object) -> None:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": self._token}
        body = json.dumps({"revision": 1, "value": value})
        _, text = self._ask("PUT", f"/attempts/{self._attempt}/responses/{position}", 200, body, headers)
        if json.loads(text).get("ok") is not True:
            raise Unexpected(text)

    def _ask(
        self, method: str, path: str, status: int, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[HTTPResponse, str]:
        cookies = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())} if self._cookies else {}
        self._connection.request(method, path, body, {**(headers or {}), **cookies})
        answer = self._connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if answer.status != status:
            raise Unexpected(f"{method} {path}: {answer.status} {text[:200]}")
        return answer, text


STEPS: dict[str, Callable[[Visitor], None]] = {
    "sign-in page": Visitor.sign_in_page,
    "sign in": Visitor.sign_in,
    "start": Visitor.start,
    "20 saves": Visitor.save,
    "prediction": Visitor.predict,
    "submission": Visitor.submit,
    "receipt": Visitor.receipt,
    "standings": Visitor.standings,
}
