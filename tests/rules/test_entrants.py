"""Who takes part and who may win: a person's own mark, then the nearest unit, and out before in at the same one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.entrants import Entrant, Marks, Settings, is_entrant, marked, may_take_part, may_win, unit_takes_part
from contest.rules.entry_terms import EntrantMark, EntrantReason

levels = st.none() | st.integers(0, 6)
entrants = st.builds(
    Entrant, levels, levels, st.none() | st.booleans(), st.booleans(), st.sampled_from(EntrantReason), st.booleans()
)


@pytest.mark.parametrize(
    ("included_at", "excluded_at", "takes_part"),
    [
        (None, None, False),
        (0, None, True),
        (3, None, True),
        (None, 1, False),
        (2, 1, False),  # taken out below the one that takes part
        (0, 1, True),  # and taken in again below that
        (1, 1, False),  # at the same unit, out goes before in
    ],
)
def test_nearest_unit_decides(included_at, excluded_at, takes_part):
    assert unit_takes_part(Entrant(included_at, excluded_at)) is takes_part


@pytest.mark.parametrize("own", [True, False])
@given(entrant=entrants)
def test_own_mark_goes_before_the_units(own, entrant):
    told = Entrant(entrant.included_at, entrant.excluded_at, own, entrant.may_win, entrant.reason, True)
    assert is_entrant(told) is own


@pytest.mark.parametrize(
    ("entrant", "registers", "slug"),
    [
        (Entrant(0), False, None),
        (Entrant(None), False, "unit-not-taking-part"),
        (Entrant(0, own=False), False, "person-not-taking-part"),
        (Entrant(None, own=True), False, None),
        (Entrant(0), True, "registration-needed"),
        (Entrant(0, is_registered=True), True, None),
        (Entrant(None, is_registered=True), True, "unit-not-taking-part"),  # registering lets nobody in
        (Entrant(0, own=False, is_registered=True), True, "person-not-taking-part"),
    ],
)
def test_may_take_part(entrant, registers, slug):
    refusal = may_take_part(entrant, Settings(registers))
    assert (refusal.slug if refusal else None) == slug


def test_whoever_stays_out_is_told_why():
    refusal = may_take_part(Entrant(0, own=False, reason=EntrantReason.OPERATOR), Settings())
    assert refusal is not None
    assert refusal.params == {"reason": EntrantReason.OPERATOR}


@given(entrant=entrants, registers=st.booleans())
def test_winning_and_taking_part_are_two_things(entrant, registers):
    refusal = may_win(entrant)
    assert (refusal is None) is entrant.may_win
    with_prize = Entrant(
        entrant.included_at, entrant.excluded_at, entrant.own, True, entrant.reason, entrant.is_registered
    )
    assert may_take_part(entrant, Settings(registers)) == may_take_part(with_prize, Settings(registers))


@pytest.mark.parametrize(
    ("before", "mark", "after"),
    [
        (Marks(), EntrantMark.TAKES_PART, Marks(takes_part=True)),
        (Marks(), EntrantMark.STAYS_OUT, Marks(takes_part=False)),
        (Marks(), EntrantMark.NO_PRIZE, Marks(may_win=False)),
        (Marks(), EntrantMark.MANDATORY, Marks(is_mandatory=True)),
        (Marks(takes_part=False), EntrantMark.MANDATORY, Marks(is_mandatory=True)),
        (Marks(is_mandatory=True), EntrantMark.STAYS_OUT, Marks(takes_part=False)),
        (Marks(takes_part=True, may_win=False), EntrantMark.MANDATORY, Marks(True, False, True)),
        (Marks(is_mandatory=True), EntrantMark.NO_PRIZE, Marks(None, False, True)),
    ],
)
def test_one_more_mark(before, mark, after):
    assert marked(before, mark) == after


@given(st.lists(st.sampled_from(EntrantMark)))
def test_nobody_has_to_take_part_and_must_not(marks):
    told = Marks()
    for mark in marks:
        told = marked(told, mark)
        assert marked(told, mark) == told
        assert not (told.is_mandatory and told.takes_part is False)
