"""What a manifest says of an item, as LOM: topic, tags, difficulty, source and its date, and the passage it belongs to.

Its names are read in any case.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape

from contest.formats.drafts import CODE_LIMIT, SHORT_LIMIT, TOPIC_LIMIT, QuestionDraft
from contest.formats.qti.document import Element
from contest.rules.question_terms import Difficulty
from contest.rules.refusals import Refusal
from contest.rules.text import clean

_LEVELS: Mapping[str, Difficulty] = {
    "very easy": Difficulty.RECALL,
    "easy": Difficulty.RECALL,
    "medium": Difficulty.UNDERSTANDING,
    "difficult": Difficulty.APPLICATION,
    "very difficult": Difficulty.HIGH_APPLICATION,
}
_WRITTEN = {level: word for word, level in _LEVELS.items()}  # of two words the last: a recall is easy
_SOURCE, _DATE = "isbasedon", "effective-on"
_NEEDED, _PASSAGE = "requires", "passage"
_MOST = 50  # tags, or levels of a topic


@dataclass(frozen=True, slots=True)
class Metadata:
    topic: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    difficulty: Difficulty | None = None
    source: str = ""
    effective_on: date | None = None
    passage: str | None = None


def read_metadata(element: Element | None) -> Metadata:
    """Return what the metadata of a resource say; what cannot be kept of them is left."""
    if element is None or (lom := _find(element, "lom")) is None:
        return Metadata()
    classified = next((c for c in _all(lom, "classification") if _said(c, "purpose") in ("", "discipline")), None)
    path = () if classified is None else _all(classified, "taxon")
    topic = tuple(_texts((_find(taxon, "entry") for taxon in path), TOPIC_LIMIT))
    general = _find(lom, "general")
    tags = () if general is None else tuple(dict.fromkeys(_texts(_all(general, "keyword"), TOPIC_LIMIT)))
    relations = {_said(relation, "kind"): relation for relation in reversed(_all(lom, "relation"))}
    source, effective_on = "", None
    if (relation := relations.get(_SOURCE)) is not None:
        source = next(_texts([_find(relation, "description")], SHORT_LIMIT, multiline=True), "")
        effective_on = _day(relation)
    passage = next(_texts([_entry(relations.get(_NEEDED), _PASSAGE)], CODE_LIMIT), None)
    level = _LEVELS.get(_said(lom, "difficulty"))
    return Metadata(topic[:_MOST], tags[:_MOST], level, source, effective_on, passage)


def write_metadata(draft: QuestionDraft) -> str:
    """Write what is known of a question as the `lom` element of a manifest; nothing where nothing is known."""
    tags = "".join(f"<lom:keyword>{_string(tag)}</lom:keyword>" for tag in draft.tags)
    parts = [f"<lom:general>{tags}</lom:general>" if tags else ""]
    if draft.difficulty is not None:
        level = _vocabulary("difficulty", _WRITTEN[draft.difficulty])
        parts.append(f"<lom:educational>{level}</lom:educational>")
    if draft.source or draft.effective_on:
        day = _identifier(_DATE, draft.effective_on.isoformat()) if draft.effective_on else ""
        said = f"<lom:description>{_string(draft.source)}</lom:description>" if draft.source else ""
        parts.append(_relation(_SOURCE, day + said))
    if draft.passage:
        parts.append(_relation(_NEEDED, _identifier(_PASSAGE, draft.passage)))
    if draft.topic:
        taxa = "".join(f"<lom:taxon><lom:entry>{_string(level)}</lom:entry></lom:taxon>" for level in draft.topic)
        path = f"<lom:taxonPath>{taxa}</lom:taxonPath>"
        parts.append(f"<lom:classification>{_vocabulary('purpose', 'discipline')}{path}</lom:classification>")
    written = "".join(parts)
    return f"<lom:lom>{written}</lom:lom>" if written else ""


def _relation(kind: str, resource: str) -> str:
    return f"<lom:relation>{_vocabulary('kind', kind)}<lom:resource>{resource}</lom:resource></lom:relation>"


def _identifier(catalog: str, entry: str) -> str:
    told = f"<lom:catalog>{catalog}</lom:catalog><lom:entry>{escape(entry, quote=False)}</lom:entry>"
    return f"<lom:identifier>{told}</lom:identifier>"


def _vocabulary(name: str, value: str) -> str:
    return f"<lom:{name}><lom:source>LOMv1.0</lom:source><lom:value>{value}</lom:value></lom:{name}>"


def _string(text: str) -> str:
    return f'<lom:string language="vi">{escape(text, quote=False)}</lom:string>'


def _day(relation: Element) -> date | None:
    try:
        return date.fromisoformat(_words(_entry(relation, _DATE)))
    except ValueError:
        return None


def _entry(relation: Element | None, catalog: str) -> Element | None:
    """Return the entry that what a relation is about has in a catalog."""
    found = [] if relation is None else _all(relation, "identifier")
    return next((_find(i, "entry") for i in found if _words(_find(i, "catalog")) == catalog), None)


def _said(element: Element, name: str) -> str:
    """Return the value of a term of a vocabulary, in small letters."""
    found = _find(element, name)
    value = None if found is None else _find(found, "value")
    return _words(value).lower()


def _texts(
    elements: Iterator[Element | None] | list[Element | None] | list[Element], limit: int, *, multiline: bool = False
) -> Iterator[str]:
    for element in elements:
        text = clean("" if element is None else "".join(map(str, element.itertext())), limit=limit, multiline=multiline)
        if text and not isinstance(text, Refusal):
            yield text


def _words(element: Element | None) -> str:
    return "" if element is None else " ".join("".join(map(str, element.itertext())).split())


def _find(element: Element, name: str) -> Element | None:
    return next((found for found in element.iter() if str(found.tag).lower() == name), None)


def _all(element: Element, name: str) -> list[Element]:
    return [found for found in element.iter() if str(found.tag).lower() == name]
