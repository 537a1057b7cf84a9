"""Rich texts shown: formulas whole or refused, nothing of a text becoming markup, and HTML read in linear time."""

from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest.formats.markup import as_html
from contest.formats.rich.drawing import drawn
from contest.formats.rich.html import read_html
from contest.formats.rich.markdown import read
from contest.formats.rich.maths import ATTRIBUTES, ELEMENTS, BadFormula, mathml
from contest.formats.rich.nodes import words_of
from contest.formats.rich.page import as_page
from contest.formats.rich.screen import on_screen
from contest.formats.rich.writing import write
from tests import timing

from .drafts import NASTY
from .trees import trees, words

GOOD = (
    r"\frac{1}{2}", r"\sqrt[3]{x}", r"\sum_{i=1}^n i^2", r"\int_0^1 x\,dx", r"\overrightarrow{AB}\cdot\vec{u}",
    r"\begin{cases} x+y=1 \\ x-y=3 \end{cases}", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"180^\circ", r"\text{số học}",
    r"\lim_{x\to 0}\frac{\sin x}{x}=1", r"\overline{abc}", r"\widehat{ABC}", r"x\in\mathbb{R}\Leftrightarrow x^2\ge 0",
    r"\left(\frac{a}{b}\right)^2", r"\begin{aligned}a&=b\\c&=d\end{aligned}", r"25\%",
)  # fmt: skip
BAD = {
    r"\foo{x}": "formula-command",
    r"\href{javascript:alert(1)}{x}": "formula-command",
    r"\class{a}{b}": "formula-command",
    r"\style{position:fixed}{b}": "formula-command",
    r"\def\a{b}": "formula-command",
    r"\unicode{x3c}": "formula-command",
    r"\input{/etc/passwd}": "formula-command",
    r"\begin{foo}x\end{foo}": "formula-command",
    r"\frac{1}": "formula-unreadable",
    r"x^": "formula-unreadable",
    r"x^2^3": "formula-unreadable",
    r"\left( a": "formula-unreadable",
    "{a": "formula-braces",
    "a}": "formula-braces",
    "}{": "formula-braces",
    "a & b": "formula-sign",
    "a#b": "formula-sign",
    "5% 6": "formula-sign",
    "a" * 1001: "formula-too-long",
    "{" * 40 + "a" + "}" * 40: "formula-too-long",
}
XSS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "javascript:alert(1)",
    "</math><script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;", "' onfocus=alert(1) x='",
    "<math><mtext><style><img src=x onerror=alert(1)></style>", "<!--><script>alert(1)</script>", "]]><script>",
)  # fmt: skip
SHAPES = (
    "{}", "**{}**", "# {}", "- {}", "| {} |\n|---|\n| {} |", "$\\text{{{}}}$", "$${}$$", "![{}](media:a-1x1.png)",
    "![{}](media:a.mp3)", "++{}++", "[x]({})", "![x]({})", "<{}>", "`{}`", "    {}",
)  # fmt: skip


class _Elements(HTMLParser):
    """Gathers what a browser would make of a page."""

    def __init__(self):
        super().__init__()
        self.found, self.words = [], ""

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data):
        self.words += data


def parsed(html):
    parser = _Elements()
    parser.feed(html)
    parser.close()
    return parser.found, parser.words


def elements(html):
    return parsed(html)[0]


@pytest.mark.parametrize("tex", GOOD)
def test_good_formula_is_mathml_and_a_drawing(tex):
    written = mathml(tex)
    assert {e.tag for e in ElementTree.fromstring(written).iter()} <= ELEMENTS
    drawing = drawn(tex)
    root = ElementTree.fromstring(drawing.svg)
    assert (root.tag, drawing.width > 5, drawing.height > 5) == ("{http://www.w3.org/2000/svg}svg", True, True)
    assert not [e for e in root.iter() if e.tag.endswith(("script", "image", "text", "foreignObject"))]


@pytest.mark.parametrize("tex", BAD)
def test_bad_formula_is_named_and_shown_as_its_source(tex):
    with pytest.raises(BadFormula) as refused:
        mathml(tex)
    assert refused.value.refusal.slug == BAD[tex]
    assert "<math" not in on_screen(read(f"${tex}$"))


@given(st.text("abx\\{}^_&%$#<>\"'= 12()[]|~", max_size=30) | st.sampled_from(XSS))
@settings(deadline=None, max_examples=300)
def test_whatever_latex_gives_known_elements_or_a_refusal(tex):
    try:
        written = mathml(tex)
    except BadFormula:
        return
    for tag, attributes in elements(written):
        assert tag in ELEMENTS
        assert attributes.keys() <= ATTRIBUTES


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("payload", XSS)
def test_no_text_becomes_markup(shape, payload):
    html = on_screen(read(shape.format(payload, payload)))
    allowed = {*ELEMENTS, "p", "h3", "strong", "u", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "div", "span",
               "code", "img", "audio"}  # fmt: skip
    for tag, attributes in elements(html):
        assert tag in allowed
        assert not [name for name in attributes if name.startswith("on") or name in ("href", "style", "id", "name")]
        assert attributes.get("src", "/media/").startswith("/media/")


class _NoFence:
    def clean(self, html):
        return html


@given(trees)
@settings(deadline=None, max_examples=200)
def test_second_fence_takes_nothing_away(tree):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("contest.formats.rich.screen._fence", _NoFence())
        built = on_screen(tree)
    assert parsed(on_screen(tree)) == parsed(built)


HTML = {
    "<p>Một <b>hai</b></p><p>ba</p>": ("Một **hai**\n\nba", set()),
    "a<sup>2</sup>b<SUB>1</SUB>": ("a^2^b~1~", set()),
    "<ul><li>a<ul><li>b</ul><li>c</ul>": ("- a\n  - b\n- c", set()),
    "<ol start=3><li>a</ol>": ("3. a", set()),
    "<table><tr><th>a<th>b<tr><td>1<td>2</table>": ("| a | b |\n| --- | --- |\n| 1 | 2 |", set()),
    "<table><tr><td>1<br>2<td>3</table>": ("|  |  |\n| --- | --- |\n| 1&#10;2 | 3 |", set()),
    '<table><tr><th align="right">a<th style="color: red; text-align: center">b<tr><td align=right>1<td>2</table>': (
        "| a | b |\n| ---: | --- |\n| 1 | 2 |",
        set(),
    ),
    '<table><tr><td style="text-align:left">a<td align=justify>b<tr><td><td>2</table>': (
        "|  |  |\n| :--- | --- |\n| a | b |\n|  | 2 |",
        set(),
    ),
    "<table><tr><td colspan=2>1</table>": ("|  |\n| --- |\n| 1 |", {"colspan"}),
    "<table><tr><td><table><tr><td>x</table></table>": ("|  |\n| --- |\n| x |", {"table"}),
    r"x \(a^2\) \[b\] $$c$$ $d$": (r"x $a^2$ $$b$$ $$c$$ \$d\$", set()),
    '<a href="x">y</a><blockquote>z</blockquote>': ("y\n\nz", {"a", "blockquote"}),
    '<img src="@@PLUGINFILE@@/h.png" alt="H">': ("![H](media:h.png)", set()),
    '<img src="http://x/h.png" alt="H">': ("H", {"img"}),
    "<script>alert(1)</script>x": ("x", {"script"}),
    "<h2>a</h2><h4>b</h4>": ("# a\n\n## b", set()),
    "<li>a<td>b": ("a\n\nb", {"li", "td"}),
    "<ul>a<li>b</ul>": ("a\n\n- b", set()),
    "<b>a<p>b</b>c": ("**a**\n\n**b**c", set()),
    "a < b & c &lt;i&gt;": ("a < b & c <i>", set()),
}


@pytest.mark.parametrize("html", HTML)
def test_html_is_read_as_it_means(html):
    known = "@@PLUGINFILE@@/"
    found = read_html(html, lambda address: address.removeprefix(known) if address.startswith(known) else None)
    assert (write(found.tree), set(found.lost)) == HTML[html]


_TAGS = (
    "<p> </p> <ul> </ul> <ol> <li> </li> <table> </table> <tr> <td> </td> <th> <b> </b> <h3> </h3> <br> <pre> <span> "
    "<audio> </audio> <source/src=a> <img/src=x>"
).split()


@given(st.lists(st.one_of(words, st.sampled_from(_TAGS)), max_size=14).map("".join))
@settings(deadline=None, max_examples=300)
def test_whatever_html_gives_a_tree_in_its_one_form(html):
    tree = read_html(html, lambda _: "a-1x1.png").tree
    assert read(write(tree)) == tree


@pytest.mark.parametrize("text", NASTY)
def test_plain_page_reads_back_with_its_words(text):
    assert words_of(read_html(as_html(text), lambda _: None).tree).split() == text.split()


LONG = 40_000
HOSTILE_HTML = [
    "<" * LONG, "<a " * (LONG // 3), "<img " + "a" * LONG + ">", "<img " + "a-" * (LONG // 2) + ">", "<img a" + " " * LONG + ">",
    "<ul>" * (LONG // 4), "<ul><li>" * (LONG // 8), "<table><tr><td>" * (LONG // 15), "<td>" * (LONG // 4), "<b>" * (LONG // 3),
    "\\(" * (LONG // 2), "\\[a" * (LONG // 3), "$$" * (LONG // 2), "$$a" * (LONG // 3), "@" * LONG, "<p>" * (LONG // 3),
    "</li>" * (LONG // 5), "<audio>" + "a" * LONG, "&#" + "9" * LONG, "<pre>" + "\n" * LONG, "a<br>" * (LONG // 5),
]  # fmt: skip


@pytest.mark.parametrize("html", HOSTILE_HTML, ids=lambda html: html[:9])
def test_hostile_html_takes_linear_time(html):
    with timing.at_most(3):  # it takes a tenth of a second; with the square of the length it would be minutes
        read_html(html, lambda _: None)


def test_columns_say_how_they_stand_by_our_classes_on_screen_and_by_styles_elsewhere():
    tree = read("| a | b | c | d |\n| :--- | :---: | ---: | --- |\n| 1 | 2 | 3 | 4 |")
    classes = [' class="rich-left"', ' class="rich-center"', ' class="rich-right"', ""]
    cells = zip("1234", classes, strict=True)
    assert "".join(f"<td{about}>{text}</td>" for text, about in cells) in on_screen(tree)
    assert '<td style="text-align: right">3</td><td>4</td>' in as_page(tree)
    assert read_html(as_page(tree), lambda _: None).tree == tree
