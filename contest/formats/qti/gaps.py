"""What is filled in within a text: words, numbers and choices; one alone at the end of a text is the answer to it."""

from collections.abc import Sequence
from decimal import Decimal

from contest.formats.drafts import SHORT_LIMIT, OptionDraft, PartDraft, QuestionDraft
from contest.formats.qti import worth
from contest.formats.qti.content import is_unit
from contest.formats.qti.declared import NUMBERS
from contest.formats.qti.document import Element
from contest.formats.qti.items import Item, drafted, only_one, text_of
from contest.formats.taking import NotTaken, cleaned
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions.gaps import gap
from contest.rules.refusals import Refusal
from contest.rules.response_processing import Cardinality

_SHORT = {PartKind.TEXT: Kind.SHORT_TEXT, PartKind.NUMBER: Kind.NUMERIC}


def read_gaps(item: Item) -> QuestionDraft:
    """Read words, numbers and choices that stand in the text."""
    interactions = item.interactions()
    if any(i.tag not in ("textEntryInteraction", "inlineChoiceInteraction") for i in interactions):
        only_one(item, interactions)
    found = [_part(item, interaction) for interaction in interactions]
    if len({full for _, full in found}) > 1:
        raise NotTaken(Refusal("qti-uneven"))
    parts = tuple(part for part, _ in found)
    numbers = {interaction: number for number, interaction in enumerate(interactions, start=1)}
    text = text_of(item, lambda interaction: gap(numbers[interaction]))
    if _is_alone(item, parts) and text.endswith(gap(1)):
        return drafted(item, _SHORT[parts[0].kind], text=text.removesuffix(gap(1)).rstrip(), parts=parts)
    has_choices_only = all(part.kind is PartKind.CHOICE for part in parts)
    kind = Kind.DROPDOWN if has_choices_only and item.told_kind is not Kind.CLOZE else Kind.CLOZE
    return drafted(item, kind, text=text, parts=parts)


def _is_alone(item: Item, parts: Sequence[PartDraft]) -> bool:
    return item.told_kind is not Kind.CLOZE and len(parts) == 1 and parts[0].kind in _SHORT


def _part(item: Item, interaction: Element) -> tuple[PartDraft, Decimal]:
    """Return a gap with the points that the best answer to it brings."""
    told, rule = item.scored(interaction)
    if told.cardinality is not Cardinality.SINGLE:
        raise NotTaken(Refusal("qti-cardinality", {"cardinality": told.cardinality.value}))
    if interaction.tag == "inlineChoiceInteraction":
        choices = interaction.findall("inlineChoice")
        found = worth.of_one(told, rule, [choice.get("identifier", "") for choice in choices])
        options = tuple(OptionDraft(_words(item, c), w) for c, w in zip(choices, found.weights, strict=True))
        return PartDraft(PartKind.CHOICE, answers=options), found.full
    if told.base_type in NUMBERS:
        numbers, full = worth.of_number(told, rule)
        return PartDraft(PartKind.NUMBER, answers=numbers, unit=_unit(interaction)), full
    answers, with_case, full = worth.of_words(told, rule)
    return PartDraft(PartKind.TEXT, answers=answers, with_case=with_case), full


def read_gap_match(item: Item) -> QuestionDraft:
    """Read words that are put into gaps: each gap offers them all."""
    interaction = only_one(item, item.interactions())
    told, rule = item.scored(interaction)
    if interaction.find("gapImg") is not None:
        raise NotTaken(Refusal("qti-interaction", {"name": "gapImg"}))
    choices = {choice.get("identifier", ""): _words(item, choice) for choice in interaction.findall("gapText")}
    gaps = [found.get("identifier", "") for found in interaction.iter("gap")]
    pairs = worth.of_pairs(told, rule, gaps, turned=True)
    if pairs.is_whole:
        item.warned.add("qti-whole")
    if not pairs.answers.keys() <= set(gaps) or len(set(gaps)) != len(gaps):
        raise NotTaken(Refusal("qti-pairs"))
    parts = tuple(_dropdown(choices, dict(pairs.answers[name])) for name in gaps)
    numbers = {name: number for number, name in enumerate(gaps, start=1)}

    def place_of(element: Element) -> str:
        return (
            gap(numbers[element.get("identifier", "")]) if element.tag == "gap" else item.words.html(element, place_of)
        )

    return drafted(item, Kind.DROPDOWN, text=text_of(item, place_of), parts=parts)


def read_slider(item: Item) -> QuestionDraft:
    """Read a number that is set on a scale: here it is typed."""
    interaction = only_one(item, item.interactions())
    told, rule = item.scored(interaction)
    if told.base_type not in NUMBERS or told.cardinality is not Cardinality.SINGLE:
        raise NotTaken(Refusal("qti-cardinality", {"cardinality": told.cardinality.value}))
    numbers, _ = worth.of_number(told, rule)
    item.left.add("sliderInteraction")
    return drafted(
        item, Kind.NUMERIC, text=text_of(item, item.prompt), parts=(PartDraft(PartKind.NUMBER, answers=numbers),)
    )


def _dropdown(choices: dict[str, str], weights: dict[str, Decimal]) -> PartDraft:
    if not weights.keys() <= choices.keys():
        raise NotTaken(Refusal("qti-pairs"))
    return PartDraft(
        PartKind.CHOICE,
        answers=tuple(OptionDraft(text, weights.get(name, worth.NONE)) for name, text in choices.items()),
    )


def _words(item: Item, choice: Element) -> str:
    """Return the words of a choice that can be nothing but words, on one line."""
    return item.words.texts.plain(" ".join("".join(map(str, choice.itertext())).split()), SHORT_LIMIT)


def _unit(interaction: Element) -> str:
    beside = interaction.getnext()
    if beside is None or not is_unit(beside):
        return ""
    return cleaned("".join(map(str, beside.itertext())), SHORT_LIMIT, multiline=False)
