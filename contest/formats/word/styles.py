"""Styles: how a run is set once its own formatting, its styles and the document's defaults are taken together."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contest.formats.ooxml import Element, attribute, child, children, name, number, switch, value_of
from contest.formats.rich.nodes import Mark
from contest.formats.word.rich import BOLD, COLOUR, HIGHLIGHT, LOOKING, LOOKS, MOST_COLOURS, SHADE, UNDERLINE

Properties = Mapping[str, Any]

_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_DEEPEST = 20  # styles based on styles; a circle ends here
_NO_COLOURS = {"auto", "none", "nil", ""}
_BLACK_THEMES = {"text1", "dark1", "tx1", "dk1", "none"}
_LEAST_BRIGHT, _WHITE = 0x40, "ffffff"
_LOOKS = {"bold": Mark.BOLD, "italic": Mark.EMPHASIS, "underline": Mark.UNDERLINE}


@dataclass(frozen=True, slots=True)
class Style:
    kind: str
    name: str
    based_on: str | None
    run: Properties
    paragraph: Element | None


@dataclass(slots=True)
class Styles:
    """The styles of a document, resolved; colours get numbers in the order in which they are met."""

    by_id: dict[str, Style] = field(default_factory=dict)
    defaults: Properties = field(default_factory=dict)
    usual: str | None = None
    _resolved: dict[str | None, Properties] = field(default_factory=dict)
    _colours: dict[str, int] = field(default_factory=dict)

    def run(self, run: Element, paragraph_style: str | None) -> dict[str, Any]:
        """Return how a run is set: its own word goes first, then its style, its paragraph's style, the defaults."""
        own = properties(child(run, "rPr"))
        of_run, of_paragraph = self._chain(own.get("style")), self._chain(paragraph_style or self.usual)
        found = {**self.defaults, **of_paragraph, **of_run, **own}
        for toggle in ("bold", "italic"):
            if toggle not in own and of_run.get(toggle) and of_paragraph.get(toggle):
                found[toggle] = False  # styles toggle each other
        return found

    def setting(
        self, found: Properties, *, is_link: bool = False, is_shaded: bool = False, is_set: bool = False
    ) -> int:
        """Return properties as marks and looks: none of a link's own line, and no marks where the paragraph `is_set`."""
        looks = sum(
            LOOKS[look] for name, look in _LOOKS.items() if found.get(name) and not (is_link and name == "underline")
        )
        return looks << LOOKING | (0 if is_set else self._marks(found, is_link=is_link, is_shaded=is_shaded))

    def name(self, paragraph: Element | None) -> str:
        """Return the name of a paragraph's or a table's style; nothing for the usual one."""
        style = next(
            (value_of(paragraph, kind) for kind in ("pStyle", "tblStyle") if child(paragraph, kind) is not None), None
        )
        return self.by_id[style].name if style in self.by_id else ""

    def _marks(self, found: Properties, *, is_link: bool, is_shaded: bool) -> int:
        """Return properties as marks; what a link has of its own colour and line is none."""
        marks = BOLD if found.get("bold") else 0
        marks |= HIGHLIGHT if found.get("highlight") else 0
        marks |= SHADE if found.get("shade") or is_shaded else 0
        if is_link:
            return marks
        colour = found.get("colour")
        shade = self._colours.setdefault(colour, min(len(self._colours) + 1, MOST_COLOURS)) if colour else 0
        return marks | (UNDERLINE if found.get("underline") else 0) | shade << COLOUR

    def heading(self, paragraph: Element | None) -> int | None:
        """Return the level of a heading, from 1, by its style or its outline level."""
        own = value_of(paragraph, "outlineLvl")
        if own is not None:
            return number(own, 9) + 1 if number(own, 9) < 9 else None
        for style in self._line(value_of(paragraph, "pStyle")):
            if found := _HEADING.fullmatch(style.name):
                return int(found[1])
            if (told := value_of(style.paragraph, "outlineLvl")) is not None:
                return number(told, 9) + 1 if number(told, 9) < 9 else None
        return None

    def numbering(self, paragraph: Element | None) -> tuple[str, int, str | None] | None:
        """Return the list and the level that number a paragraph, and the style that says so where it is a style."""
        own = child(paragraph, "numPr")
        style_id = value_of(paragraph, "pStyle")
        inherited = ((s, child(s.paragraph, "numPr")) for s in self._line(style_id))
        from_style = next((found for _, found in inherited if found is not None), None)
        list_id = value_of(own, "numId") or value_of(from_style, "numId")
        if list_id is None or list_id == "0":
            return None
        level = value_of(own, "ilvl") or value_of(from_style, "ilvl")
        return list_id, number(level), style_id if level is None else None

    def _line(self, style_id: str | None) -> list[Style]:
        line: list[Style] = []
        while style_id in self.by_id and len(line) < _DEEPEST:
            line.append(self.by_id[style_id])
            style_id = line[-1].based_on
        return line

    def _chain(self, style_id: str | None) -> Properties:
        if style_id not in self._resolved:
            found: dict[str, Any] = {}
            for style in reversed(self._line(style_id)):
                found.update(style.run)
            self._resolved[style_id] = found
        return self._resolved[style_id]


def read_styles(root: Element | None) -> Styles:
    """Return the styles of a document, none where it has no such part."""
    if root is None:
        return Styles()
    styles = Styles(defaults=properties(child(child(child(root, "docDefaults"), "rPrDefault"), "rPr")))
    for style in children(root, "style"):
        style_id, kind = attribute(style, "styleId") or "", attribute(style, "type") or "paragraph"
        run, paragraph = properties(child(style, "rPr")), child(style, "pPr")
        styles.by_id[style_id] = Style(kind, value_of(style, "name") or "", value_of(style, "basedOn"), run, paragraph)
        if kind == "paragraph" and attribute(style, "default") in {"1", "true"}:
            styles.usual = style_id
    return styles


def properties(element: Element | None) -> dict[str, Any]:
    """Return what a set of run properties says, and only that."""
    found: dict[str, Any] = {}
    for part in element if element is not None else ():
        match name(part):
            case "b":
                found["bold"] = switch(element, "b")
            case "i":
                found["italic"] = switch(element, "i")
            case "vanish":
                found["hidden"] = switch(element, "vanish")
            case "u":
                found["underline"] = attribute(part, "val") not in {"none", None}
            case "color":
                found["colour"] = _colour(part)
            case "highlight":
                found["highlight"] = (attribute(part, "val") or "none") not in {"none", "white"}
            case "shd":
                found["shade"] = is_shaded(part)
            case "rStyle":
                found["style"] = attribute(part, "val")
            case "vertAlign":
                found["raised"] = attribute(part, "val")
            case "rFonts":
                found["font"] = attribute(part, "ascii") or attribute(part, "hAnsi") or found.get("font")
    return found


def is_shaded(shading: Element | None) -> bool:
    """Say whether something is filled with a colour that can be seen."""
    fill = (attribute(shading, "fill") or "auto").lower()
    has_theme = attribute(shading, "themeFill") not in {None, "background1", "light1", "none"}
    return shading is not None and (has_theme or fill not in {*_NO_COLOURS, _WHITE})


def _colour(part: Element) -> str | None:
    """Return a colour that is told apart from black, and None for black, near black, automatic and white."""
    theme = attribute(part, "themeColor")
    if theme is not None and theme not in _BLACK_THEMES:
        return None if theme in {"background1", "light1", "bg1", "lt1"} else f"{theme}"
    told = (attribute(part, "val") or "").lower()
    if theme is not None or told in _NO_COLOURS or told == _WHITE:
        return None
    try:
        is_dark = max(bytes.fromhex(told)) < _LEAST_BRIGHT
    except ValueError:
        return None
    return None if is_dark else told
