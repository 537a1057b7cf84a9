"""Equations of Word as LaTeX and back: each shape has its line, and what has none is named."""

import pytest
from lxml import etree

from contest.formats.omml import NotUnderstood, NotWritten, read_omml, write_omml
from contest.formats.rich.maths import mathml

M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def equation(inside):
    return etree.fromstring(f"<m:oMath {M} {W}>{inside}</m:oMath>")


def r(signs, about=""):
    return f"<m:r>{f'<m:rPr>{about}</m:rPr>' if about else ''}<m:t>{signs}</m:t></m:r>"


def e(inside, name="e"):
    return f"<m:{name}>{r(inside) if not inside.startswith('<') else inside}</m:{name}>"


def shape(name, *parts, about=""):
    return f"<m:{name}>{f'<m:{name}Pr>{about}</m:{name}Pr>' if about else ''}{''.join(parts)}</m:{name}>"


def val(name, value):
    return f'<m:{name} m:val="{value}"/>'


ROWS = "".join(f"<m:mr>{e(a)}{e(b)}</m:mr>" for a, b in ("12", "34"))


@pytest.mark.parametrize(("inside", "tex"), [
    (shape("f", e("a", "num"), e("b", "den")), r"\frac{a}{b}"),
    (shape("f", e("a", "num"), e("b", "den"), about=val("type", "lin")), "a/b"),
    (shape("sSup", e("x"), e("2", "sup")), "x^{2}"),
    (shape("sSub", e("x"), e("i", "sub")), "x_{i}"),
    (shape("sSubSup", e("x"), e("i", "sub"), e("2", "sup")), "x_{i}^{2}"),
    (shape("sPre", e("92", "sub"), e("238", "sup"), e("U")), "{}_{92}^{238}U"),
    (shape("rad", "<m:deg/>", e("x"), about="<m:degHide/>"), r"\sqrt{x}"),
    (shape("rad", e("3", "deg"), e("x")), r"\sqrt[3]{x}"),
    (shape("nary", e("0", "sub"), e("1", "sup"), e("x")), r"\int_{0}^{1}x"),
    (shape("nary", e("i", "sub"), e("n", "sup"), e("i"), about=val("chr", "∑")), r"\sum_{i}^{n}i"),
    (shape("nary", e("k", "sub"), "<m:sup/>", e("a"), about=val("chr", "∏") + "<m:supHide/>"), r"\prod_{k}a"),
    (shape("d", e("x")), "(x)"),
    (shape("d", e(shape("f", e("a", "num"), e("b", "den"))), about=val("begChr", "[") + val("endChr", "]")),
     r"\left[ \frac{a}{b} \right]"),
    (shape("d", e("x"), about=val("begChr", "{") + val("endChr", "")), r"\left\{ x \right."),
    (shape("d", e(shape("m", ROWS))), r"\begin{pmatrix}1 & 2\\ 3 & 4\end{pmatrix}"),
    (shape("d", e(shape("eqArr", e("x"), e("y"))), about=val("begChr", "{") + val("endChr", "")),
     r"\begin{cases}x\\ y\end{cases}"),
    (shape("m", ROWS), r"\begin{matrix}1 & 2\\ 3 & 4\end{matrix}"),
    (shape("func", e("sin", "fName"), e("x")), r"\sin x"),
    (shape("func", e("ƯCLN", "fName"), e("x")), r"\operatorname{ƯCLN}x"),
    (shape("func", e(shape("limLow", e("lim"), e("x→0", "lim")), "fName"), e("x")), r"\lim_{x\rightarrow0}x"),
    (shape("acc", e("x")), r"\hat{x}"),
    (shape("acc", e("AB"), about=val("chr", "&#x20D7;")), r"\overrightarrow{AB}"),
    (shape("bar", e("AB"), about=val("pos", "top")), r"\overline{AB}"),
    (shape("groupChr", e("ab")), r"\underbrace{ab}"),
    (shape("borderBox", e("x")), r"\boxed{x}"),
    (shape("box", e("x")), "x"),
    (shape("phant", e("x"), about=val("show", "0")), r"\phantom{x}"),
    (r("αβ≤∞"), r"\alpha\beta\leq\infty"),
    (r("x", val("sty", "b")), r"\mathbf{x}"),
    (r("R", val("scr", "double-struck")), r"\mathbb{R}"),
    (r("ℝ"), r"\mathbb{R}"),
    (r("L", val("scr", "script")), r"\mathcal{L}"),
    (r("diện tích", "<m:nor/>"), r"\text{diện tích}"),
    (r("50%"), r"50\%"),
    (r("f′"), "f'"),
])  # fmt: skip
def test_each_shape_is_latex_that_is_shown(inside, tex):
    (read,) = read_omml(equation(inside))
    assert read == tex
    mathml(read)


@pytest.mark.parametrize("inside", [
    "<m:unheard/>", r("\ue000"), shape("acc", e("x"), about=val("chr", "★")), shape("groupChr", e("x"), about=val("chr", "★")),
    shape("nary", e("0", "sub"), e("1", "sup"), e("x"), about=val("chr", "★")), "<m:r><w:drawing/></m:r>",
    shape("borderBox", e("x"), about="<m:strikeH/>"), shape("d", e("x"), about=val("begChr", "ab")), r("x") * 3_001,
])  # fmt: skip
def test_what_is_not_understood_is_never_left_out(inside):
    with pytest.raises(NotUnderstood):
        read_omml(equation(inside))


def test_rows_within_rows_come_to_an_end():
    inside = r("x")
    for _ in range(40):
        inside = shape("eqArr", e(inside), e("y"))
    assert len(read_omml(equation(inside))) == 1


def test_equation_on_several_lines_is_as_many_formulas():
    assert read_omml(equation(r("x") + "<m:r><w:br/></m:r>" + r("y"))) == ("x", "y")


SOURCES = r"""
x^2 ; \frac{1}{2} ; \sqrt[3]{x+1} ; \sum_{i=1}^{n} i^2 = 5 ; \int_0^1 x\,dx ; \lim_{x\to 0} \frac{\sin x}{x}=1
\vec{AB} ; \hat{x}
\begin{pmatrix}1&2\\3&4\end{pmatrix} ; \begin{cases}x+y=1\\x-y=2\end{cases} ; \underbrace{a+b}_{2} ; \mathbb{R} ; \binom{n}{k}
\left(\frac{a}{b}\right) ; \{x\in\mathbb{N}\mid x>0\} ; {}_{92}^{238}\mathrm{U} ; \text{diện tích}=5\text{ cm}^2
90^\circ ; a \ne b
f'(x) ; \boxed{x} ; \phantom{x}y ; \begin{aligned}a&=b\\c&=d\end{aligned} ; \xrightarrow{t^0} ; \int\limits_a^b ; \max_{x} f(x)
50\% ; \mathcal{L} ; \overline{AB} ; \widehat{ABC} ; \begin{array}{lr}1&2\end{array} ; \log_2 x ; \sin^2 x+\cos^2 x=1 ; \iint_D f
"""


@pytest.mark.parametrize("tex", [tex.strip() for line in SOURCES.strip().split("\n") for tex in line.split(" ; ")])
def test_latex_goes_out_and_comes_back_shown_alike(tex):
    written, read = write_omml(tex)
    assert read_omml(written) == (read,)
    assert write_omml(read)[1] == read  # from then on it is the same


@pytest.mark.parametrize("tex", [r"\frac{1}", r"\href{x}{y}", "{", r"\begin{array}{l|r}1&2\end{array}"])
def test_formula_that_word_cannot_be_given_is_not_written(tex):
    with pytest.raises(NotWritten):
        write_omml(tex)
