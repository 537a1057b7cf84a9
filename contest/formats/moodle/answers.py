"""What makes a question its kind: which one it is, its answers with their weights, and single or multiple."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from lxml import etree

from contest.formats.drafts import SHORT_LIMIT, OptionDraft
from contest.formats.moodle.wordings import Wordings, raw_text
from contest.formats.taking import NotTaken
from contest.rules.question_terms import Kind
from contest.rules.questions.true_false import FALSE, TRUE
from contest.rules.refusals import Refusal

Answers = tuple[Kind, tuple[OptionDraft, ...]]

_FRACTION = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{0,9})?")
_MULTIPLE = {"false", "0", ""}
_STATEMENTS = {"true": TRUE, "false": FALSE}
_NOT_TAKEN: Mapping[str, str] = {
    "essay": "kind-essay",
    "numerical": "kind-numeric",
    "match": "kind-matching",
    "matching": "kind-matching",
    "shortanswer": "kind-short-text",
    "cloze": "kind-cloze",
    "multianswer": "kind-cloze",
    "description": "kind-description",
}


def read_answers(question: etree._Element, words: Wordings) -> Answers:
    """Return the kind and the options of a question. Raises NotTaken for kinds that are not taken."""
    written = question.get("type", "")
    if written not in _READERS:
        slug = _NOT_TAKEN.get(written)
        raise NotTaken(Refusal(slug) if slug else Refusal("kind-other", {"kind": written[:40] or "?"}))
    return _READERS[written](question, words)


def _read_choice(question: etree._Element, words: Wordings) -> Answers:
    is_multiple = question.findtext("single", "true").strip() in _MULTIPLE
    options = tuple(_option(answer, words.read(answer, SHORT_LIMIT), words) for answer in question.findall("answer"))
    return Kind.MULTIPLE_CHOICE if is_multiple else Kind.SINGLE_CHOICE, options


def _read_statement(question: etree._Element, words: Wordings) -> Answers:
    """Return true and false in the order of the file; which is which is told by the words of the format alone."""
    answers = [(raw_text(answer).strip().lower(), answer) for answer in question.findall("answer")]
    if sorted(word for word, _ in answers) != sorted(_STATEMENTS):
        raise NotTaken(Refusal("moodle-statement"))
    return Kind.TRUE_FALSE, tuple(_option(answer, _STATEMENTS[word], words) for word, answer in answers)


def _option(answer: etree._Element, text: str, words: Wordings) -> OptionDraft:
    written = answer.get("fraction", "0").strip()
    if not _FRACTION.fullmatch(written):
        raise NotTaken(Refusal("moodle-fraction", {"fraction": written[:40]}))
    return OptionDraft(text, Decimal(written).scaleb(-2), words.read(answer.find("feedback"), SHORT_LIMIT))


_READERS: Mapping[str, Callable[[etree._Element, Wordings], Answers]] = {
    "multichoice": _read_choice,
    "truefalse": _read_statement,
}
