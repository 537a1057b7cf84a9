"""Blueprints and papers: lines that overlap, a bank just rich enough, a draw that keeps every line."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from contest.rules.blueprints import Line, check_blueprint, shortfalls
from contest.rules.papers import BankTooPoor, Candidate, Item, draw, versions_of
from contest.rules.question_terms import Difficulty

EASY, HARD = Difficulty.RECALL, Difficulty.APPLICATION


def test_line_is_filled_exactly_or_says_what_is_missing() -> None:
    supply = {(1, EASY): 3}
    assert shortfalls([Line(3, frozenset({1}), EASY)], supply) == (0,)
    assert shortfalls([Line(4, frozenset({1}), EASY)], supply) == (1,)
    assert shortfalls([Line(1, frozenset({2}), EASY)], supply) == (1,)


def test_open_lines_leave_to_others_what_only_they_can_take() -> None:
    supply = {(1, EASY): 2, (2, EASY): 2}
    assert shortfalls([Line(2), Line(2, frozenset({1}))], supply) == (0, 0)
    assert shortfalls([Line(3), Line(2, frozenset({1}))], supply) == (0, 1)


def test_blueprint_is_checked_as_a_whole() -> None:
    slugs = [r.slug for r in check_blueprint([Line(2, None, HARD), Line(1)], {(1, EASY): 5})]
    assert slugs == ["blueprint-short"]
    assert [r.slug for r in check_blueprint([], {(1, EASY): 5})] == ["blueprint-empty"]
    assert [r.slug for r in check_blueprint([Line(201)], {(1, EASY): 500})] == ["blueprint-too-long"]
    assert check_blueprint([Line(200)], {(1, EASY): 500}) == ()


cells = st.tuples(st.integers(1, 3), st.sampled_from([EASY, HARD]))
pools = st.dictionaries(cells, st.integers(1, 6), min_size=1)
line_lists = st.lists(
    st.builds(
        Line,
        st.integers(1, 4),
        st.none() | st.frozensets(st.integers(1, 3), min_size=1),
        st.none() | st.sampled_from([EASY, HARD]),
    ),
    min_size=1,
    max_size=4,
)


@given(pools, line_lists, st.integers(0, 2**32))
def test_draw_fills_every_line_without_a_question_twice(sizes, lines, seed) -> None:  # type: ignore[no-untyped-def]
    ids = iter(range(1, 1000))
    pool = {cell: [Candidate(next(ids), ("a", "b", "c", "d")) for _ in range(n)] for cell, n in sizes.items()}
    where = {c.version_id: cell for cell, own in pool.items() for c in own}
    enough = not any(shortfalls(lines, sizes))
    try:
        paper = draw(lines, pool, Random(seed), shuffle_questions=False)
    except BankTooPoor:
        assert not enough
        return
    assert enough
    drawn = [item.version_id for item in paper]
    assert len(set(drawn)) == len(drawn) == sum(line.count for line in lines)
    rest = list(drawn)
    for line in lines:
        own, rest = rest[: line.count], rest[line.count :]
        assert all(line.takes(*where[v]) for v in own)
    assert all(Counter(item.options) == Counter("abcd") for item in paper)


def test_options_keep_their_order_where_the_question_or_the_round_says_so() -> None:
    pool = {(1, EASY): [Candidate(1, ("đ", "s"), shuffle_options=False)]}
    assert {draw([Line(1)], pool, Random(n))[0].options for n in range(20)} == {("đ", "s")}
    pool = {(1, EASY): [Candidate(1, ("a", "b", "c"))]}
    assert {draw([Line(1)], pool, Random(n), shuffle_options=False)[0].options for n in range(20)} == {("a", "b", "c")}
    assert len({draw([Line(1)], pool, Random(n))[0].options for n in range(60)}) == 6


def test_every_question_has_the_same_chance() -> None:
    pool = {(1, EASY): [Candidate(i, ("a", "b")) for i in range(10)]}
    rng = Random(7)
    seen = Counter(item.version_id for _ in range(3000) for item in draw([Line(2)], pool, rng))
    assert set(seen) == set(range(10))
    assert all(480 < n < 720 for n in seen.values())  # 600 expected, five deviations either way


@given(st.integers(1, 12), st.integers(1, 24), st.integers(0, 2**32))
def test_versions_are_one_paper_in_orders_of_their_own(questions: int, count: int, seed: int) -> None:
    items = [Item(n, (f"{n}a", f"{n}b", f"{n}c")) for n in range(questions)]
    versions = versions_of(items, count, Random(seed), keeps={0})
    assert len(versions) == count
    assert versions[0] == tuple(items)
    for version in versions:
        assert sorted((i.version_id, tuple(sorted(i.options))) for i in version) == [
            (i.version_id, i.options) for i in items
        ]
        assert next(i for i in version if i.version_id == 0) == items[0]
    kept = versions_of(items, count, Random(seed), mixes_questions=False)
    assert all([i.version_id for i in version] == list(range(questions)) for version in kept)
