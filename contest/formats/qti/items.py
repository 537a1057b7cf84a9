"""An item to a draft: what is asked by its interactions, what is right by its response processing."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from lxml import etree

from contest.formats.drafts import CODE_LIMIT, SHORT_LIMIT, TEXT_LIMIT, OptionDraft, Place, QuestionDraft
from contest.formats.qti.content import Words, classes
from contest.formats.qti.declared import Declared, responses, starting_values
from contest.formats.qti.document import Element
from contest.formats.qti.processing import SCORE, NotKnown, Rule, Rules, Way, rules_of
from contest.formats.taking import NotTaken, cleaned
from contest.rules.question_terms import Kind
from contest.rules.questions import MARKED_BY_PEOPLE
from contest.rules.refusals import Refusal

TOOL = "Hội Thi"
KIND = "kind-"  # begins the class of a body that says which kind it is
REPEATED = "passage"  # the class of a passage that stands in the body of each of its questions
_XML_LIMIT = 2_000  # of what is shown of a way of scoring that is not known
_SETTINGS = {"shuffle": "false", "fixed": "true"}


class Unscored(NotTaken):
    """An item whose scoring is not known; `xml` is how it says that it is scored."""

    def __init__(self, xml: str) -> None:
        super().__init__(Refusal("qti-processing"))
        self.xml = xml


@dataclass(slots=True)
class Item:
    """An item that is being read: what it declares, its words, and what it holds that has no place here."""

    root: Element
    body: Element
    declared: Mapping[str, Declared]
    rules: Rules | None
    words: Words
    left: set[str] = field(default_factory=set)
    warned: set[str] = field(default_factory=set)

    @property
    def told_kind(self) -> Kind | None:
        """The kind that our own files name."""
        told = {name.removeprefix(KIND) for name in classes(self.body)}
        return next((kind for kind in Kind if kind.value in told), None)

    def interactions(self) -> list[Element]:
        return [element for element in self.body.iter() if str(element.tag).endswith("Interaction")]

    def scored(self, interaction: Element) -> tuple[Declared, Rule]:
        """Return what an interaction's response is declared as, and how it is scored. Raises NotTaken."""
        name = interaction.get("responseIdentifier", "")
        told = self.declared.get(name)
        if told is None:
            raise NotTaken(Refusal("qti-undeclared", {"name": name[:40]}))
        if self.rules is None:
            self.warned.add("qti-no-processing")  # what is right is said, how it is scored is not
            return told, Rule(Way.MATCH)
        if name not in self.rules:
            raise NotTaken(Refusal("qti-undeclared", {"name": name[:40]}))
        return told, self.rules[name]

    def feedback(self, choice: Element) -> str:
        """Return what is said when a choice is taken: within it, or below the item."""
        name = choice.get("identifier")
        found = [e for e in choice.iter("feedbackInline", "feedbackBlock") if e.get("identifier") == name]
        found += [e for e in self.root.findall("modalFeedback") if e.get("identifier") == name and is_shown(e)]
        return self.words.read(found[0], SHORT_LIMIT) if found else ""

    def prompt(self, interaction: Element) -> str:
        """Return what stands for an interaction that is apart from the text: what it asks."""
        found = interaction.find("prompt")
        return "" if found is None else f"<div>{self.words.html(found, self.prompt)}</div>"

    def option(self, choice: Element, weight: Decimal = Decimal(0)) -> OptionDraft:
        return OptionDraft(self.words.read(choice, SHORT_LIMIT), weight, self.feedback(choice))


Reader = Callable[[Item], QuestionDraft]


def is_shown(feedback: Element) -> bool:
    return bool(feedback.get("showHide", "show") == "show")


def opened(root: Element, words: Words) -> Item:
    """Return an item to be read. Raises NotTaken for one that is made anew for each candidate, or scored unknown."""
    body = root.find("itemBody")
    if body is None:
        raise NotTaken(Refusal("qti-nothing-asked"))
    if root.find("templateDeclaration") is not None or root.find("templateProcessing") is not None:
        raise NotTaken(Refusal("qti-template"))
    item = Item(root, body, responses(root), None, words)
    try:
        if root.get("adaptive", "false") in {"true", "1"} or float(starting_values(root).get(SCORE, "0")) != 0:
            raise NotKnown
        item.rules = rules_of(root)
    except (NotKnown, ValueError):
        raise Unscored(_processing(root)) from None
    item.left |= _left(item)
    return item


def read_stimulus(root: Element, words: Words) -> tuple[QuestionDraft, Item]:
    """Return the passage that a text shared by items is. Raises NotTaken."""
    body = root.find("stimulusBody")
    if body is None:
        raise NotTaken(Refusal("required", field="text"))
    item = Item(root, body, {}, None, words)
    item.left |= _left(item)
    return drafted(item, Kind.PASSAGE, text=text_of(item, item.prompt)), item


def without_repeated(root: Element) -> None:
    """Take the passage out that stands at the beginning of the body of each of its questions."""
    body = root.find("itemBody")
    if body is not None and len(body) and body[0].tag == "div" and REPEATED in classes(body[0]):
        body.remove(body[0])


def drafted(item: Item, kind: Kind, **values: object) -> QuestionDraft:
    """Return a draft of a kind, with what every item says."""
    told: dict[str, object] = {"text": "", "options": (), **values}
    if len(_guiding(item, kind)) < len(list(item.root.iter("rubricBlock"))):
        item.left.add("rubricBlock")
    return QuestionDraft(
        code=code_of(item.root),
        kind=kind,
        explanation=_explanation(item),
        guidance="\n\n".join(item.words.read(block, TEXT_LIMIT) for block in _guiding(item, kind)),
        rich=item.words.texts.is_rich,
        files=tuple(item.words.texts.files.values()),
        place=Place(line=item.root.sourceline),
        **told,  # type: ignore[arg-type]
    )


def text_of(item: Item, place_of: Callable[[Element], str]) -> str:
    return item.words.read(item.body, TEXT_LIMIT, place_of)


def code_of(root: Element) -> str | None:
    """Return the code of an item: in our own files its label, which it may be without, in others its identifier."""
    name = "label" if root.get("toolName") == TOOL else "identifier"
    return cleaned(root.get(name, ""), CODE_LIMIT, multiline=False) or None


def _explanation(item: Item) -> str:
    """Return what is said in any case: a feedback whose outcome has its value from the beginning."""
    values = starting_values(item.root)
    for feedback in item.root.findall("modalFeedback"):
        outcome = feedback.get("outcomeIdentifier", "")
        if is_shown(feedback) and values.get(outcome) == feedback.get("identifier"):
            return item.words.read(feedback, TEXT_LIMIT)
    return ""


def _guiding(item: Item, kind: Kind) -> list[Element]:
    """Return what is said to those who mark the item, and to no candidate."""
    blocks = item.root.iter("rubricBlock") if kind in MARKED_BY_PEOPLE else ()
    views = ((block, block.get("view", "").split()) for block in blocks)
    return [block for block, seen_by in views if "scorer" in seen_by and "candidate" not in seen_by]


def _left(item: Item) -> set[str]:
    """Return the names of what the item holds and no question here does."""
    ids = {e.get("identifier") for e in item.body.iter("simpleChoice", "hotspotChoice", "hottext")}
    values = starting_values(item.root)
    left = {str(e.tag) for e in item.root.iter("stylesheet", "companionMaterialsInfo")}
    for feedback in item.root.findall("modalFeedback"):
        is_told = values.get(feedback.get("outcomeIdentifier", "")) == feedback.get("identifier")
        if not is_shown(feedback) or not (is_told or feedback.get("identifier") in ids):
            left.add("modalFeedback")
    for element in item.body.iter():
        if element.tag != "matchInteraction":  # whose rows stand as they are written
            left |= {name for name, value in _SETTINGS.items() if element.get(name) == value}
        left |= {"patternMask"} & set(element.attrib)
        if element.tag in ("feedbackInline", "feedbackBlock") and element.get("identifier") not in ids:
            left.add(str(element.tag))
    return left


def _processing(root: Element) -> str:
    told = root.find("responseProcessing")
    return "" if told is None else etree.tostring(told, encoding="unicode", with_tail=False)[:_XML_LIMIT]


def only_one(item: Item, interactions: list[Element]) -> Element:
    """Return the only interaction. Raises NotTaken where an item asks several things that no kind asks at once."""
    if len(interactions) != 1:
        told = Counter(str(i.tag) for i in interactions)
        raise NotTaken(Refusal("qti-several", {"names": ", ".join(told)[:200]}))
    return interactions[0]
