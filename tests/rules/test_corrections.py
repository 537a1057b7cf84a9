"""What corrections do to a mark: bounds, order of kindness, and that the latest of one question holds alone."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.formats.composing import compose
from contest.rules.corrections import Correction, check_correction, in_force, key_weights, keys_shown, mark, read_key
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions import KINDS, MARKED_BY_PEOPLE, TOLD
from contest.rules.questions.bodies import WHOLE, Body, Key
from contest.rules.questions.lines import write_answers
from contest.rules.refusals import Refusal
from contest.rules.result_terms import Remedy
from tests.kinds import SAMPLES, sample

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
    assert [mark(ONE, BODY, Key(OLD), o, Correction(remedy, Key(NEW))) for o in OPTIONS] == marks


@pytest.mark.parametrize(
    ("remedy", "earned"),
    [(Remedy.FULL_CREDIT, 1), (Remedy.BOTH_KEYS, 0), (Remedy.NEW_KEY, 0), (Remedy.AS_WRITTEN, 0)],
)
def test_who_left_it_empty_has_it_by_full_credit_alone(remedy: Remedy, earned: int) -> None:
    assert mark(ONE, BODY, Key(OLD), None, Correction(remedy, Key(NEW))) == earned


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
    both = mark(kind, BODY, Key(was), value, Correction(Remedy.BOTH_KEYS, Key(other)))  # type: ignore[arg-type]
    alone = mark(kind, BODY, Key(was), value, Correction(Remedy.NEW_KEY, Key(other)))  # type: ignore[arg-type]
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
    refusals = check_correction(Correction(remedy, Key(key_weights(OPTIONS, key))), kind, BODY, Key(OLD))
    assert [refusal.slug for refusal in refusals] == ([slug] if slug else [])


def test_key_with_an_option_of_another_question_is_refused() -> None:
    (refusal,) = check_correction(Correction(Remedy.NEW_KEY, Key({"x": Decimal(1)})), ONE, BODY, Key(OLD))
    assert (refusal.slug, refusal.field) == ("not-a-choice", "key")


@pytest.mark.parametrize(
    ("remedy", "right"),
    [(Remedy.AS_WRITTEN, "a"), (Remedy.NEW_KEY, "b"), (Remedy.BOTH_KEYS, "ab"), (Remedy.DROPPED, "a"), (None, "a")],
)
def test_options_shown_as_right(remedy: Remedy | None, right: str) -> None:
    correction = Correction(remedy, Key(NEW)) if remedy else None
    shown = keys_shown(Key(OLD), correction)
    assert "".join(o for o in OPTIONS if any(key.weights[o] > 0 for key in shown)) == right


# Keys of questions answered part by part, or in an order

PARTED = [k for k in Kind if "parts" in SAMPLES[k] or k is Kind.ORDERING]


def written(kind: Kind, body: Body, key: Key) -> dict[str, str]:
    """Return a key as it is written to be read again."""
    if kind is Kind.ORDERING:
        return {answer.value: str(place) for place, answer in enumerate(key.answers[WHOLE], 1)}
    pairs = {p.id: [(a.value, a.weight) for a in key.answers[p.id] if a.weight > 0] for p in body.parts}
    typed = {PartKind.TEXT, PartKind.NUMBER}
    return {p.id: write_answers(p.kind, pairs[p.id])[0] if p.kind in typed else pairs[p.id][0][0] for p in body.parts}


def changed(kind: Kind, body: Body, given: dict[str, str]) -> dict[str, str]:
    """Return what is written with something else right: the first part's, or the last two places."""
    if kind is Kind.ORDERING:
        swap = {"3": "4", "4": "3"}
        return {option: swap.get(place, place) for option, place in given.items()}
    part = body.parts[0]
    match part.kind:
        case PartKind.STATEMENT:
            other = "false" if given[part.id] == "true" else "true"
        case PartKind.STEM | PartKind.CHOICE:
            offered = body.options if part.kind is PartKind.STEM else part.options
            other = next(o for o, _ in offered if o != given[part.id])
        case _:
            other = "7"
    return {**given, part.id: other}


def right_by(kind: Kind, body: Body, key: Key) -> object:
    """Return a response that is wholly right by a key."""
    if kind is Kind.ORDERING:
        return tuple(answer.value for answer in key.answers[WHOLE])
    first = {p.id: next(a.value for a in key.answers[p.id] if a.weight == 1) for p in body.parts}
    return KINDS[kind].parse(body, {part: value.replace("* ", "") for part, value in first.items()})


@pytest.mark.parametrize("kind", PARTED)
def test_key_as_it_is_written_reads_as_itself_and_changes_nothing(kind: Kind) -> None:
    composed = compose(sample(kind))
    key = read_key(kind, composed.body, (), written(kind, composed.body, composed.key))
    refusals = check_correction(Correction(Remedy.NEW_KEY, key), kind, composed.body, composed.key)
    assert refusals == (Refusal("new-key-same", field="key"),)


@pytest.mark.parametrize("kind", PARTED)
def test_new_key_of_every_kind_takes_the_place_of_the_old_or_stands_beside_it(kind: Kind) -> None:
    composed = compose(sample(kind))
    body, old = composed.body, composed.key
    new = read_key(kind, body, (), changed(kind, body, written(kind, body, old)))
    assert check_correction(Correction(Remedy.NEW_KEY, new), kind, body, old) == ()
    was, becomes = right_by(kind, body, old), right_by(kind, body, new)

    def earned(value: object, remedy: Remedy) -> Fraction | None:
        return mark(kind, body, old, value, Correction(remedy, new))  # type: ignore[arg-type]

    assert [earned(value, Remedy.BOTH_KEYS) for value in (was, becomes)] == [1, 1]
    assert [earned(value, Remedy.AS_WRITTEN) == 1 for value in (was, becomes)] == [True, False]
    assert [earned(value, Remedy.NEW_KEY) == 1 for value in (was, becomes)] == [False, True]
    assert keys_shown(old, Correction(Remedy.BOTH_KEYS, new)) == (old, new)


@pytest.mark.parametrize("kind", PARTED)
def test_new_key_without_an_answer_names_its_part(kind: Kind) -> None:
    composed = compose(sample(kind))
    body, given = composed.body, written(kind, composed.body, composed.key)
    key = read_key(kind, body, (), {**given, next(iter(given)): ""})
    (refusal,) = check_correction(Correction(Remedy.NEW_KEY, key), kind, body, composed.key)
    assert refusal == (
        Refusal("order-incomplete", field="key") if kind is Kind.ORDERING else Refusal("no-right-part", field="part-1")
    )


@pytest.mark.parametrize("kind", sorted(MARKED_BY_PEOPLE | TOLD))
def test_what_people_mark_or_only_read_has_no_key_to_correct(kind: Kind) -> None:
    refusals = check_correction(Correction(Remedy.NEW_KEY, Key()), kind, BODY, Key())
    assert refusals == (Refusal("no-key-to-correct", field="remedy"),)
    assert check_correction(Correction(Remedy.DROPPED), kind, BODY, Key()) == ()
