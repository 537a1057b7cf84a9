from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from contest.formats.drafts import OF_WORDS, OptionDraft, PartDraft, Place, Problem, QuestionDraft, Reading
from contest.formats.tables import lost_in_tables, questions_template, read_questions, without_examples, write_questions
from contest.formats.tables.file_cells import read_files, write_files
from contest.formats.taking import NotTaken
from contest.rules.question_terms import Difficulty, FileKind, Kind, PartKind
from contest.rules.refusals import TEXTS, Refusal

from .archives import workbook
from .drafts import placeless

HEADER = ["Mã câu", "Loại", "Câu hỏi", "Phương án A", "Phương án B", "Phương án C", "Phương án D", "Đáp án", "Chủ đề",
          "Mức độ", "Căn cứ", "Ngày hiệu lực", "Giải thích", "Nhãn"]  # fmt: skip
ROW = ["C-01", "Một đáp án", "Thủ đô?", "Huế", "Hà Nội", "Vinh", "", "B", "Địa lý/Thành phố", "Nhận biết", "Hiến pháp",
       "01/01/2014", "Điều 13", "thủ đô, địa lý"]  # fmt: skip
DRAFT = QuestionDraft(
    code="C-01",
    kind=Kind.SINGLE_CHOICE,
    text="Thủ đô?",
    options=(OptionDraft("Huế", Decimal(0)), OptionDraft("Hà Nội", Decimal(1)), OptionDraft("Vinh", Decimal(0))),
    topic=("Địa lý", "Thành phố"),
    difficulty=Difficulty.RECALL,
    source="Hiến pháp",
    effective_on=date(2014, 1, 1),
    explanation="Điều 13",
    tags=("thủ đô", "địa lý"),
    place=Place(sheet="Câu hỏi", row=2),
)


def row(**changes):
    return [changes.get(name, cell) for name, cell in zip(KEYS, ROW, strict=True)]


KEYS = ["code", "kind", "text", "a", "b", "c", "d", "key", "topic", "difficulty", "source", "day", "why", "tags"]


def read(*rows):
    return read_questions(workbook([HEADER, *rows]))


def weights(reading):
    assert reading.problems == ()
    return [option.weight for option in reading.drafts[0].options]


@pytest.mark.parametrize(
    ("typed", "most", "kinds"),
    [
        ("2 tệp: PDF, Word, ảnh", 2, (FileKind.PDF, FileKind.WORD, FileKind.PICTURE)),
        ("1 tệp: ảnh chụp", 1, (FileKind.PICTURE,)),
        ("3 TỆP - xlsx và pptx", 3, (FileKind.SLIDES, FileKind.SHEET)),
        ("5 files; pdf and docx", 5, (FileKind.PDF, FileKind.WORD)),
    ],
)
def test_files_that_are_asked_for_are_read_as_people_write_them(typed, most, kinds):
    assert read_files(typed) == (most, kinds)
    assert read_files(write_files(most, kinds)) == (most, kinds)


@pytest.mark.parametrize(
    "typed", ["", "vài tệp", "2", "2 tệp: zip", "2 tệp: PDF, ảnh, exe", "9999 tệp: PDF", "2 tệp: " + "PDF, " * 90]
)
def test_files_that_nobody_can_hand_in_are_refused_with_an_example(typed):
    with pytest.raises(NotTaken) as refused:
        read_files(typed)
    assert refused.value.refusals == (Refusal("bad-files-key", field="key"),)


def test_table_without_a_row_says_so():
    assert read() == Reading((), (Problem(Refusal("no-questions"), Place()),))


def test_row_becomes_a_draft():
    reading = read(ROW)
    assert (reading.drafts, reading.problems) == ((DRAFT,), ())


def test_question_needs_no_more_than_text_options_and_key():
    reading = read_questions(workbook([["Question", "Option A", "Option B", "Answer"], ["1 + 1?", 2, 2.5, "A"]]))
    options = (OptionDraft("2", Decimal(1)), OptionDraft("2.5", Decimal(0)))
    assert (placeless(reading.drafts), reading.problems) == (
        [QuestionDraft(None, Kind.SINGLE_CHOICE, "1 + 1?", options)],
        (),
    )


@pytest.mark.parametrize(
    ("kind", "key", "read_as"),
    [
        ("Một đáp án", "B", Kind.SINGLE_CHOICE),
        ("mot dap an", "B", Kind.SINGLE_CHOICE),
        ("single_choice", "b", Kind.SINGLE_CHOICE),
        ("Single choice", 2, Kind.SINGLE_CHOICE),
        ("Nhiều đáp án", "B", Kind.MULTIPLE_CHOICE),
        ("", "B", Kind.SINGLE_CHOICE),
        ("", "B, C", Kind.MULTIPLE_CHOICE),
    ],
)
def test_kind_is_told_or_follows_from_the_key(kind, key, read_as):
    reading = read(row(kind=kind, key=key))
    assert (reading.drafts[0].kind, reading.problems) == (read_as, ())
    assert reading.drafts[0].options[1].weight > 0


@pytest.mark.parametrize(
    "key", ["A, C", "A,C", "A;C", "a c", "AC", "A và C", "C/A", "A. C.", "1, 3", "A (50%), C (50%)"]
)
def test_several_right_options_share_the_mark(key):
    assert weights(read(row(kind="Nhiều đáp án", key=key))) == [Decimal("0.5"), Decimal(0), Decimal("0.5")]


def test_three_right_options_share_exactly_one_mark():
    shares = weights(read(row(kind="Nhiều đáp án", key="A, B, C")))
    assert shares == [Decimal("0.3333334"), Decimal("0.3333333"), Decimal("0.3333333")]
    assert sum(shares) == 1


def test_weights_may_be_told():
    assert weights(read(row(key="B (100%), A (33.33333%), C (-50%)"))) == [Decimal("0.3333333"), 1, Decimal("-0.5")]
    assert weights(read(row(key="B, A (50%)"))) == [Decimal("0.5"), 1, 0]


@pytest.mark.parametrize("options", [{"a": "", "b": "", "c": ""}, {"a": "Đúng", "b": "Sai", "c": ""}])
@pytest.mark.parametrize(
    ("key", "right"),
    [("Đúng", 0), ("đúng", 0), ("TRUE", 0), (True, 0), ("Sai", 1), ("sai", 1), ("False", 1), (False, 1)],
)
def test_statement_is_true_or_false(options, key, right):
    reading = read(row(kind="Đúng/Sai", key=key, **options))
    assert [option.text for option in reading.drafts[0].options] == ["Đúng", "Sai"]
    assert weights(reading) == [Decimal(right == 0), Decimal(right == 1)]


@pytest.mark.parametrize(("key", "right"), [("Đ", 0), ("S", 1), ("T", 0), ("F", 1)])
def test_statement_may_be_judged_by_a_letter(key, right):
    assert weights(read(row(kind="Đúng/Sai", key=key, a="", b="", c="")))[right] == 1


@pytest.mark.parametrize(("key", "right"), [("A", 0), ("B", 1), ("Đúng", 1), ("TRUE", 1), ("Sai", 0), (False, 0)])
def test_statement_with_its_options_turned_round_follows_their_words(key, right):
    assert weights(read(row(kind="Đúng/Sai", key=key, a="Sai", b="Đúng", c="")))[right] == 1


def test_kind_of_a_statement_follows_from_its_key():
    assert read(row(kind="", key="Đúng", a="", b="", c="")).drafts[0].kind is Kind.TRUE_FALSE


@pytest.mark.parametrize(
    ("cell", "level"),
    [
        (None, None),
        ("NB", Difficulty.RECALL),
        ("thong hieu", Difficulty.UNDERSTANDING),
        ("Vận dụng", Difficulty.APPLICATION),
        ("VDC", Difficulty.HIGH_APPLICATION),
        ("High application", Difficulty.HIGH_APPLICATION),
    ],
)
def test_difficulty_by_its_name(cell, level):
    assert read(row(difficulty=cell)).drafts[0].difficulty is level


@pytest.mark.parametrize(
    ("changes", "slug", "column"),
    [
        ({"text": ""}, "required", "Câu hỏi"),
        ({"text": "x" * 20_001}, "too-long", "Câu hỏi"),
        ({"key": ""}, "required", "Đáp án"),
        ({"key": "G"}, "key-of-no-option", "Đáp án"),
        ({"key": "D"}, "key-of-no-option", "Đáp án"),
        ({"key": "Huế"}, "bad-key", "Đáp án"),
        ({"key": "B B"}, "bad-key", "Đáp án"),
        ({"key": "B (50%"}, "bad-key", "Đáp án"),
        ({"key": "B (100%), B (50%)"}, "bad-key", "Đáp án"),
        ({"key": "A, B"}, "one-right", "Đáp án"),
        ({"key": "B (50%)"}, "no-right", "Đáp án"),
        ({"kind": "Nhiều đáp án", "key": "A (50%), B (40%)"}, "weights-sum", "Đáp án"),
        ({"key": "B, A (150%)"}, "weight-range", "Phương án A"),
        ({"kind": "Đúng/Sai", "key": "B"}, "two-options", "Đáp án"),
        ({"kind": "Đúng/Sai", "key": "B", "a": "", "b": "", "c": ""}, "bad-key", "Đáp án"),
        ({"kind": "câu đố"}, "bad-kind", "Loại"),
        ({"kind": "tự luận"}, "bad-words-key", "Đáp án"),
        ({"a": ""}, "required", "Phương án A"),
        ({"c": " hà  nội ".title()}, "options-alike", "Phương án C"),
        ({"b": "", "c": "", "key": "A"}, "too-few-options", "Đáp án"),
        ({"difficulty": "khó"}, "bad-difficulty", "Mức độ"),
        ({"day": "31/02/2014"}, "not-a-date", "Ngày hiệu lực"),
        ({"code": "x" * 61}, "too-long", "Mã câu"),
        ({"topic": "x" * 201}, "too-long", "Chủ đề"),
        ({"why": "a\x01"}, "bad-text", "Giải thích"),
    ],
)
def test_bad_cell_is_named_and_the_other_rows_are_offered(changes, slug, column):
    reading = read(row(**changes), row(code="C-02"))
    assert [draft.code for draft in reading.drafts] == ["C-02"]
    (problem,) = reading.problems
    assert (problem.refusal.slug, problem.place) == (slug, Place("Câu hỏi", 2, column))
    assert slug in TEXTS


def test_several_problems_of_a_row_are_all_told():
    reading = read(row(text="", difficulty="khó", day="x"))
    assert [problem.place.column for problem in reading.problems] == ["Câu hỏi", "Mức độ", "Ngày hiệu lực"]


def test_code_that_stands_twice_is_refused_with_its_first_row():
    reading = read(ROW, row(code="c-01 "), row(code=""), row(code=""))
    assert [draft.code for draft in reading.drafts] == ["C-01", None, None]
    refusal = Refusal("code-twice", {"code": "c-01", "first": 2})
    assert reading.problems == (Problem(refusal, Place("Câu hỏi", 3, "Mã câu"), "c-01 "),)


def test_what_a_workbook_took_for_a_date_or_a_number_reads_as_text():
    data = write_questions([replace(DRAFT, effective_on=date(1975, 4, 30))], format="xlsx")
    assert read_questions(data).drafts[0].effective_on == date(1975, 4, 30)
    reading = read(row(a=1945, b=0.1, c=True))
    assert [option.text for option in reading.drafts[0].options] == ["1945", "0.1", "TRUE"]


@pytest.mark.parametrize(
    "text", ["{{7*7}}", "${7*7}", "{user.__class__}", "__import__('os')", "<script>alert(1)</script>", "=1+1"]
)
def test_text_stays_literal(text):
    reading = read(row(text=text, a=text))
    assert (reading.drafts[0].text, reading.drafts[0].options[0].text) == (text, text)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_same_questions_make_the_same_bytes(form):
    assert write_questions([DRAFT], format=form) == write_questions([DRAFT], format=form)


def test_template_reads_back_as_its_examples_one_a_kind():
    reading = read_questions(questions_template())
    assert [draft.kind for draft in reading.drafts] == list(OF_WORDS)
    assert [draft.code for draft in reading.drafts] == [f"VD-{number:03}" for number in range(1, len(OF_WORDS) + 1)]
    assert reading.problems == ()
    left = without_examples(reading)
    assert left.drafts == ()
    assert {(p.refusal.slug, p.severity) for p in left.problems} == {("example-row", "warning")}
    filled = Reading((replace(reading.drafts[0], text="Một câu khác"),), ())
    assert without_examples(filled) == filled  # a row typed over is a row of the organiser's


def made(kind, a="", b="", c="", key="", **more):
    return read(row(kind=kind, a=a, b=b, c=c, key=key, **more))


def parts(reading):
    assert reading.problems == ()
    return [
        (part.text, [(a.text, a.weight) for a in part.answers], part.unit, part.with_case, part.with_accents)
        for part in reading.drafts[0].parts
    ]


ONE, HALF, NONE = Decimal(1), Decimal("0.5"), Decimal(0)


@pytest.mark.parametrize(
    "key",
    ["Đ, S, Đ", "Đ S Đ", "ĐSĐ", "a) Đ b) S c) Đ", "Đúng, Sai, Đúng", "đúng; sai; đúng", "a. Đúng - b. Sai - c. Đúng"],
)
@pytest.mark.parametrize("kind", ["Đúng/Sai từng ý", "statements", ""])
def test_statements_are_options_with_a_row_of_truths(kind, key):
    reading = made(kind, "một", "hai", "ba", key)
    assert reading.drafts[0].kind is Kind.STATEMENTS
    assert [(text, answers[0][0]) for text, answers, *_ in parts(reading)] == [
        ("một", "true"), ("hai", "false"), ("ba", "true"),
    ]  # fmt: skip


def test_pairs_have_a_sign_between_them_and_a_distractor_has_none():
    reading = made("Ghép cặp", "Lào = Viêng Chăn", "Ta = Hà Nội = 2", r"1 \= 1")
    assert [(text, answers[0][0]) for text, answers, *_ in parts(reading)] == [
        ("Lào", "Viêng Chăn"),
        ("Ta", "Hà Nội = 2"),
    ]
    assert [option.text for option in reading.drafts[0].options] == ["Viêng Chăn", "Hà Nội = 2", "1 = 1"]


@pytest.mark.parametrize(("key", "order"), [("", "một hai ba"), ("B, C, A", "hai ba một"), ("BCA", "hai ba một")])
def test_order_is_that_of_the_cells_or_of_the_letters(key, order):
    reading = made("Sắp xếp", "một", "hai", "ba", key)
    assert (" ".join(option.text for option in reading.drafts[0].options), reading.problems) == (order, ())


@pytest.mark.parametrize(("key", "answers", "unit"), [
    ("12,5", [("12.5", ONE)], ""),
    (2.5, [("2.5", ONE)], ""),
    ("1.234", [("1234", ONE)], ""),
    ("12,5 ± 0,1\n50%: 10 – 14", [("12.5:0.1", ONE), ("10..14", HALF)], ""),
    ("Số (km): 12", [("12", ONE)], "km"),
    ("số (km/giờ (m)):\n12\n50%: 13", [("12", ONE), ("13", HALF)], "km/giờ (m)"),
])  # fmt: skip
def test_number_stands_in_the_key(key, answers, unit):
    assert parts(made("Điền số", key=key)) == [("", answers, unit, False, True)]


@pytest.mark.parametrize(("key", "answers", "case", "accents"), [
    ("*Hồ Chí Minh\n50%: Bác Hồ", [("*Hồ Chí Minh", ONE), ("Bác Hồ", HALF)], False, True),
    ("Chữ (không cần dấu, phân biệt hoa thường):\nHà Nội", [("Hà Nội", ONE)], True, False),
    ("Chữ: Số: 5", [("Số: 5", ONE)], False, True),
])  # fmt: skip
def test_few_words_stand_in_the_key(key, answers, case, accents):
    assert parts(made("Trả lời ngắn", key=key)) == [("", answers, "", case, accents)]


def test_gaps_stand_in_the_options():
    reading = made("Điền chỗ trống", "Hà Nội", "Số (năm): 1954", "Chọn: Hồng\nHương", text="[[1]] [[2]] [[3]]")
    assert parts(reading) == [
        ("", [("Hà Nội", ONE)], "", False, True),
        ("", [("1954", ONE)], "năm", False, True),
        ("", [("Hồng", ONE), ("Hương", NONE)], "", False, True),
    ]
    reading = made("Chọn từ cho chỗ trống", "Hương\nHồng", "0%: Hương\n100%: Hậu", text="[[1]] [[2]]")
    assert [[a for a, _ in answers] for _, answers, *_ in parts(reading)] == [["Hương", "Hồng"], ["Hương", "Hậu"]]


@pytest.mark.parametrize(("key", "limits"), [
    ("", (0, 0)), ("150 – 300 từ", (150, 300)), ("150-300", (150, 300)), ("Ít nhất 150 từ", (150, 0)),
    ("không quá 300 từ", (0, 300)),
])  # fmt: skip
def test_essay_may_have_a_number_of_words(key, limits):
    draft = made("Tự luận", key=key).drafts[0]
    assert (draft.kind, draft.least_words, draft.most_words) == (Kind.ESSAY, *limits)


@pytest.mark.parametrize(("kind", "cells", "slug", "column"), [
    ("Đúng/Sai từng ý", {"a": "một", "b": "hai", "key": "Đ"}, "bad-truths", "Đáp án"),
    ("Đúng/Sai từng ý", {"a": "một", "b": "hai", "key": "b) Đ a) S"}, "bad-truths", "Đáp án"),
    ("Đúng/Sai từng ý", {"a": "một", "b": "một", "key": "Đ S"}, "options-alike", "Phương án B"),
    ("Ghép cặp", {"a": "x = y", "b": "z = t", "key": "A"}, "key-elsewhere", "Đáp án"),
    ("Ghép cặp", {"a": "thừa", "b": "x = y", "c": "x = z"}, "options-alike", "Phương án C"),
    ("Sắp xếp", {"a": "một", "b": "hai", "key": "A"}, "bad-order", "Đáp án"),
    ("Điền số", {"key": ""}, "required", "Đáp án"),
    ("Điền số", {"key": "mười"}, "bad-answer", "Đáp án"),
    ("Điền số", {"key": "5", "a": "x"}, "options-of-no-use", "Đáp án"),
    ("Trả lời ngắn", {"key": "Số: 5"}, "bad-part", "Đáp án"),
    ("Trả lời ngắn", {"key": "Chữ (hoa): a"}, "bad-comparing", "Đáp án"),
    ("Điền chỗ trống", {"a": "Hà Nội", "text": "Thủ đô"}, "gap-missing", "Câu hỏi"),
    ("Điền chỗ trống", {"a": "Số: hai", "text": "[[1]]"}, "bad-answer", "Phương án A"),
    ("Điền chỗ trống", {"a": "Chữ (x): hai", "text": "[[1]]"}, "bad-comparing", "Phương án A"),
    ("Tự luận", {"key": "300 – 150 từ"}, "bad-word-limits", "Đáp án"),
])  # fmt: skip
def test_what_is_wrong_with_parts_names_its_cell(kind, cells, slug, column):
    reading = made(kind, **cells)
    assert reading.drafts == ()
    assert [(p.refusal.slug, p.place.column) for p in reading.problems] == [(slug, column)]


def test_pairs_beyond_the_last_letter_are_left_out_and_named():
    pairs = [PartDraft(PartKind.STEM, f"v{n}", (OptionDraft(f"p{n}", ONE),)) for n in range(20)]
    options = tuple(OptionDraft(f"p{n}", NONE) for n in range(26))
    draft = QuestionDraft("C", Kind.MATCHING, "Ghép", options, parts=tuple(pairs))
    assert lost_in_tables([draft], format="Excel") == ()
    far = replace(draft, options=options[::-1])
    assert [p.refusal.slug for p in lost_in_tables([far], format="Excel")] == ["left-out-options"]
    assert placeless(read_questions(write_questions([far, draft], format="xlsx")).drafts) == [draft]


def test_demonstration_bank_reads_without_a_problem():
    bank = Path(__file__).parents[2] / "contest/services/demo/bank.xlsx"
    reading = read_questions(bank.read_bytes())
    assert reading.problems == ()
    assert len({draft.code for draft in reading.drafts}) == len(reading.drafts) > 100
