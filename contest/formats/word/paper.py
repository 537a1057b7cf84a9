"""A document being written: its paragraphs, pictures, lists and styles. Parts are put in place directly.

python-docx looks through all that is there before each part that it adds.
"""

from io import BytesIO
from itertools import count
from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt
from PIL import Image

from contest.formats.ooxml import Element
from contest.formats.word.formulas import write_sources
from contest.formats.word.setting import CELL, GOING_ON, HEAD_CELL, HEADING, TABLES
from contest.formats.word.wording import GUARD

_CENTIMETRE, _POINT_OF_SCREEN = 360_000, 9525  # in the unit of drawings
_TALLEST = 16 * _CENTIMETRE
_SUFFIXES = {"PNG": ("png", "image/png"), "JPEG": ("jpg", "image/jpeg"), "GIF": ("gif", "image/gif")}
_BULLETS, _NUMBERS, _GOING_ON = 9001, 9002, 9003  # what lists are made by
_DEEPEST, _INSET, _STEP = 9, 425, 360  # levels of a list, and how far each stands in, in twentieths of a point
_BORDERS = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in (
    "top", "left", "bottom", "right", "insideH", "insideV",
))  # fmt: skip


class Paper:
    """Wraps a document of python-docx; `sources` are those of the equations in it."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.sources: dict[str, str] = {}
        self._end: Element = document.element.body.sectPr
        self._relations: dict[tuple[str, int], tuple[str, int, int]] = {}
        self._ids, self._lists = count(1), count(_GOING_ON + 1)
        self._numbering: Element = None

    def put(self, element: Element) -> Element:
        """Put an element at the end; between two tables stands a paragraph, for Word makes one of them."""
        last = self._end.getprevious()
        if last is not None and last.tag == element.tag == qn("w:tbl"):
            self._end.addprevious(self.paragraph(GOING_ON))
        self._end.addprevious(element)
        return element

    def paragraph(self, style: str = "", *, align: str = "", list_id: int = 0, level: int = 0) -> Element:
        """Return a new paragraph, not in its place yet."""
        paragraph = OxmlElement("w:p")
        about = OxmlElement("w:pPr")
        if style:
            about.append(_valued("w:pStyle", style))
        if list_id:
            numbered = OxmlElement("w:numPr")
            numbered.append(_valued("w:ilvl", str(level)))
            numbered.append(_valued("w:numId", str(list_id)))
            about.append(numbered)
        if align:
            about.append(_valued("w:jc", align))
        if len(about):
            paragraph.append(about)
        return paragraph

    def list_id(self, start: int | None, level: int) -> int:
        """Return the list of an item: bullets, or numbers from a start on, which are a list of their own."""
        self._prepare_lists()
        if start is None:
            return _BULLETS
        made = next(self._lists)
        self._numbering.append(parse_xml(
            f'<w:num {nsdecls("w")} w:numId="{made}"><w:abstractNumId w:val="{_NUMBERS}"/><w:lvlOverride w:ilvl="{level}">'
            f'<w:startOverride w:val="{start}"/></w:lvlOverride></w:num>'
        ))  # fmt: skip
        return made

    def going_on(self) -> int:
        """Return the list of what goes on within an item."""
        self._prepare_lists()
        return _GOING_ON

    def _prepare_lists(self) -> None:
        if self._numbering is not None:
            return
        self._numbering = self.document.part.numbering_part.element
        for made, form, text in (
            (_BULLETS, "bullet", "•"),
            (_NUMBERS, "decimal", f"{GUARD}%{{}}."),
            (_GOING_ON, "none", ""),
        ):
            levels = "".join(_level(at, form, text.format(at + 1)) for at in range(_DEEPEST))
            definition = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{made}">{levels}</w:abstractNum>'
            self._numbering.insert(0, parse_xml(definition))
            told = f'<w:num {nsdecls("w")} w:numId="{made}"><w:abstractNumId w:val="{made}"/></w:num>'
            self._numbering.append(parse_xml(told))

    def picture(self, name: str, content: bytes, alt: str, widest: float) -> Element:
        """Return a picture to stand in a run, no wider than some centimetres; the same file is kept once."""
        key = name, hash(content)
        if key not in self._relations:
            self._relations[key] = self._kept(content)
        relation, width, height = self._relations[key]
        scale = min(1.0, widest * _CENTIMETRE / (width * _POINT_OF_SCREEN), _TALLEST / (height * _POINT_OF_SCREEN))
        wide, tall = (max(1, int(side * _POINT_OF_SCREEN * scale)) for side in (width, height))
        number = next(self._ids)
        drawing = parse_xml(
            f'<w:drawing {nsdecls("w", "wp", "a", "pic", "r")}><wp:inline distT="0" distB="0" distL="0" distR="0">'
            f'<wp:extent cx="{wide}" cy="{tall}"/><wp:docPr id="{number}" name="Picture {number}"/><a:graphic>'
            '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
            f'<pic:cNvPr id="{number}" name="Picture {number}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
            f'<a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
            f'<a:off x="0" y="0"/><a:ext cx="{wide}" cy="{tall}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
            "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>"
        )
        drawing.find(f".//{qn('wp:docPr')}").set("descr", alt)
        return drawing

    def _kept(self, content: bytes) -> tuple[str, int, int]:
        """Keep a picture, in a form that Word has, and return its relation and its size in points of a screen."""
        with Image.open(BytesIO(content)) as image:
            width, height = image.size
            if image.format not in _SUFFIXES:
                content = _as_png(image)
            suffix, kind = _SUFFIXES.get(image.format or "", _SUFFIXES["PNG"])
        uri = PackURI(f"/word/media/image{len(self._relations) + 1}.{suffix}")
        part = Part(uri, kind, content, self.document.part.package)
        return self.document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE), width, height

    def as_bytes(self) -> bytes:
        """Return the document as a file."""
        if self.sources:
            uri = PackURI("/customXml/formulas.xml")
            part = Part(uri, "application/xml", write_sources(self.sources), self.document.part.package)
            self.document.part.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_XML)
        out = BytesIO()
        self.document.save(out)
        return out.getvalue()


def _level(at: int, form: str, text: str) -> str:
    """Return a level of lists; what goes on in an item has nothing before it."""
    left, hanging = _INSET + _STEP * (at + 1), 0 if form == "none" else _STEP
    gap = '<w:suff w:val="nothing"/>' if form == "none" else ""
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{gap}<w:lvlText w:val="{text}"/>'
        f'<w:pPr><w:ind w:left="{left}" w:hanging="{hanging}"/></w:pPr></w:lvl>'
    )


def _valued(name: str, value: str) -> Element:
    made = OxmlElement(name)
    made.set(qn("w:val"), value)
    return made


def _as_png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def add_style(document: Any, style_id: str, *, indent: float = 0, before: float = 0, about: str = "") -> Any:
    """Add a style of paragraphs, set in by centimetres, with points of space before it."""
    style = document.styles.add_style(style_id, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.paragraph_format.left_indent = Cm(indent)
    style.paragraph_format.space_before = Pt(before)
    style.font.italic = "italic" in about or None
    style.font.bold = "bold" in about or None
    return style


def add_styles(document: Any, *, indent: float) -> None:
    """Add the styles of rich texts: what goes on, headings, and tables with lines around their cells."""
    add_style(document, GOING_ON, indent=indent)
    for name in HEADING:
        add_style(document, name, indent=indent, before=4, about="bold").paragraph_format.keep_with_next = True
    add_style(document, CELL)
    add_style(document, HEAD_CELL, about="bold")
    for name, depth in TABLES.items():
        style = document.styles.add_style(name, WD_STYLE_TYPE.TABLE)
        inset = int(indent * 567) + _STEP * (depth + 1 if depth else 0)
        style.element.append(parse_xml(
            f'<w:tblPr {nsdecls("w")}><w:tblInd w:w="{inset}" w:type="dxa"/><w:tblBorders>{_BORDERS}</w:tblBorders>'
            '<w:tblCellMar><w:left w:w="108" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        ))  # fmt: skip
