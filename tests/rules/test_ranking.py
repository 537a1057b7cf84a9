"""The order of a ranking: the regulations' example, the laws of an order, places that ties share."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.attempts import counted_attempt
from contest.rules.ranking import (
    Achievement,
    Merit,
    check_criteria,
    deciding,
    places,
    prediction_error,
    prediction_target,
    rank_key,
)
from contest.rules.terms import Counted, Criterion, PredictionTarget
from tests.people import at

C, P, D, S = Criterion.CORRECT, Criterion.PREDICTION, Criterion.DURATION, Criterion.SUBMITTED_AT
LOT, FULL, REGISTERED = Criterion.LOT, Criterion.FULL_MARKS, Criterion.REGISTERED_AT


def did(correct: int = 20, guess: int | None = 0, seconds: int = 600, number: int = 1, minute: int = 0) -> Achievement:
    start = at("08:00:00") + timedelta(minutes=minute)
    return Achievement(number, correct, 20, Decimal(correct), guess, seconds, start, start + timedelta(seconds=seconds))


def merit(a: Achievement, used: int = 1, full: int = 0, registered: int | None = None, lot: int | None = None) -> Merit:
    at_registration = None if registered is None else at("07:00") + timedelta(seconds=registered)
    return Merit(a, Decimal(a.correct_count), a.points, used, full, at_registration, lot)


def key(a: Achievement, *criteria: Criterion, target: int | None = 100, **person: int | None) -> bytes:
    return rank_key(merit(a, **person), criteria, target=target)  # type: ignore[arg-type]


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
        ((LOT,), False, "lot-alone"),
        ((C, LOT, D), False, "lot-not-last"),
        ((C, D, LOT), False, None),
    ],
)
def test_criteria_are_checked(criteria: tuple[Criterion, ...], has_prediction: bool, slug: str | None) -> None:
    refusal = check_criteria(criteria, has_prediction=has_prediction)
    assert (refusal.slug if refusal else None) == slug


def test_more_full_marks_stand_higher_and_earlier_registration_too() -> None:
    assert key(did(), C, FULL, full=3) < key(did(), C, FULL, full=2)
    assert key(did(), C, REGISTERED, registered=59) < key(did(), C, REGISTERED, registered=60)
    assert key(did(), C, REGISTERED, registered=10**6) < key(did(), C, REGISTERED)


def test_a_lot_decides_only_once_it_is_drawn() -> None:
    assert key(did(), C, LOT) == key(did(), C, LOT)
    assert key(did(), C, LOT, lot=1) < key(did(), C, LOT, lot=2)
    assert key(did(19), C, LOT, lot=1) > key(did(20), C, LOT, lot=2)


def test_what_decides_between_two_is_the_first_criterion_that_differs() -> None:
    a, b = did(20, 103, 600), did(20, 110, 300)
    assert deciding(key(a, C, P, D), key(b, C, P, D), (C, P, D)) is P
    assert deciding(key(a, C, D, P), key(b, C, D, P), (C, D, P)) is D
    assert deciding(key(a, C), key(b, C), (C,)) is None


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
        keys = sorted(rank_key(merit(a), criteria, target=target) for a in given)
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
            Criterion.REGISTERED_AT: 0,
            Criterion.ATTEMPTS_USED: 1,
            Criterion.FULL_MARKS: 0,
            Criterion.LOT: 0,
        }
        return [values[c] for c in criteria]

    one, two = (rank_key(merit(x), criteria, target=target) for x in (a, b))
    assert (one < two) == (plain(a) < plain(b))
    assert (one == two) == (plain(a) == plain(b))
    differing = next((c for c, v, w in zip(criteria, plain(a), plain(b), strict=True) if v != w), None)
    assert deciding(one, two, criteria) is differing


def test_the_target_counts_people_and_not_attempts() -> None:
    people = [[did(20), did(20, number=2)], [did(19), did(20, number=2)], [did(19)], []]
    assert prediction_target(people, PredictionTarget.ALL_CORRECT) == 2
    assert prediction_target(people, PredictionTarget.PARTICIPANTS) == 3


def test_which_attempt_counts() -> None:
    own = [did(18, seconds=300), did(19, seconds=900, number=2), did(17, number=3)]
    chosen = {c: counted_attempt(own, c, (C, D), target=None) for c in Counted}
    assert {c: (m.attempt.number, m.correct) if m else None for c, m in chosen.items()} == {
        Counted.BEST: (2, 19),
        Counted.FIRST: (1, 18),
        Counted.LAST: (3, 17),
        Counted.AVERAGE: (2, 18),
    }
    assert counted_attempt([], Counted.BEST, (C,), target=None) is None


def test_of_equal_attempts_the_earlier_counts() -> None:
    best = counted_attempt([did(number=2), did(number=1)], Counted.BEST, (C,), target=None)
    assert best is not None
    assert best.attempt.number == 1


def test_a_mean_is_exact_to_the_millionth_and_orders_so() -> None:
    third = counted_attempt([did(20), did(20, number=2), did(19, number=3)], Counted.AVERAGE, (C,), target=None)
    half = counted_attempt([did(20), did(19, number=2)], Counted.AVERAGE, (C,), target=None)
    assert third is not None
    assert half is not None
    assert (third.correct, third.points, half.correct) == (Decimal("19.666667"), Decimal("19.666667"), Decimal("19.5"))
    assert rank_key(third, (C,), target=None) < rank_key(half, (C,), target=None)


@given(
    st.lists(achievements, min_size=1, max_size=6), st.sampled_from(Counted), orders, st.none() | st.integers(0, 500)
)
def test_what_counts_does_not_depend_on_the_order_of_input(own, counted, criteria, target) -> None:  # type: ignore[no-untyped-def]
    numbered = [a._replace(number=n) for n, a in enumerate(own, 1)]
    straight = counted_attempt(numbered, counted, criteria, target=target)
    assert straight == counted_attempt(numbered[::-1], counted, criteria, target=target)
    assert straight is not None
    assert (straight.attempts_used, straight.full_marks) == (len(own), sum(a.is_all_correct for a in own))


@given(st.lists(achievements, min_size=1, max_size=6), orders, st.none() | st.integers(0, 500))
def test_no_attempt_beats_the_best(own, criteria, target) -> None:  # type: ignore[no-untyped-def]
    numbered = [a._replace(number=n) for n, a in enumerate(own, 1)]
    best = counted_attempt(numbered, Counted.BEST, criteria, target=target)
    assert best is not None
    keys = [
        rank_key(best._replace(attempt=a, correct=Decimal(a.correct_count), points=a.points), criteria, target=target)
        for a in numbered
    ]
    assert rank_key(best, criteria, target=target) == min(keys)


@given(st.lists(st.lists(achievements, max_size=4), min_size=1, max_size=12), st.data())
def test_voiding_the_full_marks_of_one_person_moves_the_target_by_one(people, data) -> None:  # type: ignore[no-untyped-def]
    kind = PredictionTarget.ALL_CORRECT
    target = prediction_target(people, kind)
    full = [own for own in people if any(a.is_all_correct for a in own)]
    assert target == len(full)
    if full:
        voided = data.draw(st.sampled_from(range(len(full))))
        rest = [own for own in people if own is not full[voided]]
        assert prediction_target(rest, kind) == target - 1
