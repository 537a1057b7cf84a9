"""Word files as a whole: what goes out comes back, hostile archives, and files that have been damaged."""

import random
import zipfile
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.mutating import damaged_archive
from contest.formats.drafts import OptionDraft, Place, Problem, QuestionDraft
from contest.formats.soundness import refusals_of
from contest.formats.tables.keys import weights_of
from contest.formats.tables.parts import CHOICES
from contest.formats.word import read_word, write_word
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.refusals import Refusal
from contest.rules.text import clean

from .archives import repacked, zipped
from .documents import BOLD, document, keys, p, question, read, run, slugs, tbl
from .drafts import ANSWERED, banks, placeless
from .test_round_trips import silent

patient = settings(deadline=None, max_examples=100)
MEANT = (
    "Câu 1.", "câu 2:", "1.", "2)", "A.", "B.", "C)", "*A.", "(B)", "b.", "Đáp án: B", "ĐA: A", "(đáp án: C)",
    "ĐÁP ÁN", "1.A 2.B",
    "Giải thích:", "Căn cứ: x", "Mức độ: NB", "Phần I.", "Chủ đề: y", "II. LUẬT", "HẾT", "---", "*", "(*)", "x", " ",
    "\n", "\n\n", "(NB)",
    "Đúng", "Sai", "A", "/", "-", "[", "Mã câu:", "Nguồn:", "A/", "1\n", "key: A", "D.x", "A.  B.  C.",
)  # fmt: skip


def in_order(drafts):
    return sorted(placeless(drafts), key=str)


def carried(draft):
    """Return what Word carries of a question: no feedback, and the shares that its answers tell."""
    if draft.kind not in CHOICES:
        return silent(draft)
    is_multiple = draft.kind is Kind.MULTIPLE_CHOICE
    right = [n for n, o in enumerate(draft.options) if (o.weight > 0 if is_multiple else o.weight == 1)]
    weights = weights_of(draft.kind, dict.fromkeys(right), len(draft.options))
    return replace(draft, options=tuple(map(OptionDraft, (o.text for o in draft.options), weights)))


def words(limit, *, multiline=False):
    """Texts made of what has a meaning in a question list."""
    parts = st.lists(st.sampled_from(MEANT), min_size=1, max_size=8)
    joined = st.builds(str.join, st.sampled_from(["", " "]), parts)
    return joined.map(lambda text: clean(text, limit=limit, multiline=multiline)).filter(
        lambda t: isinstance(t, str) and t
    )


@st.composite
def traps(draw):
    """A question whose every text looks like the structure of a list."""
    options = draw(
        st.lists(words(500, multiline=True), min_size=2, max_size=4, unique_by=lambda text: " ".join(text.split()))
    )
    right = draw(st.integers(0, len(options) - 1))
    draft = QuestionDraft(
        code=None,
        kind=Kind.SINGLE_CHOICE,
        text=draw(words(500, multiline=True)),
        options=tuple(OptionDraft(text, Decimal(at == right)) for at, text in enumerate(options)),
        topic=tuple(draw(st.lists(words(100), max_size=2))),
        source=draw(st.just("") | words(500, multiline=True)),
        explanation=draw(st.just("") | words(500, multiline=True)),
        tags=tuple(draw(st.lists(words(50), max_size=2, unique=True))),
    )
    return draft if not refusals_of(draft) else draw(st.nothing())


@given(drafts=banks(ANSWERED).map(lambda drafts: [replace(draft, passage=None) for draft in drafts]))
@patient
def test_what_word_carries_reads_back_the_same(drafts):
    data, losses = write_word(drafts)
    reading = read_word(data)
    assert in_order(reading.drafts) == in_order(map(carried, drafts))
    assert bool(losses) == (placeless(map(carried, drafts)) != placeless(drafts))
    if drafts:
        assert reading.problems == ()


@given(drafts=st.lists(traps(), min_size=1, max_size=3))
@patient
def test_texts_that_look_like_structure_read_back_the_same(drafts):
    reading = read_word(write_word(drafts)[0])
    assert (in_order(reading.drafts), reading.problems) == (in_order(drafts), ())


def plain(**changes):
    options = (OptionDraft("một", Decimal(1)), OptionDraft("hai", Decimal(0)))
    return replace(QuestionDraft("C-1", Kind.SINGLE_CHOICE, "Hỏi?", options), **changes)


@pytest.mark.parametrize(("changes", "slug"), [
    ({"options": (OptionDraft("một", Decimal(1), "đúng rồi"), OptionDraft("hai", Decimal(0)))}, "lost-feedback"),
    ({"options": (OptionDraft("một", Decimal(1)), OptionDraft("hai", Decimal("0.5")))}, "lost-weights"),
    ({"topic": tuple("abcdefghij")}, "word-no-deep-topic"),
    ({"topic": tuple("abcdefghi")}, None),
    ({"difficulty": Difficulty.RECALL, "tags": ("a,b", "c\\"), "source": "Điều 1"}, None),
])  # fmt: skip
def test_what_word_cannot_carry_is_said(changes, slug):
    losses = write_word([plain(**changes)])[1]
    assert losses == (
        (Problem(Refusal(slug, {"format": "Word", "count": 1}), Place(), "C-1", "warning"),) if slug else ()
    )


def test_questions_of_a_topic_stand_together_and_those_without_first():
    topics = [("a",), (), ("a", "b"), ("a",), ("c",)]
    reading = read_word(write_word([plain(code=f"C-{at}", topic=topic) for at, topic in enumerate(topics)])[0])
    assert [(d.code, d.topic) for d in reading.drafts] == [
        ("C-1", ()), ("C-0", ("a",)), ("C-3", ("a",)), ("C-2", ("a", "b")), ("C-4", ("c",)),
    ]  # fmt: skip
    assert reading.problems == ()


def test_empty_bank_is_a_document_without_questions():
    assert slugs(read_word(write_word([])[0])) == ["no-questions"]


# archives


SOUND = document(*question("A"))
DTD = b'<!DOCTYPE d [<!ENTITY x "y">]>'


def part(name):
    with zipfile.ZipFile(BytesIO(SOUND)) as archive:
        return archive.read(name)


@pytest.mark.parametrize(("data", "slug"), [
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old-document"),
    (b"{\\rtf1 C\xe2u 1}", "not-a-document"),
    (b"", "not-a-document"),
    (b"PK", "zip-broken"),
    (SOUND[:-40], "zip-broken"),
    (zipped({"xl/workbook.xml": b"<workbook/>"}), "not-a-document"),
    (zipped({"word/document.xml": b"<document"}), "not-a-document"),
    (zipped({"word/document.xml": b"<html/>"}), "not-a-document"),
    (zipped({"word/document.xml": b"<document/>"}), "not-a-document"),
    (repacked(SOUND, {"word/vbaProject.bin": b"x"}), "zip-macros"),
    (repacked(SOUND, {"[Content_Types].xml": part("[Content_Types].xml").replace(b"document.main",
    b"document.macroEnabled.main")}), "zip-macros"),
    (repacked(SOUND, {"../word/x.xml": b"<x/>"}), "zip-unsafe"),
    (repacked(SOUND, {"/word/x.xml": b"<x/>"}), "zip-unsafe"),
    (repacked(SOUND, {"word/document.xml": DTD + b"<d/>"}), "xml-unsafe"),
    (repacked(SOUND, {"word/styles.xml": DTD + b"<d/>"}), "xml-unsafe"),
    (repacked(SOUND, {"word/document.xml": (DTD + b"<d/>").decode().encode("utf-16")}), "xml-unsafe"),
    (repacked(SOUND, {"word/media/bomb.bin": bytes(50 * 2**20)}), "zip-too-large"),
])  # fmt: skip
def test_hostile_or_broken_file_is_refused_as_a_whole(data, slug):
    assert (read_word(data).drafts, slugs(read_word(data))) == ((), [slug])


def test_relation_that_leads_outside_is_not_followed():
    rels = b'<Relationships><Relationship Type="x/officeDocument" Target="../../etc/passwd"/></Relationships>'
    assert keys(read_word(repacked(SOUND, {"_rels/.rels": rels}))) == ["A"]


def test_document_under_another_name_is_found():
    with zipfile.ZipFile(BytesIO(SOUND)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    moved = {name.replace("word/document.xml", "word/document2.xml").replace("document.xml.rels", "document2.xml.rels"): content
             for name, content in parts.items()}  # fmt: skip
    moved["_rels/.rels"] = parts["_rels/.rels"].replace(b"word/document.xml", b"word/document2.xml")
    assert keys(read_word(zipped(moved))) == ["A"]


def test_strict_form_reads_alike():
    transitional, strict = (
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    data = document("Câu 1. Hỏi?", "A. một", p(run("B. hai", BOLD)))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name).replace(transitional, strict) for name in archive.namelist()}
    assert keys(read_word(zipped(parts))) == ["B"]


def test_deep_nesting_is_refused():
    deep = b"<w:sdt><w:sdtContent>" * 5_000 + b"</w:sdtContent></w:sdt>" * 5_000
    body = part("word/document.xml").replace(b"<w:body>", b"<w:body>" + deep)
    assert slugs(read_word(repacked(SOUND, {"word/document.xml": body}))) == ["not-a-document"]


@pytest.mark.parametrize("text", [
    " " * 200_000, "Câu " * 50_000, "A. " * 60_000, "(" * 200_000, "*" * 200_000, "1.A " * 50_000,
    "\u0301" * 200_000, "Đáp án: " * 30_000,
    "\t" * 20_000 + "x", "-" * 90_000 + "x", "B." * 45_000, "  (A) " * 15_000, "[" * 90_000, "a\n" * 50_000,
])  # fmt: skip
def test_long_lines_come_to_an_end(text):
    reading = read("Câu 1. Hỏi?", text, *question("A", number=2))
    assert keys(reading)[-1:] in ([], ["A"])


# damaged files


def mutants(chance, count):
    """Yield documents of which the XML was cut, doubled, swapped or overwritten here and there."""
    sources = [
        write_word([plain(code=f"C-{n}", text=f"Hỏi {n}?", topic=("a", "b")) for n in range(4)])[0],
        document(*question("B"), tbl(["A. một", "B. hai"], ["C. ba", "D. bốn"]), p(run("B. hai", BOLD)), "1.A 2.C"),
    ]
    names = ["word/document.xml", "word/document.xml", "word/styles.xml", "word/numbering.xml", "_rels/.rels"]
    for _ in range(count):
        yield damaged_archive(chance.choice(sources), names, chance)


def test_damaged_documents_are_read_or_refused():
    outcomes = [read_word(data) for data in mutants(random.Random(20210530), 300)]
    assert all(reading.drafts or reading.problems for reading in outcomes)
    assert sum("not-a-document" in slugs(reading) for reading in outcomes) > 100
    assert sum(bool(reading.drafts) for reading in outcomes) > 15
