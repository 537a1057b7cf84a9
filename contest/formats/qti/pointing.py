"""What is pointed at: an area of a picture, or words within the text."""

from contest.formats.drafts import SHORT_LIMIT, OptionDraft, QuestionDraft
from contest.formats.qti import areas, worth
from contest.formats.qti.document import Element
from contest.formats.qti.items import Item, drafted, only_one, text_of
from contest.formats.qti.processing import Way
from contest.formats.taking import NotTaken
from contest.rules.question_terms import Kind
from contest.rules.refusals import Refusal
from contest.rules.response_processing import Cardinality

_PICTURES = ("img", "object")


def read_hotspot(item: Item) -> QuestionDraft:
    """Read areas of a picture of which one is chosen."""
    interaction = only_one(item, item.interactions())
    told, rule = item.scored(interaction)
    if told.cardinality is not Cardinality.SINGLE:
        raise NotTaken(Refusal("qti-cardinality", {"cardinality": told.cardinality.value}))
    choices = interaction.findall("hotspotChoice")
    weights = worth.of_one(told, rule, [choice.get("identifier", "") for choice in choices]).weights
    picture = _picture(item, interaction)
    size = item.words.size(picture)
    options = tuple(
        OptionDraft(_label(item, choice, number), weight, item.feedback(choice), areas.read(choice, size))
        for number, (choice, weight) in enumerate(zip(choices, weights, strict=True), start=1)
    )
    text = text_of(item, lambda _: item.prompt(interaction) + item.words.picture(picture))
    return drafted(item, Kind.HOTSPOT, text=text, options=options)


def _picture(item: Item, interaction: Element) -> Element:
    """Return the picture of an interaction; here areas always lie on the first one of a question."""
    found = next(interaction.iter(*_PICTURES), None)
    if found is None:
        raise NotTaken(Refusal("hotspot-picture"))
    shown = (e for e in item.body.iter(*_PICTURES) if e.tag == "img" or e.get("type", "").startswith("image/"))
    if next(shown, None) is not found:
        raise NotTaken(Refusal("qti-picture-before"))
    return found


def _label(item: Item, choice: Element, number: int) -> str:
    label = " ".join((choice.get("hotspotLabel") or choice.get("label") or "").split())
    if not label:
        item.warned.add("qti-areas-unnamed")
    return item.words.texts.plain(label or f"Vùng {number}", SHORT_LIMIT)


def read_hottext(item: Item) -> QuestionDraft:
    """Read words of a text that are chosen: they are underlined there, and the options below it."""
    interaction = only_one(item, item.interactions())
    told, rule = item.scored(interaction)
    choices = list(interaction.iter("hottext"))
    ids = [choice.get("identifier", "") for choice in choices]
    if told.cardinality is Cardinality.SINGLE:
        kind, weights = Kind.SINGLE_CHOICE, worth.of_one(told, rule, ids).weights
    else:
        kind, weights = Kind.MULTIPLE_CHOICE, worth.of_several(told, rule, ids).weights
        if rule.way is Way.MAP:
            item.warned.add("qti-shares")
    item.warned.add("qti-hottext")

    def place_of(element: Element) -> str:
        return item.words.html(element, place_of)

    return drafted(item, kind, text=text_of(item, place_of), options=tuple(map(item.option, choices, weights)))
