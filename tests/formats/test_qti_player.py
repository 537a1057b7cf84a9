"""What goes out as QTI 3 in a player of others: shown as it is meant, and worth there what it is worth here."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page

from contest.formats.composing import compose
from contest.formats.drafts import OptionDraft, QuestionDraft
from contest.formats.qti import write_qti
from contest.rules.marking import Scoring, Way, earned
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions import KINDS, MARKED_BY_PEOPLE, TOLD
from contest.rules.questions.bodies import Body

from ..kinds import PARTLY, RIGHT
from .test_qti import carried

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VENDOR = Path(__file__).parents[1] / "vendor"
MOUNT = """() => new Promise(done => new Vue({render: make => make(qti3Player, {on: {
  notifyQti3PlayerReady: player => { window.player = player; done(); },
  notifyQti3ItemReady: () => window.told(),
  notifyQti3EndAttemptCompleted: data => window.told(data.state),
}})}).$mount("#app"))"""
# An attempt is ended twice: the first time tells what the player keeps of it, which then goes on with the responses given.
# The same text again would be taken for the item that is shown already.
PLAY = """async ([xml, given]) => {
  const waited = ask => new Promise((done, fail) => { window.told = done; ask(); setTimeout(fail, 10000, "no answer"); });
  const load = state => waited(() => player.loadItemFromXml(xml += " ", {guid: "a", status: "interacting", ...state,
    sessionControl: {max_attempts: 0, show_feedback: false, validate_responses: false}}));
  await load({});
  const state = await waited(() => player.endAttempt("x"));
  for (const response of state.responseVariables)
    if (response.identifier in given) {
      response.value = given[response.identifier];
      if (response.cardinality === "ordered") response.state.order = response.value;
    }
  await load({state});
  const ended = await waited(() => player.endAttempt("x"));
  const values = Object.fromEntries(ended.responseVariables.map(one => [one.identifier, one.value]));
  return [ended.outcomeVariables.find(one => one.identifier === "SCORE").value, values];
}"""


@pytest.fixture
def play(page: Page) -> Callable[[str, dict[str, Any]], Fraction]:
    """Return what plays an item with responses to it and says what it is worth."""
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.set_content('<div id="app"></div>')
    for name in ("vue.min.js", "qti3Player.umd.min.js"):
        page.add_script_tag(path=VENDOR / name)
    page.evaluate(MOUNT)

    def played(item: str, given: dict[str, Any]) -> Fraction:
        score, values = page.evaluate(PLAY, [item, given])
        assert failures == []
        assert {name: _in_any_order(values[name]) for name in given} == {n: _in_any_order(v) for n, v in given.items()}
        return Fraction(str(score))

    return played


def _in_any_order(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def item_of(draft: QuestionDraft) -> str:
    data, losses = write_qti([draft], "qti3")
    assert losses == ()
    with ZipFile(BytesIO(data)) as package:
        return package.read("items/Q00001.xml").decode()


def letters(options: Any) -> dict[str, str]:
    return {option.text: chr(ord("A") + n) for n, option in enumerate(options)}


def in_qti(draft: QuestionDraft, given: Any) -> dict[str, Any]:
    """Return responses in the words of a question as those of its item."""
    names = letters(draft.options)
    match draft.kind:
        case Kind.STATEMENTS:
            return {"RESPONSE": [f"S{n} {said}" for n, said in given.items()]}
        case Kind.MATCHING:
            return {"RESPONSE": [f"S{n} {names[said]}" for n, said in given.items()]}
        case Kind.NUMERIC:
            return {"RESPONSE": float(given[1].replace(",", "."))}
        case Kind.SHORT_TEXT:
            return {"RESPONSE": given[1]}
        case Kind.CLOZE | Kind.DROPDOWN:
            return {f"RESPONSE_{n}": _in_gap(draft, n, said) for n, said in given.items()}
    return {"RESPONSE": [names[text] for text in given] if isinstance(given, list) else names[given]}


def _in_gap(draft: QuestionDraft, number: int, said: str) -> Any:
    part = draft.parts[number - 1]
    if part.kind is PartKind.NUMBER:
        return float(said)
    return letters(part.answers)[said] if part.kind is PartKind.CHOICE else said


def in_ids(body: Body, given: Any) -> Any:
    """Return a response in the words of a question as one in the ids of its body."""
    ids = {text: i for i, text in body.options}
    if isinstance(given, dict):
        found = {n: body.parts[n - 1] for n in given}
        return {
            part.id: (ids | {text: i for i, text in part.options}).get(given[n], given[n]) for n, part in found.items()
        }
    return [ids[text] for text in given] if isinstance(given, list) else ids[given]


def worth(draft: QuestionDraft, given: Any) -> Fraction:
    """Return what a response is worth here, counted as QTI counts: a point for each part, weights of options by share."""
    has_shares = len({option.weight for option in draft.options}) > 2
    way = Way.BY_SHARE if has_shares else Way.AS_KIND
    composed = compose(draft)
    value = KINDS[draft.kind].parse(composed.body, in_ids(composed.body, given))
    return earned(draft.kind, composed.body, composed.key, value, Scoring(way)) * (len(draft.parts) or 1)


def weighed(kind: Kind, *weights: str, said: str = "") -> QuestionDraft:
    """Return a question of a kind with other weights, and something said of its first option."""
    draft = carried(kind)
    options = (
        OptionDraft(o.text, Decimal(w), "" if n else said)
        for n, (o, w) in enumerate(zip(draft.options, weights, strict=True))
    )
    return replace(draft, options=tuple(options))


ASKED = [kind for kind in Kind if kind not in MARKED_BY_PEOPLE | TOLD]
ODD_ONE = weighed(Kind.SINGLE_CHOICE, "1", "0.5", "-0.5", "0")
ODD_SOME = weighed(Kind.MULTIPLE_CHOICE, "0.7", "0.3", "-0.5", "-1")
CASES = [
    *((carried(kind), RIGHT[kind]) for kind in ASKED),
    *((carried(kind), PARTLY[kind][0]) for kind in ASKED if kind in PARTLY and kind is not Kind.SHORT_TEXT),
    (carried(Kind.SHORT_TEXT), {1: "bác *hồ*"}),
    (carried(Kind.SHORT_TEXT), {1: "Bác Tôn"}),
    (carried(Kind.SINGLE_CHOICE), "Huế"),
    (carried(Kind.HOTSPOT), "Phía nam"),
    (carried(Kind.NUMERIC), {1: "2,5"}),
    (carried(Kind.MULTIPLE_CHOICE), ["Hà Nội", "Hải Phòng", "Huế"]),
    *((ODD_ONE, option.text) for option in ODD_ONE.options),
    *((ODD_SOME, [o.text for o in ODD_SOME.options[:count]]) for count in range(1, 5)),
    (weighed(Kind.SINGLE_CHOICE, "1", "0", "0", "0", said="Đúng rồi."), "Hà Nội"),
    (weighed(Kind.MULTIPLE_CHOICE, "0.9", "0.1", "0", "0", said="Đúng rồi."), ["Hà Nội"]),
]


@pytest.mark.parametrize(("draft", "given"), CASES, ids=[f"{draft.kind}-{n}" for n, (draft, _) in enumerate(CASES)])
def test_player_of_others_finds_an_item_worth_the_same(
    play: Callable[[str, dict[str, Any]], Fraction], draft: QuestionDraft, given: Any
) -> None:
    assert play(item_of(draft), in_qti(draft, given)) == worth(draft, given)


@pytest.mark.parametrize("kind", [Kind.ESSAY, Kind.UPLOAD, Kind.DESCRIPTION])
def test_player_of_others_shows_what_it_does_not_score(
    play: Callable[[str, dict[str, Any]], Fraction], page: Page, kind: Kind
) -> None:
    draft = carried(kind)
    assert play(item_of(draft), {}) == 0
    assert draft.text in page.inner_text("body")
