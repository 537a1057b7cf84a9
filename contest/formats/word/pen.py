"""Rich texts into a document: what goes into the paragraph that is open, and what stands below it."""

from collections.abc import Iterable, Iterator, Mapping

from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from contest.formats.omml import NotWritten, write_omml
from contest.formats.ooxml import Element
from contest.formats.rich.nodes import (
    Audio,
    Block,
    Break,
    Formula,
    Heading,
    Inline,
    Inlines,
    Listing,
    Mark,
    Paragraph,
    Picture,
    Table,
    Text,
    Tree,
    joined,
)
from contest.formats.word.paper import Paper
from contest.formats.word.rich import FIRST_THING
from contest.formats.word.setting import CELL, GOING_ON, HEAD_CELL, HEADING, TABLES
from contest.formats.word.wording import GUARD, guarded

_LOOKS = {Mark.BOLD: "b", Mark.EMPHASIS: "i", Mark.UNDERLINE: "u"}
_LEVELS = {Mark.SUB: "subscript", Mark.SUP: "superscript"}
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_HEADINGS = {level: name for name, level in HEADING.items()}
_TABLES = {depth: name for name, depth in TABLES.items()}
_TWIPS = 567  # of a centimetre
_LEAST_COLUMN = 1.5


class Pen:
    """Writes texts on a paper, with the pictures that they show, in lines of `width` centimetres.

    On a paper that `is_read` again nothing in a text may be taken for the structure of a list.
    """

    def __init__(self, paper: Paper, pictures: Mapping[str, bytes], *, width: float = 15, is_read: bool = True) -> None:
        self._paper, self._pictures = paper, pictures
        self._width, self._is_read = width, is_read

    def write(self, style: str, pieces: Iterable[str | Tree], *, bold: str = "", lead: str = "") -> Element:
        """Write a paragraph of words and of texts; what stands below their first lines goes on in paragraphs of its own.

        Before them stand words in `bold`, or a `lead`, which may be structure of a list. Returns the first paragraph.
        """
        first, *others = joined(pieces)
        paragraph = self._paper.put(self._paper.paragraph(style))
        if bold or lead:
            paragraph.append(_run(Text(bold or lead, frozenset({Mark.BOLD} if bold else ()))))
        if isinstance(first, Paragraph):
            self._fill(paragraph, first.inlines, guards=True)
        for block in others:
            self._block(block, 0)
        return paragraph

    def _block(self, block: Block, depth: int, list_id: int = 0) -> None:
        """Write a block, of an item that lies so deep; `list_id` is its list where it begins the item."""
        match block:
            case Paragraph(inlines):
                self._fill(self._line(GOING_ON, depth, list_id), inlines)
            case Heading(level, inlines):
                self._fill(self._line(_HEADINGS[level], depth, list_id), inlines)
            case Listing():
                self._listing(block, depth + 1)
            case Table():
                self._table(block, depth)

    def _line(self, style: str, depth: int, list_id: int) -> Element:
        if not depth:
            return self._paper.put(self._paper.paragraph(style))
        made = self._paper.paragraph(style, list_id=list_id or self._paper.going_on(), level=depth - 1)
        return self._paper.put(made)

    def _listing(self, listing: Listing, depth: int) -> None:
        made = self._paper.list_id(listing.start if listing.is_ordered else None, depth - 1)
        for item in listing.items:
            first, *others = item if isinstance(item[0], Paragraph | Heading) else (Paragraph(()), *item)
            self._block(first, depth, made)
            for block in others:
                self._block(block, depth)

    def _table(self, table: Table, depth: int) -> None:
        rows = [row for row in (table.head, *table.rows) if any(row)]
        columns = max(1, len(table.head))
        width = max(_LEAST_COLUMN, self._width / columns)
        grid = f'<w:gridCol w:w="{int(width * _TWIPS)}"/>' * columns
        made = parse_xml(
            f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="{_TABLES[depth]}"/><w:tblW w:w="0" w:type="auto"/></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid></w:tbl>"
        )
        for at, row in enumerate(rows):
            line = OxmlElement("w:tr")
            is_head = at == 0 and any(table.head)
            if is_head:
                line.append(parse_xml(f"<w:trPr {nsdecls('w')}><w:tblHeader/></w:trPr>"))
            for column, inlines in enumerate(row):
                align = table.align(column)
                cell = OxmlElement("w:tc")
                paragraph = self._paper.paragraph(HEAD_CELL if is_head else CELL, align=align.value if align else "")
                self._fill(paragraph, inlines, width=width)
                cell.append(paragraph)
                line.append(cell)
            made.append(line)
        self._paper.put(made)

    def _fill(self, paragraph: Element, inlines: Inlines, *, guards: bool = False, width: float = 0) -> None:
        """Write a line of words; `guards` where it begins, so that its words might be structure of a list."""
        words = "".join(map(_letters, inlines))
        kept = iter(words if not self._is_read else guarded(words) if guards else f"{GUARD}{words}")
        for inline in inlines:
            letters = _letters(inline)
            told = "".join(_next(kept) for _ in letters)
            if isinstance(inline, Text):
                paragraph.append(_run(Text(told, inline.marks)))
                continue
            if guard := told.removesuffix(letters):
                paragraph.append(_run(Text(guard)))
            paragraph.extend(self._things(inline, width or self._width))
        if rest := "".join(kept):
            paragraph.append(_run(Text(rest)))

    def _things(self, inline: Inline, width: float) -> Iterator[Element]:
        match inline:
            case Break():
                yield _holding(OxmlElement("w:br"))
            case Picture(name, alt) if name in self._pictures:
                yield _holding(self._paper.picture(name, self._pictures[name], alt, width))
            case Picture(_, alt) | Audio(_, alt):
                yield _run(Text(f"[{alt}]"))
            case Formula(tex, is_display):
                yield self._formula(tex, is_display=is_display)

    def _formula(self, tex: str, *, is_display: bool) -> Element:
        """Return an equation; LaTeX in words for one that Word cannot be given."""
        try:
            equation, read = write_omml(tex)
        except NotWritten:
            return _run(Text(f"$${tex}$$" if is_display else f"${tex}$"))
        if read != tex:
            self._paper.sources.setdefault(read, tex)
        if not is_display:
            return equation
        around = OxmlElement("m:oMathPara")
        around.append(equation)
        return around


def _letters(inline: Inline) -> str:
    """Return an inline as it stands among the words around it."""
    match inline:
        case Text(text):
            return text
        case Break():
            return "\n"
        case _:
            return chr(FIRST_THING)


def _next(letters: Iterator[str]) -> str:
    """Return the next letter with the guards before it."""
    out = next(letters)
    while out.endswith(GUARD):
        out += next(letters)
    return out


def _run(text: Text) -> Element:
    run = OxmlElement("w:r")
    about = OxmlElement("w:rPr")
    for mark, name in _LOOKS.items():
        if mark in text.marks:
            about.append(made := OxmlElement(f"w:{name}"))
            if mark is Mark.UNDERLINE:
                made.set(qn("w:val"), "single")
    level = next((value for mark, value in _LEVELS.items() if mark in text.marks), None)
    if level:
        raised = OxmlElement("w:vertAlign")
        raised.set(qn("w:val"), level)
        about.append(raised)
    if len(about):
        run.append(about)
    words = OxmlElement("w:t")
    words.text = text.text
    words.set(_SPACE, "preserve")
    run.append(words)
    return run


def _holding(thing: Element) -> Element:
    run = OxmlElement("w:r")
    run.append(thing)
    return run
