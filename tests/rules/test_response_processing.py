"""The standard templates of QTI, on both sides of each of their boundaries."""

from decimal import Decimal

import pytest

from contest.rules.response_processing import (
    Area,
    AreaMap,
    Cardinality,
    Entry,
    Shape,
    ValueMap,
    holds,
    map_response,
    map_response_point,
    match_correct,
)

D = Decimal
SINGLE, MULTIPLE, ORDERED = Cardinality.SINGLE, Cardinality.MULTIPLE, Cardinality.ORDERED
WATER = ValueMap((Entry("H", D(1)), Entry("O", D(1)), Entry("Cl", D(-1))), D(-2), D(0), D(2))


@pytest.mark.parametrize(
    ("correct", "response", "cardinality", "earned"),
    [
        (("A",), ("A",), SINGLE, 1),
        (("A",), ("B",), SINGLE, 0),
        (("A",), ("a",), SINGLE, 0),
        (("A",), (), SINGLE, 0),
        ((), (), SINGLE, 0),
        (("A", "B"), ("B", "A"), MULTIPLE, 1),
        (("A", "B"), ("A",), MULTIPLE, 0),
        (("A", "B"), ("A", "B", "C"), MULTIPLE, 0),
        (("A", "B"), ("A", "B", "B"), MULTIPLE, 0),
        (("A", "B"), (), MULTIPLE, 0),
        (("A", "B"), ("A", "B"), ORDERED, 1),
        (("A", "B"), ("B", "A"), ORDERED, 0),
        (("A", "B"), ("A",), ORDERED, 0),
    ],
)
def test_match_correct_is_all_or_nothing_and_order_counts_where_it_is_asked_for(correct, response, cardinality, earned):
    assert match_correct(correct, response, cardinality) == earned


@pytest.mark.parametrize(
    ("response", "earned"),
    [
        ((), 0),
        (("H",), 1),
        (("H", "O"), 2),
        (("H", "H"), 1),  # a repeated value counts once
        (("H", "O", "Cl"), 1),
        (("H", "O", "He"), 0),  # the default takes both away
        (("He",), 0),  # the lower bound
        (("He", "He", "H", "O"), 0),
    ],
)
def test_map_response_sums_each_value_once_within_its_bounds(response, earned):
    assert map_response(WATER, response) == earned


@pytest.mark.parametrize(("upper", "earned"), [(None, 2), ("3", 2), ("2", 2), ("1.9", "1.9"), ("1", 1)])
def test_map_response_ends_at_the_upper_bound(upper, earned):
    mapping = ValueMap(WATER.entries, D(0), None, D(upper) if upper else None)
    assert map_response(mapping, ("H", "O")) == D(earned)


@pytest.mark.parametrize(
    ("lower", "earned"), [(None, -3), ("-4", -3), ("-3", -3), ("-2.9", "-2.9"), ("0", 0), ("1", 1)]
)
def test_map_response_ends_at_the_lower_bound(lower, earned):
    mapping = ValueMap(WATER.entries, D(-2), D(lower) if lower else None)
    assert map_response(mapping, ("Cl", "He")) == D(earned)


def test_no_response_earns_nothing_even_where_the_lower_bound_is_above_it():
    assert map_response(ValueMap((), D(0), D(1)), ()) == 0
    assert map_response(ValueMap((), D(0), D(1)), ("x",)) == 1


@pytest.mark.parametrize(
    ("given", "earned"), [("York", 1), ("york", "0.5"), ("YORK", "0.5"), ("Hà nội", 2), ("HÀ NỘI", 2), ("ha noi", 0)]
)
def test_case_is_told_entry_by_entry_and_the_first_that_holds_counts(given, earned):
    mapping = ValueMap(
        (Entry("York", D(1)), Entry("york", D("0.5"), with_case=False), Entry("hà nội", D(2), with_case=False))
    )
    assert map_response(mapping, (given,)) == D(earned)


def test_two_spellings_that_one_entry_holds_are_one_value():
    assert map_response(ValueMap((Entry("a", D(1), with_case=False),)), ("a", "A")) == 1


def area(shape, *coords, value=1):
    return Area(shape, tuple(map(D, coords)), D(value))


@pytest.mark.parametrize(
    ("shape", "coords", "inside", "outside"),
    [
        (Shape.DEFAULT, (), [(0, 0), (-9, 999)], []),
        (Shape.RECT, (1, 2, 5, 6), [(1, 2), (5, 6), (3, 4)], [("0.9", 4), ("5.1", 4), (3, "1.9"), (3, "6.1")]),
        (Shape.CIRCLE, (10, 10, 5), [(15, 10), (13, 14), (10, 10)], [("15.1", 10), (14, 14)]),
        (Shape.ELLIPSE, (0, 0, 4, 2), [(4, 0), (0, 2), (0, 0)], [("4.1", 0), (0, "2.1"), (3, 2)]),
        (
            Shape.POLY,
            (0, 0, 10, 0, 10, 10, 5, 5, 0, 10),  # with a notch at the bottom
            [(0, 0), (5, 0), (5, 5), (2, 2), (5, "4.9"), (10, 10), (1, 8)],
            [(5, "5.1"), (-1, 0), (11, 0), (5, 9), (5, -1)],
        ),
        (Shape.POLY, (0, 0, 1), [], [(0, 0)]),  # no polygon at all
        (Shape.CIRCLE, (0, 0), [], [(0, 0)]),
        (Shape.RECT, (0, 0, 1), [], [(0, 0)]),
    ],
)
def test_an_area_holds_what_is_in_it_and_on_its_edge(shape, coords, inside, outside):
    found = area(shape, *coords)
    for x, y in inside:
        assert holds(found, (D(x), D(y))), (x, y)
    for x, y in outside:
        assert not holds(found, (D(x), D(y))), (x, y)


def points(*found):
    return [(D(x), D(y)) for x, y in found]


@pytest.mark.parametrize(
    ("given", "earned"),
    [
        ([], 0),
        ([(1, 1)], 1),
        ([(1, 1), (2, 2)], 1),  # two points in one area
        ([(1, 1), (21, 21)], 3),
        ([(5, 5)], 1),  # where areas overlap the first counts
        ([(99, 99)], -1),
        ([(1, 1), (99, 99), (98, 98)], 0),
        ([(1, 1), (21, 21), (99, 99)], 2),
    ],
)
def test_map_response_point_counts_each_area_once(given, earned):
    areas = (
        area(Shape.RECT, 0, 0, 9, 9),
        area(Shape.RECT, 4, 4, 8, 8, value=5),
        area(Shape.CIRCLE, 20, 20, 3, value=2),
    )
    assert map_response_point(AreaMap(areas, D(-1)), points(*given)) == earned


def test_map_response_point_is_bounded_and_nothing_for_no_point():
    bounded = AreaMap((area(Shape.DEFAULT, value=3),), D(0), D(1), D(2))
    assert map_response_point(bounded, points((1, 1))) == 2
    assert map_response_point(bounded, []) == 0
    assert map_response_point(AreaMap((), D(0), D(1), D(2)), points((1, 1))) == 1
