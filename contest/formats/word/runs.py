"""Paragraphs to text with marks: runs, links, fields, content controls, tracked changes, and what is no text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from contest.formats.old_codes import OldCode
from contest.formats.omml import NotUnderstood
from contest.formats.ooxml import Element, attribute, child, children, descendants, name
from contest.formats.rich.nodes import Mark
from contest.formats.taking import NotTaken
from contest.formats.word.formulas import Equations
from contest.formats.word.old_codes import old_code
from contest.formats.word.pictures import Album, picture_of
from contest.formats.word.rich import FIRST_THING, MOST_THINGS, Piece, has_thing, leveled, without_things
from contest.formats.word.styles import Styles, properties
from contest.formats.word.symbols import shown, sign
from contest.formats.word.things import Equation, Thing
from contest.rules.refusals import Refusal

TRACKED, HIDDEN, FOOTNOTES = "word-tracked-changes", "word-hidden-text", "word-footnotes"

_THROUGH = {"sdt", "sdtContent", "smartTag", "customXml", "fldSimple", "dir", "bdo", "ruby", "rubyBase"}
_LEFT_OUT = {"del", "moveFrom"}
_TAKEN = {"ins", "moveTo"}
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "\xad"}
_DRAWN = {"drawing", "pict", "object"}
_EQUATION, _EQUATIONS = "oMath", "oMathPara"
_EQUATION_FIELD = re.compile(r"\s*EQ\b", re.IGNORECASE)  # an equation of old, which Word draws from its field code
_CODE = re.compile("[0-9A-Fa-f]{1,4}")
_MOST_REFUSALS = 20  # of one paragraph
_LEVELS = {"superscript": Mark.SUP, "subscript": Mark.SUB}


@dataclass(slots=True)
class Content:
    """What a paragraph holds: pieces of text as they are set, their fonts by place, what cannot be read, texts in boxes."""

    pieces: list[Piece] = field(default_factory=list)
    fonts: dict[int, str | None] = field(default_factory=dict)
    objects: list[Refusal] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    old: OldCode | None = None

    def refuse(self, *refusals: Refusal) -> None:
        """Note why something cannot be read, each reason once and no more than anybody reads."""
        for refusal in refusals:
            if len(self.objects) < _MOST_REFUSALS and refusal not in self.objects:
                self.objects.append(refusal)

    def box(self, paragraphs: Iterable[str]) -> None:
        """Keep the words of a box, each box once."""
        text = " ".join(filter(None, (words.strip() for words in paragraphs)))
        if text and text not in self.boxes:
            self.boxes.append(text)


@dataclass(frozen=True, slots=True)
class Around:
    """What a run stands in: the style of its paragraph, a link, a filled cell, a paragraph that is as it is set."""

    style: str | None = None
    is_link: bool = False
    is_shaded: bool = False
    is_set: bool = False


@dataclass(slots=True)
class Runs:
    """Reads paragraphs; `notes` says of the whole document what was left out of it, `things` are what stands in its texts."""

    styles: Styles
    convert: OldCode | None = None
    album: Album = field(default_factory=Album)
    equations: Equations = field(default_factory=Equations)
    notes: set[str] = field(default_factory=set)
    things: list[Thing] = field(default_factory=list)

    def read(self, parent: Element, content: Content, around: Around) -> None:
        """Add what a paragraph holds to a content."""
        for part in parent:
            kind = name(part)
            if kind == "r":
                self._run(part, content, around)
            elif kind in _LEFT_OUT or kind in _TAKEN:
                self.notes.add(TRACKED)
                if kind in _TAKEN:
                    self.read(part, content, around)
            elif kind in _THROUGH or kind == "hyperlink":
                self._field(attribute(part, "instr"), content)
                self.read(part, content, replace(around, is_link=True) if kind == "hyperlink" else around)
            elif kind in {_EQUATION, _EQUATIONS}:
                self._equations(part, content, around)
            elif kind == "AlternateContent":
                self._alternative(part, content)

    def add(self, thing: Thing) -> str:
        """Keep a thing and return the character that stands for it; raises NotTaken for one too many."""
        self._expect()
        self.things.append(thing)
        return chr(FIRST_THING + len(self.things) - 1)

    def _expect(self) -> None:
        if len(self.things) >= MOST_THINGS:
            raise NotTaken(Refusal("word-too-many", {"limit": MOST_THINGS}))

    def _run(self, run: Element, content: Content, around: Around) -> None:
        found = self.styles.run(run, None if around.is_set else around.style)
        if found.get("hidden"):
            self.notes.add(HIDDEN)
            return
        setting = self.styles.setting(found, is_link=around.is_link, is_shaded=around.is_shaded, is_set=around.is_set)
        for part in run:
            kind = name(part)
            if kind == "t":
                self._text(part.text or "", setting, found, content)
            elif kind in _CHARACTERS:
                content.pieces.append((_CHARACTERS[kind], setting))
            elif kind == "sym":
                self._symbol(part, content, setting)
            elif kind == "instrText":
                self._field(part.text, content)
            elif kind in {"footnoteReference", "endnoteReference"}:
                self.notes.add(FOOTNOTES)
            elif kind == "AlternateContent":
                self._alternative(part, content)
            elif kind in _DRAWN:
                self._drawing(part, content)

    def _text(self, text: str, setting: int, found: dict[str, Any], content: Content) -> None:
        font = found.get("font")
        content.old = content.old or self._old(text, font)
        seen = shown(text, font)
        if seen is None or (not seen.isascii() and has_thing(seen)):
            content.refuse(Refusal("word-symbol"))
        text = without_things(text if seen is None else seen)
        for piece in leveled(text, setting, _LEVELS.get(found.get("raised") or "")):
            content.fonts[len(content.pieces)] = font
            content.pieces.append(piece)

    def _field(self, code: str | None, content: Content) -> None:
        """Name an equation of old; other fields hold what they show."""
        if _EQUATION_FIELD.match(code or ""):
            content.refuse(Refusal("word-equation"))

    def _old(self, text: str, font: str | None) -> OldCode | None:
        """Return the code page of a run, but the one that is converted."""
        code = old_code(text, font)
        return None if code is self.convert else code

    def _equations(self, part: Element, content: Content, around: Around) -> None:
        """Take an equation in its line, or those on lines of their own."""
        is_display = name(part) == _EQUATIONS
        for equation in children(part, _EQUATION) if is_display else (part,):
            try:
                self._expect()
                read = self.equations.read(equation)
                found, is_bold = self._set(equation)
                usual = self.equations.unbold(equation) if is_bold else read
            except NotUnderstood as told:
                content.refuse(Refusal("word-equation-unclear", {"what": told.what[:40]}))
            except NotTaken as reason:
                content.refuse(*reason.refusals)
            else:
                setting = self.styles.setting(found, is_shaded=around.is_shaded, is_set=around.is_set) & 0xFF
                content.pieces.append((self.add(Equation(read, usual, is_display)) if read else "", setting))

    def _set(self, equation: Element) -> tuple[dict[str, Any], bool]:
        """Return how the runs of an equation are set in Word, as far as they all are, and whether they are bold."""
        told = [[part for part in run if name(part) == "rPr"] for run in descendants(equation, "r")]
        each = [properties(about[-1]) if about else {} for about in told]
        first = each[0] if each else {}
        found = {key: value for key, value in first.items() if all(other.get(key) == value for other in each)}
        return found, bool(found.get("bold"))

    def _alternative(self, part: Element, content: Content) -> None:
        """Read the first of several forms of the same thing."""
        forms = [form for form in part if name(form) in {"Choice", "Fallback"}]
        for form in forms[0] if forms else ():
            if name(form) in {_EQUATION, _EQUATIONS}:
                self._equations(form, content, Around())
            elif name(form) == "r":
                self._run(form, content, Around())
            else:
                self._drawing(form, content)

    def _drawing(self, part: Element, content: Content) -> None:
        """Take a picture, name an equation of old; the words of boxes and in shapes are kept apart; a mere line is nothing."""
        boxed = list(descendants(part, "txbxContent"))
        for box in boxed:
            paragraphs = ("".join(t.text or "" for t in descendants(p, "t")) for p in descendants(box, "p"))
            content.box(paragraphs)
        content.box(attribute(words, "string") or "" for words in descendants(part, "textpath"))
        programs = [attribute(found, "ProgID") or "" for found in descendants(part, "OLEObject")]
        if any(program.startswith("Equation") for program in programs):
            content.refuse(Refusal("word-equation"))
        elif programs:
            content.refuse(Refusal("word-picture"))
        elif any(True for box in boxed for _ in descendants(box, _EQUATION)):
            content.refuse(Refusal("word-text-box"))
        else:
            self._picture(part, content)

    def _picture(self, part: Element, content: Content) -> None:
        try:
            self._expect()
            if shown := picture_of(part, self.album):
                content.pieces.append((self.add(shown), 0))
        except NotTaken as reason:
            content.refuse(*reason.refusals)

    def _symbol(self, part: Element, content: Content, setting: int) -> None:
        found = (
            sign(int(code, 16), attribute(part, "font"))
            if _CODE.fullmatch(code := attribute(part, "char") or "")
            else None
        )
        if found is None:
            content.refuse(Refusal("word-symbol"))
        else:
            content.pieces.append((found, setting))


def has_deleted_mark(paragraph: Element) -> bool:
    """Say whether the end of a paragraph was deleted, so that it runs on into the next."""
    mark = child(child(paragraph, "pPr"), "rPr")
    return mark is not None and any(name(part) in _LEFT_OUT for part in mark)
