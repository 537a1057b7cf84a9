"""Prizes: down the ranking, the highest only, never over the cap; refusals move the next up; ties at the edge."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.awards import (
    Awards,
    Candidate,
    EdgeTie,
    OpenTie,
    Prize,
    award,
    check_prizes,
    check_special,
    most_winners,
    next_state,
    why_not_next,
)
from contest.rules.result_terms import AwardState, Special, Verification

# 1 nhất, 2 nhì, 3 ba
THREE = (Prize("nhat", 1), Prize("nhi", 2), Prize("ba", 3))


def ranked(*places: int, **changed: object) -> list[Candidate]:
    return [Candidate(f"{chr(65 + n)}", place, **changed) for n, place in enumerate(places)]  # type: ignore[arg-type]


def given_out(awards: Awards) -> dict[str, str]:
    return dict(awards.winners)


def test_quotas_walk_the_ranking() -> None:
    found = award(ranked(1, 2, 3, 4, 5, 6, 7, 8), THREE, edge=EdgeTie.LOT)
    assert given_out(found) == {"A": "nhat", "B": "nhi", "C": "nhi", "D": "ba", "E": "ba", "F": "ba"}
    assert found.tie is None


def test_fewer_contestants_than_prizes_leave_prizes_over() -> None:
    assert given_out(award(ranked(1, 2), THREE, edge=EdgeTie.LOT)) == {"A": "nhat", "B": "nhi"}
    assert award([], THREE, edge=EdgeTie.LOT) == Awards(())


def test_equals_within_one_prize_need_no_lot() -> None:
    assert given_out(award(ranked(1, 2, 2, 4), THREE, edge=EdgeTie.LOT)) == {
        "A": "nhat",
        "B": "nhi",
        "C": "nhi",
        "D": "ba",
    }


def test_tie_at_the_edge_waits_for_the_lot_and_then_goes_on() -> None:
    tied = award(ranked(1, 2, 3, 3, 5), THREE, edge=EdgeTie.LOT)
    assert given_out(tied) == {"A": "nhat", "B": "nhi"}
    assert tied.tie == OpenTie("nhi", 1, ("C", "D"))
    drawn = [
        Candidate("A", 1),
        Candidate("B", 2),
        Candidate("C", 3, lot=2),
        Candidate("D", 3, lot=1),
        Candidate("E", 5),
    ]
    assert given_out(award(drawn, THREE, edge=EdgeTie.LOT)) == {
        "A": "nhat",
        "B": "nhi",
        "D": "nhi",
        "C": "ba",
        "E": "ba",
    }


def test_tie_at_the_edge_may_award_everybody_in_it() -> None:
    found = award(ranked(1, 2, 3, 3, 5, 6, 7), THREE, edge=EdgeTie.ALL)
    assert given_out(found) == {"A": "nhat", "B": "nhi", "C": "nhi", "D": "nhi", "E": "ba", "F": "ba"}


def test_whoever_may_not_win_or_was_refused_is_passed_over() -> None:
    people = [
        Candidate("A", 1, may_win=False),
        Candidate("B", 2, is_refused=True),
        Candidate("C", 3),
        Candidate("D", 4),
    ]
    assert given_out(award(people, (Prize("nhat", 1), Prize("nhi", 1)), edge=EdgeTie.LOT)) == {"C": "nhat", "D": "nhi"}


def test_refusing_a_winner_moves_the_next_up() -> None:
    prizes = (Prize("nhat", 1), Prize("nhi", 1))
    before = award([Candidate("A", 1), Candidate("B", 2), Candidate("C", 3)], prizes, edge=EdgeTie.LOT)
    after = award([Candidate("A", 1, is_refused=True), Candidate("B", 2), Candidate("C", 3)], prizes, edge=EdgeTie.LOT)
    assert given_out(before) == {"A": "nhat", "B": "nhi"}
    assert given_out(after) == {"B": "nhat", "C": "nhi"}


@pytest.mark.parametrize(("contestants", "winners"), [(1, 0), (2, 1), (3, 1), (4, 2), (11, 5), (12, 6), (13, 6)])
def test_no_more_than_half_win_under_a_cap_of_half(contestants: int, winners: int) -> None:
    people = ranked(*range(1, contestants + 1))
    assert most_winners(Fraction(1, 2), contestants) == winners
    assert len(award(people, THREE, edge=EdgeTie.LOT, cap=Fraction(1, 2)).winners) == winners


def test_a_tie_never_passes_the_cap() -> None:
    found = award(ranked(1, 2, 2, 4), THREE, edge=EdgeTie.ALL, cap=Fraction(1, 2))
    assert (given_out(found), found.tie) == ({"A": "nhat"}, OpenTie("nhi", 1, ("B", "C")))


@pytest.mark.parametrize(
    ("prizes", "cap", "contestants", "slug"),
    [
        ((), None, None, "prizes-empty"),
        ((Prize("a", 0),), None, None, "prize-count"),
        ((Prize("a", 1), Prize("a", 2)), None, None, "prize-twice"),
        (THREE, Fraction(0), None, "cap-range"),
        (THREE, Fraction(101, 100), None, "cap-range"),
        (THREE, Fraction(1, 2), 11, "prizes-over-cap"),
        (THREE, Fraction(1, 2), 12, None),
        (THREE, Fraction(1), None, None),
    ],
)
def test_prizes_are_checked(
    prizes: tuple[Prize, ...], cap: Fraction | None, contestants: int | None, slug: str | None
) -> None:
    refusal = check_prizes(prizes, cap=cap, contestants=contestants)
    assert (refusal.slug if refusal else None) == slug


@pytest.mark.parametrize(
    ("special", "for_units", "refused"),
    [
        (None, False, False),
        (None, True, False),
        *((special, units, units) for special in (Special.OLDEST, Special.YOUNGEST) for units in (False, True)),
        (Special.WIDEST, True, False),
        (Special.WIDEST, False, True),
    ],
)
def test_special_prizes_belong_to_lists_of_their_kind(special: Special | None, for_units: bool, refused: bool) -> None:
    assert (check_special(special, for_units=for_units) is not None) is refused


TIE = OpenTie("nhi", 1, ("B", "C"))
A, V = AwardState, Verification


@pytest.mark.parametrize(
    ("state", "verdicts", "tie", "same_person", "is_public", "slug"),
    [
        (A.PROVISIONAL, [], TIE, False, True, "award-tie-open"),
        (A.PROVISIONAL, [None], None, True, False, None),
        (A.VERIFICATION, [V.VERIFIED], TIE, False, True, "award-tie-open"),
        (A.VERIFICATION, [V.VERIFIED, None], None, False, True, "award-unverified"),
        (A.VERIFICATION, [V.VERIFIED, V.REFUSED], None, False, True, "award-unverified"),
        (A.VERIFICATION, [V.VERIFIED], None, True, True, "second-person-award"),
        (A.VERIFICATION, [V.VERIFIED], None, False, False, None),
        (A.OFFICIAL, [], None, True, False, "award-before-result"),
        (A.OFFICIAL, [], None, True, True, None),
        (A.ANNOUNCED, [], None, False, True, "award-announced"),
    ],
)
def test_list_goes_step_by_step_and_says_what_it_waits_for(
    state: AwardState,
    verdicts: list[Verification | None],
    tie: OpenTie | None,
    same_person: bool,
    is_public: bool,
    slug: str | None,
) -> None:
    refusal = why_not_next(state, verdicts, tie, same_person=same_person, result_is_public=is_public)
    assert (refusal.slug if refusal else None) == slug
    assert [next_state(s) for s in AwardState] == [A.VERIFICATION, A.OFFICIAL, A.ANNOUNCED, None]


people = st.lists(st.tuples(st.integers(1, 8), st.booleans(), st.booleans()), max_size=25).map(
    lambda rows: [Candidate(f"p{n:02}", place, may, refused) for n, (place, may, refused) in enumerate(rows)]
)
caps = st.none() | st.fractions(Fraction(1, 10), Fraction(1))


@given(people, st.sampled_from(EdgeTie), caps, st.randoms())
def test_laws_of_awards(candidates, edge, cap, rng) -> None:  # type: ignore[no-untyped-def]
    found = award(candidates, THREE, edge=edge, cap=cap)
    shuffled = list(candidates)
    rng.shuffle(shuffled)
    assert award(shuffled, THREE, edge=edge, cap=cap) == found
    by_code = {c.code: c for c in candidates}
    order = [p.code for p in THREE]
    won = [(by_code[code].place, order.index(prize)) for code, prize in found.winners]
    assert len({code for code, _ in found.winners}) == len(found.winners), "one prize a winner"
    assert won == sorted(won), "a higher place never has a lower prize"
    assert all(by_code[code].is_in for code, _ in found.winners)
    if cap is not None:
        assert len(found.winners) <= cap * len(candidates)
    if edge is EdgeTie.LOT:
        assert all(sum(p == prize.code for _, p in found.winners) <= prize.count for prize in THREE)
