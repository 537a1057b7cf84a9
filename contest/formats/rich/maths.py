"""LaTeX as MathML: of what a converter makes, only known elements with harmless attributes come out, and all words escaped.

Converters are lenient where LaTeX is not, so that a formula would be shown with pieces missing; here such a one is refused.
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import Converter

from contest.rules.refusals import Refusal

TEX_LIMIT = 1000
_DEEPEST = 30  # braces within braces
_EXCERPT = 60
_ARITY = dict.fromkeys(("mfrac", "msup", "msub", "mover", "munder", "mroot"), 2) | {"msubsup": 3, "munderover": 3}
ELEMENTS = {*_ARITY, "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msqrt", "mtable", "mtr", "mtd", "mstyle",
            "mpadded", "mphantom", "menclose"}  # fmt: skip
ATTRIBUTES = {"display", "stretchy", "fence", "form", "columnalign", "columnlines", "rowlines", "rowspacing",
              "columnspacing", "width", "height", "depth", "voffset", "lspace", "rspace", "mathvariant", "linethickness",
              "displaystyle", "scriptlevel", "minsize", "maxsize", "movablelimits", "notation", "accent"}  # fmt: skip
_VALUE = re.compile(r"[\w.%+ -]{1,40}")
_REFUSED = re.compile(
    r"\\(?:href|class|style|def|newcommand|newenvironment|DeclareMathOperator|unicode|verb|color\w*|textcolor|fcolorbox|tag|"
    r"input|include)(?![A-Za-z])"
)
_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*%")
_TOKENS = re.compile(r"\\.|[{}]", re.DOTALL)
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{([^{}]*)\}")
_KNOWN = {
    "matrix",
    "pmatrix",
    "bmatrix",
    "Bmatrix",
    "vmatrix",
    "Vmatrix",
    "smallmatrix",
    "array",
    "cases",
    "split",
    "align*",
}
_MEANT = {"aligned": "split", "align": "align*"}  # shown alike, but for numbers that nobody refers to


class BadFormula(Exception):
    """LaTeX that cannot be shown whole; `refusal` says what is wrong."""

    def __init__(self, slug: str, tex: str, what: str = "") -> None:
        super().__init__(slug)
        self.refusal = Refusal(slug, {"formula": tex[:_EXCERPT], "what": what[:_EXCERPT]})


def mathml(tex: str, *, is_display: bool = False) -> str:
    """Return a formula as MathML; raises BadFormula."""
    return "".join(_serialised(element_of(tex, is_display=is_display)))


def element_of(tex: str, *, is_display: bool = False) -> Element:
    """Return a formula as an element of MathML that was found whole; raises BadFormula."""
    _check_source(tex)
    meant = _ENVIRONMENT.sub(lambda found: found[0].replace(found[1], _MEANT.get(found[1], found[1])), tex)
    try:
        root = Converter(display="block" if is_display else "inline").convert_to_element(meant)
    except Exception as wrong:  # the converter has many, and some come from its own slips
        raise BadFormula("formula-unreadable", tex) from wrong
    for element in root.iter():
        _check_element(element, tex)
    return root


def _check_source(tex: str) -> None:
    if len(tex) > TEX_LIMIT:
        raise BadFormula("formula-too-long", tex)
    if found := _REFUSED.search(tex):
        raise BadFormula("formula-command", tex, found[0])
    if _COMMENT.search(tex):
        raise BadFormula("formula-sign", tex, "%")
    for name in _ENVIRONMENT.findall(tex):
        if _MEANT.get(name, name) not in _KNOWN:
            raise BadFormula("formula-command", tex, f"\\begin{{{name}}}")
    depth = deepest = 0
    for token in _TOKENS.findall(tex):
        depth += {"{": 1, "}": -1}.get(token, 0)
        deepest = max(deepest, depth)
        if depth < 0:
            break
    if depth:
        raise BadFormula("formula-braces", tex)
    if deepest > _DEEPEST:
        raise BadFormula("formula-too-long", tex)


def _check_element(element: Element, tex: str) -> None:
    words = element.text or ""
    if element.tag not in ELEMENTS:
        raise BadFormula("formula-unreadable", tex)
    if element.tag in ("mi", "mo", "mn") and words.startswith("\\"):
        raise BadFormula("formula-command", tex, words)
    if element.tag in ("mi", "mo") and words in ("&", "#", "}", "{", "$"):
        raise BadFormula("formula-sign", tex, words)
    if len(element) != _ARITY.get(element.tag, len(element)):
        raise BadFormula("formula-unreadable", tex)


def _serialised(element: Element) -> Iterator[str]:
    told = "".join(
        f' {name}="{value}"'
        for name, value in sorted(element.attrib.items())
        if name in ATTRIBUTES and _VALUE.fullmatch(value)
    )
    yield f"<{element.tag}{told}>"
    yield escape(unescape(element.text or ""), quote=False)  # the converter names characters by their numbers
    for child in element:
        yield from _serialised(child)
    yield f"</{element.tag}>"
