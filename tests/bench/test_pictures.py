"""Scales, ticks and figures of the charts."""

import pytest

from bench.pictures import Axes, Curve, Pair, Ratio, Scale, apart, around, decades, lines, number, pairs, ratios, steps


@pytest.mark.parametrize(
    "value, text",
    [(0.314, "0.31"), (3.44, "3.4"), (34.4, "34"), (99.4, "99"), (99.5, "100"), (1234.0, "1,234"), (999_499, "999,499"),
     (999_500, "1 M"), (2_500_000, "2.5 M")],
)  # fmt: skip
def test_number(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    "values, ends", [([3, 40], (1, 100)), ([1, 100], (1, 100)), ([5], (1, 10)), ([10], (10, 100)), ([0], (1, 10))]
)
def test_around(values: list[float], ends: tuple[float, float]) -> None:
    assert around(values) == ends


def test_decades_hold_both_ends() -> None:
    assert decades(0.1, 1000) == [0.1, 1, 10, 100, 1000]


@pytest.mark.parametrize(
    "high, ticks", [(10, [0, 2, 4, 6, 8, 10]), (9.9, [0, 2, 4, 6, 8]), (53, [0, 20, 40]), (3, [0, 1, 2, 3])]
)
def test_steps(high: float, ticks: list[float]) -> None:
    assert steps(high) == ticks


def test_scale_of_decades_and_plain() -> None:
    assert Scale(1, 100, 10, 200, is_log=True)(10) == pytest.approx(110)
    assert Scale(1, 100, 10, 200, is_log=True)(0) == 10  # nothing lies at the lower end
    assert Scale(0, 50, 10, 200)(25) == 110


def test_labels_stand_apart_in_their_order() -> None:
    assert apart([50, 10, 12], 15) == [50, 10, 25]
    assert apart([10, 30], 15) == [10, 30]


def test_bars_say_what_they_are_and_texts_are_escaped() -> None:
    drawn = ratios("A & B", "", [("SQLite", [Ratio("start", 10.0, "50 : 5 ms"), Ratio("save", 1.5)])])
    assert "A &amp; B" in drawn
    assert "× 10.0" in drawn
    assert drawn.count('class="bar"') == 2


def test_a_side_without_a_value_has_no_bar() -> None:
    drawn = pairs("", "", [("", [Pair("start", None, 1500.0), Pair("save", 3.0, 4.0)])], "ms")
    assert drawn.count('class="bar"') - 1 == 2  # one is the legend's
    assert drawn.count('class="bar-floor"') - 1 == 1
    assert "1.5 s" in drawn


def test_short_curves_have_dots() -> None:
    drawn = lines(
        "", "", [("", [Curve("a", [(1, 1), (10, 2)]), Curve("b", [(1, 3), (10, 4)], "floor")])], Axes("x", "y", True)
    )
    assert drawn.count("<polyline") == 2
    assert drawn.count("<circle") == 4
