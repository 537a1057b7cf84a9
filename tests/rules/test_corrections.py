"""What corrections do to a mark: bounds, order of kindness, and that the latest of one question holds alone."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.corrections import Correction, check_correction, in_force, is_key, key_weights, mark
from contest.rules.question_terms import Kind
from contest.rules.questions.bodies import Body, Key
from contest.rules.result_terms import Remedy

BODY = Body("?")
OPTIONS = ("a", "b", "c", "d")
OLD = key_weights(OPTIONS, {"a"})
NEW = key_weights(OPTIONS, {"b"})
ONE = Kind.SINGLE_CHOICE


@pytest.mark.parametrize(
    ("remedy", "marks"),
    [
        (Remedy.AS_WRITTEN, [1, 0, 0, 0]),
        (Remedy.FULL_CREDIT, [1, 1, 1, 1]),
        (Remedy.BOTH_KEYS, [1, 1, 0, 0]),
        (Remedy.NEW_KEY, [0, 1, 0, 0]),
        (Remedy.DROPPED, [None] * 4),
    ],
)
def test_what_each_remedy_gives_each_answer(remedy: Remedy, marks: list[int | None]) -> None:
    assert [mark(ONE, BODY, Key(OLD), o, Correction(remedy, NEW)) for o in OPTIONS] == marks


@pytest.mark.parametrize(
    ("remedy", "earned"),
    [(Remedy.FULL_CREDIT, 1), (Remedy.BOTH_KEYS, 0), (Remedy.NEW_KEY, 0), (Remedy.AS_WRITTEN, 0)],
)
def test_who_left_it_empty_has_it_by_full_credit_alone(remedy: Remedy, earned: int) -> None:
    assert mark(ONE, BODY, Key(OLD), None, Correction(remedy, NEW)) == earned


def test_question_without_a_correction_is_scored_by_its_key() -> None:
    assert mark(ONE, BODY, Key(OLD), "a", None) == 1


keys = st.sets(st.sampled_from(OPTIONS), min_size=1)
kinds = st.sampled_from([Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE])
answers = st.none() | st.lists(st.sampled_from(OPTIONS), unique=True, min_size=1).map(lambda o: tuple(sorted(o)))


@given(kinds, keys, keys, answers)
def test_both_keys_take_from_nobody_and_full_credit_gives_most(
    kind: Kind, old: set[str], new: set[str], given_: object
) -> None:
    value = given_[0] if kind is Kind.SINGLE_CHOICE and isinstance(given_, tuple) else given_
    was, other = key_weights(OPTIONS, old), key_weights(OPTIONS, new)
    before = mark(kind, BODY, Key(was), value, None)  # type: ignore[arg-type]
    both = mark(kind, BODY, Key(was), value, Correction(Remedy.BOTH_KEYS, other))  # type: ignore[arg-type]
    alone = mark(kind, BODY, Key(was), value, Correction(Remedy.NEW_KEY, other))  # type: ignore[arg-type]
    assert both == max(before or Fraction(), alone or Fraction())
    assert Fraction(0) <= (both or Fraction(0)) <= 1


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(list(Remedy)).map(Correction)), max_size=12))
def test_latest_correction_of_a_question_holds_and_twice_is_once(made: list[tuple[int, Correction]]) -> None:
    held = in_force(made)
    assert held == in_force([*made, *((q, c) for q, c in held.items())])
    for question, correction in held.items():
        assert correction == [c for q, c in made if q == question][-1]


@given(st.sets(st.sampled_from(OPTIONS), min_size=1))
def test_weights_of_a_key_are_one_whole_mark(right: set[str]) -> None:
    weights = key_weights(OPTIONS, right)
    assert sum(weights.values()) == 1
    assert {o for o, w in weights.items() if w > 0} == right


@pytest.mark.parametrize(
    ("remedy", "kind", "key", "slug"),
    [
        (Remedy.NEW_KEY, ONE, set(), "new-key-missing"),
        (Remedy.BOTH_KEYS, ONE, set(), "new-key-missing"),
        (Remedy.NEW_KEY, ONE, {"a"}, "new-key-same"),
        (Remedy.NEW_KEY, ONE, {"a", "b"}, "one-key-only"),
        (Remedy.NEW_KEY, Kind.MULTIPLE_CHOICE, {"a", "b"}, None),
        (Remedy.NEW_KEY, ONE, {"b"}, None),
        (Remedy.FULL_CREDIT, ONE, set(), None),
        (Remedy.DROPPED, ONE, set(), None),
    ],
)
def test_remedy_that_needs_a_key_has_one_that_fits(remedy: Remedy, kind: Kind, key: set[str], slug: str | None) -> None:
    refusal = check_correction(Correction(remedy, key_weights(OPTIONS, key)), kind, OLD)
    assert (refusal.slug if refusal else None) == slug


def test_key_with_an_option_of_another_question_is_refused() -> None:
    refusal = check_correction(Correction(Remedy.NEW_KEY, {"x": Decimal(1)}), ONE, OLD)
    assert refusal is not None
    assert (refusal.slug, refusal.field) == ("not-a-choice", "key")


@pytest.mark.parametrize(
    ("remedy", "right"),
    [(Remedy.AS_WRITTEN, "a"), (Remedy.NEW_KEY, "b"), (Remedy.BOTH_KEYS, "ab"), (Remedy.DROPPED, "a"), (None, "a")],
)
def test_options_shown_as_right(remedy: Remedy | None, right: str) -> None:
    correction = Correction(remedy, NEW) if remedy else None
    assert "".join(o for o in OPTIONS if is_key(o, OLD, correction)) == right
