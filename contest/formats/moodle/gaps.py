r"""Moodle's codes for gaps in a text, `{1:SHORTANSWER:=Hà Nội~%50%Thăng Long#gần đúng}`, in and out.

A code stands in HTML. What would end something in it is written as a character reference, which both HTML and Moodle know;
`\}`, `\~`, `\#` are read too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from contest.formats.drafts import SHORT_LIMIT, OptionDraft, PartDraft
from contest.formats.gift.parts import ANY, in_key
from contest.formats.markup import as_html
from contest.formats.moodle.weights import percent
from contest.formats.rich.importing import Files, Importing
from contest.formats.rich.markdown import read
from contest.formats.rich.page import as_page
from contest.formats.taking import NotTaken
from contest.rules.question_terms import PartKind
from contest.rules.questions.gaps import gap, segments
from contest.rules.questions.numbers import plain, read_span
from contest.rules.refusals import Refusal

_TYPES = {
    **dict.fromkeys(("NUMERICAL", "NM"), PartKind.NUMBER),
    **dict.fromkeys(("SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC"), PartKind.TEXT),
    **dict.fromkeys(
        (*("MULTICHOICE" + form for form in ("", "_V", "_H", "_S", "_VS", "_HS")),
         *("MC" + form for form in ("", "V", "H", "S", "VS", "HS"))),
        PartKind.CHOICE,
    ),
}  # fmt: skip
_WITH_CASE = {"SHORTANSWER_C", "SAC", "MWC"}
_NAMES = {PartKind.NUMBER: "NUMERICAL", PartKind.TEXT: "SHORTANSWER", PartKind.CHOICE: "MULTICHOICE"}
_BEGIN = re.compile(r"\{\s{0,9}([0-9]{0,5})\s{0,9}:\s{0,9}([A-Z]{2,13}(?:_[A-Z]{1,2})?)\s{0,9}:")
_MASKS = {r"\}": "\x01", r"\~": "\x02", r"\#": "\x03", "&#": "\x04"}
_UNMASKED = str.maketrans({"\x01": "&#125;", "\x02": "&#126;", "\x03": "&#35;", "\x04": "&#"})
_ESCAPED = re.compile(r"\\[}~#]|&#")
_WEIGHT = re.compile(r"\s*(?:=|%(-?[0-9]{1,3}(?:[.,][0-9]{0,9})?)%)")
_SPECIAL = re.compile(r"[{}~\\]|(?<!&)#|^\s*[=%]")
_OPENING = re.compile(r"\{(?=\s{0,9}[0-9]{0,5}\s{0,9}:)")


@dataclass(slots=True)
class Gaps:
    """The gaps of a text; `says_of_others` is set where something is said of whatever else is answered."""

    parts: list[PartDraft] = field(default_factory=list)
    shares: set[str] = field(default_factory=set)
    says_of_others: bool = False


def read_gaps(html: str, texts: Importing, files: Files) -> tuple[str, Gaps]:
    """Return HTML with our gaps in the places of Moodle's codes, and the gaps. Raises NotTaken."""
    gaps = Gaps()
    pieces: list[str] = []
    masked = _ESCAPED.sub(lambda found: _MASKS[found[0]], html)
    at = 0
    while begin := _BEGIN.search(masked, at):
        end = masked.find("}", begin.end())
        if end < 0:
            raise NotTaken(Refusal("moodle-gap", {"gap": masked[begin.start() : begin.start() + 40]}))
        gaps.parts.append(_Code(texts, files, gaps).read(begin[2], masked[begin.end() : end]))
        gaps.shares.add(begin[1] or "1")
        pieces += [masked[at : begin.start()], gap(len(gaps.parts))]
        at = end + 1
    pieces.append(masked[at:])
    restored = "".join(pieces)
    for written, mask in _MASKS.items():
        restored = restored.replace(mask, written)
    return restored, gaps


@dataclass(frozen=True, slots=True)
class _Code:
    """Reads codes with the texts and the files of their question."""

    texts: Importing
    files: Files
    gaps: Gaps

    def read(self, name: str, inside: str) -> PartDraft:
        kind = _TYPES.get(name)
        if kind is None:
            raise NotTaken(Refusal("moodle-gap-kind", {"kind": name}))
        answers = []
        for written in inside.split("~"):
            weight, rest = _weight(written)
            text, _, feedback = (piece.translate(_UNMASKED) for piece in rest.partition("#"))
            found = self._one_line(text) if kind is PartKind.CHOICE else self._typed(text)
            said = self._one_line(feedback)
            if kind is not PartKind.CHOICE and found in {ANY, ""} and not weight:
                self.gaps.says_of_others = self.gaps.says_of_others or bool(said)
                continue
            answers.append(OptionDraft(in_key(found) if kind is PartKind.NUMBER else found, weight, said))
        return PartDraft(kind, answers=tuple(answers), with_case=name in _WITH_CASE)

    def _typed(self, html: str) -> str:
        plain_texts = Importing()
        text = plain_texts.html(html, SHORT_LIMIT, {})
        self.texts.lost |= plain_texts.lost
        return " ".join(text.split())

    def _one_line(self, html: str) -> str:
        """Return what is offered or said in a gap; what has lines of its own there is only its words."""
        found = self.texts.html(html, SHORT_LIMIT, self.files)
        return self.texts.plain(self._typed(html), SHORT_LIMIT) if "\n" in found else found


def _weight(written: str) -> tuple[Decimal, str]:
    found = _WEIGHT.match(written)
    if found is None:
        return Decimal(0), written
    return Decimal(found[1].replace(",", ".")).scaleb(-2) if found[1] else Decimal(1), written[found.end() :]


def write_gaps(html: str, parts: Sequence[PartDraft], *, rich: bool) -> str:
    """Return the HTML of a text with codes in the places of its gaps; nothing else in it is taken for a code."""
    codes = [_code(part, rich=rich) for part in parts]
    pieces = segments(_OPENING.sub("&#123;", html))
    return "".join(
        codes[piece - 1] if isinstance(piece, int) and piece <= len(codes) else _as_was(piece) for piece in pieces
    )


def _as_was(piece: str | int) -> str:
    return gap(piece) if isinstance(piece, int) else piece


def _code(part: PartDraft, *, rich: bool) -> str:
    name = _NAMES[part.kind] + "_C" * (part.kind is PartKind.TEXT and part.with_case)
    return f"{{1:{name}:{'~'.join(_answer(answer, part.kind, rich=rich) for answer in part.answers)}}}"


def _answer(answer: OptionDraft, kind: PartKind, *, rich: bool) -> str:
    weight = "=" if answer.weight == 1 else f"%{percent(answer.weight)}%" if answer.weight else ""
    if kind is PartKind.NUMBER:
        text = ":".join(middle_and_width(answer.text)).removesuffix(":0")
    else:
        text = _escaped(_html(answer.text, rich=rich and kind is PartKind.CHOICE))
    return f"{weight}{text}#{_escaped(_html(answer.feedback, rich=rich))}" if answer.feedback else f"{weight}{text}"


def middle_and_width(span: str) -> tuple[str, str]:
    """Return a key's span as Moodle has it: a number and its tolerance."""
    found = read_span(span)
    if found is None:
        return span, "0"
    with localcontext(prec=120):
        return plain((found.low + found.high) / 2), plain((found.high - found.low) / 2)


def _html(text: str, *, rich: bool) -> str:
    return as_page(read(text)) if rich else as_html(text)


def _escaped(html: str) -> str:
    """Write what would end something in a code as character references, but for those that are ones."""
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", html)
