"""The interactions that are a kind here, each read into it; the others are named."""

import re
from collections.abc import Mapping, Set
from decimal import Decimal

from contest.formats.drafts import SHORT_LIMIT, OptionDraft, PartDraft, QuestionDraft
from contest.formats.qti import worth
from contest.formats.qti.content import Words, classes
from contest.formats.qti.document import Element
from contest.formats.qti.gaps import read_gap_match, read_gaps, read_slider
from contest.formats.qti.items import TOOL, Item, Reader, drafted, only_one, opened, text_of
from contest.formats.qti.pointing import read_hotspot, read_hottext
from contest.formats.qti.processing import Way
from contest.formats.taking import NotTaken
from contest.rules.question_terms import FILE_TYPES, FileKind, Kind, PartKind
from contest.rules.questions.choices import folded
from contest.rules.questions.parts import FALSE, TRUE
from contest.rules.questions.true_false import FALSE as NO
from contest.rules.questions.true_false import TRUE as YES
from contest.rules.refusals import Refusal
from contest.rules.response_processing import Cardinality

_TRUE, _FALSE = {YES.casefold(), "true"}, {NO.casefold(), "false"}
_FILES = re.compile(r"files-([0-9])-([a-z]+(?:-[a-z]+){0,4})")
_LIMITS = re.compile(r"words-([0-9]{1,5})-([0-9]{1,5})")


def read_item(root: Element, words: Words) -> tuple[QuestionDraft, Item]:
    """Return the question of an item. Raises NotTaken for one that no kind here asks."""
    item = opened(root, words)
    found = item.interactions()
    if not found:
        return _read_told(item), item
    for interaction in found:
        if interaction.tag not in _READERS:
            raise NotTaken(Refusal("qti-interaction", {"name": str(interaction.tag)[:60]}))
    return _READERS[str(found[0].tag)](item), item


def _read_told(item: Item) -> QuestionDraft:
    """Read an item that asks nothing."""
    if item.declared:
        raise NotTaken(Refusal("qti-nothing-asked"))
    kind = Kind.PASSAGE if item.told_kind is Kind.PASSAGE else Kind.DESCRIPTION
    return drafted(item, kind, text=text_of(item, item.prompt))


def _read_choice(item: Item) -> QuestionDraft:
    interaction = only_one(item, item.interactions())
    told, rule = item.scored(interaction)
    choices = interaction.findall("simpleChoice")
    ids = [choice.get("identifier", "") for choice in choices]
    if told.cardinality is Cardinality.SINGLE:
        kind, weights = Kind.SINGLE_CHOICE, worth.of_one(told, rule, ids).weights
    else:
        kind, weights = Kind.MULTIPLE_CHOICE, worth.of_several(told, rule, ids).weights
        if rule.way is Way.MAP and item.root.get("toolName") != TOOL:
            item.warned.add("qti-shares")
    options = tuple(map(item.option, choices, weights))
    words = {folded(option.text).casefold() for option in options}
    is_statement = item.told_kind is None and len(words) == 2 and words & _TRUE and words & _FALSE
    if kind is Kind.SINGLE_CHOICE and (is_statement or item.told_kind is Kind.TRUE_FALSE):
        kind = Kind.TRUE_FALSE
    return drafted(item, kind, text=text_of(item, item.prompt), options=options)


def _read_order(item: Item) -> QuestionDraft:
    interaction = only_one(item, item.interactions())
    told, rule = item.scored(interaction)
    choices = {choice.get("identifier", ""): choice for choice in interaction.findall("simpleChoice")}
    if rule.way is not Way.MATCH:
        raise NotTaken(Refusal("qti-mapping"))
    if told.cardinality is not Cardinality.ORDERED or sorted(told.correct) != sorted(choices):
        raise NotTaken(Refusal("order-incomplete"))
    options = tuple(item.option(choices[name]) for name in told.correct)
    return drafted(item, Kind.ORDERING, text=text_of(item, item.prompt), options=options)


def _read_match(item: Item) -> QuestionDraft:
    interaction = only_one(item, item.interactions())
    told, rule = item.scored(interaction)
    rows, columns = _sets(interaction)
    pairs = worth.of_pairs(told, rule, list(rows))
    if pairs.is_whole:
        item.warned.add("qti-whole")
    if not pairs.answers.keys() <= rows.keys():
        raise NotTaken(Refusal("qti-pairs"))
    texts = {name: item.words.read(choice, SHORT_LIMIT) for name, choice in columns.items()}
    is_told = item.told_kind in (None, Kind.STATEMENTS)
    told_by = _statements(texts) if is_told else None
    kind = Kind.MATCHING if told_by is None else Kind.STATEMENTS
    means = texts if told_by is None else told_by
    part_kind = PartKind.STEM if told_by is None else PartKind.STATEMENT
    parts = tuple(
        PartDraft(
            part_kind,
            item.words.read(row, SHORT_LIMIT),
            tuple(OptionDraft(_known(means, second), weight) for second, weight in pairs.answers[name]),
        )
        for name, row in rows.items()
    )
    options = tuple(OptionDraft(text, Decimal(0)) for text in texts.values()) if kind is Kind.MATCHING else ()
    return drafted(item, kind, text=text_of(item, item.prompt), options=options, parts=parts)


def _sets(interaction: Element) -> tuple[dict[str, Element], dict[str, Element]]:
    """Return what is to be matched, and what with, by their identifiers."""
    found = interaction.findall("simpleMatchSet")
    if len(found) != 2:
        raise NotTaken(Refusal("qti-pairs"))
    rows, columns = ({c.get("identifier", ""): c for c in s.findall("simpleAssociableChoice")} for s in found)
    return rows, columns


def _known(means: Mapping[str, str], name: str) -> str:
    if name not in means:
        raise NotTaken(Refusal("qti-pairs"))
    return means[name]


def _statements(texts: Mapping[str, str]) -> dict[str, str] | None:
    """Return what each of two columns says of a statement; None where they are not true and false."""
    words = {name: folded(text).casefold() for name, text in texts.items()}
    if len(words) != 2 or not (set(words.values()) & _TRUE and set(words.values()) & _FALSE):
        return None
    return {name: TRUE if word in _TRUE else FALSE for name, word in words.items()}


def _read_essay(item: Item) -> QuestionDraft:
    interaction = only_one(item, item.interactions())
    if item.rules:
        raise NotTaken(Refusal("qti-scored-essay"))
    limits = next((found for name in classes(interaction) if (found := _LIMITS.fullmatch(name))), None)
    least, most = (int(limits[1]), int(limits[2])) if limits else (0, 0)
    text = text_of(item, item.prompt)
    return drafted(item, Kind.ESSAY, text=text, least_words=least, most_words=most)


def _read_upload(item: Item) -> QuestionDraft:
    """Read files: QTI asks for one of any kind, or of the media type that it names."""
    interaction = only_one(item, item.interactions())
    if item.rules:
        raise NotTaken(Refusal("qti-scored-essay"))
    told = next((found for name in classes(interaction) if (found := _FILES.fullmatch(name))), None)
    most, kinds = (int(told[1]), set(told[2].split("-"))) if told else (1, _kinds_of(interaction.get("type", "")))
    asked = tuple(kind for kind in FileKind if kind in kinds)
    return drafted(item, Kind.UPLOAD, text=text_of(item, item.prompt), most_files=most, file_kinds=asked)


def _kinds_of(media_type: str) -> Set[str]:
    """Return the kinds of files of a media type; raises NotTaken for one that is not taken."""
    told = media_type.lower()
    if told in ("", "*/*"):
        return set(FileKind)
    found = {kind for kind, types in FILE_TYPES.items() if told in types.values()}
    if told == "image/*":
        found = {FileKind.PICTURE}
    if not found:
        raise NotTaken(Refusal("qti-file-type", {"type": media_type[:80]}))
    return found


_READERS: Mapping[str, Reader] = {
    "choiceInteraction": _read_choice,
    "orderInteraction": _read_order,
    "matchInteraction": _read_match,
    "extendedTextInteraction": _read_essay,
    "uploadInteraction": _read_upload,
    "textEntryInteraction": read_gaps,
    "inlineChoiceInteraction": read_gaps,
    "gapMatchInteraction": read_gap_match,
    "sliderInteraction": read_slider,
    "hotspotInteraction": read_hotspot,
    "hottextInteraction": read_hottext,
}
