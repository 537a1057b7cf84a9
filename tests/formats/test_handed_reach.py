"""Files handed in reach nowhere when a marker opens them: no field, link or address in any part, whatever it is called."""

from io import BytesIO

import docx
import pikepdf
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from lxml import etree
from pikepdf import Array, Dictionary, Name, String

from contest.formats.handed import read_handed
from contest.formats.handed.nameless import TELLING, without_names

from .handed import NAME, RELATED, a_document, an_archive, changed, parts, related
from .test_handed import taken
from .test_handed_names import forgets, link

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
    forgets(changed(change))


def test_note_of_a_pdf_keeps_how_it_is_shown():
    def change(pdf):
        pdf.pages[0].Annots = Array([Dictionary(Subtype=Name.Square, Rect=[0, 0, 9, 9], F=4)])

    with pikepdf.open(BytesIO(taken(changed(change)).content)) as pdf:
        assert pdf.pages[0].Annots[0].F == 4


VML = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'


@pytest.mark.parametrize(
    "inside",
    [
        '<v:shape {0}><v:imagedata src="http://canary.example/a.png"/></v:shape>',
        '<v:shape {0}><v:imagedata src="&#104;ttps&#58;//canary.example/a.png"/></v:shape>',
        '<v:shape {0}><v:imagedata src="\\\\canary.example\\a.png" o:href="http://canary.example/a.png"/></v:shape>',
        '<v:shape {0}><v:fill o:href="http://canary.example/a.png" o:althref="http://canary.example/b.png"/></v:shape>',
        '<v:shape {0} href="file:///C:/canary.exe"/>',
        '<v:shape {0} xml:base="http://canary.example/"/>',
    ],
)
def test_drawing_in_a_document_fetches_nothing(inside):
    made = taken(with_body(f"<w:r><w:pict>{inside.format(VML)}</w:pict></w:r>")).content
    assert b"canary" not in parts(made)[DOCUMENT]
    assert b"<v:shape" in parts(made)[DOCUMENT]


def test_drawing_keeps_its_own_picture_and_a_link_to_click():
    drawn = '<v:imagedata src="rId7"/><v:fill src="data:image/png;base64,AA"/>'
    kept = f'<v:shape {VML} href="https://congdoan.vn/">{drawn}</v:shape>'
    made = parts(taken(with_body(f"<w:r><w:pict>{kept}</w:pict></w:r>")).content)[DOCUMENT].decode()
    for each in ("https://congdoan.vn/", "rId7", "data:image/png"):
        assert each in made


def run(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def a_field(*told: str) -> str:
    runs = "".join(each if each[:1] == "<" else f"<w:r><w:instrText>{each}</w:instrText></w:r>" for each in told)
    return f"{run('begin')}{runs}{run('separate')}<w:r><w:t>đã thấy</w:t></w:r>{run('end')}"


@pytest.mark.parametrize("name", ["INCLUDETEXT", "IMPORT", "RD", "LINK", "DATABASE", "INCLUDE", "MACROBUTTON"])
def test_field_that_reads_another_file_is_emptied(name):
    assert b"canary" not in parts(taken(with_body(a_field(f' {name} "//canary.example/a"'))).content)[DOCUMENT]


@pytest.mark.parametrize(
    "inside",
    [
        a_field("<w:r><w:t>DDEAUTO cmd canary</w:t></w:r>"),
        a_field('HYPERLINK \\l "_Toc1" "file:///C:/canary.exe"'),
        a_field('HYPERLINK "https://congdoan.vn" \\o "x" "file:///C:/canary.exe"'),
        a_field("HYPERLINK ", a_field('QUOTE "file:///canary"')).replace("QUOTE", "UNKNOWN"),
    ],
)
def test_field_is_read_to_its_end(inside):
    made = parts(taken(with_body(inside)).content)[DOCUMENT]
    assert b"canary" not in made
    assert "đã thấy".encode() in made


def test_field_that_others_would_tell_what_to_do_is_none_any_more():
    made = docx.Document(BytesIO(taken(with_body(a_field(a_field("QUOTE 68 68 69")))).content)).paragraphs[0]._p
    assert made.xpath("count(.//w:fldChar[@w:fldCharType='begin'])") == 1
    assert made.xpath("string(.//w:instrText)") == "QUOTE 68 68 69"


@pytest.mark.parametrize(
    "told", ['HYPERLINK "https://congdoan.vn" \\o "Công đoàn" \\t "_blank"', 'HYPERLINK \\l "_Toc1" \\h']
)
def test_link_to_click_stays(told):
    assert told.replace('"', "").split()[1] in parts(taken(with_body(a_field(told))).content)[DOCUMENT].decode()


def test_text_after_a_field_without_an_end_stays():
    made = taken(with_body(f"{run('begin')}<w:r><w:t>bài làm</w:t></w:r>")).content
    assert docx.Document(BytesIO(made)).paragraphs[0].text == "bài làm"


S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet_of(*formulas: str) -> str:
    cells = "".join(f'<c r="A{n}">{each}<v>7</v></c>' for n, each in enumerate(formulas, 1))
    return f"<worksheet {S}><sheetData><row>{cells}</row></sheetData></worksheet>"


@pytest.mark.parametrize(
    ("formula", "left"),
    [
        ('<f>_xlfn.WEBSERVICE("http://a/")</f>', 0),
        ('<f>1+<![CDATA[ima]]>ge ("http://a/")</f>', 0),
        ("<f>cmd|'/c calc'!A0</f>", 0),
        ('<f>HYPERLINK("file:///C:/a.exe")</f>', 0),
        ('<f>HYPERLINK("https://congdoan.vn","IMAGE(x)|")</f>', 1),
        ("<f>SUM(A1:A9)*2</f>", 1),
    ],
)
def test_formula_that_fetches_is_taken_out_and_what_it_showed_stays(formula, left):
    made = etree.fromstring(without_names(sheet_of(formula).encode()))
    assert (len(made.findall(".//{*}f")), [v.text for v in made.iter("{*}v")]) == (left, ["7"])


def test_formula_that_cells_share_goes_from_all_of_them():
    shared = ('<f t="shared" ref="A1:A2" si="3">RTD("a",,"b")</f>', '<f t="shared" si="3"/>', '<f t="shared" si="4"/>')
    made = etree.fromstring(without_names(sheet_of(*shared).encode()))
    assert [f.get("si") for f in made.iter("{*}f")] == ["4"]


@pytest.mark.parametrize(
    "told",
    [
        f'<workbook {S}><definedNames><definedName name="x">WEBSERVICE("canary")</definedName></definedNames></workbook>',
        f'<worksheet {S}><webPublishItems><webPublishItem destinationFile="//canary/a"/></webPublishItems></worksheet>',
        f'<workbook {S}><customWorkbookViews><customWorkbookView name="canary"/></customWorkbookViews></workbook>',
        f'<connections {S}><connection id="1"><textPr sourceFile="//canary/a"/></connection></connections>',
        f'<MapInfo {S}><Map ID="1"><DataBinding FileBindingName="http://canary/"/></Map></MapInfo>',
        '<a:r xmlns:a="x"><a:hlinkMouseOver action="ppaction://program" tooltip="canary"/></a:r>',
        '<a:r xmlns:a="x"><a:hlinkClick action="ppaction://macro?name=canary"/></a:r>',
        '<w:d xmlns:w="x"><w:webVideoPr embeddedHtml="&lt;iframe src=canary"/></w:d>',
        '<w:settings xmlns:w="x"><w:attachedSchema w:val="http://canary/"/></w:settings>',
    ],
)
def test_what_reaches_out_of_a_workbook_or_slides_is_taken_out(told):
    assert TELLING.search(told.encode())
    assert b"canary" not in without_names(told.encode())


def test_way_from_slide_to_slide_stays():
    told = b'<a:r xmlns:a="x"><a:hlinkClick action="ppaction://hlinkshowjump?jump=nextslide"/></a:r>'
    assert b"nextslide" in without_names(told)


@pytest.mark.parametrize("mode", ["external", " External", "Internal"])
def test_relation_that_leads_out_is_told_by_where_it_leads(mode):
    made = taken(related(a_document(), DOCUMENT, f"{RELATED}image", "http://canary.example/a.png", mode=mode)).content
    assert b"canary" not in b"".join(parts(made).values())
