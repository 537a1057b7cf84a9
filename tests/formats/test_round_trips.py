"""What is written reads back the same: tables both as XLSX and CSV, GIFT from its first reading on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest.formats import wire
from contest.formats.drafts import MemberDraft, Problem, QuestionDraft, Reading, UnitDraft
from contest.formats.gift import read_gift, write_gift
from contest.formats.tables import (
    read_members,
    read_questions,
    read_units,
    write_members,
    write_questions,
    write_units,
)
from contest.formats.topics import join_topic, split_topic
from contest.rules.refusals import Refusal

from .drafts import banks, members, placeless, texts, units

patient = settings(deadline=None, max_examples=150)
FORMATS = ["xlsx", "csv"]


@pytest.mark.parametrize("form", FORMATS)
@given(drafts=banks())
@patient
def test_questions_read_back_the_same(form, drafts):
    reading = read_questions(write_questions(drafts, format=form))
    assert (placeless(reading.drafts), reading.problems) == (drafts, ())


@pytest.mark.parametrize("form", FORMATS)
@given(drafts=units())
@patient
def test_units_read_back_the_same(form, drafts):
    reading = read_units(write_units(drafts, format=form))
    assert (placeless(reading.drafts), reading.problems) == (drafts, ())


@pytest.mark.parametrize("form", FORMATS)
@given(drafts=members())
@patient
def test_members_read_back_the_same(form, drafts):
    reading = read_members(write_members(drafts, format=form))
    assert (placeless(reading.drafts), reading.problems) == (drafts, ())


@given(drafts=banks())
@patient
def test_gift_imported_exported_imported_is_a_fixpoint(drafts):
    first = read_gift(write_gift(drafts)[0])
    again = read_gift(write_gift(first.drafts)[0])
    assert placeless(again.drafts) == placeless(first.drafts)
    assert len(first.drafts) == len(drafts)


@given(drafts=banks())
@patient
def test_gift_carries_what_it_does_not_complain_of(drafts):
    data, losses = write_gift(drafts)
    reading = read_gift(data)
    if not losses and drafts:
        assert (placeless(reading.drafts), reading.problems) == (drafts, ())


@given(st.text(alphabet="ab :#={}~\\%/[]n\n/TF$", max_size=80))
@patient
def test_whatever_gift_is_read_is_a_fixpoint(text):
    first = read_gift(text.encode())
    again = read_gift(write_gift(first.drafts)[0])
    assert placeless(again.drafts) == placeless(first.drafts)


@given(st.lists(texts(20, least=1), max_size=4).map(tuple))
def test_topic_reads_back_the_same(levels):
    assert split_topic(join_topic(levels)) == levels


@given(banks(), units(), members())
def test_readings_cross_the_wire_unchanged(questions, some_units, some_members):
    problems = read_gift(b"a{}\n\nb{#1}\n\n::x::[html]<b>y</b>{T}").problems
    for kind, drafts in ((QuestionDraft, questions), (UnitDraft, some_units), (MemberDraft, some_members)):
        reading = Reading(tuple(drafts), problems)
        assert wire.decode(wire.encode(reading), kind) == reading


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"[[],[],[]]", b"[[[1]],[]]", b"[1,2]", b"\xff", b"[" * 100_000, b'[["x"],[]]']
)
def test_what_is_no_reading_does_not_cross_the_wire(data):
    with pytest.raises(ValueError):
        wire.decode(data, UnitDraft)


def test_wire_holds_values_to_their_types():
    good = wire.encode(Reading((UnitDraft("a", "b", headcount=3),), ()))
    assert wire.decode(good, UnitDraft).drafts[0].headcount == 3
    with pytest.raises(ValueError):
        wire.decode(good.replace(b"3", b'"3"'), UnitDraft)
    with pytest.raises(ValueError):
        wire.decode(good, MemberDraft)


def test_problem_keeps_its_parameters_across_the_wire():
    problem = Problem(
        Refusal("code-twice", {"code": "\ud800", "first": 3}, "code"), read_gift(b"a{}").problems[0].place
    )
    assert wire.decode(wire.encode(Reading((), (problem,))), UnitDraft).problems == (problem,)
