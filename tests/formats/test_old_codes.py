"""Old code pages: every letter of Vietnamese comes back, Unicode is left alone, and nothing is converted unasked."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.formats import readers
from contest.formats.old_codes import TABLES, OldCode, convert, old_code_of
from contest.formats.tables import read_questions, write_questions
from tests import people
from tests.formats.archives import workbook

TONES = ["", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"]
SMALL = [unicodedata.normalize("NFC", v + tone) for v in "aăâeêioôơuưy" for tone in TONES] + ["đ"]
LETTERS = SMALL + [letter.upper() for letter in SMALL]
TCVN3_PLAIN = set("ĂÂÊÔƠƯĐ")  # the capitals that TCVN3 has of its own
WORDS = "Công đoàn Việt Nam được thành lập ngày nào ở đâu bởi những ai trên quê hương mình".split()
SAID = " ".join(WORDS)


def old(text: str, code: OldCode) -> str:
    """Write a text in an old code page, as a keyboard of that time did; TCVN3 writes toned capitals as small letters."""
    known = {new: was for was, new in TABLES[code].items() if was[1:] == was[1:].lower() or was[0].isupper()}
    small = code is OldCode.TCVN3
    return "".join(known.get(c, known.get(c.lower(), c.lower()) if small and not c.isascii() else c) for c in text)


@pytest.mark.parametrize("letter", LETTERS)
def test_every_letter_comes_back_from_vni(letter: str) -> None:
    assert convert(old(letter, OldCode.VNI), OldCode.VNI) == letter
    assert letter.isascii() or letter in "íìÍÌ" or old(letter, OldCode.VNI) != letter


@pytest.mark.parametrize("letter", LETTERS)
def test_every_letter_comes_back_from_tcvn3(letter: str) -> None:
    written = old(letter, OldCode.TCVN3)
    is_plain = letter.isascii() or letter in TCVN3_PLAIN
    assert convert(written, OldCode.TCVN3) == (letter if is_plain else letter.lower())
    assert convert(written, OldCode.TCVN3, capitals=True) == letter.upper()
    assert len(written) == 1


@pytest.mark.parametrize("code", OldCode)
def test_tables_are_of_letters_before_unicode_and_lead_to_all_of_vietnamese(code: OldCode) -> None:
    assert all(ord(c) < 256 for was in TABLES[code] for c in was)
    left = set(SMALL) - set(TABLES[code].values()) - set("aeiouy")
    assert left == set("íì" if code is OldCode.VNI else "ý")  # these stand for themselves


@given(st.lists(st.sampled_from([w for word in WORDS for w in (word.lower(), word.upper())]), max_size=8))
def test_texts_come_back_from_vni(words: list[str]) -> None:
    text = " ".join(words)
    assert convert(old(text, OldCode.VNI), OldCode.VNI) == text


@given(st.lists(st.sampled_from([word.lower() for word in WORDS]), max_size=8))
def test_texts_come_back_from_tcvn3(words: list[str]) -> None:
    text = " ".join(words)
    assert convert(old(text, OldCode.TCVN3), OldCode.TCVN3) == text
    assert convert(old(text.upper(), OldCode.TCVN3), OldCode.TCVN3, capitals=True) == text.upper()


def test_word_or_line_in_capitals_is_one_in_tcvn3_too() -> None:
    assert convert("CéNG HßA X· HéI, C«ng ®oµn Vµ ý kiÕn", OldCode.TCVN3) == "CỘNG HÒA Xã HỘI, Công đoàn Và ý kiến"
    assert convert("CéNG HßA X· HéI", OldCode.TCVN3) == "CỘNG HÒA XÃ HỘI"


@given(st.text(alphabet=st.sampled_from(LETTERS), min_size=1).filter(lambda t: any(c in "ơưăđĐẠỆ" for c in t)))
def test_what_is_unicode_already_stays(text: str) -> None:
    assert [convert(text, code) for code in OldCode] == [text, text]


@pytest.mark.parametrize("code", OldCode)
def test_code_page_is_told_by_what_it_says(code: OldCode) -> None:
    assert old_code_of(old(SAID, code)) is code


@pytest.mark.parametrize(
    "text",
    [
        SAID,
        unicodedata.normalize("NFD", SAID),
        "Có không là và mà thì đã ở",
        "Ví dụ: có, là, và, mà, không, hôm, mình, tôi, cô, chú",
        "Le café où l’être naïf a déjà reçu sa pièce, garçon",
        "5 µm, 10 µA, 3 µF, ±2 °C, 20 m², ½, ¼",
        "C«ng ®oµn",  # too little to tell
        "plain text",
        "",
    ],
)
def test_what_is_no_old_code_page_is_none(text: str) -> None:
    assert old_code_of(text) is None


GIFT = "Công đoàn Việt Nam được thành lập ngày nào? {=Ngày hai mươi tám ~Ngày khác}"


@pytest.mark.parametrize("code", OldCode)
@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_text_file_is_refused_with_a_sample_and_read_when_that_is_wanted(code: OldCode, encoding: str) -> None:
    data = old(GIFT, code).encode(encoding)
    reading = readers.read("questions", data)
    assert (reading.drafts, [p.refusal.slug for p in reading.problems]) == ((), ["old-code"])
    params = reading.problems[0].refusal.params
    assert (params["convert"], params["after"]) == (code.value, GIFT[:120])
    wanted = readers.read("questions", data, code.value)
    assert [d.text for d in wanted.drafts] == ["Công đoàn Việt Nam được thành lập ngày nào?"]
    assert [p.refusal.slug for p in wanted.problems] == ["old-code-converted"]


@pytest.mark.parametrize("code", OldCode)
def test_workbook_is_refused_with_a_sample_and_read_when_that_is_wanted(code: OldCode) -> None:
    head = ["Nội dung câu hỏi", "Phương án A", "Phương án B", "Đáp án"]
    rows = [head, ["Công đoàn Việt Nam được thành lập ngày nào?", "Ngày hai mươi tám", "Ngày khác", "A"]]
    data = workbook([[old(cell, code) for cell in row] for row in rows])
    assert [p.refusal.slug for p in read_questions(data).problems] == ["old-code"]
    wanted = read_questions(data, code)
    assert [(d.text, d.options[0].text) for d in wanted.drafts] == [(rows[1][0], rows[1][1])]
    assert wanted.problems == ()


def test_unicode_file_is_read_the_same_whatever_is_wanted() -> None:
    data = write_questions([people.question(1)], format="csv")
    assert readers.read("questions", data, "vni").drafts == readers.read("questions", data).drafts != ()
