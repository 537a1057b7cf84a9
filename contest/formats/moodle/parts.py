"""Moodle's questions that are more than options to tick, read: numbers, short texts, pairs, orders, statements, essays."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from lxml import etree

from contest.formats.drafts import SHORT_LIMIT, OptionDraft, PartDraft
from contest.formats.gift.parts import ANY, in_key
from contest.formats.moodle.weights import weight_of
from contest.formats.moodle.wordings import Wordings, raw_text
from contest.formats.tables.parts import Made
from contest.formats.taking import NotTaken, cleaned
from contest.rules.question_terms import FILE_TYPES, FileKind, Kind, PartKind
from contest.rules.questions.numbers import as_number
from contest.rules.questions.parts import FALSE, TRUE
from contest.rules.questions.upload import MOST_FILES
from contest.rules.refusals import Refusal

_ONE = Decimal(1)
_GROUPS = {
    "document": (FileKind.PDF, FileKind.WORD),
    "presentation": (FileKind.SLIDES,),
    "spreadsheet": (FileKind.SHEET,),
    "image": (FileKind.PICTURE,),
    "web_image": (FileKind.PICTURE,),
    ".jpeg": (FileKind.PICTURE,),
}
_WIDER = _GROUPS.keys() - {".jpeg"}
_FILE_TYPES = {f".{suffix}": (kind,) for kind, types in FILE_TYPES.items() for suffix in types} | _GROUPS


def _read_number(question: etree._Element, words: Wordings) -> Made:
    answers = []
    for answer in question.findall("answer"):
        weight, tolerance = weight_of(answer), answer.findtext("tolerance", "").strip()
        number = in_key(raw_text(answer).strip())
        if number == ANY and not weight:
            words.says_of_others = True
            continue
        width = as_number(tolerance or "0")
        span = number if width == 0 else in_key(f"{number}:{tolerance}")
        answers.append(OptionDraft(span, weight, words.read(answer.find("feedback"), SHORT_LIMIT)))
    unit = next((u.findtext("unit_name", "") for u in question.findall("units/unit") if _is_base(u)), "")
    unit = cleaned(unit, SHORT_LIMIT, multiline=False)
    return Made(parts=(PartDraft(PartKind.NUMBER, answers=tuple(answers), unit=unit),))


def _is_base(unit: etree._Element) -> bool:
    return as_number(unit.findtext("multiplier", "1").strip()) == 1


def _read_words(question: etree._Element, words: Wordings) -> Made:
    answers = []
    for answer in question.findall("answer"):
        weight, text = weight_of(answer), cleaned(raw_text(answer), SHORT_LIMIT, multiline=False)
        if text == ANY and not weight:
            words.says_of_others = True
            continue
        answers.append(OptionDraft(text, weight, words.read(answer.find("feedback"), SHORT_LIMIT)))
    with_case = question.findtext("usecase", "0").strip() in {"1", "true"}
    return Made(parts=(PartDraft(PartKind.TEXT, answers=tuple(answers), with_case=with_case),))


def _read_pairs(question: etree._Element, words: Wordings) -> Made:
    """Return pairs; Moodle has the right sides as plain words."""
    options: dict[str, OptionDraft] = {}
    parts = []
    for pair in question.findall("subquestion"):
        answer = pair.find("answer")
        match = words.texts.plain(raw_text(answer), SHORT_LIMIT) if answer is not None else ""
        if not match:
            continue  # Moodle keeps places that were left empty
        options.setdefault(match, OptionDraft(match, Decimal(0)))
        if stem := words.read(pair, SHORT_LIMIT):
            parts.append(PartDraft(PartKind.STEM, stem, (OptionDraft(match, _ONE),)))
    return Made(tuple(options.values()), tuple(parts))


def _read_order(question: etree._Element, words: Wordings) -> Made:
    return Made(
        tuple(
            OptionDraft(words.read(step, SHORT_LIMIT), Decimal(0), words.read(step.find("feedback"), SHORT_LIMIT))
            for step in question.findall("answer")
        )
    )


def _read_essay(question: etree._Element, words: Wordings) -> Made:
    return Made(least_words=_count(question, "minwordlimit"), most_words=_count(question, "maxwordlimit"))


def is_of_files(question: etree._Element) -> bool:
    """Say whether an essay of Moodle is files alone, with no text to be written."""
    is_written = question.findtext("responseformat", "").strip() != "noinline"
    return question.get("type") == "essay" and not is_written and question.findtext("attachments", "0").strip() != "0"


def asks_widely(question: etree._Element) -> bool:
    """Say whether more files are asked for than can be handed in here, in number or in kind."""
    asked = set(_types_asked(question))
    return is_of_files(question) and (_is_boundless(question) or not asked or not asked.isdisjoint(_WIDER))


def _is_boundless(question: etree._Element) -> bool:
    return bool(question.findtext("attachments", "").strip() == "-1")


def _types_asked(question: etree._Element) -> list[str]:
    listed = question.findtext("filetypeslist", "").replace(";", ",").split(",")
    return [name.strip().lower() for name in listed if name.strip()]


def read_files(question: etree._Element, words: Wordings) -> Made:
    """Return how many files are asked for, -1 being as many as anybody likes, and which."""
    most = MOST_FILES if _is_boundless(question) else _count(question, "attachments")
    asked = _types_asked(question)
    if unknown := [name for name in asked if name not in _FILE_TYPES]:
        raise NotTaken(Refusal("moodle-file-types", {"names": ", ".join(unknown)[:80]}))
    wanted = {kind for name in asked for kind in _FILE_TYPES[name]} if asked else set(FileKind)
    return Made(most_files=most, file_kinds=tuple(kind for kind in FileKind if kind in wanted))


def _count(question: etree._Element, name: str) -> int:
    written = question.findtext(name, "").strip()
    if written and not (written.isascii() and written.isdigit() and len(written) < 9):
        raise NotTaken(Refusal("moodle-number", {"name": name, "written": written[:40]}))
    return int(written or 0)


def _read_statements(question: etree._Element, words: Wordings) -> Made:
    """Return the rows of the plugins Kprime and MTF; the column of the weight says whether a row is true."""
    worth = {
        (weight.get("rownumber", ""), weight.get("columnnumber", ""))
        for weight in question.findall("weight")
        if (as_number(weight.findtext("value", "0").strip()) or 0) > 0
    }
    parts = []
    for row in question.findall("row"):
        text = words.read(row.find("optiontext"), SHORT_LIMIT)
        said = words.read(row.find("feedbacktext"), SHORT_LIMIT)
        columns = [column for number, column in worth if number == row.get("number")]
        if columns not in (["1"], ["2"]):
            raise NotTaken(Refusal("moodle-columns"))
        truth = TRUE if columns == ["1"] else FALSE
        parts.append(PartDraft(PartKind.STATEMENT, text, (OptionDraft(truth, _ONE, said),)))
    return Made(parts=tuple(parts))


def _read_groups(question: etree._Element, words: Wordings) -> Made:
    """Return gaps that take a word of their group; `[[3]]` in the text is the place of the third word."""
    name = "selectoption" if question.find("selectoption") is not None else "dragbox"
    choices = [
        (words.texts.plain(raw_text(choice), SHORT_LIMIT), choice.findtext("group", "1").strip())
        for choice in question.findall(name)
    ]
    parts = []
    for number in words.gaps:
        if not 1 <= number <= len(choices):
            raise NotTaken(Refusal("gap-unknown", {"number": number}))
        right = choices[number - 1]
        offered = dict.fromkeys(text for text, group in choices if group == right[1])
        answers = tuple(OptionDraft(text, Decimal(text == right[0])) for text in offered)
        parts.append(PartDraft(PartKind.CHOICE, answers=answers))
    return Made(parts=tuple(parts))


READERS: Mapping[str, tuple[Kind, Callable[[etree._Element, Wordings], Made]]] = {
    "numerical": (Kind.NUMERIC, _read_number),
    "shortanswer": (Kind.SHORT_TEXT, _read_words),
    "match": (Kind.MATCHING, _read_pairs),
    "matching": (Kind.MATCHING, _read_pairs),
    "ordering": (Kind.ORDERING, _read_order),
    "essay": (Kind.ESSAY, _read_essay),
    "kprime": (Kind.STATEMENTS, _read_statements),
    "mtf": (Kind.STATEMENTS, _read_statements),
    "gapselect": (Kind.DROPDOWN, _read_groups),
    "ddwtos": (Kind.DROPDOWN, _read_groups),
}
