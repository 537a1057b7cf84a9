"""Files told apart by their bytes: each format by each way it may begin, and what is none of them."""

import random

import pytest

from bench.mutating import damaged_text
from contest.formats import aiken, gift, moodle, tables, word
from contest.formats.drafts import Place, Problem
from contest.formats.recognition import read_recognised
from contest.formats.soundness import refusals_of
from contest.rules.refusals import TEXTS, Refusal
from tests import people

from .archives import zipped

DRAFTS = [people.question(n) for n in (1, 2)]
CSV = "Mã câu,Câu hỏi,Phương án A,Phương án B,Đáp án\nC1,Chọn {a}?,1,2,B\n"
AIKEN = "Thủ đô {của ta}?\nA) Huế\nB) Hà Nội\nANSWER: B\n"
QUIZ = '<quiz><question type="truefalse"><questiontext><text>a</text></questiontext><answer fraction="100">{}</question></quiz>'
QUIZ = QUIZ.format('<text>true</text></answer><answer fraction="0"><text>false</text></answer>')


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (tables.write_questions(DRAFTS, format="xlsx"), tables.read_questions),
        (tables.write_questions(DRAFTS, format="csv"), tables.read_questions),
        (CSV.encode(), tables.read_questions),
        (CSV.replace(",", ";").encode("utf-16"), tables.read_questions),
        (f"sep=|\n{CSV.replace(',', '|')}".encode(), tables.read_questions),
        (f"Liên đoàn Lao động\n\n{CSV}".encode(), tables.read_questions),
        (f"{CSV}C2,\"dở".encode(), tables.read_questions),
        (b"\xd0\xcf\x11\xe0" + bytes(100), tables.read_questions),
        (zipped({"word/document.xml": b"<a/>"}), word.read_word),
        (zipped({"xl/workbook.xml": b"<a/>"}), tables.read_questions),
        (zipped({"xl/workbook.xml": b"", "xl/embeddings/a.docx": zipped({"word/document.xml": b""})}), tables.read_questions),
        (zipped({"word/document.xml": b"", "word/embeddings/a.xlsx": zipped({"xl/workbook.xml": b""})}), word.read_word),
        (b"\xd0\xcf\x11\xe0" + bytes(9) + "WordDocument".encode("utf-16-le"), word.read_word),
        (gift.write_gift(DRAFTS)[0], gift.read_gift),
        (b"a {T}", gift.read_gift),
        (b"a {F#x}", gift.read_gift),
        (b"a {}", gift.read_gift),
        (b"a {=b, c ~d\n", gift.read_gift),
        (b"::t:: a", gift.read_gift),
        (b"$CATEGORY: a\n\nb", gift.read_gift),
        (b"<p>a</p> {=b ~c}", gift.read_gift),
        (aiken.write_aiken(DRAFTS)[0], aiken.read_aiken),
        (AIKEN.encode(), aiken.read_aiken),
        (AIKEN.replace("{của ta}", "").replace("ANSWER", "Answer").encode(), aiken.read_aiken),
        (AIKEN.replace("\n", "\r\n").encode(), aiken.read_aiken),
        (AIKEN.replace("Huế", "a, b, c").encode(), aiken.read_aiken),
        (b"x {=a, b, c ~d\n}", gift.read_gift),
        (moodle.write_moodle(DRAFTS)[0], moodle.read_moodle),
        (QUIZ.encode(), moodle.read_moodle),
        (b"\xef\xbb\xbf" + QUIZ.encode(), moodle.read_moodle),
        (QUIZ.encode("utf-16"), moodle.read_moodle),
        (f"<!-- x -->\n{QUIZ}".encode(), moodle.read_moodle),
        (f"<!DOCTYPE quiz>{QUIZ}".encode(), moodle.read_moodle),
        (b'<?xml version="1.0"?><qti/>', moodle.read_moodle),
    ],
)  # fmt: skip
def test_file_is_read_as_what_it_is(data, read):
    assert read_recognised(data) == read(data)
    assert read(data).drafts or read(data).problems[0].refusal.slug != "no-questions"


@pytest.mark.parametrize(
    "data", [b"", b"xin chao", b"x,y,z\n1,2,3\n", b"%PDF-1.7\n\x00\xff", b"\x89PNG\r\n\x1a\n\x00\xd0", b'{"a": [1]}', b"\0" * 50]
)  # fmt: skip
def test_file_that_is_none_is_refused_naming_what_is_taken(data):
    reading = read_recognised(data)
    assert reading.drafts == ()
    assert reading.problems == (Problem(Refusal("no-known-format"), Place()),)
    assert all(name in TEXTS["no-known-format"] for name in ("Excel", "Word", "CSV", "GIFT", "Aiken", "Moodle XML"))


@pytest.mark.parametrize(
    "data", ["Thủ đô?".encode("cp1258", "ignore") + b"\xff", b"\xff", CSV.encode("cp1258", "replace")]
)
def test_text_in_another_encoding_is_told_to_be_saved_anew(data):
    assert [p.refusal.slug for p in read_recognised(data).problems] == ["not-utf8"]


@pytest.mark.parametrize("write", [aiken.write_aiken, gift.write_gift, moodle.write_moodle])
def test_mutated_file_is_read_or_refused_in_words(write):
    chance = random.Random(19450902)
    drafts = [people.question(n, topic=("A", "B & C"), tags=("<c>",)) for n in range(3)]
    for _ in range(200):
        data = damaged_text(write(drafts)[0], chance)
        reading = read_recognised(data)
        assert reading.drafts or reading.problems
        assert all(problem.refusal.slug in TEXTS for problem in reading.problems)
        assert not any(refusals_of(draft) for draft in reading.drafts)
