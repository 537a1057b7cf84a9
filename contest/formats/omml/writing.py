"""LaTeX as OMML, by way of the MathML that our pages show. What OMML has no shape for is not written at all."""

import re
from collections.abc import Callable, Mapping, Sequence
from html import unescape
from xml.etree.ElementTree import Element as MathML

from contest.formats.omml.markup import element, flag, on, run
from contest.formats.omml.reading import NotUnderstood, read_omml
from contest.formats.omml.symbols import (
    ACCENT_SIGNS,
    GROUPS,
    INTEGRALS,
    NEGATED,
    SLASH,
    SPACES,
    STACKED,
    SUMS,
    VARIANTS,
)
from contest.formats.ooxml import Element
from contest.formats.rich.maths import BadFormula, element_of, mathml

Found = list[Element]

_ENDS = re.compile(r"[=<>+\-−±∓,;:≤≥≠≈≡∼→⇒⇔↔∈∉⊂⊃⊆⊇∧∨]")
_SIDES = {"msub": ("sub",), "msup": ("sup",), "munder": ("sub",), "mover": ("sup",)}
_OPENING = {"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖"}
_STRIKES = {"updiagonalstrike": "strikeBLTR", "downdiagonalstrike": "strikeTLBR"}


class NotWritten(Exception):
    """A formula that Word cannot be given."""


def write_omml(tex: str) -> tuple[Element, str]:
    """Return a formula as `m:oMath`, and the LaTeX as which it will be read back; raises NotWritten.

    What is written is read at once: a formula that would come back as none, or as several, is not written.
    """
    try:
        equation = element("oMath", _row(list(element_of(tex))))
        (back,) = read_omml(equation)
        mathml(back)
    except (BadFormula, NotUnderstood, ValueError, RecursionError) as wrong:
        raise NotWritten(tex) from wrong
    return equation, back


def _row(items: Sequence[MathML]) -> Found:
    """Write what stands in a row: an operator takes what stands behind it."""
    if len(items) == 1 and items[0].tag == "mrow" and not _is_fenced(items[0]):
        return _row(list(items[0]))
    out: Found = []
    at = 0
    while at < len(items):
        made, at = _next(items, at)
        out += made
    return out


def _next(items: Sequence[MathML], at: int) -> tuple[Found, int]:
    """Return what is written of the next of a row, and where it goes on."""
    item = items[at]
    base = _base(item)
    if _words(base) in SUMS:
        end = _end(items, at + 1)
        return [_sum(item, _row(items[at + 1 : end]))], end
    if base.tag in ("mi", "mo") and len(_words(base)) > 1 and _words(base).isalpha():
        end = _end(items, at + 1)
        name = _written(item) if item is base else [_scripted(item)]
        return [element("func", element("fName", name), element("e", _row(items[at + 1 : end])))], end
    if _words(item) == SLASH and at + 1 < len(items) and (negated := NEGATED.get(_words(items[at + 1]))):
        return [run(negated)], at + 2
    if item.tag == "msubsup" and not len(item[0]) and not _words(item[0]):
        return [element("sPre", *_two(item), element("e", _row(items[at + 1 : at + 2])))], at + 2
    if (closing := _OPENING.get(_words(item))) and _is_bracketed(items[at + 1 : at + 3], closing):
        return [_fence(_words(item), closing, [_row(items[at + 1 : at + 2])])], at + 3
    return _written(item), at + 1


def _is_bracketed(behind: Sequence[MathML], closing: str) -> bool:
    """Say whether what stands behind a bracket is a matrix or a binomial, and the bracket that closes it."""
    is_tall = len(behind) == 2 and (behind[0].tag == "mtable" or behind[0].get("linethickness") == "0")
    return is_tall and _words(behind[1]) == closing


def _end(items: Sequence[MathML], start: int) -> int:
    """Return where an operator's reach ends: before a relation, or a plus or minus that does not begin it."""
    for at in range(start, len(items)):
        if items[at].tag in ("mo", "mi") and _ENDS.fullmatch(_words(items[at])):
            return at
    return len(items)


def _base(item: MathML) -> MathML:
    while item.tag in (*_SIDES, "msubsup", "munderover") and len(item):
        item = item[0]
    return item


def _words(item: MathML) -> str:
    """Return the signs of a leaf, or of the one that lies alone in something."""
    while len(item) == 1 and item.tag in ("mrow", "mpadded", "mstyle"):
        item = item[0]
    return unescape(item.text or "") if not len(item) else ""


def _written(item: MathML) -> Found:
    if item.tag == "mrow" and _is_fenced(item):
        return [_fenced(item)]
    if item.tag in _LEAVES:
        return _LEAVES[item.tag](item)
    if item.tag not in _SHAPES:
        raise NotWritten(item.tag)
    return _SHAPES[item.tag](item)


def _leaf(item: MathML) -> Found:
    signs = unescape(item.text or "")
    if not signs:
        return []
    variant = VARIANTS.get(item.get("mathvariant", ""), {})
    if not variant and item.tag != "mn" and len(signs) > 1 and signs.isalpha():
        variant = {"sty": "p"}  # the name of a function
    return [run(signs, **variant)]


def _words_run(item: MathML) -> Found:
    signs = unescape(item.text or "").replace("\\_", "_")
    return [run(signs, nor=on(True))] if signs else []


def _fraction(item: MathML) -> Found:
    about = {"type": "noBar"} if item.get("linethickness") == "0" else {}
    return [element("f", _parts(item, "num", "den"), **about)]


def _parts(item: MathML, *names: str) -> Found:
    return [element(name, _row([part])) for name, part in zip(names, item, strict=True)]


def _scripted(item: MathML) -> Element:
    """Write what stands at, over or under something."""
    match item.tag:
        case "msup":
            return element("sSup", _parts(item, "e", "sup"))
        case "msub":
            if _words(item[0]) in STACKED:
                return element("limLow", _parts(item, "e", "lim"))
            return element("sSub", _parts(item, "e", "sub"))
        case "msubsup":
            return element("sSubSup", _parts(item, "e", "sub", "sup"))
        case "munderover":
            inner = element("limLow", element("e", _row([item[0]])), element("lim", _row([item[1]])))
            return element("limUpp", element("e", [inner]), element("lim", _row([item[2]])))
        case _:
            return _over(item) if item.tag == "mover" else _under(item)


def _two(item: MathML) -> Found:
    return [element("sub", _row([item[1]])), element("sup", _row([item[2]]))]


def _over(item: MathML) -> Element:
    sign, base = _words(item[1]), _row([item[0]])
    if sign in "¯―‾" and sign:
        return element("bar", element("e", base), pos="top")
    if item[1].tag == "mpadded" and (label := _words(item[0])) in ("→", "←"):
        return element("groupChr", element("e", _row([item[1]])), chr=label, pos="bot", vertJc="bot")
    if (sign, "top") in GROUPS and not sign.isascii() and sign not in ACCENT_SIGNS:
        return element("groupChr", element("e", base), chr=sign, pos="top")
    if sign in ACCENT_SIGNS and item[1].tag == "mo":
        return element("acc", element("e", base), chr=ACCENT_SIGNS[sign])
    return element("limUpp", _parts(item, "e", "lim"))


def _under(item: MathML) -> Element:
    sign, base = _words(item[1]), _row([item[0]])
    if sign in "―_" and sign:
        return element("bar", element("e", base), pos="bot")
    if (sign, "bot") in GROUPS and item[1].tag == "mo":
        return element("groupChr", element("e", base), chr=sign, pos="bot")
    return element("limLow", _parts(item, "e", "lim"))


def _sum(item: MathML, inside: Found) -> Element:
    sign = _words(_base(item))
    low, high = element("sub"), element("sup")
    if item.tag in ("msubsup", "munderover"):
        low, high = _two(item)
    elif item.tag in _SIDES:
        only = element(_SIDES[item.tag][0], _row([item[1]]))
        low, high = (only, high) if item.tag in ("msub", "munder") else (low, only)
    is_below = item.tag.startswith(("munder", "mover")) or sign not in INTEGRALS
    about = {"chr": sign, "limLoc": "undOvr" if is_below else "subSup"}
    hidden = {f"{name}Hide": on(not len(part)) for name, part in (("sub", low), ("sup", high))}
    return element("nary", low, high, element("e", inside), **about, **hidden)


def _is_fenced(item: MathML) -> bool:
    return len(item) > 0 and item[0].tag == "mo" and item[0].get("form") == "prefix"


def _fenced(item: MathML) -> Element:
    parts, closing = list(item)[1:], ""
    if parts and parts[-1].tag == "mo" and parts[-1].get("form") == "postfix":
        closing = _words(parts.pop())
    groups: list[list[MathML]] = [[]]
    separators = set()
    for part in parts:
        if part.tag == "mo" and part.get("fence") == "true" and "lspace" in part.attrib:
            separators.add(_words(part))
            groups.append([])
        else:
            groups[-1].append(part)
    if len(separators) > 1:
        raise NotWritten("middle")
    return _fence(_words(item[0]), closing, list(map(_row, groups)), *separators)


def _fence(opening: str, closing: str, groups: Sequence[Found], separator: str = "|") -> Element:
    return element("d", [element("e", group) for group in groups], begChr=opening, sepChr=separator, endChr=closing)


def _table(item: MathML) -> Found:
    if {"rowlines", "columnlines"} & item.attrib.keys():
        raise NotWritten("lines")
    if item.get("columnspacing", "").startswith("0em") and all(len(row) <= 2 for row in item):
        return [element("eqArr", [element("e", _equation(row)) for row in item])]
    width = max((len(row) for row in item), default=0)
    columns = [
        next((row[at].get("columnalign", "center") for row in item if at < len(row)), "center") for at in range(width)
    ]
    about = element("mPr", element("mcs", [_column(align) for align in columns]))
    rows = [
        element("mr", [element("e", _row(list(row[at])) if at < len(row) else []) for at in range(width)])
        for row in item
    ]
    return [element("m", about, rows)]


def _column(align: str) -> Element:
    return element("mc", element("mcPr", flag("count", "1"), flag("mcJc", align)))


def _equation(row: MathML) -> Found:
    first, *rest = (_row(list(cell)) for cell in row)
    return first + [run("&")] + rest[0] if rest else first


def _framed(item: MathML) -> Found:
    told = set(item.get("notation", "").split())
    if told == {"box"}:
        return [element("borderBox", element("e", _row(list(item))))]
    if not told or not told <= _STRIKES.keys():
        raise NotWritten("menclose")
    about = {
        **{f"hide{side}": on(True) for side in ("Top", "Bot", "Left", "Right")},
        **{_STRIKES[t]: on(True) for t in sorted(told)},
    }
    return [element("borderBox", element("e", _row(list(item))), **about)]


def _padded(item: MathML) -> Found:
    """Write what takes less room than it has; a phantom that takes none in one direction."""
    inside = list(item)
    flat = {"zeroAsc": on(True), "zeroDesc": on(True)}
    if len(inside) == 1 and inside[0].tag == "mphantom":
        about = flat if item.get("height", "").startswith("0") else {"zeroWid": on(True)}
        return [element("phant", element("e", _row(list(inside[0]))), show=on(False), **about)]
    if item.get("height", "").startswith("0"):
        return [element("phant", element("e", _row(inside)), **flat)]
    if item.get("width") == "0":
        raise NotWritten("mpadded")
    return _row(inside)


_LEAVES: Mapping[str, Callable[[MathML], Found]] = {
    "mi": _leaf,
    "mn": _leaf,
    "mtext": _words_run,
    "mspace": lambda item: [run(space)] if (space := SPACES.get(item.get("width", ""))) else [],
}
_SHAPES: Mapping[str, Callable[[MathML], Found]] = {
    "mo": lambda item: _row(list(item)) if len(item) else _leaf(item),
    "mrow": lambda item: _row(list(item)),
    "mstyle": lambda item: _row(list(item)),
    "mfrac": _fraction,
    "msqrt": lambda item: [element("rad", element("deg"), element("e", _row(list(item))), degHide=on(True))],
    "mroot": lambda item: [element("rad", element("deg", _row([item[1]])), element("e", _row([item[0]])))],
    **dict.fromkeys((*_SIDES, "msubsup", "munderover"), lambda item: [_scripted(item)]),
    "mtable": _table,
    "menclose": _framed,
    "mpadded": _padded,
    "mphantom": lambda item: [element("phant", element("e", _row(list(item))), show=on(False))],
}
