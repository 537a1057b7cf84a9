"""Word question lists as organisers write them: each rule on both sides."""

from decimal import Decimal

import pytest

from contest.formats.drafts import Place, Problem
from contest.formats.old_codes import OldCode
from contest.formats.word import read_word
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.refusals import Refusal

from .documents import BOLD, FILLED, RED, UNDERLINED, YELLOW, document, keys, listed, p, question, read, run, slugs, tbl

A, B, C, D = "A. một", "B. hai", "C. ba", "D. bốn"


def texts(reading):
    return [(d.text, *(o.text for o in d.options)) for d in reading.drafts]


# what starts a question


@pytest.mark.parametrize("start", [
    "Câu 1. ", "Câu 1: ", "CÂU 1 . ", "câu 1) ", "Câu 1/ ", "Câu 1 – ", "Câu hỏi 1: ", "Câu số 1. ", "Câu 1.", "1. ", "1) ",
    "1/ ", "Câu\u00a01.\u00a0", "Ca\u0302u 1. ",
])  # fmt: skip
def test_question_starts(start):
    reading = read(f"{start}Hỏi?", A, B, "Đáp án: B")
    assert (texts(reading), keys(reading), reading.problems) == ([("Hỏi?", "một", "hai")], ["B"], ())


@pytest.mark.parametrize("start", ["Câu chuyện 1. ", "1,5 ", "Câu một. ", "1.5 "])
def test_other_words_start_no_question(start):
    reading = read(f"{start}Hỏi?", A, B, "Đáp án: B")
    assert (reading.drafts, slugs(reading)) == ((), ["word-passed-over"] * 4)
    assert [problem.severity for problem in reading.problems] == ["warning", "error", "error", "error"]


def test_number_alone_is_followed_by_the_text():
    assert texts(read("Câu 1", "Dòng một", "Dòng hai?", A, B, "Đáp án: A")) == [("Dòng một\nDòng hai?", "một", "hai")]


def test_items_of_a_list_in_a_question_start_none():
    lines = ["Cho các ý sau:", "1. ý một", "2. ý hai"]
    expected = [("Cho các ý sau:\n1. ý một\n2. ý hai", "một", "hai"), ("Hỏi?", "một", "hai")]
    for first, second in (("Câu 1. ", "Câu 2. "), ("1. ", "2. ")):
        reading = read(f"{first}{lines[0]}", *lines[1:], A, B, "Đáp án: A", f"{second}Hỏi?", A, B, "Đáp án: A")
        assert (texts(reading), reading.problems) == (expected, ())


def test_items_of_single_letters_are_no_answers():
    reading = read("Câu 1. Chọn:", "1. a", "2. b", A, B, "Đáp án: B")
    assert (texts(reading), keys(reading)) == ([("Chọn:\n1. a\n2. b", "một", "hai")], ["B"])


def test_statements_are_answered_at_the_end_too():
    for ending in (["ĐÁP ÁN", "Câu 1: Đúng", "Câu 2: Sai"], ["1. Đúng 2. Sai"]):
        reading = read("Câu 1. Trái đất tròn.", "Câu 2. Trái đất phẳng.", *ending)
        assert (keys(reading), reading.problems) == (["A", "B"], ())


def test_automatic_numbering_counts_questions_and_options():
    lines = [
        *(p("Hỏi?", about=listed(0)), *(p(t, about=listed(1)) for t in ("một", "hai"))),
        *(p("Hỏi nữa?", about=listed(0)), p("ba", about=listed(1)), p(run("bốn", BOLD), about=listed(1))),
    ]
    for levels in ([("decimal", "Câu %1."), ("upperLetter", "%2.")], [("decimal", "%1."), ("lowerLetter", "%2)")]):
        reading = read(*lines, "1.A", levels=levels)
        assert (texts(reading), keys(reading)) == ([("Hỏi?", "một", "hai"), ("Hỏi nữa?", "ba", "bốn")], ["A", "B"])
        assert reading.problems == ()


def level(at, form, text, more=""):
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'
    )


def test_numbering_of_a_style_of_lists_is_that_of_the_style():
    levels = level(0, "decimal", "Câu %1.") + level(1, "upperLetter", "%2.")
    numbering = [
        f'<w:abstractNum w:abstractNumId="91">{levels}<w:styleLink w:val="De"/></w:abstractNum>',
        '<w:abstractNum w:abstractNumId="92"><w:numStyleLink w:val="De"/></w:abstractNum>',
        '<w:num w:numId="92"><w:abstractNumId w:val="92"/></w:num>',
    ]
    lines = [p("Hỏi?", about=listed(0, 92)), *(p(text, about=listed(1, 92)) for text in ("một", "hai"))]
    assert texts(read(*lines, "Đáp án: A", numbering=numbering)) == [("Hỏi?", "một", "hai")]


def test_level_that_a_list_has_of_its_own_goes_before_that_of_its_definition():
    own = f'<w:lvlOverride w:ilvl="0">{level(0, "decimal", "Câu %1.")}</w:lvlOverride>'
    numbering = [
        f'<w:abstractNum w:abstractNumId="91">{level(0, "bullet", "•")}</w:abstractNum>',
        f'<w:num w:numId="91"><w:abstractNumId w:val="91"/>{own}</w:num>',
    ]
    assert texts(read(p("Hỏi?", about=listed(0, 91)), A, B, "Đáp án: A", numbering=numbering)) == [
        ("Hỏi?", "một", "hai")
    ]


@pytest.mark.parametrize(("resets", "last"), [("", "Câu 1"), ('<w:lvlRestart w:val="0"/>', "Câu 2")])
def test_level_counts_on_under_the_next_heading_where_it_says_so(resets, last):
    levels = level(0, "upperRoman", "Phần %1.") + level(1, "decimal", "Câu %2.", resets)
    numbering = [
        f'<w:abstractNum w:abstractNumId="91">{levels}</w:abstractNum>',
        '<w:num w:numId="91"><w:abstractNumId w:val="91"/></w:num>',
    ]
    part = [p("Luật", about=listed(0, 91)), p("Hỏi?", about=listed(1, 91)), A, B]
    reading = read(*part, "Đáp án: A", *part, numbering=numbering)
    assert reading.problems[-1].excerpt.startswith(last)


def test_bullets_number_nothing():
    reading = read(p("Câu 1. Hỏi?", about=listed(0)), A, B, "Đáp án: B", levels=[("bullet", "•")])
    assert texts(reading) == [("Hỏi?", "một", "hai")]


@pytest.mark.parametrize(("second", "told"), [(3, "word-number-jump"), (1, "word-number-again"), (2, None)])
def test_broken_numbering_is_said_and_the_questions_are_taken(second, told):
    reading = read(*question("A"), *question("B", number=second))
    assert keys(reading) == ["A", "B"]
    assert [(x.refusal.slug, x.severity, x.place) for x in reading.problems] == (
        [(told, "warning", Place(paragraph=7))] if told else []
    )


def test_numbering_may_begin_again_under_a_heading():
    assert slugs(read(*question("A"), "Phần II. Luật", *question("B"))) == []


# options


@pytest.mark.parametrize("form", ["{}. ", "{}) ", "{}/ ", "({}) ", "{}.", "{} . ", "{}: "])
@pytest.mark.parametrize("is_lower", [False, True])
def test_options_start(form, is_lower):
    letters = "abcd" if is_lower else "ABCD"
    lines = [form.format(letter) + word for letter, word in zip(letters, ("một", "hai", "ba", "bốn"), strict=True)]
    reading = read("Câu 1. Hỏi?", *lines, "Đáp án: C")
    assert (texts(reading), keys(reading)) == ([("Hỏi?", "một", "hai", "ba", "bốn")], ["C"])


@pytest.mark.parametrize("gap", ["\t", "\t\t", "   ", " ", "\u00a0\u00a0", "\n"])
def test_options_stand_on_one_line(gap):
    whole = read(f"Câu 1. Hỏi?{gap}" + gap.join((A, B, C, D)), "Đáp án: D")
    below = read("Câu 1. Hỏi?", gap.join((A, B)), gap.join((C, D)), "Đáp án: D")
    for reading in (whole, below):
        assert (texts(reading), keys(reading)) == ([("Hỏi?", "một", "hai", "ba", "bốn")], ["D"])
        assert reading.problems == ()


@pytest.mark.parametrize(
    "rows", [[[A, B], [C, D]], [[A, B, C, D]], [["A.", "một", "B.", "hai"], ["C.", "ba", "D.", "bốn"]]]
)
def test_options_stand_in_a_table(rows):
    reading = read("Câu 1. Hỏi?", tbl(*rows), "Đáp án: B")
    assert (texts(reading), keys(reading)) == ([("Hỏi?", "một", "hai", "ba", "bốn")], ["B"])
    assert reading.problems == ()


def test_list_in_a_table_has_a_question_a_row():
    rows = [["1", p("Hỏi?") + p(A) + p(B), "B"], ["2", p("Hỏi nữa?") + p("A. ba") + p("B. bốn"), "A"]]
    reading = read(tbl(["STT", "Câu hỏi", "Đáp án"], *rows))
    assert (texts(reading), keys(reading)) == ([("Hỏi?", "một", "hai"), ("Hỏi nữa?", "ba", "bốn")], ["B", "A"])
    assert reading.problems == ()


def test_table_that_is_not_understood_leaves_no_questions():
    reading = read(tbl(["STT", "Câu hỏi"], ["1", "Hỏi?"]))
    assert [(x.refusal.slug, x.severity) for x in reading.problems] == [
        ("no-questions", "error"), ("word-table-passed-over", "warning"),
    ]  # fmt: skip


def test_option_in_a_filled_cell_is_right():
    cell = f"<w:tcPr>{FILLED}</w:tcPr>{p(B)}"
    assert keys(read("Câu 1. Hỏi?", tbl([A, cell]))) == ["B"]


def test_letters_within_texts_are_no_options():
    reading = read("Câu 1. Ông Nguyễn Văn A. hỏi gì?", "A. Vitamin A, B hoặc C", "B. Điều 1.B.2", "Đáp án: A")
    assert texts(reading) == [("Ông Nguyễn Văn A. hỏi gì?", "Vitamin A, B hoặc C", "Điều 1.B.2")]


def test_statements_with_small_letters_belong_to_the_question():
    reading = read("Câu 1. Cho các ý:", "a) ý một", "b) ý hai", "A. a và b", "B. chỉ a", "Đáp án: A")
    assert texts(reading) == [("Cho các ý:\na) ý một\nb) ý hai", "a và b", "chỉ a")]


def test_people_called_a_and_b_in_a_question_are_no_options():
    reading = read("Câu 1. Ông A. kiện bà B. vì sao?", A, B, "Đáp án: A")
    assert texts(reading) == [("Ông A. kiện bà B. vì sao?", "một", "hai")]


def test_line_break_goes_on_with_an_option_and_a_new_paragraph_does_not():
    taken = read("Câu 1. Hỏi?", "A. một\nvà một nữa", B, "Đáp án: A")
    assert texts(taken) == [("Hỏi?", "một\nvà một nữa", "hai")]
    refused = read("Câu 1. Hỏi?", A, B, "và hai nữa", "Đáp án: A", *question("B", number=2))
    assert refused.problems == (Problem(Refusal("word-stray"), Place(paragraph=4), "và hai nữa"),)
    assert keys(refused) == ["B"]


@pytest.mark.parametrize(("lines", "told"), [
    ((A, C), Refusal("word-letter-missing", {"letter": "B", "number": 1})),
    ((B, C), Refusal("word-letter-missing", {"letter": "A", "number": 1})),
    ((A, B, "B. ba"), Refusal("word-letter-again", {"letter": "B", "number": 1})),
    ((f"{A}   {B}   {D}",), Refusal("word-letter-missing", {"letter": "C", "number": 1})),
])  # fmt: skip
def test_letter_that_is_missing_or_there_again_is_an_error(lines, told):
    reading = read("Câu 1. Hỏi?", *lines, "Đáp án: A", *question("B", number=2))
    assert reading.problems == (Problem(told, Place(paragraph=1), "Câu 1. Hỏi?"),)
    assert keys(reading) == ["B"]


# marks


@pytest.mark.parametrize(
    "mark", [BOLD, RED, UNDERLINED, YELLOW, FILLED, '<w:color w:val="auto" w:themeColor="accent1"/>']
)
@pytest.mark.parametrize("what", ["whole", "letter", "text"])
def test_marked_option_is_right(mark, what):
    marked = {"whole": [run(B, mark)], "letter": [run("B", mark), run(". hai")], "text": ["B. ", run("hai", mark)]}
    reading = read("Câu 1. Hỏi?", A, p(*marked[what]), C)
    assert (keys(reading), reading.problems) == (["B"], ())


@pytest.mark.parametrize("mark", [
    '<w:b w:val="0"/>', '<w:u w:val="none"/>', '<w:color w:val="auto"/>', '<w:color w:val="000000"/>',
    '<w:color w:val="1F1F1F"/>',
    '<w:color w:themeColor="text1" w:val="000000"/>', '<w:highlight w:val="none"/>',
    '<w:shd w:val="clear" w:fill="auto"/>', "<w:i/>",
])  # fmt: skip
def test_what_is_no_mark_marks_nothing(mark):
    assert slugs(read("Câu 1. Hỏi?", A, p(run(B, mark)), C)) == ["word-no-key"]


@pytest.mark.parametrize("line", ["*B. hai", "B.* hai", "B. *hai", "B. hai*", "B. hai (*)", "B*. hai"])
def test_starred_option_is_right(line):
    reading = read("Câu 1. Hỏi?", A, line, C)
    assert (texts(reading), keys(reading)) == ([("Hỏi?", "một", "hai", "ba")], ["B"])


def test_mark_on_a_word_within_an_option_is_none():
    assert slugs(read("Câu 1. Hỏi?", A, p("B. hai ", run("không", BOLD), " phải"), C)) == ["word-no-key"]


@pytest.mark.parametrize("mark", [BOLD, RED, UNDERLINED, YELLOW])
def test_mark_on_all_options_is_none(mark):
    lines = [p(run(line, mark)) for line in (A, B, C)]
    assert slugs(read("Câu 1. Hỏi?", *lines)) == ["word-no-key"]
    assert keys(read("Câu 1. Hỏi?", *lines, "Đáp án: C")) == ["C"]


def test_one_colour_among_another_is_a_mark():
    blue = '<w:color w:val="0000FF"/>'
    assert keys(read("Câu 1. Hỏi?", *(p(run(line, blue)) for line in (A, C)[:1]), p(run(B, RED)), p(run(C, blue)))) == [
        "B"
    ]


def test_bold_letters_of_a_whole_document_mark_nothing_where_one_is_forgotten():
    whole = [p(run(line[:2], BOLD), run(line[2:])) for line in (A, B, C)]
    others = [block for n in (1, 2) for block in (f"Câu {n}. Hỏi {n}?", *whole, "Đáp án: A")]
    assert keys(read(*others, "Câu 3. Hỏi 3?", *whole[:2], C, "Đáp án: C")) == ["A", "A", "C"]


def test_several_marked_options_share_the_mark():
    (draft,) = read("Câu 1. Hỏi?", p(run(A, BOLD)), B, p(run(C, BOLD)), D).drafts
    assert draft.kind is Kind.MULTIPLE_CHOICE
    assert [o.weight for o in draft.options] == [Decimal("0.5"), 0, Decimal("0.5"), 0]


def test_styles_mark_too_and_are_overruled():
    bold = '<w:style w:type="character" w:styleId="Dam"><w:name w:val="Dam"/><w:rPr><w:b/></w:rPr></w:style>'
    child = '<w:style w:type="character" w:styleId="Con"><w:name w:val="Con"/><w:basedOn w:val="Dam"/></w:style>'
    lines = (
        '<w:style w:type="paragraph" w:styleId="Dong"><w:name w:val="Dong"/>'
        '<w:rPr><w:color w:val="FF0000"/></w:rPr></w:style>'
    )
    styles = [bold, child, lines]
    of_run = '<w:rStyle w:val="Con"/>'
    assert keys(read("Câu 1. Hỏi?", A, p(run(B, of_run)), styles=styles)) == ["B"]
    assert keys(read("Câu 1. Hỏi?", A, p(B, about='<w:pStyle w:val="Dong"/>'), styles=styles)) == ["B"]
    overruled = read("Câu 1. Hỏi?", A, p(run(B, f'{of_run}<w:b w:val="0"/>')), styles=styles)
    assert slugs(overruled) == ["word-no-key"]


def test_styles_based_on_each_other_in_a_circle_end():
    circle = [
        f'<w:style w:type="character" w:styleId="{a}"><w:name w:val="{a}"/><w:basedOn w:val="{b}"/></w:style>'
        for a, b in (("X", "Y"), ("Y", "X"))
    ]
    assert slugs(read("Câu 1. Hỏi?", A, p(run(B, '<w:rStyle w:val="X"/>')), styles=circle)) == ["word-no-key"]


def test_link_is_no_mark():
    link = f"<w:hyperlink>{run('hai', RED + UNDERLINED)}</w:hyperlink>"
    reading = read("Câu 1. Hỏi?", A, p(run("B. "), link), "Đáp án: A")
    assert (texts(reading), keys(reading)) == ([("Hỏi?", "một", "hai")], ["A"])


# answers in words


@pytest.mark.parametrize("line", [
    "Đáp án: B", "ĐÁP ÁN : B.", "ĐA: B", "Đ/A: B", "Đáp án đúng: B", "Đáp án đúng là B", "Đáp án đúng là: B",
    "Đáp án B", "=> Đáp án: B",
    "(Đáp án: B)", "Đáp án: b", "Đáp án: B. hai", "Đáp án: hai", "Dap an: B", "*Đáp án: B",
])  # fmt: skip
def test_answer_line(line):
    reading = read("Câu 1. Hỏi?", A, B, line)
    assert (keys(reading), reading.problems) == (["B"], ())


@pytest.mark.parametrize("line", ["Đáp án: B, C", "Đáp án đúng là B và C", "Đáp án: B;C", "Đáp án: BC"])
def test_several_answers(line):
    assert keys(read("Câu 1. Hỏi?", A, B, C, line)) == ["BC"]


def test_answer_at_the_end_of_another_line():
    assert keys(read("Câu 1. Hỏi?", A, "B. hai (Đáp án: B)", "Câu 2. Hỏi nữa? ĐA: A", A, B)) == ["B", "A"]


@pytest.mark.parametrize(("line", "told"), [
    ("Đáp án: E", Refusal("word-key-of-none", {"letter": "E"})),
    ("Đáp án: không rõ", Refusal("word-bad-key", {"key": "không rõ"})),
    ("Đáp án: B. ba", Refusal("word-key-other-text", {"letter": "B"})),
    ("Nguồn: sách", Refusal("word-no-key")),
])  # fmt: skip
def test_answer_that_cannot_be_used_is_an_error(line, told):
    reading = read("Câu 1. Hỏi?", A, B, C, D, line, *question("B", number=2))
    assert reading.problems == (Problem(told, Place(paragraph=1), "Câu 1. Hỏi?"),)
    assert keys(reading) == ["B"]


@pytest.mark.parametrize("ending", [
    ["1.A 2.C"], ["ĐÁP ÁN", "1. A", "2. C"], ["BẢNG ĐÁP ÁN", "Câu 1: A", "Câu 2: C"], ["Câu 1: A", "Câu 2: C"],
    ["1-A; 2-C"], ["1A 2C"],
    [tbl(["Câu", "1", "2"], ["Đáp án", "A", "C"])], [tbl(["1", "2"], ["A", "C"])], [tbl(["1.A", "2.C"])],
    [tbl(["Câu", "Đáp án"], ["1", "A"], ["2", "C"])], ["Đáp án:", tbl(["Câu", "ĐA", "Câu", "ĐA"], ["1", "A", "2", "C"])],
    [tbl(["Câu", "1"], ["ĐA", "A"], ["Câu", "2"], ["ĐA", "C"])],
])  # fmt: skip
def test_answers_at_the_end(ending):
    for start in ("Câu 1. ", "1. "):
        first = [line.replace("Câu 1. ", start) for line in question()]
        second = [line.replace("Câu 2. ", start.replace("1", "2")) for line in question(number=2)]
        reading = read(*first, *second, *ending)
        assert (keys(reading), reading.problems) == (["A", "C"], ())


def test_several_answers_at_the_end():
    assert keys(read(*question(), *question(number=2), "1. A, C  2. B")) == ["AC", "B"]


def test_answers_are_for_the_questions_before_them():
    reading = read(
        *question(), *question(number=2), "1.A 2.B", "Phần II. Luật", *question(), *question(number=2), "1.C 2.D"
    )
    assert (keys(reading), reading.problems) == (["A", "B", "C", "D"], ())


def test_answer_of_no_question_or_of_two_is_an_error():
    assert slugs(read(*question(), "1.A 7.B")) == ["word-answer-of-none"]
    twice = read(*question(), *question(), "1.A 1.B")
    assert slugs(twice).count("word-answer-unclear") == 2
    assert twice.drafts == ()


@pytest.mark.parametrize(("blocks", "told"), [
    ([p(run(A, BOLD)), B, "Đáp án: B"], Refusal("word-mark-not-key", {"marked": "A", "key": "B"})),
    ([p(run(A, BOLD)), p(run(B, RED))], Refusal("word-marks-differ", {"first": "A", "second": "B"})),
    ([A, B, "Đáp án: B", "1.A 1.A"], Refusal("word-keys-differ", {"first": "A", "second": "B"})),
    ([p(run(A, BOLD)), B, "ĐÁP ÁN", "1.B"], Refusal("word-mark-not-key", {"marked": "A", "key": "B"})),
])  # fmt: skip
def test_contradiction_names_both(blocks, told):
    reading = read("Câu 1. Hỏi?", *blocks)
    assert reading.problems == (Problem(told, Place(paragraph=1), "Câu 1. Hỏi?"),)


def test_marks_that_agree_are_one():
    assert keys(read("Câu 1. Hỏi?", A, p(run(B, BOLD + RED + UNDERLINED)), "Đáp án: B", "ĐÁP ÁN", "1.B")) == ["B"]


# true or false, and what is not taken


@pytest.mark.parametrize(("line", "key"), [("Đáp án: Đúng", "A"), ("Đáp án: Sai", "B"), ("ĐA: Đ", "A"), ("ĐA: S", "B")])
def test_statement_without_options_is_true_or_false(line, key):
    reading = read("Câu 1. Trái đất tròn.", line)
    assert [d.kind for d in reading.drafts] == [Kind.TRUE_FALSE]
    assert (texts(reading), keys(reading)) == ([("Trái đất tròn.", "Đúng", "Sai")], [key])


def test_options_true_and_false_make_the_kind():
    (draft,) = read("Câu 1. Trái đất tròn.", p("A. ", run("Đúng", BOLD)), "B. Sai").drafts
    assert draft.kind is Kind.TRUE_FALSE


@pytest.mark.parametrize(
    "line", ["Đáp án: a) Đúng; b) Sai", "Đáp án: Đ, S", "Đáp án: a-Đ b-S", "Đáp án: a) Đ  b) S.", "Đáp án: ĐS"]
)
def test_several_statements_in_one_question_are_a_set(line):
    reading = read("Câu 1. Xét các ý:", "a) ý một", "b) ý hai", line, *question("B", number=2))
    assert (slugs(reading), [draft.kind for draft in reading.drafts]) == ([], [Kind.STATEMENTS, Kind.SINGLE_CHOICE])
    assert [(p.text, p.answers[0].text) for p in reading.drafts[0].parts] == [("ý một", "true"), ("ý hai", "false")]


@pytest.mark.parametrize("line", ["Đáp án: b) Đ a) S", "Đáp án: Đ S Đ"])
def test_truths_that_are_not_those_of_the_statements_are_named(line):
    assert slugs(read("Câu 1. Xét các ý:", "a) ý một", "b) ý hai", line)) == ["word-statements"]


def test_a_few_words_are_a_short_text_where_it_is_said():
    reading = read(
        "Câu 1. Thủ đô?", "Trả lời: Hà Nội", "Câu 2. Năm?", "Trả lời ngắn: 1945", "Câu 3. Đúng không?", "Trả lời: Đúng"
    )
    assert reading.problems == ()
    assert [d.kind for d in reading.drafts] == [Kind.SHORT_TEXT, Kind.SHORT_TEXT, Kind.TRUE_FALSE]
    assert [d.parts[0].answers[0].text for d in reading.drafts[:2]] == ["Hà Nội", "1945"]
    assert slugs(read("Câu 1. Thủ đô?", "Đáp án: Hà Nội")) == ["word-no-options"]


def test_questions_under_a_heading_of_essays_are_essays():
    reading = read("PHẦN II. TỰ LUẬN", "Câu 1. Viết cảm nghĩ.", "Câu 2. Nêu ba việc.", "Số từ: 150 – 300 từ")
    assert [(d.kind, d.least_words, d.most_words) for d in reading.drafts] == [
        (Kind.ESSAY, 0, 0), (Kind.ESSAY, 150, 300),
    ]  # fmt: skip
    reading = read("Câu 1. Viết.", "Loại câu: Tự luận", "Số từ: ít nhất 50 từ")
    assert [(d.kind, d.least_words) for d in reading.drafts] == [(Kind.ESSAY, 50)]
    assert slugs(read("Câu 1. Viết cảm nghĩ.")) == ["word-no-options"]


def test_other_kinds_are_listed():
    reading = read("Câu 1. Bạn hãy trình bày.", "Câu 2. Ghép đôi.", "Đáp án: 1-c, 2-a", *question("A", number=3))
    assert [(x.refusal.slug, x.place.paragraph) for x in reading.problems] == [
        ("word-no-options", 1),
        ("word-no-options", 2),
    ]
    assert keys(reading) == ["A"]


CHART = "<w:r><w:drawing><a:chart/></w:drawing></w:r>"
FIELD = "<w:r><w:instrText> EQ \\f(1,2) </w:instrText></w:r>"
OLD_EQUATION = "<w:r><w:object><o:OLEObject ProgID='Equation.3'/></w:object></w:r>"


@pytest.mark.parametrize(("block", "slug", "at"), [
    (p("Câu 1. Hỏi?", CHART), "word-picture", 1),
    (p("Câu 1. Hỏi?", OLD_EQUATION), "word-equation", 1),
    (p("Câu 1. Hỏi?", FIELD), "word-equation", 1),
    (p("Câu 1. Hỏi?", "<w:fldSimple w:instr='eq \\f(1,2)'/>"), "word-equation", 1),
    (p("Câu 1. Hỏi?") + p(CHART), "word-picture", 2),
    (p("Câu 1. Hỏi?") + p('<w:r><w:sym w:font="Webdings" w:char="F061"/></w:r>'), "word-symbol", 2),
    (p("Câu 1. Hỏi?") + p(run("\uf061", '<w:rFonts w:ascii="MT Extra" w:hAnsi="MT Extra"/>')), "word-symbol", 2),
    (p("Câu 1. Hỏi?") + p(run("\uf061")), "word-symbol", 2),
])  # fmt: skip
def test_what_is_no_text_is_an_error_and_the_rest_is_taken(block, slug, at):
    reading = read(block, A, B, "Đáp án: A", *question("B", number=2))
    assert [(x.refusal.slug, x.place.paragraph, x.severity) for x in reading.problems] == [(slug, at, "error")]
    assert reading.problems[0].excerpt
    assert keys(reading) == ["B"]


def test_table_around_the_list_is_passed_over_with_its_words():
    reading = read(tbl(["TỔNG LIÊN ĐOÀN", "CỘNG HÒA"]), *question("A"), tbl(["NGƯỜI LẬP", "DUYỆT"]))
    assert [(x.refusal.slug, x.severity, x.excerpt) for x in reading.problems] == [
        ("word-table-passed-over", "warning", "TỔNG LIÊN ĐOÀN | CỘNG HÒA"),
        ("word-table-passed-over", "warning", "NGƯỜI LẬP | DUYỆT"),
    ]


def test_words_before_the_first_question_are_said_and_ornaments_are_not():
    reading = read("BỘ CÂU HỎI", "-----", *question("A"), "---HẾT---")
    assert reading.problems == (Problem(Refusal("word-passed-over"), Place(paragraph=1), "BỘ CÂU HỎI", "warning"),)


# topics and fields


def test_headings_are_topics():
    first = '<w:pStyle w:val="Heading1"/>'
    second = '<w:pStyle w:val="Heading2"/>'
    reading = read(
        p("Công đoàn", about=first), *question("A"), p("Lịch sử", about=second), *question("A", number=2),
        p("Luật", about=second), *question("A", number=3), p("Đời sống", about=first), *question("A", number=4),
    )  # fmt: skip
    paths = [("Công đoàn",), ("Công đoàn", "Lịch sử"), ("Công đoàn", "Luật"), ("Đời sống",)]
    assert [d.topic for d in reading.drafts] == paths


@pytest.mark.parametrize(("line", "name"), [
    ("Chủ đề: Luật Công đoàn", "Luật Công đoàn"), ("CHỦ ĐỀ 2: Luật", "Luật"), ("Phần I. Luật", "Luật"), ("PHẦN 1 – LUẬT", "LUẬT"),
    ("Chuyên đề: Luật", "Luật"), ("Phần II", "Phần II"), ("II. PHÁP LUẬT LAO ĐỘNG", "PHÁP LUẬT LAO ĐỘNG"),
])  # fmt: skip
def test_topics_in_words(line, name):
    reading = read(*question("B"), line, *question("A", number=2))
    assert ([d.topic for d in reading.drafts], reading.problems) == ([(), (name,)], ())


def test_part_holds_topics():
    reading = read("Phần I. Chung", "Chủ đề: Luật", *question("A"), "Phần II. Riêng", *question("A", number=2))
    assert [d.topic for d in reading.drafts] == [("Chung", "Luật"), ("Riêng",)]


def test_fields_under_a_question():
    (draft,) = read(
        *question("A"), "Mức độ: Thông hiểu", "Căn cứ: Điều 5", "Khoản 2", "Giải thích: vì một", "A. sai vì thế", "Mã câu: C-1",
        "Nhãn: luật, lịch sử", "Ngày hiệu lực: 01/6/2025",
    ).drafts  # fmt: skip
    assert (draft.difficulty, draft.source, draft.explanation) == (
        Difficulty.UNDERSTANDING, "Điều 5\nKhoản 2", "vì một\nA. sai vì thế",
    )  # fmt: skip
    assert (draft.code, draft.tags, str(draft.effective_on)) == ("C-1", ("luật", "lịch sử"), "2025-06-01")


@pytest.mark.parametrize("line", ["Lời giải: vì một", "Hướng dẫn giải: vì một", "GIẢI THÍCH : vì một"])
def test_explanations(line):
    assert [d.explanation for d in read(*question("A"), line).drafts] == ["vì một"]


@pytest.mark.parametrize(("line", "level"), [
    ("Câu 1 (NB). Hỏi?", Difficulty.RECALL), ("Câu 1. [VDC] Hỏi?", Difficulty.HIGH_APPLICATION),
    ("Câu 1 (Thông hiểu): Hỏi?", Difficulty.UNDERSTANDING),
])  # fmt: skip
def test_level_in_brackets(line, level):
    (draft,) = read(line, A, B, "Đáp án: A").drafts
    assert (draft.text, draft.difficulty) == ("Hỏi?", level)


def test_other_brackets_belong_to_the_text():
    (draft,) = read("Câu 1 (0,5 điểm): Hỏi?", A, B, "Đáp án: A").drafts
    assert (draft.text, draft.difficulty) == ("(0,5 điểm) Hỏi?", None)


@pytest.mark.parametrize(
    ("line", "slug"),
    [("Mức độ: khó", "bad-difficulty"), ("Loại câu: câu đố", "bad-kind"), ("Ngày hiệu lực: 31/2/2025", "not-a-date")],
)
def test_field_that_cannot_be_read_is_an_error(line, slug):
    assert slugs(read(*question("A"), line)) == [slug]


def test_code_twice_is_an_error():
    reading = read(*question("A"), "Mã câu: X", *question("A", number=2), "Mã câu: x")
    assert [x.refusal for x in reading.problems] == [Refusal("word-code-twice", {"code": "x", "first": 1})]


# what Word makes of texts


def test_split_runs_controls_tags_and_fields_are_one_text():
    pieces = [
        run("Câ"), "<w:smartTag>" + run("u 1") + "</w:smartTag>",
        "<w:sdt><w:sdtContent>" + run(". Hỏi ") + "</w:sdtContent></w:sdt>",
        "<w:fldSimple>" + run("gì") + "</w:fldSimple>", "<w:proofErr/>", run("?"),
    ]  # fmt: skip
    block = f"<w:sdt><w:sdtContent>{p(*pieces)}</w:sdtContent></w:sdt>"
    assert texts(read(block, A, B, "Đáp án: A")) == [("Hỏi gì?", "một", "hai")]


SYMBOL = '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'


@pytest.mark.parametrize(("signs", "seen"), [
    ('<w:r><w:sym w:font="Symbol" w:char="F061"/><w:sym w:font="Symbol" w:char="00A3"/></w:r>', "α≤"),
    ('<w:r><w:sym w:font="Wingdings" w:char="F0E0"/></w:r>', "→"),
    (run("\uf061\uf0de\uf0b0", SYMBOL), "α⇒°"),
    (run("aÎ", SYMBOL), "αÎ"),
    (run("A. 1", SYMBOL), "A. 1"),
    (run("\uf0e0", '<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>'), "→"),
])  # fmt: skip
def test_signs_of_a_font_are_read_as_they_are_seen(signs, seen):
    assert texts(read(p("Câu 1. Tính ", signs), A, B, "Đáp án: A")) == [(f"Tính {seen}", "một", "hai")]


def test_first_of_several_forms_of_a_paragraph_is_read():
    told = f"<mc:Choice Requires='w14'>{p('Câu 1. Hỏi?')}</mc:Choice><mc:Fallback>{p('Câu 1. Khác?')}</mc:Fallback>"
    block = f"<mc:AlternateContent>{told}</mc:AlternateContent>"
    assert texts(read(block, A, B, "Đáp án: A")) == [("Hỏi?", "một", "hai")]


def test_tracked_changes_are_taken_as_accepted_and_said_once():
    changed = p("B. ", f"<w:ins>{run('hai')}</w:ins>", "<w:del><w:r><w:delText>hai mươi</w:delText></w:r></w:del>")
    moved = p("C. ", f"<w:moveTo>{run('ba')}</w:moveTo>", f"<w:moveFrom>{run('bốn')}</w:moveFrom>")
    reading = read("Câu 1. Hỏi?", A, changed, moved, "Đáp án: B")
    assert texts(reading) == [("Hỏi?", "một", "hai", "ba")]
    assert reading.problems == (Problem(Refusal("word-tracked-changes"), Place(), "", "warning"),)


def test_deleted_end_of_a_paragraph_joins_two():
    first = p("Câu 1. Hỏi ", about="<w:rPr><w:del/></w:rPr>")
    assert texts(read(first, "gì?", A, B, "Đáp án: A")) == [("Hỏi gì?", "một", "hai")]


def test_deleted_row_is_left_out():
    kept, gone = (f"<w:tr>{about}<w:tc>{p(a)}</w:tc><w:tc>{p(b)}</w:tc></w:tr>" for a, b, about in (
        (A, B, ""), (C, D, "<w:trPr><w:del/></w:trPr>"),
    ))  # fmt: skip
    rows = f"<w:tbl>{kept}{gone}</w:tbl>"
    assert texts(read("Câu 1. Hỏi?", rows, "Đáp án: A")) == [("Hỏi?", "một", "hai")]


def test_text_box_is_listed_once_with_its_words():
    inside = "<w:txbxContent>" + p("Chữ trong khung") + "</w:txbxContent>"
    box = (
        f"<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{inside}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{inside}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    reading = read(p("Câu 1. Hỏi?", box), A, B, "Đáp án: A")
    assert reading.problems == (Problem(Refusal("word-text-box"), Place(paragraph=1), "Chữ trong khung"),)
    assert keys(reading) == ["A"]


@pytest.mark.parametrize("drawn", [
    f"<w:drawing><wps:txbx><w:txbxContent>{tbl(['Chữ', 'rời'])}</w:txbxContent></wps:txbx></w:drawing>",
    f"<w:drawing><wps:txbx><w:txbxContent><w:sdt><w:sdtContent>{p('Chữ rời')}</w:sdtContent></w:sdt></w:txbxContent>"
    "</wps:txbx></w:drawing>",
    "<w:pict><v:shape><v:textpath string='Chữ rời'/></v:shape></w:pict>",
])  # fmt: skip
def test_words_in_tables_of_a_box_and_those_drawn_as_a_shape_are_listed(drawn):
    reading = read(p("Câu 1. Hỏi?", f"<w:r>{drawn}</w:r>"), A, B, "Đáp án: A")
    assert reading.problems == (Problem(Refusal("word-text-box"), Place(paragraph=1), "Chữ rời"),)
    assert keys(reading) == ["A"]


def test_hidden_words_and_footnotes_are_said():
    reading = read(
        p("Câu 1. Hỏi?", run(" ẩn", "<w:vanish/>"), '<w:r><w:footnoteReference w:id="1"/></w:r>'), A, B, "Đáp án: A"
    )
    assert (texts(reading), slugs(reading)) == ([("Hỏi?", "một", "hai")], ["word-footnotes", "word-hidden-text"])


def test_raised_figures_stay_raised():
    raised = run("2", '<w:vertAlign w:val="superscript"/>')
    assert texts(read(p("Câu 1. Diện tích 5 m", raised, "?"), A, B, "Đáp án: A"))[0][0] == "Diện tích 5 m²?"


def test_texts_are_composed_and_their_spaces_folded():
    assert texts(read("Câu 1. Vie\u0323\u0302t\u00a0\u00a0Nam\u200b?", A, B, "Đáp án: A"))[0][0] == "Việt Nam?"


# files that are refused as a whole


@pytest.mark.parametrize(("font", "line", "code"), [
    (".VnTime", "C©u 1. C«ng ®oµn?", "TCVN3 (.VnTime)"), ("VNI-Times", "Caâu 1. Coâng ñoaøn?", "VNI (VNI-Times)"),
    (None, "C©u 1. C«ng ®oµn ViÖt Nam lµ tæ chøc cña ai?", "TCVN3 (.VnTime)"),
    (None, "Caâu 1. Coâng ñoaøn Vieät Nam thaønh laäp naêm naøo?", "VNI (VNI-Times)"),
])  # fmt: skip
def test_old_code_pages_are_refused(font, line, code):
    properties = f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}"/>' if font else ""
    reading = read(*question("A"), p(run(line, properties)))
    assert reading.drafts == ()
    assert [(x.refusal.slug, x.refusal.params["code"]) for x in reading.problems] == [("old-code", code)]
    assert reading.problems[0].place == Place(paragraph=7)


def in_font(font, *lines):
    return [p(run(line, f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}"/>')) for line in lines]


@pytest.mark.parametrize(("font", "lines", "code"), [
    (".VnTime", ("C©u 1. C«ng ®oµn lµ g×?", "A. Tæ chøc", "B. Héi"), OldCode.TCVN3),
    ("VNI-Times", ("Caâu 1. Coâng ñoaøn laø gì?", "A. Toå chöùc", "B. Hoäi"), OldCode.VNI),
    ("Arial", ("C©u 1. C«ng ®oµn lµ g×?", "A. Tæ chøc", "B. Héi"), OldCode.TCVN3),
])  # fmt: skip
def test_old_code_page_is_converted_where_that_is_wanted(font, lines, code):
    reading = read_word(document(*in_font(font, *lines), "Dap an: A"), code)
    assert texts(reading) == [("Công đoàn là gì?", "Tổ chức", "Hội")]
    assert keys(reading) == ["A"]


def test_font_of_capitals_shows_small_letters_as_capitals():
    blocks = [*in_font(".VnTimeH", "C©u 1. c«ng ®oµn viÖt nam?"), A, B, "Đáp án: A"]
    assert texts(read_word(document(*blocks), OldCode.TCVN3))[0][0] == "CÔNG ĐOÀN VIỆT NAM?"


def test_letter_and_mark_that_stand_in_two_runs_meet():
    font = '<w:rFonts w:ascii="VNI-Times" w:hAnsi="VNI-Times"/>'
    block = p(run("Caâu 1. Co", font), run("âng ñoa", font), run("øn?", f"<w:b/>{font}"))
    assert texts(read_word(document(block, A, B, "Dap an: A"), OldCode.VNI))[0][0] == "Công đoàn?"


def test_unicode_beside_an_old_code_page_stays_as_it_is():
    blocks = [*in_font(".VnTime", "C©u 1. C«ng ®oµn?"), "A. Cà phê, tê, ô", "B. Đúng", "Đáp án: A"]
    assert texts(read_word(document(*blocks), OldCode.TCVN3)) == [("Công đoàn?", "Cà phê, tê, ô", "Đúng")]


def test_document_in_two_old_code_pages_is_still_refused():
    blocks = [*in_font(".VnTime", "C©u 1. C«ng ®oµn?"), *in_font("VNI-Times", "A. Hoäi", "B. Nhoùm"), "Dap an: A"]
    assert slugs(read_word(document(*blocks), OldCode.TCVN3)) == ["old-code"]


@pytest.mark.parametrize(
    ("font", "line"),
    [(".VnTime", "Công đoàn Việt Nam"), ("VNI-Times", "Cong doan"), (None, "x² + y² = z², café, Noël")],
)
def test_unicode_in_an_old_font_is_read(font, line):
    properties = f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}"/>' if font else ""
    assert texts(read(p(run(f"Câu 1. {line}", properties)), A, B, "Đáp án: A")) == [(line, "một", "hai")]


def test_document_without_questions_says_so():
    assert read_word(document()).problems == (Problem(Refusal("no-questions"), Place()),)
