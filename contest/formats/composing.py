"""A draft as body and key, and back: the one place where the words of a draft get ids and lose them again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from contest.formats.drafts import OptionDraft, PartDraft, QuestionDraft
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions.bodies import WHOLE, Answer, Body, Key, Limits, Part

NewId = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Composed:
    """A question as it is kept: what is seen, what is right, and what is said about each option."""

    body: Body
    key: Key
    feedback: Mapping[str, str]


def compose(draft: QuestionDraft, new_id: NewId | None = None) -> Composed:
    """Return a draft with ids; without a source of them they are numbers, which serve to look at the question only."""
    make = new_id or _numbers()
    options = tuple((make(), option.text) for option in draft.options)
    ids = {text: option_id for option_id, text in options}
    made = [_part(part, make, ids) for part in draft.parts]
    answers = {part.id: found for part, found in made}
    weights: dict[str, Decimal] = {}
    if draft.kind is Kind.ORDERING:
        answers[WHOLE] = tuple(Answer(option_id) for option_id, _ in options)
    elif not draft.parts:
        weights = {i: option.weight for (i, _), option in zip(options, draft.options, strict=True)}
    said = {i: option.feedback for (i, _), option in zip(options, draft.options, strict=True) if option.feedback}
    limits = Limits(draft.least_words, draft.most_words)
    if draft.kind is Kind.UPLOAD:
        limits = Limits(0, draft.most_files, draft.file_kinds)
    areas = {i: option.area for (i, _), option in zip(options, draft.options, strict=True) if option.area}
    body = Body(draft.text, options, tuple(part for part, _ in made), limits, areas)
    return Composed(body, Key(weights, answers), said)


def _numbers() -> NewId:
    numbers = count()
    return lambda: str(next(numbers))


def _part(draft: PartDraft, make: NewId, ids: Mapping[str, str]) -> tuple[Part, tuple[Answer, ...]]:
    part_id = make()
    options: tuple[tuple[str, str], ...] = ()
    answers = tuple(Answer(a.text, a.weight, a.feedback) for a in draft.answers)
    if draft.kind is PartKind.STEM:
        answers = tuple(Answer(ids.get(a.value, a.value), a.weight, a.feedback) for a in answers)
    elif draft.kind is PartKind.CHOICE:
        options = tuple((make(), a.text) for a in draft.answers)
        answers = tuple(Answer(i, a.weight, a.feedback) for (i, _), a in zip(options, draft.answers, strict=True))
    part = Part(part_id, draft.kind, draft.text, options, draft.unit, draft.with_case, draft.with_accents)
    return part, answers


def options_of(composed: Composed) -> tuple[OptionDraft, ...]:
    """Return the options of a question as a draft has them."""
    weights, said = composed.key.weights, composed.feedback
    areas = composed.body.areas
    return tuple(
        OptionDraft(t, weights.get(i, Decimal(0)), said.get(i, ""), areas.get(i, "")) for i, t in composed.body.options
    )


def parts_of(composed: Composed) -> tuple[PartDraft, ...]:
    """Return the parts of a question as a draft has them."""
    texts = dict(composed.body.options)
    return tuple(
        PartDraft(
            part.kind,
            part.text,
            tuple(
                OptionDraft((texts | dict(part.options)).get(a.value, a.value), a.weight, a.feedback)
                for a in composed.key.answers.get(part.id, ())
            ),
            part.unit,
            part.with_case,
            part.with_accents,
        )
        for part in composed.body.parts
    )
