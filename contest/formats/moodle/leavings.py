"""Settings of Moodle that have no place here: one warning each, with how many questions have them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from lxml import etree

from contest.formats.drafts import Place, Problem
from contest.formats.moodle.parts import asks_widely, is_of_files
from contest.formats.moodle.wordings import raw_text
from contest.rules.refusals import Refusal

_ONE = re.compile(r"\s*(?:1(?:\.0*)?)?\s*")
_TOLD = "description"  # which is graded by nothing
_USUAL_PENALTY = re.compile(r"\s*(?:0(?:\.0*|\.10*|\.3{3,})?|1(?:\.0*)?)?\s*")  # what Moodle fills in by itself
_COMBINED = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
_NAMED = 5
_NOTHING = {"", "0"}


def _has_combined(question: etree._Element) -> bool:
    return any(raw_text(found).strip() for name in _COMBINED for found in question.findall(name))


def _asks_more_of_an_essay(question: etree._Element) -> bool:
    takes_files = question.findtext("attachments", "0").strip() not in _NOTHING and not is_of_files(question)
    return takes_files or any(raw_text(found).strip() for found in question.findall("responsetemplate"))


LEAVINGS: Mapping[str, Callable[[etree._Element], bool]] = {
    "left-grade": lambda question: (
        question.get("type") != _TOLD and not _ONE.fullmatch(question.findtext("defaultgrade", "1"))
    ),
    "left-penalty": lambda question: not _USUAL_PENALTY.fullmatch(question.findtext("penalty", "")),
    "left-order": lambda question: question.findtext("shuffleanswers", "true").strip() in {"false", "0"},
    "left-hints": lambda question: question.find("hint") is not None,
    "left-combined-feedback": _has_combined,
    "left-units": lambda question: (
        len(question.findall("units/unit")) > 1 or question.findtext("unitgradingtype", "0").strip() not in _NOTHING
    ),
    "left-essay": _asks_more_of_an_essay,
    "left-file-types": asks_widely,
    "left-part-of-order": lambda question: question.findtext("selecttype", "ALL").strip() not in {"ALL", "0"},
}


def leavings(taken: Sequence[tuple[etree._Element, str]]) -> Iterator[Problem]:
    """Yield a warning for each setting that some of the taken questions, given with their titles, have."""
    for slug, is_left in LEAVINGS.items():
        found = [(question.sourceline, title) for question, title in taken if is_left(question)]
        if found:
            titles = ", ".join(title for _, title in found[:_NAMED])
            yield Problem(Refusal(slug, {"count": len(found)}), Place(line=found[0][0]), titles[:200], "warning")
