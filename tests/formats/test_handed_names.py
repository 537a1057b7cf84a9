"""Files handed in tell nobody's name: not in any part of an office file, nor in a PDF; what is left still fits together."""

import re
import zlib
from io import BytesIO
from posixpath import dirname, join, normpath

import docx
import pikepdf
import pytest
import xlsxwriter
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from fpdf import FPDF
from lxml import etree
from pikepdf import Array, Dictionary, Name, String
from PIL import Image
from python_calamine import CalamineWorkbook

from contest.formats.handed import read_handed
from contest.formats.media.bare import bare
from contest.rules.refusals import Refusal

from .handed import (
    NAME,
    NEWER,
    PLAIN,
    RELATED,
    a_document,
    a_pdf,
    a_workbook,
    changed,
    parts,
    photograph,
    related,
    slides,
    with_part,
)
from .test_handed import taken

_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


DOCUMENT, WORKBOOK, SLIDES = "word/document.xml", "xl/workbook.xml", "ppt/presentation.xml"
TELLING = {
    "people of a document": (a_document, DOCUMENT, "word/people.xml", f"{NEWER}2011/relationships/people",
        f'<w15:people xmlns:w15="x"><w15:person w15:author="{NAME}"/></w15:people>'),
    "people of a workbook": (a_workbook, WORKBOOK, "xl/persons/person.xml", f"{NEWER}2017/10/relationships/person",
        f'<personList xmlns="x"><person displayName="{NAME}" id="{{A}}" userId="{NAME}" providerId="None"/></personList>'),
    "authors of comments on slides": (slides, SLIDES, "ppt/commentAuthors.xml", f"{RELATED}commentAuthors",
        f'<p:cmAuthorLst xmlns:p="x"><p:cmAuthor id="0" name="{NAME}" initials="{NAME}" lastIdx="1"/></p:cmAuthorLst>'),
    "authors of newer comments": (slides, SLIDES, "ppt/authors.xml", f"{NEWER}2018/10/relationships/authors",
        f'<p188:authorLst xmlns:p188="x"><p188:author id="{{A}}" name="{NAME}" initials="N" userId="{NAME}"/></p188:authorLst>'),
    "changes of slides": (slides, SLIDES, "ppt/changesInfos/changesInfo1.xml", f"{NEWER}2016/11/relationships/changesInfo",
        f'<pc:chgInfo xmlns:pc="x"><pc:chgData name="{NAME}" userId="{NAME}"/></pc:chgInfo>'),
    "a signature": (a_document, DOCUMENT, "_xmlsignatures/sig1.xml", f"{RELATED}signature",
        f"<Signature><X509IssuerName>CN={NAME}</X509IssuerName></Signature>"),
    "facts of a store of documents": (a_document, DOCUMENT, "customXml/item1.xml", f"{RELATED}customXml",
        f'<p:properties xmlns:p="x"><DisplayName>{NAME}</DisplayName></p:properties>'),
    "a pivot table": (a_workbook, WORKBOOK, "xl/pivotCache/pivotCacheDefinition1.xml", f"{RELATED}pivotCacheDefinition",
        f'<pivotCacheDefinition {_S} refreshedBy="{NAME}"/>'),
    "a connection": (a_workbook, WORKBOOK, "xl/connections.xml", f"{RELATED}connections",
        f'<connections {_S}><connection id="1" name="c" odcFile="C:\\Users\\{NAME}\\x.odc"><dbPr connection="User={NAME}"/>'
        "</connection></connections>"),
    "where a workbook lies": (a_workbook, WORKBOOK, "xl/elsewhere.xml", f"{RELATED}worksheet",
        f'<workbook {_S} {_MC}><mc:AlternateContent><mc:Choice Requires="x15"><x15ac:absPath xmlns:x15ac="x" url="C:\\{NAME}\\"/>'
        "</mc:Choice></mc:AlternateContent></workbook>"),
    "variables of a document": (a_document, DOCUMENT, "word/more.xml", f"{RELATED}settings",
        f'<w:settings {nsdecls("w")}><w:docVars><w:docVar w:name="x" w:val="{NAME}"/></w:docVars></w:settings>'),
    "a photograph": (a_document, DOCUMENT, "word/media/anh.jpeg", f"{RELATED}image", photograph("JPEG")),
    "a screenshot": (slides, SLIDES, "ppt/media/anh.png", f"{RELATED}image", photograph("PNG")),
    "numbers of a chart": (a_document, DOCUMENT, "word/embeddings/bang.xlsx", f"{RELATED}package", a_workbook()),
}  # fmt: skip


@pytest.mark.parametrize("case", TELLING)
def test_no_part_of_an_office_file_tells_a_name_and_all_relations_lead_somewhere(case):
    make, owner, name, kind, content = TELLING[case]
    data = with_part(make(), owner, name, content, kind)
    assert telling(data)
    made = taken(data).content
    assert telling(made) == []
    assert led_nowhere(made) == []
    if make is a_document:
        assert [p.text for p in docx.Document(BytesIO(made)).paragraphs] == ["Bài làm của tôi"]
    if make is a_workbook:
        assert CalamineWorkbook.from_filelike(BytesIO(made)).get_sheet_by_index(0).to_python() == [["Bài làm"]]


def telling(data: bytes) -> list[str]:
    found = []
    for name, content in parts(data).items():
        if content.startswith(b"PK"):
            found += [f"{name}!{inner}" for inner in telling(content)]
        elif NAME.encode() in content or PLAIN.encode() in content:
            found.append(name)
    return found


def led_nowhere(data: bytes) -> list[str]:
    held, found = parts(data), []
    for name, content in held.items():
        if name.endswith(".rels"):
            folder = dirname(dirname(name))
            inside = [r.get("Target") for r in etree.fromstring(content) if r.get("TargetMode") != "External"]
            found += [at for at in inside if normpath(join("/", folder, at)).lstrip("/") not in held]
    declared = [part.get("PartName") for part in etree.fromstring(held["[Content_Types].xml"]) if part.get("PartName")]
    return found + [name for name in declared if name.lstrip("/") not in held]


def test_table_of_a_workbook_keeps_its_name():
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet().add_table("A1:B3", {"name": "Diem", "data": [["a", 1], ["b", 2]]})
    book.close()
    made = BytesIO(taken(out.getvalue()).content)
    assert CalamineWorkbook.from_filelike(made, load_tables=True).table_names == ["Diem"]


@pytest.mark.parametrize(
    ("kind", "target", "left"),
    [
        ("hyperlink", "https://congdoan.vn/", "https://congdoan.vn/"),
        ("hyperlink", "mailto:a@congdoan.vn", "mailto:a@congdoan.vn"),
        ("hyperlink", f"file:///C:/Users/{PLAIN}/a.docx", "about:blank"),
        ("image", "https://canary.example/hinh.png", "about:blank"),
        ("attachedTemplate", f"file:///C:/Users/{PLAIN}/mau.dotm", None),
    ],
)
def test_nothing_of_a_document_leads_out_but_links_to_be_clicked(kind, target, left):
    made = taken(related(a_document(), DOCUMENT, f"{RELATED}{kind}", target, mode="&#69;xternal")).content
    (relations,) = [content for name, content in parts(made).items() if name == "word/_rels/document.xml.rels"]
    led = [relation.get("Target") for relation in etree.fromstring(relations) if relation.get("Id") == "rId900"]
    assert led == ([] if left is None else [left])


RUNNING = {
    "an object under another suffix": (a_document, DOCUMENT, "word/embeddings/a.dat", f"{RELATED}package", b"\xd0\xcf\x11\xe0x"),
    "a program": (slides, SLIDES, "ppt/media/a.png", f"{RELATED}image", b"MZ" + b"\0" * 60),
    "a control": (slides, SLIDES, "ppt/controls/a.xml", f"{RELATED}control", b"<a/>"),
    "a page of the web": (a_document, DOCUMENT, "word/chunk.htm", f"{RELATED}aFChunk", b"<html/>"),
    "an archive in an archive in it": (a_document, DOCUMENT, "word/embeddings/a.docx", f"{RELATED}package",
        with_part(a_document(), DOCUMENT, "word/embeddings/b.xlsx", a_workbook(), f"{RELATED}package")),
    "a link to a program": (a_workbook, WORKBOOK, "xl/externalLinks/externalLink1.xml", f"{RELATED}externalLink",
        f'<externalLink {_S}><ddeLink ddeService="cmd" ddeTopic="/C calc"/></externalLink>'.encode()),
}  # fmt: skip


@pytest.mark.parametrize("case", RUNNING)
def test_what_could_run_is_told_by_its_content_and_by_what_it_is_used_for(case):
    make, owner, name, kind, content = RUNNING[case]
    (problem,) = read_handed(with_part(make(), owner, name, content, kind)).problems
    assert problem.refusal.slug == "file-embeds"


def test_settings_of_a_printer_are_no_program():
    data = with_part(
        slides(), SLIDES, "ppt/printerSettings/printerSettings1.bin", b"\0\1x", f"{RELATED}printerSettings"
    )
    assert "ppt/printerSettings/printerSettings1.bin" in parts(taken(data).content)


def _field(*instructions: str) -> str:
    runs = "".join(f'<w:r><w:instrText xml:space="preserve">{each}</w:instrText></w:r>' for each in instructions)
    begin, split, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    return f"{begin}{runs}{split}<w:r><w:t>đã thấy</w:t></w:r>{end}"


@pytest.mark.parametrize(
    ("inside", "stays"),
    [
        (_field(" PAGE "), True),
        (_field('TOC \\o "1-3"'), True),
        (_field("HYPER", 'LINK "https://congdoan.vn"'), True),
        (_field('HYPERLINK \\l "_Toc1"'), True),
        (_field('HYPERLINK "file:///C:/canary.exe"'), False),
        (_field("DD", 'EAUTO cmd "/k canary"'), False),
        (_field('INCLUDEPICTURE "https://canary.example/a.png"'), False),
        (_field("QUOTE ", _field("DDE cmd canary")), False),
        ('<w:fldSimple w:instr="DDEAUTO cmd canary"><w:r><w:t>đã thấy</w:t></w:r></w:fldSimple>', False),
        ('<w:fldSimple w:instr=" NUMPAGES "><w:r><w:t>đã thấy</w:t></w:r></w:fldSimple>', True),
    ],
)
def test_fields_that_reach_out_keep_what_they_showed_and_no_more(inside, stays):
    made, out = docx.Document(), BytesIO()
    made.element.body.insert(0, parse_xml(f"<w:p {nsdecls('w')}>{inside}</w:p>"))
    made.save(out)
    document = parts(taken(out.getvalue()).content)[DOCUMENT].decode()
    assert "đã thấy" in document
    assert "canary" not in document
    told = re.findall(r"<w:instrText[^>]*>([^<]+)<|w:instr=\"([^\"]+)\"", document)
    assert bool(told) is (stays or "QUOTE" in inside)


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_picture_made_bare_shows_the_same_points(form):
    data = photograph(form)
    made = bare(data + b"after the end " + PLAIN.encode())
    assert PLAIN.encode() in data
    assert PLAIN.encode() not in made
    with Image.open(BytesIO(data)) as before, Image.open(BytesIO(made)) as after:
        assert before.tobytes() == after.tobytes()
        assert before.info.get("jfif") == after.info.get("jfif")


@pytest.mark.parametrize("progressive", [False, True])
def test_colours_of_a_bare_photograph_are_still_known(progressive):
    out = BytesIO()
    Image.effect_noise((64, 48), 60).convert("CMYK").save(out, "JPEG", icc_profile=b"profile", progressive=progressive)
    made = bare(out.getvalue())
    with Image.open(BytesIO(made)) as after, Image.open(BytesIO(out.getvalue())) as before:
        assert (after.info["icc_profile"], after.mode, after.tobytes()) == (b"profile", "CMYK", before.tobytes())


@pytest.mark.parametrize(
    "data", [b"GIF89a", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xe1\xff", b"\x89PNG\r\n\x1a\n\0\0", b""]
)
def test_what_is_no_sound_picture_is_no_trouble(data):
    assert data.startswith(bare(data))


def link(**action) -> Dictionary:
    return Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(**action))


def _script(said: str) -> dict:
    return {"S": Name.JavaScript, "JS": String(said)}


def a_script_written_in_place(pdf):
    pdf.pages[0].Annots = Array([link(**_script("canary"))])


def a_script_after_a_link(pdf):
    pdf.pages[0].Annots = Array(
        [pdf.make_indirect(link(S=Name.URI, URI=String("http://x"), Next=Dictionary(**_script("canary"))))]
    )


def an_action_that_nobody_knows(pdf):
    pdf.pages[0].Annots = Array([link(S=Name("/Tomorrow"), F=String("canary.exe"))])


def a_script_of_a_field(pdf):
    note = Dictionary(
        Subtype=Name.Widget, FT=Name.Btn, Rect=[0, 0, 9, 9], AA=Dictionary(E=Dictionary(**_script("canary")))
    )
    pdf.pages[0].Annots = Array([note])


def a_signature(pdf):
    signed = pdf.make_indirect(Dictionary(Type=Name.Sig, Name=String("canary"), Contents=String("canary")))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String("ky"), Rect=[0, 0, 9, 9], V=signed)
    note = pdf.make_indirect(note)
    pdf.pages[0].Annots = Array([note])
    pdf.Root.AcroForm = Dictionary(Fields=Array([note]), SigFlags=3)


def a_note_written_in_place(pdf):
    note = Dictionary(
        Subtype=Name.Text, Rect=[0, 0, 9, 9], T=String("canary"), Contents=String("x"), NM=String("canary")
    )
    pdf.pages[0].Annots = Array([note])


@pytest.mark.parametrize(
    "change",
    [a_script_written_in_place, a_script_after_a_link, an_action_that_nobody_knows, a_script_of_a_field, a_signature,
     a_note_written_in_place],
)  # fmt: skip
def test_pdf_loses_what_is_written_anywhere_in_it(change):
    forgets(changed(change))


def test_links_of_a_pdf_stay_and_so_does_what_was_filled_in():
    def change(pdf):
        field = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("hoten"),
            Rect=[0, 0, 9, 9],
            V=String("bai lam nay"),
        )
        field = pdf.make_indirect(field)
        pdf.pages[0].Annots = Array([field, link(S=Name.URI, URI=String("https://congdoan.vn"))])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]), NeedAppearances=True, XFA=String("canary"))

    made = laid_open(taken(changed(change)).content)
    for kept in (b"bai lam nay", b"hoten", b"https://congdoan.vn"):
        assert kept in made
    assert b"canary" not in made


def test_photograph_in_a_pdf_says_not_where_it_was_taken():
    made = FPDF()
    made.add_page()
    made.image(BytesIO(photograph("JPEG")))
    data = bytes(made.output())
    assert PLAIN.encode() in data
    with pikepdf.open(BytesIO(taken(data).content)) as pdf, pikepdf.open(BytesIO(data)) as before:
        (shown,), (told,) = pdf.pages[0].get_images().values(), before.pages[0].get_images().values()
        assert PLAIN.encode() not in shown.read_raw_bytes()
        assert pikepdf.PdfImage(shown).as_pil_image().tobytes() == pikepdf.PdfImage(told).as_pil_image().tobytes()


@pytest.mark.parametrize(("is_packed", "is_listed"), [(False, False), (False, True), (True, True)])
def test_colours_of_a_photograph_in_a_pdf_are_read_as_before(is_packed, is_listed):
    def change(pdf):
        content, how = photograph("JPEG"), Dictionary(ColorTransform=0)
        held = pdf.make_stream(zlib.compress(content) if is_packed else content)
        held.Type, held.Subtype, held.Width, held.Height = Name.XObject, Name.Image, 64, 48
        held.ColorSpace, held.BitsPerComponent = Name.DeviceRGB, 8
        listed = Array([Name.DCTDecode]) if is_listed else Name.DCTDecode
        held.Filter = Array([Name.FlateDecode, Name.DCTDecode]) if is_packed else listed
        held.DecodeParms = Array([None, how]) if is_packed else Array([how]) if is_listed else how
        pdf.pages[0].Resources.XObject = Dictionary(I=held)

    with pikepdf.open(BytesIO(taken(changed(change)).content)) as pdf:
        (shown,) = pdf.pages[0].get_images().values()
        assert (shown.Filter, shown.DecodeParms) == (Name.DCTDecode, Dictionary(ColorTransform=0))
        assert PLAIN.encode() not in shown.read_raw_bytes()


def test_pdf_may_begin_with_an_empty_line():
    assert taken(b"\r\n" + a_pdf()).suffix == "pdf"


def laid_open(data: bytes) -> bytes:
    """A PDF with nothing in it packed."""
    out = BytesIO()
    with pikepdf.open(BytesIO(data)) as pdf:
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False,
                 stream_decode_level=pikepdf.StreamDecodeLevel.generalized)  # fmt: skip
    return out.getvalue()


def forgets(data: bytes) -> None:
    """See that a PDF says the word of the trap, and does not once it is made anew."""
    assert b"canary" in laid_open(data)
    assert b"canary" not in laid_open(taken(data).content)


def test_program_inside_is_named():
    data = with_part(a_document(), DOCUMENT, "word/embeddings/chay.exe", b"MZ", f"{RELATED}package")
    (problem,) = read_handed(data).problems
    assert problem.refusal == Refusal("file-embeds", {"name": "chay.exe"})
