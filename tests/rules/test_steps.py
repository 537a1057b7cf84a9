"""Ways through a paper: steps hold every position once and in order, and time moves one forward only."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.rules.attempts import Saved, Verdict, judge_save
from contest.rules.steps import (
    EVERYTHING,
    Course,
    Section,
    Standing,
    Step,
    Walk,
    check_course,
    is_walked,
    may_hand_in_from,
    scale_of,
    standing_of,
    steps_of,
)
from contest.rules.terms import Layout, Navigation

START = datetime(2026, 5, 18, 1, tzinfo=UTC)
SEQUENTIAL, FREE = Navigation.SEQUENTIAL, Navigation.FREE
ONE_TWO = (Section("I", 10), Section("II", 5))


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def slugs(course: Course, minutes: int = 20, lines: tuple[int, ...] = ()) -> list[tuple[str, str | None]]:
    return [(r.slug, r.field) for r in check_course(course, minutes, lines)]


def test_course_that_contradicts_itself_is_refused_by_field() -> None:
    assert slugs(Course()) == []
    assert slugs(Course(question_seconds=30)) == [("seconds-without-sequence", "question_seconds")]
    assert slugs(Course(SEQUENTIAL, question_seconds=30)) == []
    assert slugs(Course(layout=Layout.ALL)) == []
    assert slugs(Course(SEQUENTIAL, layout=Layout.ALL)) == [("layout-against-sequence", "layout")]
    assert slugs(Course(least_minutes=19)) == []
    assert slugs(Course(least_minutes=20)) == [("least-minutes-too-many", "least_minutes")]


def test_sections_that_contradict_themselves_are_refused() -> None:
    def said(sections: tuple[Section, ...], lines: tuple[int, ...], minutes: int = 15) -> list[str]:
        return [slug for slug, field in slugs(Course(sections=sections), minutes, lines) if field == "sections"]

    assert said((), (0, 0)) == []
    assert said(ONE_TWO, (1, 1, 2)) == []
    assert said(ONE_TWO, (1, 2), minutes=14) == ["sections-too-long"]
    assert said(ONE_TWO, (1, 1)) == ["section-empty"]
    assert said(ONE_TWO, (0, 1, 2)) == ["line-without-section"]
    assert said(ONE_TWO, (1, 2, 3)) == ["line-without-section"]
    assert said((), (1,)) == ["line-without-section"]
    assert said((Section(""),), (1,)) == ["section-unnamed"]
    assert said((Section("I"), Section("I")), (1, 2)) == ["section-named-twice"]
    assert said(tuple(Section(str(n)) for n in range(21)), (1,)) == ["sections-too-many"]


def test_free_paper_is_one_step_with_its_prediction() -> None:
    assert steps_of(Course(), [""] * 5, True) == (Step(0, 5),)
    assert steps_of(Course(sections=(Section("I"), Section("II"))), ["I", "I", "II"], False) == (Step(1, 3),)
    assert not is_walked(steps_of(Course(), [""] * 5, True))


def test_sequential_paper_goes_question_by_question_and_the_prediction_comes_last() -> None:
    steps = steps_of(Course(SEQUENTIAL, question_seconds=30), ["", ""], True)
    assert steps == (Step(1, 1, 30), Step(2, 2, 30), Step(0, 0, section=1))
    assert is_walked(steps)
    timed = steps_of(Course(SEQUENTIAL, ONE_TWO), ["I", "II", "II"], False)
    assert [(s.first, s.section, s.section_seconds, s.titles) for s in timed] == [
        (1, 0, 600, ("I",)),
        (2, 1, 300, ("II",)),
        (3, 1, 300, ("II",)),
    ]


def test_sections_with_minutes_are_steps_and_those_without_stay_together() -> None:
    course = Course(sections=(Section("A"), Section("B"), Section("C", 5), Section("D")))
    assert steps_of(course, ["A", "B", "B", "C", "D"], False) == (
        Step(1, 3, titles=("A", "B")),
        Step(4, 4, None, 1, 300, ("C",)),
        Step(5, 5, section=2, titles=("D",)),
    )
    alone = steps_of(Course(sections=(Section("I", 5),)), ["I", "I"], False)
    assert alone == (Step(1, 2, None, 0, 300, ("I",)),)
    assert is_walked(alone)


sections = st.lists(st.tuples(st.integers(1, 4), st.none() | st.integers(1, 9)), max_size=5)


@st.composite
def papers(draw: st.DrawFn) -> tuple[Course, list[str], bool]:
    said = draw(sections)
    named = tuple(Section(f"P{n}", minutes) for n, (_, minutes) in enumerate(said))
    titles = [f"P{n}" for n, (count, _) in enumerate(said) for _ in range(count)] or [""] * draw(st.integers(1, 6))
    navigation = draw(st.sampled_from(Navigation))
    seconds = draw(st.none() | st.integers(5, 90)) if navigation is SEQUENTIAL else None
    return Course(navigation, named, seconds), titles, draw(st.booleans())


@given(papers())
def test_steps_hold_every_position_once_and_in_order(paper: tuple[Course, list[str], bool]) -> None:
    course, titles, predicts = paper
    steps = steps_of(course, titles, predicts)
    positions = [p for step in steps for p in step.positions]
    asked = list(range(1, len(titles) + 1))
    assert positions == ([0, *asked] if predicts and not is_walked(steps) else [*asked, *([0] if predicts else [])])
    assert [s.section for s in steps] == sorted(s.section for s in steps)
    if course.is_sequential:
        assert all(len(s.positions) == 1 for s in steps)
    for step in steps:
        assert len({titles[p - 1] for p in step.positions if p} & {s.title for s in course.sections if s.minutes}) <= 1


@given(papers(), st.lists(st.integers(0, 900), max_size=12), st.fractions(1, 3))
def test_way_leads_forward_only_and_time_never_leads_back(
    paper: tuple[Course, list[str], bool], waits: list[int], scale: Fraction
) -> None:
    steps = steps_of(*paper)
    walk, at = Walk(steps, {0: START}, scale), START
    for wait in waits:
        at += timedelta(seconds=wait)
        now = walk.current
        following = walk.following(at)
        if following is None:
            over = walk.section_ends_at(now)
            is_last = steps[now].section == steps[-1].section
            assert now == len(steps) - 1 or (over is not None and over <= at and is_last)
            break
        assert following > now
        skipped = steps[now + 1 : following]
        assert all(step.section == steps[now].section for step in skipped)
        walk = walk.entering(following, at)
        ends, section_ends = walk.ends_at(following), walk.section_ends_at(following)
        assert ends is None or section_ends is None or ends <= section_ends
        assert walk.closes_at is None or ends is None or ends <= walk.closes_at
        for number in range(following):
            place = steps[number].first
            assert not walk.in_time(place, at + timedelta(seconds=1), timedelta(seconds=5))


def test_time_of_a_question_runs_from_when_it_is_shown() -> None:
    walk = Walk(steps_of(Course(SEQUENTIAL, question_seconds=30), [""] * 3, False), {0: START})
    assert walk.ends_at(0) == after(30)
    assert (walk.is_over(after(29.9)), walk.is_over(after(30))) == (False, True)
    assert walk.following(after(600)) == 1  # the second has not been seen, so that it has not run
    away = walk.entering(1, after(600))
    assert away.ends_at(1) == after(630)
    assert away.closes_at is None
    last = away.entering(2, after(640))
    assert last.closes_at == after(670)
    assert last.following(after(700)) is None


def test_time_of_a_section_runs_over_its_questions_and_skips_those_left() -> None:
    walk = Walk(steps_of(Course(SEQUENTIAL, ONE_TWO), ["I", "I", "I", "II"], False), {0: START, 1: after(100)})
    assert walk.ends_at(1) == after(600)
    assert walk.following(after(599)) == 2
    assert walk.following(after(600)) == 3
    assert walk.closes_at is None
    assert walk.entering(3, after(700)).closes_at == after(1000)


def test_extra_time_lengthens_every_limit_in_proportion() -> None:
    scale = scale_of(timedelta(minutes=20), timedelta(minutes=5))
    assert scale == Fraction(5, 4)
    walk = Walk(steps_of(Course(SEQUENTIAL, question_seconds=30), [""], False), {0: START}, scale)
    assert walk.ends_at(0) == after(38)  # 37.5, rounded up in favour of the person
    assert scale_of(timedelta(minutes=20), timedelta()) == 1


def test_save_that_arrived_before_its_step_was_left_is_in_time() -> None:
    steps = steps_of(Course(SEQUENTIAL, question_seconds=30), [""] * 3, False)
    walk, allowance = Walk(steps, {0: START, 1: after(10)}), timedelta(seconds=5)
    assert walk.in_time(1, after(10), allowance)
    assert not walk.in_time(1, after(10.001), allowance)
    assert walk.in_time(2, after(45), allowance)
    assert not walk.in_time(2, after(45.001), allowance)
    assert not walk.in_time(3, after(11), allowance)
    assert not walk.in_time(4, after(11), allowance)


@pytest.mark.parametrize(
    ("position", "bounds", "standing"),
    [
        (0, EVERYTHING, "open"),
        (7, EVERYTHING, "open"),
        (2, (3, 5), "left"),
        (3, (3, 5), "open"),
        (5, (3, 5), "open"),
        (6, (3, 5), "ahead"),
        (0, (3, 5), "ahead"),
        (5, (0, 0), "left"),
        (0, (0, 0), "open"),
    ],
)
def test_standing_of_a_position(position: int, bounds: tuple[int, int], standing: str) -> None:
    assert standing_of(position, *bounds) == standing


@pytest.mark.parametrize(("standing", "verdict"), [("open", "saved"), ("ahead", "not-yet"), ("left", "left")])
def test_what_is_new_is_not_taken_outside_the_open_step(standing: str, verdict: str) -> None:
    def judged(revision: int, value: str, stored: Saved | None, arrived: float = 0) -> Verdict:
        facts = {"submitted": False, "accepts_until": after(60), "arrived_at": after(arrived)}
        return judge_save(**facts, revision=revision, value=value, stored=stored, standing=Standing(standing))  # type: ignore[arg-type]

    stored = Saved(2, "a")
    assert judged(1, "a", None) == verdict
    assert judged(3, "b", stored) == verdict
    assert judged(2, "a", stored) == "same"  # its acknowledgement was lost
    assert judged(2, "b", stored) == "conflict"
    assert judged(1, "b", stored) == "stale"
    assert judged(3, "b", stored, arrived=61) == "late"


def test_paper_may_be_handed_in_after_the_least_minutes_and_at_its_end() -> None:
    assert may_hand_in_from(START, after(1200), None) == START
    assert may_hand_in_from(START, after(1200), 10) == after(600)
    assert may_hand_in_from(START, after(300), 10) == after(300)
