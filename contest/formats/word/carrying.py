"""What of rich texts a Word document carries, and how: options of questions that are no choice, as cells."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count

from contest.formats.drafts import PartDraft, QuestionDraft
from contest.formats.omml import NotWritten, write_omml
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import (
    Audio,
    Block,
    Break,
    Formula,
    Heading,
    Inline,
    Inlines,
    Listing,
    Paragraph,
    Picture,
    Table,
    Text,
    Tree,
    inlines_of,
    media_of,
)
from contest.formats.rich.questions import texts_of
from contest.formats.tables.parts import write_cells
from contest.formats.word.rich import FIRST_THING
from contest.rules.question_terms import Kind, PartKind

_TEXTS = re.compile(f"([{chr(FIRST_THING)}-{chr(0x10FFFF)}])")


def rich_cells(draft: QuestionDraft) -> list[list[str | Tree]]:
    """Return the cells of a rich question, each as words and the rich texts among them.

    The cells are written of letters that stand for texts, so that nothing in a text is taken for what a cell says.
    """
    letters = map(chr, count(FIRST_THING))
    known: dict[str, str] = {}

    def letter(text: str) -> str:
        if text and text not in known:
            known[text] = next(letters)
        return known.get(text, "")

    coded = replace(
        draft,
        options=tuple(replace(option, text=letter(option.text)) for option in draft.options),
        parts=tuple(_coded(part, letter) for part in draft.parts),
    )
    texts = {letter: text for text, letter in known.items()}
    return [_pieces(cell, texts, draft.kind) for cell in write_cells(coded).options]


def _coded(part: PartDraft, letter: Callable[[str], str]) -> PartDraft:
    shown = part.kind in {PartKind.STEM, PartKind.CHOICE}
    answers = tuple(replace(a, text=letter(a.text)) if shown else a for a in part.answers)
    return replace(part, text=letter(part.text), answers=answers)


def _pieces(cell: str, texts: dict[str, str], kind: Kind) -> list[str | Tree]:
    pieces: list[str | Tree] = []
    for piece in filter(None, _TEXTS.split(cell)):
        tree = read(texts[piece]) if piece in texts else None
        if tree is None:
            pieces.append(piece)
        elif kind is Kind.MATCHING and not pieces:
            pieces.append(_escaped(tree))
        else:
            pieces.append((Paragraph(tuple(_line(tree))),) if kind in _GAPS else tree)
    return pieces


_GAPS = {Kind.CLOZE, Kind.DROPDOWN}


def _escaped(blocks: Iterable[Block]) -> Tree:
    """Return blocks in which no `=` parts a stem from what it goes with; a table is one thing, in which none does."""
    return tuple(map(_escaped_block, blocks))


def _escaped_block(block: Block) -> Block:
    match block:
        case Listing(items):
            return replace(block, items=tuple(map(_escaped, items)))
        case Table():
            return block
        case Paragraph(inlines) | Heading(_, inlines):
            texts = (replace(i, text=i.text.replace("=", r"\=")) if isinstance(i, Text) else i for i in inlines)
            return replace(block, inlines=tuple(texts))


def _line(tree: Tree) -> Iterator[Inline]:
    """Yield a text on one line."""
    for at, inlines in enumerate(inlines_of(tree)):
        if at:
            yield Text(" ")
        yield from (Text(" ") if isinstance(inline, Break) else inline for inline in inlines)


def has_lines_in_gaps(draft: QuestionDraft) -> bool:
    """Say whether what is typed or chosen in a gap has more than a line."""
    gaps = (part for part in draft.parts if part.kind is not PartKind.STEM)
    return any(
        _has_lines(answer.text, rich=draft.rich and part.kind is PartKind.CHOICE)
        for part in gaps
        for answer in part.answers
    )


def _has_lines(text: str, *, rich: bool) -> bool:
    if not rich:
        return "\n" in text
    tree = read(text)
    return not (
        len(tree) == 1 and isinstance(tree[0], Paragraph) and not any(isinstance(i, Break) for i in tree[0].inlines)
    )


def shows_sounds(draft: QuestionDraft) -> bool:
    return any(isinstance(medium, Audio) for tree in _trees(draft) for medium in media_of(tree))


def lacks_pictures(draft: QuestionDraft) -> bool:
    """Say whether a question shows a picture that did not come along."""
    return not _pictures(draft) <= {file.name for file in draft.files}


def shows_webp(draft: QuestionDraft) -> bool:
    """Say whether a question shows a picture in a form that Word does not have everywhere."""
    return any(name.endswith(".webp") for name in _pictures(draft))


def has_unwritten(draft: QuestionDraft) -> bool:
    """Say whether a question has a formula that Word cannot be given."""
    return any(
        not _is_written(inline.tex) for line in _inlines(draft) for inline in line if isinstance(inline, Formula)
    )


def _is_written(tex: str) -> bool:
    try:
        write_omml(tex)
    except NotWritten:
        return False
    return True


def _pictures(draft: QuestionDraft) -> set[str]:
    return {medium.name for tree in _trees(draft) for medium in media_of(tree) if isinstance(medium, Picture)}


def _inlines(draft: QuestionDraft) -> Iterator[Inlines]:
    for tree in _trees(draft):
        yield from inlines_of(tree)


def _trees(draft: QuestionDraft) -> Iterator[Tree]:
    """Yield the rich texts of a draft."""
    yield from (read(text) for _, text, _ in texts_of(draft)) if draft.rich else ()
