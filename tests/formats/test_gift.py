"""GIFT by the text that binds."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from contest.formats.drafts import OptionDraft, Place, Problem, QuestionDraft
from contest.formats.gift import read_gift, write_gift
from contest.formats.recognition import read_recognised
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.refusals import TEXTS, Refusal

from ..kinds import sample
from .drafts import placeless


def read(text):
    return read_gift(text.encode())


def only(text):
    reading = read(text)
    assert reading.problems == ()
    (draft,) = reading.drafts
    return draft


def options(draft):
    return [(option.text, option.weight) for option in draft.options]


def problem_of(text):
    reading = read(text)
    assert reading.drafts == ()
    (problem,) = reading.problems
    assert problem.refusal.slug in TEXTS
    return problem


def test_single_choice():
    draft = only("::Q1:: Thủ đô? {\n=Hà Nội#đúng rồi\n~Huế#chưa đúng\n~Vinh\n####Hiến pháp, Điều 13\n}")
    assert draft == QuestionDraft(
        code="Q1",
        kind=Kind.SINGLE_CHOICE,
        text="Thủ đô?",
        options=(
            OptionDraft("Hà Nội", Decimal(1), "đúng rồi"),
            OptionDraft("Huế", Decimal(0), "chưa đúng"),
            OptionDraft("Vinh", Decimal(0)),
        ),
        explanation="Hiến pháp, Điều 13",
        place=Place(line=1),
    )


def test_choice_is_multiple_without_an_equals_sign():
    draft = only("Chọn {~%50%a ~%+50%b ~%-100%c ~d}")
    assert draft.kind is Kind.MULTIPLE_CHOICE
    assert options(draft) == [("a", Decimal("0.5")), ("b", Decimal("0.5")), ("c", Decimal(-1)), ("d", Decimal(0))]


def test_choice_is_single_with_an_equals_sign_and_may_give_part_of_the_mark():
    draft = only("Chọn {=a ~%33.33333%b ~c}")
    assert draft.kind is Kind.SINGLE_CHOICE
    assert options(draft) == [("a", Decimal(1)), ("b", Decimal("0.3333333")), ("c", Decimal(0))]


def test_marker_of_two_signs_is_one():
    assert options(only("Chọn {~=a ~b}")) == [("a", Decimal(1)), ("b", Decimal(0))]


@pytest.mark.parametrize("word", ["T", "TRUE", " TRUE ", "T ", "\nTRUE\n"])
def test_statement_that_is_true(word):
    draft = only(f"Đất tròn{{{word}}}")
    assert draft.kind is Kind.TRUE_FALSE
    assert options(draft) == [("Đúng", Decimal(1)), ("Sai", Decimal(0))]


@pytest.mark.parametrize("word", ["F", "FALSE"])
def test_statement_that_is_false(word):
    assert options(only(f"Đất vuông{{{word}}}")) == [("Đúng", Decimal(0)), ("Sai", Decimal(1))]


@pytest.mark.parametrize(
    ("answers", "on_true", "on_false"),
    [
        ("T#sai#đúng", "đúng", "sai"),
        ("F#sai#đúng", "sai", "đúng"),
        ("T#sai", "", "sai"),
        ("F##đúng", "", "đúng"),
        ("T#sai#đúng####chung", "đúng", "sai"),
    ],
)
def test_feedback_of_a_statement_is_first_for_the_wrong_answer(answers, on_true, on_false):
    assert [option.feedback for option in only(f"x{{{answers}}}").options] == [on_true, on_false]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Ghép{=a -> b =c}", "gift-pair"),
        ("Ghép{x =a -> b =c -> d}", "gift-text-before-options"),
    ],
)
def test_kind_that_is_not_taken_is_named_with_its_line(text, slug):
    problem = problem_of(f"// một\n\n\n{text}")
    assert problem == Problem(Refusal(slug), Place(line=4), text)


@pytest.mark.parametrize(("text", "slugs"), [
    ("Ghép{=a -> b}", ["parts-count", "too-few-options"]),
    ("Bao nhiêu{#}", ["bad-answer"]),
    ("Bao nhiêu{#ba}", ["bad-answer"]),
    ("Bao nhiêu{#5..1}", ["bad-answer"]),
    ("Bao nhiêu{#3:-1}", ["bad-answer"]),
    ("Bao nhiêu{#=%50%3}", ["no-right-part"]),
    ("Điền{=*}", ["bad-answer"]),
    ("Điền{=%-50%a =b}", ["weight-of-part"]),
])  # fmt: skip
def test_answer_that_is_none_is_named(text, slugs):
    reading = read(text)
    assert (reading.drafts, [p.refusal.slug for p in reading.problems]) == ((), slugs)


def answers(draft):
    (part,) = draft.parts
    return [(answer.text, answer.weight, answer.feedback) for answer in part.answers]


@pytest.mark.parametrize("text", ["Viết{}", "Viết{ \n }", "Viết{####gợi ý}"])
def test_question_without_answers_is_an_essay(text):
    draft = only(text)
    assert (draft.kind, draft.text, draft.options, draft.parts) == (Kind.ESSAY, "Viết", (), ())


@pytest.mark.parametrize(("braces", "expected"), [
    ("#3:2", [("3:2", Decimal(1), "")]),
    ("#1..5", [("1..5", Decimal(1), "")]),
    ("# 3.140 : 0.010 #gần", [("3.14:0.01", Decimal(1), "gần")]),
    ("#\n=1#hay\n=%50%2..3\n", [("1", Decimal(1), "hay"), ("2..3", Decimal("0.5"), "")]),
    ("#%100%1e3", [("1000", Decimal(1), "")]),
])  # fmt: skip
def test_number_with_a_tolerance_or_a_span(braces, expected):
    draft = only(f"Bao nhiêu{{{braces}}}")
    assert (draft.kind, answers(draft)) == (Kind.NUMERIC, expected)


@pytest.mark.parametrize(("braces", "expected"), [
    ("=a =%50%b#gần", [("a", Decimal(1), ""), ("b", Decimal("0.5"), "gần")]),
    ("a", [("a", Decimal(1), "")]),
    ("true", [("true", Decimal(1), "")]),
    ("Tx", [("Tx", Decimal(1), "")]),
    ("=*Hồ Chí Minh", [("*Hồ Chí Minh", Decimal(1), "")]),
    ("=[html]a -&gt; <b>b</b>", [("a -> b", Decimal(1), "")]),
])  # fmt: skip
def test_few_words_are_a_short_text(braces, expected):
    draft = read(f"Điền{{{braces}}}").drafts[0]
    assert (draft.kind, draft.rich, answers(draft)) == (Kind.SHORT_TEXT, False, expected)


@pytest.mark.parametrize("braces", ["=a =%0%*#sai rồi", "#=3 =%0%*#sai rồi", "#=3 ~#sai rồi"])
def test_what_is_said_of_all_other_answers_is_left_and_named(braces):
    reading = read(f"x{{{braces}}}")
    assert len(answers(reading.drafts[0])) == 1
    assert [p.refusal.slug for p in reading.problems] == ["left-feedback-of-others"]


def test_pairs_with_a_distractor():
    draft = only("Ghép{=Lào -> Viêng Chăn =Việt Nam -> Hà Nội = -> Huế =Ta -> Hà Nội}")
    assert (draft.kind, [o.text for o in draft.options]) == (Kind.MATCHING, ["Viêng Chăn", "Hà Nội", "Huế"])
    assert [(p.text, p.answers[0].text) for p in draft.parts] == [
        ("Lào", "Viêng Chăn"), ("Việt Nam", "Hà Nội"), ("Ta", "Hà Nội"),
    ]  # fmt: skip


def test_rich_pairs_are_rich_on_both_sides():
    draft = only("[html]Ghép{=<b>Lào</b> -> <i>Viêng Chăn</i> =Ta -> [plain]*a*}")
    assert [(p.text, p.answers[0].text) for p in draft.parts] == [("**Lào**", "*Viêng Chăn*"), ("Ta", "\\*a\\*")]


def test_other_questions_around_one_that_is_not_taken_are_offered():
    reading = read("a{T}\n\nb}\n\nc{F}")
    assert [draft.text for draft in reading.drafts] == ["a", "c"]
    assert [(p.refusal.slug, p.place.line) for p in reading.problems] == [("gift-braces", 3)]


@pytest.mark.parametrize(("text", "code", "slugs"), [
    ("Phần hai.", None, ["gift-description"]),
    ("::D-1::Phần hai.", "D-1", []),
    ("// [id:D-1]\nPhần hai.", "D-1", []),
])  # fmt: skip
def test_what_has_no_answers_is_a_description_and_said_to_be_where_nothing_names_it(text, code, slugs):
    reading = read(text)
    assert [(d.kind, d.code, d.text) for d in reading.drafts] == [(Kind.DESCRIPTION, code, "Phần hai.")]
    assert [(p.refusal.slug, p.severity) for p in reading.problems] == [(slug, "warning") for slug in slugs]


def test_passage_is_a_description_with_a_tag_that_its_questions_name():
    written, _ = write_gift([sample(Kind.PASSAGE, "P-1", explanation=""), sample(Kind.TRUE_FALSE, passage="P-1")])
    text = written.decode()
    assert text.startswith("// [id:P-1] [tag:đoạn dẫn]\n::P-1::Công đoàn Việt Nam")
    assert "// [id:K-true_false] [tag:đoạn dẫn: P-1]\n" in text
    assert [(d.kind, d.passage, d.tags) for d in read(text).drafts] == [
        (Kind.PASSAGE, None, ()), (Kind.TRUE_FALSE, "P-1", ()),
    ]  # fmt: skip
    assert read_recognised(write_gift([sample(Kind.DESCRIPTION, "D")])[0]).drafts[0].kind is Kind.DESCRIPTION


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(end):
    reading = read(end.join(["a {", "=b", "~c", "}", "", "d {T}"]))
    assert [(draft.text, draft.place) for draft in reading.drafts] == [("a", Place(line=1)), ("d", Place(line=6))]


def test_line_of_spaces_ends_a_question_too():
    assert [draft.text for draft in read("a{T}\n \t\nb{T}").drafts] == ["a", "b"]
    assert problem_of("a{\n=b\n~c").refusal == Refusal("gift-braces")
    assert [p.refusal.slug for p in read("a{\n=b\n\n~c\n}").problems] == ["gift-braces", "gift-braces"]


def test_byte_order_mark_is_dropped():
    assert read_gift(b"\xef\xbb\xbf::a::b{T}").drafts[0].code == "a"


@pytest.mark.parametrize(
    ("data", "position", "line"),
    [(b"a{T}\n\nb\xff{T}", 8, 3), ("a{T}".encode("utf-16"), 1, 1), (b"a\x00{T}", 2, 1)],
)
def test_file_that_is_not_utf8_is_refused_as_a_whole(data, position, line):
    reading = read_gift(data)
    assert reading.drafts == ()
    assert reading.problems == (Problem(Refusal("not-utf8", {"position": position}), Place(line=line)),)


@pytest.mark.parametrize("text", ["", " \n\n", "// chú thích\n\n", "$CATEGORY: a\n"])
def test_file_without_questions_says_so(text):
    assert problem_of(text) == Problem(Refusal("no-questions"), Place(line=1))


def test_comment_reads_as_a_space_wherever_it_stands():
    draft = only("// trước\na\n  // giữa = ~ { }\nb {=c\n// trong {\n~d}\n// sau")
    assert (draft.text, [option.text for option in draft.options]) == ("a\nb", ["c", "d"])
    assert draft.place == Place(line=2)


def test_comment_holds_id_and_tags():
    draft = only("// [id:C-01] [tag:lịch sử]\n::tên::\na\n// [id:C-02][tag: sông \\] núi ][tag:lịch sử]\n{T}")
    assert (draft.code, draft.tags) == ("C-01", ("lịch sử", "sông ] núi"))


def test_mark_that_is_never_closed_is_none():
    assert only("// [tag:a\\]\nx{T}").tags == ()


def test_last_four_signs_begin_the_general_feedback():
    draft = only("x{=a ~b####c####d}")
    assert (draft.options[1].feedback, draft.explanation) == ("###c", "d")


def test_id_and_tag_outside_a_comment_are_text():
    draft = only("[id:C-01] a [tag:b] {T}")
    assert (draft.code, draft.text, draft.tags) == (None, "[id:C-01] a [tag:b]", ())


def test_comments_before_a_blank_line_belong_to_nothing():
    assert only("// [id:C-01]\n\na{T}").code is None


def test_title_is_the_code_unless_there_is_an_id():
    assert only("::C 1\\:a::x{T}").code == "C 1:a"
    assert only("// [id:C2]\n::C1::x{T}").code == "C2"
    assert only("::::x{T}").code is None
    assert only("x::y::z{T}").text == "x::y::z"
    assert only("::x{T}").text == "::x"


def test_title_that_cannot_be_a_code_is_a_warning_and_costs_nothing_else():
    long = "x" * 61
    reading = read(f"::a::x{{T}}\n\n::A::y{{T}}\n\n::{long}::z{{T}}\n\n::{long[1:]}::w{{T}}")
    assert [draft.code for draft in reading.drafts] == ["a", None, None, long[1:]]
    assert [(p.refusal, p.place.line, p.severity) for p in reading.problems] == [
        (Refusal("gift-title-no-code", {"limit": 60}), 3, "warning"),
        (Refusal("gift-title-no-code", {"limit": 60}), 5, "warning"),
    ]


def test_id_that_stands_twice_is_an_error():
    reading = read("// [id:a]\nx{T}\n\n// [id:A]\ny{T}")
    assert [draft.text for draft in reading.drafts] == ["x"]
    assert reading.problems == (Problem(Refusal("code-twice", {"code": "A", "first": 2}), Place(line=5), "y{T}"),)


def test_category_opens_a_block_of_its_own():
    reading = read("a{T}\n$CATEGORY: Công đoàn/Điều lệ//Luật / Chương I\nb{T}\n\nc{T}\n\n$CATEGORY:\nd{T}")
    assert [(draft.text, draft.topic) for draft in reading.drafts] == [
        ("a", ()),
        ("b", ("Công đoàn", "Điều lệ/Luật", "Chương I")),
        ("c", ("Công đoàn", "Điều lệ/Luật", "Chương I")),
        ("d", ()),
    ]
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("path", "topic"),
    [
        ("$course$/top/a/b", ("a", "b")),
        ("$system$/a", ("a",)),
        ("$course$/top", ()),
        ("top/a", ("top", "a")),
        ("/a//", ("a/",)),
    ],
)
def test_root_of_a_course_is_no_topic(path, topic):
    assert only(f"$CATEGORY: {path}\n\na{{T}}").topic == topic


@pytest.mark.parametrize("text", ["a{T", "aT}", "a}T{", "a{\n=b ~c"])
def test_one_brace_without_the_other_is_an_error(text):
    assert problem_of(text).refusal == Refusal("gift-braces")


def test_only_the_first_braces_count():
    assert only("a {T} b {c} d").text == "a _____ b {c} d"


def test_text_that_goes_on_leaves_a_gap():
    assert only("Năm {=1945 ~1946} ra đời").text == "Năm _____ ra đời"
    assert only("Năm {=1945 ~1946} \n ").text == "Năm"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"\:\#\=\{\}\~", ":#={}~"),
        (r"a\nb", "a\nb"),
        (r"a\\nb", r"a\nb"),
        (r"a\\\nb", "a\\\nb"),
        (r"a\b", r"a\b"),
        (r"\\\{", r"\{"),
        (r"a\/b\-\>", r"a\/b\-\>"),
    ],
)
def test_escapes(written, meant):
    draft = only(f"x{written}x {{=y{written}y#z{written}z ~w####v{written}v}}")
    assert draft.text == f"x{meant}x"
    assert (draft.options[0].text, draft.options[0].feedback) == (f"y{meant}y", f"z{meant}z")
    assert draft.explanation == f"v{meant}v"


@pytest.mark.parametrize("sign", [chr(n) for n in (1, 2, 7, 8, 27)])
def test_control_character_is_refused(sign):
    assert problem_of(f"a{sign}b{{T}}").refusal == Refusal("bad-text")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("[plain]<b>a</b>", "<b>a</b>"),
        ("[moodle] a", "a"),
        ("[markdown]*a*", "*a*"),
        ("[latex]a", "[latex]a"),
        ("[HTML]a", "[HTML]a"),
        ("[html]<p>a &amp; b<br>c</p><p>d</p>", "a & b\nc\n\nd"),
        ("[html]<div>a\nb</div>", "a b"),
        ("<p>a</p>", "<p>a</p>"),
    ],
)
def test_format_before_a_text(written, text):
    draft = only(f"{written} {{=x ~y####{written}}}")
    assert (draft.text, draft.explanation) == (text, text)
    assert only(f"t {{={written}#{written} ~y}}").options[0] == OptionDraft(text, Decimal(1), text)


def test_format_of_the_question_is_that_of_its_parts():
    draft = only("[html]<p>a</p> {=<p>b</p> ~[plain]<p>c</p>}")
    assert [option.text for option in draft.options] == ["b", "<p>c</p>"]


def test_html_that_means_something_makes_the_question_rich():
    draft = only("[html]Chọn <b>sai</b> {=<i>a</i> ~[plain]2*3}")
    assert (draft.rich, draft.text, [o.text for o in draft.options]) == (True, "Chọn **sai**", ["*a*", r"2\*3"])


def test_html_that_means_what_we_have_no_word_for_is_told_when_it_is_lost():
    reading = read("[html]Chọn <a>sai</a> {=<i>a</i> ~b}")
    assert reading.drafts[0].text == "Chọn sai"
    assert [(p.refusal, p.severity, p.place.line) for p in reading.problems] == [
        (Refusal("html-flattened", {"tags": "a"}), "warning", 1)
    ]


@pytest.mark.parametrize(
    ("text", "slug", "field"),
    [
        ("a {b =c ~d}", "gift-text-before-options", None),
        ("a {=b =c ~d}", "one-right", "options"),
        ("a {~b ~c}", "no-right", "options"),
        ("a {~%50%b ~c}", "weights-sum", "options"),
        ("a {=b ~b}", "options-alike", "option-2"),
        ("a {=b ~}", "required", "option-2"),
        ("{T}", "required", "text"),
        ("a {=b ~%101%c}", "weight-range", "option-2"),
        ("a {~%100%b}", "too-few-options", "options"),
        (f"a{'a' * 20_000} {{T}}", "too-long", None),
        (f"a {{=b ~{'c' * 2_001}}}", "too-long", None),
        (f"// [tag:{'c' * 201}]\na{{T}}", "too-long", None),
        (f"// [id:{'c' * 61}]\na{{T}}", "too-long", None),
    ],
)
def test_question_that_is_not_sound_is_refused(text, slug, field):
    refusal = problem_of(text).refusal
    assert (refusal.slug, refusal.field) == (slug, field)


def test_percent_that_is_no_weight_is_text():
    assert [option.text for option in only("a {=%5 đô ~%a%b ~50% ~%1000%}").options] == [
        "%5 đô",
        "%a%b",
        "50%",
        "%1000%",
    ]


@pytest.mark.parametrize("text", ["{{7*7}}", "${7*7}", "<script>alert(1)</script>"])
def test_text_stays_literal(text):
    data, _ = write_gift([replace(DRAFT, text=text)])
    assert read_gift(data).drafts[0].text == text


DRAFT = QuestionDraft("C1", Kind.SINGLE_CHOICE, "a", (OptionDraft("b", Decimal(1)), OptionDraft("c", Decimal(0))))


def test_question_as_it_is_written():
    draft = replace(DRAFT, topic=("A/B", "C"), tags=("x]", "y"), explanation="d\ne", text="[a] {b}")
    assert write_gift([draft])[0].decode() == (
        "$CATEGORY: A//B/C\n\n// [id:C1] [tag:x\\]] [tag:y]\n::C1::[plain][a] \\{b\\} {\n\t=b\n\t~c\n\t####d\\ne\n}\n"
    )


def test_topic_is_written_when_it_changes():
    drafts = [replace(DRAFT, code=None, topic=topic) for topic in ((), ("a",), ("a",), (), ("$b$",))]
    data, _ = write_gift(drafts)
    assert [line for line in data.decode().splitlines() if line.startswith("$")] == [
        "$CATEGORY: a",
        "$CATEGORY: $course$/top",
        "$CATEGORY: $course$/top/$b$",
    ]
    assert placeless(read_gift(data).drafts) == drafts


def test_what_gift_cannot_carry_is_told_once_each():
    told = replace(DRAFT, difficulty=Difficulty.RECALL, source="Luật", effective_on=date(2020, 1, 1), tags=("a\\",))
    worded = replace(DRAFT, code="C2", kind=Kind.TRUE_FALSE)
    data, losses = write_gift([told, worded, replace(told, code="C3"), replace(DRAFT, code="C4")])
    assert losses == tuple(
        Problem(Refusal(slug, {"format": "GIFT", "count": count}), Place(), codes, "warning")
        for slug, count, codes in (
            ("lost-difficulty", 2, "C1, C3"),
            ("lost-source", 2, "C1, C3"),
            ("lost-effective-date", 2, "C1, C3"),
            ("lost-odd-tags", 2, "C1, C3"),
            ("lost-kind", 1, "C2"),
        )
    )
    assert all(loss.refusal.slug in TEXTS for loss in losses)
    assert len(read_gift(data).drafts) == 4


def test_nothing_lost_is_nothing_told():
    assert write_gift([DRAFT])[1] == ()
