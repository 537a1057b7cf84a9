"""What an office file reaches out with when it is opened: fields, formulas, and addresses of pictures and of data."""

import re
from dataclasses import dataclass, field

from contest.formats.ooxml import Element, attribute, name

# Elements that fetch or send by themselves, or as soon as a pointer passes over them.
REACHING = {
    "attachedTemplate", "mailMerge", "attachedSchema", "schemaLibrary", "saveThroughXslt", "smartTagType", "webVideoPr",
    "hlinkHover", "hlinkMouseOver", "webPublishItems", "webPublishObjects", "DataBinding",
}  # fmt: skip
_FORMULAS = ("f", "formula", "formula1", "formula2", "definedName")
ADDRESSED = {"src", "althref", "href", "action", "refreshOnLoad", "base"}
READ = {"fldChar", "instrText", "fldSimple", *_FORMULAS}

# Fields of a document that compute from the document alone, as people use them.
_FIELDS = frozenset(
    "PAGE NUMPAGES SECTION SECTIONPAGES PAGEREF REF NOTEREF STYLEREF SEQ TOC TC INDEX XE BIBLIOGRAPHY CITATION EQ SYMBOL"
    " DATE TIME QUOTE FORMTEXT FORMCHECKBOX FORMDROPDOWN ADVANCE LISTNUM".split()
)
_WORD = re.compile(r'["“”][^"“”]*["“”]?|[^\s"“”]+')
_WITH_WORD = {"\\l", "\\o", "\\t", "\\*"}  # switches of a link that a word follows
LINKS = re.compile(r"https?:|mailto:", re.IGNORECASE)
_AWAY = re.compile(r"\s*(?!data:)(?:[a-z][a-z0-9+.-]*:|[\\/])", re.IGNORECASE)
_FETCHED = {"imagedata", "fill", "stroke", "image", "use", "feImage"}  # whose `href` is no link to be clicked
_SHOWN = re.compile(r"ppaction://(?:hlinksldjump|hlinkshowjump|noaction|media|customshow)", re.IGNORECASE)
_CALLS = re.compile(
    r"\b(?:WEBSERVICE|IMAGE|RTD|CALL|REGISTER(?:\.ID)?|SQL\.REQUEST|EXEC|STOCKHISTORY|PY|_xll\.[\w.]+)\s*\(|\|",
    re.IGNORECASE,
)
_LITERAL = re.compile(r"\"[^\"]*\"|'[^']*'")
_LEADS_AWAY = re.compile(r"\bHYPERLINK\s*\((?!\s*\"(?:https?:|mailto:|#))", re.IGNORECASE)


def reaches(element: Element, key: str, local: str) -> bool:
    """Say whether an attribute whose local name is in `ADDRESSED` leads out of the file other than by a link to click."""
    value = element.get(key)
    if local == "action":
        return value.casefold().startswith("ppaction:") and not _SHOWN.match(value)
    if local == "base":
        return bool(key.startswith("{http://www.w3.org/XML/1998/namespace}"))
    if local == "href" and name(element) not in _FETCHED:
        return _AWAY.match(value) is not None and not LINKS.match(value)
    return local == "refreshOnLoad" or _AWAY.match(value) is not None


def disarm_formulas(root: Element) -> None:
    """Take out the formulas that fetch or start something; what a cell last showed stays."""
    shared = set()
    for formula in list(root.iter(*(f"{{*}}{each}" for each in _FORMULAS))):
        text = "".join(formula.itertext())
        if not _CALLS.search(_LITERAL.sub("", text)) and not _LEADS_AWAY.search(text):
            continue
        owner = formula.getparent()
        if owner is None or name(owner) != "c":
            formula.text = "0"
            del formula[:]
            continue
        if attribute(formula, "t") == "shared":
            shared.add(attribute(formula, "si"))
        owner.remove(formula)
    if shared:
        for formula in list(root.iter("{*}f")):
            if attribute(formula, "si") in shared:
                formula.getparent().remove(formula)


@dataclass(slots=True)
class _Field:
    """A field as far as it was read: what it is told to do, up to what it shows, and the fields that tell it more."""

    marks: list[Element] = field(default_factory=list)
    told: list[Element] = field(default_factory=list)
    is_shown: bool = False
    first: int | None = None  # how much was told before the first field inside

    def is_harmless(self) -> bool:
        if self.first is None:
            return _is_harmless(_text(self.told))
        words = _text(self.told[: self.first]).split()  # the rest is put together when it is opened
        return bool(words) and words[0].upper() in _FIELDS


def disarm_fields(root: Element) -> None:
    """Empty the instructions of fields that read another file or start a program; what a field last showed stays."""
    for simple in root.iter("{*}fldSimple"):
        for key in simple.keys():  # noqa: SIM118  (an element iterates over its children)
            if key.rpartition("}")[2] == "instr" and not _is_harmless(simple.get(key)):
                simple.set(key, "")
    opened, closed = [_Field(is_shown=True)], []
    for element in root.iter("{*}instrText", "{*}delInstrText", "{*}fldChar", "{*}t", "{*}delText"):
        local, inner = name(element), opened[-1]
        if local == "fldChar":
            kind = attribute(element, "fldCharType")
            if kind == "begin":
                if not inner.is_shown and inner.first is None:
                    inner.first = len(inner.told)
                opened.append(_Field())
            opened[-1].marks.append(element)
            opened[-1].is_shown |= kind == "separate"
            if kind == "end" and len(opened) > 1:
                closed.append(opened.pop())
        elif local.endswith("nstrText") or not inner.is_shown:  # any text is an instruction until something is shown
            inner.told.append(element)
    for left in opened:  # a field without an end shows its text
        left.first, left.told = None, [each for each in left.told if name(each).endswith("nstrText")]
    for each in (*opened, *closed):
        if not each.is_harmless():
            _disarm(each)


def _disarm(harmful: _Field) -> None:
    for instruction in harmful.told:
        instruction.text = ""
        del instruction[:]
    if harmful.first is not None:  # without its marks it is none any more, whatever the fields inside would tell it
        for mark in harmful.marks:
            mark.getparent().remove(mark)


def _text(told: list[Element]) -> str:
    return "".join("".join(each.itertext()) for each in told)


def _is_harmless(instruction: str) -> bool:
    words = _WORD.findall(instruction)
    return not words or words[0].upper() in _FIELDS or (words[0].upper() == "HYPERLINK" and _is_link(words[1:]))


def _is_link(words: list[str]) -> bool:
    """Say whether a link leads to the web, to mail, or to a place in the document, and nowhere else."""
    is_led = False
    for before, word in zip(["", *words], words, strict=False):
        if word.startswith("\\"):
            is_led = is_led or word.casefold() == "\\l"
        elif before.casefold() not in _WITH_WORD:
            if not LINKS.match(word.lstrip('"“”').lstrip()):
                return False
            is_led = True
    return is_led
