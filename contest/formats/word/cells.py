"""The options of a question as texts: those of a choice as they are, those of other kinds as cells of a table have them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from contest.formats.drafts import SHORT_LIMIT, OptionDraft, PartDraft
from contest.formats.rich.questions import from_plain
from contest.formats.tables.parts import Cells, Made, read_cells
from contest.formats.taking import NotTaken, cleaned
from contest.formats.word.questions import Option
from contest.formats.word.rich import Rich, has_thing
from contest.formats.word.texts import Texts
from contest.formats.word.wording import GUARD
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions import TOLD
from contest.rules.refusals import Refusal

_EQUALS = re.compile(r"(?<!\\)=")
_UNSEEN = re.compile(rf"{GUARD}|(?<=\s)\s")
_STROKE = re.compile(r"\\(?==)")  # by which `=` is a sign within a stem
_GAPS = {Kind.CLOZE, Kind.DROPDOWN}


def plain_of(option: Option) -> str:
    """Return an option as words, by which an answer may name it."""
    return cleaned("\n".join(line.text for line in option.lines), SHORT_LIMIT)


def read_parts(kind: Kind, options: Sequence[Option], key: str, texts: Texts) -> Made:
    """Return what the options and the key of a question make that is no choice. Raises NotTaken."""
    if kind in TOLD:
        if key:
            raise NotTaken(Refusal("word-told-key"))
        return Made(tuple(OptionDraft(text, Decimal(0)) for text in map(plain_of, options)))
    if not texts.is_rich or kind in _GAPS:
        made = read_cells(kind, Cells([plain_of(option) for option in options], key))
    elif kind is Kind.MATCHING:
        made = read_cells(kind, Cells([_pair(option.lines, texts) for option in options], key))
    else:
        made = read_cells(kind, Cells([texts.read(option.lines, SHORT_LIMIT) for option in options], key))
    if texts.is_rich and kind in _GAPS:
        told = zip(made.parts, options, strict=True)
        made = replace(made, parts=tuple(_offered(part, option, texts) for part, option in told))
    answers = [answer.text for part in made.parts for answer in part.answers]
    if any(map(has_thing, answers)):
        raise NotTaken(Refusal("word-only-words"))
    return made


def read_choices(options: Sequence[Option], texts: Texts) -> list[str]:
    return [texts.read(option.lines, SHORT_LIMIT, is_option=True) for option in options]


def _pair(lines: Sequence[Rich], texts: Texts) -> str:
    """Return a stem and what it goes with, both rich, as a cell; what stands in an equation parts nothing."""
    at, found = next(((n, found) for n, line in enumerate(lines) if (found := _EQUALS.search(line.text))), (0, None))
    if found is None:
        return _escaped(texts.read([_without(_STROKE, line) for line in lines], SHORT_LIMIT))
    stem = [*lines[:at], lines[at].part(0, found.start())]
    match = [lines[at].part(found.end()), *lines[at + 1 :]]
    left = texts.read([_without(_STROKE, line) for line in stem], SHORT_LIMIT)
    return f"{_escaped(left)} = {texts.read(match, SHORT_LIMIT)}"


def _escaped(text: str) -> str:
    return text.replace("=", r"\=")


def _without(pattern: re.Pattern[str], line: Rich) -> Rich:
    dropped = {at for found in pattern.finditer(line.text) for at in range(*found.span())}
    kept = [at for at in range(len(line.text)) if at not in dropped]
    marks, looks = (bytes(told[at] for at in kept) for told in (line.marks, line.looks))
    return Rich("".join(line.text[at] for at in kept), marks, looks, line.stand)


def _offered(part: PartDraft, option: Option, texts: Texts) -> PartDraft:
    """Return a gap with what it offers in rich text: each is the end of a line, behind what that says of it."""
    if part.kind is not PartKind.CHOICE:
        return part
    seen = [_without(_UNSEEN, line) for line in option.lines]
    lines = [line.stripped() for line in seen if line.text.strip()]
    told = zip(part.answers, lines[-len(part.answers) :], strict=False)
    return replace(part, answers=tuple(_rich(answer, line, texts) for answer, line in told))


def _rich(answer: OptionDraft, line: Rich, texts: Texts) -> OptionDraft:
    if not line.text.endswith(answer.text):
        return replace(answer, text=from_plain(answer.text))
    tail = line.part(len(line.text) - len(answer.text))
    return replace(answer, text=texts.read([replace(tail, stand=line.stand.within())], SHORT_LIMIT))
