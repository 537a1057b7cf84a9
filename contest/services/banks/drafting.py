"""A question as it is written in the editor, made into the draft that everything else works with."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from contest.formats.drafts import OptionDraft, QuestionDraft
from contest.formats.rich.questions import from_plain
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.questions.choices import even_weights


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the editor: options as (text, is right), topic and tags as one line each."""

    code: str | None
    kind: Kind
    text: str
    options: tuple[tuple[str, bool], ...]
    topic: str = ""
    difficulty: Difficulty | None = None
    source: str = ""
    effective_on: date | None = None
    explanation: str = ""
    tags: str = ""
    rich: bool = False


def draft_of(written: Written, former: QuestionDraft | None = None) -> QuestionDraft:
    """Return the draft; the right options of multiple choice share the mark, and true/false has its two of its own.

    What the editor does not show, feedback and odd weights, is kept of the former version as far as it still holds.
    """
    options = written.options
    if written.kind is Kind.TRUE_FALSE:
        is_true = bool(options) and options[0][1]
        options = (("Đúng", is_true), ("Sai", not is_true))
    right = sum(1 for text, is_right in options if text and is_right)
    weights = iter(even_weights(right) if written.kind is Kind.MULTIPLE_CHOICE and right else (Decimal(1),) * right)
    made = tuple(OptionDraft(text, next(weights) if is_right else Decimal(0)) for text, is_right in options if text)
    if former is not None:
        made = _kept(made, former, same_kind=former.kind is written.kind)
    return QuestionDraft(
        code=written.code,
        kind=written.kind,
        text=written.text,
        options=made,
        topic=_parts(written.topic, "/"),
        difficulty=written.difficulty,
        source=written.source,
        effective_on=written.effective_on,
        explanation=written.explanation,
        tags=_parts(written.tags, ","),
        rich=written.rich,
    )


def enriched(text: str) -> str:
    """Return a plain text as it is written where the question is rich."""
    return from_plain(text)


def behind(text: str, shown: str, *, paragraph: bool) -> str:
    """Return a rich text with what shows a picture behind it, in a paragraph of its own or in the line."""
    return f"{text.rstrip()}{chr(10) * 2 if paragraph else ' '}{shown}" if text.strip() else shown


def _kept(made: tuple[OptionDraft, ...], former: QuestionDraft, *, same_kind: bool) -> tuple[OptionDraft, ...]:
    """Return the options with the feedback of those that kept their words, and all weights if the key is the same."""
    before = {o.text: o for o in former.options}
    same_key = same_kind and {(o.text, o.weight > 0) for o in made} == {(o.text, o.weight > 0) for o in former.options}
    return tuple(
        replace(o, weight=before[o.text].weight if same_key else o.weight, feedback=before[o.text].feedback)
        if o.text in before
        else o
        for o in made
    )


def _parts(line: str, sign: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in line.split(sign) if part.strip())
