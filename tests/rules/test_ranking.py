"""The order of a ranking: the regulations' example, the laws of an order, places that ties share."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.attempts import counted_attempt
from contest.rules.ranking import (
    Achievement,
    check_criteria,
    places,
    prediction_error,
    prediction_target,
    rank_key,
)
from contest.rules.terms import Counted, Criterion, PredictionTarget
from tests.people import at

C, P, D, S = Criterion.CORRECT, Criterion.PREDICTION, Criterion.DURATION, Criterion.SUBMITTED_AT


def did(correct: int = 20, guess: int | None = 0, seconds: int = 600, number: int = 1, minute: int = 0) -> Achievement:
    start = at("08:00:00") + timedelta(minutes=minute)
    return Achievement(number, correct, 20, Decimal(correct), guess, seconds, start, start + timedelta(seconds=seconds))


def key(a: Achievement, *criteria: Criterion, target: int | None = 100, used: int = 1) -> bytes:
    return rank_key(a, criteria, target=target, attempts_used=used)


def test_the_order_of_criteria_decides() -> None:
    a, b = did(20, 103, 600), did(20, 110, 300)
    assert key(a, C, P, S) < key(b, C, P, S)
    assert key(b, C, D, P) < key(a, C, D, P)


def test_exact_guess_never_lifts_over_a_better_score() -> None:
    assert key(did(20, None), C, P) < key(did(19, 100), C, P)


def test_guesses_high_and_low_are_alike_and_an_empty_one_is_last() -> None:
    assert key(did(20, 90), C, P) == key(did(20, 110), C, P)
    assert key(did(20, 10**9), C, P) < key(did(20, None), C, P)


def test_while_the_target_is_unknown_the_prediction_is_not_in_the_key() -> None:
    assert key(did(20, 1), C, P, target=None) == key(did(20, None), C, P, target=None)


def test_times_count_in_whole_seconds() -> None:
    early, late = did(), did()
    late = Achievement(1, 20, 20, Decimal(20), 0, 600, late.started_at, late.submitted_at + timedelta(milliseconds=900))
    assert key(early, C, S) == key(late, C, S)


@pytest.mark.parametrize(
    ("criteria", "has_prediction", "slug"),
    [
        ((), True, "criteria-empty"),
        ((C, C), True, "criteria-twice"),
        ((P, C), True, "prediction-before-score"),
        ((D, P), True, "prediction-before-score"),
        ((C, P), False, "prediction-not-asked"),
        ((C, P, D), True, None),
        ((Criterion.POINTS, P), True, None),
        ((D,), False, None),
    ],
)
def test_criteria_are_checked(criteria: tuple[Criterion, ...], has_prediction: bool, slug: str | None) -> None:
    refusal = check_criteria(criteria, has_prediction=has_prediction)
    assert (refusal.slug if refusal else None) == slug


def test_equals_share_a_place_and_a_gap_follows() -> None:
    assert list(places([b"a", b"b", b"b", b"c"])) == [1, 2, 2, 4]
    assert list(places([b"x", b"y"], first=51)) == [51, 52]
    assert list(places([])) == []


achievements = st.builds(
    did,
    st.integers(0, 20),
    st.none() | st.integers(0, 500),
    st.integers(0, 1200),
    st.integers(1, 9),
    st.integers(0, 600),
)
orders = st.permutations(list(Criterion)).map(lambda c: tuple(c[:4]))


@given(st.lists(achievements, max_size=30), orders, st.none() | st.integers(0, 500), st.randoms())
def test_places_do_not_depend_on_the_order_of_input(people, criteria, target, rng) -> None:  # type: ignore[no-untyped-def]
    def ranked(given: list[Achievement]) -> list[tuple[bytes, int]]:
        keys = sorted(rank_key(a, criteria, target=target, attempts_used=1) for a in given)
        return list(zip(keys, places(keys), strict=True))

    shuffled = list(people)
    rng.shuffle(shuffled)
    assert ranked(people) == ranked(shuffled)


@given(achievements, achievements, orders, st.none() | st.integers(0, 500))
def test_bytes_order_as_the_criteria_do(a, b, criteria, target) -> None:  # type: ignore[no-untyped-def]
    def plain(x: Achievement) -> list[object]:
        error = prediction_error(x.prediction, target)
        far = 10**18 if error is None and target is not None else error or 0
        values = {
            Criterion.CORRECT: -x.correct_count,
            Criterion.POINTS: -x.points,
            Criterion.PREDICTION: far,
            Criterion.DURATION: x.duration_seconds,
            Criterion.SUBMITTED_AT: int(x.submitted_at.timestamp()),
            Criterion.STARTED_AT: int(x.started_at.timestamp()),
            Criterion.ATTEMPTS_USED: 1,
        }
        return [values[c] for c in criteria]

    one, two = (rank_key(x, criteria, target=target, attempts_used=1) for x in (a, b))
    assert (one < two) == (plain(a) < plain(b))
    assert (one == two) == (plain(a) == plain(b))


def test_the_target_counts_people_and_not_attempts() -> None:
    people = [[did(20), did(20, number=2)], [did(19), did(20, number=2)], [did(19)], []]
    assert prediction_target(people, PredictionTarget.ALL_CORRECT) == 2
    assert prediction_target(people, PredictionTarget.PARTICIPANTS) == 3


def test_which_attempt_counts() -> None:
    own = [did(18, seconds=300), did(19, seconds=900, number=2), did(17, number=3)]
    chosen = {c: counted_attempt(own, c, (C, D), target=None) for c in Counted}
    assert {c: a.number if a else None for c, a in chosen.items()} == {
        Counted.BEST: 2,
        Counted.FIRST: 1,
        Counted.LAST: 3,
    }
    assert counted_attempt([], Counted.BEST, (C,), target=None) is None


def test_of_equal_attempts_the_earlier_counts() -> None:
    best = counted_attempt([did(number=2), did(number=1)], Counted.BEST, (C,), target=None)
    assert best is not None
    assert best.number == 1
