"""What makes a question its kind: which one it is, its answers with their weights, and single or multiple."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from contest.formats.drafts import SHORT_LIMIT, TEXT_LIMIT, OptionDraft
from contest.formats.moodle.gaps import Gaps, read_gaps
from contest.formats.moodle.parts import READERS, is_of_files, read_files
from contest.formats.moodle.weights import weight_of
from contest.formats.moodle.wordings import Changing, Wordings, raw_text
from contest.formats.rich.importing import Files
from contest.formats.tables.parts import Made
from contest.formats.taking import NotTaken
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions.gaps import gap
from contest.rules.questions.true_false import FALSE, TRUE
from contest.rules.refusals import Refusal

Answers = tuple[Kind, tuple[OptionDraft, ...]]

_MULTIPLE = {"false", "0", ""}
_STATEMENTS = {"true": TRUE, "false": FALSE}
_TOLD = "description"
_WITH_CODES, _WITH_NUMBERS = {"cloze", "multianswer"}, {"gapselect", "ddwtos"}
_PLACE = re.compile(r"\[\[([0-9]{1,3})]]")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks: its kind, its text, and what is answered."""

    kind: Kind
    text: str
    made: Made


def read_asked(question: etree._Element, words: Wordings) -> Asked:
    """Return what a question asks. Raises NotTaken, also for kinds that are not taken."""
    written, text = question.get("type", ""), question.find("questiontext")
    if written in _WITH_CODES:
        return _read_codes(text, words)
    if written in _CHOICES:
        kind, options = _CHOICES[written](question, words)
        return Asked(kind, words.read(text, TEXT_LIMIT), Made(options))
    if is_of_files(question):
        return Asked(Kind.UPLOAD, words.read(text, TEXT_LIMIT), read_files(question, words))
    if written in READERS:
        kind, read = READERS[written]
        change = _numbered(words) if written in _WITH_NUMBERS else None
        return Asked(kind, words.read(text, TEXT_LIMIT, change), read(question, words))
    if written == _TOLD:
        return Asked(Kind.DESCRIPTION, words.read(text, TEXT_LIMIT), Made())
    raise NotTaken(Refusal("kind-other", {"kind": written[:40] or "?"}))


def _read_codes(text: etree._Element | None, words: Wordings) -> Asked:
    found = Gaps()

    def change(html: str, files: Files) -> str:
        nonlocal found
        html, found = read_gaps(html, words.texts, files)
        return html

    said = words.read(text, TEXT_LIMIT, change)
    words.says_of_others = found.says_of_others
    words.has_uneven_gaps = len(found.shares) > 1
    is_dropdown = all(part.kind is PartKind.CHOICE for part in found.parts)
    return Asked(Kind.DROPDOWN if is_dropdown else Kind.CLOZE, said, Made(parts=tuple(found.parts)))


def _numbered(words: Wordings) -> Changing:
    """Let the gaps of a text be counted as they come, and remember which words they stand for."""

    def number(found: re.Match[str]) -> str:
        words.gaps.append(int(found[1]))
        return gap(len(words.gaps))

    return lambda html, _: _PLACE.sub(number, html)


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
    return OptionDraft(text, weight_of(answer), words.read(answer.find("feedback"), SHORT_LIMIT))


_CHOICES: Mapping[str, Callable[[etree._Element, Wordings], Answers]] = {
    "multichoice": _read_choice,
    "truefalse": _read_statement,
}
