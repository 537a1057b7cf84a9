"""Files handed in: made anew as they look, nameless, with nothing that could run; hostile ones refused by name, at once."""

import random
import time
import zipfile
from io import BytesIO

import docx
import pikepdf
import pytest
from PIL import Image

from contest.formats.handed import MOST_MB, SHOWN_SIDE, read_handed
from contest.formats.handed.nameless import without_names
from contest.formats.handed.pdfs import MOST_PAGES
from contest.formats.xmltree import tree
from contest.gateways import airlock
from contest.rules.refusals import Refusal
from tests import timing

from .handed import NAME, PLAIN, a_document, a_pdf, a_workbook, an_archive, changed, packed, parts


def taken(data: bytes):
    reading = read_handed(data)
    assert reading.problems == ()
    (made,) = reading.drafts
    return made


def refused(data: bytes) -> str:
    with timing.at_most(2):
        reading = read_handed(data)
    assert (reading.drafts, len(reading.problems)) == ((), 1)
    return reading.problems[0].refusal.slug


def test_pdf_keeps_its_pages_and_tells_nothing_of_its_author():
    made = taken(a_pdf(3))
    assert (made.media_type, made.suffix) == ("application/pdf", "pdf")
    with pikepdf.open(BytesIO(made.content)) as pdf:
        assert len(pdf.pages) == 3
        assert b"bai lam" in pdf.pages[2].Contents.read_bytes()
        assert "/Info" not in pdf.trailer
        assert set(pdf.Root.keys()) <= {"/Type", "/Pages", "/Lang", "/Version", "/PageLayout"}
    assert PLAIN.encode() not in made.content


def runs_a_script(pdf):
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('canary')"))
    pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=[]))
    pdf.pages[0].AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("canary")))


def starts_a_program(pdf):
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("canary.exe"))
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
    pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(note)]))


def carries_a_file(pdf):
    pdf.attachments["canary.exe"] = b"MZ canary"
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, Rect=[0, 0, 9, 9])
    note.FS = pikepdf.Dictionary(F=pikepdf.String("canary.exe"))
    pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(note)])


def is_signed_by_name(pdf):
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9])
    note.T, note.Contents = pikepdf.String("canary"), pikepdf.String("chu thich")
    pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(note)])
    pdf.Root.Metadata = pdf.make_stream(b"<x:xmpmeta>canary</x:xmpmeta>", Type=pikepdf.Name.Metadata)


@pytest.mark.parametrize("change", [runs_a_script, starts_a_program, carries_a_file, is_signed_by_name])
def test_pdf_loses_what_could_run_and_what_names_its_author(change):
    data = changed(change)
    assert b"canary" in data or change is carries_a_file
    made = taken(data)
    assert b"canary" not in made.content
    with pikepdf.open(BytesIO(made.content)) as pdf:
        assert len(pdf.pages) == 1
        assert len(pdf.attachments) == 0


@pytest.mark.parametrize("pages", [1, MOST_PAGES, MOST_PAGES + 1])
def test_pdf_has_no_more_pages_than_anybody_marks(pages):
    reading = read_handed(a_pdf(pages))
    told = Refusal("file-pages", {"limit": MOST_PAGES})
    assert [p.refusal for p in reading.problems] == ([told] if pages > MOST_PAGES else [])


def test_document_keeps_its_words_and_tells_nothing_of_its_author():
    data = a_document()
    assert any(NAME.encode() in part for part in parts(data).values())
    made = taken(data)
    assert made.suffix == "docx"
    opened = docx.Document(BytesIO(made.content))
    assert [p.text for p in opened.paragraphs] == ["Bài làm của tôi"]
    assert [(c.author, c.text) for c in opened.comments] == [("", "ghi chú")]
    everything = b"".join(parts(made.content).values())
    for told in (NAME.encode(), b"NVC", PLAIN.encode(), b"canary.example", b"docProps"):
        assert told not in everything
    assert b"https://congdoan.vn/" in everything
    with zipfile.ZipFile(BytesIO(made.content)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_workbook_keeps_its_cells_and_tells_nothing_of_its_author():
    made = taken(a_workbook())
    assert made.suffix == "xlsx"
    everything = b"".join(parts(made.content).values())
    assert NAME.encode() not in everything
    assert "ghi chú".encode() in everything


def test_same_file_is_made_the_same():
    for data in (a_pdf(), a_document(), a_workbook()):
        assert taken(data).content == taken(data).content


def test_photographed_page_stays_legible_and_says_not_where_it_was_taken():
    exif, out = Image.Exif(), BytesIO()
    exif[0x013B] = PLAIN
    Image.new("RGB", (3000, 4000), "white").save(out, "JPEG", exif=exif)
    made = taken(out.getvalue())
    with Image.open(BytesIO(made.content)) as shown:
        assert shown.size == (1800, SHOWN_SIDE)
    assert PLAIN.encode() not in made.content


def locked_pdf() -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(a_pdf())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(user="mat khau", owner="chu"))
    return out.getvalue()


HOSTILE = {
    "nothing": (b"", "file-empty"),
    "words": (b"xin chao", "file-kind"),
    "a page of the web": (b"<html><script>alert(1)</script>", "file-kind"),
    "a drawing that runs scripts": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "file-foreign"),
    "a program": (b"MZ" + b"\0" * 200, "file-kind"),
    "an old document": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "file-old-office"),
    "a PDF cut off": (b"%PDF-1.7\n1 0 obj", "file-damaged"),
    "a PDF without pages": (b"%PDF-1.4\n%%EOF", "file-damaged"),
    "a PDF with a password": (locked_pdf(), "file-has-password"),
    "a document with macros": (packed(a_document(), "word/vbaProject.bin", b"x"), "zip-macros"),
    "a document that unpacks to gigabytes": (packed(a_document(), "word/media/hinh.png", b"\0" * (250 * 2**20)), "zip-too-large"),
    "an archive of pictures": (packed(b"PK\5\6" + b"\0" * 18, "hinh.png", b"x"), "file-kind"),
    "a picture cut off": (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "media-damaged"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_file_is_refused_by_name_at_once(case):
    data, slug = HOSTILE[case]
    assert refused(data) == slug


def test_document_with_a_program_inside_is_refused_by_name():
    (problem,) = read_handed(packed(a_document(), "word/embeddings/oleObject1.bin", b"MZ")).problems
    assert problem.refusal == Refusal("file-embeds", {"name": "oleObject1.bin"})


def test_file_of_two_natures_keeps_only_the_one_it_is_taken_for():
    picture = BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    tail = b"<script>canary</script>PK\3\4canary"
    for data in (a_pdf() + tail, picture.getvalue() + tail):
        assert b"canary" not in taken(data).content


@pytest.mark.parametrize("extra", [0, 1])
def test_largest_file_is_taken_and_one_byte_more_is_not(extra):
    whole = MOST_MB * 2**20
    data = a_pdf()
    data += b"\n" * (whole - len(data) + extra)
    reading = read_handed(data)
    assert [p.refusal for p in reading.problems] == ([Refusal("file-too-large", {"limit": MOST_MB})] if extra else [])


def long_document(megabytes: int) -> bytes:
    """A document of short elements, of which each could tell something and one does."""
    held, chance = parts(a_document()), random.Random(1945)
    head, tail = held["word/document.xml"].rsplit(b"</w:body>", 1)
    runs = [f'<w:r w:rsidR="{chance.getrandbits(32):X}"/>'.encode() + b"<w:r/>" * 4 for _ in range(megabytes * 2**14)]
    told = b'<w:p><w:ins w:author="canary"/>' + b"".join(runs) + b"</w:p></w:body>"
    return an_archive({**held, "word/document.xml": head + told + tail})


def test_long_document_is_made_anew_in_a_part_of_its_time():
    data = parts(long_document(8))["word/document.xml"]
    begun = time.thread_time()
    tree(data)
    parsed = time.thread_time()
    assert b"canary" not in without_names(data)
    assert time.thread_time() - parsed < 6 * (parsed - begun)


def test_document_that_fills_the_memory_is_refused_as_too_large():
    (problem,) = airlock.read("handed", long_document(8), memory_mb=160).problems
    assert problem.refusal.slug == "zip-too-large"


@pytest.mark.parametrize("make", [a_pdf, a_document, a_workbook])
def test_files_are_made_anew_behind_the_airlock(make):
    data = make()
    assert airlock.read("handed", data, seconds=10) == read_handed(data)
