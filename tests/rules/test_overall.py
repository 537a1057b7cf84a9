"""Several rounds as one standing: what counts, what is added up, the laws of the order, and what contradicts itself."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules import overall_orders
from contest.rules.overall import (
    OverallMerit,
    RoundMerit,
    Rule,
    check_rule,
    counted_rounds,
    overall_key,
    overall_merit,
)
from contest.rules.overall_terms import OverallCriterion, OverallWay
from tests.people import at

W, C = OverallWay, OverallCriterion
USUAL = (C.CORRECT, C.PREDICTION, C.DURATION)
SUM = Rule(W.SUM, USUAL)


def did(
    number: int = 1, correct: int | str = 20, error: int | None = 0, seconds: int = 600, asks: bool = True
) -> RoundMerit:
    score, end = Decimal(correct), at("08:00") + timedelta(days=number, seconds=seconds)
    return RoundMerit(number, score, score, asks, error, seconds, end, 1, int(score == 20))


def key(rule: Rule, *own: RoundMerit) -> bytes:
    return overall_key(overall_merit(own, rule), rule.criteria)


def test_rounds_are_added_up() -> None:
    merit = overall_merit([did(1, 18, 4, 500), did(2, 20, None, 300), did(3, "17.5", 6, 450)], SUM)
    assert merit == OverallMerit(
        3, Decimal("55.5"), Decimal("55.5"), 10, 1, 1250, at("08:00") + timedelta(days=3, seconds=450), 3, 1
    )


@pytest.mark.parametrize(
    ("rule", "counted"),
    [
        (SUM, [1, 2, 3]),
        (Rule(W.CHOSEN, USUAL), [1, 2, 3]),  # the one chosen round is the only one handed in
        (Rule(W.BEST, USUAL), [2]),
        (Rule(W.BEST_K, USUAL, 1), [2]),
        (Rule(W.BEST_K, USUAL, 2), [2, 3]),
        (Rule(W.BEST_K, USUAL, 3), [1, 2, 3]),
        (Rule(W.BEST, (C.DURATION, C.CORRECT)), [1]),
    ],
)
def test_which_rounds_count(rule: Rule, counted: list[int]) -> None:
    own = [did(3, 19, 1), did(1, 17, 1, 200), did(2, 19, 0)]
    assert [r.number for r in counted_rounds(own, rule)] == counted


def test_equal_rounds_count_from_the_first_on() -> None:
    assert [r.number for r in counted_rounds([did(2), did(1), did(3)], Rule(W.BEST_K, (C.CORRECT,), 2))] == [1, 2]


def test_a_guess_left_out_stands_behind_every_guess() -> None:
    assert key(SUM, did(1, error=10**9), did(2, error=10**9)) < key(SUM, did(1, error=0), did(2, error=None))
    assert key(SUM, did(1, error=None), did(2, error=5)) < key(SUM, did(1, error=None), did(2, error=None))


def test_a_round_that_asks_no_guess_leaves_none_out() -> None:
    assert key(SUM, did(1, error=3), did(2, error=None, asks=False)) == key(SUM, did(1, error=3), did(2, error=0))
    assert overall_merit([did(1, error=None, asks=False)], SUM).prediction_error is None


def test_an_exact_guess_never_lifts_over_a_better_sum() -> None:
    assert key(SUM, did(1, 20, None), did(2, 20, None)) < key(SUM, did(1, 20, 0), did(2, 19, 0))


@pytest.mark.parametrize(
    ("criterion", "better", "worse"),
    [
        (C.CORRECT, {"correct": Decimal("1.000001")}, {"correct": Decimal(1)}),
        (C.POINTS, {"points": Decimal(-1)}, {"points": Decimal("-1.5")}),
        (C.PREDICTION, {"prediction_error": 4}, {"prediction_error": 5}),
        (C.DURATION, {"duration_seconds": 9}, {"duration_seconds": 10}),
        (C.SUBMITTED_AT, {"submitted_at": at("08:00:00")}, {"submitted_at": at("08:00:01")}),
        (C.REGISTERED_AT, {"registered_at": at("08:00")}, {"registered_at": None}),
        (C.ATTEMPTS_USED, {"attempts_used": 2}, {"attempts_used": 3}),
        (C.FULL_MARKS, {"full_marks": 2}, {"full_marks": 1}),
        (C.ROUNDS_TAKEN, {"rounds_taken": 3}, {"rounds_taken": 2}),
    ],
)
def test_each_criterion_knows_what_is_better(criterion: OverallCriterion, better: dict, worse: dict) -> None:
    plain = overall_merit([did()], SUM)
    assert overall_key(replace(plain, **better), [criterion]) < overall_key(replace(plain, **worse), [criterion])


ROUND = st.builds(
    did, st.just(1), st.integers(0, 20), st.none() | st.integers(0, 10**9), st.integers(0, 7200), st.booleans()
)
OWN = st.lists(ROUND, min_size=1, max_size=5).map(lambda own: [replace(r, number=n) for n, r in enumerate(own, 1)])
ORDER = st.lists(st.sampled_from(C), min_size=1, unique=True).map(tuple)
RULE = st.builds(Rule, st.sampled_from(W), ORDER, st.integers(1, 5))


@given(RULE, st.lists(OWN, min_size=3, max_size=3))
def test_the_order_is_total(rule: Rule, people: list[list[RoundMerit]]) -> None:
    a, b, c = sorted(key(rule, *own) for own in people)
    assert a <= b <= c
    assert len(a) == len(b) == len(c) == 8 * len(rule.criteria)


@given(RULE, OWN, st.randoms(use_true_random=False))
def test_the_order_in_which_rounds_are_given_changes_nothing(
    rule: Rule, own: list[RoundMerit], rng: random.Random
) -> None:
    shuffled = rng.sample(own, len(own))
    assert counted_rounds(shuffled, rule) == counted_rounds(own, rule)
    assert overall_merit(shuffled, rule) == overall_merit(own, rule)


@given(OWN, ORDER)
def test_who_took_every_round_has_the_sum_of_them(own: list[RoundMerit], order: tuple[OverallCriterion, ...]) -> None:
    merit = overall_merit(own, Rule(W.SUM, order))
    assert merit.correct == sum(r.correct for r in own)
    assert merit.points == sum(r.points for r in own)
    assert merit.duration_seconds == sum(r.duration_seconds for r in own)
    assert (merit.prediction_error or 0) == sum(r.error or 0 for r in own)
    assert merit == overall_merit(own, Rule(W.BEST_K, order, len(own)))


@given(OWN, st.integers(1, 5))
def test_no_other_choice_of_rounds_is_better_than_the_best(own: list[RoundMerit], k: int) -> None:
    rule = Rule(W.BEST_K, (C.CORRECT, C.DURATION), k)
    mine = key(rule, *own)
    for start in range(len(own)):
        other = (own[start:] + own[:start])[:k]
        assert mine <= key(Rule(W.SUM, rule.criteria), *other) or len(other) < min(k, len(own))


@given(OWN, ROUND)
def test_one_more_round_never_takes_away_from_a_score(own: list[RoundMerit], more: RoundMerit) -> None:
    rule = Rule(W.BEST_K, (C.CORRECT,), 2)
    assert key(rule, *own, replace(more, number=9)) <= key(rule, *own)


@pytest.mark.parametrize(
    ("rule", "asks", "slugs"),
    [
        (SUM, [True, False], []),
        (SUM, [], ["overall-no-rounds"]),
        (SUM, [False, False], ["overall-prediction-nowhere"]),
        (Rule(W.SUM, ()), [True], ["criteria-empty"]),
        (Rule(W.SUM, (C.CORRECT, C.CORRECT)), [True], ["criteria-twice"]),
        (Rule(W.SUM, (C.PREDICTION, C.CORRECT)), [True], ["prediction-before-score"]),
        (Rule(W.SUM, (C.DURATION,)), [False], []),
        (Rule(W.CHOSEN, USUAL), [True], []),
        (Rule(W.CHOSEN, USUAL), [], ["overall-chosen-missing"]),
        (Rule(W.CHOSEN, USUAL), [True, True], ["overall-chosen-missing"]),
        (Rule(W.BEST, USUAL), [True], []),
        (Rule(W.BEST_K, USUAL), [True], ["overall-best-missing"]),
        (Rule(W.BEST_K, USUAL, 0), [True], ["overall-best-missing"]),
        (Rule(W.BEST_K, USUAL, 2), [True, True], []),
        (Rule(W.BEST_K, USUAL, 3), [True, True], ["overall-best-too-many"]),
        (Rule(W.BEST_K, (C.PREDICTION,), 0), [False],
         ["overall-best-missing", "prediction-before-score", "overall-prediction-nowhere"]),
    ],
)  # fmt: skip
def test_what_contradicts_itself(rule: Rule, asks: list[bool], slugs: list[str]) -> None:
    assert [r.slug for r in check_rule(rule, asks)] == slugs


@pytest.mark.parametrize(
    ("rule", "order"),
    [
        (SUM, [(1, "A"), (2, "D"), (3, "B"), (4, "C"), (5, "E")]),
        (Rule(W.BEST, (C.CORRECT,)), [(1, "B"), (1, "E"), (3, "C"), (3, "D"), (5, "A")]),
        (Rule(W.BEST_K, USUAL, 2), [(1, "C"), (2, "D"), (3, "A"), (4, "B"), (5, "E")]),
        (Rule(W.CHOSEN, USUAL), [(1, "C"), (2, "A"), (3, "D"), (4, "B")]),
    ],
)
def test_the_try_out_tells_the_ways_apart(rule: Rule, order: list[tuple[int, str]]) -> None:
    assert [(t.place, t.letter) for t in overall_orders.try_out(rule)] == order


def test_the_try_out_shows_which_rounds_count() -> None:
    tried = {t.letter: t for t in overall_orders.try_out(Rule(W.BEST_K, USUAL, 2))}
    assert tried["B"].rounds == ((Decimal(20), True), (Decimal(12), False), (Decimal(15), True))
    assert tried["E"].rounds == ((None, False), (Decimal(20), True), (None, False))
