"""A part in one cell: an answer a line, with what it is before it where that does not go without saying.

`Hà Nội`, `Số (km): 126` and `50%: 120 – 130` under it, `Chọn: Hồng` and what else is offered under it,
`Chữ (phân biệt hoa thường, không cần dấu): …`.
"""

import re
from collections.abc import Sequence
from decimal import Decimal

from contest.formats.drafts import OptionDraft, PartDraft
from contest.formats.taking import NotTaken
from contest.rules.question_terms import PartKind
from contest.rules.questions.lines import is_weighed, read_line, read_typed_span, write_line
from contest.rules.questions.numbers import said
from contest.rules.refusals import Refusal
from contest.rules.text import fold

_WORDS = {PartKind.NUMBER: "Số", PartKind.TEXT: "Chữ", PartKind.CHOICE: "Chọn"}
_KINDS = {word.lower(): kind for kind, word in _WORDS.items()}
_HEAD_ALONE = re.compile(r"(số|chữ|chọn)\s{0,3}\((.*)\)\s{0,3}:()\s*", re.IGNORECASE)
_HEAD = re.compile(r"(số|chữ|chọn)\s{0,3}(?:\(([^)]*)\)\s{0,3})?:\s*(.*)", re.IGNORECASE)
_CASE, _NO_ACCENTS = "phân biệt hoa thường", "không cần dấu"
_RIGHT, _WRONG = Decimal(1), Decimal(0)


def read_part(cell: str, usual: PartKind, said_of: Sequence[str] = ()) -> PartDraft:
    """Return the part of a cell, of the usual kind unless it tells another. Raises NotTaken with refusals of the key."""
    lines = [line.strip() for line in cell.split("\n") if line.strip()]
    kind, about = usual, ""
    if lines and (head := _head(lines[0])):
        kind, about = _KINDS[head[1].lower()], (head[2] or "").strip()
        lines = [line for line in (head[3].strip(), *lines[1:]) if line]
    is_told = kind is PartKind.CHOICE and any(map(is_weighed, lines))
    answers = []
    for number, line in enumerate(lines):
        otherwise = _RIGHT if kind is not PartKind.CHOICE or (number == 0 and not is_told) else _WRONG
        text, weight = read_line(line, otherwise)
        text = read_typed_span(text) if kind is PartKind.NUMBER else text
        answers.append(OptionDraft(text, weight, said_of[number] if number < len(said_of) else ""))
    if kind is PartKind.NUMBER:
        return PartDraft(kind, answers=tuple(answers), unit=about)
    with_case, with_accents = _read_flags(about)
    return PartDraft(kind, answers=tuple(answers), with_case=with_case, with_accents=with_accents)


def write_part(part: PartDraft, usual: PartKind) -> str:
    """Return the cell that reads back as a part without its feedback; one answer cannot have more than a line."""
    lines = [" ".join(line.split("\n")) for line in _lines(part)]
    flags = [_CASE] * part.with_case + [_NO_ACCENTS] * (not part.with_accents)
    about = part.unit if part.kind is PartKind.NUMBER else ", ".join(flags)
    word = _WORDS[part.kind]
    if about:
        return "\n".join([f"{word} ({about}):", *lines])
    if part.kind is not usual or (lines and _head(lines[0])):
        return "\n".join([f"{word}: {lines[0]}", *lines[1:]])
    return "\n".join(lines)


def _head(line: str) -> re.Match[str] | None:
    return _HEAD_ALONE.fullmatch(line) or _HEAD.fullmatch(line)


def _lines(part: PartDraft) -> list[str]:
    if part.kind is PartKind.NUMBER:
        return [write_line(said(answer.text), answer.weight, _RIGHT) for answer in part.answers]
    if part.kind is PartKind.TEXT:
        return [write_line(answer.text, answer.weight, _RIGHT) for answer in part.answers]
    is_usual = [answer.weight for answer in part.answers] == [_RIGHT] + [_WRONG] * (len(part.answers) - 1)
    if is_usual and not any(is_weighed(answer.text) for answer in part.answers):
        return [answer.text for answer in part.answers]
    return [write_line(answer.text, answer.weight) for answer in part.answers]


def _read_flags(about: str) -> tuple[bool, bool]:
    """Return whether capitals and whether accents matter."""
    told = {fold(word) for word in about.split(",") if word.strip()}
    if told - {fold(_CASE), fold(_NO_ACCENTS)}:
        raise NotTaken(Refusal("bad-comparing", {"case": _CASE, "accents": _NO_ACCENTS}, "key"))
    return fold(_CASE) in told, fold(_NO_ACCENTS) not in told
