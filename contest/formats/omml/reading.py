"""OMML as LaTeX. Each element has its line in a table of shapes; what has none is not understood, and nothing is left out."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from contest.formats.omml.runs import LINE, NotUnderstood, checked, is_on, joined, read_run, text_of, told
from contest.formats.omml.symbols import ACCENTS, COMMANDS, FUNCTIONS, GROUPS, INTEGRALS, STACKED, SUMS
from contest.formats.ooxml import Element, child
from contest.formats.ooxml import name as name_of

__all__ = ["NotUnderstood", "read_omml"]

_MOST_ELEMENTS = 3_000
_ATOM = re.compile(r"[^\\{}^_\s']|\\[A-Za-z]+|\\[^A-Za-z]")
_ABOUT = re.compile(
    r"(?:oMathPara|r|f|sSup|sSub|sSubSup|sPre|rad|nary|d|m|eqArr|func|limLow|limUpp|acc|bar|groupChr|borderBox|box|phant"
    r"|ctrl|arg)Pr"
)
_PASSED_OVER = {
    *("bookmarkStart", "bookmarkEnd", "proofErr", "commentRangeStart", "commentRangeEnd", "permStart", "permEnd"),
    *("del", "moveFrom"),
}
_THROUGH = {"oMath", "box", "e", "ins", "moveTo", "sdt", "sdtContent", "smartTag", "customXml"}
_STRIKES = {(True, False): "cancel", (False, True): "bcancel", (True, True): "xcancel"}
_FENCED = {
    ("(", ")"): "pmatrix",
    ("[", "]"): "bmatrix",
    ("{", "}"): "Bmatrix",
    ("|", "|"): "vmatrix",
    ("‖", "‖"): "Vmatrix",
}
_ROW, _AND, _MEET, _STACKED = "\\\\ ", "\\&", " & ", "\\limits"


def read_omml(equation: Element) -> tuple[str, ...]:
    """Return an equation as LaTeX, a formula for each of its lines; raises NotUnderstood."""
    if sum(1 for _ in islice(equation.iter(), _MOST_ELEMENTS + 1)) > _MOST_ELEMENTS:
        raise NotUnderstood("…")
    try:
        return tuple(line.strip() for line in _inside(equation).split(LINE) if line.strip())
    except RecursionError:
        raise NotUnderstood("…") from None


def _inside(element: Element | None) -> str:
    """Return what an element holds, but what is said about it."""
    return "" if element is None else joined(_pieces(element))


def _pieces(element: Element) -> Iterator[str]:
    for part in _parts(element):
        name = name_of(part)
        if name in _THROUGH:
            yield _inside(part)
        elif name in _SHAPES:
            yield _SHAPES[name](part)
        else:
            raise NotUnderstood(name)


def _parts(element: Element) -> Iterator[Element]:
    """Yield what an element holds."""
    for part in element:
        if not (name_of(part) in _PASSED_OVER or _ABOUT.fullmatch(name_of(part))):
            yield part


def _part(element: Element, name: str) -> str:
    return _inside(child(element, name))


def _only(part: Element | None) -> Element | None:
    """Return the one thing that an element holds."""
    found = [] if part is None else list(_parts(part))
    return found[0] if len(found) == 1 else None


def _group(tex: str) -> str:
    """Put LaTeX in braces, but for a single sign that needs none."""
    return tex if _ATOM.fullmatch(tex) else f"{{{tex}}}"


def _fraction(fraction: Element) -> str:
    above, below = _part(fraction, "num"), _part(fraction, "den")
    match told(fraction, "fPr", "type"):
        case "lin" | "skw":
            return f"{_group(above)}/{_group(below)}"
        case "noBar":
            return f"\\begin{{matrix}}{above}{_ROW}{below}\\end{{matrix}}"
        case _:
            return f"\\frac{{{above}}}{{{below}}}"


def _scripts(element: Element) -> str:
    base, low, high = (child(element, name) for name in ("e", "sub", "sup"))
    below = "" if low is None else f"_{{{_inside(low)}}}"
    above = "" if high is None else f"^{{{_inside(high)}}}"
    return f"{_group(_inside(base))}{below}{above}"


def _scripts_before(element: Element) -> str:
    return f"{{}}_{{{_part(element, 'sub')}}}^{{{_part(element, 'sup')}}}{_group(_part(element, 'e'))}"


def _radical(radical: Element) -> str:
    degree = "" if is_on(radical, "radPr", "degHide") else _part(radical, "deg")
    return f"\\sqrt{f'[{_group(degree)}]' if degree else ''}{{{_part(radical, 'e')}}}"


def _sum(nary: Element) -> str:
    found = told(nary, "naryPr", "chr")
    sign = "∫" if found is None else found
    if sign not in SUMS:
        raise NotUnderstood(sign)
    low = "" if is_on(nary, "naryPr", "subHide") else _part(nary, "sub")
    high = "" if is_on(nary, "naryPr", "supHide") else _part(nary, "sup")
    limits = (f"_{{{low}}}" if low else "") + (f"^{{{high}}}" if high else "")
    if limits and sign in INTEGRALS and told(nary, "naryPr", "limLoc") == "undOvr":
        limits = _STACKED + limits
    return joined((f"{COMMANDS[sign]}{limits}", _part(nary, "e")))


def _fence(fence: Element) -> str:
    first, last, between = (told(fence, "dPr", name) for name in ("begChr", "endChr", "sepChr"))
    opening, closing = "(" if first is None else first, ")" if last is None else last
    parts = [part for part in fence if name_of(part) == "e"]
    only = _only(parts[0]) if len(parts) == 1 else None
    if only is not None and (known := _fenced(only, opening, closing)):
        return known
    separator = _delimiter("|" if between is None else between) if len(parts) > 1 else ""
    inside = [_inside(part) for part in parts]
    if opening and closing and all(name_of(found) == "r" for part in parts for found in _parts(part)):
        return joined((_delimiter(opening), separator.join(inside), _delimiter(closing)))
    middle = f" \\middle{separator} "
    return f"\\left{_delimiter(opening)} {middle.join(inside)} \\right{_delimiter(closing)}"


def _delimiter(sign: str) -> str:
    if len(sign) > 1 or sign.isalnum():
        raise NotUnderstood(sign)
    return COMMANDS.get(sign, checked(sign)) if sign else "."


def _fenced(inside: Element, opening: str, closing: str) -> str:
    """Return a matrix in brackets, cases, or a binomial; nothing where it is none of them."""
    name = name_of(inside)
    if name == "m" and (opening, closing) in _FENCED and _columns(inside) is None:
        return _rows(inside, _FENCED[opening, closing])
    if (opening, closing) == ("{", "") and name in ("m", "eqArr"):
        return _rows(inside, "cases")
    if (opening, closing) == ("(", ")") and name == "f" and told(inside, "fPr", "type") == "noBar":
        return f"\\binom{{{_part(inside, 'num')}}}{{{_part(inside, 'den')}}}"
    return ""


def _rows(element: Element, environment: str, columns: str = "") -> str:
    found = [_row(part) for part in element if name_of(part) in ("mr", "e")]
    return _environment(environment, columns, found)


def _environment(name: str, columns: str, rows: Iterable[str]) -> str:
    """Write rows; a bracket that one begins with gives no order."""
    written = _ROW.join(f"{{}}{row}" if row.startswith("[") else row for row in rows)
    return f"\\begin{{{name}}}{columns}{written}\\end{{{name}}}"


def _row(row: Element) -> str:
    """Return a row; in one of equations the first `&` is where they meet, and others mean nothing to us."""
    if name_of(row) == "mr":
        return " & ".join(_inside(part) for part in row if name_of(part) == "e")
    first, met, rest = _inside(row).partition(_AND)
    return f"{first}{_MEET}{rest.replace(_AND, ' ')}" if met else first


def _matrix(matrix: Element) -> str:
    columns = _columns(matrix)
    return _rows(matrix, "matrix") if columns is None else _rows(matrix, "array", f"{{{columns}}}")


def _columns(matrix: Element) -> str | None:
    """Return how the columns of a matrix stand, as LaTeX has it; None where all stand in the middle."""
    told_columns, found = child(child(matrix, "mPr"), "mcs"), ""
    for column in () if told_columns is None else told_columns:
        count = told(column, "mcPr", "count") or "1"
        many = int(count) if count.isdecimal() and len(count) < 3 else 1
        found += (told(column, "mcPr", "mcJc") or "c")[:1] * many
    return found if set(found) & {"l", "r"} and set(found) <= set("lcr") else None


def _equations(array: Element) -> str:
    rows = [_row(part) for part in array if name_of(part) == "e"]
    return _environment("aligned" if any(_MEET in row for row in rows) else "matrix", "", rows)


def _function(function: Element) -> str:
    return joined((_named(child(function, "fName")), _part(function, "e")))


def _named(name: Element | None) -> str:
    """Return the name of a function: words that LaTeX does not know are made an operator."""
    only = _only(name)
    if only is not None and name_of(only) == "r":
        words = text_of(only).strip()
        if words in FUNCTIONS:
            return f"\\{words}"
        if len(words) > 1 and words.isalpha():
            return f"\\operatorname{{{checked(words)}}}"
    return _inside(name)


def _limit(element: Element) -> str:
    is_below = name_of(element) == "limLow"
    only, limit = _only(child(element, "e")), _part(element, "lim")
    written = _named(child(element, "e"))
    is_group = only is not None and name_of(only) == "groupChr" and written.startswith(("\\under", "\\over"))
    if is_group or (is_below and written.removeprefix("\\") in STACKED):
        return f"{written}{'_' if is_below else '^'}{{{limit}}}"
    return f"\\{'underset' if is_below else 'overset'}{{{limit}}}{{{written}}}"


def _accent(accent: Element) -> str:
    found, base = told(accent, "accPr", "chr"), _part(accent, "e")
    sign = "\u0302" if found is None else found
    if not sign.strip():
        return _group(base)
    if sign not in ACCENTS:
        raise NotUnderstood(sign)
    narrow, wide = ACCENTS[sign]
    return f"\\{narrow if _ATOM.fullmatch(base) else wide}{{{base}}}"


def _bar(bar: Element) -> str:
    return f"\\{'overline' if told(bar, 'barPr', 'pos') == 'top' else 'underline'}{{{_part(bar, 'e')}}}"


def _grouped(group: Element) -> str:
    found, place = told(group, "groupChrPr", "chr"), told(group, "groupChrPr", "pos") or "bot"
    sign = "⏟" if found is None else found
    if (sign, place) not in GROUPS:
        raise NotUnderstood(sign)
    return f"\\{GROUPS[sign, place]}{{{_part(group, 'e')}}}"


def _framed(box: Element) -> str:
    hidden = [is_on(box, "borderBoxPr", f"hide{side}") for side in ("Top", "Bot", "Left", "Right")]
    rising, falling, *level = (is_on(box, "borderBoxPr", f"strike{way}") for way in ("BLTR", "TLBR", "H", "V"))
    if any(level) or any(hidden) != all(hidden) or (rising or falling) != all(hidden):
        raise NotUnderstood("borderBox")
    name = _STRIKES[rising, falling] if rising or falling else "boxed"
    return f"\\{name}{{{_part(box, 'e')}}}"


def _phantom(phantom: Element) -> str:
    inside = _part(phantom, "e")
    is_flat, is_narrow = (is_on(phantom, "phantPr", f"zero{what}") for what in ("Asc", "Wid"))
    if is_on(phantom, "phantPr", "show", default=True):
        if is_narrow:
            raise NotUnderstood("phant")
        return f"\\smash{{{inside}}}" if is_flat else _group(inside)
    name = "phantom" if is_flat == is_narrow else "hphantom" if is_flat else "vphantom"
    return f"\\{name}{{{inside}}}"


_SHAPES: Mapping[str, Callable[[Element], str]] = {
    "r": read_run,
    "f": _fraction,
    **dict.fromkeys(("sSup", "sSub", "sSubSup"), _scripts),
    "sPre": _scripts_before,
    "rad": _radical,
    "nary": _sum,
    "d": _fence,
    "m": _matrix,
    "eqArr": _equations,
    "func": _function,
    **dict.fromkeys(("limLow", "limUpp"), _limit),
    "acc": _accent,
    "bar": _bar,
    "groupChr": _grouped,
    "borderBox": _framed,
    "phant": _phantom,
}
