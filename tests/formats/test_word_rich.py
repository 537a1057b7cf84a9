"""Word lists with more than words: pictures, equations, tables, lists and looks; what is not taken is named with its place."""

import zipfile
from io import BytesIO

import pytest
from PIL import Image

from contest.formats.drafts import Place
from contest.formats.rich.importing import file_of
from contest.formats.word import pictures, read_word
from contest.rules.question_terms import Kind
from tests import timing

from .archives import parts_of, zipped
from .documents import BOLD, RED, UNDERLINED, document, drawn, keys, listed, p, question, read, run, slugs, tbl

A, B, C, D = "A. một", "B. hai", "C. ba", "D. bốn"
ITALIC, RAISED, LOWERED = "<w:i/>", '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'


def png(side=4):
    out = BytesIO()
    Image.new("RGB", (side, side), "red").save(out, "PNG")
    return out.getvalue()


PNG = png()


def shown(*blocks, **about):
    """Return what is read of a document that has one picture."""
    return read_word(document(*blocks, pictures=[PNG], **about))


def maths(inside, *, is_display=False):
    written = f"<m:oMath>{inside}</m:oMath>"
    return f"<m:oMathPara>{written}</m:oMathPara>" if is_display else written


def mr(text, about="", set_as=""):
    return f"<m:r><m:rPr>{about}</m:rPr><w:rPr>{set_as}</w:rPr><m:t>{text}</m:t></m:r>"


FRACTION = f"<m:f><m:num>{mr('a')}</m:num><m:den>{mr('b')}</m:den></m:f>"
SQUARE = f"<m:sSup><m:e>{mr('x')}</m:e><m:sup>{mr('2')}</m:sup></m:sSup>"


def texts(reading):
    return [(d.rich, d.text, *(o.text for o in d.options)) for d in reading.drafts]


# pictures


def test_picture_with_its_words_is_part_of_the_text():
    reading = shown(p("Câu 1. Đây là ", drawn(alt="Bến Nhà Rồng"), "?"), A, B, "Đáp án: B")
    (draft,) = reading.drafts
    (file,) = draft.files
    assert (draft.text, file.content, reading.problems) == (f"Đây là ![Bến Nhà Rồng](media:{file.name})?", PNG, ())


def test_picture_below_a_question_belongs_to_it_and_one_in_an_option_to_that():
    reading = shown("Câu 1. Hình nào?", p(drawn(alt="đề")), p("A. ", drawn(alt="một")), B, "Đáp án: A")
    (draft,) = reading.drafts
    name = draft.files[0].name
    assert texts(reading) == [(True, f"Hình nào?\n\n![đề](media:{name})", f"![một](media:{name})", "hai")]
    assert keys(reading) == ["A"]


def test_pictures_as_options_in_a_table():
    reading = shown("Câu 1. Hình nào?", tbl(["A.", p(drawn(alt="một"))], ["B.", p(drawn(alt="hai"))]), "Đáp án: B")
    assert [option.text.partition("(")[0] for option in reading.drafts[0].options] == ["![một]", "![hai]"]
    assert keys(reading) == ["B"]


def test_picture_of_old_is_taken_by_its_relation():
    old = '<w:r><w:pict><v:shape alt="Cờ" style="width:9pt"><v:imagedata r:id="@0@"/></v:shape></w:pict></w:r>'
    (draft,) = shown(p("Câu 1. Gì? ", old), A, B, "Đáp án: A").drafts
    assert draft.text == f"Gì? ![Cờ](media:{draft.files[0].name})"


def test_picture_without_words_gets_some_and_it_is_said():
    reading = shown(p("Câu 1. Gì? ", drawn(alt="")), A, B, "Đáp án: A")
    assert "![Hình minh họa](media:" in reading.drafts[0].text
    assert [(x.refusal.slug, x.severity) for x in reading.problems] == [("media-without-words", "warning")]


_OUTSIDE = "<w:r><w:drawing><a:blip r:link='@0@'/></w:drawing></w:r>"
_GROUP = "<w:r><w:drawing><wpg:wgp><a:blip r:embed='@0@'/><a:blip r:embed='@0@'/></wpg:wgp></w:drawing></w:r>"
_OF_OLD = "<w:r><w:pict><v:shape style='rotation:90'><v:imagedata r:id='@0@'/></v:shape></w:pict></w:r>"


@pytest.mark.parametrize(("picture", "slug"), [
    (_OUTSIDE, "word-picture-outside"),
    ("<w:r><w:drawing><a:blip r:embed='rId999'/></w:drawing></w:r>", "media-damaged"),
    (drawn(crop='<a:srcRect l="5000"/>'), "word-picture-changed"),
    (drawn(about='rot="5400000"'), "word-picture-changed"),
    (drawn(about='flipH="1"'), "word-picture-changed"),
    (_OF_OLD, "word-picture-changed"),
    (_GROUP, "word-picture"),
    ("<w:r><w:drawing><wpg:wgp><wps:wsp/><wps:wsp/></wpg:wgp></w:drawing></w:r>", "word-picture"),
    ("<w:r><w:pict><v:group><v:line/><v:oval/></v:group></w:pict></w:r>", "word-picture"),
    ("<w:r><w:drawing><wps:wsp><a:blip r:embed='@0@'/></wps:wsp></w:drawing></w:r>", "word-picture"),
])  # fmt: skip
def test_picture_that_could_not_be_shown_as_it_is_is_named(picture, slug):
    reading = shown("Câu 1. Hỏi?", p(picture), A, B, "Đáp án: A", *question("B", number=2))
    assert [(x.refusal.slug, x.place, x.severity) for x in reading.problems] == [(slug, Place(paragraph=2), "error")]
    assert keys(reading) == ["B"]


@pytest.mark.parametrize("shape", ["<w:drawing><wps:wsp/></w:drawing>", "<w:pict><v:line/></w:pict>"])
def test_mere_line_is_nothing(shape):
    reading = shown(p("Câu 1. Hỏi?", f"<w:r>{shape}</w:r>"), A, B, "Đáp án: A")
    assert [reading.problems, keys(reading)] == [(), ["A"]]


def test_crop_of_nothing_is_none():
    assert len(shown(p("Câu 1. Gì?", drawn(crop="<a:srcRect/>", about='rot="0"')), A, B, "Đáp án: A").drafts) == 1


@pytest.mark.parametrize(("head", "kind"), [(b"\xd7\xcd\xc6\x9a", "WMF"), (b"\1\0\0\0" + bytes(36) + b" EMF", "EMF")])
def test_picture_of_a_foreign_kind_is_named(head, kind):
    parts = parts_of(document(p("Câu 1. Gì?", drawn()), A, B, "Đáp án: A", pictures=[PNG]))
    changed = {name: head + bytes(90) if name.startswith("word/media/") else data for name, data in parts.items()}
    (problem,) = read_word(zipped(changed)).problems
    assert (problem.refusal.slug, problem.refusal.params, problem.place) == (
        "media-foreign", {"kind": kind}, Place(paragraph=1),
    )  # fmt: skip


def test_picture_that_is_not_taken_is_looked_at_once_however_often_it_is_shown(monkeypatch):
    looked = []
    monkeypatch.setattr(pictures, "file_of", lambda content: (looked.append(content), file_of(b"?")))
    reading = shown(*(line for n in (1, 2) for line in (p(f"Câu {n}. Gì?", drawn()), A, B, "Đáp án: A")))
    assert [slugs(reading), looked] == [["media-kind", "media-kind"], [PNG]]


def test_relation_that_leads_outside_is_not_fetched():
    parts = parts_of(document(p("Câu 1. Gì?", drawn()), A, B, "Đáp án: A", pictures=[PNG]))
    rels = parts["word/_rels/document.xml.rels"]
    parts["word/_rels/document.xml.rels"] = rels.replace(
        b'Target="media/image1.png"', b'TargetMode="External" Target="http://a.b/c.png"'
    )
    assert slugs(read_word(zipped(parts))) == ["word-picture-outside"]


# equations


def test_equations_in_lines_options_and_on_lines_of_their_own():
    reading = read(
        p("Câu 1. Tính ", maths(FRACTION), ":"),
        p(maths(SQUARE, is_display=True)),
        p("A. ", maths(FRACTION)),
        B,
        "Đáp án: A",
    )
    assert texts(reading) == [(True, "Tính $\\frac{a}{b}$:\n\n$$x^{2}$$", "$\\frac{a}{b}$", "hai")]
    assert reading.problems == ()


def test_equation_with_a_letter_of_one_font_alone_is_named():
    reading = read(p("Câu 1. Tính ", maths(mr("\ue000"))), A, B, "Đáp án: A")
    assert [(x.refusal.slug, x.refusal.params, x.place) for x in reading.problems] == [
        ("word-equation-unclear", {"what": "U+E000"}, Place(paragraph=1)),
    ]  # fmt: skip


def test_coloured_equation_marks_its_option():
    one, two = p("A. ", maths(mr("x"))), p("B. ", maths(mr("y", set_as=RED)))
    assert keys(read("Câu 1. Hỏi?", one, two)) == ["B"]


def test_bold_that_marks_an_option_is_no_bold_of_its_equation():
    two = p(run("B. ", BOLD), maths(mr("y", '<m:sty m:val="bi"/>', BOLD)))
    reading = read("Câu 1. Hỏi?", p("A. ", maths(mr("x"))), two)
    assert (keys(reading), texts(reading)) == (["B"], [(True, "Hỏi?", "$x$", "$y$")])


# tables


def test_table_in_a_question_is_part_of_it():
    reading = read("Câu 1. Xem bảng:", tbl(["Năm", "Số | người"], ["2020", "một"]), "Hỏi gì?", A, B, "Đáp án: A")
    written = "Xem bảng:\n\n|  |  |\n| --- | --- |\n| Năm | Số \\| người |\n| 2020 | một |\n\nHỏi gì?"
    assert (texts(reading), reading.problems) == ([(True, written, "một", "hai")], ())


def test_bold_or_told_first_row_is_the_head_and_columns_stand_as_their_cells():
    def cell(text, about="", properties=""):
        return p(run(text, properties), about=about)

    right = '<w:jc w:val="right"/>'
    bold = tbl([cell("Năm", properties=BOLD), cell("Số", right, BOLD)], [cell("1"), cell("2", right)])
    told = tbl([cell("Năm"), cell("Số", right)], [cell("1"), cell("2", right)])
    told = told.replace("<w:tr>", "<w:tr><w:trPr><w:tblHeader/></w:trPr>", 1)
    for table in (bold, told):
        (draft,) = read("Câu 1. Hỏi?", table, A, B, "Đáp án: A").drafts
        assert draft.text == "Hỏi?\n\n| Năm | Số |\n| --- | ---: |\n| 1 | 2 |"


_SPAN = '<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>'


@pytest.mark.parametrize(("table", "slug"), [
    (tbl(["Năm", "Số"]).replace("<w:tc>", f"<w:tc>{_SPAN}", 1), "word-table-merged"),
    (tbl(["Năm", "Số"]).replace("<w:tc>", "<w:tc><w:tcPr><w:vMerge/></w:tcPr>", 1), "word-table-merged"),
    (tbl(["Năm", tbl(["x"]) + p("y")]), "word-table-nested"),
])  # fmt: skip
def test_table_that_could_not_be_shown_as_it_is_is_named(table, slug):
    reading = read("Câu 1. Hỏi?", table, A, B, "Đáp án: A", *question("B", number=2))
    assert [(x.refusal.slug, x.severity) for x in reading.problems] == [(slug, "error")]
    assert keys(reading) == ["B"]


def test_deleted_cell_has_no_say_in_how_columns_stand():
    right, middle = (f"<w:tc>{p('ô', about=f'<w:jc w:val={way!r}/>')}</w:tc>" for way in ("right", "center"))
    rows = f"<w:tbl><w:tr><w:del>{middle}</w:del>{right}</w:tr><w:tr>{right}</w:tr></w:tbl>"
    (draft,) = shown("Câu 1. Bảng:", rows, A, B, "Đáp án: A").drafts
    assert draft.text == "Bảng:\n\n|  |\n| ---: |\n| ô |\n| ô |"


def test_table_between_options_is_named():
    reading = read("Câu 1. Hỏi?", A, tbl(["Năm", "Số"]), B, "Đáp án: A")
    assert [(x.refusal.slug, x.excerpt) for x in reading.problems] == [("word-table", "Năm | Số")]


def test_equations_and_pictures_stand_in_cells():
    table = tbl([p(maths(SQUARE)), p(drawn(alt="Hình"))], ["1", "2"])
    (draft,) = shown("Câu 1. Hỏi?", table, A, B, "Đáp án: A").drafts
    assert f"| $x^{{2}}$ | ![Hình](media:{draft.files[0].name}) |" in draft.text


# looks


def test_words_set_apart_make_a_question_rich():
    stem = p(
        "Câu 1. Ý nào ", run("không", BOLD), " phải là ", run("H", ""), run("2", LOWERED), "O", run(" cũ", ITALIC), "?"
    )
    assert texts(read(stem, A, B, "Đáp án: A")) == [(True, "Ý nào **không** phải là H~2~O *cũ*?", "một", "hai")]


@pytest.mark.parametrize("stem", [
    p(run("Câu 1. Hỏi gì?", BOLD)),
    p(run("Câu 1.", BOLD), run(" Hỏi gì?", UNDERLINED)),
    p(run("Câu 1. H", BOLD), "ỏi gì?"),
    p(run("Câu 1. Hỏi ", RED), "gì?"),
    p("Câu 1. Hỏi gì", run("?", BOLD)),
])  # fmt: skip
def test_ornaments_make_none(stem):
    assert texts(read(stem, A, B, "Đáp án: A")) == [(False, "Hỏi gì?", "một", "hai")]


def test_raised_letters_make_a_question_rich_and_figures_alone_do_not():
    assert texts(read(p("Câu 1. x", run("n", RAISED), "?"), A, B, "Đáp án: A"))[0][1] == "x^n^?"
    assert texts(read(p("Câu 1. x", run("2", RAISED), "?"), A, B, "Đáp án: A"))[0][:2] == (False, "x²?")


def test_look_of_a_right_option_is_not_kept():
    two = p("B. ", run("hai", UNDERLINED), " mươi")
    assert texts(read(p("Câu 1. x", run("n", RAISED)), A, two, "Đáp án: B")) == [(True, "x^n^", "một", "hai mươi")]


def test_letters_underlined_in_every_option_are_kept():
    options = [
        p(f"{letter}. {start}", run("ou", UNDERLINED), "d") for letter, start in zip("ABCD", "lpsw", strict=True)
    ]
    assert texts(read("Câu 1. Hỏi?", *options, "Đáp án: B")) == [
        (True, "Hỏi?", *(f"{start}++ou++d" for start in "lpsw"))
    ]


def test_lists_of_a_rich_question_are_lists():
    blocks = [p("Câu 1. Cho ", maths(SQUARE), " và:"), *(p(text, about=listed(0)) for text in ("ý một", "ý hai"))]
    for levels, written in (([("bullet", "•")], "- ý một\n- ý hai"), ([("decimal", "%1.")], "1. ý một\n2. ý hai")):
        reading = read(*blocks, p("Hỏi gì?"), A, B, "Đáp án: A", levels=levels)
        assert texts(reading) == [(True, f"Cho $x^{{2}}$ và:\n\n{written}\n\nHỏi gì?", "một", "hai")]


# where only words can stand


@pytest.mark.parametrize(
    "line", [p("Mã câu: ", maths(SQUARE)), p("Căn cứ: ", maths(SQUARE)), p("Đáp án: A", maths(SQUARE))]
)
def test_equation_where_only_words_stand_is_named(line):
    reading = read("Câu 1. Hỏi?", A, B, line, "1.A")
    assert (reading.drafts, slugs(reading)) == ((), ["word-only-words"])


def test_picture_in_a_heading_is_passed_over_and_said():
    reading = shown(p("Luật", drawn(), about='<w:pStyle w:val="Heading1"/>'), *question("A"))
    assert (reading.drafts[0].topic, slugs(reading)) == (("Luật",), ["word-heading-of-words"])


# kinds


def test_passages_and_what_belongs_to_them():
    reading = read(
        "Câu 1. Đọc đoạn sau.", "Loại câu: Đoạn dẫn", "Mã câu: D-1", *question("A", number=2), "Thuộc đoạn dẫn: D-1",
        "Câu 3. Phần hai.", "Loại câu: Lời dẫn",
    )  # fmt: skip
    found = [(d.kind, d.code, d.passage) for d in reading.drafts]
    assert found == [(Kind.PASSAGE, "D-1", None), (Kind.SINGLE_CHOICE, None, "D-1"), (Kind.DESCRIPTION, None, None)]
    assert reading.problems == ()


def test_statements_pairs_and_gaps_hold_equations():
    x, other = maths(SQUARE), "<w:r><w:br/><w:t>khác</w:t></w:r>"
    reading = read(
        p("Câu 1. Xét ", x), p("A. ", x, " > 0"), "B. Sai", "Loại câu: Đúng/Sai từng ý", "Đáp án: Đ S",
        "Câu 2. Ghép", p("A. ", x, " = ", x, " cũ"), "B. b = c", "Loại câu: Ghép cặp",
        "Câu 3. Chọn [[1]]", p("A. ", run("rất", BOLD), " đúng ", x, other), "Loại câu: Chọn từ cho chỗ trống",
    )  # fmt: skip
    first, second, third = reading.drafts
    assert [part.text for part in first.parts] == ["$x^{2}$ > 0", "Sai"]
    assert [(part.text, part.answers[0].text) for part in second.parts] == [("$x^{2}$", "$x^{2}$ cũ"), ("b", "c")]
    assert [answer.text for answer in third.parts[0].answers] == ["**rất** đúng $x^{2}$", "khác"]
    assert reading.problems == ()


# documents made to take long


@pytest.mark.parametrize(("inside", "told"), [
    (maths(SQUARE) * 20_100, ["word-too-many"]),
    (maths(mr("x") * 3_001) * 30, ["word-equation-unclear"]),
    (maths("<m:eqArr><m:e>" * 80 + mr("x") + "</m:e></m:eqArr>" * 80) * 10, ["too-long"]),
])  # fmt: skip
def test_equations_without_end_come_to_one(inside, told):
    data = zipped(parts_of(document(p("Câu 1. ", inside), A, B, "Đáp án: A")), zipfile.ZIP_STORED)
    with timing.at_most(2):
        assert slugs(read_word(data)) == told
