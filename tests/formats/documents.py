"""Word documents for tests: made by python-docx, with raw WordprocessingML where it has no word for something."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from contest.formats.word import read_word

W = nsdecls("w")
_MATHS = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
_DRAWING = (
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:wpg="http://schemas.microsoft.com/office/word/2010/wordprocessingGroup" '
    'xmlns:o="urn:schemas-microsoft-com:office:office"'
)

BOLD, RED, UNDERLINED = "<w:b/>", '<w:color w:val="FF0000"/>', '<w:u w:val="single"/>'
YELLOW, FILLED = '<w:highlight w:val="yellow"/>', '<w:shd w:val="clear" w:fill="FFFF00"/>'


def run(text: str, properties: str = "") -> str:
    """Return a run as XML."""
    parts = text.replace("\t", "</w:t><w:tab/><w:t xml:space='preserve'>").replace("\n", "</w:t><w:br/><w:t>")
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space='preserve'>{parts}</w:t></w:r>"


def p(*runs: str, about: str = "") -> str:
    """Return a paragraph as XML; a text that is no run is one without properties."""
    inside = "".join(part if part.startswith("<") else run(part) for part in runs)
    return f"<w:p><w:pPr>{about}</w:pPr>{inside}</w:p>"


def tbl(*rows: Iterable[str]) -> str:
    """Return a table as XML; a cell that is no paragraph is one."""
    cells = (
        "".join(f"<w:tc>{cell if cell.startswith('<') else p(cell)}</w:tc>" for cell in row) for row in map(list, rows)
    )
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def listed(level: int, list_id: int = 90) -> str:
    """Return the paragraph properties of an automatically numbered paragraph."""
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'


def drawn(at: int = 0, alt: str = "Hình", *, crop: str = "", about: str = "") -> str:
    """Return a run that shows picture `at` of a document."""
    return (
        f'<w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="{alt}"/><a:graphic><a:graphicData><pic:pic>'
        f'<pic:blipFill><a:blip r:embed="@{at}@"/>{crop}</pic:blipFill><pic:spPr><a:xfrm {about}/></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def document(
    *blocks: str,
    levels: Iterable[tuple[str, str]] = (),
    styles: Iterable[str] = (),
    pictures: Iterable[bytes] = (),
    numbering: Iterable[str] = (),
) -> bytes:
    """Return a document of blocks; `levels` are (format, text) of list 90; further `styles` and `numbering` are XML.

    `@0@` in a block is the relation of the first of the `pictures`.
    """
    made: Any = docx.Document()
    body = made.element.body
    relations = [made.part.get_or_add_image(BytesIO(picture))[0] for picture in pictures]
    for block in blocks:
        block = block if block.startswith("<") else p(block)
        for at, relation in enumerate(relations):
            block = block.replace(f"@{at}@", relation)
        root = parse_xml(f"<w:body {W} {_MATHS} {_DRAWING}>{block}</w:body>")
        for part in list(root):
            body.sectPr.addprevious(part)
    lists = made.part.numbering_part.element
    for part in numbering:
        lists.append(parse_xml(part.replace(">", f" {W}>", 1)))
    if levels:
        inside = "".join(
            f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
            for at, (form, text) in enumerate(levels)
        )
        lists.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="90">{inside}</w:abstractNum>'))
        lists.append(parse_xml(f'<w:num {W} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    for style in styles:
        made.styles.element.append(parse_xml(style.replace("<w:style ", f"<w:style {W} ", 1)))
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def question(*right: str, number: int = 1) -> list[str]:
    """Return the lines of a question whose answer line names some letters; none without letters."""
    key = [f"Đáp án: {', '.join(right)}"] if right else []
    return [f"Câu {number}. Hỏi {number}?", "A. một", "B. hai", "C. ba", "D. bốn", *key]


def read(*blocks: str, **about: Any) -> Any:
    """Return what the reader makes of a document of blocks."""
    return read_word(document(*blocks, **about))


def keys(reading: Any) -> list[str]:
    """Return the letters of the right options, question by question."""
    return ["".join("ABCDEFGH"[at] for at, o in enumerate(d.options) if o.weight > 0) for d in reading.drafts]


def slugs(reading: Any) -> list[str]:
    """Return what the problems are, in their order."""
    return [problem.refusal.slug for problem in reading.problems]
