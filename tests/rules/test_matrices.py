"""Blueprints as matrices: every line is in it or beside it, and each cell says what it can draw from."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from contest.rules.marking import Scoring, Way
from contest.rules.matrices import Asked, matrix, supply_by_place
from contest.rules.question_terms import Difficulty
from contest.rules.worth import PLAIN_WORTH, Worth

EASY, HARD = Difficulty.RECALL, Difficulty.APPLICATION
worths = st.builds(
    Worth,
    st.sampled_from([Decimal(1), Decimal(2)]),
    st.sampled_from([Scoring(), Scoring(Way.BY_SHARE, (), Fraction(1, 4))]),
)
places = st.tuples(st.none() | st.integers(1, 4), st.none() | st.sampled_from([EASY, HARD]))
lines = st.lists(st.builds(Asked, places, st.integers(1, 9), worths, st.none() | st.integers(1, 9)), max_size=6)


@given(lines)
def test_matrix_and_what_stands_beside_it_are_the_blueprint(asked) -> None:  # type: ignore[no-untyped-def]
    found = matrix(asked, [1, 2, 3])
    said = [
        Asked((topic, level), count, Worth(found.points[level], found.scoring))
        for (topic, level), count in found.counts.items()
    ]
    assert Counter(said + [asked[n] for n in found.beside]) == Counter(asked)
    assert all(topic in (None, 1, 2, 3) for topic, _ in found.counts)


def test_level_takes_the_points_of_most_of_its_questions() -> None:
    asked = [
        Asked((1, EASY), 3, PLAIN_WORTH),
        Asked((2, EASY), 5, Worth(Decimal(2))),
        Asked((1, HARD), 2, Worth(Decimal(5))),
        Asked((None, None), 1, PLAIN_WORTH, question=7),
    ]
    found = matrix(asked, [1, 2])
    assert found.points == {EASY: 2, HARD: 5}
    assert found.counts == {(2, EASY): 5, (1, HARD): 2}
    assert found.beside == (0, 3)


def test_place_draws_from_its_topic_with_all_below() -> None:
    topics = [(1, "Luật"), (2, "Luật/Chương 1"), (3, "Sử")]
    supply = {(1, EASY): 1, (2, EASY): 10, (2, HARD): 100, (3, None): 1000, (None, EASY): 10_000, (2, HARD, 9): 7}
    found = supply_by_place(topics, supply)
    assert found[1, EASY] == 11
    assert found[1, None] == 118
    assert found[2, HARD] == 107
    assert found[3, None] == 1000
    assert found[None, EASY] == 10_011
    assert found[None, None] == 11_118
    assert found[3, EASY] == 0
