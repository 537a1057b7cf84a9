"""Kinds that are answered part by part, in order or in words: well formed, parsed, marked; both sides of every boundary."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.formats.composing import compose, options_of, parts_of
from contest.formats.drafts import OptionDraft, PartDraft
from contest.formats.soundness import refusals_of
from contest.rules.marking import Scoring, Way, earned
from contest.rules.question_terms import FILE_TYPES, FileKind, Kind, PartKind
from contest.rules.questions import KINDS, MARKED_BY_PEOPLE, TOLD, ordering, upload
from contest.rules.questions.bodies import Answer, Body, Key, Limits, Part
from contest.rules.questions.essay import MOST_LETTERS, MOST_WORDS, word_count
from contest.rules.questions.gaps import BLANK, blanked, gap, segments
from contest.rules.questions.hotspot import read_area
from contest.rules.questions.lines import WrittenPart, read_answers, read_typed_span, write_answers
from contest.rules.questions.meeting import met
from contest.rules.questions.numbers import Span, as_number, plain, read_number, read_span, said
from contest.rules.questions.wording import folded, matches
from contest.rules.refusals import Refusal
from contest.services.attempts.previews import preview_of
from tests.kinds import PARTLY, RIGHT, SAMPLES, response, sample

AUTOMATIC = [kind for kind in Kind if kind not in MARKED_BY_PEOPLE | TOLD]
IN_PARTS = [kind for kind in Kind if "parts" in SAMPLES[kind]]


def given_to(kind: Kind, words: object) -> tuple[Body, Key, object]:
    """Return body, key and parsed value of a kind's sample for a response in its words."""
    draft = sample(kind)
    composed = compose(draft)
    return composed.body, composed.key, KINDS[kind].parse(composed.body, response(preview_of(draft), words))


@pytest.mark.parametrize("kind", Kind)
def test_question_of_every_kind_is_well_formed_and_composes_to_itself(kind):
    draft = sample(kind)
    composed = compose(draft)
    assert refusals_of(draft) == ()
    assert (options_of(composed), parts_of(composed)) == (draft.options, draft.parts)


@pytest.mark.parametrize("kind", Kind)
def test_question_without_a_text_is_refused(kind):
    assert Refusal("required", field="text") in refusals_of(sample(kind, text=" "))


@pytest.mark.parametrize("kind", AUTOMATIC)
def test_right_response_earns_the_whole_mark_whatever_the_way(kind):
    body, key, value = given_to(kind, RIGHT[kind])
    for way in (Way.AS_KIND, Way.ALL_OR_NOTHING, Way.BY_SHARE):
        assert earned(kind, body, key, value, Scoring(way)) == 1
    assert KINDS[kind].is_correct(body, key, value)


@pytest.mark.parametrize("kind", PARTLY)
def test_partly_right_response_earns_what_the_kind_gives_and_nothing_where_all_is_asked(kind):
    words, fraction = PARTLY[kind]
    body, key, value = given_to(kind, words)
    assert abs(earned(kind, body, key, value) - Fraction(fraction)) < Fraction(1, 10**9)
    assert earned(kind, body, key, value, Scoring(Way.ALL_OR_NOTHING)) == 0
    assert not KINDS[kind].is_correct(body, key, value)


@pytest.mark.parametrize("kind", AUTOMATIC)
@pytest.mark.parametrize("raw", [None, "", []])
def test_cleared_response_is_none_and_costs_nothing(kind, raw):
    composed = compose(sample(kind))
    assert KINDS[kind].parse(composed.body, raw) is None
    assert earned(kind, composed.body, composed.key, None, Scoring(penalty=Fraction(1, 4))) == 0


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("raw", [7, True, {"x": 1}, {"1": ["a"]}, [["a"]], [None, None], {"no": "such"}, object()])
def test_response_of_no_shape_is_refused_and_never_an_error(kind, raw):
    found = KINDS[kind].parse(compose(sample(kind)).body, raw)
    assert isinstance(found, Refusal)
    assert found.field == "value"


@pytest.mark.parametrize("kind", AUTOMATIC)
def test_parsing_a_parsed_response_changes_nothing(kind):
    body, _, value = given_to(kind, RIGHT[kind])
    again = KINDS[kind].parse(body, list(value) if isinstance(value, tuple) else value)
    assert again == value


@pytest.mark.parametrize(("right", "fraction"), [(0, 0), (1, "1/10"), (2, "1/4"), (3, "1/2"), (4, 1)])
def test_ladder_gives_what_its_step_says(right, fraction):
    ladder = tuple(map(Fraction, ("1/10", "1/4", "1/2", "1")))
    wrong = {1: "false", 2: "true", 3: "false", 4: "true"}
    words = {n: RIGHT[Kind.STATEMENTS][n] if n <= right else wrong[n] for n in range(1, 5)}
    body, key, value = given_to(Kind.STATEMENTS, words)
    assert earned(Kind.STATEMENTS, body, key, value, Scoring(Way.LADDER, ladder)) == Fraction(fraction)


def test_ladder_of_another_length_counts_by_share():
    body, key, value = given_to(Kind.STATEMENTS, {1: "true"})
    assert earned(Kind.STATEMENTS, body, key, value, Scoring(Way.LADDER, (Fraction(1, 3), Fraction(1)))) == Fraction(
        1, 4
    )


@pytest.mark.parametrize("kind", AUTOMATIC)
def test_wrong_response_costs_the_penalty_and_only_where_there_is_one(kind):
    wrong = {
        Kind.SINGLE_CHOICE: "Huế", Kind.MULTIPLE_CHOICE: ["Huế"], Kind.TRUE_FALSE: "Sai", Kind.STATEMENTS: {1: "false"},
        Kind.MATCHING: {1: "Băng Cốc"}, Kind.ORDERING: RIGHT[Kind.ORDERING][::-1], Kind.NUMERIC: {1: "7"},
        Kind.HOTSPOT: "Phía nam", Kind.SHORT_TEXT: {1: "ai đó"}, Kind.CLOZE: {1: "Huế"}, Kind.DROPDOWN: {1: "Hậu"},
    }  # fmt: skip
    body, key, value = given_to(kind, wrong[kind])
    assert earned(kind, body, key, value, Scoring(penalty=Fraction(1, 4))) == Fraction(-1, 4)
    assert earned(kind, body, key, value) == 0


def test_essay_waits_for_people_and_keeps_every_word():
    body = Body("Viết.", limits=Limits(2, 3))
    text = KINDS[Kind.ESSAY].parse(body, "một hai\nba bốn năm")
    assert text == "một hai\nba bốn năm"
    assert word_count(text) == 5
    assert earned(Kind.ESSAY, body, Key(), text) == 0
    assert KINDS[Kind.ESSAY].parse(body, "x" * MOST_LETTERS) == "x" * MOST_LETTERS
    assert KINDS[Kind.ESSAY].parse(body, "x" * (MOST_LETTERS + 1)) == Refusal(
        "too-long", {"limit": MOST_LETTERS}, "value"
    )


def named(number, suffix="pdf"):
    return f"{number:016d}-{number:032x}.{suffix}"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (None, None),
        ([], None),
        (named(1), (named(1),)),
        ([named(1), named(2)], (named(1), named(2))),
        ([named(1), named(2), named(3)], Refusal("files-enough", {"limit": 2}, "value")),
        ([named(1), named(1)], Refusal("bad-response", field="value")),
        (["../../etc/passwd"], Refusal("bad-response", field="value")),
        ([named(1) + "\n"], Refusal("bad-response", field="value")),
        ([7], Refusal("bad-response", field="value")),
        ({"a": named(1)}, Refusal("bad-response", field="value")),
    ],
)
def test_files_are_named_as_they_were_handed_in_and_no_more_than_are_taken(raw, value):
    assert KINDS[Kind.UPLOAD].parse(compose(sample(Kind.UPLOAD)).body, raw) == value


@pytest.mark.parametrize(
    ("most", "kept", "together"),
    [
        (1, (), (named(9),)),
        (1, (named(1),), (named(9),)),
        (2, (named(1),), (named(1), named(9))),
        (2, (named(9),), (named(9),)),
        (2, (named(1), named(2)), Refusal("files-enough", {"limit": 2}, "value")),
    ],
)
def test_another_file_takes_the_place_of_the_only_one_or_stands_beside_the_others(most, kept, together):
    assert upload.with_another(most, kept, named(9)) == together


def test_files_that_are_asked_for_are_told_by_their_kind():
    body = compose(sample(Kind.UPLOAD, file_kinds=(FileKind.PDF, FileKind.PICTURE))).body
    suffixes = [suffix for kind in FileKind for suffix in FILE_TYPES[kind]]
    assert [s for s in suffixes if upload.is_asked(body, s)] == ["pdf", "jpg", "png", "webp"]
    assert set(FILE_TYPES) == set(FileKind)
    assert body.limits.accepted == "application/pdf,image/jpeg,image/png,image/webp"


@pytest.mark.parametrize(
    ("most", "is_sound"), [(0, False), (1, True), (upload.MOST_FILES, True), (upload.MOST_FILES + 1, False)]
)
def test_question_takes_a_few_files_of_some_kind(most, is_sound):
    found = refusals_of(sample(Kind.UPLOAD, most_files=most))
    assert found == (() if is_sound else (Refusal("bad-file-count", {"high": upload.MOST_FILES}, "most_files"),))
    assert refusals_of(sample(Kind.UPLOAD, file_kinds=())) == (Refusal("file-kinds-missing", field="file_kinds"),)
    value = KINDS[Kind.UPLOAD].parse(compose(sample(Kind.UPLOAD)).body, [named(1)])
    assert earned(Kind.UPLOAD, compose(sample(Kind.UPLOAD)).body, Key(), value) == 0


@pytest.mark.parametrize("kind", [Kind.PASSAGE, Kind.DESCRIPTION])
def test_what_is_only_read_takes_no_response_and_earns_nothing(kind):
    body = compose(sample(kind)).body
    assert [KINDS[kind].parse(body, raw) for raw in (None, "", [])] == [None] * 3
    assert KINDS[kind].parse(body, "a") == Refusal("bad-response", field="value")
    assert (KINDS[kind].marks(body, Key(), None), KINDS[kind].is_correct(body, Key(), None)) == ((), False)
    assert earned(kind, body, Key(), "a") == 0
    for wrong in (
        {"options": (OptionDraft("a", Decimal(1)),)},
        {"least_words": 1},
        {"parts": sample(Kind.NUMERIC).parts},
    ):
        assert Refusal("options-of-no-use", field="options") in refusals_of(sample(kind, **wrong))
    assert refusals_of(sample(kind, passage="P-1")) == (Refusal("passage-in-passage", field="passage"),)


@pytest.mark.parametrize(
    ("least", "most", "is_sound"),
    [
        (0, 0, True),
        (5, 0, True),
        (0, 5, True),
        (5, 5, True),
        (6, 5, False),
        (0, MOST_WORDS, True),
        (0, MOST_WORDS + 1, False),
    ],
)
def test_word_limits_of_an_essay(least, most, is_sound):
    found = refusals_of(sample(Kind.ESSAY, least_words=least, most_words=most))
    assert found == (() if is_sound else (Refusal("bad-word-limits", {"high": MOST_WORDS}, "limits"),))


@pytest.mark.parametrize("kind", IN_PARTS)
def test_part_without_a_wholly_right_answer_is_named(kind):
    draft = sample(kind)
    last = draft.parts[-1]
    half = replace(last, answers=tuple(replace(a, weight=min(a.weight, Decimal("0.5"))) for a in last.answers))
    number = len(draft.parts)
    assert refusals_of(replace(draft, parts=(*draft.parts[:-1], half))) == (
        Refusal("no-right-part", field=f"part-{number}"),
    )


@pytest.mark.parametrize("kind", [Kind.CLOZE, Kind.DROPDOWN])
def test_gaps_of_text_and_parts_are_the_same(kind):
    draft = sample(kind)
    count = len(draft.parts)
    lacking = replace(draft, text=draft.text.replace("[[1]]", ""))
    assert refusals_of(lacking) == (Refusal("gap-missing", {"number": 1}, "text"),)
    assert refusals_of(replace(draft, text=draft.text + "[[1]]")) == (Refusal("gap-twice", {"number": 1}, "text"),)
    beyond = replace(draft, text=draft.text + gap(count + 1))
    assert refusals_of(beyond) == (Refusal("gap-unknown", {"number": count + 1}, "text"),)


def test_gaps_are_found_and_blanked():
    assert segments("a [[1]] b [[2]][[10]]") == ("a ", 1, " b ", 2, "", 10, "")
    assert segments("[[0]] [[1] [[]]") == ("[[0]] [[1] [[]]",)
    assert blanked("a [[1]] b") == f"a {BLANK} b"


@given(st.text(alphabet="a[]12 ", max_size=30))
def test_segments_are_the_text(text):
    assert "".join(gap(piece) if isinstance(piece, int) else piece for piece in segments(text)) == text


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12", "12"), ("12,5", "12.5"), ("12.5", "12.5"), ("1.234", "1234"), ("1.234,5", "1234.5"), ("1 234", "1234"),
        ("1.2345", "1.2345"), ("-3", "-3"), ("−3", "-3"), ("+0,50", "0.5"), (",5", "0.5"), ("5,", "5"), ("1e3", "1000"),
        ("-0", "0"), ("12.345.678", "12345678"), ("0,125", "0.125"),
    ],
)  # fmt: skip
def test_numbers_are_read_the_vietnamese_way(typed, value):
    assert plain(read_number(typed)) == value


@pytest.mark.parametrize(
    "typed", ["", "abc", "1,2,3", "1.23.4", "12.34.567", "--1", "1e100", "9" * 41, "NaN", "Infinity", "١٢"]
)
def test_what_is_no_number_is_none(typed):
    assert read_number(typed) is None


def test_unit_may_follow_a_number():
    assert read_number("2,34 triệu", "triệu") == Decimal("2.34")
    assert read_number("2,34 tỷ", "triệu") is None


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_number_as_it_is_kept_reads_as_itself(value):
    kept = plain(value + 0).replace(".", ",")
    assert read_number(kept) == value
    assert as_number(plain(value)) == value


@pytest.mark.parametrize(
    ("text", "span"),
    [("5", (5, 5)), ("5:0.5", ("4.5", "5.5")), ("5..7", (5, 7)), ("-2..-1", (-2, -1)),
     ("7..5", None), ("5:-1", None), ("a", None), ("5:", (5, 5)), ("..", None)],
)  # fmt: skip
def test_spans_of_numeric_keys(text, span):
    assert read_span(text) == (Span(Decimal(span[0]), Decimal(span[1])) if span else None)


@pytest.mark.parametrize(
    ("value", "is_held"), [("4.4", False), ("4.5", True), ("5", True), ("5.5", True), ("5.51", False)]
)
def test_both_ends_of_a_span_are_in_it(value, is_held):
    assert read_span("5:0.5").holds(Decimal(value)) is is_held


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [("12,5", "12.5", "12,5"), ("12,5 ± 0,1", "12.5:0.1", "12,5 ± 0,1"), ("12,5 +- 0,1", "12.5:0.1", "12,5 ± 0,1"),
     ("10 – 12", "10..12", "10 – 12"), ("10..12", "10..12", "10 – 12"), ("10 đến 12", "10..12", "10 – 12"),
     ("mười", "mười", "mười")],
)  # fmt: skip
def test_spans_as_they_are_typed_and_shown(typed, kept, shown):
    assert read_typed_span(typed) == kept
    assert said(kept) == shown
    assert read_typed_span(shown) == kept


@pytest.mark.parametrize(
    ("pattern", "text", "is_met"),
    [
        ("Hà Nội", "  hà   NỘI ", True), ("Hà Nội", "Ha Noi", False),
        ("*Hồ Chí Minh", "Chủ tịch Hồ Chí Minh", True),
        ("*Hồ Chí Minh", "Hồ Chí Minh", True), ("* Hồ Chí Minh", "Hồ Chí Minh", False),
        ("a*c", "abbbc", True), ("a*c", "ac", True),
        ("a*c", "abcd", False), ("a*a", "a", False), (r"5\*2", "5*2", True),
        (r"5\*2", "5x2", False), ("*b*", "abc", True), ("*", "", True),
        ("Nghị quyết số *", "nghị quyết số 57", True), ("Nghị quyết số *", "nghị quyết số57", False),
    ],
)  # fmt: skip
def test_patterns_of_short_answers(pattern, text, is_met):
    assert matches(pattern, text) is is_met


@pytest.mark.parametrize(
    ("with_case", "with_accents", "text", "is_met"),
    [(False, True, "hà nội", True), (True, True, "hà nội", False), (True, True, "Hà Nội", True), (False, False, "HA NOI", True),
     (True, False, "Ha Noi", True), (True, False, "ha noi", False),
     (False, True, "Ha Noi", False), (False, False, "Đa Noi", False)],
)  # fmt: skip
def test_case_and_accents_matter_as_the_question_says(with_case, with_accents, text, is_met):
    assert matches("Hà Nội", text, with_case=with_case, with_accents=with_accents) is is_met


@given(st.lists(st.text(alphabet="aáb* ", max_size=5), min_size=1, max_size=4), st.text(alphabet="aáb ", max_size=12))
def test_wildcards_mean_what_a_plain_search_of_all_ways_says(pieces, text):
    pattern = "*".join(p.replace("*", "") for p in pieces)
    given_text = folded(text, with_case=False, with_accents=True)

    def piece(p: str) -> str:
        after = " " * (p[-1:].isspace() and bool(p.strip()))
        return " " * p[:1].isspace() + folded(p, with_case=False, with_accents=True) + after

    wanted = [piece(p) for p in pattern.split("*")]
    if len(wanted) > 1:
        wanted = [wanted[0].lstrip(), *wanted[1:-1], wanted[-1].rstrip()]
    else:
        wanted = [wanted[0].strip()]

    def is_found(rest: str, parts: list[str]) -> bool:
        if len(parts) == 1:
            return rest == parts[0]
        if not rest.startswith(parts[0]):
            return False
        tail = rest[len(parts[0]) :]
        return any(is_found(tail[i:], parts[1:]) for i in range(len(tail) + 1))

    assert matches(pattern, text) is is_found(given_text, wanted)


def test_best_of_several_answers_counts_and_its_feedback_is_found():
    part = Part("p", PartKind.TEXT)
    answers = (Answer("*", Decimal("0.1"), "gần"), Answer("đúng", Decimal(1), "phải"))
    assert met(part, answers, "đúng").feedback == "phải"
    assert met(part, answers, "khác").feedback == "gần"
    assert met(part, answers, None) is None


def test_places_of_a_plain_form_are_an_order():
    body = compose(sample(Kind.ORDERING)).body
    ids = [option_id for option_id, _ in body.options]
    places = dict(zip(ids, ("2", "1", "4", "3"), strict=True))
    assert ordering.parse(body, places) == (ids[1], ids[0], ids[3], ids[2])
    assert ordering.parse(body, places | {ids[0]: ""}) == Refusal("places-missing", field="value")
    assert ordering.parse(body, places | {ids[0]: "1"}) == Refusal("places-missing", field="value")
    assert ordering.parse(body, dict.fromkeys(ids, "")) is None
    assert ordering.parse(body, ids[:3]) == Refusal("places-missing", field="value")


_words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12
).filter(lambda text: text == text.strip() and text != "")
_weights = st.decimals(min_value=0, max_value=1, places=4).filter(lambda weight: weight == 1 or weight < 1)


@given(st.lists(st.tuples(_words, _weights), max_size=5))
def test_lines_of_answers_read_as_they_were_written(answers):
    ordered = [a for a in answers if a[1] > 0] + [a for a in answers if a[1] <= 0]
    right, wrong = write_answers(PartKind.TEXT, ordered)
    assert list(read_answers(WrittenPart(PartKind.TEXT, right=right, wrong=wrong))) == ordered


@given(st.lists(st.sampled_from(["true", "false", None]), min_size=4, max_size=4))
def test_more_right_statements_never_earn_less(values):
    draft = sample(Kind.STATEMENTS)
    composed = compose(draft)
    words = {n: v for n, v in enumerate(values, 1) if v}
    value = KINDS[Kind.STATEMENTS].parse(composed.body, response(preview_of(draft), words))
    better = KINDS[Kind.STATEMENTS].parse(composed.body, response(preview_of(draft), words | {1: "true"}))
    for way in (Way.BY_SHARE, Way.ALL_OR_NOTHING, Way.LADDER):
        scoring = Scoring(way, tuple(map(Fraction, ("1/10", "1/4", "1/2", "1"))))
        before = earned(Kind.STATEMENTS, composed.body, composed.key, value, scoring)
        assert 0 <= before <= earned(Kind.STATEMENTS, composed.body, composed.key, better, scoring) <= 1


def test_weights_of_parts_are_shares_of_one():
    def found(weight: str) -> tuple[Refusal, ...]:
        answers = (OptionDraft("1", Decimal(1)), OptionDraft("2", Decimal(weight)))
        return refusals_of(sample(Kind.NUMERIC, parts=(PartDraft(PartKind.NUMBER, answers=answers),)))

    assert found("0") == found("1") == ()
    assert found("-0.1") == found("1.1") == (Refusal("weight-of-part", field="part-1"),)


@pytest.mark.parametrize(
    ("text", "is_area"),
    [
        ("0 0 100 100", True), ("10 20 30 15", True), ("10,5 20 30 15", True), ("90 0 10 100", True), ("90.1 0 10 100", False),
        ("0 0 0 10", False), ("0 0 10 0", False), ("-1 0 10 10", False), ("0 0 10", False), ("a b c d", False), ("", False),
    ],
)  # fmt: skip
def test_areas_lie_within_the_picture(text, is_area):
    assert (read_area(text) is not None) is is_area
