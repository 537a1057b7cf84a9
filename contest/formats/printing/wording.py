"""The words of a printed question: its text as it stands on paper, and the lines on which parts are answered."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from contest.formats.printing.booklet import PrintedPart, PrintedQuestion, Words
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import Text, Tree, joined, map_inlines
from contest.formats.rich.questions import tree_of_plain
from contest.rules.question_terms import Kind
from contest.rules.questions.gaps import segments

_DOTS, _GAP = "." * 30, "." * 14
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ESSAY_LINES, _LINE = 12, "." * 105


def _dotted(text: str) -> str:
    """Return a text with its gaps numbered and dotted: (1)............"""
    return "".join(f"({piece}){_GAP}" if isinstance(piece, int) else piece for piece in segments(text))


def tree_of(text: str, *, rich: bool) -> Tree:
    """Return a text as a tree, its gaps dotted."""
    if not rich:
        return tree_of_plain(_dotted(text))
    return map_inlines(read(text), lambda i: replace(i, text=_dotted(i.text)) if isinstance(i, Text) else i)


def lines_of(question: PrintedQuestion, said: Words) -> list[Tree]:
    """Return the lines below a question: its statements and stems, or where to write."""
    return [joined(pieces) for pieces in _pieces(question, said)]


def _pieces(question: PrintedQuestion, said: Words) -> Iterator[Sequence[str | Tree]]:
    match question.kind:
        case Kind.STATEMENTS:
            ticks = f"   {said.true} (   )   {said.false} (   )"
            for p in question.parts:
                yield [f"{_LETTERS[p.number - 1]}) ", _text(p.text, question), ticks]
        case Kind.MATCHING:
            for p in question.parts:
                yield [f"{p.number}. ", _text(p.text, question), f"   – {_GAP}"]
        case Kind.ORDERING:
            yield [f"{said.right_order} {_DOTS}"]
        case Kind.CLOZE | Kind.DROPDOWN:
            yield from (_choices(p, question) for p in question.parts if p.options)
        case Kind.NUMERIC | Kind.SHORT_TEXT:
            yield from ([f"{said.answer} {_DOTS} {p.unit}".rstrip()] for p in question.parts)
        case Kind.UPLOAD:
            yield [said.handed]
        case Kind.ESSAY:
            yield from ([_LINE] for _ in range(_ESSAY_LINES))


def _choices(part: PrintedPart, question: PrintedQuestion) -> list[str | Tree]:
    """Return what a gap may be filled with."""
    pieces: list[str | Tree] = []
    for at, option in enumerate(part.options):
        before = "    " if at else f"({part.number}) "
        pieces += [f"{before}{option.letter}. ", _text(option.text, question)]
    return pieces


def _text(text: str, question: PrintedQuestion) -> Tree:
    return read(text) if question.rich else tree_of_plain(text)
