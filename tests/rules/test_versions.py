"""The steps of a version: their order, who may take them, and when nothing may be taken any more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.result_terms import Step
from contest.rules.versions import Version, why_not

ORDER = (Step.COMPUTED, Step.CHECKED, Step.APPROVED, Step.PUBLISHED)
AN, BINH, CHI = 1, 2, 3


def version(*hands: int | None, waits: bool = True, is_last: bool = True, four_eyes: bool = True) -> Version:
    """Return a version whose first steps were taken by these people, in order."""
    return Version(dict(zip(ORDER, hands, strict=False)), waits, is_last, four_eyes)


def slug(step: Step, of: Version, who: int | None) -> str | None:
    refusal = why_not(step, of, who)
    return refusal.slug if refusal else None


@pytest.mark.parametrize("taken", range(1, 4))
def test_next_step_is_the_only_one_that_may_be_taken(taken: int) -> None:
    own = version(*[AN, BINH, CHI][:taken])
    assert own.next_step is ORDER[taken]
    for step in ORDER[taken + 1 :]:
        assert slug(step, own, CHI) in {"version-unchecked", "version-unapproved"}
    for step in ORDER[:taken]:
        assert slug(step, own, CHI) == "version-step-taken"
    assert slug(ORDER[taken], own, 99) is None


@pytest.mark.parametrize(("who", "expected"), [(AN, "second-person"), (BINH, "second-person"), (CHI, None)])
def test_approval_is_a_third_hand(who: int, expected: str | None) -> None:
    assert slug(Step.APPROVED, version(AN, BINH), who) == expected


@pytest.mark.parametrize(("who", "expected"), [(AN, "second-person"), (BINH, None)])
def test_what_the_system_computed_needs_two_people_in_all(who: int, expected: str | None) -> None:
    assert slug(Step.APPROVED, version(None, AN), who) == expected


def test_second_person_can_be_put_off() -> None:
    assert slug(Step.APPROVED, version(AN, AN, four_eyes=False), AN) is None


@pytest.mark.parametrize(
    ("hands", "expected"), [((AN,), None), ((AN, BINH), None), ((AN, BINH, CHI), "version-approved")]
)
def test_waiting_version_is_withdrawn_until_it_is_approved(hands: tuple[int, ...], expected: str | None) -> None:
    assert slug(Step.WITHDRAWN, version(*hands), AN) == expected


def test_version_that_is_shown_is_not_withdrawn() -> None:
    assert slug(Step.WITHDRAWN, version(None, waits=False), AN) == "version-shown"


@given(st.sampled_from(list(Step)), st.integers(1, 4), st.booleans())
def test_nothing_happens_to_a_version_that_is_over(step: Step, taken: int, withdrawn: bool) -> None:
    own = version(*[AN] * taken, is_last=withdrawn)
    if withdrawn:
        own = Version({**own.steps, Step.WITHDRAWN: AN}, True, True, True)
    assert own.next_step is None
    assert slug(step, own, CHI) == "version-over"
