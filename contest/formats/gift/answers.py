"""What stands between the braces: which kind of question it makes, and its options."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from contest.formats.gift.wording import Wording, read_wording
from contest.rules.question_terms import Kind
from contest.rules.questions.true_false import FALSE, TRUE
from contest.rules.refusals import Refusal

_STATEMENT = re.compile(r"(T|TRUE|F|FALSE)\s*(?:#|$)")
_MARKER = re.compile(r"[~=]")
_WEIGHT = re.compile(r"\s*%([+-]?[0-9]{1,3}(?:\.[0-9]{0,9})?)%")


@dataclass(frozen=True, slots=True)
class Answer:
    """An option with its weight and its feedback."""

    wording: Wording
    weight: Decimal
    feedback: Wording


def kind_of(masked: str) -> Kind:
    """Return the kind that a masked list of answers makes."""
    answers = masked.strip()
    if not answers:
        return Kind.ESSAY
    if answers.startswith("#"):
        return Kind.NUMERIC
    if "~" in answers:
        return Kind.SINGLE_CHOICE if "=" in answers else Kind.MULTIPLE_CHOICE
    if "=" in answers and "->" in answers:
        return Kind.MATCHING
    return Kind.TRUE_FALSE if _STATEMENT.match(answers) else Kind.SHORT_TEXT


def read_statement(masked: str, written: str | None) -> tuple[Answer, Answer]:
    """Return true and false as options; the first feedback is for the wrong answer, the second for the right."""
    word, *comments = masked.strip().split("#", 2)
    is_true = word.strip().startswith("T")
    on_wrong, on_right = (read_wording(comment, written) for comment in [*comments, "", ""][:2])
    right, wrong = Decimal(1), Decimal(0)
    return (
        Answer(Wording(TRUE, None), right if is_true else wrong, on_right if is_true else on_wrong),
        Answer(Wording(FALSE, None), wrong if is_true else right, on_wrong if is_true else on_right),
    )


def read_options(masked: str, written: str | None) -> Sequence[Answer] | Refusal:
    """Return the options of a choice: `=` is right, `~` is worth nothing unless a weight says otherwise."""
    markers = list(_MARKER.finditer(masked))
    if masked[: markers[0].start()].strip():
        return Refusal("gift-text-before-options")
    ends = [marker.start() for marker in markers[1:]] + [len(masked)]
    return [
        _read_option(marker[0], masked[marker.end() : end], written)
        for marker, end in zip(markers, ends, strict=True)
        if marker[0] == "=" or masked[marker.end() : end + 1] != "="  # `~=` is one marker
    ]


def _read_option(marker: str, masked: str, written: str | None) -> Answer:
    weight = Decimal(1) if marker == "=" else Decimal(0)
    if found := _WEIGHT.match(masked):
        weight = Decimal(found[1]).scaleb(-2)
        masked = masked[found.end() :]
    text, _, feedback = masked.partition("#")
    return Answer(read_wording(text, written), weight, read_wording(feedback, written))
