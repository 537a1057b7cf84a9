"""Equations of a document as LaTeX. A list that we wrote says which LaTeX an equation was made from, while it is still that."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import etree

from contest.formats.omml import NotWritten, read_omml, write_omml
from contest.formats.ooxml import Element, attribute, descendants, name

NAMESPACE = "urn:hoi-thi:formulas"
_ROOT, _EACH, _READ, _SOURCE = "formulas", "formula", "read", "source"
_UPRIGHT = "p"


@dataclass(slots=True)
class Equations:
    """Reads equations; `sources` are the LaTeX that an equation was made from, by the LaTeX that it is read as."""

    sources: Mapping[str, str] = field(default_factory=dict)
    _sound: dict[str, str] = field(default_factory=dict)

    def read(self, element: Element) -> tuple[str, ...]:
        """Return an equation as LaTeX, a formula for each of its lines; raises NotUnderstood."""
        return tuple(map(self._source, read_omml(element)))

    def unbold(self, element: Element) -> tuple[str, ...]:
        """Return an equation that is bold as a whole as it would be read without that."""
        return read_omml(_unbold(element))

    def _source(self, read: str) -> str:
        told = self.sources.get(read)
        if told is None:
            return read
        if read not in self._sound:
            self._sound[read] = told if _reads_as(told, read) else read
        return self._sound[read]


def _reads_as(tex: str, read: str) -> bool:
    try:
        return write_omml(tex)[1] == read
    except NotWritten:
        return False


def _unbold(element: Element) -> Element:
    """Return an equation whose letters are set as letters usually are."""
    plain = deepcopy(element)
    for style in list(descendants(plain, "sty")):
        if attribute(style, "val") == "bi":
            style.getparent().remove(style)
        elif attribute(style, "val") == "b":
            style.set(next(iter(style.attrib)), _UPRIGHT)
    return plain


def read_sources(roots: Iterable[Element]) -> Mapping[str, str]:
    """Return the sources that a list of ours among the parts of a document tells."""
    return {
        attribute(found, _READ) or "": attribute(found, _SOURCE) or ""
        for root in roots
        if name(root) == _ROOT
        for found in root
        if name(found) == _EACH
    }


def write_sources(sources: Mapping[str, str]) -> bytes:
    """Return the list of the sources whose equations read as something else."""
    root = etree.Element(f"{{{NAMESPACE}}}{_ROOT}", nsmap={None: NAMESPACE})
    for read, source in sources.items():
        etree.SubElement(root, f"{{{NAMESPACE}}}{_EACH}", {_READ: read, _SOURCE: source})
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
