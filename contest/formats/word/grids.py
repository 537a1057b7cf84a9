"""Tables that are part of a text: what stands in their cells. One with merged cells, or with a table in it, is not taken."""

from collections.abc import Iterator, Sequence

from contest.formats.ooxml import Element, attribute, child, children, descendants, name, number, switch, value_of
from contest.formats.rich.nodes import Align, Mark
from contest.formats.taking import NotTaken
from contest.formats.word.rich import LOOKS, Rich, has_thing, letters_of
from contest.formats.word.things import Grid
from contest.rules.refusals import Refusal

_ALIGNS = {"left": Align.LEFT, "start": Align.LEFT, "center": Align.CENTER, "right": Align.RIGHT, "end": Align.RIGHT}
THROUGH = {"sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"}  # what holds blocks, rows or cells
_MERGED = ("vMerge", "hMerge")
_SHIFTED = ("gridBefore", "gridAfter")

Row = Sequence[Sequence[Rich]]


def grid_of(table: Element, rows: Sequence[tuple[Element, Row]], *, is_set: bool) -> Grid:
    """Return a table of rows that were read; raises NotTaken for what a table of ours cannot show."""
    if _is_merged(table):
        raise NotTaken(Refusal("word-table-merged"))
    if any(True for found in descendants(table, "tbl") if found is not table):
        raise NotTaken(Refusal("word-table-nested"))
    cells = tuple(tuple(tuple(cell) for cell in row) for _, row in rows)
    aligns = tuple(tuple(map(_align, parts_of(element, "tc"))) for element, _ in rows)
    has_head = bool(rows) and switch(child(rows[0][0], "trPr"), "tblHeader") is True
    if not has_head and not is_set and len(cells) > 1 and _is_bold(cells[0]) and not _is_bold(cells[1]):
        return Grid((tuple(map(_unbold, cells[0])), *cells[1:]), aligns, has_head=True)
    return Grid(cells, aligns, has_head)


def parts_of(parent: Element, wanted: str) -> Iterator[Element]:
    """Yield the rows of a table or the cells of a row, those in content controls too."""
    for part in parent:
        if name(part) == wanted:
            yield part
        elif name(part) in THROUGH:
            yield from parts_of(part, wanted)


def _is_merged(table: Element) -> bool:
    spans = (number(attribute(span, "val"), 2) > 1 for span in descendants(table, "gridSpan"))
    moved = (attribute(found, "val") != "0" for found in descendants(table, *_SHIFTED))
    return any(spans) or any(moved) or any(True for _ in descendants(table, *_MERGED))


def _align(cell: Element) -> Align | None:
    """Return how a cell stands by its paragraphs, where all stand alike."""
    told = {value_of(child(paragraph, "pPr"), "jc") for paragraph in children(cell, "p")}
    return _ALIGNS.get(told.pop() or "") if len(told) == 1 else None


def _is_bold(row: Sequence[Sequence[Rich]]) -> bool:
    """Say whether all words of a row are bold, and there are some in each of its cells."""
    bold = LOOKS[Mark.BOLD]
    told = [list(letters_of(cell)) for cell in row]
    return all(looks and all(look & bold for look in looks) for looks in told) and not any(
        has_thing(line.text) for cell in row for line in cell
    )


def _unbold(cell: Sequence[Rich]) -> tuple[Rich, ...]:
    bold = LOOKS[Mark.BOLD]
    return tuple(Rich(c.text, c.marks, bytes(look & ~bold for look in c.looks), c.stand) for c in cell)
