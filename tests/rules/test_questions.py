from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.question_terms import Kind
from contest.rules.questions import KINDS
from contest.rules.questions.bodies import Body, Key
from contest.rules.questions.choices import MOST_OPTIONS, even_weights
from contest.rules.refusals import TEXTS, Refusal

SINGLE, MULTIPLE, TRUE_FALSE = KINDS[Kind.SINGLE_CHOICE], KINDS[Kind.MULTIPLE_CHOICE], KINDS[Kind.TRUE_FALSE]
ONE_OF_THEM = [SINGLE, TRUE_FALSE]
ALL = [SINGLE, MULTIPLE, TRUE_FALSE]


def options(*texts):
    return [(str(number), text) for number, text in enumerate(texts, start=1)]


def weights(*values):
    return {str(number): Decimal(value) for number, value in enumerate(values, start=1)}


def well_formed(rules, text, options, weights):
    return rules.well_formed(Body(text, options), Key(weights))


def parse(rules, ids, raw):
    return rules.parse(Body("?", [(i, i) for i in ids]), raw)


def is_correct(rules, weights, value):
    return rules.is_correct(Body("?"), Key(weights), value)


def by_share(rules, weights, value):
    return sum(rules.marks(Body("?"), Key(weights), value))


def score(rules, weights, value):
    """The mark as the kind has it where a slot says nothing else."""
    return by_share(rules, weights, value) if rules.SHARES else Fraction(is_correct(rules, weights, value))


def test_every_kind_has_its_rules():
    assert set(KINDS) == set(Kind)


@pytest.mark.parametrize("rules", ALL)
def test_two_options_with_one_right_are_well_formed(rules):
    assert well_formed(rules, "Thủ đô?", options("Hà Nội", "Huế"), weights("1", "0")) == ()


@pytest.mark.parametrize("rules", ALL)
@pytest.mark.parametrize("text", ["", " ", "\t\u00a0\n"])
def test_text_that_is_empty_is_refused(rules, text):
    assert well_formed(rules, text, options("a", "b"), weights("1", "0")) == (Refusal("required", field="text"),)


@pytest.mark.parametrize("rules", ALL)
def test_one_option_is_too_few(rules):
    assert well_formed(rules, "?", options("a"), weights("1")) == (Refusal("too-few-options", {"low": 2}, "options"),)


@pytest.mark.parametrize("rules", [SINGLE, MULTIPLE])
@pytest.mark.parametrize(
    ("count", "refusals"),
    [(MOST_OPTIONS, ()), (MOST_OPTIONS + 1, (Refusal("too-many-options", {"limit": 26}, "options"),))],
)
def test_options_reach_as_far_as_the_alphabet(rules, count, refusals):
    texts = [f"phương án {n}" for n in range(count)]
    assert well_formed(rules, "?", options(*texts), weights("1", *["0"] * (count - 1))) == refusals


@pytest.mark.parametrize("rules", [SINGLE, MULTIPLE])
def test_empty_option_is_named_by_its_number(rules):
    assert well_formed(rules, "?", options("a", " ", "c"), weights("1", "0", "0")) == (
        Refusal("required", field="option-2"),
    )


@pytest.mark.parametrize("rules", [SINGLE, MULTIPLE])
@pytest.mark.parametrize(
    ("third", "alike"),
    [
        ("Hà Nội", True),
        ("Ha\u0300 No\u0323\u0302i", True),  # the same letters, decomposed
        ("  Hà \u00a0 Nội ", True),
        ("Hà nội", False),  # capitals may be what is asked about
        ("Hà Nôi", False),
    ],
)
def test_options_alike_after_folding_are_refused(rules, third, alike):
    refusals = well_formed(rules, "?", options("Hà Nội", "Huế", third), weights("1", "0", "0"))
    assert refusals == ((Refusal("options-alike", {"first": 1}, "option-3"),) if alike else ())


@pytest.mark.parametrize("rules", ONE_OF_THEM)
def test_one_of_them_needs_exactly_one_right(rules):
    assert well_formed(rules, "?", options("a", "b"), weights("0", "0")) == (Refusal("no-right", field="options"),)
    assert well_formed(rules, "?", options("a", "b"), weights("0.9", "0")) == (Refusal("no-right", field="options"),)
    assert well_formed(rules, "?", options("a", "b"), weights("1", "1")) == (
        Refusal("one-right", {"count": 2}, "options"),
    )


def test_single_choice_may_give_part_of_the_mark_for_another_option():
    assert well_formed(SINGLE, "?", options("a", "b", "c"), weights("1", "0.5", "-0.5")) == ()


def test_true_false_has_two_options():
    assert well_formed(TRUE_FALSE, "?", options("a", "b", "c"), weights("1", "0", "0")) == (
        Refusal("two-options", field="options"),
    )


def test_multiple_choice_needs_a_right_option():
    assert well_formed(MULTIPLE, "?", options("a", "b"), weights("0", "-1")) == (Refusal("no-right", field="options"),)


@pytest.mark.parametrize(
    ("third", "refusals"),
    [
        ("0.3333333", ()),
        ("0.3333", ()),
        ("0.3331", (Refusal("weights-sum", {"sum": "99.97666"}, "options"),)),
        ("0.4", (Refusal("weights-sum", {"sum": "106.66666"}, "options"),)),
    ],
)
def test_weights_of_right_options_make_the_whole_mark(third, refusals):
    question = options("a", "b", "c", "d")
    assert well_formed(MULTIPLE, "?", question, weights("0.3333333", "0.3333333", third, "-1")) == refusals


@pytest.mark.parametrize(("weight", "refused"), [("-1", False), ("-1.0000001", True)])
def test_weight_lies_between_minus_one_and_one(weight, refused):
    refusals = well_formed(SINGLE, "?", options("a", "b"), weights("1", weight))
    assert refusals == ((Refusal("weight-range", {"most": 100}, "option-2"),) if refused else ())


def test_key_that_points_at_no_option_is_refused():
    assert well_formed(SINGLE, "?", options("a", "b"), weights("1", "0", "0")) == (
        Refusal("key-of-no-option", field="options"),
    )


def test_every_problem_is_told_at_once():
    refusals = well_formed(MULTIPLE, "", options("a", "", "a"), weights("0", "0", "2"))
    assert [(r.slug, r.field) for r in refusals] == [
        ("required", "text"),
        ("required", "option-2"),
        ("options-alike", "option-3"),
        ("weight-range", "option-3"),
        ("weights-sum", "options"),
    ]
    assert all(refusal.slug in TEXTS for refusal in refusals)


IDS = ("x1", "x2", "x3")


@pytest.mark.parametrize("rules", ALL)
@pytest.mark.parametrize("raw", [None, "", [], ()])
def test_nothing_clears(rules, raw):
    assert parse(rules, IDS, raw) is None


@pytest.mark.parametrize("rules", ONE_OF_THEM)
@pytest.mark.parametrize("raw", ["x2", ["x2"]])
def test_one_option_is_read_from_json_and_from_a_form(rules, raw):
    assert parse(rules, IDS, raw) == "x2"


def test_multiple_choice_is_the_sorted_set():
    assert parse(MULTIPLE, IDS, ["x3", "x1"]) == ("x1", "x3")
    assert parse(MULTIPLE, IDS, ["x1", "x3", "x1"]) == ("x1", "x3")
    assert parse(MULTIPLE, IDS, "x2") == ("x2",)


@pytest.mark.parametrize("rules", ALL)
@pytest.mark.parametrize("raw", ["x4", ["x4"], "X1", " x1", "0"])
def test_option_of_another_paper_is_refused(rules, raw):
    assert parse(rules, IDS, raw) == Refusal("bad-option", field="value")


@pytest.mark.parametrize("rules", ALL)
@pytest.mark.parametrize("raw", [1, 0, True, False, 1.5, {"x1": 1}, [["x1"]], [{}], ["x1", 2, "x2"], ["x1"] * 4])
def test_value_of_another_shape_is_refused(rules, raw):
    assert parse(rules, IDS, raw) == Refusal("bad-response", field="value")


@pytest.mark.parametrize("rules", ONE_OF_THEM)
def test_two_options_are_refused_where_one_is_asked(rules):
    assert parse(rules, IDS, ["x1", "x2"]) == Refusal("bad-response", field="value")


@given(st.lists(st.sampled_from(IDS), max_size=3))
def test_parsing_what_was_parsed_changes_nothing(raw):
    value = parse(MULTIPLE, IDS, raw)
    assert parse(MULTIPLE, IDS, value) == value


@pytest.mark.parametrize("rules", ONE_OF_THEM)
@pytest.mark.parametrize(
    ("value", "fraction"), [("1", 1), ("2", Fraction(1, 2)), ("3", 0), (None, 0), ("unknown", 0), (("1",), 0)]
)
def test_one_option_scores_its_weight_but_never_below_zero(rules, value, fraction):
    key = weights("1", "0.5", "-0.5")
    assert score(rules, key, value) == fraction
    assert by_share(rules, key, value) == fraction
    assert is_correct(rules, key, value) is (fraction == 1)


@pytest.mark.parametrize(
    ("value", "whole", "by_weights"),
    [
        (("1", "2", "3"), 1, 1),
        (("1", "2"), 0, Fraction("0.6666666")),
        (("1", "2", "3", "4"), 0, Fraction("0.4999999")),
        (("4",), 0, 0),  # the sum is -0.5
        (None, 0, 0),
        ((), 0, 0),
    ],
)
def test_multiple_choice_scores_all_or_nothing_or_the_clamped_sum(value, whole, by_weights):
    key = weights("0.3333333", "0.3333333", "0.3333333", "-0.5")
    assert score(MULTIPLE, key, value) == whole
    assert by_share(MULTIPLE, key, value) == by_weights
    assert is_correct(MULTIPLE, key, value) is (whole == 1)


def test_multiple_choice_without_a_right_option_is_never_correct():
    assert is_correct(MULTIPLE, weights("0", "0"), ()) is False


@given(
    st.lists(st.decimals(min_value=-1, max_value=1, places=7), min_size=2, max_size=8),
    st.sets(st.integers(min_value=1, max_value=8)),
)
def test_fractions_stay_between_nothing_and_the_whole(values, chosen):
    key, value = weights(*values), tuple(sorted(str(n) for n in chosen if n <= len(values)))
    for fraction in (score(MULTIPLE, key, value), by_share(MULTIPLE, key, value)):
        assert 0 <= fraction <= 1


@given(st.integers(min_value=1, max_value=MOST_OPTIONS))
def test_even_weights_add_up_to_exactly_one(count):
    shares = even_weights(count)
    assert len(shares) == count
    assert sum(shares) == 1
    assert max(shares) - min(shares) < Decimal("0.00001")
