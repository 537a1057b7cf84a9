"""How a round lets one go through its papers, as it is kept: navigation, sections, limits inside the paper."""

from collections.abc import Mapping, Sequence
from typing import Any

from contest.models.contests import Round
from contest.rules.refusals import Refusal
from contest.rules.steps import Course, Section, check_course
from contest.rules.terms import Layout, Navigation

FIELDS = ("navigation", "question_seconds", "least_minutes", "layout", "sections")


def course_of(row: Round) -> Course:
    return read({name: getattr(row, name) for name in FIELDS})


def read(values: Mapping[str, Any]) -> Course:
    """Return what a round's values say; what they do not say is free."""
    return Course(
        Navigation(values.get("navigation", Navigation.FREE)),
        tuple(map(Section.read, values.get("sections", ()))),
        values.get("question_seconds"),
        values.get("least_minutes"),
        Layout(values.get("layout", Layout.CHOICE)),
    )


def stored(course: Course) -> dict[str, Any]:
    """Return the values that read as a course."""
    sections = [section.stored() for section in course.sections]
    return {name: getattr(course, name) for name in FIELDS} | {"sections": sections}


def check(values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> tuple[Refusal, ...]:
    """Refuse what contradicts itself in a round's values and the sections of its blueprint's lines."""
    return check_course(read(values), values["minutes"], [line.get("section", 0) for line in lines])


def in_order(lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return lines with those of one section together, the sections in theirs."""
    return sorted(lines, key=lambda line: line.get("section", 0))
