"""Aiken by the text that binds."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.formats.aiken import read_aiken, write_aiken
from contest.formats.drafts import OptionDraft, Place, Problem, QuestionDraft
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.refusals import TEXTS, Refusal

from .drafts import banks, placeless
from .test_round_trips import patient

CAPITAL = "Thủ đô?\nA) Huế\nB) Hà Nội\nANSWER: B\n"


def read(text):
    return read_aiken(text.encode())


def only(text):
    reading = read(text)
    assert reading.problems == ()
    (draft,) = reading.drafts
    return draft


def problems(text):
    """Return what is wrong with a file of no good question."""
    reading = read(text)
    assert reading.drafts == ()
    assert all(problem.refusal.slug in TEXTS for problem in reading.problems)
    return [(problem.refusal.slug, problem.place.line) for problem in reading.problems]


def right(draft):
    return [option.text for option in draft.options if option.weight == 1]


def test_question():
    assert only(CAPITAL) == QuestionDraft(
        code=None,
        kind=Kind.SINGLE_CHOICE,
        text="Thủ đô?",
        options=(OptionDraft("Huế", Decimal(0)), OptionDraft("Hà Nội", Decimal(1))),
        place=Place(line=1),
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\n\n", "x\n"])
def test_line_ends_mark_and_short_lines_make_no_difference(start, end):
    draft = only(start + CAPITAL.replace("\n", end))
    assert (draft.text, right(draft)) == ("Thủ đô?", ["Hà Nội"])
    assert draft.place.line == 1 + start.count("\n")


@pytest.mark.parametrize("option", ["A) Huế", "A. Huế", "A)Huế", "A.Huế", "  A)\tHuế  "])
def test_option_has_a_bracket_or_a_point_and_perhaps_a_space(option):
    assert [o.text for o in only(f"x?\n{option}\nB) y\nANSWER: B").options] == ["Huế", "y"]


@pytest.mark.parametrize("option", ["a) Huế", "A Huế", "A: Huế", "AB) Huế", "Ấ) Huế", "1) Huế"])
def test_line_that_is_no_option_begins_a_question(option):
    assert problems(f"x?\n{option}\nB) y\nANSWER: B") == [("aiken-unfinished", 1), ("aiken-few-options", 4)]


@pytest.mark.parametrize("answer", ["ANSWER: B", "ANSWER:B", "ANSWER:  B  "])
def test_answer_is_a_capital_letter(answer):
    assert right(only(f"x?\nA) 1\nB) 2\n{answer}")) == ["2"]


@pytest.mark.parametrize("letter", ["C", "Z", "b", "AB", "A, B", "", "Đ", "2"])
def test_letter_that_no_option_has_is_an_error_at_its_line(letter):
    assert problems(f"x?\nA) 1\nB) 2\nANSWER: {letter}") == [("aiken-answer", 4)]


@pytest.mark.parametrize("word", ["Answer: A", "answer: A", "ĐÁP ÁN: A", "ANSWER A"])
def test_word_that_is_no_answer_begins_a_question(word):
    assert problems(f"x?\nA) 1\nB) 2\n{word}") == [("aiken-unfinished", 1), ("aiken-unfinished", 4)]


@pytest.mark.parametrize(("count", "taken"), [(0, False), (1, False), (2, True), (26, True)])
def test_two_options_are_the_fewest(count, taken):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:count]
    text = "x?\n" + "".join(f"{letter}) {letter}\n" for letter in letters) + f"ANSWER: {letters[-1:] or 'A'}"
    assert (right(only(text)) == [letters[-1]]) if taken else (problems(text) == [("aiken-few-options", count + 2)])


@pytest.mark.parametrize("letters", ["BA", "AC", "BC", "AAB"])
def test_options_out_of_order_leave_the_key_in_doubt(letters):
    lines = "".join(f"{letter}) {n}\n" for n, letter in enumerate(letters))
    assert problems(f"x?\n{lines}ANSWER: A") == [("aiken-letters", len(letters) + 2)]


def test_option_and_answer_outside_a_question_are_errors():
    assert problems("A) 1\nANSWER: A") == [("aiken-no-question", 1), ("aiken-no-question", 2)]


def test_what_is_wrong_in_a_question_names_its_first_line():
    assert problems("x?\nA) 1\nB) 1\nANSWER: A") == [("options-alike", 1)]
    assert problems("x?\nA) 1\nB)\nANSWER: A") == [("required", 1)]
    assert problems("x\x07?\nA) 1\nB) 2\nANSWER: A") == [("bad-text", 1)]
    assert problems(f"x?\nA) 1\nB) {'y' * 2001}\nANSWER: A") == [("too-long", 1)]


def test_good_questions_around_bad_ones_are_offered():
    text = f"{CAPITAL}\nbỏ dở?\nA) 1\nB) 2\n\n{CAPITAL.replace('?', ' cũ?')}\nANSWER: A\ncuối?\nA) 1"
    reading = read(text)
    assert [(d.text, d.place.line) for d in reading.drafts] == [("Thủ đô?", 1), ("Thủ đô cũ?", 10)]
    assert [(p.refusal.slug, p.place.line, p.excerpt) for p in reading.problems] == [
        ("aiken-unfinished", 6, "bỏ dở?"),
        ("aiken-no-question", 15, "ANSWER: A"),
        ("aiken-unfinished", 16, "cuối?"),
    ]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"a\n"])
def test_nothing_is_no_question(data):
    assert [p.refusal.slug for p in read_aiken(data).problems] == ["no-questions"]


def test_other_encodings_are_refused_as_a_whole():
    assert read_aiken(CAPITAL.encode("utf-16")).problems[0].refusal.slug == "not-utf8"


DRAFT = QuestionDraft(None, Kind.SINGLE_CHOICE, "a?", (OptionDraft("b", Decimal(1)), OptionDraft("c", Decimal(0))))


def test_question_as_it_is_written():
    second = replace(DRAFT, text="Thứ\nhai?", options=DRAFT.options[::-1])
    data, losses = write_aiken([DRAFT, second])
    assert data.decode() == "a?\nA) b\nB) c\nANSWER: A\n\nThứ hai?\nA) c\nB) b\nANSWER: B\n"
    assert losses == (Problem(Refusal("lost-lines", {"format": "Aiken", "count": 1}), Place(), "Thứ\nhai?", "warning"),)


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"code": "C1"}, "lost-code"),
        ({"kind": Kind.TRUE_FALSE}, "lost-kind"),
        ({"options": (DRAFT.options[0], OptionDraft("c", Decimal("0.5")))}, "lost-weights"),
        ({"options": (DRAFT.options[0], OptionDraft("c\nd", Decimal(0)))}, "lost-lines"),
        ({"options": (DRAFT.options[0], OptionDraft("c", Decimal(0), "sai"))}, "lost-feedback"),
        ({"explanation": "vì"}, "lost-explanation"),
        ({"topic": ("A",)}, "lost-topic"),
        ({"tags": ("mới",)}, "lost-tags"),
        ({"difficulty": Difficulty.RECALL}, "lost-difficulty"),
        ({"source": "Luật"}, "lost-source"),
        ({"effective_on": date(2020, 1, 1)}, "lost-effective-date"),
    ],
)
def test_what_aiken_cannot_carry_is_told(changes, slug):
    data, losses = write_aiken([replace(DRAFT, **changes), DRAFT])
    assert [(p.refusal, p.severity) for p in losses] == [(Refusal(slug, {"format": "Aiken", "count": 1}), "warning")]
    assert slug in TEXTS
    assert [len(d.options) for d in read_aiken(data).drafts] == [2, 2]


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"kind": Kind.MULTIPLE_CHOICE}, "left-out-multiple"),
        ({"text": "A. Lincoln là ai?"}, "left-out-misread"),
        ({"text": "ANSWER: gì?"}, "left-out-misread"),
        ({"text": "a"}, "left-out-misread"),
        ({"options": (*DRAFT.options, *(OptionDraft(f"{n}", Decimal(0)) for n in range(25)))}, "left-out-options"),
    ],
)
def test_question_that_aiken_has_no_words_for_is_left_out_and_told(changes, slug):
    data, losses = write_aiken([replace(DRAFT, **changes), DRAFT])
    assert [p.refusal for p in losses] == [Refusal(slug, {"format": "Aiken", "count": 1})]
    assert slug in TEXTS
    assert placeless(read_aiken(data).drafts) == [DRAFT]


@given(drafts=banks((Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.TRUE_FALSE)))
@patient
def test_imported_exported_imported_is_a_fixpoint(drafts):
    data, losses = write_aiken(drafts)
    first = read_aiken(data)
    assert placeless(read_aiken(write_aiken(first.drafts)[0]).drafts) == placeless(first.drafts)
    left_out = sum(p.refusal.params["count"] for p in losses if p.refusal.slug.startswith("left-out"))
    assert len(first.drafts) >= len(drafts) - left_out
    if not losses and drafts:
        assert (placeless(first.drafts), first.problems) == (drafts, ())


@given(
    st.text(alphabet="ABab ).:\nANSWER:\u2028\u200d", max_size=80)
    | st.lists(st.sampled_from(["x?", "A) 1", "B) 2", "B. 1", "ANSWER: A", "ANSWER: B", "", "C)"])).map("\n".join)
)
@patient
def test_whatever_is_read_is_a_fixpoint(text):
    first = read(text)
    data, losses = write_aiken(first.drafts)
    assert placeless(read_aiken(data).drafts) == placeless(first.drafts)
    assert losses == ()
