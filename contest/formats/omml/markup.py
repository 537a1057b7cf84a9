"""Elements of OMML, with what is said about them in the order in which Word wants it."""

from collections.abc import Sequence

from lxml import etree

from contest.formats.ooxml import Element

NAMESPACE = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_FONT = "Cambria Math"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
# Where an element may say something about itself, in the order of the schema.
_ORDER = (
    "lit nor scr sty begChr sepChr endChr chr pos vertJc limLoc type degHide subHide supHide show zeroWid zeroAsc zeroDesc "
    "hideTop hideBot hideLeft hideRight strikeBLTR strikeTLBR"
).split()


def on(is_on: bool) -> str:
    return "1" if is_on else "0"


def flag(name: str, value: str) -> Element:
    """Return an element that is nothing but a value."""
    made = etree.Element(f"{{{NAMESPACE}}}{name}")
    made.set(f"{{{NAMESPACE}}}val", value)
    return made


def element(name: str, *parts: Element | Sequence[Element], **about: str) -> Element:
    """Return an element that holds others, behind what is said about it."""
    made = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={"m": NAMESPACE, "w": _WORD})
    if about:
        said = etree.SubElement(made, f"{{{NAMESPACE}}}{name}Pr")
        said.extend(flag(key, about[key]) for key in sorted(about, key=_ORDER.index))
    for part in parts:
        if isinstance(part, list):
            made.extend(part)
        else:
            made.append(part)
    return made


def run(signs: str, **about: str) -> Element:
    """Return a run of signs in a style; with `nor`, of words as they stand in a text."""
    made = element("r")
    if about:
        said = etree.SubElement(made, f"{{{NAMESPACE}}}rPr")
        said.extend(flag(key, about[key]) for key in sorted(about, key=_ORDER.index))
    font = etree.SubElement(etree.SubElement(made, f"{{{_WORD}}}rPr"), f"{{{_WORD}}}rFonts")
    for kind in ("ascii", "hAnsi"):
        font.set(f"{{{_WORD}}}{kind}", _FONT)
    text = etree.SubElement(made, f"{{{NAMESPACE}}}t")
    text.text = signs
    text.set(_SPACE, "preserve")
    return made
