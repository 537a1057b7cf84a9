"""What is written reads back the same: tables both as XLSX and CSV, GIFT from its first reading on."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest.formats import wire
from contest.formats.drafts import OF_WORDS, MemberDraft, Problem, QuestionDraft, Reading, UnitDraft
from contest.formats.gift import IN_PARTS, read_gift, write_gift
from contest.formats.moodle import read_moodle, write_moodle
from contest.formats.passages import together
from contest.formats.tables import (
    lost_in_tables,
    read_members,
    read_questions,
    read_units,
    write_members,
    write_questions,
    write_units,
)
from contest.formats.tables.parts import CHOICES
from contest.formats.topics import join_topic, split_topic
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions import TOLD
from contest.rules.questions.numbers import read_span
from contest.rules.refusals import Refusal

from ..kinds import sample
from .drafts import banks, members, placeless, texts, units

patient = settings(deadline=None, max_examples=150)
few = settings(deadline=None, max_examples=40)
FORMATS = ["xlsx", "csv"]
GIFT = sorted(CHOICES | IN_PARTS | TOLD)
GROUPED = (Kind.PASSAGE, Kind.DESCRIPTION, Kind.SINGLE_CHOICE, Kind.ESSAY)


@pytest.mark.parametrize("kind", OF_WORDS)
@pytest.mark.parametrize("form", FORMATS)
@given(data=st.data())
@few
def test_questions_read_back_the_same(form, kind, data):
    drafts = data.draw(banks([kind]))
    reading = read_questions(write_questions(drafts, format=form))
    if not drafts:
        assert [p.refusal.slug for p in reading.problems] == ["no-questions"]
        return
    if not any(p.refusal.slug == "lost-feedback" for p in lost_in_tables(drafts, format="Excel")):
        assert (placeless(reading.drafts), reading.problems) == (drafts, ())
    assert (placeless(map(silent, reading.drafts)), reading.problems) == (list(map(silent, drafts)), ())


def without_law(drafts):
    """Return questions without what neither GIFT nor Moodle knows of."""
    return [replace(draft, difficulty=None, source="", effective_on=None, guidance="") for draft in drafts]


def silent(draft):
    """Return a question of which nothing is said but as a whole."""
    options = tuple(replace(option, feedback="") for option in draft.options)
    parts = tuple(replace(p, answers=tuple(replace(a, feedback="") for a in p.answers)) for p in draft.parts)
    return replace(draft, options=options, parts=parts)


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


@given(drafts=banks(GIFT))
@patient
def test_gift_imported_exported_imported_is_a_fixpoint(drafts):
    first = read_gift(write_gift(drafts)[0])
    again = read_gift(write_gift(first.drafts)[0])
    assert placeless(again.drafts) == placeless(first.drafts)
    assert len(first.drafts) == len(drafts)


@pytest.mark.parametrize("kind", GIFT)
@given(data=st.data())
@few
def test_gift_carries_what_it_does_not_complain_of(kind, data):
    drafts = data.draw(banks([kind]).map(without_law))
    written, losses = write_gift(drafts)
    reading = read_gift(written)
    assert len(reading.drafts) == len(drafts)
    if not losses and drafts:
        nameless = ["gift-description" for draft in drafts if draft.kind in TOLD and not draft.code]
        assert (placeless(reading.drafts), [p.refusal.slug for p in reading.problems]) == (drafts, nameless)


@pytest.mark.parametrize("form", FORMATS)
@given(drafts=banks(GROUPED))
@few
def test_passages_and_their_questions_read_back_the_same_from_tables(form, drafts):
    drafts = together(drafts)
    reading = read_questions(write_questions(drafts, format=form))
    assert placeless(reading.drafts) == drafts


@pytest.mark.parametrize(("read", "write"), [(read_gift, write_gift), (read_moodle, write_moodle)])
@given(drafts=banks(GROUPED).map(without_law))
@few
def test_passages_and_their_questions_read_back_the_same_by_their_tags(read, write, drafts):
    drafts = together(drafts)
    written, losses = write(drafts)
    told = {p.refusal.slug for p in losses} - {"moodle-odd-weights", "lost-words"}
    found = placeless(read(written).drafts)
    assert [draft.passage for draft in found] == [draft.passage for draft in drafts] or "lost-passage" in told
    if not losses:
        assert found == drafts


@pytest.mark.parametrize(("read", "write"), [(read_gift, write_gift), (read_moodle, write_moodle)])
def test_tags_that_would_tell_of_a_passage_are_named_and_left(read, write):
    drafts = [
        sample(Kind.DESCRIPTION, "a", tags=("Đoạn dẫn", "x"), explanation=""),
        sample(Kind.ESSAY, "b", tags=("đoạn dẫn:  P", "Đoạn dẫn:", "đoạn dẫn x"), least_words=0, most_words=0),
        sample(Kind.ESSAY, "c", passage="a: b", tags=("đoạn dẫn: a: b",), least_words=0, most_words=0),
    ]
    written, losses = write(drafts)
    assert [(p.refusal.slug, p.excerpt) for p in losses] == [("lost-telling-tags", "a, b, c")]
    kept = [("x",), ("Đoạn dẫn:", "đoạn dẫn x"), ()]
    assert placeless(read(written).drafts) == [replace(d, tags=t) for d, t in zip(drafts, kept, strict=True)]


def test_questions_stand_right_behind_their_passage_and_the_others_where_they_stood():
    kinds = {"p": Kind.PASSAGE, "q": Kind.PASSAGE}
    told = {"b": "p", "e": "p", "d": "q", "f": "nowhere"}
    drafts = [sample(kinds.get(code, Kind.ESSAY), code, passage=told.get(code)) for code in "abpcdeqf"]
    assert "".join(str(draft.code) for draft in together(drafts)) == "apbecqdf"


@pytest.mark.parametrize("kind", OF_WORDS)
@given(data=st.data())
@few
def test_moodle_carries_what_it_does_not_complain_of(kind, data):
    drafts = data.draw(banks([kind]).map(without_law))
    written, losses = write_moodle(drafts)
    reading = read_moodle(written)
    again = read_moodle(write_moodle(reading.drafts)[0])
    assert placeless(again.drafts) == placeless(reading.drafts)
    assert len(reading.drafts) == len(drafts)
    if drafts and not {p.refusal.slug for p in losses} - {"moodle-odd-weights", "moodle-needs-mtf"}:
        assert (in_meaning(placeless(reading.drafts)), reading.problems) == (in_meaning(drafts), ())


def in_meaning(drafts):
    """Return questions with the spans of their numbers, however they were written."""
    return [
        replace(draft, parts=tuple(
            replace(part, answers=tuple(replace(a, text=read_span(a.text)) for a in part.answers))
            if part.kind is PartKind.NUMBER else part for part in draft.parts
        )) for draft in drafts
    ]  # fmt: skip


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
    problems = read_gift(b"a\n\nb{#x}\n\n::x::[html]<b>y</b>{T}").problems
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
    problem = Problem(Refusal("code-twice", {"code": "\ud800", "first": 3}, "code"), read_gift(b"a").problems[0].place)
    assert wire.decode(wire.encode(Reading((), (problem,))), UnitDraft).problems == (problem,)
