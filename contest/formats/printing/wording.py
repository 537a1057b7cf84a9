"""The words of a printed question: its text as it stands on paper, and the lines on which parts are answered."""

from dataclasses import replace

from contest.formats.printing.booklet import PrintedPart, PrintedQuestion, Words
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import Text, Tree, map_inlines
from contest.formats.rich.questions import tree_of_plain, words
from contest.rules.question_terms import Kind
from contest.rules.questions.gaps import segments

_DOTS, _GAP = "." * 30, "." * 14
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ESSAY_LINES = 12


def text_of(text: str) -> str:
    """Return a text with its gaps numbered and dotted: (1)............"""
    return "".join(f"({piece}){_GAP}" if isinstance(piece, int) else piece for piece in segments(text))


def tree_of(text: str, *, rich: bool) -> Tree:
    """Return a text as a tree, its gaps dotted."""
    if not rich:
        return tree_of_plain(text_of(text))
    return map_inlines(read(text), lambda i: replace(i, text=text_of(i.text)) if isinstance(i, Text) else i)


def words_in(text: str, *, rich: bool) -> str:
    """Return the words of a text where only words can stand."""
    return text_of(words(text, rich=rich))


def lines_of(question: PrintedQuestion, said: Words) -> list[str]:
    """Return the lines below a question: its statements and stems, or where to write."""
    match question.kind:
        case Kind.STATEMENTS:
            return [
                f"{_LETTERS[p.number - 1]}) {words(p.text, rich=question.rich)}   {said.true} (   )   {said.false} (   )"
                for p in question.parts
            ]
        case Kind.MATCHING:
            return [f"{p.number}. {words(p.text, rich=question.rich)}   – {_GAP}" for p in question.parts]
        case Kind.ORDERING:
            return [f"{said.right_order} {_DOTS}"]
        case Kind.CLOZE | Kind.DROPDOWN:
            return [_choices(p, question.rich) for p in question.parts if p.options]
        case Kind.NUMERIC | Kind.SHORT_TEXT:
            return [f"{said.answer} {_DOTS} {p.unit}".rstrip() for p in question.parts]
        case Kind.ESSAY:
            return ["." * 105] * _ESSAY_LINES
        case _:
            return []


def _choices(part: PrintedPart, rich: bool) -> str:
    """Return what a gap may be filled with."""
    return f"({part.number}) " + "    ".join(f"{o.letter}. {words(o.text, rich=rich)}" for o in part.options)
