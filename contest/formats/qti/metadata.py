"""What a manifest says of an item, as LOM: topic, tags, difficulty, source and its date. Its names are read in any case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape

from contest.formats.drafts import SHORT_LIMIT, TOPIC_LIMIT, QuestionDraft
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
_MOST = 50  # tags, or levels of a topic


@dataclass(frozen=True, slots=True)
class Metadata:
    topic: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    difficulty: Difficulty | None = None
    source: str = ""
    effective_on: date | None = None


def read_metadata(element: Element | None) -> Metadata:
    """Return what the metadata of a resource say; what cannot be kept of them is left."""
    if element is None or (lom := _find(element, "lom")) is None:
        return Metadata()
    classified = next((c for c in _all(lom, "classification") if _said(c, "purpose") in ("", "discipline")), None)
    path = () if classified is None else _all(classified, "taxon")
    topic = tuple(_texts((_find(taxon, "entry") for taxon in path), TOPIC_LIMIT))
    general = _find(lom, "general")
    tags = () if general is None else tuple(dict.fromkeys(_texts(_all(general, "keyword"), TOPIC_LIMIT)))
    relation = next((r for r in _all(lom, "relation") if _said(r, "kind") == _SOURCE), None)
    source, effective_on = "", None
    if relation is not None:
        source = next(_texts([_find(relation, "description")], SHORT_LIMIT, multiline=True), "")
        effective_on = _day(relation)
    return Metadata(topic[:_MOST], tags[:_MOST], _LEVELS.get(_said(lom, "difficulty")), source, effective_on)


def write_metadata(draft: QuestionDraft) -> str:
    """Write what is known of a question as the `lom` element of a manifest; nothing where nothing is known."""
    tags = "".join(f"<lom:keyword>{_string(tag)}</lom:keyword>" for tag in draft.tags)
    parts = [f"<lom:general>{tags}</lom:general>" if tags else ""]
    if draft.difficulty is not None:
        level = _vocabulary("difficulty", _WRITTEN[draft.difficulty])
        parts.append(f"<lom:educational>{level}</lom:educational>")
    if draft.source or draft.effective_on:
        parts.append(_relation(draft.source, draft.effective_on))
    if draft.topic:
        taxa = "".join(f"<lom:taxon><lom:entry>{_string(level)}</lom:entry></lom:taxon>" for level in draft.topic)
        path = f"<lom:taxonPath>{taxa}</lom:taxonPath>"
        parts.append(f"<lom:classification>{_vocabulary('purpose', 'discipline')}{path}</lom:classification>")
    written = "".join(parts)
    return f"<lom:lom>{written}</lom:lom>" if written else ""


def _relation(source: str, effective_on: date | None) -> str:
    day = ""
    if effective_on:
        entry = f"<lom:entry>{effective_on.isoformat()}</lom:entry>"
        day = f"<lom:identifier><lom:catalog>{_DATE}</lom:catalog>{entry}</lom:identifier>"
    words = f"<lom:description>{_string(source)}</lom:description>" if source else ""
    return f"<lom:relation>{_vocabulary('kind', _SOURCE)}<lom:resource>{day}{words}</lom:resource></lom:relation>"


def _vocabulary(name: str, value: str) -> str:
    return f"<lom:{name}><lom:source>LOMv1.0</lom:source><lom:value>{value}</lom:value></lom:{name}>"


def _string(text: str) -> str:
    return f'<lom:string language="vi">{escape(text, quote=False)}</lom:string>'


def _day(relation: Element) -> date | None:
    for identifier in _all(relation, "identifier"):
        if _words(_find(identifier, "catalog")) == _DATE:
            try:
                return date.fromisoformat(_words(_find(identifier, "entry")))
            except ValueError:
                return None
    return None


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
