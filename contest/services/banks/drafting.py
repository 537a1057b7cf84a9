"""A question as it is written in the editor, made into the draft that everything else works with."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from contest.formats.drafts import OptionDraft, PartDraft, QuestionDraft
from contest.formats.rich.questions import from_plain
from contest.rules.question_terms import Difficulty, FileKind, Kind, PartKind
from contest.rules.questions import MARKED_BY_PEOPLE
from contest.rules.questions.choices import even_weights
from contest.rules.questions.lines import Weighed, WrittenPart, read_answers, write_answers


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
    parts: tuple[WrittenPart, ...] = ()
    distractors: str = ""
    least_words: int = 0
    most_words: int = 0
    most_files: int = 0
    file_kinds: tuple[FileKind, ...] = ()
    rich: bool = False
    areas: tuple[str, ...] = ()
    passage: str = ""
    guidance: str = ""


def draft_of(written: Written, former: QuestionDraft | None = None) -> QuestionDraft:
    """Return the draft; the right options of multiple choice share the mark, and true/false has its two of its own.

    What the editor does not show, feedback and odd weights, is kept of the former version as far as it still holds.
    """
    made = _options(written)
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
        parts=tuple(_part(part) for part in written.parts),
        least_words=written.least_words,
        most_words=written.most_words,
        most_files=written.most_files,
        file_kinds=written.file_kinds,
        rich=written.rich,
        passage=written.passage or None,
        guidance=written.guidance if written.kind in MARKED_BY_PEOPLE else "",
    )


def enriched(text: str) -> str:
    """Return a plain text as it is written where the question is rich."""
    return from_plain(text)


def enriched_part(part: WrittenPart) -> WrittenPart:
    """Return a part as it is written where the question is rich: its words, and those of a choice, may be marked."""
    if part.kind is PartKind.STEM:
        return replace(part, text=enriched(part.text), right=enriched(part.right))
    return replace(part, text=enriched(part.text))


def behind(text: str, shown: str, *, paragraph: bool) -> str:
    """Return a rich text with what shows a picture behind it, in a paragraph of its own or in the line."""
    return f"{text.rstrip()}{chr(10) * 2 if paragraph else ' '}{shown}" if text.strip() else shown


def _options(written: Written) -> tuple[OptionDraft, ...]:
    """Return the options by kind: ticked ones are right, those of pairs are what the stems take and what nothing takes."""
    options = written.options
    match written.kind:
        case Kind.SINGLE_CHOICE | Kind.MULTIPLE_CHOICE | Kind.HOTSPOT:
            pass
        case Kind.TRUE_FALSE:
            is_true = bool(options) and options[0][1]
            options = (("Đúng", is_true), ("Sai", not is_true))
        case Kind.ORDERING:
            options = tuple((text, False) for text, _ in options)
        case Kind.MATCHING:
            taken = [part.right for part in written.parts] + written.distractors.splitlines()
            options = tuple((text, False) for text in dict.fromkeys(t.strip() for t in taken))
        case _:
            options = ()
    right = sum(1 for text, is_right in options if text and is_right)
    weights = iter(even_weights(right) if written.kind is Kind.MULTIPLE_CHOICE and right else (Decimal(1),) * right)
    areas = written.areas if written.kind is Kind.HOTSPOT else ("",) * len(options)
    return tuple(
        OptionDraft(text, next(weights) if is_right else Decimal(0), area=area)
        for (text, is_right), area in zip(options, areas, strict=True)
        if text
    )


def _part(part: WrittenPart) -> PartDraft:
    if part.kind is PartKind.STEM:
        answers: tuple[Weighed, ...] = ((part.right.strip(), Decimal(1)),)
    else:
        answers = read_answers(part)
    drafts = tuple(OptionDraft(text, weight) for text, weight in answers if text)
    return PartDraft(part.kind, part.text, drafts, part.unit, part.with_case, part.with_accents)


def written_parts(draft: QuestionDraft) -> tuple[WrittenPart, ...]:
    """Return the parts of a question as an editor shows them."""
    return tuple(
        WrittenPart(
            part.kind,
            part.text,
            *write_answers(part.kind, [(a.text, a.weight) for a in part.answers]),
            part.unit,
            part.with_case,
            part.with_accents,
        )
        for part in draft.parts
    )


def distractors(draft: QuestionDraft) -> str:
    """Return the options of a matching question that no stem takes, one a line."""
    taken = {answer.text for part in draft.parts for answer in part.answers}
    return "\n".join(o.text for o in draft.options if o.text not in taken)


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
