"""Paragraphs to text with marks: runs, links, fields, content controls, tracked changes, and what is no text."""

from dataclasses import dataclass, field

from contest.formats.old_codes import OldCode
from contest.formats.word.markup import Element, attribute, child, children, descendants, name
from contest.formats.word.old_codes import old_code
from contest.formats.word.styles import Styles

TRACKED, HIDDEN, FOOTNOTES = "word-tracked-changes", "word-hidden-text", "word-footnotes"
PICTURE, EQUATION, SYMBOL = "word-picture", "word-equation", "word-symbol"

_THROUGH = {"sdt", "sdtContent", "smartTag", "customXml", "fldSimple", "dir", "bdo", "ruby", "rubyBase"}
_LEFT_OUT = {"del", "moveFrom"}
_TAKEN = {"ins", "moveTo"}
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "\xad"}
_DRAWN = {"drawing", "pict", "object"}
_PICTURES = ("blip", "imagedata", "chart", "relIds")  # a photograph, an old picture, a chart, SmartArt
_EQUATIONS = {"oMath", "oMathPara"}
_ARROWS = {"e0": "→", "df": "←", "fc": "✓"}  # what Word itself puts in the font Wingdings
_RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_LOWERED = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")


@dataclass(slots=True)
class Content:
    """What a paragraph holds: pieces of text with their marks, their fonts by place, what is no text, and texts in boxes."""

    pieces: list[tuple[str, int]] = field(default_factory=list)
    fonts: dict[int, str | None] = field(default_factory=dict)
    objects: set[str] = field(default_factory=set)
    boxes: list[str] = field(default_factory=list)
    old: OldCode | None = None


@dataclass(slots=True)
class Runs:
    """Reads paragraphs; `notes` says of the whole document what was left out of it."""

    styles: Styles
    convert: OldCode | None = None
    notes: set[str] = field(default_factory=set)

    def read(self, paragraph: Element, content: Content, *, style: str | None, is_shaded: bool) -> None:
        """Add what a paragraph holds to a content."""
        self._walk(paragraph, content, style, is_link=False, is_shaded=is_shaded)

    def _walk(self, parent: Element, content: Content, style: str | None, *, is_link: bool, is_shaded: bool) -> None:
        for part in parent:
            kind = name(part)
            if kind == "r":
                self._run(part, content, style, is_link=is_link, is_shaded=is_shaded)
            elif kind in _LEFT_OUT or kind in _TAKEN:
                self.notes.add(TRACKED)
                if kind in _TAKEN:
                    self._walk(part, content, style, is_link=is_link, is_shaded=is_shaded)
            elif kind in _THROUGH or kind == "hyperlink":
                is_linked = is_link or kind == "hyperlink"
                self._walk(part, content, style, is_link=is_linked, is_shaded=is_shaded)
            elif kind in _EQUATIONS:
                content.objects.add(EQUATION)
            elif kind == "AlternateContent":
                self._alternative(part, content)

    def _run(self, run: Element, content: Content, style: str | None, *, is_link: bool, is_shaded: bool) -> None:
        found = self.styles.run(run, style)
        if found.get("hidden"):
            self.notes.add(HIDDEN)
            return
        marks = self.styles.marks(found, is_link=is_link, is_shaded=is_shaded)
        for part in run:
            kind = name(part)
            if kind == "t":
                text = _leveled(part.text or "", found.get("raised"))
                content.old = content.old or self._old(text, found.get("font"))
                content.fonts[len(content.pieces)] = found.get("font")
                content.pieces.append((text, marks))
            elif kind in _CHARACTERS:
                content.pieces.append((_CHARACTERS[kind], marks))
            elif kind == "sym":
                self._symbol(part, content, marks)
            elif kind in {"footnoteReference", "endnoteReference"}:
                self.notes.add(FOOTNOTES)
            elif kind == "AlternateContent":
                self._alternative(part, content)
            elif kind in _DRAWN:
                self._drawing(part, content)

    def _old(self, text: str, font: str | None) -> OldCode | None:
        """Return the code page of a run, but the one that is converted."""
        code = old_code(text, font)
        return None if code is self.convert else code

    def _alternative(self, part: Element, content: Content) -> None:
        """Read the first of several forms of the same thing."""
        forms = [form for form in part if name(form) in {"Choice", "Fallback"}]
        for form in forms[0] if forms else ():
            if name(form) in _EQUATIONS:
                content.objects.add(EQUATION)
            elif name(form) == "r":
                self._run(form, content, None, is_link=False, is_shaded=False)
            else:
                self._drawing(form, content)

    def _drawing(self, part: Element, content: Content) -> None:
        """Note a picture or an equation of old; the words of a text box are kept apart; a mere line is nothing."""
        for box in descendants(part, "txbxContent"):
            paragraphs = ("".join(t.text or "" for t in descendants(p, "t")) for p in children(box, "p"))
            text = " ".join(filter(None, (words.strip() for words in paragraphs)))
            if text and text not in content.boxes:
                content.boxes.append(text)
        programs = [attribute(found, "ProgID") or "" for found in descendants(part, "OLEObject")]
        if any(program.startswith("Equation") for program in programs) or any(True for _ in descendants(part, "oMath")):
            content.objects.add(EQUATION)
        elif programs or any(True for _ in descendants(part, *_PICTURES)):
            content.objects.add(PICTURE)

    def _symbol(self, part: Element, content: Content, marks: int) -> None:
        code = (attribute(part, "char") or "").lower()[-2:]
        if (attribute(part, "font") or "").startswith("Wingdings") and code in _ARROWS:
            content.pieces.append((_ARROWS[code], marks))
        else:
            content.objects.add(SYMBOL)


def has_deleted_mark(paragraph: Element) -> bool:
    """Say whether the end of a paragraph was deleted, so that it runs on into the next."""
    mark = child(child(paragraph, "pPr"), "rPr")
    return mark is not None and any(name(part) in _LEFT_OUT for part in mark)


def _leveled(text: str, raised: str | None) -> str:
    """Write raised and lowered figures as the characters there are for them."""
    if raised == "superscript":
        return text.translate(_RAISED)
    return text.translate(_LOWERED) if raised == "subscript" else text
