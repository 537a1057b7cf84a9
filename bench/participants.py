"""Those who take part: the same journey on the product, by its outer surface alone, and on the floor.

Each step raises Unexpected for an answer that no participant should get. What was acknowledged is remembered, so that
`lost` can say which of it the server does not have.
"""

import json
import random
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.wire import Browser, Unexpected, expect, find

PASSWORD = "demo-password"
CONTEST = "nghi-quyet"
PREDICTION = "prediction"

_TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')
_ROUND = re.compile(r'href="/rounds/([^/"?#]+)"')
_QUESTION = re.compile(r'<fieldset[^>]*data-position="(\d+)"[^>]*>(.*?)</fieldset>', re.S)
_CHOICE = re.compile(r'type="(?:radio|checkbox)"[^>]*value="([^"]+)"')
_REVISION = re.compile(r'name="revision-(\w+)"[^>]*value="(\d+)"')
_CHECKED = re.compile(r'name="response-(\d+)"[^>]*value="([^"]+)"[^>]*\bchecked')
_COUNTS = "Được tính"
FLOOR_TOKEN = re.compile(r'name=token value="([^"]+)"')
FLOOR_SAVED = re.compile(r'data-position=(\d+) data-revision="(\d+)" data-saved="(\d*)"')


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the journey: its method, how it is called, and how often in a row it is done."""

    name: str
    label: str
    times: int = 1


JOURNEY = (
    Step("sign_in_page", "sign-in page"),
    Step("sign_in", "sign in"),
    Step("start", "start"),
    Step("save", "save", 20),
    Step("predict", "prediction"),
    Step("submit", "submission"),
    Step("receipt", "receipt"),
    Step("standings", "standings"),
)
SIGNED_IN = ("sign_in_page", "sign_in")
STARTED = (*SIGNED_IN, "start")


class Participant(ABC):
    """One person at one browser."""

    def __init__(self, address: str, number: int) -> None:
        self.browser = Browser(address)
        self.number = number
        self.is_closed = False
        self.acknowledged: dict[str, tuple[int, object]] = {}
        self._rng = random.Random(number)
        self._token = ""
        self._saves = 0

    async def save(self) -> None:
        """Answer the next question; after the last the first again, with its next revision."""
        positions = self._positions()
        if not positions:
            raise Unexpected("no paper")
        turn, position = divmod(self._saves, len(positions))
        self._saves += 1
        await self._put(positions[position], self._rng.choice(self._choices(positions[position])), turn + 1)

    async def predict(self) -> None:
        revision = self.acknowledged.get(PREDICTION, (0, None))[0] + 1
        await self._put(PREDICTION, self._rng.randrange(1000), revision)

    async def _put(self, position: str, value: object, revision: int) -> None:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": self._token}
        body = json.dumps({"revision": revision, "value": value}).encode()
        answer = expect(await self.browser.ask("PUT", self._place_of(position), body, headers), 200)
        said = json.loads(answer.body)
        if said.get("ok") is not True or said.get("revision") != revision or said.get("stale"):
            raise Unexpected(answer.text[:200])
        self.acknowledged[position] = revision, value

    def close(self) -> None:
        self.browser.close()

    @abstractmethod
    async def sign_in_page(self) -> None: ...
    @abstractmethod
    async def sign_in(self) -> None: ...
    @abstractmethod
    async def come(self) -> None:
        """Read the contest's page and the one before the start."""

    @abstractmethod
    async def ask_to_start(self) -> bool:
        """Press the button; false leaves a place in the queue."""

    @abstractmethod
    async def read_paper(self) -> None: ...
    @abstractmethod
    async def submit(self) -> None: ...
    @abstractmethod
    async def receipt(self) -> None: ...
    @abstractmethod
    async def standings(self) -> None: ...
    @abstractmethod
    async def lost(self) -> int:
        """Return how many of the positions whose save was acknowledged the server shows otherwise."""

    @abstractmethod
    def _positions(self) -> list[str]: ...
    @abstractmethod
    def _choices(self, position: str) -> list[Any]: ...
    @abstractmethod
    def _place_of(self, position: str) -> str: ...

    async def start(self) -> None:
        """Come, start and read the paper."""
        await self.come()
        if not await self.ask_to_start():
            raise Unexpected("a queue before the start")
        await self.read_paper()

    async def look_at_place(self) -> Mapping[str, Any]:
        """Return one's place in the queue: `stage`, the `seconds` it takes, and after how many to look `again`."""
        raise Unexpected("no queue here")


class Member(Participant):
    """A member at the product: of the demonstration unless told otherwise."""

    def __init__(
        self, address: str, number: int, *, contest: str = CONTEST, code: str = "m{:06d}", questions: int = 20
    ) -> None:
        super().__init__(address, number)
        self._contest, self._questions, self._code = contest, questions, code.format(number)
        self._round = self._attempt = ""
        self._paper: dict[str, list[str]] = {}

    async def sign_in_page(self) -> None:
        self._keep_token(await self._page("/sign-in"))

    async def sign_in(self) -> None:
        await self._post("/sign-in", identifier=self._code, password=PASSWORD)

    async def come(self) -> None:
        for code in dict.fromkeys(_ROUND.findall(await self._page(f"/contests/{self._contest}"))):
            before = await self._page(f"/rounds/{code}")
            if f'action="/rounds/{code}/attempts"' in before:
                break
        else:
            raise Unexpected("no round can be started")
        self._keep_token(before)
        self._round = code

    async def ask_to_start(self) -> bool:
        path = await self._post(f"/rounds/{self._round}/attempts")
        self._attempt = path.rpartition("/")[2]
        return path.startswith("/attempts/")

    async def look_at_place(self) -> Mapping[str, Any]:
        answer = await self.browser.get(f"/rounds/{self._round}/queue/place", Accept="application/json")
        return dict(json.loads(expect(answer, 200).body))

    async def read_paper(self) -> None:
        page = await self._page(f"/attempts/{self._attempt}")
        self._keep_token(page)
        found = {n: _CHOICE.findall(body) for n, body in _QUESTION.findall(page)}
        self._paper = {n: choices for n, choices in found.items() if choices}
        if len(self._paper) != self._questions:
            raise Unexpected(f"{len(self._paper)} questions on the paper")

    async def submit(self) -> None:
        await self._post(f"/attempts/{self._attempt}/submission")
        self.is_closed = True

    async def receipt(self) -> None:
        if 'class="score"' not in await self._page(f"/attempts/{self._attempt}/receipt"):
            raise Unexpected("no score on the receipt")

    async def standings(self) -> None:
        if "data-place=" not in await self._page(f"/rounds/{self._round}/standings"):
            raise Unexpected("no rows in the standings")

    async def unit_board(self) -> None:
        if "<tr" not in await self._page(f"/rounds/{self._round}/standings/units"):
            raise Unexpected("no rows on the board of units")

    async def lost(self) -> int:
        """Count by the paper; of one handed in, whose values are shown as letters, by how many saves count."""
        if self.is_closed:
            page = await self._page(f"/attempts/{self._attempt}/saves")
            return max(0, len(self.acknowledged) - page.count(_COUNTS))
        page = await self._page(f"/attempts/{self._attempt}")
        revisions, checked = dict(_REVISION.findall(page)), dict(_CHECKED.findall(page))
        return sum(
            int(revisions.get(position, 0)) < revision or (position != PREDICTION and checked.get(position) != value)
            for position, (revision, value) in self.acknowledged.items()
        )

    def _positions(self) -> list[str]:
        return list(self._paper)

    def _choices(self, position: str) -> list[str]:
        return self._paper[position]

    def _place_of(self, position: str) -> str:
        return f"/attempts/{self._attempt}/responses/{position}"

    def _keep_token(self, page: str) -> None:
        self._token = find(_TOKEN, page)

    async def _page(self, path: str) -> str:
        return expect(await self.browser.get(path), 200).text

    async def _post(self, path: str, **form: str) -> str:
        """Post a form and return where the answer leads."""
        answer = await self.browser.post(path, {"csrf_token": self._token, **form})
        return expect(answer, 303).headers["location"]


class Guest(Participant):
    """A person at the floor."""

    async def sign_in_page(self) -> None:
        self._token = find(FLOOR_TOKEN, await self._page("/login", ""))

    async def sign_in(self) -> None:
        await self._post("/login", name=f"u{self.number}", password=PASSWORD)

    async def come(self) -> None:
        await self._page("/contest", "/round")
        self._token = find(FLOOR_TOKEN, await self._page("/round", "Start"))

    async def ask_to_start(self) -> bool:
        await self._post("/start")
        return True

    async def read_paper(self) -> None:
        self._token = find(FLOOR_TOKEN, await self._page("/paper", "Finish"))

    async def submit(self) -> None:
        await self._post("/submit")
        self.is_closed = True

    async def receipt(self) -> None:
        await self._page("/result", "Score")

    async def standings(self) -> None:
        await self._page("/board", "Your place")

    async def lost(self) -> int:
        page = await self._page("/paper", "")
        saved = {position: (int(revision), value) for position, revision, value in FLOOR_SAVED.findall(page)}
        return sum(
            saved.get(position) != (revision, str(value))
            for position, (revision, value) in self.acknowledged.items()
            if position != PREDICTION  # the floor shows no prediction
        )

    def _positions(self) -> list[str]:
        return [str(n) for n in range(20)]

    def _choices(self, position: str) -> list[int]:
        return [0, 1, 2, 3]

    def _place_of(self, position: str) -> str:
        return f"/save/{20 if position == PREDICTION else position}"

    async def _page(self, path: str, holds: str) -> str:
        text = expect(await self.browser.get(path), 200).text
        if holds not in text:
            raise Unexpected(f"{path} lacks {holds!r}")
        return text

    async def _post(self, path: str, **form: str) -> None:
        expect(await self.browser.post(path, {"token": self._token, **form}), 303)
