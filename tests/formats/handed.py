"""Files as people hand them in, for tests: made by the libraries of others, with names in them where programs put such."""

import zipfile
from io import BytesIO

import docx
import pikepdf
import xlsxwriter
from docx.opc.constants import RELATIONSHIP_TYPE
from fpdf import FPDF
from PIL import Image, PngImagePlugin

TEMPLATE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
NAME = "Nguyễn Văn Canary"
PLAIN = "Nguyen Van Canary"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
NEWER = "http://schemas.microsoft.com/office/"


def a_pdf(pages: int = 1, words: str = "bai lam") -> bytes:
    made = FPDF()
    made.set_author(PLAIN)
    made.set_title(PLAIN)
    for _ in range(pages):
        made.add_page()
        made.set_font("helvetica")
        made.cell(text=words)
    return bytes(made.output())


def changed(change, **how) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(a_pdf())) as pdf:
        change(pdf)
        pdf.save(out, **how)
    return out.getvalue()


def samples() -> list[bytes]:
    """Files of each kind with something in every corner that is looked into; the PDF is not packed, so that it can be damaged."""
    laid_open = {"compress_streams": False, "object_stream_mode": pikepdf.ObjectStreamMode.disable}
    chart = with_part(a_document(), "word/document.xml", "word/embeddings/a.xlsx", a_workbook(), f"{RELATED}package")
    shown = with_part(slides(), "ppt/presentation.xml", "ppt/media/a.jpg", photograph("JPEG"), f"{RELATED}image")
    return [changed(_annotated, **laid_open), chart, a_workbook(), shown]


def _annotated(pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://congdoan.vn"))
    note = pikepdf.Dictionary(Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
    photo = pdf.make_stream(photograph("JPEG"), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
    photo.stream_dict.Filter = pikepdf.Name.DCTDecode
    pdf.pages[0].Annots = pikepdf.Array([note])
    pdf.pages[0].Resources.XObject = pikepdf.Dictionary(I=photo)


def a_document() -> bytes:
    made, out = docx.Document(), BytesIO()
    paragraph = made.add_paragraph("Bài làm của tôi")
    made.core_properties.author = made.core_properties.last_modified_by = NAME
    made.add_comment(paragraph.runs, text="ghi chú", author=NAME, initials="NVC")
    made.part.relate_to("https://congdoan.vn/", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    made.part.relate_to(f"file:///C:/Users/{PLAIN}/mau.dotm", TEMPLATE, is_external=True)
    made.part.relate_to("https://canary.example/hinh.png", RELATIONSHIP_TYPE.IMAGE, is_external=True)
    made.save(out)
    return out.getvalue()


def a_workbook() -> bytes:
    out = BytesIO()
    made = xlsxwriter.Workbook(out)
    made.set_properties({"author": NAME, "manager": NAME, "company": NAME})
    sheet = made.add_worksheet()
    sheet.write("A1", "Bài làm")
    sheet.write_comment("A1", "ghi chú", {"author": NAME})
    made.close()
    return out.getvalue()


def packed(data: bytes, name: str, content: bytes) -> bytes:
    """An archive with one more part."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for known in old.namelist():
            new.writestr(known, old.read(known))
        new.writestr(name, content)
    return out.getvalue()


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def slides() -> bytes:
    """The least that slides are made of."""
    types = "application/vnd.openxmlformats-"
    made = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="rels" ContentType="{types}package.relationships+xml"/><Override PartName="/ppt/presentation.xml"'
        f' ContentType="{types}officedocument.presentationml.presentation.main+xml"/></Types>',
        "_rels/.rels": relations(("rId1", f"{RELATED}officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": '<p:presentation xmlns:p="x"><p:sldSz cx="9" cy="9"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": relations(),
    }
    return an_archive({name: content.encode() for name, content in made.items()})


def relations(*each: tuple[str, str, str]) -> str:
    inside = "".join(f'<Relationship Id="{key}" Type="{kind}" Target="{at}"/>' for key, kind, at in each)
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inside}</Relationships>'
    )


def an_archive(held: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_part(data: bytes, owner: str, name: str, content: bytes | str, kind: str) -> bytes:
    """A file with one more part, declared, and related from `owner` as office programs do it."""
    held = parts(data)
    held[name] = content if isinstance(content, bytes) else content.encode()
    types = held["[Content_Types].xml"].replace(
        b"</Types>", f'<Override PartName="/{name}" ContentType="x/y"/></Types>'.encode()
    )
    held["[Content_Types].xml"] = types
    return related(an_archive(held), owner, kind, f"/{name}")


def related(data: bytes, owner: str, kind: str, target: str, mode: str = "Internal") -> bytes:
    held = parts(data)
    folder, _, file = owner.rpartition("/")
    at = f"{folder}/_rels/{file}.rels"
    told = f'<Relationship Id="rId900" Type="{kind}" Target="{target}" TargetMode="{mode}"/></Relationships>'
    held[at] = held.get(at, relations().encode()).replace(b"</Relationships>", told.encode())
    return an_archive(held)


def photograph(form: str) -> bytes:
    out, exif, about = BytesIO(), Image.Exif(), PngImagePlugin.PngInfo()
    exif[0x013B] = PLAIN
    about.add_text("Author", PLAIN)
    points = Image.effect_noise((64, 48), 60).convert("RGB")
    points.save(out, form, exif=exif, **({"pnginfo": about} if form == "PNG" else {"comment": PLAIN.encode()}))
    return out.getvalue()
