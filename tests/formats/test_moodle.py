"""Moodle XML by the text that binds."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from contest.formats.drafts import OptionDraft, PartDraft, Place, Problem, QuestionDraft
from contest.formats.markup import flatten
from contest.formats.moodle import read_moodle, write_moodle
from contest.formats.rich.questions import in_one_form
from contest.formats.tables.parts import CHOICES
from contest.rules.question_terms import Difficulty, FileKind, Kind, PartKind
from contest.rules.refusals import TEXTS, Refusal
from contest.services.exchange import WRITERS

from ..kinds import sample
from .drafts import banks, placeless
from .test_round_trips import patient

WRONG = '<answer fraction="0"><text>Huế</text></answer>'
OPTIONS = f'<answer fraction="100"><text>Hà Nội</text></answer>{WRONG}'
TRUE = '<answer fraction="100"><text>true</text></answer>'
STATEMENT = f'{TRUE}<answer fraction="0"><text>false</text></answer>'


def quiz(*questions):
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>", *questions, "</quiz>"])


def question(more="", *, text="<p>Thủ đô?</p>", kind="multichoice", answers=OPTIONS, name="Tên"):
    worded = f"<name><text>{name}</text></name><questiontext><text><![CDATA[{text}]]></text></questiontext>"
    return f'<question type="{kind}">{worded}{more}{answers}</question>'


def category(path, more=""):
    return f'<question type="category"><category><text>{path}</text></category>{more}</question>'


def read(*questions):
    return read_moodle(quiz(*questions).encode())


def only(*args, **kwargs):
    reading = read(question(*args, **kwargs))
    assert reading.problems == ()
    (draft,) = reading.drafts
    return draft


def problem_of(*args, **kwargs):
    reading = read(question(*args, **kwargs))
    assert reading.drafts == ()
    (problem,) = reading.problems
    assert (problem.refusal.slug in TEXTS, problem.place, problem.severity) == (True, Place(line=3), "error")
    return problem


def refusal_of(data):
    """Return why a file is refused as a whole."""
    reading = read_moodle(data)
    assert reading.drafts == ()
    (problem,) = reading.problems
    assert problem.refusal.slug in TEXTS
    return problem.refusal.slug, problem.place.line


def warnings(*questions):
    reading = read(*questions)
    assert {p.severity for p in reading.problems} <= {"warning"}
    assert all(p.refusal.slug in TEXTS for p in reading.problems)
    return [(p.refusal.slug, p.place.line) for p in reading.problems]


def test_single_choice():
    more = (
        "<generalfeedback><text>&lt;p&gt;Hiến pháp, Điều 13&lt;/p&gt;</text></generalfeedback><idnumber> Q1 </idnumber>"
        "<single>true</single><tags><tag><text>luật</text></tag><tag><text>mới</text></tag></tags>"
    )
    answers = (
        '<answer fraction="100" format="html"><text>Hà Nội</text><feedback format="html"><text>đúng</text></feedback></answer>'
        '<answer fraction="33.33333"><text>Huế</text></answer><answer fraction="-50"><text>Vinh</text></answer>'
    )
    assert only(more, answers=answers) == QuestionDraft(
        code="Q1",
        kind=Kind.SINGLE_CHOICE,
        text="Thủ đô?",
        options=(
            OptionDraft("Hà Nội", Decimal(1), "đúng"),
            OptionDraft("Huế", Decimal("0.3333333")),
            OptionDraft("Vinh", Decimal("-0.5")),
        ),
        explanation="Hiến pháp, Điều 13",
        tags=("luật", "mới"),
        place=Place(line=3),
    )


@pytest.mark.parametrize(
    ("single", "kind"),
    [
        ("", Kind.SINGLE_CHOICE),
        ("<single>true</single>", Kind.SINGLE_CHOICE),
        ("<single>1</single>", Kind.SINGLE_CHOICE),
        ("<single>False</single>", Kind.SINGLE_CHOICE),
        ("<single>false</single>", Kind.MULTIPLE_CHOICE),
        ("<single> 0 </single>", Kind.MULTIPLE_CHOICE),
        ("<single></single>", Kind.MULTIPLE_CHOICE),
        ("<single/>", Kind.MULTIPLE_CHOICE),
    ],
)
def test_choice_is_single_unless_it_is_said_not_to_be(single, kind):
    assert only(single).kind is kind


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("right", ["true", "false"])
def test_statement(right, order):
    answers = [
        f'<answer fraction="{100 * (word == right)}" format="moodle_auto_format"><text> {word.title()} </text>'
        f"<feedback><text>về {word}</text></feedback></answer>"
        for word in ("true", "false")
    ]
    draft = only(kind="truefalse", answers="".join(answers[::order]))
    expected = [("Đúng", Decimal(right == "true"), "về true"), ("Sai", Decimal(right == "false"), "về false")]
    assert draft.kind is Kind.TRUE_FALSE
    assert [(o.text, o.weight, o.feedback) for o in draft.options] == expected[::order]


@pytest.mark.parametrize(
    "answers",
    ["", TRUE, STATEMENT + TRUE, STATEMENT.replace("true", "vrai"), STATEMENT.replace("true", "false")],
)  # fmt: skip
def test_statement_without_its_two_answers_is_refused(answers):
    assert problem_of(kind="truefalse", answers=answers).refusal == Refusal("moodle-statement")


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        ("calculated", Refusal("kind-other", {"kind": "calculated"})),
        ("", Refusal("kind-other", {"kind": "?"})),
    ],
)
def test_kind_that_is_not_taken_is_named_with_its_line_and_name(kind, refusal):
    reading = read(question(name="a"), question(kind=kind, name="Câu 2"), question(name="c"))
    assert [d.place.line for d in reading.drafts] == [3, 5]
    assert reading.problems == (Problem(refusal, Place(line=4), "Câu 2"),)
    assert refusal.slug in TEXTS


def test_description_is_one_and_by_our_tags_a_passage_that_questions_name():
    def tagged(tag, **values):
        tags = f"<tags><tag><text>{tag}</text></tag><tag><text>thi thử</text></tag></tags>"
        return question(**values).replace("</question>", f"{tags}</question>")

    reading = read(
        tagged("đoạn dẫn", kind="description", answers=""),
        tagged("Đoạn dẫn: P-1"),
        tagged("đoạn dẫn: P-1", kind="description", answers=""),
    )
    assert [(d.kind, d.passage, d.tags) for d in reading.drafts] == [
        (Kind.PASSAGE, None, ("thi thử",)),
        (Kind.SINGLE_CHOICE, "P-1", ("thi thử",)),
        (Kind.DESCRIPTION, None, ("đoạn dẫn: P-1", "thi thử")),
    ]
    assert reading.problems == ()


def test_categories_are_topics_in_whatever_order_they_come():
    reading = read(
        question(name="trước"),
        category("$course$/top/Luật/Chương I"),
        question(),
        category("$course$/top/Luật"),
        question(),
        category("$module$/top/A//B"),
        question(),
        category("$course$/top"),
        question(),
        category("<![CDATA[Tự do & bình đẳng]]>"),
        question(),
    )
    assert reading.problems == ()
    topics = [(), ("Luật", "Chương I"), ("Luật",), ("A/B",), (), ("Tự do & bình đẳng",)]
    assert [d.topic for d in reading.drafts] == topics


def test_category_that_cannot_be_read_is_told_and_is_not_the_one_before():
    reading = read(category("$course$/top/A"), category(f"$course$/top/{'b' * 201}"), question())
    assert [d.topic for d in reading.drafts] == [()]
    assert [(p.refusal.slug, p.place.line, p.severity) for p in reading.problems] == [("too-long", 4, "error")]


def test_introduction_of_a_category_is_told_when_it_is_left():
    assert warnings(category("a", "<info><text></text></info>"), question()) == []
    assert warnings(category("a", "<info><text>b</text></info>"), question()) == [("moodle-category-info", 3)]


def test_idnumber_twice_in_a_category_is_an_error_and_in_another_no_code():
    numbered = "<idnumber>Q1</idnumber>"
    reading = read(
        question(numbered),
        question("<idnumber>q1</idnumber>"),
        question("<idnumber/>"),
        category("B"),
        question(numbered),
    )
    assert [(d.code, d.topic) for d in reading.drafts] == [("Q1", ()), (None, ()), (None, ("B",))]
    assert [(p.refusal, p.place.line, p.severity) for p in reading.problems] == [
        (Refusal("code-twice", {"code": "q1", "first": 3}), 4, "error"),
        (Refusal("moodle-code-elsewhere", {"code": "Q1", "first": 3}), 7, "warning"),
    ]


@pytest.mark.parametrize(("length", "taken"), [(60, True), (61, False)])
def test_idnumber_has_a_longest(length, taken):
    more = f"<idnumber>{'a' * length}</idnumber>"
    if taken:
        assert only(more).code == "a" * length
    else:
        assert problem_of(more).refusal == Refusal("too-long", {"limit": 60})


@pytest.mark.parametrize(
    ("form", "written", "text"),
    [
        ("html", "<p>a &amp; b<br>c</p>\n<p>d</p>", "a & b\nc\n\nd"),
        ("html", "a\nb &lt;c&gt; 1 < 2", "a b <c> 1 < 2"),
        ("html", '<p dir="ltr"><span style="color: red">a</span>&nbsp;</p>', "a"),
        ("html", "10<sup>2</sup> m<sup>-n</sup>, H<sub>2</sub>O", "10² m⁻ⁿ, H₂O"),
        ("html", "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}", "<script>alert(1)</script> {{7*7}}"),
        ("html", "a<!-- b > -->c<![if !vml]>d<o:p></o:p><?x?>", "acd"),
        ("html", "a <3 <!-- b <![ c </ d <e &#99999999999; &#x41;", "a <3 <!-- b <![ c </ d <e \ufffd A"),
        ("plain_text", "<p>a</p>\nb &amp;", "<p>a</p>\nb &amp;"),
        ("markdown", "*a*\n\nb", "*a*\n\nb"),
        ("moodle_auto_format", "<p>a &amp; b</p>c\nd", "a & b\nc\nd"),
    ],
)
def test_format_of_a_text(form, written, text):
    answers = f'{WRONG}<answer fraction="100" format="{form}"><text><![CDATA[{written}]]></text></answer>'
    body = question(answers=answers, text=written).replace("<questiontext>", f'<questiontext format="{form}">')
    reading = read(body)
    assert reading.problems == ()
    assert (reading.drafts[0].text, reading.drafts[0].options[1].text) == (text, text)


@pytest.mark.parametrize(
    ("written", "text", "tags"),
    [
        ("a<script>alert(1)</script>b<style>p {}</style>", "ab", "script, style"),
        ('<a href="https://example.com">a</a>', "a", "a"),
        ("a<![CDATA[b]]>c", "ac", "CDATA"),
        ('<a title="1 > 0">a</a>', "a", "a"),
        ("<pre>a\n  b</pre>", "a\nb", "pre"),
    ],
)
def test_html_that_means_something_is_told_when_it_is_lost(written, text, tags):
    reading = read(question(text="%").replace("<![CDATA[%]]>", escape(written)))
    assert [(p.refusal, p.severity, p.place.line) for p in reading.problems] == [
        (Refusal("html-flattened", {"tags": tags}), "warning", 3)
    ]
    assert reading.drafts[0].text == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Chọn <b>sai</b>", "Chọn **sai**"),
        ("<table><tr><th>a</th><th>b</th></tr></table>", "| a | b |\n| --- | --- |"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("x<sup>a+b</sup>", "x^a+b^"),
        (r"<p>Tính \(x^2 &lt; 3\) và $$\frac{1}{2}$$</p>", r"Tính $x^2 < 3$ và $$\frac{1}{2}$$"),
    ],
)
def test_html_that_means_something_makes_the_question_rich(written, text):
    draft = only(text=written, answers=OPTIONS.replace("Huế", "2 * 3 * 4"))
    assert (draft.rich, draft.text, draft.options[1].text) == (True, text, r"2 \* 3 \* 4")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('<img src="@@PLUGINFILE@@/s%C6%A1%20%C4%91%E1%BB%93.png">', "sơ đồ.png"),
        ('<a href="@@PLUGINFILE@@/a.pdf?forcedownload=1">xem</a>', "a.pdf"),
        ("@@PLUGINFILE@@", "?"),
        ('<img src="https://example.com/a.png">', "https://example.com/a.png"),
        ("<math><mn>1</mn></math>", "math"),
        ("<video></video>", "video"),
    ],
)
def test_question_with_a_picture_or_a_file_is_refused_naming_it(text, names):
    assert problem_of(text=text).refusal == Refusal("media-not-taken", {"names": names})
    feedback = f"<feedback><text><![CDATA[{text}]]></text></feedback></answer>"
    assert problem_of(answers=OPTIONS.replace("</answer>", feedback)).refusal.slug == "media-not-taken"


def test_file_that_nothing_shows_is_told_when_it_is_left():
    body = question().replace("</questiontext>", '<file name="a.png" encoding="base64">AAAA</file></questiontext>')
    assert warnings(body) == [("files-left", 3)]


@pytest.mark.parametrize("shown", ["", "<hidden/>", "<hidden>0</hidden>"])
def test_question_that_is_shown_is_taken(shown):
    assert only(shown).text == "Thủ đô?"


def test_hidden_question_is_passed_over_and_told():
    assert warnings(question("<hidden>1</hidden>"), question()) == [("moodle-hidden", 3)]
    assert len(read(question("<hidden>1</hidden>"), question()).drafts) == 1


@pytest.mark.parametrize(
    ("usual", "odd", "slug"),
    [
        ("<defaultgrade>1.0000000</defaultgrade>", "<defaultgrade>2</defaultgrade>", "left-grade"),
        ("<penalty>0.3333333</penalty>", "<penalty>0.5</penalty>", "left-penalty"),
        ("<penalty>0.1</penalty>", "<penalty>0.15</penalty>", "left-penalty"),
        ("<shuffleanswers>true</shuffleanswers>", "<shuffleanswers>0</shuffleanswers>", "left-order"),
        ("<x/>", "<hint><text>gợi ý</text></hint>", "left-hints"),
        (
            "<correctfeedback><text></text></correctfeedback>",
            "<correctfeedback><text>giỏi</text></correctfeedback>",
            "left-combined-feedback",
        ),
    ],
)
def test_setting_without_a_place_here_is_told_once_with_its_count(usual, odd, slug):
    reading = read(question(usual), question(odd), question(odd, name="b"), question("<hidden>1</hidden>" + odd))
    told = [p for p in reading.problems if p.refusal.slug != "moodle-hidden"]
    assert told == [Problem(Refusal(slug, {"count": 2}), Place(line=4), "Tên, b", "warning")]
    assert slug in TEXTS


@pytest.mark.parametrize(
    ("answers", "slug", "field"),
    [
        ("", "too-few-options", "options"),
        (OPTIONS.replace("100", "50"), "no-right", "options"),
        (OPTIONS.replace('"0"', '"100"'), "one-right", "options"),
        (OPTIONS.replace("Huế", "Hà Nội"), "options-alike", "option-2"),
        (OPTIONS.replace("Huế", ""), "required", "option-2"),
        (OPTIONS.replace('"0"', '"101"'), "weight-range", "option-2"),
        (OPTIONS.replace('"0"', '"33,3"'), "moodle-fraction", None),
        (OPTIONS.replace('"0"', '"NaN"'), "moodle-fraction", None),
        (OPTIONS.replace('"0"', '"1e2"'), "moodle-fraction", None),
        (OPTIONS.replace("Huế", "a" * 2_001), "too-long", None),
        (OPTIONS * 14, "too-many-options", "options"),
    ],
)
def test_question_that_is_not_sound_is_refused(answers, slug, field):
    found = read(question(answers=answers)).problems
    assert (found[0].refusal.slug, found[0].refusal.field) == (slug, field)
    assert read(question(answers=answers)).drafts == ()


def test_fraction_that_is_not_given_is_nothing():
    assert [o.weight for o in only(answers=OPTIONS.replace(' fraction="0"', "")).options] == [1, 0]


def test_text_is_bounded_and_required():
    assert problem_of(text=" ").refusal.slug == "required"
    assert problem_of(text="a" * 20_001).refusal.slug == "too-long"
    assert problem_of(text="<b></b>" * 40_000).refusal.slug == "too-long"


@pytest.mark.parametrize(
    "piece", ["<", "<!--", "<a ", "<a b='", '<a b="', "<![", "<!", "<?", "</", "&", "&#", "&#9", "<a", "<script>"]
)
@pytest.mark.parametrize("end", ["", ">", "-->", "'>", '">'])
def test_markup_without_an_end_takes_no_time(piece, end):
    """Where each opening looks for its end through the whole text, this takes minutes."""
    assert isinstance(flatten(piece * (200_000 // len(piece)) + end).text, str)


def test_markup_that_stands_as_elements_is_read_as_it_was_typed():
    body = question(text="%").replace("<![CDATA[%]]>", "<p>a</p>b<sup>2</sup>")
    assert read(body).drafts[0].text == "a\nb²"


def test_line_is_told_in_a_long_file_too():
    reading = read(question("\n" * 70_000), question(kind="calculated"))
    assert [p.place.line for p in reading.problems] == [70_004]


@pytest.mark.parametrize(
    ("data", "slug", "line"),
    [
        (b"<quiz></quiz>", "no-questions", 1),
        (b"", "xml-broken", 1),
        (b"<quiz>\n<question>\n</quiz>", "xml-broken", 3),
        (b"<quiz>&nbsp;</quiz>", "xml-broken", 1),
        (b"\n<html/>", "moodle-no-quiz", 2),
        (quiz().encode("utf-16"), "not-utf8", 1),
    ],
)
def test_file_that_is_no_quiz_is_refused_as_a_whole(data, slug, line):
    assert refusal_of(data) == (slug, line)


LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
DTD = f'<!DOCTYPE quiz [<!ENTITY l0 "ha">{LAUGHS}]>'


@pytest.mark.parametrize(
    "data",
    [
        f"{DTD}<quiz>&l9;</quiz>".encode(),
        b'<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>',
        b'<!doctype quiz SYSTEM "http://127.0.0.1:1/x.dtd"><quiz/>',
        b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE quiz+AD4-<quiz/>',
        b'<?xml version="1.0" encoding="ibm037"?><quiz/>',
        f"<quiz>{'<a>' * 300}{'</a>' * 300}</quiz>".encode(),
        f"<quiz>{'<a>' * 400_000}".encode(),
        f"<quiz>{'<a/>' * 1_000_001}</quiz>".encode(),
        f"<quiz>{'<a ' + ' '.join(f'a{n}=' + chr(34) * 2 for n in range(9))}".encode(),
        f"{DTD}<quiz/>".encode("utf-16"),
        f"{DTD}<quiz/>".encode("utf-16-le"),
        f"{DTD}<quiz/>".encode("utf-32"),
        f"{DTD}<quiz/>".encode("cp037"),
    ],
)
def test_hostile_file_is_refused_as_a_whole(data):
    assert refusal_of(data)[0] in {"xml-unsafe", "xml-broken", "xml-too-large", "not-utf8"}


def test_what_is_judged_is_what_is_read():
    """A file that says UTF-16 and is UTF-8 is read as UTF-8, and so holds nothing that was not seen."""
    data = quiz(question()).replace("UTF-8", "UTF-16").encode()
    assert [d.text for d in read_moodle(data).drafts] == ["Thủ đô?"]


DRAFT = QuestionDraft("C1", Kind.SINGLE_CHOICE, "a", (OptionDraft("b", Decimal(1)), OptionDraft("c", Decimal(0))))


def test_question_as_it_is_written():
    draft = replace(
        DRAFT,
        kind=Kind.MULTIPLE_CHOICE,
        text="a < b\nc",
        topic=("A/B", "C"),
        tags=("<x>",),
        options=(OptionDraft("b", Decimal("0.3333334"), "đúng"), OptionDraft("c", Decimal("0.6666666"))),
    )
    root = etree.fromstring(write_moodle([draft])[0])
    assert [q.get("type") for q in root] == ["category", "multichoice"]
    assert root.findtext("question/category/text") == "$course$/top/A//B/C"
    written = root[1]
    found = {path: written.findtext(path) for path in ("name/text", "idnumber", "single", "shuffleanswers", "hidden")}
    assert found == {"name/text": "C1", "idnumber": "C1", "single": "false", "shuffleanswers": "true", "hidden": "0"}
    assert written.findtext("questiontext/text") == "a &lt; b<br>c"
    assert b"<text><![CDATA[a &lt; b<br>c]]></text>" in write_moodle([draft])[0]
    assert [(a.get("fraction"), a.findtext("text")) for a in written.findall("answer")] == [
        ("33.33334", "b"),
        ("66.66666", "c"),
    ]
    assert written.findtext("answer/feedback/text") == "đúng"
    assert [t.findtext("text") for t in written.find("tags")] == ["<x>"]


def test_statement_as_it_is_written():
    draft = replace(
        DRAFT, kind=Kind.TRUE_FALSE, options=(OptionDraft("Đúng", Decimal(0)), OptionDraft("Sai", Decimal(1)))
    )
    (written,) = etree.fromstring(write_moodle([draft])[0])
    assert written.get("type") == "truefalse"
    answers = [(a.get("fraction"), a.get("format"), a.findtext("text")) for a in written.findall("answer")]
    assert answers == [("0", "moodle_auto_format", "true"), ("100", "moodle_auto_format", "false")]


def test_what_moodle_cannot_carry_is_told_once_each():
    told = replace(DRAFT, difficulty=Difficulty.RECALL, source="Luật", effective_on=date(2020, 1, 1))
    odd = replace(DRAFT, code="C4", options=(DRAFT.options[0], OptionDraft("c", Decimal("0.37"))))
    data, losses = write_moodle([told, replace(DRAFT, code="C2", kind=Kind.TRUE_FALSE), replace(told, code="C3"), odd])
    assert losses == tuple(
        Problem(Refusal(slug, {"format": "Moodle XML", "count": count}), Place(), codes, "warning")
        for slug, count, codes in (
            ("lost-difficulty", 2, "C1, C3"),
            ("lost-source", 2, "C1, C3"),
            ("lost-effective-date", 2, "C1, C3"),
            ("lost-kind", 1, "C2"),
            ("moodle-odd-weights", 1, "C4"),
        )
    )
    assert all(loss.refusal.slug in TEXTS for loss in losses)
    assert len(read_moodle(data).drafts) == 4


@pytest.mark.parametrize(
    "text", ["{{7*7}}", "]]>", "<![CDATA[a]]>", "<!DOCTYPE a>", "<script>alert(1)</script>", "&amp; &lt;"]
)
def test_text_stays_literal(text):
    draft = replace(DRAFT, text=text, code=text, tags=(text,), topic=(text,), explanation=text, options=(
        OptionDraft(text, Decimal(1), text), DRAFT.options[1]))  # fmt: skip
    reading = read_moodle(write_moodle([draft])[0])
    assert (placeless(reading.drafts), reading.problems) == ([draft], ())


@given(drafts=banks(CHOICES))
@patient
def test_imported_exported_imported_is_a_fixpoint(drafts):
    data, losses = write_moodle(drafts)
    first = read_moodle(data)
    assert placeless(read_moodle(write_moodle(first.drafts)[0]).drafts) == placeless(first.drafts)
    assert len(first.drafts) == len(drafts)
    kept = [replace(draft, difficulty=None, source="", effective_on=None) for draft in drafts]
    if drafts and not {p.refusal.slug for p in losses} & {"lost-kind"}:
        assert (placeless(first.drafts), first.problems) == (kept, ())


_tags = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<br>",
        "<b>",
        "</b>",
        "<sup>",
        "</sup>",
        "<pre>",
        "</pre>",
        "<td>",
        "<!--",
        "-->",
        "<![",
        "a",
        "2",
        " ",
        "\n",
        "&lt;",
        "&",
        "<",
    ]
)


@given(st.lists(_tags, max_size=20).map("".join), st.sampled_from(["html", "plain_text", "moodle_auto_format"]))
@patient
def test_whatever_html_is_read_is_a_fixpoint(written, form):
    escaped = escape(written)
    body = (
        question(text="%")
        .replace("<![CDATA[%]]>", escaped)
        .replace("<questiontext>", f'<questiontext format="{form}">')
    )
    first = read(body)
    again = read_moodle(write_moodle(first.drafts)[0])
    assert placeless(again.drafts) == placeless(first.drafts)
    assert [p.refusal.slug for p in again.problems] in ([], ["no-questions"])


# other kinds


def plain_answer(text, fraction=100, more="", said=""):
    return f'<answer fraction="{fraction}"><text>{text}</text><feedback><text>{said}</text></feedback>{more}</answer>'


def parts(draft):
    return [
        (part.kind, part.text, [(a.text, a.weight, a.feedback) for a in part.answers], part.unit, part.with_case)
        for part in draft.parts
    ]


ONE, HALF, NONE = Decimal(1), Decimal("0.5"), Decimal(0)


def test_number_has_a_tolerance_and_a_unit():
    units = "<units><unit><multiplier>1</multiplier><unit_name>km</unit_name></unit></units>"
    answers = plain_answer("3.50", more="<tolerance>0.1</tolerance>") + plain_answer(
        "3", 50, "<tolerance>0</tolerance>", "gần"
    )
    draft = only(units, kind="numerical", answers=answers)
    assert draft.kind is Kind.NUMERIC
    assert parts(draft) == [(PartKind.NUMBER, "", [("3.5:0.1", ONE, ""), ("3", HALF, "gần")], "km", False)]


def test_more_units_than_one_are_left_and_named():
    unit = "<unit><multiplier>{}</multiplier><unit_name>{}</unit_name></unit>"
    units = f"<units>{unit.format(1000, 'm')}{unit.format(1, 'km')}</units>"
    reading = read(question(units, kind="numerical", answers=plain_answer("3")))
    assert reading.drafts[0].parts[0].unit == "km"
    assert [p.refusal.slug for p in reading.problems] == ["left-units"]


@pytest.mark.parametrize(
    ("more", "case"), [("", False), ("<usecase>0</usecase>", False), ("<usecase>1</usecase>", True)]
)
def test_few_words_with_wildcards_and_case(more, case):
    draft = only(more, kind="shortanswer", answers=plain_answer("*Hồ Chí Minh") + plain_answer("Bác", 50))
    assert draft.kind is Kind.SHORT_TEXT
    assert parts(draft) == [(PartKind.TEXT, "", [("*Hồ Chí Minh", ONE, ""), ("Bác", HALF, "")], "", case)]


@pytest.mark.parametrize("kind", ["shortanswer", "numerical"])
def test_what_is_said_of_all_other_answers_is_left_and_named(kind):
    reading = read(question(kind=kind, answers=plain_answer("3") + plain_answer("*", 0, said="Sai")))
    assert [answer.text for answer in reading.drafts[0].parts[0].answers] == ["3"]
    assert [p.refusal.slug for p in reading.problems] == ["left-feedback-of-others"]


@pytest.mark.parametrize("kind", ["match", "matching"])
def test_pairs_with_a_distractor_and_empty_places(kind):
    pair = '<subquestion format="html"><text>{}</text><answer><text>{}</text></answer></subquestion>'
    pairs = [("&lt;p&gt;Lào&lt;/p&gt;", "Viêng Chăn"), ("Ta", "Hà Nội"), ("", "Huế"), ("", ""), ("Mình", "Hà Nội")]
    draft = only(kind=kind, answers="".join(pair.format(*sides) for sides in pairs))
    assert (draft.kind, [option.text for option in draft.options]) == (Kind.MATCHING, ["Viêng Chăn", "Hà Nội", "Huế"])
    assert [(part.text, part.answers[0].text) for part in draft.parts] == [
        ("Lào", "Viêng Chăn"), ("Ta", "Hà Nội"), ("Mình", "Hà Nội"),
    ]  # fmt: skip


def test_order_is_that_of_the_answers():
    draft = only(kind="ordering", answers="".join(plain_answer(text, n) for n, text in enumerate("bca", start=1)))
    assert (draft.kind, [(o.text, o.weight) for o in draft.options]) == (Kind.ORDERING, [(c, NONE) for c in "bca"])


def test_essay_has_limits_and_what_else_it_asks_is_named():
    more = "<minwordlimit>5</minwordlimit><maxwordlimit>300</maxwordlimit><attachments>1</attachments>"
    reading = read(question(more, kind="essay", answers=""))
    draft = reading.drafts[0]
    assert (draft.kind, draft.least_words, draft.most_words) == (Kind.ESSAY, 5, 300)
    assert [p.refusal.slug for p in reading.problems] == ["left-essay"]


@pytest.mark.parametrize(
    ("attachments", "types", "most", "kinds"),
    [
        ("1", ".pdf,.docx", 1, (FileKind.PDF, FileKind.WORD)),
        ("3", "image", 3, (FileKind.PICTURE,)),
        ("-1", "", 5, tuple(FileKind)),
        ("2", "document;spreadsheet", 2, (FileKind.PDF, FileKind.WORD, FileKind.SHEET)),
    ],
)
def test_essay_of_files_alone_is_a_question_for_files(attachments, types, most, kinds):
    more = f"<responseformat>noinline</responseformat><attachments>{attachments}</attachments>"
    more += f"<filetypeslist>{types}</filetypeslist><graderinfo format='html'><text>Ý một 2 điểm</text></graderinfo>"
    reading = read(question(more, kind="essay", answers=""))
    (draft,) = reading.drafts
    assert (draft.kind, draft.most_files, draft.file_kinds) == (Kind.UPLOAD, most, kinds)
    assert draft.guidance == "Ý một 2 điểm"
    told = [p.refusal for p in reading.problems]
    assert told == ([] if "." in types else [Refusal("left-file-types", {"count": 1})])


@pytest.mark.parametrize(("more", "slug"), [
    ("<attachments>1</attachments><filetypeslist>.zip</filetypeslist>", "moodle-file-types"),
    ("<attachments>9</attachments>", "bad-file-count"),
    ("<attachments>x</attachments>", "moodle-number"),
])  # fmt: skip
def test_essay_of_files_that_nobody_can_hand_in_is_left_out_by_name(more, slug):
    reading = read(question(f"<responseformat>noinline</responseformat>{more}", kind="essay", answers=""))
    assert ([p.refusal.slug for p in reading.problems], reading.drafts) == ([slug], ())


@pytest.mark.parametrize("kind", ["essay", "upload"])
def test_guidance_of_markers_goes_out_and_comes_back(kind):
    drafts = [sample(Kind(kind), "V", guidance="Ý một: 2 điểm\nÝ hai: 3 điểm", rich=False)]
    data, losses = WRITERS["moodle"](drafts)
    assert (placeless(read_moodle(data).drafts), losses) == (placeless(drafts), ())


@pytest.mark.parametrize("kind", ["mtf", "kprime"])
def test_statements_of_plugins_are_true_or_false_by_the_column_of_their_weight(kind):
    said = "<feedbacktext><text>vì</text></feedbacktext>"
    row = f'<row number="{{0}}"><optiontext format="html"><text>ý {{0}}</text></optiontext>{said}</row>'
    weight = '<weight rownumber="{}" columnnumber="{}"><value>{}</value></weight>'
    worth = [(1, 1, "1.000"), (1, 2, "0.000"), (2, 1, "0"), (2, 2, "1")]
    rows = row.format(1) + row.format(2)
    draft = only(rows, kind=kind, answers="".join(weight.format(*cells) for cells in worth))
    assert (draft.kind, [(p.text, p.answers[0]) for p in draft.parts]) == (
        Kind.STATEMENTS, [("ý 1", OptionDraft("true", ONE, "vì")), ("ý 2", OptionDraft("false", ONE, "vì"))],
    )  # fmt: skip
    assert problem_of(rows, kind=kind, answers="").refusal == Refusal("moodle-columns")


@pytest.mark.parametrize("kind", ["cloze", "multianswer"])
@pytest.mark.parametrize(("code", "part"), [
    ("{1:SHORTANSWER:=Hà Nội~%50%Thăng Long#gần đúng}",
     (PartKind.TEXT, [("Hà Nội", ONE, ""), ("Thăng Long", HALF, "gần đúng")], False)),
    ("{:SA:=a}", (PartKind.TEXT, [("a", ONE, "")], False)),
    ("{1:MW:%100%a~%0%*#sai}", (PartKind.TEXT, [("a", ONE, "")], False)),
    ("{2:SHORTANSWER_C:=A\\}b\\~c\\#d}", (PartKind.TEXT, [("A}b~c#d", ONE, "")], True)),
    ("{1:SAC:=a&amp;b &#126; c}", (PartKind.TEXT, [("a&b ~ c", ONE, "")], True)),
    ("{1:NUMERICAL:=126:0.50#hay~%50%10}", (PartKind.NUMBER, [("126:0.5", ONE, "hay"), ("10", HALF, "")], False)),
    ("{1:NM:=-2}", (PartKind.NUMBER, [("-2", ONE, "")], False)),
    ("{1:MULTICHOICE:=Hồng~Hương#không~%50%Hậu}",
     (PartKind.CHOICE, [("Hồng", ONE, ""), ("Hương", NONE, "không"), ("Hậu", HALF, "")], False)),
    ("{1:MCVS:a~=b}", (PartKind.CHOICE, [("a", NONE, ""), ("b", ONE, "")], False)),
])  # fmt: skip
def test_gap_is_told_by_its_code(kind, code, part):
    reading = read(question(kind=kind, text=f"Trước {code} sau.", answers=""))
    (draft,) = reading.drafts
    assert draft.text == "Trước [[1]] sau."
    assert draft.kind is (Kind.DROPDOWN if part[0] is PartKind.CHOICE else Kind.CLOZE)
    assert [(p.kind, [(a.text, a.weight, a.feedback) for a in p.answers], p.with_case) for p in draft.parts] == [part]
    assert [p.refusal.slug for p in reading.problems] == ["left-feedback-of-others"] * ("~%0%*#" in code)


@pytest.mark.parametrize(("text", "slug"), [
    ("{1:MULTIRESPONSE:=a~=b}", "moodle-gap-kind"), ("{1:SHORTANSWER:=a", "moodle-gap"), ("không có chỗ trống", "parts-count"),
    ("{1:NUMERICAL:=hai}", "bad-answer"), ("{1:SA:=a} [[2]]", "gap-unknown"), ("{1:SA:=a} [[1]]", "gap-twice"),
])  # fmt: skip
def test_gap_that_is_none_is_named(text, slug):
    assert problem_of(kind="cloze", text=text, answers="").refusal.slug == slug


def test_gaps_of_different_weights_are_named():
    reading = read(question(kind="cloze", text="{1:SA:=a} {2:SA:=b}", answers=""))
    assert [p.refusal.slug for p in reading.problems] == ["left-gap-weights"]


@pytest.mark.parametrize(("kind", "choice"), [("gapselect", "selectoption"), ("ddwtos", "dragbox")])
def test_words_of_groups_are_numbered_as_their_gaps_come(kind, choice):
    words = [("Hương", 1), ("Hậu", 2), ("Hồng", 1), ("Đà", 2)]
    offered = "".join(f"<{choice}><text>{word}</text><group>{group}</group></{choice}>" for word, group in words)
    draft = only(offered, kind=kind, text="Sông [[4]], sông [[1]], sông [[1]]", answers="")
    assert (draft.kind, draft.text) == (Kind.DROPDOWN, "Sông [[1]], sông [[2]], sông [[3]]")
    assert [[(a.text, a.weight) for a in part.answers] for part in draft.parts] == [
        [("Hậu", NONE), ("Đà", ONE)], [("Hương", ONE), ("Hồng", NONE)], [("Hương", ONE), ("Hồng", NONE)],
    ]  # fmt: skip
    assert problem_of(offered, kind=kind, text="[[5]]", answers="").refusal.slug == "gap-unknown"


def test_rich_gaps_keep_their_formulas_and_pictures_nothing_is_taken_for_a_code():
    offered = (OptionDraft("$\\frac{1}{2}$", ONE, "**hay** ~ # }"), OptionDraft("1:2 {1:SA:=x} \\~ \\#", NONE))
    text = "*Bằng* [[1]] và {1:SA:=không}"
    draft = QuestionDraft("C", Kind.DROPDOWN, text, (), rich=True, parts=(PartDraft(PartKind.CHOICE, answers=offered),))
    draft = in_one_form(draft)
    assert placeless(read_moodle(write_moodle([draft])[0]).drafts) == [draft]
