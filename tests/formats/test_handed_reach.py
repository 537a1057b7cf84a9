"""Files handed in reach nowhere when a marker opens them: no field, link or address in any part, whatever it is called."""

from io import BytesIO

import docx
import pikepdf
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pikepdf import Array, Dictionary, Name, String

from contest.formats.handed import read_handed

from .handed import NAME, a_document, an_archive, changed, parts
from .test_handed import taken
from .test_handed_names import laid_open, link

DOCUMENT = "word/document.xml"
DDE = '<w:fldSimple w:instr="DDEAUTO cmd canary"><w:r><w:t>đã thấy</w:t></w:r></w:fldSimple>'


def with_body(inside: str) -> bytes:
    made, out = docx.Document(), BytesIO()
    made.element.body.insert(0, parse_xml(f"<w:p {nsdecls('w')}>{inside}</w:p>"))
    made.save(out)
    return out.getvalue()


def renamed(data: bytes, old: str, new: str) -> bytes:
    """An office file with a part called otherwise, declared and related as it was."""
    folder, _, file = old.rpartition("/")
    moved = {old: new, f"{folder}/_rels/{file}.rels": f"{folder}/_rels/{new.rpartition('/')[2]}.rels"}
    held = {moved.get(name, name): content for name, content in parts(data).items()}
    for name in ("[Content_Types].xml", "_rels/.rels"):
        held[name] = held[name].replace(old.encode(), new.encode())
    return an_archive(held)


def rewritten(data: bytes, name: str, how) -> bytes:
    held = parts(data)
    held[name] = how(held[name])
    return an_archive(held)


def in_utf16(content: bytes) -> bytes:
    return content.decode().replace("UTF-8", "UTF-16", 1).replace("utf-8", "utf-16", 1).encode("utf-16")


@pytest.mark.parametrize("how", [bytes, lambda content: b"\xef\xbb\xbf" + content, in_utf16])
@pytest.mark.parametrize("called", ["word/document.dat", "word/document", "word/document.xml.bin"])
def test_part_is_looked_through_whatever_it_is_called(called, how):
    data = rewritten(renamed(with_body(DDE), DOCUMENT, called), called, how)
    assert docx.Document(BytesIO(data)).paragraphs[0]._p.xpath("w:fldSimple/@w:instr") == ["DDEAUTO cmd canary"]
    made = docx.Document(BytesIO(taken(data).content))
    assert made.paragraphs[0]._p.xpath("w:fldSimple/@w:instr") == [""]
    assert made.paragraphs[0]._p.xpath("string()") == "đã thấy"


def test_names_go_from_a_part_whatever_it_is_called():
    data = renamed(a_document(), "word/comments.xml", "word/comments.dat")
    data = rewritten(data, "word/_rels/document.xml.rels", lambda told: told.replace(b"comments.xml", b"comments.dat"))
    assert NAME.encode() in parts(data)["word/comments.dat"]
    assert NAME.encode() not in parts(taken(data).content)["word/comments.dat"]


def test_facts_of_a_file_go_wherever_a_program_puts_them():
    at = "package/services/metadata/core-properties/a1.psmdcp"
    data = parts(renamed(a_document(), "docProps/core.xml", at))
    assert NAME.encode() in data[at]
    said = data["[Content_Types].xml"].replace(f'<Override PartName="/{at}"'.encode(), b'<Default Extension="psmdcp"')
    made = parts(taken(an_archive({**data, "[Content_Types].xml": said})).content)
    assert at not in made
    assert b"psmdcp" not in made["_rels/.rels"]


SLY = {
    "letters that nobody reads": (
        lambda told: told.decode().split("?>", 1)[1].encode("cp037", "replace"),
        "file-damaged",
    ),
    "letters that are declared and not read": (lambda told: told.replace(b"UTF-8", b"utf-7", 1), "xml-unsafe"),
    "a DTD after many spaces": (
        lambda told: b" " * 70_000 + b'<!DOCTYPE a [<!ENTITY e "canary">]>' + told.split(b"?>", 1)[1],
        "xml-unsafe",
    ),
}


@pytest.mark.parametrize("case", SLY)
def test_part_that_could_be_read_otherwise_is_refused(case):
    how, slug = SLY[case]
    data = rewritten(renamed(with_body(DDE), DOCUMENT, "word/document.dat"), "word/document.dat", how)
    (problem,) = read_handed(data).problems
    assert problem.refusal.slug == slug


def test_part_cut_into_pieces_is_refused():
    held = parts(with_body(DDE))
    whole = held.pop(DOCUMENT)
    held |= {f"{DOCUMENT}/[0].piece": whole[:90], f"{DOCUMENT}/[1].last.piece": whole[90:]}
    (problem,) = read_handed(an_archive(held)).problems
    assert problem.refusal.slug == "file-damaged"


def a_stream_of_another_file(pdf):
    picture = pdf.make_stream(b"x", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
    picture.F = Dictionary(FS=Name.URL, F=String("http://canary.example/a.png"))
    picture.FFilter, picture.FDecodeParms = Name.FlateDecode, Dictionary(canary=1)
    pdf.pages[0].Resources.XObject = Dictionary(I=picture)


def a_form_of_another_file(pdf):
    form = pdf.make_stream(b"x", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
    form.Ref = Dictionary(F=String("//canary.example/a.pdf"), Page=0)
    pdf.pages[0].Resources.XObject = Dictionary(I=form)


def a_picture_to_print_of_another_file(pdf):
    form = pdf.make_stream(b"x", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
    form.OPI = Dictionary({"/2.0": Dictionary(Type=Name.OPI, F=String("//canary.example/a.tif"))})
    pdf.pages[0].Resources.XObject = Dictionary(I=form)


def addresses_of_the_whole(pdf):
    pdf.Root.URI = Dictionary(Base=String("http://canary.example/"))
    pdf.Root.OpenAction = Dictionary(S=Name.URI, URI=String("http://canary.example/"))
    pdf.Root.AA = Dictionary(WC=Dictionary(S=Name.URI, URI=String("http://canary.example/")))
    pdf.Root.Threads = Array([pdf.make_indirect(Dictionary(F=String("canary")))])


def steps_of_a_show(pdf):
    pdf.pages[0].PresSteps = Dictionary(NA=Dictionary(S=Name.URI, URI=String("http://canary.example/")))


def a_link(**action):
    def change(pdf):
        pdf.pages[0].Annots = Array([link(**action)])

    return change


def a_link_that_was_another(pdf):
    note = link(S=Name.URI, URI=String("https://congdoan.vn"))
    note.PA = Dictionary(S=Name.URI, URI=String("http://canary.example/"))
    pdf.pages[0].Annots = Array([note])


def a_clock_of_a_signature(pdf):
    note = Dictionary(Subtype=Name.Widget, FT=Name.Sig, T=String("ky"), Rect=[0, 0, 9, 9])
    note.SV = Dictionary(TimeStamp=Dictionary(URL=String("http://canary.example/")))
    pdf.pages[0].Annots = Array([pdf.make_indirect(note)])
    pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.pages[0].Annots[0]]))


@pytest.mark.parametrize(
    "change",
    [a_stream_of_another_file, a_form_of_another_file, a_picture_to_print_of_another_file, addresses_of_the_whole,
     steps_of_a_show, a_link_that_was_another, a_clock_of_a_signature,
     a_link(S=Name.URI, URI=String("file:///C:/canary.exe")), a_link(S=Name.URI, URI=String("javascript:canary()")),
     a_link(S=Name.GoToR, F=String("//canary.example/a.pdf"), D=Array([0, Name.Fit])),
     a_link(S=Name.Thread, F=String("//canary.example/a.pdf"), D=0)],
)  # fmt: skip
def test_pdf_reaches_no_other_file_and_no_address_but_by_a_click(change):
    data = changed(change)
    assert b"canary" in laid_open(data)
    assert b"canary" not in laid_open(taken(data).content)


def test_note_of_a_pdf_keeps_how_it_is_shown():
    def change(pdf):
        pdf.pages[0].Annots = Array([Dictionary(Subtype=Name.Square, Rect=[0, 0, 9, 9], F=4)])

    with pikepdf.open(BytesIO(taken(changed(change)).content)) as pdf:
        assert pdf.pages[0].Annots[0].F == 4
