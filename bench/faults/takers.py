"""People taking papers while everything fails around them: a process of many threads with one journal.

.venv/bin/python -m bench.faults.takers ADDRESS ROUND JOURNAL STOP FIRST COUNT SEED

Each saves answers, repeats what got no answer with the same revision and value, now and then sends again what was taken, sends
a lower revision, or two at once; hands in most papers, leaves some to their end, and begins the next. Ends once STOP is there.
"""

import json
import random
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.faults.journal import Journal

PASSWORD = "mot hai ba bon"
_TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')
_QUESTION = re.compile(r'<fieldset[^>]*data-position="(\d+)"[^>]*>(.*?)</fieldset>', re.DOTALL)
_CHOICE = re.compile(r'type="(radio|checkbox)"[^>]*value="([^"]+)"')
PATIENCE, PAUSE = 15, 0.25
LAST_TRIES = 20
NOTHING = (0, "", "")


class Browser:
    """One connection with cookies; what gets no answer is an answer of status 0."""

    def __init__(self, address: str) -> None:
        self._netloc = urlsplit(address).netloc
        self._connection = HTTPConnection(self._netloc, timeout=PATIENCE)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str, str]:
        """Return status, text and where the answer leads."""
        cookies = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
        try:
            self._connection.request(method, path, body or None, {**headers, **cookies})
            answer = self._connection.getresponse()
            text = answer.read().decode()
        except (OSError, HTTPException, UnicodeDecodeError):
            self._connection.close()
            return NOTHING
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer.status, text, answer.headers.get("Location", "")

    def twin(self) -> "Browser":
        """Return another connection of the same browser."""
        found = Browser(f"http://{self._netloc}")
        found.cookies = self.cookies
        return found


class Taker:
    """A person with a browser, one paper after the other."""

    def __init__(self, address: str, round_code: str, name: str, journal: Journal, stop: Path, seed: int) -> None:
        self._browser, self._round, self._name = Browser(address), round_code, name
        self._journal, self._stop, self._rng = journal, stop, random.Random(f"{seed} {name}")
        self._token = self._attempt = ""
        self._paper: list[tuple[str, str, list[str]]] = []
        self._revisions: dict[str, int] = {}
        self._is_over = False

    def run(self) -> None:
        self._patiently(self._sign_in)
        while not self._stop.exists():
            if self._patiently(self._begin):
                self._sit()
        for _ in range(LAST_TRIES):  # whoever still sits hands in at the end
            if self._is_over or not self._attempt or self._submit():
                return
            time.sleep(1)

    def _patiently(self, step: Any) -> bool:
        """Repeat a step until it is done; False where the campaign ends before."""
        while not self._stop.exists():
            if step():
                return True
            time.sleep(PAUSE * (1 + self._rng.random()))
        return False

    def _page(self, path: str) -> str | None:
        status, text, _ = self._ask("GET", path)
        if status != 200:
            return None
        found = _TOKEN.search(text)
        self._token = found[1] if found else self._token
        return text

    def _ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str, str]:
        """Ask for something that is no save; answers that nobody should get are noted."""
        answer = self._browser.ask(method, path, body, **headers)
        if answer[0] not in (200, 303):
            self._journal.note(
                do="ask", who=self._name, method=method, path=path, status=answer[0], said=answer[1][:200]
            )
        return answer

    def _post(self, path: str, **form: str) -> tuple[int, str, str]:
        body = urlencode({"csrf_token": self._token, **form})
        return self._ask("POST", path, body, **{"Content-Type": "application/x-www-form-urlencoded"})

    def _sign_in(self) -> bool:
        if self._page("/sign-in") is None:
            return False
        return self._post("/sign-in", identifier=self._name, password=PASSWORD)[0] == 303

    def _begin(self) -> bool:
        """Start twice at once, as an impatient finger does; both must lead to the same paper."""
        if self._page(f"/rounds/{self._round}") is None:
            return False
        twin = Taker.__new__(Taker)
        twin.__dict__ |= {**self.__dict__, "_browser": self._browser.twin()}
        path = f"/rounds/{self._round}/attempts"
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(lambda t: t._post(path), [self, twin]))
        codes = [where.rpartition("/")[2] for status, _, where in both if status == 303 and "/attempts/" in where]
        if not codes:
            return False
        self._journal.note(do="started", who=self._name, attempts=codes)
        self._attempt = codes[0]
        paper = self._page(f"/attempts/{self._attempt}")
        if paper is None or 'id="paper"' not in paper:
            return False
        found = [(n, _CHOICE.findall(body)) for n, body in _QUESTION.findall(paper)]
        self._paper = [(n, choices[0][0], [value for _, value in choices]) for n, choices in found if choices]
        self._revisions, self._is_over = {}, False
        return bool(self._paper)

    def _sit(self) -> None:
        saves, hands_in = self._rng.randint(40, 160), self._rng.random() < 0.8
        for _ in range(saves):
            if self._is_over or self._stop.exists():
                break
            self._one_save()
            time.sleep(self._rng.random() * 0.1)
        if hands_in and not self._is_over:
            self._patiently(self._submit)
        while not (self._is_over or self._stop.exists()):  # left alone: saved into until it is too late
            self._one_save()
            time.sleep(1)

    def _one_save(self) -> None:
        position, kind, choices = self._rng.choice([*self._paper, ("prediction", "number", [])])
        value: Any = self._rng.randrange(100) if kind == "number" else self._rng.choice([*choices, None])
        if kind == "checkbox":
            value = self._rng.sample(choices, self._rng.randint(0, len(choices))) or None
        self._revisions[position] = revision = self._revisions.get(position, 0) + 1
        way = self._rng.random()
        if way < 0.03:  # two revisions at once, the lower one perhaps later
            other = {"position": position, "revision": revision, "value": None}
            self._revisions[position] = revision = revision + 1
            twin = threading.Thread(target=self._send, args=(self._browser.twin(),), kwargs=other)
            twin.start()
            self._send(self._browser, position=position, revision=revision, value=value)
            twin.join()
            return
        self._send(self._browser, position=position, revision=revision, value=value)
        if way < 0.08:  # again, as after a lost answer
            self._send(self._browser, position=position, revision=revision, value=value)

    def _send(self, browser: Browser, *, position: str, revision: int, value: Any) -> None:
        """Save until there is an answer that settles it."""
        said = {"attempt": self._attempt, "position": position, "revision": revision, "value": value}
        body = json.dumps({"revision": revision, "value": value})
        headers = {"Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": self._token}
        while True:
            number = self._journal.note(do="save", who=self._name, **said)
            status, text, _ = browser.ask("PUT", f"/attempts/{self._attempt}/responses/{position}", body, **headers)
            answer = _loaded(text)
            self._journal.note(do="answer", to=number, status=status, said=answer)
            if 0 < status < 500 and status != 429:
                self._is_over = self._is_over or answer.get("code") in ("late", "closed")
                return
            if self._stop.exists():
                return
            time.sleep(PAUSE * (1 + self._rng.random()))

    def _submit(self) -> bool:
        self._journal.note(do="submit", who=self._name, attempt=self._attempt)
        status, _, where = self._post(f"/attempts/{self._attempt}/submission")
        if status == 303 and where.endswith("/receipt"):
            self._journal.note(do="submitted", who=self._name, attempt=self._attempt)
            self._is_over = True
        return self._is_over


def _loaded(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {"text": text[:200]}
    return found if isinstance(found, dict) else {"text": text[:200]}


def main(address: str, round_code: str, journal: str, stop: str, first: str, count: str, seed: str) -> None:
    written, numbers = Journal(Path(journal)), range(int(first), int(first) + int(count))
    takers = [Taker(address, round_code, f"t{n:04d}", written, Path(stop), int(seed)) for n in numbers]
    threads = [threading.Thread(target=taker.run) for taker in takers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
